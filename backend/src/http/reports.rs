//! `POST /reports`: one report, or a batch with one result each.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use domain::actor::Role;
use domain::pack::catalogue::CALLER_SOURCE;
use domain::wire::report::Receipt;
use futures_util::StreamExt;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::caller::Caller;
use super::state::Server;
use crate::intake::{self, batch::Sent};
use crate::problem::Problem;
use crate::projector::Done;

/// Most reports in a batch.
pub const MAX_BATCH: usize = 10_000;
/// Longest JSON of one report, in bytes: all its fields at their longest, four times over.
const MAX_REPORT_BYTES: usize = 128 * 1024;
/// Reports of one batch under way at once: enough to fill an append, few enough to bound memory.
const AT_ONCE: usize = 512;

pub(super) async fn post(
    State(server): State<Server>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let source = posting_as(&caller)?;
    let refused = |problem: Problem, text: &str| {
        intake::keep_refused(&server, source.unwrap_or_default(), &problem, text);
        caller.problem(problem)
    };
    let body = body.map_err(|rejection| refused(unreadable(rejection.status()), ""))?;
    if let Some(problem) = wrong_type(&headers) {
        return Err(refused(problem, &intake::excerpt(&body)));
    }
    let sent = intake::batch::read(&body, MAX_BATCH)
        .map_err(|error| refused(intake::malformed(&error), &intake::excerpt(&body)))?;
    match sent {
        Sent::Many { count, .. } if count > MAX_BATCH => {
            Err(refused(too_many(count), &intake::excerpt(&body)))
        }
        Sent::Many { items, .. } => Ok(batch(&server, &caller, source, items).await),
        Sent::One(one) => {
            let one = value_of(&one).map_err(|p| refused(p, &intake::excerpt(&body)))?;
            match take(&server, &caller, source, &one).await {
                Ok(done) => Ok(created(&server, &done)),
                Err(problem) => Err(caller.problem(problem)),
            }
        }
    }
}

/// One report's JSON; what is far longer than a report can be is not unfolded in memory.
fn value_of(raw: &RawValue) -> Result<Value, Problem> {
    if raw.get().len() > MAX_REPORT_BYTES {
        return Err(too_long());
    }
    serde_json::from_str(raw.get()).map_err(|error| intake::malformed(&error))
}

/// The source a caller posts as: a source token's own name; a room's is that of what it takes down
/// for somebody who calls; other people may name any.
fn posting_as(caller: &Caller) -> Result<Option<&str>, Problem> {
    access::may_do(&caller.actor, Deed::PostReports).map_err(|refusal| caller.problem(refusal))?;
    Ok(match caller.actor.role {
        Role::Source => Some(caller.actor.id.as_str()),
        Role::Centre | Role::CommandRoom => Some(CALLER_SOURCE),
        _ => None,
    })
}

/// A report that was there already is told of to those who know of it: a name that somebody
/// guessed opens nothing.
fn own_only(done: Done, caller: &Caller) -> Result<Done, Problem> {
    if done.existed && !access::knows(&caller.actor, &done.incident) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "external_id_taken",
            "此来源的该编号已被使用",
            "This source has used that external_id already",
        ));
    }
    Ok(done)
}

/// Takes one report in; what is refused for what it says is kept, what the log could not take is
/// to be sent again.
async fn take(
    server: &Server,
    caller: &Caller,
    source: Option<&str>,
    value: &Value,
) -> Result<Done, Problem> {
    let taken = intake::submit(server, value, source, &caller.actor).await;
    let taken = taken.and_then(|done| own_only(done, caller));
    if let Err(problem) = &taken
        && problem.status != StatusCode::SERVICE_UNAVAILABLE
    {
        let named = source.or_else(|| value.get("source").and_then(Value::as_str));
        intake::keep_refused(
            server,
            named.unwrap_or_default(),
            problem,
            &value.to_string(),
        );
    }
    taken
}

async fn batch(
    server: &Server,
    caller: &Caller,
    source: Option<&str>,
    items: Vec<Box<RawValue>>,
) -> Response {
    let results: Vec<Value> = futures_util::stream::iter(items)
        .map(|raw| async move {
            let taken = match value_of(&raw) {
                Ok(item) => take(server, caller, source, &item).await,
                Err(problem) => {
                    let text = intake::excerpt(raw.get().as_bytes());
                    intake::keep_refused(server, source.unwrap_or_default(), &problem, &text);
                    Err(problem)
                }
            };
            match taken {
                Ok(done) => {
                    let status = if done.existed { 200 } else { 201 };
                    json!({"status": status, "body": receipt(server, &done)})
                }
                Err(problem) => {
                    let problem = caller.problem(problem);
                    json!({"status": problem.status.as_u16(), "body": problem.document()})
                }
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    (StatusCode::MULTI_STATUS, Json(results)).into_response()
}

fn created(server: &Server, done: &Done) -> Response {
    let status = if done.existed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let location = format!("/api/v1/incidents/{}", done.incident.id);
    (
        status,
        [(header::LOCATION, location)],
        Json(receipt(server, done)),
    )
        .into_response()
}

fn receipt(server: &Server, done: &Done) -> Receipt {
    let name = server.county.tree.name(done.incident.region);
    Receipt::of(&done.incident, name, server.clock.now())
}

fn wrong_type(headers: &HeaderMap) -> Option<Problem> {
    let encoded = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| value != "identity");
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let json = kind.is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        let utf8 = !kind.contains("charset=") || kind.contains("utf-8");
        kind.trim_start().starts_with("application/json") && utf8
    });
    (encoded || !json).then(|| {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "json_expected",
            "请以 UTF-8 编码的 application/json 提交，不要压缩",
            "Send application/json in UTF-8, uncompressed",
        )
    })
}

fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            status,
            "too_large",
            "内容超过 16 MB，请分批提交",
            "Over 16 MB; send it in parts",
        )
    } else {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable_body",
            "内容读取中断",
            "The body broke off",
        )
    }
}

fn too_long() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "单件上报内容过长",
        "One report is too long",
    )
}

fn too_many(count: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "batch_too_long",
        &format!("一批最多 {MAX_BATCH} 件，收到 {count} 件"),
        &format!("A batch is at most {MAX_BATCH} reports, this has {count}"),
    )
}
