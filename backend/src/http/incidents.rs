//! Incidents: the list, one with its timeline, and commands on it.

mod listing;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use domain::actor::{Actor, Clearance};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::Command;
use domain::privacy;
use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use self::listing::Page;
pub(super) use self::listing::{Filter, parse_cursor};
use super::audit::told;
use super::caller::Caller;
use super::state::Server;
use crate::audit::Detail;
use crate::problem::Problem;
use crate::projector::Done;

/// Most incidents on one page.
const MAX_PAGE: usize = 500;
/// Incidents on a page, if not asked otherwise.
const PAGE: usize = 100;
/// Most incidents in one file.
const MAX_FILE: usize = 10_000;
/// Where a file that holds not all of them goes on: the next file's `cursor`.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");
/// Answers kept for repeated idempotency keys.
const KEPT_ANSWERS: usize = 10_000;

/// How a list is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Json,
    GeoJson,
    Csv,
}

impl Kind {
    /// What `Accept` asks for; JSON unless it names a file.
    fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT);
        let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
        if accept.contains("text/csv") {
            Self::Csv
        } else if accept.contains("application/geo+json") {
            Self::GeoJson
        } else {
            Self::Json
        }
    }
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let viewer = caller.viewer(filter.region.as_deref(), &server)?;
    let kind = Kind::of(&headers);
    if kind != Kind::Json {
        access::may_do(&caller.actor, Deed::Export).map_err(|refusal| caller.problem(refusal))?;
    }
    let limit = match kind {
        Kind::Json => filter.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE),
        Kind::GeoJson | Kind::Csv => filter.limit.unwrap_or(MAX_FILE).clamp(1, MAX_FILE),
    };
    let scope = viewer.scope;
    let page = server
        .projector
        .read(move |view| Page::of(view.world, &viewer, &filter, limit, view.now))
        .await
        .map_err(|failure| caller.problem(failure))?;
    if kind == Kind::Json {
        return Ok(Json(page.json()).into_response());
    }
    let (media, body) = if kind == Kind::Csv {
        ("text/csv; charset=utf-8", page.csv(&server.county))
    } else {
        let value = page.geojson(&server.county);
        ("application/geo+json", value.to_string().into_bytes())
    };
    let mut response = (StatusCode::OK, body).into_response();
    let detail = taken_away(scope, media, &page);
    response.extensions_mut().insert(detail);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(
        header::VARY,
        HeaderValue::from_static("accept, authorization, cookie"),
    );
    if let Some(next) = page.next.and_then(|next| HeaderValue::try_from(next).ok()) {
        out.insert(NEXT_CURSOR, next);
    }
    Ok(response)
}

/// What was taken away as a file; recorded before it leaves.
fn taken_away(scope: Code, media: &str, page: &Page) -> Detail {
    Detail {
        action: Some("incident.export".to_owned()),
        region: Some(scope),
        after: Some(json!({ "incidents": page.items.len() })),
        ..Detail::on(media)
    }
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: IncidentId = id
        .parse()
        .map_err(|_| caller.problem(Problem::not_found()))?;
    let actor = caller.actor.clone();
    let found = server
        .projector
        .read(move |view| {
            let incident = view.world.incident(id)?;
            let clearance = sight(&actor, incident)?;
            let shown = privacy::incident(incident, clearance);
            Some(listing::value(&shown, view.now))
        })
        .await
        .map_err(|failure| caller.problem(failure))?;
    let found = found.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(Json(found).into_response())
}

/// How much an actor sees of an incident: by region and part in it, or as who reported it.
pub(super) fn sight(actor: &Actor, incident: &Incident) -> Option<Clearance> {
    match actor.viewer() {
        Some(viewer) => viewer.sight_of(incident),
        None => incident.is_reported_by(actor).then_some(Clearance::Wall),
    }
}

pub(super) async fn command(
    State(server): State<Server>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let id: IncidentId = id
        .parse()
        .map_err(|_| caller.problem(Problem::not_found()))?;
    let key = headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok());
    let key = key.map(|key| format!("{}\n{id}\n{name}\n{key}", caller.actor.id));
    if let Some(answer) = key.as_ref().and_then(|key| server.answered.get(key)) {
        return Ok(Json(answer).into_response());
    }
    let mut detail = asked_of(&server, id, &body).await;
    let done = carry_out(&server, &caller, id, &name, &body).await;
    if done.is_err() {
        detail.before = None;
    }
    let answer = done.map(|done| {
        detail.after = Some(outline(&done.incident));
        let answer =
            json!({"version": done.incident.version, "position": done.position.to_string()});
        if let Some(key) = key {
            server.answered.keep(key, answer.clone());
        }
        Json(answer)
    });
    Ok(told(answer, detail))
}

async fn carry_out(
    server: &Server,
    caller: &Caller,
    id: IncidentId,
    name: &str,
    body: &[u8],
) -> Result<Done, Problem> {
    let (command, expected) = parse(name, body).map_err(|problem| caller.problem(problem))?;
    server
        .projector
        .command(id, command, expected, caller.actor.clone())
        .await
        .map_err(|failure| caller.problem(failure))
}

/// What an incident is like before a command, for the record, and why the command is given.
async fn asked_of(server: &Server, id: IncidentId, body: &[u8]) -> Detail {
    let found = server.projector.read(move |view| {
        let incident = view.world.incident(id)?;
        Some((incident.region, outline(incident)))
    });
    let found = found.await.ok().flatten();
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let reason = body.as_ref().and_then(|body| body.get("reason")?.as_str());
    Detail {
        region: found.as_ref().map(|(region, _)| *region),
        before: found.map(|(_, outline)| outline),
        purpose: reason.map(str::to_owned),
        ..Detail::on(id.to_string())
    }
}

/// What a command may change of an incident; nothing of the people in it.
fn outline(incident: &Incident) -> Value {
    json!({
        "number": incident.label(),
        "version": incident.version,
        "state": incident.state,
        "region": incident.region,
        "category": incident.category,
        "severity": incident.severity,
        "holder": incident.holder().map(|hold| hold.org.as_str()),
        "cooperators": incident.cooperators,
        "deadline": incident.deadline(),
    })
}

fn parse(name: &str, body: &[u8]) -> Result<(Command, Option<u64>), Problem> {
    if !Command::NAMES.contains(&name) {
        return Err(Problem::not_found());
    }
    let empty = body.iter().all(u8::is_ascii_whitespace);
    let mut value: Value = if empty {
        json!({})
    } else {
        serde_json::from_slice(body).map_err(|error| crate::intake::malformed(&error))?
    };
    let Value::Object(map) = &mut value else {
        return Err(wrong_body("/"));
    };
    let expected = match map.get("expected_version") {
        None | Some(Value::Null) => None,
        Some(version) => Some(
            version
                .as_u64()
                .ok_or_else(|| wrong_body("/expected_version"))?,
        ),
    };
    map.insert("command".to_owned(), json!(name));
    let command = serde_json::from_value(value).map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "wrong_fields",
            &format!("内容与此项操作不符：{error}"),
            &format!("The body does not fit this command: {error}"),
        )
    })?;
    Ok((command, expected))
}

fn wrong_body(pointer: &str) -> Problem {
    domain::refusal::Refusal::field(
        pointer,
        "wrong_fields",
        "内容与此项操作不符",
        "The body does not fit this command",
    )
    .into()
}

/// Answers of commands by idempotency key, the newest few thousand.
#[derive(Debug, Default)]
pub struct Answered(Mutex<(FxHashMap<String, Value>, VecDeque<String>)>);

impl Answered {
    fn get(&self, key: &str) -> Option<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .get(key)
            .cloned()
    }

    fn keep(&self, key: String, answer: Value) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (answers, order) = &mut *kept;
        if answers.insert(key.clone(), answer).is_none() {
            order.push_back(key);
        }
        if order.len() > KEPT_ANSWERS
            && let Some(oldest) = order.pop_front()
        {
            answers.remove(&oldest);
        }
    }
}
