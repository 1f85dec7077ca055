//! `/me`: who is looking, their posts, password, one-time codes and sign-ins.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::command::AccountCommand;
use domain::account::event::Ended;
use domain::account::{Person, Post, PostRef, SignIn};
use domain::actor::{Actor, Role};
use domain::wire::account::{Me, Page, PasswordChange, Position, SignInView, TotpConfirm};
use serde::Deserialize;
use serde_json::json;

use super::body::{answer, read};
use super::caller::Caller;
use super::state::Server;
use crate::account::{Identity, cookie};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    post: PostRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: String,
}

pub(super) async fn get(
    State(server): State<Server>,
    caller: Caller,
    headers: axum::http::HeaderMap,
) -> Response {
    let me = me(&server, &caller.actor, &caller.identity);
    // A wall's cookie is renewed with each visit: it hangs there for longer than a browser keeps one.
    let cookie = match &caller.identity {
        Identity::Screen(_) => shown_again(&server, &caller.identity, &headers),
        _ => None,
    };
    answer(StatusCode::OK, &me, cookie)
}

fn shown_again(
    server: &Server,
    identity: &Identity,
    headers: &axum::http::HeaderMap,
) -> Option<axum::http::HeaderValue> {
    let is_secure = server.accounts.is_secure();
    let cookies = axum_extra::extract::CookieJar::from_headers(headers);
    let shown = cookie::read(cookies.get(cookie::name(is_secure))?.value())?;
    cookie::set(identity, &shown.secret, cookie::LONGEST, is_secure)
}

/// Who is looking, for the screens.
pub(super) fn me(server: &Server, actor: &Actor, identity: &Identity) -> Me {
    let county = &server.county;
    let book = server.accounts.book();
    let directory = &book.directory;
    let mut me = Me {
        actor: actor.clone(),
        name: actor.id.clone(),
        scope_name: county.tree.name(actor.scope).to_owned(),
        clearance: actor.clearance(),
        screen: home(server, actor).to_owned(),
        county: county.name.clone(),
        posts: Vec::new(),
        sign_in: None,
        totp: false,
    };
    match identity {
        Identity::Token(_) => {}
        Identity::Screen(id) => {
            if let Some(screen) = directory.screen(id) {
                me.name.clone_from(&screen.name);
            }
        }
        Identity::SignIn(id) => {
            me.sign_in = Some(id.clone());
            let sign_in = directory.sign_in(id);
            let person = sign_in.and_then(|sign_in| directory.person(&sign_in.person));
            if let (Some(sign_in), Some(person)) = (sign_in, person) {
                me.name.clone_from(&person.name);
                me.totp = person.totp.is_some();
                me.posts = positions(server, person, sign_in);
            }
        }
    }
    me
}

fn positions(server: &Server, person: &Person, sign_in: &SignIn) -> Vec<Position> {
    let county = &server.county;
    let now = server.accounts.now();
    let book = server.accounts.book();
    let position = |post: &Post, by: PostRef| Position {
        current: by == sign_in.post,
        post: by,
        role: post.role,
        org: post.org.clone(),
        org_name: post
            .org
            .as_ref()
            .and_then(|id| county.orgs.get(id))
            .map(|org| org.name.clone()),
        region: post.region,
        region_name: county.tree.name(post.region).to_owned(),
        director: post.director,
        on_behalf_of: None,
        until: None,
    };
    let own = person
        .posts
        .iter()
        .map(|post| position(post, PostRef::Own(post.id.clone())));
    let lent = person
        .grants
        .iter()
        .filter(|grant| grant.holds(now))
        .map(|grant| {
            let name = |id: &String| {
                let person = book.directory.person(id);
                person.map_or_else(|| id.clone(), |person| person.name.clone())
            };
            Position {
                on_behalf_of: grant.on_behalf_of.as_ref().map(name),
                until: Some(grant.until),
                ..position(&grant.post, PostRef::Granted(grant.id.clone()))
            }
        });
    own.chain(lent).collect()
}

/// Where somebody lands: on the tablet who goes out with a unit, else on the screen of their role.
pub(super) fn home(server: &Server, actor: &Actor) -> &'static str {
    let goes_out = server
        .county
        .units
        .iter()
        .any(|unit| actor.org.as_ref() == Some(&unit.org) && unit.members.contains(&actor.id));
    if goes_out {
        "/field"
    } else {
        screen(actor.role)
    }
}

/// The screen made for a role; those without one of their own have the wall for now. Who handles
/// incidents at a desk lands there.
fn screen(role: Role) -> &'static str {
    match role {
        Role::Source | Role::Reporter | Role::Grid => "/report",
        Role::Administrator | Role::Auditor => "/admin",
        Role::Centre | Role::CommandRoom | Role::Platform | Role::Unit => "/desk",
        _ => "/wall",
    }
}

pub(super) async fn switch(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (id, _) = person(&server, &caller)?;
    let asked: Switch = read(&body).map_err(|problem| caller.problem(problem))?;
    let begun = server
        .accounts
        .switch_post(&id, &caller.actor, asked.post)
        .await
        .map_err(|failure| caller.problem(failure))?;
    let me = me(&server, &begun.actor, &begun.identity);
    Ok(answer(StatusCode::OK, &me, begun.cookie))
}

pub(super) async fn password(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (id, person) = person(&server, &caller)?;
    let asked: PasswordChange = read(&body).map_err(|problem| caller.problem(problem))?;
    server
        .accounts
        .change_password(
            &person,
            &asked.old,
            &asked.new,
            &id,
            &caller.origin,
            &caller.actor,
        )
        .await
        .map_err(|not_in| caller.problem(not_in))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn totp_offer(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let (_, person) = person(&server, &caller)?;
    let offer = server.accounts.offer_codes(&person);
    let offer = offer.map_err(|failure| caller.problem(failure))?;
    Ok(answer(StatusCode::OK, &offer, None))
}

pub(super) async fn totp_confirm(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (_, person) = person(&server, &caller)?;
    let asked: TotpConfirm = read(&body).map_err(|problem| caller.problem(problem))?;
    server
        .accounts
        .confirm_codes(&person, &asked.slip, &asked.code, &caller.actor)
        .await
        .map_err(|not_in| caller.problem(not_in))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn totp_stop(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let (_, person) = person(&server, &caller)?;
    let asked: Proof = read(&body).map_err(|problem| caller.problem(problem))?;
    server
        .accounts
        .prove(&person, &asked.password, &caller.origin)
        .await
        .map_err(|not_in| caller.problem(not_in))?;
    server
        .accounts
        .stop_codes(&person.id, &caller.actor)
        .await
        .map_err(|failure| caller.problem(failure))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn sign_ins(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    let (own, person) = person(&server, &caller)?;
    let book = server.accounts.book();
    let theirs = book
        .directory
        .sign_ins()
        .filter(|sign_in| sign_in.person == person.id);
    let items = theirs
        .map(|sign_in| super::sign_ins::view(&server, sign_in, Some(own.as_str())))
        .collect();
    let page: Page<SignInView> = Page { items, next: None };
    Ok(answer(StatusCode::OK, &page, None))
}

pub(super) async fn end_sign_in(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (own, person) = person(&server, &caller)?;
    let is_theirs = server.accounts.with(|directory| {
        directory
            .sign_in(&id)
            .is_some_and(|sign_in| sign_in.person == person.id)
    });
    if !is_theirs {
        return Err(caller.problem(Problem::not_found()));
    }
    let why = if id == own {
        Ended::SignedOut
    } else {
        Ended::Revoked
    };
    let end = AccountCommand::EndSignIn { id, why };
    server
        .accounts
        .perform(&caller.actor, &[end])
        .await
        .map_err(|failure| caller.problem(failure))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The sign-in and the person behind a caller; what is no person has no account of its own.
pub(super) fn person(server: &Server, caller: &Caller) -> Result<(String, Person), Problem> {
    let refused = || {
        caller.problem(domain::refusal::Refusal::new(
            domain::refusal::Class::Forbidden,
            "role_may_not",
            "只有登录的人员可以进行此项操作",
            "Only a person who is signed in may do this",
        ))
    };
    let Identity::SignIn(id) = &caller.identity else {
        return Err(refused());
    };
    let found = server.accounts.with(|directory| {
        let sign_in = directory.sign_in(id)?;
        directory.person(&sign_in.person).cloned()
    });
    Ok((id.clone(), found.ok_or_else(refused)?))
}

/// Nothing to say but where to look.
pub(super) fn empty() -> serde_json::Value {
    json!({})
}
