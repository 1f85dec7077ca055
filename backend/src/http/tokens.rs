//! `/tokens`: bearer tokens of other systems, made, rotated without a gap, withdrawn at once.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::Token;
use domain::account::command::AccountCommand;
use domain::time::Span;
use domain::wire::account::{TokenAsk, TokenSecret, TokenView};
use serde::Deserialize;

use super::audit::told;
use super::body::{Listing, answer, read};
use super::caller::Caller;
use super::people::require_administrator;
use super::state::Server;
use crate::account::seen::Kind;
use crate::account::token::{self, Wanted};
use crate::audit::Detail;
use crate::problem::Problem;

/// How long the old token holds beside the new one, if not asked otherwise, in hours.
const OVERLAP_HOURS: i64 = 24;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Rotation {
    overlap_hours: Option<i64>,
}

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Response, Problem> {
    require_administrator(&caller)?;
    let book = server.accounts.book();
    let shown = book.directory.tokens().filter(|token| {
        caller.actor.covers(token.scope) && listing.finds(&[&token.name, &token.id])
    });
    let page = listing.page(
        shown,
        |token| token.id.clone(),
        |token| view(&server, token),
    );
    Ok(answer(StatusCode::OK, &page, None))
}

pub(super) async fn create(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let ask: TokenAsk = read(&body).map_err(|problem| caller.problem(problem))?;
    let wanted = Wanted {
        name: ask.name,
        role: ask.role,
        scope: ask.scope.unwrap_or(caller.actor.scope),
    };
    let made = wanted.make(&server.accounts.secret(), server.accounts.now());
    let (mut kept, token) = made.map_err(|_| caller.problem(Problem::unavailable(30)))?;
    kept.org = ask.org;
    kept.until = ask.until;
    let id = kept.id.clone();
    let create = AccountCommand::CreateToken(kept);
    perform(&server, &caller, create).await?;
    secret(&server, &caller, StatusCode::CREATED, &id, token)
}

pub(super) async fn rotate(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: Rotation = if body.is_empty() {
        Rotation::default()
    } else {
        read(&body).map_err(|problem| caller.problem(problem))?
    };
    let made = token::new(&server.accounts.secret(), &id);
    let (token, hash) = made.map_err(|_| caller.problem(Problem::unavailable(30)))?;
    let hours = asked.overlap_hours.unwrap_or(OVERLAP_HOURS);
    // The rules say how many are too many; here it must only not overflow.
    let overlap = Span::hours(hours.clamp(-1, 100_000));
    let rotate = AccountCommand::RotateToken {
        id: id.clone(),
        hash,
        old_until: server.accounts.now() + overlap,
    };
    perform(&server, &caller, rotate).await?;
    secret(&server, &caller, StatusCode::OK, &id, token)
}

pub(super) async fn revoke(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    perform(&server, &caller, AccountCommand::RevokeToken { id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn perform(server: &Server, caller: &Caller, command: AccountCommand) -> Result<(), Problem> {
    let done = server.accounts.perform(&caller.actor, &[command]).await;
    done.map(drop).map_err(|failure| caller.problem(failure))
}

/// The token, shown this once.
fn secret(
    server: &Server,
    caller: &Caller,
    status: StatusCode,
    id: &str,
    token: String,
) -> Result<Response, Problem> {
    let kept = server
        .accounts
        .with(|directory| directory.token(id).cloned());
    let kept = kept.ok_or_else(|| caller.problem(Problem::not_found()))?;
    let view = view(server, &kept);
    Ok(told(
        answer(status, &TokenSecret { token, view }, None),
        Detail::on(id),
    ))
}

fn view(server: &Server, token: &Token) -> TokenView {
    let now = server.accounts.now();
    let old_until = token.previous.as_ref().map(|(_, until)| *until);
    TokenView {
        id: token.id.clone(),
        name: token.name.clone(),
        role: token.role,
        org: token.org.clone(),
        scope: token.scope,
        scope_name: server.county.tree.name(token.scope).to_owned(),
        created_at: token.created_at,
        rotated_at: token.rotated_at,
        old_until: old_until.filter(|until| *until > now),
        until: token.until,
        seen_at: server.accounts.seen().last(Kind::Token, &token.id),
    }
}
