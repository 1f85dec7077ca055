//! `/notices`: one's own, read, acknowledged or not; how one wants to be told; and the record of
//! what became of them.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::actor::{Clearance, Role};
use domain::ids::IncidentId;
use domain::notice::Channel;
use domain::pack::orgs::OrgId;
use domain::wire::notice::{Browser, Browsers, Settings, Subscribed};
use serde::Deserialize;
use serde_json::json;

use super::body::{self, answer};
use super::caller::{Caller, Visitor};
use super::incidents::sight;
use super::me;
use super::state::Server;
use crate::notice::{Offer, Outcome, Receipt, Wanted};
use crate::problem::Problem;

/// Most on one page.
const MAX_PAGE: usize = 200;
/// On a page, if not asked otherwise.
const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    /// Where the page before ended.
    cursor: Option<u64>,
    limit: Option<usize>,
    /// Only what the caller has not read.
    unread: bool,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Response {
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
    let mine = server.notices.mine(
        &caller.actor,
        caller.language,
        asked.cursor,
        limit,
        asked.unread,
    );
    answer(StatusCode::OK, &mine, None)
}

pub(super) async fn read(
    State(server): State<Server>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    told(&server, &caller, &key, false).await
}

pub(super) async fn acknowledge(
    State(server): State<Server>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    told(&server, &caller, &key, true).await
}

async fn told(
    server: &Server,
    caller: &Caller,
    key: &str,
    is_taken_on: bool,
) -> Result<Response, Problem> {
    let found = server.notices.told(&caller.actor, key, is_taken_on).await;
    if found.map_err(|error| caller.problem(error))? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(caller.problem(Problem::not_found()))
    }
}

pub(super) async fn read_all(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let read = server.notices.read_all(&caller.actor).await;
    let read = read.map_err(|error| caller.problem(error))?;
    Ok(answer(StatusCode::OK, &json!({"read": read}), None))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AskedRecords {
    incident: Option<IncidentId>,
    org: Option<OrgId>,
    outcome: Option<Outcome>,
    channel: Option<Channel>,
    cursor: Option<u64>,
    limit: Option<usize>,
}

/// For the county centre and its auditors: what became of every notice, and who was missed.
pub(super) async fn deliveries(
    State(server): State<Server>,
    caller: Caller,
    Query(asked): Query<AskedRecords>,
) -> Result<Response, Problem> {
    let role = caller.actor.role;
    if !matches!(role, Role::Centre | Role::Auditor) || caller.actor.scope != server.county.code {
        return Err(caller.problem(Problem::forbidden()));
    }
    let wanted = Wanted {
        incident: asked.incident,
        org: asked.org,
        outcome: asked.outcome,
        channel: asked.channel,
        before: asked.cursor,
    };
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
    let (items, next) = server.notices.records(&wanted, limit, caller.language);
    let next = next.map(|next| next.to_string());
    Ok(answer(
        StatusCode::OK,
        &json!({"items": items, "next": next}),
        None,
    ))
}

pub(super) async fn settings(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let (_, person) = me::person(&server, &caller)?;
    let settings = server.notices.settings_of(&person.id);
    Ok(answer(StatusCode::OK, &settings, None))
}

pub(super) async fn set(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (_, person) = me::person(&server, &caller)?;
    let asked: Settings = body::read(&body).map_err(|problem| caller.problem(problem))?;
    let set = server.notices.set(&person.id, asked.clone()).await;
    set.map_err(|error| caller.problem(error))?;
    Ok(answer(StatusCode::OK, &asked, None))
}

/// The caller's browsers that take notices, and the key that a browser asks for first.
pub(super) async fn browsers(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let (_, person) = me::person(&server, &caller)?;
    let public_key = server.notices.push_key();
    let browsers = server.notices.browsers(&person.id).into_iter();
    let browsers = Browsers {
        enabled: public_key.is_some(),
        public_key,
        items: browsers
            .map(|one| Browser {
                id: one.id,
                agent: one.agent,
                at: one.at,
            })
            .collect(),
    };
    Ok(answer(StatusCode::OK, &browsers, None))
}

pub(super) async fn subscribe(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (_, person) = me::person(&server, &caller)?;
    let offer: Offer = body::read(&body).map_err(|problem| caller.problem(problem))?;
    let agent = &caller.origin.agent;
    let id = server.notices.subscribe(&person.id, offer, agent).await;
    let id = id.map_err(|failure| caller.problem(failure))?;
    Ok(answer(StatusCode::CREATED, &Subscribed { id }, None))
}

pub(super) async fn unsubscribe(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (_, person) = me::person(&server, &caller)?;
    let gone = server.notices.unsubscribe(&person.id, &id).await;
    if gone.map_err(|error| caller.problem(error))? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(caller.problem(Problem::not_found()))
    }
}

/// From the gateway of messages, which knows no sign-in: the secret in the address is its proof.
pub(super) async fn receipts(
    State(server): State<Server>,
    visitor: Visitor,
    Path(secret): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    if !server.notices.is_gateway(&secret) {
        let counted = server.gate.stranger(visitor.origin.address);
        counted.map_err(|problem| visitor.problem(problem))?;
        return Err(visitor.problem(Problem::not_found()));
    }
    let receipts: Vec<Receipt> = body::read(&body).map_err(|problem| visitor.problem(problem))?;
    let told = server.notices.receive(&receipts).await;
    told.map_err(|error| visitor.problem(error))?;
    Ok(answer(
        StatusCode::OK,
        &json!({"code": 0, "msg": "OK"}),
        None,
    ))
}

/// For those who see the incident in full: whom it was told to, how, and who was missed.
pub(super) async fn record(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let not_found = || caller.problem(Problem::not_found());
    let id: IncidentId = id.parse().map_err(|_| not_found())?;
    let actor = caller.actor.clone();
    let seen = server
        .projector
        .read(move |view| sight(&actor, view.world.incident(id)?))
        .await
        .map_err(|failure| caller.problem(failure))?;
    if seen != Some(Clearance::Full) {
        return Err(not_found());
    }
    let items = server.notices.record(id, caller.language);
    Ok(answer(StatusCode::OK, &json!({"items": items}), None))
}
