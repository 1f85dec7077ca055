//! `/shifts`: who answers for a room now, and the list that one shift signs over to the next.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::account::command::AccountCommand;
use domain::account::shift::{self, HandOver, Matter};
use domain::account::{Directory, Person};
use domain::actor::{Actor, Role};
use domain::ids::IncidentId;
use domain::pack::County;
use domain::pack::orgs::{Org, OrgId};
use domain::privacy;
use domain::time::Timestamp;
use domain::wire::account::Page;
use domain::wire::shift::{Named, RoomDetail, RoomView, ShiftOffer, ShiftTaking};

use super::audit::told;
use super::body::{answer, read};
use super::caller::Caller;
use super::people::require;
use super::state::Server;
use crate::audit::Detail;
use crate::problem::Problem;

/// Every room of the caller's region that keeps shifts, and the caller's own.
pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    may_know(&caller)?;
    let items = server.accounts.with(|directory| {
        let orgs = server.county.orgs.iter();
        orgs.filter(|org| {
            is_own(&caller.actor, &org.id)
                || (directory.room(&org.id).is_some() && caller.actor.covers(org.region))
        })
        .map(|org| view(directory, org))
        .collect()
    });
    Ok(answer(StatusCode::OK, &Page { items, next: None }, None))
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    may_know(&caller)?;
    let org = room(&server.county, &caller, &id)?;
    let detail = detail(&server, &caller, org).await?;
    Ok(answer(StatusCode::OK, &detail, None))
}

pub(super) async fn act(
    State(server): State<Server>,
    caller: Caller,
    Path((id, what)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let org = room(&server.county, &caller, &id)?;
    let matters = owed(&server, &caller, &org.id).await?;
    let command = command(org.id.clone(), &what, &body, matters);
    let command = command.map_err(|problem| caller.problem(problem))?;
    let done = server.accounts.perform(&caller.actor, &[command]).await;
    done.map_err(|failure| caller.problem(failure))?;
    let detail = detail(&server, &caller, org).await?;
    let told_of = Detail {
        action: Some(format!("shift.{what}")),
        region: Some(org.region),
        after: serde_json::to_value(&detail.room).ok(),
        ..Detail::on(org.id.as_str())
    };
    Ok(told(answer(StatusCode::OK, &detail, None), told_of))
}

fn command(
    org: OrgId,
    what: &str,
    body: &Bytes,
    matters: Vec<Matter>,
) -> Result<AccountCommand, Problem> {
    Ok(match what {
        "begin" => AccountCommand::BeginShift { org },
        "offer" => {
            let said: ShiftOffer = said(body)?;
            AccountCommand::OfferShift {
                org,
                to: said.to,
                note: said.note,
                matters,
            }
        }
        "withdraw" => AccountCommand::WithdrawShift { org },
        "take" => {
            let said: ShiftTaking = said(body)?;
            AccountCommand::TakeShift {
                org,
                remark: said.remark,
                matters,
            }
        }
        "end" => AccountCommand::EndShift { org, matters },
        _ => return Err(Problem::not_found()),
    })
}

/// Who has nothing to say may send nothing.
fn said<T: Default + serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    if body.is_empty() {
        return Ok(T::default());
    }
    read(body)
}

/// Who is on duty is for those who work here; a wall and a citizen need not know.
fn may_know(caller: &Caller) -> Result<(), Problem> {
    let works_here = !matches!(
        caller.actor.role,
        Role::Wall | Role::Source | Role::Reporter | Role::Reader
    );
    require(caller, works_here)
}

/// A room that the caller belongs to or has in their region.
fn room<'a>(county: &'a County, caller: &Caller, id: &str) -> Result<&'a Org, Problem> {
    let org = county.orgs.find(id);
    org.filter(|org| is_own(&caller.actor, &org.id) || caller.actor.covers(org.region))
        .ok_or_else(|| caller.problem(Problem::not_found()))
}

fn is_own(actor: &Actor, org: &OrgId) -> bool {
    actor.org.as_ref() == Some(org)
}

async fn owed(server: &Server, caller: &Caller, org: &OrgId) -> Result<Vec<Matter>, Problem> {
    let (county, org) = (server.county.clone(), org.clone());
    let list = server
        .projector
        .read(move |view| shift::matters(view.world, &county, &org, view.now))
        .await;
    list.map_err(|failure| caller.problem(failure))
}

async fn detail(server: &Server, caller: &Caller, org: &Org) -> Result<RoomDetail, Problem> {
    let (matters, left_out) = shift::cut(owed(server, caller, &org.id).await?);
    let offer = server.accounts.with(|directory| {
        let shift = directory.room(&org.id)?.now.as_ref()?;
        shift.offer.clone()
    });
    let offered = offer.iter().flat_map(|offer| &offer.matters);
    let about = matters.iter().chain(offered);
    let about = about.map(|matter| matter.incident).collect();
    let (at, titles) = titles(server, caller, about).await?;
    let now = server.accounts.now();
    Ok(server.accounts.with(|directory| {
        let past: Vec<HandOver> = directory
            .room(&org.id)
            .map(|room| room.past.iter().rev().cloned().collect())
            .unwrap_or_default();
        let room = view(directory, org);
        let mut people: Vec<Named> = directory.people_of(&org.id, now).map(named).collect();
        let staff = people.len();
        let offers = past
            .iter()
            .map(|past| &past.offer)
            .chain(room.offer.as_ref());
        let offered = offers.flat_map(|offer| [Some(&offer.by), offer.to.as_ref()]);
        let taken = past.iter().map(|past| Some(&past.by));
        for id in offered.chain(taken).flatten() {
            if !people.iter().any(|known| known.id == *id) {
                people.push(named_by(directory, id.clone()));
            }
        }
        RoomDetail {
            room,
            matters,
            left_out,
            now: at,
            titles,
            past,
            people,
            staff,
        }
    }))
}

/// The county's time, and what incidents are about, as far as the caller is shown them.
async fn titles(
    server: &Server,
    caller: &Caller,
    about: Vec<IncidentId>,
) -> Result<(Timestamp, BTreeMap<IncidentId, String>), Problem> {
    let viewer = caller.actor.viewer();
    let read = server.projector.read(move |view| {
        let title = |id: IncidentId| {
            let incident = view.world.incident(id)?;
            let clearance = viewer.as_ref()?.sight_of(incident)?;
            Some((id, privacy::title(incident, clearance).into_owned()))
        };
        (view.now, about.into_iter().filter_map(title).collect())
    });
    read.await.map_err(|failure| caller.problem(failure))
}

fn named(person: &Person) -> Named {
    Named {
        id: person.id.clone(),
        name: person.name.clone(),
    }
}

/// The id stands for the name of whoever is no longer known.
fn named_by(directory: &Directory, id: String) -> Named {
    match directory.person(&id) {
        Some(person) => named(person),
        None => Named {
            name: id.clone(),
            id,
        },
    }
}

fn view(directory: &Directory, org: &Org) -> RoomView {
    let shift = directory.room(&org.id).and_then(|room| room.now.clone());
    RoomView {
        org: org.id.clone(),
        name: org.name.clone(),
        since: shift.as_ref().map(|shift| shift.since),
        offer: shift.as_ref().and_then(|shift| shift.offer.clone()),
        person: shift.map(|shift| named_by(directory, shift.person)),
    }
}
