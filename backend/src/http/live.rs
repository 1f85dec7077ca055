//! `GET /live`: who may listen and from where; the rest is the projector's and the fan-out's.

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::caller::Caller;
use super::state::Server;
use crate::log::{Log, Position};
use crate::problem::Problem;
use crate::ws::upgrade;

#[derive(Debug, Deserialize)]
pub(super) struct Live {
    scope: Option<String>,
    /// `EPOCH:POSITION` of a client that comes back.
    from: Option<String>,
}

pub(super) async fn get(
    State(server): State<Server>,
    caller: Caller,
    Query(query): Query<Live>,
    mut request: Request,
) -> Result<Response, Problem> {
    let viewer = caller.viewer(query.scope.as_deref(), &server)?;
    let from = query
        .from
        .as_deref()
        .and_then(|from| place(from, server.log.epoch().as_str()));
    let (holder, joining) = (caller.clone(), server.clone());
    let accepted = upgrade::accept(&mut request, async move |handover: upgrade::Handover| {
        let conn = joining
            .projector
            .join(viewer, from, handover.socket, handover.leftover)
            .await;
        let Some(conn) = conn else { return };
        let accounts = &joining.accounts;
        accounts.opened(&holder.identity, &holder.actor, &holder.proof, conn);
    });
    accepted.map_err(|error| {
        let english = error.to_string();
        caller.problem(Problem::new(
            StatusCode::BAD_REQUEST,
            error.code(),
            "此地址只接受 gridlamp.v1 子协议的 WebSocket 连接",
            &english,
        ))
    })
}

/// A position of another epoch is of another log and means nothing: the client gets a snapshot.
pub(super) fn place(from: &str, epoch: &str) -> Option<Position> {
    let (named, position) = from.rsplit_once(':')?;
    (named == epoch).then(|| position.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_place_in_this_log_is_taken_up() {
        assert!(place("abc:42", "abc").is_some());
        assert!(place("abc:42", "abd").is_none());
        assert!(place("42", "abc").is_none());
        assert!(place("abc:x", "abc").is_none());
    }
}
