//! Incidents: the list, one with its timeline, and commands on it.

mod filter;
mod page;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use domain::actor::{Actor, Clearance};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::Command;
use domain::privacy;
use futures_util::stream;
use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

pub(super) use self::filter::{Filter, parse_cursor};
use self::page::Page;
use super::audit::told;
use super::caller::Caller;
use super::state::Server;
use crate::audit::Detail;
use crate::history::Query;
use crate::log::{Log, Position, StreamName};
use crate::problem::Problem;
use crate::projector::{Done, record};
use crate::table::{self, Format};

/// Most incidents on one page.
const MAX_PAGE: usize = 500;
/// Incidents on a page, if not asked otherwise.
const PAGE: usize = 100;
/// Most incidents in one file.
const MAX_FILE: usize = 10_000;
/// Bytes of a file sent at once, about.
const PIECE: usize = 64 * 1024;
/// Where a file that holds not all of them goes on: the next file's `cursor`.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");
/// Answers kept for repeated idempotency keys.
const KEPT_ANSWERS: usize = 10_000;

/// How a list is asked for: as a file, if `Accept` names one.
fn format_of(headers: &HeaderMap) -> Option<Format> {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
    [Format::Csv, Format::GeoJson, Format::Ndjson]
        .into_iter()
        .find(|format| {
            let media = format.media_type();
            accept.contains(media.split(';').next().unwrap_or(media))
        })
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let filter = Filter::read(&uri, &server.county).map_err(|problem| caller.problem(problem))?;
    let viewer = caller.viewer(filter.region.as_deref(), &server)?;
    let is_personal = viewer.clearance == Clearance::Full || viewer.party.is_some();
    if filter.wanted.person.is_some() && !is_personal {
        return Err(caller.problem(Problem::forbidden()));
    }
    let format = format_of(&headers);
    if format.is_some() {
        access::may_do(&caller.actor, Deed::Export).map_err(|refusal| caller.problem(refusal))?;
    }
    let limit = match format {
        None => filter.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE),
        Some(_) => filter.limit.unwrap_or(MAX_FILE).clamp(1, MAX_FILE),
    };
    let scope = viewer.scope;
    let query = Query {
        wanted: filter.wanted,
        viewer,
        order: filter.order,
        after: filter.after,
        limit,
        now: server.clock.now(),
    };
    let page = Page::find(&server.projector, &server.history, query)
        .await
        .map_err(|failure| caller.problem(failure))?;
    match format {
        None => Ok(Json(page.json()).into_response()),
        // A file is kept and counted with: it must not lack what is only not folded yet.
        Some(_) if !page.is_complete => Err(caller.problem(history_behind())),
        Some(format) => Ok(file(format, scope, page, &server)),
    }
}

/// A page as a file, sent piece by piece.
fn file(format: Format, scope: Code, page: Page, server: &Server) -> Response {
    let detail = taken_away(scope, format.media_type(), &page);
    let next = page
        .next
        .as_deref()
        .and_then(|next| HeaderValue::try_from(next).ok());
    let county = server.county.clone();
    let now = page.now;
    let items = page.items.into_iter().enumerate();
    let lines = items.map(move |(n, item)| format.item(&item, &county, now, n == 0));
    let text = std::iter::once(format.head())
        .chain(lines)
        .chain(std::iter::once(format.end().to_owned()));
    let pieces = Pieces(Box::new(text));
    let body = Body::from_stream(stream::iter(pieces.map(Ok::<_, std::convert::Infallible>)));
    let mut response = (StatusCode::OK, body).into_response();
    response.extensions_mut().insert(detail);
    let out = response.headers_mut();
    let media = HeaderValue::from_static(format.media_type());
    out.insert(header::CONTENT_TYPE, media);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(
        header::VARY,
        HeaderValue::from_static("accept, authorization, cookie"),
    );
    if let Some(next) = next {
        out.insert(NEXT_CURSOR, next);
    }
    response
}

/// Lines put together to pieces worth a write.
struct Pieces(Box<dyn Iterator<Item = String> + Send>);

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut piece = self.0.next()?;
        while piece.len() < PIECE {
            let Some(line) = self.0.next() else { break };
            piece.push_str(&line);
        }
        Some(piece.into())
    }
}

fn history_behind() -> Problem {
    Problem {
        retry_after_secs: Some(30),
        ..Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "history_behind",
            "本节点正在重建历史库，文件会不完整，请稍后再导出",
            "This node is folding its history anew and a file would lack a part; export it later",
        )
    }
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

/// The first that is looked for, in the World or in the history.
pub(super) async fn first(server: &Server, query: Query) -> Result<Option<Incident>, Problem> {
    let page = Page::find(&server.projector, &server.history, query).await?;
    let found = page.items.into_iter().next();
    // One that may only not be folded yet is not told to be missing.
    if found.is_none() && !page.is_complete {
        return Err(history_behind());
    }
    Ok(found)
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: IncidentId = id
        .parse()
        .map_err(|_| caller.problem(Problem::not_found()))?;
    let (found, now, position) = server
        .projector
        .read(move |view| (view.world.incident(id).cloned(), view.now, view.position))
        .await
        .map_err(|failure| caller.problem(failure))?;
    let incident = if found.is_some() {
        found
    } else {
        let old = left_behind(&server, id, position).await;
        old.map_err(|problem| caller.problem(problem))?
    };
    let shown = incident.and_then(|incident| {
        let clearance = sight(&caller.actor, &incident)?;
        Some(privacy::incident(&incident, clearance))
    });
    let shown = shown.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(Json(table::value(&shown, now)).into_response())
}

/// An incident that the World holds no longer: from the history, or, as long as that is behind,
/// from its own events.
async fn left_behind(
    server: &Server,
    id: IncidentId,
    position: Position,
) -> Result<Option<Incident>, Problem> {
    let is_there = server.history.reaches(position).await;
    match server.history.one(id).await {
        Ok(found) if is_there => return Ok(found),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "the history can't be read"),
    }
    let key = id.to_string();
    let records = server.log.read_key(StreamName::Incidents, &key).await?;
    let events = records
        .iter()
        .filter_map(|record| record::event_of(record).ok());
    Ok(Incident::alone(&events.collect::<Vec<_>>()))
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

pub(super) fn parse(name: &str, body: &[u8]) -> Result<(Command, Option<u64>), Problem> {
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
    pub(super) fn get(&self, key: &str) -> Option<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .get(key)
            .cloned()
    }

    pub(super) fn keep(&self, key: String, answer: Value) {
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
