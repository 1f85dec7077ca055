//! Steering a wall from a desk: what it was sent and for how long. Pairing is `walls`'. Also whom
//! a session can be given to: those who hold a post in the caller's region.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::access::{Deed, may_do};
use domain::account::{Person, Post};
use domain::actor::Role;
use domain::time::Timestamp;
use domain::wall::{Asked, Show, Steering, USUAL_MINS, Wish as Steer, steering};
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit::told;
use super::body::{Listing, answer, read};
use super::caller::Caller;
use super::state::Server;
use crate::audit::Detail;
use crate::problem::Problem;
use crate::projector::command::Wish;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// What; back to rotation if left out.
    #[serde(default)]
    show: Option<Asked>,
    #[serde(default)]
    minutes: Option<u32>,
}

/// The walls that the caller may steer, each with what it shows now.
pub(super) async fn walls(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    may_do(&caller.actor, Deed::SteerWall).map_err(|refusal| caller.problem(refusal))?;
    let book = server.accounts.book();
    let mine = book.directory.screens();
    let mine = mine.filter(|one| caller.actor.covers(one.scope));
    let mut walls: Vec<Value> = mine
        .map(|one| {
            json!({
                "id": one.id, "name": one.name, "scope": one.scope,
                "scope_name": server.county.tree.name(one.scope),
                "online": server.accounts.is_online(one),
            })
        })
        .collect();
    walls.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    let found = server.projector.read(move |view| {
        for wall in &mut walls {
            let id = wall["id"].as_str().unwrap_or_default();
            let steering = steering(view.world, view.county.code, id);
            let steering = steering.filter(|one| one.shown(view.now).is_some());
            wall["steering"] = json!(steering.as_ref().map(told_of));
        }
        json!({ "items": walls, "now": view.now })
    });
    let found = found.await.map_err(|failure| caller.problem(failure))?;
    Ok(Json(found).into_response())
}

/// What a wall was sent, as it can be sent again.
fn told_of(one: &Steering) -> Value {
    json!({
        "show": one.show.as_ref().map(Asked::from),
        "until": one.until, "since": one.since, "by": one.by,
    })
}

pub(super) async fn show(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    may_do(&caller.actor, Deed::SteerWall).map_err(|refusal| caller.problem(refusal))?;
    let Sent { show, minutes } = read(&body).map_err(|problem| caller.problem(problem))?;
    let screen = server
        .accounts
        .with(|directory| directory.screen(&id).cloned());
    let screen = screen.ok_or_else(|| caller.problem(Problem::not_found()))?;
    let detail = Detail {
        region: Some(screen.scope),
        after: Some(json!({ "show": show, "minutes": minutes })),
        ..Detail::on(screen.id.clone())
    };
    let wish = Steer {
        wall: screen.id,
        scope: screen.scope,
        show: show.as_ref().map(Show::from),
        minutes: minutes.unwrap_or(USUAL_MINS),
    };
    let done = server
        .projector
        .wish(Wish::Wall(wish), caller.actor.clone())
        .await;
    let answer = done.map(|moved| {
        Json(json!({"version": moved.version, "position": moved.position.to_string()}))
    });
    Ok(told(
        answer.map_err(|failure| caller.problem(failure)),
        detail,
    ))
}

/// People who may be given the command of a session, by name: for whoever may open one, and for
/// whoever commands one now.
pub(super) async fn commanders(
    State(server): State<Server>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Response, Problem> {
    if let Err(refusal) = may_do(&caller.actor, Deed::OpenSession) {
        let id = caller.actor.id.clone();
        let commands = server.projector.read(move |view| {
            let open = view.world.sessions().filter(|one| one.stage.is_open());
            open.into_iter().any(|one| one.commander.id == id)
        });
        if !commands.await.map_err(|failure| caller.problem(failure))? {
            return Err(caller.problem(refusal));
        }
    }
    let book = server.accounts.book();
    let now = server.accounts.now();
    let mine = book.directory.people().filter(|person| {
        !person.disabled
            && post_here(person, &caller, now).is_some()
            && listing.finds(&[&person.id, &person.name])
    });
    let page = listing.page(
        mine,
        |person| person.id.clone(),
        |person| commander(person, &caller, &server, now),
    );
    Ok(answer(StatusCode::OK, &page, None))
}

fn commander(person: &Person, caller: &Caller, server: &Server, now: Timestamp) -> Value {
    let post = post_here(person, caller, now);
    let org = post.and_then(|post| post.org.as_ref());
    let found = org.and_then(|org| server.county.orgs.get(org));
    json!({
        "id": person.id,
        "name": person.name,
        "org": org,
        "org_name": found.map(|org| &org.name),
        "role": post.map(|post| post.role),
        "director": post.is_some_and(|post| post.director),
    })
}

/// The post in which somebody can command in the caller's region.
fn post_here<'a>(person: &'a Person, caller: &Caller, now: Timestamp) -> Option<&'a Post> {
    let lent = person.grants.iter().filter(move |grant| grant.holds(now));
    let posts = person.posts.iter().chain(lent.map(|grant| &grant.post));
    let mut can = posts.filter(|post| {
        let commands = matches!(
            post.role,
            Role::Centre | Role::CommandRoom | Role::Leader | Role::Unit | Role::Platform
        );
        let near = caller.actor.covers(post.region) || post.region.contains(caller.actor.scope);
        commands && post.org.is_some() && near
    });
    can.next()
}
