//! `/people`: taking people in, their posts and grants, one-time links; and the organisations they
//! can be taken into. Who may is decided by `domain::account`; lists show what lies in scope.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::command::{AccountCommand, NewPerson};
use domain::account::{Grant, Invite, Person, Post};
use domain::actor::Role;
use domain::refusal::{Class, Refusal};
use domain::time::Timestamp;
use domain::wire::account::{GrantAsk, Invited, PersonView};
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit::told;
use super::body::{Listing, answer, read};
use super::caller::Caller;
use super::state::Server;
use crate::account::{Failure, secret};
use crate::audit::Detail;
use crate::problem::Problem;

/// What `PATCH /people/{id}` changes; what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    name: Option<String>,
    /// An empty one takes the phone away.
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    posts: Option<Vec<Post>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Response, Problem> {
    require(&caller, may_look(&caller))?;
    let book = server.accounts.book();
    let shown = book.directory.people().filter(|person| {
        is_in_scope(&caller, person)
            && listing.finds(&[
                &person.id,
                &person.name,
                person.phone.as_deref().unwrap_or(""),
            ])
    });
    let page = listing.page(
        shown,
        |person| person.id.clone(),
        |person| view(&server, &caller, person),
    );
    Ok(answer(StatusCode::OK, &page, None))
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    require(&caller, may_look(&caller))?;
    shown(&server, &caller, StatusCode::OK, &id)
}

pub(super) async fn add(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let person: NewPerson = read(&body).map_err(|problem| caller.problem(problem))?;
    let id = person.id.clone();
    let (invite, secret) = new_invite(&server, &caller)?;
    let until = invite.until;
    perform(
        &server,
        &caller,
        &[AccountCommand::AddPerson { person, invite }],
    )
    .await?;
    let invited = invited(&server, &id, &secret, until);
    Ok(told(
        answer(StatusCode::CREATED, &invited, None),
        Detail::on(id),
    ))
}

pub(super) async fn change(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: Change = read(&body).map_err(|problem| caller.problem(problem))?;
    require_administrator(&caller)?;
    let person = found(&server, &caller, &id)?;
    let mut commands = Vec::new();
    if asked.name.is_some() || asked.phone.is_some() {
        commands.push(AccountCommand::ChangePerson {
            id: id.clone(),
            name: asked.name.unwrap_or(person.name),
            phone: asked.phone.or(person.phone),
        });
    }
    if let Some(posts) = asked.posts {
        commands.push(AccountCommand::SetPosts {
            id: id.clone(),
            posts,
        });
    }
    perform(&server, &caller, &commands).await?;
    shown(&server, &caller, StatusCode::OK, &id)
}

pub(super) async fn invite(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (invite, secret) = new_invite(&server, &caller)?;
    let until = invite.until;
    let command = AccountCommand::Invite {
        id: id.clone(),
        invite,
    };
    perform(&server, &caller, &[command]).await?;
    let invited = invited(&server, &id, &secret, until);
    Ok(answer(StatusCode::OK, &invited, None))
}

pub(super) async fn disable(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: Reason = read(&body).map_err(|problem| caller.problem(problem))?;
    let reason = asked.reason;
    perform(
        &server,
        &caller,
        &[AccountCommand::DisablePerson { id, reason }],
    )
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn enable(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    perform(&server, &caller, &[AccountCommand::EnablePerson { id }]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// For somebody who lost what shows their codes.
pub(super) async fn stop_totp(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    require_administrator(&caller)?;
    let stopped = server.accounts.stop_codes(&id, &caller.actor).await;
    stopped.map_err(|failure| caller.problem(failure))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn grant(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: GrantAsk = read(&body).map_err(|problem| caller.problem(problem))?;
    let given = secret::new_id().map_err(|error| caller.problem(Failure::from(error)))?;
    let grant = Grant {
        post: Post {
            id: given.clone(),
            role: asked.role,
            org: asked.org,
            region: asked.region,
            director: asked.director,
        },
        id: given.clone(),
        on_behalf_of: asked.on_behalf_of,
        from: asked.from.unwrap_or(server.accounts.now()),
        until: asked.until,
        by: caller.actor.id.clone(),
        reason: asked.reason,
    };
    let command = AccountCommand::Grant {
        id: id.clone(),
        grant,
    };
    perform(&server, &caller, &[command]).await?;
    let kept = server.accounts.with(|directory| {
        let grants = &directory.person(&id)?.grants;
        grants.iter().find(|grant| grant.id == given).cloned()
    });
    let kept = kept.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(answer(StatusCode::CREATED, &kept, None))
}

pub(super) async fn revoke_grant(
    State(server): State<Server>,
    caller: Caller,
    Path((id, grant)): Path<(String, String)>,
) -> Result<Response, Problem> {
    perform(
        &server,
        &caller,
        &[AccountCommand::RevokeGrant { id, grant }],
    )
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn orgs(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    require(&caller, may_look(&caller) || caller.actor.may_watch())?;
    let orgs: Vec<Value> = server
        .county
        .orgs
        .iter()
        .filter(|org| caller.actor.covers(org.region))
        .map(|org| {
            json!({
                "id": org.id, "name": org.name, "en": org.en,
                "kind": org.kind, "region": org.region,
            })
        })
        .collect();
    Ok(answer(StatusCode::OK, &orgs, None))
}

/// Administrators look at people, and directors at those they may lend a post to.
fn may_look(caller: &Caller) -> bool {
    match caller.actor.role {
        Role::Administrator => true,
        Role::Centre | Role::CommandRoom => caller.actor.director,
        _ => false,
    }
}

/// An administrator sees who has a post in their region; a director who is of their organisation.
fn is_in_scope(caller: &Caller, person: &Person) -> bool {
    let actor = &caller.actor;
    person.posts.iter().any(|post| match actor.role {
        Role::Administrator => actor.covers(post.region),
        _ => post.org.is_some() && post.org == actor.org,
    })
}

fn found(server: &Server, caller: &Caller, id: &str) -> Result<Person, Problem> {
    let person = server
        .accounts
        .with(|directory| directory.person(id).cloned());
    person
        .filter(|person| is_in_scope(caller, person))
        .ok_or_else(|| caller.problem(Problem::not_found()))
}

fn shown(
    server: &Server,
    caller: &Caller,
    status: StatusCode,
    id: &str,
) -> Result<Response, Problem> {
    let person = found(server, caller, id)?;
    Ok(answer(status, &view(server, caller, &person), None))
}

fn view(server: &Server, caller: &Caller, person: &Person) -> PersonView {
    let now = server.accounts.now();
    let is_administrator = caller.actor.role == Role::Administrator;
    PersonView {
        id: person.id.clone(),
        name: person.name.clone(),
        phone: person.phone.clone(),
        posts: person.posts.clone(),
        grants: person
            .grants
            .iter()
            .filter(|grant| grant.until > now)
            .cloned()
            .collect(),
        has_password: person.password.is_some(),
        totp: person.totp.is_some(),
        invited_until: person
            .invite
            .as_ref()
            .map(|invite| invite.until)
            .filter(|until| *until > now),
        disabled: person.disabled,
        locked_until: server
            .accounts
            .locked_until(&person.id)
            .filter(|_| is_administrator),
        created_at: person.created_at,
        seen_at: seen_at(server, &person.id).filter(|_| is_administrator),
    }
}

fn seen_at(server: &Server, person: &str) -> Option<Timestamp> {
    let book = server.accounts.book();
    book.directory
        .sign_ins()
        .filter(|sign_in| sign_in.person == person)
        .map(|sign_in| server.accounts.last_use(sign_in))
        .max()
}

pub(super) fn new_invite(server: &Server, caller: &Caller) -> Result<(Invite, String), Problem> {
    let made = server.accounts.new_invite();
    made.map_err(|failure| caller.problem(failure))
}

/// The link as it is shown once. Its secret stands behind the `#`: no server's log ever has it.
pub(super) fn invited(server: &Server, id: &str, secret: &str, until: Timestamp) -> Invited {
    Invited {
        id: id.to_owned(),
        url: format!("{}/welcome#{secret}", server.url),
        until,
    }
}

pub(super) async fn perform(
    server: &Server,
    caller: &Caller,
    commands: &[AccountCommand],
) -> Result<(), Problem> {
    let done = server.accounts.perform(&caller.actor, commands).await;
    done.map(drop).map_err(|failure| caller.problem(failure))
}

/// Insists on an administrator.
///
/// # Errors
/// 403 `role_may_not`.
pub(super) fn require_administrator(caller: &Caller) -> Result<(), Problem> {
    require(caller, caller.actor.role == Role::Administrator)
}

/// Insists on a condition of the caller's post.
///
/// # Errors
/// 403 `role_may_not`.
pub(super) fn require(caller: &Caller, may: bool) -> Result<(), Problem> {
    if may {
        return Ok(());
    }
    Err(caller.problem(Refusal::new(
        Class::Forbidden,
        "role_may_not",
        "您的岗位无权进行此项操作",
        "Your post does not allow this",
    )))
}
