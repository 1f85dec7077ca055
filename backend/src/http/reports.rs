//! `POST /reports`: one report, or a batch with one result each.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::actor::Role;
use domain::wire::report::Receipt;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::caller::Caller;
use super::state::Server;
use crate::intake;
use crate::problem::Problem;
use crate::projector::Done;

/// Most reports in a batch.
pub const MAX_BATCH: usize = 10_000;
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
    let value: Value = serde_json::from_slice(&body)
        .map_err(|error| refused(intake::malformed(&error), &intake::excerpt(&body)))?;
    match value {
        Value::Array(items) if items.len() > MAX_BATCH => {
            Err(refused(too_many(items.len()), &intake::excerpt(&body)))
        }
        Value::Array(items) => Ok(batch(&server, &caller, source, items).await),
        one => match take(&server, &caller, source, &one).await {
            Ok(done) => Ok(created(&server, &done)),
            Err(problem) => Err(caller.problem(problem)),
        },
    }
}

/// The source a caller posts as: a source token's own name; people of the rooms may name any.
fn posting_as(caller: &Caller) -> Result<Option<&str>, Problem> {
    match caller.actor.role {
        Role::Source => Ok(Some(&caller.actor.id)),
        Role::Centre | Role::CommandRoom | Role::Grid | Role::Reporter => Ok(None),
        _ => Err(caller.problem(Problem::forbidden())),
    }
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
    items: Vec<Value>,
) -> Response {
    let results: Vec<Value> = futures_util::stream::iter(items)
        .map(|item| async move {
            match take(server, caller, source, &item).await {
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

fn too_many(count: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "batch_too_long",
        &format!("一批最多 {MAX_BATCH} 件，收到 {count} 件"),
        &format!("A batch is at most {MAX_BATCH} reports, this has {count}"),
    )
}
