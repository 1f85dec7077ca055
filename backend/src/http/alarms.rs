//! `/alarms`: what sounds in a room, and taking note of it. What sounds is derived; the
//! acknowledgement stands in the log, so that every wall falls silent with it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::{Viewer, can};
use domain::actor::Actor;
use domain::alarm::{self, Acknowledged, Alarm, Sounding};
use domain::privacy;
use domain::world::World;
use serde::Deserialize;
use serde_json::json;

use super::audit::told;
use super::body;
use super::caller::Caller;
use super::state::Server;
use crate::audit::Detail;
use crate::problem::Problem;
use crate::projector::command::Wish;

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
    let actor = caller.actor.clone();
    let found = server.projector.read(move |view| {
        let all = alarm::sounding(view.world, view.now).into_iter();
        let items: Vec<Sounding> = all
            .filter_map(|one| shown(one, &viewer, view.world))
            .collect();
        let may = can(&actor, domain::access::Deed::AcknowledgeAlarm);
        json!({ "items": items, "may_acknowledge": may, "now": view.now })
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    Ok(Json(found).into_response())
}

/// An alarm as a viewer sees it, if they may know of it.
fn shown(one: Sounding, viewer: &Viewer, world: &World) -> Option<Sounding> {
    let clearance = world
        .reach_of_alarm(&one.alarm)
        .and_then(|reach| viewer.sight(&reach))?;
    let by = |by: Acknowledged| privacy::acknowledged(&by, clearance);
    Some(Sounding {
        acknowledged: one.acknowledged.map(by),
        ..one
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    /// Of which; of all in one's region if left out.
    #[serde(default)]
    alarms: Vec<Alarm>,
}

pub(super) async fn acknowledge(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let Noted { alarms } = if body.is_empty() {
        Noted::default()
    } else {
        body::read(&body).map_err(|problem| caller.problem(problem))?
    };
    let actor: Actor = caller.actor.clone();
    let detail = Detail {
        region: Some(actor.scope),
        after: Some(json!({ "alarms": alarms.len() })),
        ..Detail::on("alarms")
    };
    let done = server
        .projector
        .wish(Wish::Alarms { wanted: alarms }, actor)
        .await;
    let answer = done.map(|moved| {
        Json(json!({"version": moved.version, "position": moved.position.to_string()}))
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}
