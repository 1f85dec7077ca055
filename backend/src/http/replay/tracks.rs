//! `GET /positions`: where units were. Whose unit it is decides who sees it, and the session it was
//! in at that moment; on its way to a person in trouble those alone who handled that.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::{Reach, Viewer};
use domain::actor::Clearance;
use domain::deployment::position::Fix;
use domain::pack::County;
use domain::pack::units::UnitId;
use domain::session::{Session, Step};
use domain::time::{Span, Timestamp};
use domain::world::World;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::state::Server;
use super::{between, patiently, viewer};
use crate::problem::Problem;
use crate::replay::Place;
use crate::track::MAX_FIXES;

/// Positions on one page, if not asked otherwise.
const PAGE: usize = 5_000;
/// The longest stretch of one request.
const LONGEST: Span = Span::hours(24);
/// Most units named in one request.
const MAX_UNITS: usize = 100;

#[derive(Debug, Deserialize)]
pub(in super::super) struct Asked {
    scope: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// Ids, with commas between them; all if left out.
    units: Option<String>,
    limit: Option<usize>,
    /// Whether the newest position of each unit before `from` comes first.
    before: Option<bool>,
}

pub(in super::super) async fn positions(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let viewer = viewer(&caller, asked.scope.as_deref(), &server)?;
    page(&server, viewer, asked)
        .await
        .map_err(|problem| caller.problem(problem))
}

async fn page(server: &Server, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let ends = (asked.from.as_deref(), asked.to.as_deref());
    let (from, to) = between(ends, server.clock.now(), LONGEST)?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MAX_FIXES);
    let units = asked.units.as_deref().map(named);
    let county = server.county.clone();
    let look = server.replay.look(Place::At(to), move |world, _| {
        Sight::new(world, &viewer, &county)
    });
    let sight = patiently(look).await?;
    let failed = |error: anyhow::Error| {
        tracing::warn!(%error, "the tracks can't be read");
        Problem::unavailable(5)
    };
    let mut found = Vec::new();
    if asked.before == Some(true) {
        let mut before = server.tracks.at(from).await.map_err(failed)?;
        let wanted = |fix: &Fix| units.as_ref().is_none_or(|units| units.contains(&fix.unit));
        before.retain(|fix| fix.at < from && wanted(fix));
        before.sort_by(|a, b| (a.at, &a.unit).cmp(&(b.at, &b.unit)));
        found.append(&mut before);
    }
    let page = server.tracks.fixes(units, from, to, limit);
    let mut page = page.await.map_err(failed)?;
    // A page ends with a whole moment, so that the next one begins at another.
    let next = next_page(&mut page, limit);
    found.append(&mut page);
    let rows: Vec<Value> = found
        .iter()
        .filter(|fix| sight.shows(fix))
        .map(|fix| json!([fix.unit, fix.lon, fix.lat, fix.heading, fix.at]))
        .collect();
    Ok(Json(json!({"p": rows, "next": next})).into_response())
}

fn named(units: &str) -> Vec<UnitId> {
    let ids = units.split(',').filter_map(|id| id.parse().ok());
    ids.take(MAX_UNITS).collect()
}

/// Where the next page begins; the page loses what belongs there.
fn next_page(page: &mut Vec<Fix>, limit: usize) -> Option<Timestamp> {
    let last = page.last()?.at;
    if page.len() < limit {
        return None;
    }
    if page.first()?.at == last {
        // So many at one moment as fit a page: what is left of that moment is passed over.
        return Some(last + Span::from_millis(1));
    }
    page.retain(|fix| fix.at < last);
    Some(last)
}

/// Who sees which unit when.
struct Sight {
    /// By unit, whether it is the viewer's to see in itself.
    own: FxHashMap<UnitId, bool>,
    /// By unit, when it was in a session, and what the viewer saw of that.
    seats: FxHashMap<UnitId, Vec<Stay>>,
}

struct Stay {
    from: Timestamp,
    to: Option<Timestamp>,
    sight: Option<Clearance>,
    guarded: bool,
}

impl Sight {
    fn new(world: &World, viewer: &Viewer, county: &County) -> Self {
        let own = county.units.iter().filter_map(|unit| {
            let org = county.orgs.get(&unit.org)?;
            let reach = Reach::of_org(org.region, org.id.clone());
            Some((unit.id.clone(), viewer.sight(&reach).is_some()))
        });
        let mut sight = Self {
            own: own.collect(),
            seats: FxHashMap::default(),
        };
        for session in world.sessions() {
            sight.seat(session, viewer);
        }
        sight
    }

    fn seat(&mut self, session: &Session, viewer: &Viewer) {
        let sight = viewer.sight(&session.reach());
        for seat in &session.seats {
            let Some(from) = seat.at(Step::Sent) else {
                continue;
            };
            let over = seat.at(Step::Done).or(seat.at(Step::Released));
            let to = over.or(session.ended_at);
            for unit in &seat.units {
                let stays = self.seats.entry(unit.clone()).or_default();
                stays.push(Stay {
                    from,
                    to,
                    sight,
                    guarded: session.sensitive,
                });
            }
        }
    }

    fn shows(&self, fix: &Fix) -> bool {
        let own = self.own.get(&fix.unit);
        let Some(own) = own else { return false };
        let stays = self.seats.get(&fix.unit).into_iter().flatten();
        let mut during = stays
            .filter(|stay| fix.at >= stay.from && stay.to.is_none_or(|to| fix.at <= to))
            .peekable();
        if during.peek().is_none() {
            return *own;
        }
        let mut is_shown = *own;
        for stay in during {
            if stay.guarded && stay.sight != Some(Clearance::Full) {
                return false;
            }
            is_shown |= stay.sight.is_some();
        }
        is_shown
    }
}
