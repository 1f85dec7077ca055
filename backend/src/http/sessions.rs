//! 1+1+X sessions: the list, one with its verdict, opening one and commands in it; whom an incident
//! needs; peace and war.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::access;
use domain::actor::{Actor, Clearance};
use domain::ids::{IncidentId, SessionId};
use domain::pack::orgs::Orgs;
use domain::privacy;
use domain::refusal::Refusal;
use domain::session::Session;
use domain::session::command::{Command, Open, Person};
use domain::session::{decide, suggest};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit::told;
use super::body;
use super::caller::Caller;
use super::state::Server;
use crate::account::secret;
use crate::audit::Detail;
use crate::problem::Problem;
use crate::projector::Moved;
use crate::projector::command::Wish;

/// Most sessions in one answer; a county has a few under way, and keeps those of a week.
const MAX_LIST: usize = 500;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    scope: Option<String>,
    /// Only those under way.
    open: Option<bool>,
    incident: Option<IncidentId>,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let viewer = caller.viewer(asked.scope.as_deref(), &server)?;
    let orgs = server.county.clone();
    let found = server.projector.read(move |view| {
        let all = view.world.sessions();
        let all = all.filter(|one| asked.incident.is_none() || one.incident == asked.incident);
        let all = all.filter(|one| asked.open != Some(true) || one.stage.is_open());
        let mut all: Vec<(&Session, Clearance)> = all
            .filter_map(|one| Some((one, viewer.sight(&one.reach())?)))
            .collect();
        all.sort_by_key(|(one, _)| (std::cmp::Reverse(one.opened_at), one.id));
        all.truncate(MAX_LIST);
        let all = all.into_iter();
        let items: Vec<Value> = all
            .map(|(one, clearance)| value(one, clearance, &orgs.orgs, view.now))
            .collect();
        json!({"items": items, "now": view.now})
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    Ok(Json(found).into_response())
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = session_id(&id, &caller)?;
    let (county, actor) = (server.county.clone(), caller.actor.clone());
    let found = server.projector.read(move |view| {
        let session = view.world.session(id)?;
        let clearance = sight(&actor, session)?;
        let mut value = value(session, clearance, &county.orgs, view.now);
        let moves = access::session_moves_for(&actor, session);
        let names: Vec<&str> = moves.map(name_of).collect();
        value["moves"] = json!(names);
        let shown = privacy::session(session, clearance);
        Some((value, ids(&shown).into_iter().map(str::to_owned).collect()))
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    let found: Option<(Value, Vec<String>)> = found;
    let (mut value, ids) = found.ok_or_else(|| caller.problem(Problem::not_found()))?;
    value["names"] = json!(names(&server, ids));
    Ok(Json(value).into_response())
}

/// Whoever is named in a session as it is shown: a room speaks to people by name.
pub(super) fn ids(session: &Session) -> BTreeSet<&str> {
    let commanders = session.before.iter().chain([&session.commander]);
    let commanders = commanders.map(|one| one.id.as_str());
    let marks = session.seats.iter().flat_map(|seat| &seat.marks);
    let said = session.messages.iter();
    let seen = said.clone().flat_map(|one| &one.acknowledged);
    let by = marks.map(|mark| &mark.by).chain(said.map(|one| &one.by));
    let by = by.chain(seen.map(|one| &one.by)).chain([&session.asker]);
    let rated = session.seats.iter().filter_map(|seat| seat.rating.as_ref());
    let by = by.chain(rated.map(|rating| &rating.by));
    let by = by.chain(session.timeline.iter().map(|line| &line.by));
    let all = commanders.chain(by.map(|by| by.id.as_str()));
    all.filter(|id| !id.is_empty()).collect()
}

/// Nobody in particular: what an organisation's own system does, it does for its duty desk.
const DUTY_DESK: &str = "值班席";

pub(super) fn names(server: &Server, ids: Vec<String>) -> BTreeMap<String, String> {
    server.accounts.with(|directory| {
        let desks = directory.tokens().filter(|token| token.org.is_some());
        let desks: BTreeSet<&str> = desks.map(|token| token.name.as_str()).collect();
        let named = ids.into_iter().filter_map(|id| {
            let person = directory.person(&id).map(|person| person.name.clone());
            let desk = desks.contains(id.as_str()).then(|| DUTY_DESK.to_owned());
            Some((id, person.or(desk)?))
        });
        named.collect()
    })
}

fn name_of(one: access::SessionMove) -> &'static str {
    let mut all = access::SessionMove::ALL.into_iter().zip(Command::NAMES);
    all.find(|(other, _)| *other == one)
        .map_or("", |(_, name)| name)
}

/// How much an actor sees of a session: all of it, whoever commands it.
pub(super) fn sight(actor: &Actor, session: &Session) -> Option<Clearance> {
    if !access::knows_session(actor, session) {
        return None;
    }
    let commands = actor.id == session.commander.id;
    let sight = actor.viewer()?.sight(&session.reach());
    if commands {
        Some(Clearance::Full)
    } else {
        sight
    }
}

/// A session as it is shown, with its verdict in words.
fn value(session: &Session, clearance: Clearance, orgs: &Orgs, now: Timestamp) -> Value {
    let shown = privacy::session(session, clearance);
    let mut value = serde_json::to_value(&shown).unwrap_or_default();
    value["drill"] = json!(session.is_drill());
    if let Some(verdict) = session.verdict(now) {
        value["verdict"] = json!({
            "moving": verdict.moving(),
            "of": verdict.members.len(),
            "all_out": verdict.is_all_out(),
            "in_time": verdict.is_in_time(),
            "due": verdict.due,
            "zh": verdict.zh(orgs),
            "en": verdict.en(orgs),
        });
    }
    value
}

pub(super) async fn open(
    State(server): State<Server>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let wish: Open = body::read(&body).map_err(|problem| caller.problem(problem))?;
    commands(&server, &caller, "/commander/id", wish.commander.as_ref())?;
    let key = headers.get("idempotency-key");
    let key = key.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let key = match key {
        Some(key) => key,
        None => secret::new_id().map_err(|_| caller.problem(Problem::unavailable(1)))?,
    };
    let id = SessionId::of_wish(server.county.code, &caller.actor.id, &key);
    let wish = Wish::Open {
        id,
        wish: Box::new(wish),
    };
    let done = server.projector.wish(wish, caller.actor.clone()).await;
    let mut detail = Detail::on(id.to_string());
    let answer = done.map(|moved| {
        detail.region = moved.session.as_ref().map(|session| session.region);
        detail.after = moved.session.as_ref().map(|session| outline(session));
        let status = if moved.existed {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        (status, Json(receipt(id, &moved)))
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}

/// Whoever is to command has to be somebody who can sign in and do it.
fn commands(
    server: &Server,
    caller: &Caller,
    pointer: &str,
    person: Option<&Person>,
) -> Result<(), Problem> {
    let Some(Person { id, .. }) = person else {
        return Ok(());
    };
    let id = id.trim();
    let is_known = server.accounts.with(|all| {
        let person = all.person(id);
        person.is_some_and(|person| !person.disabled)
    });
    if is_known || id.is_empty() || id == caller.actor.id {
        return Ok(());
    }
    Err(caller.problem(Refusal::field(
        pointer,
        "no_such_person",
        "没有这个人员，或其账号已停用，不能担任指挥长",
        "There is no such person, or their account is closed: they can't command",
    )))
}

fn receipt(id: SessionId, moved: &Moved) -> Value {
    json!({
        "id": id,
        "version": moved.version,
        "position": moved.position.to_string(),
        "stage": moved.session.as_ref().map(|session| session.stage),
    })
}

/// What a command may change of a session; nothing anybody said.
fn outline(session: &Session) -> Value {
    json!({
        "version": session.version,
        "kind": session.kind,
        "stage": session.stage,
        "region": session.region,
        "incident": session.incident,
        "commander": session.commander.id,
        "seats": session.seats.iter().map(|seat| seat.org.as_str()).collect::<Vec<_>>(),
    })
}

pub(super) async fn command(
    State(server): State<Server>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let id = session_id(&id, &caller)?;
    let key = headers.get("idempotency-key");
    let key = key.and_then(|value| value.to_str().ok());
    let key = key.map(|key| format!("{}\n{id}\n{name}\n{key}", caller.actor.id));
    if let Some(answer) = key.as_ref().and_then(|key| server.answered.get(key)) {
        return Ok(Json(answer).into_response());
    }
    let (command, expected_version) =
        parse(&name, &body).map_err(|problem| caller.problem(problem))?;
    if let Command::HandOver { to, .. } = &command {
        commands(&server, &caller, "/to/id", Some(to))?;
    }
    let wish = Wish::Command {
        id,
        command,
        expected_version,
    };
    let done = server.projector.wish(wish, caller.actor.clone()).await;
    let mut detail = Detail::on(id.to_string());
    let answer = done.map(|moved| {
        detail.region = moved.session.as_ref().map(|session| session.region);
        detail.after = moved.session.as_ref().map(|session| outline(session));
        let answer = receipt(id, &moved);
        if let Some(key) = key {
            server.answered.keep(key, answer.clone());
        }
        Json(answer)
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}

/// The command of a path and a body, and the version it insists on.
fn parse(name: &str, body: &[u8]) -> Result<(Command, Option<u64>), Problem> {
    if !Command::NAMES.contains(&name) {
        return Err(Problem::not_found());
    }
    let mut value: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body).map_err(|error| crate::intake::malformed(&error))?
    };
    let wrong = |error: String| {
        Problem::from(Refusal::field(
            "/",
            "wrong_fields",
            format!("内容与此项操作不符：{error}"),
            format!("The body does not fit this command: {error}"),
        ))
    };
    let Some(fields) = value.as_object_mut() else {
        return Err(wrong("not an object".to_owned()));
    };
    let expected = match fields.remove("expected_version") {
        None | Some(Value::Null) => None,
        Some(given) => {
            let version = given.as_u64();
            Some(version.ok_or_else(|| wrong("expected_version".to_owned()))?)
        }
    };
    fields.insert("command".to_owned(), json!(name));
    let command = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
    Ok((command, expected))
}

pub(super) fn session_id(text: &str, caller: &Caller) -> Result<SessionId, Problem> {
    text.parse()
        .map_err(|_| caller.problem(Problem::not_found()))
}

/// Whom an incident needs.
pub(super) async fn suggested(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    access::may_do(&caller.actor, access::Deed::OpenSession)
        .map_err(|refusal| caller.problem(refusal))?;
    let id: IncidentId = id
        .parse()
        .map_err(|_| caller.problem(Problem::not_found()))?;
    let (actor, shared) = (caller.actor.clone(), server.clone());
    let found = server.projector.read(move |view| {
        let incident = view.world.incident(id)?;
        if !access::knows(&actor, incident) {
            return None;
        }
        let ctx = decide::Context {
            county: view.county,
            world: view.world,
            now: view.now,
        };
        let near = |known: &_| suggest::suggest(incident, Some(known), ctx);
        Some(shared.positions.with(near))
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    let found = found.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(Json(json!({ "items": found })).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    war: bool,
    reason: String,
}

pub(super) async fn mode(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let viewer = caller.viewer(None, &server)?;
    let mode = server
        .projector
        .read(|view| view.world.mode().clone())
        .await;
    let mode = mode.map_err(|failure| caller.problem(failure))?;
    Ok(Json(privacy::mode(&mode, viewer.clearance)).into_response())
}

pub(super) async fn switch(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let Switch { war, reason } = body::read(&body).map_err(|problem| caller.problem(problem))?;
    let detail = Detail {
        region: Some(server.county.code),
        purpose: Some(reason.clone()),
        after: Some(json!({ "war": war })),
        ..Detail::on("mode")
    };
    let wish = Wish::Mode { war, reason };
    let done = server.projector.wish(wish, caller.actor.clone()).await;
    let answer = done.map(|moved| {
        Json(json!({"version": moved.version, "position": moved.position.to_string()}))
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}
