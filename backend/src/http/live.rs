//! `GET /live`: who may listen and from where; the rest is the projector's and the fan-out's.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
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
    let scope = caller.scope(query.scope.as_deref(), &server)?;
    if !same_origin(request.headers()) {
        return Err(caller.problem(Problem::forbidden()));
    }
    let from = query
        .from
        .as_deref()
        .and_then(|from| place(from, server.log.epoch().as_str()));
    let clearance = caller.actor.clearance();
    let projector = server.projector.clone();
    let accepted = upgrade::accept(&mut request, async move |handover: upgrade::Handover| {
        projector
            .join(scope, clearance, from, handover.socket, handover.leftover)
            .await;
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
fn place(from: &str, epoch: &str) -> Option<Position> {
    let (named, position) = from.rsplit_once(':')?;
    (named == epoch).then(|| position.parse().ok()).flatten()
}

/// A browser tells where a page comes from; another site's page may not listen with our cookie.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
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

    #[test]
    fn another_sites_page_may_not_listen() {
        let headers = |origin: &'static str| {
            HeaderMap::from_iter([
                (header::HOST, "grid.example:8080".parse().expect("host")),
                (header::ORIGIN, origin.parse().expect("origin")),
            ])
        };
        assert!(same_origin(&headers("https://grid.example:8080")));
        assert!(!same_origin(&headers("https://evil.example")));
        assert!(!same_origin(&headers("null")));
        assert!(same_origin(&HeaderMap::new()));
    }
}
