//! From one wish to all the events it brings about; they go into the log in one append.

use geodata::region::Code;

use super::Session;
use super::command::{Command, Open};
use super::decide::{self, Context};
use super::event::SessionEvent;
use super::watch;
use crate::actor::Actor;
use crate::event::{Body, Event, Stream};
use crate::ids::SessionId;
use crate::refusal::{Class, Refusal};

/// The events that opening a session brings about; with `wish.order` every order goes out in the
/// same append.
///
/// # Errors
/// Why it may not be opened, or why its orders may not go out: then it is not opened either.
pub fn open(
    id: SessionId,
    wish: &Open,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let body = decide::open(wish, actor, ctx)?;
    let SessionEvent::Opened(data) = &body else {
        return Ok(Vec::new());
    };
    let data = data.clone();
    let first = event(id, 1, data.region, actor.clone(), body, ctx);
    if !wish.order {
        return Ok(vec![first]);
    }
    let session = Session::open(&first, &data);
    let order = Command::Order {
        despite: wish.despite,
    };
    let second = command(&session, &order, actor, ctx)?;
    Ok(std::iter::once(first).chain(second).collect())
}

/// The events a command on a session brings about.
///
/// # Errors
/// The refusal of the command.
pub fn command(
    session: &Session,
    command: &Command,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let body = decide::decide(session, command, actor, ctx)?;
    Ok(vec![event(
        session.id,
        session.version + 1,
        session.region,
        actor.clone(),
        body,
        ctx,
    )])
}

/// What the rules of time bring about at `ctx.now`, in the order it fell due.
pub fn due(session: &Session, ctx: Context<'_>) -> Vec<Event> {
    by_rule("rule:muster", session, watch::check(session, ctx.now), ctx)
}

/// What positions bring about.
pub fn observed(session: &Session, bodies: Vec<SessionEvent>, ctx: Context<'_>) -> Vec<Event> {
    by_rule("rule:positions", session, bodies, ctx)
}

fn by_rule(
    name: &str,
    session: &Session,
    bodies: Vec<SessionEvent>,
    ctx: Context<'_>,
) -> Vec<Event> {
    let rule = Actor::rule(name, ctx.county.code);
    bodies
        .into_iter()
        .zip(session.version + 1..)
        .map(|(body, version)| event(session.id, version, session.region, rule.clone(), body, ctx))
        .collect()
}

/// The refusal of a command decided on a version that is no longer the newest.
pub fn conflict(expected: u64, actual: u64) -> Refusal {
    Refusal::new(
        Class::Refused,
        "conflict",
        format!("指挥已有更新（第 {actual} 版，您看到的是第 {expected} 版），请刷新后再试"),
        format!("The session is at version {actual}, you saw {expected}; reload and try again"),
    )
}

fn event(
    id: SessionId,
    version: u64,
    region: Code,
    actor: Actor,
    body: SessionEvent,
    ctx: Context<'_>,
) -> Event {
    Event {
        stream: Stream::Sessions,
        key: id.key(),
        version,
        at: ctx.now,
        actor,
        region,
        number: None,
        body: Body::Session(Box::new(body)),
    }
}
