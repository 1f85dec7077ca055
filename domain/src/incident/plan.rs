//! From one wish to all the events it brings about: the decision itself and the steps the
//! standing rules take at once behind it. All of them go into the log in one append.

use geodata::region::Code;

use super::command::{Command, Report};
use super::decide::{self, Context};
use super::event::IncidentEvent;
use super::{Incident, State};
use crate::actor::Actor;
use crate::event::{Body, Event, Stream};
use crate::ids::IncidentId;
use crate::refusal::{Class, Refusal};
use crate::rules::{auto, follow, order, overdue, reminder, review};
use crate::time::Timestamp;

/// The events a report brings about.
pub fn report(report: Report, actor: &Actor, ctx: Context<'_>) -> Vec<Event> {
    let id = IncidentId::of_origin(ctx.county.code, &report.source, &report.external_id);
    let region = report.region;
    let body = decide::report(report, ctx);
    let first = event(id, 1, region, actor.clone(), body, ctx);
    let Body::Incident(IncidentEvent::Reported(data)) = &first.body else {
        return Vec::new();
    };
    let incident = Incident::open(&first, data, 0);
    settle(incident, vec![first], ctx)
}

/// The events a command on an incident brings about.
///
/// # Errors
/// The refusal of the command itself. What a rule can't do behind it is left to a person.
pub fn command(
    incident: &Incident,
    command: &Command,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let body = decide::decide(incident, command, actor, ctx)?;
    let mut next = incident.clone();
    let first = event(
        next.id,
        next.version + 1,
        next.region,
        actor.clone(),
        body,
        ctx,
    );
    evolve(&mut next, &first);
    // What a person took back, sent up or asked about is a person's to send on.
    let goes_on = matches!(
        command,
        Command::Accept { .. } | Command::Assess { .. } | Command::Correct { .. }
    );
    Ok(if goes_on {
        settle(next, vec![first], ctx)
    } else {
        vec![first]
    })
}

/// What the rules of time bring about at `ctx.now`, in the order it fell due.
pub fn due(incident: &Incident, ctx: Context<'_>) -> Vec<Event> {
    if let Some(resumed) = review::check(incident, ctx) {
        let body = IncidentEvent::Resumed(resumed);
        return by_rule("rule:review", incident, vec![body], ctx);
    }
    let mut bodies: Vec<(Timestamp, IncidentEvent)> = Vec::new();
    for one in reminder::check(incident, ctx.county, ctx.now) {
        bodies.push((one.at, IncidentEvent::Reminded(one)));
    }
    for one in overdue::check(incident, ctx.county, ctx.now) {
        bodies.push((one.due_at, IncidentEvent::Breached(one)));
    }
    for one in order::check(incident, ctx.county, ctx.now) {
        bodies.push((one.due_at, IncidentEvent::OrderClimbed(one)));
    }
    bodies.sort_by_key(|(at, _)| *at);
    let bodies = bodies.into_iter().map(|(_, body)| body).collect();
    by_rule("rule:overdue", incident, bodies, ctx)
}

/// What an incident's tie to another asks of it: to know who follows it, or to end with the one
/// it follows. `other` is that other.
pub fn tied(incident: &Incident, other: &Incident, ctx: Context<'_>) -> Vec<Event> {
    let body = follow::join(incident, other)
        .map(IncidentEvent::Joined)
        .or_else(|| follow::follow(incident, other).map(IncidentEvent::Followed));
    by_rule("rule:merge", incident, body.into_iter().collect(), ctx)
}

/// The deadlines of an incident counted anew, where the calendar has come to know more.
pub fn recounted(incident: &Incident, ctx: Context<'_>) -> Vec<Event> {
    let body = review::recount(incident, ctx).map(IncidentEvent::Recounted);
    by_rule("rule:calendar", incident, body.into_iter().collect(), ctx)
}

fn by_rule(
    name: &str,
    incident: &Incident,
    bodies: Vec<IncidentEvent>,
    ctx: Context<'_>,
) -> Vec<Event> {
    let rule = Actor::rule(name, ctx.county.code);
    bodies
        .into_iter()
        .zip(incident.version + 1..)
        .map(|(body, version)| {
            let (id, region) = (incident.id, incident.region);
            event(id, version, region, rule.clone(), body, ctx)
        })
        .collect()
}

/// The refusal of a command decided on a version that is no longer the newest.
pub fn conflict(expected: u64, actual: u64) -> Refusal {
    Refusal::new(
        Class::Refused,
        "conflict",
        format!("事件已有更新（第 {actual} 版，您看到的是第 {expected} 版），请刷新后再试"),
        format!("It is at version {actual}, you saw {expected}; reload and try again"),
    )
}

fn settle(mut incident: Incident, mut events: Vec<Event>, ctx: Context<'_>) -> Vec<Event> {
    while matches!(
        incident.state,
        State::Reported | State::Accepted | State::Assessed
    ) {
        let Some(body) = auto::next(&incident, ctx) else {
            break;
        };
        let rule = Actor::rule(auto::NAME, ctx.county.code);
        let next = event(
            incident.id,
            incident.version + 1,
            incident.region,
            rule,
            body,
            ctx,
        );
        evolve(&mut incident, &next);
        events.push(next);
    }
    events
}

fn evolve(incident: &mut Incident, event: &Event) {
    if let Body::Incident(body) = &event.body {
        incident.evolve(event, body, 0);
    }
}

fn event(
    key: IncidentId,
    version: u64,
    region: Code,
    actor: Actor,
    body: IncidentEvent,
    ctx: Context<'_>,
) -> Event {
    Event {
        stream: Stream::Incidents,
        key,
        version,
        at: ctx.now,
        actor,
        region,
        number: None,
        body: Body::Incident(body),
    }
}
