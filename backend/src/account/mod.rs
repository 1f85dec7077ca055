//! Who is calling: bearer tokens for sources and scripts, signed links and cookies for people and
//! walls. What each may do is `domain::actor`.

pub mod signed;
pub mod token;

use axum::http::HeaderMap;
use domain::actor::Actor;

use crate::clock::Clock;
use crate::log::{EventLog, Log};
use crate::problem::Problem;

/// The cookie of a signed-in person or wall.
pub const COOKIE: &str = "gridlamp_session";

/// Finds the actor behind a request: its bearer token, else its cookie.
///
/// # Errors
/// 401 when it has neither or it does not hold; 503 when the log that knows tokens is away.
pub async fn actor_of(
    headers: &HeaderMap,
    log: &EventLog,
    clock: &Clock,
) -> Result<Actor, Problem> {
    if let Some(value) = headers.get(axum::http::header::AUTHORIZATION) {
        let bearer = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "));
        let bearer = bearer.ok_or_else(Problem::unauthorized)?;
        return token::actor_of(bearer.trim(), log).await;
    }
    let cookies = axum_extra::extract::CookieJar::from_headers(headers);
    let cookie = cookies.get(COOKIE).ok_or_else(Problem::unauthorized)?;
    signed::open(
        &log.secret(),
        signed::Purpose::Cookie,
        cookie.value(),
        clock,
    )
    .ok_or_else(Problem::unauthorized)
}
