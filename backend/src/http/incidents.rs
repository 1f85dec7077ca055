//! Incidents: the list, one with its timeline, and commands on it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::Command;
use domain::lamp::Lamp;
use domain::pack::limits::Severity;
use domain::privacy;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::state::Server;
use crate::problem::Problem;

/// Most incidents on one page.
const MAX_PAGE: usize = 500;
/// Incidents on a page, if not asked otherwise.
const PAGE: usize = 100;
/// Answers kept for repeated idempotency keys.
const KEPT_ANSWERS: usize = 10_000;

/// What the list can be narrowed by.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    region: Option<String>,
    /// `open`, `closed`, or a state.
    status: Option<String>,
    lamp: Option<Lamp>,
    category: Option<String>,
    /// `Ⅰ` to `Ⅳ`, or 1 to 4.
    level: Option<String>,
    source: Option<String>,
    holder: Option<String>,
    /// Part of the title or of the number.
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let scope = caller.scope(filter.region.as_deref(), &server)?;
    let clearance = caller.actor.clearance();
    let limit = filter.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
    let page = server
        .projector
        .read(move |view| {
            let after = filter.cursor.as_deref().and_then(parse_cursor);
            let mut found: Vec<&Incident> = view
                .world
                .incidents()
                .filter(|i| scope.contains(i.region))
                .filter(|i| after.is_none_or(|after| (i.received_at.millis(), i.id) < after))
                .filter(|i| filter.matches(i, view.now))
                .collect();
            found.sort_unstable_by_key(|i| std::cmp::Reverse((i.received_at, i.id)));
            let more = found.len() > limit;
            found.truncate(limit);
            let last = found.last().filter(|_| more);
            let next = last.map(|i| format!("{}_{}", i.received_at.millis(), i.id));
            let items: Vec<Value> = found
                .iter()
                .map(|i| shown(i, clearance, view.now))
                .collect();
            json!({"items": items, "next": next, "now": view.now})
        })
        .await
        .map_err(|failure| caller.problem(failure))?;
    Ok(Json(page).into_response())
}

fn parse_cursor(text: &str) -> Option<(i64, IncidentId)> {
    let (millis, id) = text.split_once('_')?;
    Some((millis.parse().ok()?, id.parse().ok()?))
}

impl Filter {
    fn matches(&self, incident: &Incident, now: domain::time::Timestamp) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|w| w == has);
        let state = serde_json::to_value(incident.state).unwrap_or_default();
        let status = match self.status.as_deref() {
            None => true,
            Some("open") => incident.state.is_open(),
            Some("closed") => !incident.state.is_open(),
            Some(other) => state == *other,
        };
        let category = incident
            .category
            .map(|code| code.to_string())
            .unwrap_or_default();
        let level = self.level.as_ref().is_none_or(|level| {
            let wanted = domain::wire::report::parse_level(&Value::String(level.clone()));
            wanted.is_some() && wanted == incident.severity
        });
        let holder = incident
            .holder()
            .map(|hold| hold.org.as_str())
            .unwrap_or_default();
        let text = self
            .q
            .as_deref()
            .is_none_or(|q| incident.title.contains(q) || incident.label().contains(q));
        status
            && level
            && text
            && self.lamp.is_none_or(|lamp| lamp == incident.lamp(now))
            && self
                .category
                .as_deref()
                .is_none_or(|c| category.starts_with(c))
            && is(&self.source, &incident.source)
            && is(&self.holder, holder)
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
            let own = actor.may_watch() || actor.id == incident.source;
            (own && actor.covers(incident.region))
                .then(|| shown(incident, actor.clearance(), view.now))
        })
        .await
        .map_err(|failure| caller.problem(failure))?;
    let found = found.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(Json(found).into_response())
}

/// An incident as a caller may see it, with what is derived from it.
fn shown(
    incident: &Incident,
    clearance: domain::actor::Clearance,
    now: domain::time::Timestamp,
) -> Value {
    let incident = privacy::incident(incident, clearance);
    let mut value = serde_json::to_value(&incident).unwrap_or_default();
    value["number"] = json!(incident.label());
    value["lamp"] = json!(incident.lamp(now));
    value["level"] = json!(incident.severity.map(Severity::roman));
    value["deadline"] = json!(incident.deadline());
    value["holder"] = json!(incident.holder().map(|hold| hold.org.as_str()));
    value
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
    let (command, expected) = parse(&name, &body).map_err(|problem| caller.problem(problem))?;
    let done = server
        .projector
        .command(id, command, expected, caller.actor.clone())
        .await
        .map_err(|failure| caller.problem(failure))?;
    let answer = json!({"version": done.incident.version, "position": done.position.to_string()});
    if let Some(key) = key {
        server.answered.keep(key, answer.clone());
    }
    Ok(Json(answer).into_response())
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
