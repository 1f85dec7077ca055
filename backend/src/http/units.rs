//! Units: what each does, and saying so. Where they are is `positions`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::{Reach, Viewer};
use domain::actor::Clearance;
use domain::deployment::{self, Status, Wish as Decided};
use domain::pack::units::{Unit, UnitId};
use domain::session::decide::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit::told;
use super::body;
use super::caller::Caller;
use super::state::Server;
use crate::audit::Detail;
use crate::position::Board;
use crate::problem::Problem;
use crate::projector::command::Wish;
use crate::projector::{Failure, View};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    scope: Option<String>,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let viewer = caller.viewer(asked.scope.as_deref(), &server)?;
    let shared = server.clone();
    let found = server.projector.read(move |view| {
        let all = view.county.units.iter();
        let items = all.filter_map(|unit| shown(unit, &viewer, view, &shared.positions));
        let items: Vec<Value> = items.collect();
        json!({"items": items, "now": view.now})
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    Ok(Json(found).into_response())
}

/// A unit as a viewer sees it: by whose it is, or by the session it is in.
fn shown(unit: &Unit, viewer: &Viewer, view: View<'_>, board: &Board) -> Option<Value> {
    let stands = deployment::standing(view.world, &unit.id);
    let org = view.county.orgs.get(&unit.org)?;
    let own = viewer.sight(&Reach::of_org(org.region, org.id.clone()));
    let session = stands.session.and_then(|id| view.world.session(id));
    let shared = session.and_then(|session| viewer.sight(&session.reach()));
    let clearance = own.max(shared)?;
    let full = clearance == Clearance::Full;
    // On its way to a person in trouble it is seen by those alone who handle that.
    let guarded = session.is_some_and(|session| session.sensitive);
    let place = board.of(&unit.id, view.now);
    let place = place.filter(|_| !guarded || shared == Some(Clearance::Full));
    let place = place.map(|(fix, is_stale)| {
        json!({
            "lon": fix.lon, "lat": fix.lat, "at": fix.at, "heading": fix.heading,
            "speed": fix.speed, "accuracy": fix.accuracy, "source": fix.source,
            "stale": is_stale,
        })
    });
    Some(json!({
        "id": unit.id,
        "name": unit.name,
        "kind": unit.kind,
        "org": unit.org,
        "members": if full { unit.members.as_slice() } else { &[] },
        "phone": unit.phone.as_ref().filter(|_| full),
        "status": stands.status,
        "since": stands.since,
        "place": place,
        "session": stands.session.filter(|_| shared.is_some()),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    status: Status,
}

pub(super) async fn status(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let unit: UnitId = id
        .parse()
        .map_err(|_| caller.problem(Problem::not_found()))?;
    let Said { status } = body::read(&body).map_err(|problem| caller.problem(problem))?;
    let wish = wish(&server, &caller, unit.clone(), status).await;
    let done = match wish {
        Ok(wish) => server.projector.wish(wish, caller.actor.clone()).await,
        Err(failure) => Err(failure),
    };
    let detail = Detail {
        after: Some(json!({ "status": status })),
        ..Detail::on(unit.to_string())
    };
    let answer = done.map(|moved| {
        Json(json!({
            "version": moved.version,
            "position": moved.position.to_string(),
            "session": moved.session.map(|session| session.id),
        }))
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}

/// A unit in a session moves its session, and with it itself.
async fn wish(
    server: &Server,
    caller: &Caller,
    unit: UnitId,
    status: Status,
) -> Result<Wish, Failure> {
    let actor = caller.actor.clone();
    let decided = server.projector.read(move |view| {
        let ctx = Context {
            county: view.county,
            world: view.world,
            now: view.now,
        };
        let found = view.county.units.get(&unit).ok_or(Failure::NotFound)?;
        let decided = deployment::set_status(found, status, &actor, ctx);
        Ok(match decided.map_err(Failure::Refused)? {
            Decided::Event(_) => Wish::Status { unit, status },
            Decided::Session(id, command) => Wish::Command {
                id,
                command,
                expected_version: None,
            },
        })
    });
    decided.await?
}
