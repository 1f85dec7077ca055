//! Signing in and out: by password, by a one-time link, by the signed link of a demo or of the
//! command line.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::account::command::AccountCommand;
use domain::account::{Directory, Person, Screen, Way};
use domain::wire::account::{Credentials, Ways, Welcome, Welcomed};

use super::audit::told;
use super::body::{answer, read};
use super::caller::{Caller, Visitor};
use super::me::{home, me};
use super::state::Server;
use crate::account::first::link_code;
use crate::account::sign_in::Begun;
use crate::account::signed::{self, Link, Purpose};
use crate::account::{Failure, Identity, cookie, secret};
use crate::audit::Detail;
use crate::problem::Problem;

pub(super) async fn ways(State(server): State<Server>) -> Response {
    let ways = Ways {
        providers: server.providers.offered(),
        password_min_chars: server.accounts.password_min_chars(),
    };
    answer(StatusCode::OK, &ways, None)
}

pub(super) async fn post(
    State(server): State<Server>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, Problem> {
    let with: Credentials = read(&body).map_err(|problem| visitor.problem(problem))?;
    let begun = server.accounts.sign_in(&with, &visitor.origin).await;
    let begun = begun.map_err(|not_in| visitor.problem(not_in));
    let answer = begun.map(|begun| signed_in(&server, begun));
    Ok(told(answer, Detail::by(with.name)))
}

fn signed_in(server: &Server, begun: Begun) -> Response {
    let me = me(server, &begun.actor, &begun.identity);
    answer(StatusCode::OK, &me, begun.cookie)
}

pub(super) async fn out(State(server): State<Server>, caller: Caller) -> Result<Response, Problem> {
    if let Identity::SignIn(id) = &caller.identity {
        let out = server.accounts.sign_out(id, &caller.actor).await;
        out.map_err(|failure| caller.problem(failure))?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie::clear(server.accounts.is_secure()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) async fn welcome(
    State(server): State<Server>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: Welcome = read(&body).map_err(|problem| visitor.problem(problem))?;
    let person = server.accounts.invited(&asked.secret);
    let person = person.ok_or_else(|| visitor.problem(link_over()))?;
    let Some(password) = asked.password else {
        let welcomed = Welcomed {
            id: person.id,
            name: person.name,
        };
        return Ok(answer(StatusCode::OK, &welcomed, None));
    };
    let begun = server
        .accounts
        .welcome(&person, &asked.secret, &password, &visitor.origin)
        .await
        .map_err(|failure| visitor.problem(failure));
    let answer = begun.map(|begun| signed_in(&server, begun));
    let detail = Detail {
        target: Some(person.id.clone()),
        ..Detail::by(person.id)
    };
    Ok(told(answer, detail))
}

fn link_over() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "link_over",
        "此链接已失效，请向管理员索取新的链接",
        "This link no longer holds; ask your administrator for a new one",
    )
}

/// Exchanges a link for a cookie and goes to the screen that fits.
pub(super) async fn enter(
    State(server): State<Server>,
    visitor: Visitor,
    Path(slip): Path<String>,
    Query(asked): Query<Onward>,
) -> Result<Response, Problem> {
    let accounts = &server.accounts;
    let link = signed::open(&accounts.secret(), Purpose::Link, &slip, accounts.now());
    let (id, entered) = match link {
        Some(Link::Person(id)) => (id.clone(), by_person(&server, &visitor, &id).await),
        Some(Link::Screen(id)) => (id.clone(), by_screen(&server, &visitor, &id).await),
        None => return Err(visitor.problem(Problem::unauthorized())),
    };
    let next = asked.next.filter(|next| is_own_path(next));
    Ok(told(
        entered.map(|entered| led(entered, next)),
        Detail::by(id),
    ))
}

/// Where a link leads on to, where its giver knows better than the role does.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Onward {
    next: Option<String>,
}

/// Whether it is a path of this server, and of no other host whatever a browser makes of it.
fn is_own_path(path: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "/-_".contains(c);
    path.starts_with('/') && !path.starts_with("//") && path.chars().all(letters)
}

fn led((cookie, home): Entered, next: Option<String>) -> Response {
    let to = next.unwrap_or_else(|| home.to_owned());
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

type Entered = (Option<HeaderValue>, &'static str);

async fn by_person(server: &Server, visitor: &Visitor, id: &str) -> Result<Entered, Problem> {
    let find = || -> Option<Person> {
        let found = |directory: &Directory| directory.person(id).cloned();
        server
            .accounts
            .with(found)
            .filter(|person| !person.disabled)
    };
    let mut person = find();
    if person.is_none() {
        // The link is ours; whom it names may have been taken in a moment ago.
        server.accounts.look_again().await;
        person = find();
    }
    let person = person.ok_or_else(|| visitor.problem(Problem::unauthorized()))?;
    let begun = server
        .accounts
        .begin(&person, Way::Link, &visitor.origin)
        .await
        .map_err(|failure| visitor.problem(failure))?;
    let home = home(server, &begun.actor);
    Ok((begun.cookie, home))
}

/// The first browser takes the place of the link's wall; each other one gets a place of its own
/// with the same name and scope, to be revoked by itself. A link whose wall is revoked is dead.
async fn by_screen(server: &Server, visitor: &Visitor, id: &str) -> Result<Entered, Problem> {
    let find = || -> Option<Screen> {
        server
            .accounts
            .with(|directory| directory.screen(id).cloned())
    };
    let mut screen = find();
    if screen.is_none() {
        server.accounts.look_again().await;
        screen = find();
    }
    let screen = screen.ok_or_else(|| visitor.problem(Problem::unauthorized()))?;
    let cookie = claim(server, &screen).await;
    let cookie = cookie.map_err(|failure| visitor.problem(failure))?;
    Ok((cookie, "/wall"))
}

async fn claim(server: &Server, screen: &Screen) -> Result<Option<HeaderValue>, Failure> {
    if screen.hash.is_none() {
        let claimed = claim_as(server, &screen.id, &screen.code, None).await;
        // Somebody was faster: this browser gets a place of its own.
        if !matches!(claimed, Err(Failure::Refused(_))) {
            return claimed;
        }
    }
    let id = secret::new_id()?;
    claim_as(server, &id, &link_code(&id), Some(screen)).await
}

async fn claim_as(
    server: &Server,
    id: &str,
    code: &str,
    like: Option<&Screen>,
) -> Result<Option<HeaderValue>, Failure> {
    let accounts = &server.accounts;
    let (claim, cookie) = super::walls::claim_command(accounts, id, code)?;
    let mut commands = Vec::new();
    if let Some(like) = like {
        commands.push(AccountCommand::PairScreen {
            id: id.to_owned(),
            code: code.to_owned(),
            name: like.name.clone(),
            scope: like.scope,
        });
    }
    commands.push(claim);
    accounts.perform(&accounts.gridlamp(), &commands).await?;
    Ok(cookie)
}

pub(super) async fn doors(State(server): State<Server>) -> Result<Response, Problem> {
    if server.doors.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(Json(&server.doors).into_response())
}
