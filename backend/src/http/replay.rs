//! Looking back: the county at a time, what happened after it, where units were, and the moments
//! that stand out. All of it as the same viewer would have been shown it then.

mod marks;
mod tracks;

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed, Viewer};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

pub(super) use self::marks::moments;
pub(super) use self::tracks::positions;
use super::caller::Caller;
use super::live;
use super::state::Server;
use crate::audit::Detail;
use crate::log::{Log, Position};
use crate::problem::Problem;
use crate::replay::{Bound, MAX_STRETCH, Place, ReplayError};

/// Events on one page, if not asked otherwise.
const PAGE: usize = 2_000;
/// How long somebody waits for a time to be reached; the way there is not lost.
const PATIENCE: Duration = Duration::from_secs(25);

/// The caller as a viewer of the past.
fn viewer(caller: &Caller, scope: Option<&str>, server: &Server) -> Result<Viewer, Problem> {
    access::may_do(&caller.actor, Deed::Replay).map_err(|refusal| caller.problem(refusal))?;
    caller.viewer(scope, server)
}

/// A time of the past.
fn time(field: &str, text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let pointer = format!("/{field}");
    let time: Timestamp = text.parse().map_err(|_| {
        Problem::from(Refusal::field(
            &pointer,
            "malformed",
            "请给出 RFC 3339 格式的时间，例如 2026-11-23T09:00:00+08:00",
            "Give a time as RFC 3339, such as 2026-11-23T09:00:00+08:00",
        ))
    })?;
    if time > now {
        return Err(Problem::from(Refusal::field(
            &pointer,
            "in_the_future",
            "这一时刻尚未到来",
            "That time has not come yet",
        )));
    }
    Ok(time)
}

/// A stretch of time, at most so long; what lies ahead of the clock is cut off.
fn between(
    (from, to): (Option<&str>, Option<&str>),
    now: Timestamp,
    longest: domain::time::Span,
) -> Result<(Timestamp, Timestamp), Problem> {
    let needed =
        |field, given: Option<&str>| time(field, given.unwrap_or_default(), Timestamp::MAX);
    let (from, to) = (needed("from", from)?, needed("to", to)?.min(now));
    if to < from || to - from > longest {
        let hours = longest.as_secs() / 3_600;
        return Err(Problem::from(Refusal::field(
            "/to",
            "out_of_range",
            format!("起止时间须有先后，且相隔不超过 {hours} 小时"),
            format!("The end must lie after the beginning, and within {hours} hours of it"),
        )));
    }
    Ok((from, to))
}

/// Waits for the past, but not for ever.
async fn patiently<T>(look: impl Future<Output = Result<T, ReplayError>>) -> Result<T, Problem> {
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(answer) => answer.map_err(Problem::from),
        Err(_) => Err(behind()),
    }
}

fn behind() -> Problem {
    let mut problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "replay_behind",
        "正在回溯到这一时刻，请稍后再试",
        "That time is still being reached; try again in a moment",
    );
    problem.retry_after_secs = Some(2);
    problem
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Log(error) => Self::from(error),
            ReplayError::BeforeTheLog(begins) => {
                let at = begins.map(|at| at.to_string()).unwrap_or_default();
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "before_the_log",
                    &format!("这一时刻早于最早的记录 {at}"),
                    &format!("That time lies before the first record {at}"),
                )
            }
            ReplayError::NoSuchPlace => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unknown_position",
                "日志中没有这个位置",
                "There is no such place in the log",
            ),
            ReplayError::Interrupted => behind(),
        }
    }
}

/// The snapshot of a time, for a caller who asked with `at`.
pub(super) async fn snapshot(
    server: &Server,
    caller: &Caller,
    scope: Option<&str>,
    at: &str,
) -> Result<Response, Problem> {
    let viewer = viewer(caller, scope, server)?;
    let at = time("at", at, server.clock.now()).map_err(|problem| caller.problem(problem))?;
    let region = viewer.scope;
    let look = server.replay.look(Place::At(at), move |world, position| {
        (serde_json::to_vec(&world.seen_by(&viewer)), position)
    });
    let (world, position) = patiently(look)
        .await
        .map_err(|problem| caller.problem(problem))?;
    let world = world.map_err(|_| caller.problem(behind()))?;
    let epoch = server.log.epoch();
    let head = format!(r#"{{"epoch":"{epoch}","position":"{position}","now":"{at}","world":"#);
    let body = [head.as_bytes(), &world, b"}"].concat();
    let mut response = json_bytes(body);
    response.extensions_mut().insert(Detail {
        action: Some("replay.view".to_owned()),
        region: Some(region),
        ..Detail::on(at.to_string())
    });
    Ok(response)
}

fn json_bytes(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    scope: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
}

/// What happened between two places, for one who looks back.
pub(super) async fn events(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let viewer = viewer(&caller, asked.scope.as_deref(), &server)?;
    page(&server, viewer, &asked)
        .await
        .map_err(|problem| caller.problem(problem))
}

async fn page(server: &Server, viewer: Viewer, asked: &Asked) -> Result<Response, Problem> {
    let now = server.clock.now();
    let from = place(server, asked.from.as_deref().unwrap_or_default(), now)?;
    let to = match asked.to.as_deref() {
        Some(to) => time("to", to, Timestamp::MAX)?.min(now),
        None => now,
    };
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MAX_STRETCH);
    let from = match from {
        Place::Position(position) => position,
        Place::At(_) => patiently(server.replay.look(from, |_, position| position)).await?,
    };
    let stretch = patiently(server.replay.stretch(from, to, limit)).await?;
    let until = match stretch.bound {
        Bound::Time | Bound::End => Some(to),
        Bound::Full => stretch.at,
    };
    let head = json!({
        "epoch": server.log.epoch().as_str(), "from": from.to_string(),
        "to": stretch.to.to_string(), "until": until,
        "more": stretch.bound == Bound::Full,
    });
    let body = tokio::task::spawn_blocking(move || {
        let mut body = head.to_string().into_bytes();
        body.pop();
        body.extend_from_slice(br#","events":["#);
        let shown = stretch.events.iter();
        let shown = shown.filter_map(|one| one.shown_to(&viewer));
        for (n, one) in shown.enumerate() {
            if n > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&one);
        }
        body.extend_from_slice(b"]}");
        body
    });
    Ok(json_bytes(body.await.map_err(|_| behind())?))
}

/// `EPOCH:POSITION`, a position, or a time.
fn place(server: &Server, text: &str, now: Timestamp) -> Result<Place, Problem> {
    let own = live::place(text, server.log.epoch().as_str());
    if let Some(position) = own.or_else(|| text.parse::<Position>().ok()) {
        return Ok(Place::Position(position));
    }
    time("from", text, now).map(Place::At)
}
