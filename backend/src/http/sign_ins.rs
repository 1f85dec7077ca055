//! `/sign-ins`: who is signed in within an administrator's region, and ending it.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::SignIn;
use domain::account::command::AccountCommand;
use domain::account::event::Ended;
use domain::actor::Role;
use domain::wire::account::SignInView;

use super::body::{Listing, answer};
use super::caller::Caller;
use super::people::require_administrator;
use super::state::Server;
use crate::account::Identity;
use crate::problem::Problem;

pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Response, Problem> {
    require_administrator(&caller)?;
    let book = server.accounts.book();
    let now = server.accounts.now();
    let own = match &caller.identity {
        Identity::SignIn(id) => Some(id.as_str()),
        _ => None,
    };
    let shown = book.directory.sign_ins().filter(|sign_in| {
        let post = book.directory.post_of(sign_in, now);
        let region = post.map_or(server.county.code, |(post, _)| post.region);
        let person = book.directory.person(&sign_in.person);
        let name = person.map_or("", |person| person.name.as_str());
        caller.actor.covers(region) && listing.finds(&[&sign_in.person, name, &sign_in.address])
    });
    let page = listing.page(
        shown,
        |sign_in| sign_in.id.clone(),
        |sign_in| view(&server, sign_in, own),
    );
    Ok(answer(StatusCode::OK, &page, None))
}

pub(super) async fn end(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let end = AccountCommand::EndSignIn {
        id,
        why: Ended::Revoked,
    };
    server
        .accounts
        .perform(&caller.actor, &[end])
        .await
        .map_err(|failure| caller.problem(failure))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A sign-in as it is shown; `own` is the one that asks.
pub(super) fn view(server: &Server, sign_in: &SignIn, own: Option<&str>) -> SignInView {
    let book = server.accounts.book();
    let post = book.directory.post_of(sign_in, server.accounts.now());
    let person = book.directory.person(&sign_in.person);
    SignInView {
        id: sign_in.id.clone(),
        person: sign_in.person.clone(),
        name: person.map_or_else(String::new, |person| person.name.clone()),
        role: post.map_or(Role::Reporter, |(post, _)| post.role),
        scope_name: post.map_or_else(String::new, |(post, _)| {
            server.county.tree.name(post.region).to_owned()
        }),
        way: sign_in.way.clone(),
        started_at: sign_in.started_at,
        seen_at: server.accounts.last_use(sign_in),
        address: sign_in.address.clone(),
        agent: sign_in.agent.clone(),
        current: own == Some(sign_in.id.as_str()),
    }
}
