//! `POST /positions`: where units are, one or many at once. Nothing is refused as a whole for one
//! position that cannot be: what counts for nothing is counted, by reason.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use domain::actor::Role;
use domain::deployment::position::{Fix, Ignored, Source};
use domain::refusal::Refusal;
use serde_json::{Value, json};

use super::caller::Caller;
use super::state::Server;
use crate::intake;
use crate::problem::Problem;

/// Most positions in one body.
const MAX_POSITIONS: usize = 5_000;
/// Largest body, in bytes: as many positions of 200 bytes.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

pub(super) async fn post(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    access::may_do(&caller.actor, Deed::PostPositions)
        .map_err(|refusal| caller.problem(refusal))?;
    let sent: Value = serde_json::from_slice(&body)
        .map_err(|error| caller.problem(crate::intake::malformed(&error)))?;
    let items = match sent {
        Value::Array(items) => items,
        one => vec![one],
    };
    if items.len() > MAX_POSITIONS {
        return Err(caller.problem(Refusal::field(
            "/",
            "too_many",
            format!("一次最多 {MAX_POSITIONS} 个位置，请分批发送"),
            format!("At most {MAX_POSITIONS} positions at once; send them in parts"),
        )));
    }
    let mut taken = 0_u32;
    let mut ignored: BTreeMap<&str, u32> = BTreeMap::new();
    for item in items {
        match take(&server, &caller, item) {
            Ok(()) => taken += 1,
            Err(why) => *ignored.entry(why.name()).or_default() += 1,
        }
    }
    metrics::counter!("gridlamp_positions_total").increment(u64::from(taken));
    for (why, count) in &ignored {
        metrics::counter!("gridlamp_positions_ignored_total", "why" => (*why).to_owned())
            .increment(u64::from(*count));
    }
    Ok(Json(json!({"taken": taken, "ignored": ignored})).into_response())
}

fn take(server: &Server, caller: &Caller, item: Value) -> Result<(), Ignored> {
    let mut fix: Fix = serde_json::from_value(item).map_err(|_| Ignored::Malformed)?;
    let unit = server.county.units.get(&fix.unit);
    let unit = unit.ok_or(Ignored::UnknownUnit)?;
    let actor = &caller.actor;
    if actor.role == Role::Source {
        let org = server.county.orgs.get(&unit.org);
        if !org.is_some_and(|org| actor.covers(org.region)) {
            return Err(Ignored::NotYours);
        }
        // A button is a person's to press.
        fix.source = fix.source.min(Source::Tablet);
    } else if actor.org.as_ref() != Some(&unit.org) {
        return Err(Ignored::NotYours);
    }
    intake::positions::take(server, fix)
}
