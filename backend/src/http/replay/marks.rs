//! `GET /moments`: what stands out in a stretch of time, and how dense it was. Whether somebody is
//! told of a moment is asked of its incident or session as it is now, as a list of them would be.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::Viewer;
use domain::actor::Clearance;
use domain::ids::SessionId;
use domain::incident::Incident;
use domain::privacy;
use domain::session::Session;
use domain::time::{Span, Timestamp};
use domain::world::World;
use geodata::region::{Code, Level};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::state::Server;
use super::{between, viewer};
use crate::problem::Problem;
use crate::replay::{Kind, Mark, Sought, part_ms};

/// Moments of one answer, if not asked otherwise, and at most.
const PAGE: usize = 1_000;
/// The longest stretch of one request.
const LONGEST: Span = Span::days(31);
/// Parts that a stretch is counted in.
const PARTS: usize = 480;

#[derive(Debug, Deserialize)]
pub(in super::super) struct Asked {
    scope: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
    /// Names of kinds, with commas between them; all if left out.
    kinds: Option<String>,
    /// `last` for the last first.
    order: Option<String>,
}

pub(in super::super) async fn moments(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let viewer = viewer(&caller, asked.scope.as_deref(), &server)?;
    page(&server, &viewer, &asked)
        .await
        .map_err(|problem| caller.problem(problem))
}

async fn page(server: &Server, viewer: &Viewer, asked: &Asked) -> Result<Response, Problem> {
    let now = server.clock.now();
    let ends = (asked.from.as_deref(), asked.to.as_deref());
    // What has not come yet has no moments; the parts are those of the stretch that was asked for.
    let (from, to) = between(ends, Timestamp::MAX, LONGEST)?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let failed = |error: anyhow::Error| {
        tracing::warn!(%error, "the index of the log can't be read");
        Problem::unavailable(5)
    };
    let index = server.replay.index();
    let sought = Sought {
        from,
        to,
        kinds: kinds(asked.kinds.as_deref()),
        limit,
        last_first: asked.order.as_deref() == Some("last"),
    };
    let marks = index.marks(sought).await.map_err(failed)?;
    let next = (marks.len() == limit)
        .then(|| marks.last().map(|mark| mark.at))
        .flatten();
    let density = match counted(viewer) {
        Some(scope) => {
            let township = (scope.level() > Level::County).then_some(scope);
            let parts = index.density(township, from, to, PARTS);
            parts.await.map_err(failed)?
        }
        None => Vec::new(),
    };
    let mut items = Vec::new();
    let known = known(server, viewer, &marks).await?;
    for (mark, known) in marks.iter().zip(known) {
        let item = match known {
            Some(item) => Some(item),
            None => older(server, viewer, mark).await,
        };
        items.extend(item.filter(|item| !item.is_null()));
    }
    let begins = server.replay.begins().await?;
    let tracks = server.tracks.oldest().await.map_err(failed)?;
    Ok(Json(json!({
        "items": items, "next": next, "density": density,
        "step_ms": part_ms(from, to, PARTS),
        "begins": begins, "tracks_from": tracks, "now": now,
    }))
    .into_response())
}

fn kinds(asked: Option<&str>) -> Vec<Kind> {
    let all = Kind::ALL.into_iter();
    all.filter(|kind| asked.is_none_or(|names| names.split(',').any(|name| name == kind.name())))
        .collect()
}

/// Whose events a viewer may count; those of a village would say too much of whoever lives there.
fn counted(viewer: &Viewer) -> Option<Code> {
    let scope = viewer.scope;
    (viewer.may_count(scope) && scope.level() <= Level::Township).then_some(scope)
}

/// What the World knows of the moments: null where the viewer may not, none where it has left.
async fn known(
    server: &Server,
    viewer: &Viewer,
    marks: &[Mark],
) -> Result<Vec<Option<Value>>, Problem> {
    let (viewer, marks) = (viewer.clone(), marks.to_vec());
    let found = server.projector.read(move |view| {
        let all = marks.iter();
        all.map(|mark| of_world(view.world, &viewer, mark))
            .collect::<Vec<_>>()
    });
    Ok(found.await?)
}

fn of_world(world: &World, viewer: &Viewer, mark: &Mark) -> Option<Value> {
    match mark.kind {
        Kind::Mode => Some(item(mark, json!({}))),
        Kind::Red => {
            let incident = world.incident(mark.key)?;
            Some(of_incident(incident, viewer, mark))
        }
        Kind::Session | Kind::Order | Kind::Ended => {
            let session = world.session(SessionId::of_key(mark.key))?;
            Some(of_session(session, viewer, mark))
        }
    }
}

/// What left the World is in the history.
async fn older(server: &Server, viewer: &Viewer, mark: &Mark) -> Option<Value> {
    if mark.kind == Kind::Red {
        let incident = server.history.one(mark.key).await.ok()??;
        return Some(of_incident(&incident, viewer, mark));
    }
    let session = server.history.session(SessionId::of_key(mark.key));
    Some(of_session(&session.await.ok()??, viewer, mark))
}

fn of_incident(incident: &Incident, viewer: &Viewer, mark: &Mark) -> Value {
    let Some(clearance) = viewer.sight_of(incident) else {
        return Value::Null;
    };
    let title = privacy::title(incident, clearance);
    let about = json!({"incident": incident.id, "number": incident.number, "title": title});
    item(mark, about)
}

fn of_session(session: &Session, viewer: &Viewer, mark: &Mark) -> Value {
    let clearance: Option<Clearance> = viewer.sight(&session.reach());
    let Some(clearance) = clearance else {
        return Value::Null;
    };
    let shown = privacy::session(session, clearance);
    item(
        mark,
        json!({"session": shown.id, "title": shown.title, "drill": shown.is_drill()}),
    )
}

fn item(mark: &Mark, mut about: Value) -> Value {
    about["at"] = json!(mark.at);
    about["kind"] = json!(mark.kind.name());
    about
}
