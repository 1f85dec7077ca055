//! Signing in by a signed link, and who is signed in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::actor::{Actor, Role};
use domain::time::Span;
use serde_json::json;

use super::caller::Caller;
use super::state::Server;
use crate::account::{COOKIE, signed};
use crate::clock::Clock;
use crate::log::{EventLog, Log};
use crate::problem::Problem;

/// How long a person's sign-in holds.
const HOLDS: Span = Span::hours(12);
/// How long a wall's does: it hangs there for months.
const WALL_HOLDS: Span = Span::days(180);

/// The path of a link that signs `actor` in, good for `span`.
pub fn link(log: &EventLog, actor: &Actor, span: Span, clock: &Clock) -> String {
    let slip = signed::seal(&log.secret(), signed::Purpose::Link, actor, span, clock);
    format!("/enter/{slip}")
}

/// Exchanges a link for a cookie and goes to the screen that fits.
pub(super) async fn enter(
    State(server): State<Server>,
    Path(slip): Path<String>,
) -> Result<Response, Problem> {
    let secret = server.log.secret();
    let actor = signed::open(&secret, signed::Purpose::Link, &slip, &server.clock);
    let actor = actor.ok_or_else(Problem::unauthorized)?;
    let holds = if actor.role == Role::Wall {
        WALL_HOLDS
    } else {
        HOLDS
    };
    let cookie = signed::seal(
        &secret,
        signed::Purpose::Cookie,
        &actor,
        holds,
        &server.clock,
    );
    let max_age = holds.as_secs();
    let cookie = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}");
    let mut response = (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, screen(actor.role))],
    )
        .into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) async fn me(State(server): State<Server>, caller: Caller) -> Response {
    let actor = &caller.actor;
    let name = server.county.tree.name(actor.scope).to_owned();
    Json(json!({
        "id": actor.id, "role": actor.role, "org": actor.org, "scope": actor.scope,
        "scope_name": name, "screen": screen(actor.role), "county": server.county.name,
    }))
    .into_response()
}

pub(super) async fn doors(State(server): State<Server>) -> Result<Response, Problem> {
    if server.doors.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(Json(&server.doors).into_response())
}

/// Every role has the wall for now; those with screens of their own will be sent there.
fn screen(role: Role) -> &'static str {
    match role {
        Role::Source | Role::Reporter => "/report",
        _ => "/wall",
    }
}
