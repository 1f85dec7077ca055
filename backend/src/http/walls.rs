//! `/walls`: a screen shows a code, a director types it at a desk, the screen claims its place.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::account::Screen;
use domain::account::command::AccountCommand;
use domain::actor::Role;
use domain::refusal::{Class, Refusal};
use domain::time::Span;
use domain::wire::account::{WallChange, WallClaim, WallCode, WallPairing, WallView};

use super::audit::told;
use super::body::{Listing, answer, read};
use super::caller::{Caller, Visitor};
use super::me::{empty, me};
use super::people::require;
use super::state::Server;
use crate::account::seen::Kind;
use crate::account::signed::{self, Purpose};
use crate::account::{Accounts, Failure, Identity, cookie, secret, wall_code};
use crate::audit::Detail;
use crate::problem::Problem;

/// How long after its code a screen may still claim the place it was given.
const CLAIM_GRACE: Span = Span::mins(5);

pub(super) async fn code(
    State(server): State<Server>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let accounts = &server.accounts;
    let now = accounts.now();
    let code = wall_code::new(&accounts.secret(), now);
    let code = code.map_err(|_| visitor.problem(Problem::unavailable(30)))?;
    let holds = wall_code::HOLDS + CLAIM_GRACE;
    let code = WallCode {
        slip: signed::seal(&accounts.secret(), Purpose::Wall, &code, holds, now),
        until: now + wall_code::HOLDS,
        code,
    };
    Ok(answer(StatusCode::OK, &code, None))
}

pub(super) async fn claim(
    State(server): State<Server>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: WallClaim = read(&body).map_err(|problem| visitor.problem(problem))?;
    let accounts = &server.accounts;
    let code: Option<String> = signed::open(
        &accounts.secret(),
        Purpose::Wall,
        &asked.slip,
        accounts.now(),
    );
    let code = code.ok_or_else(|| visitor.problem(unknown_code()))?;
    let found = accounts.with(|directory| {
        let mut screens = directory.screens();
        screens.find(|screen| screen.code == code).cloned()
    });
    let Some(screen) = found else {
        return Ok(answer(StatusCode::ACCEPTED, &empty(), None));
    };
    let made = claim_command(accounts, &screen.id, &code);
    let (claim, cookie) = made.map_err(|failure| visitor.problem(failure))?;
    let claimed = accounts.perform(&accounts.gridlamp(), &[claim]).await;
    claimed.map_err(|failure| match failure {
        Failure::Refused(_) => visitor.problem(unknown_code()),
        other => visitor.problem(other),
    })?;
    let identity = Identity::Screen(screen.id.clone());
    let detail = Detail {
        target: Some(screen.id.clone()),
        ..Detail::by(&screen.id)
    };
    let actor = domain::actor::Actor::new(screen.id, Role::Wall, screen.scope);
    let answer = answer(StatusCode::OK, &me(&server, &actor, &identity), cookie);
    Ok(told(answer, detail))
}

/// The command that claims a screen's place, and the cookie that proves it from then on.
pub(super) fn claim_command(
    accounts: &Accounts,
    id: &str,
    code: &str,
) -> Result<(AccountCommand, Option<HeaderValue>), Failure> {
    let identity = Identity::Screen(id.to_owned());
    let holder = cookie::holder(&identity).unwrap_or_default();
    let secret = secret::new_marked(&accounts.secret(), &holder)?;
    let claim = AccountCommand::ClaimScreen {
        code: code.to_owned(),
        hash: secret::hash(&secret),
    };
    let cookie = cookie::set(&identity, &secret, cookie::LONGEST, accounts.is_secure());
    Ok((claim, cookie))
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Response, Problem> {
    let role = caller.actor.role;
    let director = matches!(role, Role::Centre | Role::CommandRoom) && caller.actor.director;
    require(&caller, director || role == Role::Administrator)?;
    let book = server.accounts.book();
    let shown = book.directory.screens().filter(|screen| {
        caller.actor.covers(screen.scope) && listing.finds(&[&screen.name, &screen.id])
    });
    let page = listing.page(
        shown,
        |screen| screen.id.clone(),
        |screen| view(&server, screen),
    );
    Ok(answer(StatusCode::OK, &page, None))
}

pub(super) async fn pair(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: WallPairing = read(&body).map_err(|problem| caller.problem(problem))?;
    let accounts = &server.accounts;
    let code = wall_code::read(&accounts.secret(), &asked.code, accounts.now());
    let code = code.ok_or_else(|| caller.problem(unknown_code()))?;
    let id = secret::new_id().map_err(|error| caller.problem(Failure::from(error)))?;
    let pair = AccountCommand::PairScreen {
        id: id.clone(),
        code,
        name: asked.name,
        scope: asked.scope.unwrap_or(caller.actor.scope),
    };
    perform(&server, &caller, pair).await?;
    shown(&server, &caller, StatusCode::CREATED, &id)
}

pub(super) async fn change(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: WallChange = read(&body).map_err(|problem| caller.problem(problem))?;
    let screen = server
        .accounts
        .with(|directory| directory.screen(&id).cloned());
    let screen = screen.ok_or_else(|| caller.problem(Problem::not_found()))?;
    let change = AccountCommand::ChangeScreen {
        id: id.clone(),
        name: asked.name.unwrap_or(screen.name),
        scope: asked.scope.unwrap_or(screen.scope),
    };
    perform(&server, &caller, change).await?;
    shown(&server, &caller, StatusCode::OK, &id)
}

pub(super) async fn revoke(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    perform(&server, &caller, AccountCommand::RevokeScreen { id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn perform(server: &Server, caller: &Caller, command: AccountCommand) -> Result<(), Problem> {
    let done = server.accounts.perform(&caller.actor, &[command]).await;
    done.map(drop).map_err(|failure| caller.problem(failure))
}

fn shown(
    server: &Server,
    caller: &Caller,
    status: StatusCode,
    id: &str,
) -> Result<Response, Problem> {
    let screen = server
        .accounts
        .with(|directory| directory.screen(id).cloned());
    let screen = screen.ok_or_else(|| caller.problem(Problem::not_found()))?;
    Ok(told(
        answer(status, &view(server, &screen), None),
        Detail::on(id),
    ))
}

fn view(server: &Server, screen: &Screen) -> WallView {
    let seen = server.accounts.seen();
    let asked = seen.last(Kind::Screen, &screen.id);
    WallView {
        id: screen.id.clone(),
        name: screen.name.clone(),
        scope: screen.scope,
        scope_name: server.county.tree.name(screen.scope).to_owned(),
        claimed: screen.hash.is_some(),
        paired_at: screen.paired_at,
        paired_by: screen.paired_by.clone(),
        seen_at: asked.max(seen.last(Kind::ScreenLive, &screen.id)),
        online: server.accounts.is_online(screen),
    }
}

fn unknown_code() -> Problem {
    Refusal {
        class: Class::Refused,
        ..Refusal::field(
            "/code",
            "unknown_code",
            "配对码不正确、已使用或已过期，请核对屏幕上的配对码",
            "This code is wrong, used or over; read it from the screen again",
        )
    }
    .into()
}
