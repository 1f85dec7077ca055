//! Rework, confirmation and what comes after: evaluation, handing out and back, striking out.

use super::{Context, Decision, refused, text, time};
use crate::actor::{Actor, Role};
use crate::incident::clock::{Clock, ClockKind};
use crate::incident::event::{
    CameBack, Closed, Contacted, Evaluated, IncidentEvent, Outcome, Proxy, Reason, Reopened,
    TransferredOut, Urged,
};
use crate::incident::{By, Incident, What};
use crate::pack::calendar::Due;
use crate::pack::catalogue::SourceKind;
use crate::refusal::Refusal;
use crate::time::Span;

/// How often a reporter may have it reworked before the centre decides (row 14).
const MAX_REOPENED: u8 = 2;
/// How often a silent reporter is called before somebody confirms in their stead (row 16).
const CALLS: u8 = 2;
/// How long after the close it may be evaluated (row 17).
const EVALUATED_WITHIN: Span = Span::days(30);
/// How long after one the reporter may ask to hurry again.
const URGED_EVERY: Span = Span::days(1);
/// The longest name of a system outside, or of what it calls an incident, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Rework gets what was left of the limit, and at least a quarter of it.
pub(super) fn reopen(
    incident: &Incident,
    reason: &str,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let by_reporter = !matches!(actor.role, Role::Centre | Role::CommandRoom);
    if by_reporter && incident.reopened >= MAX_REOPENED {
        return Err(refused(
            "centre_decides",
            "已两次要求重办，请由县中心裁定",
            "You have had it reworked twice; the county centre decides now",
        ));
    }
    let finish = rework(incident, ctx).ok_or_else(|| {
        refused(
            "no_deadline",
            "此事件没有办结时限，不能重办",
            "It has no deadline to work to again",
        )
    })?;
    Ok(IncidentEvent::Reopened(Reopened {
        reason: text("/reason", reason)?,
        by_reporter,
        finish,
    }))
}

/// The *finish* clock of work that begins again.
fn rework(incident: &Incident, ctx: Context<'_>) -> Option<Clock> {
    let county = ctx.county;
    let last = incident.clock(ClockKind::Finish)?;
    let stopped = last.stopped.unwrap_or(ctx.now);
    let due = if let Some(limit) = last.limit {
        let least = limit.quarter(ctx.now, &county.calendar);
        let left = limit.go_on(stopped, last.due, ctx.now, &county.calendar);
        if left.at > least.at { left } else { least }
    } else {
        let left = (last.due - stopped).max((last.due - last.start).percent(25));
        Due::firm(ctx.now + left)
    };
    let mut clock = last.clone();
    clock.start = ctx.now;
    clock.due = due.at;
    clock.stopped = None;
    clock.was_due.clear();
    clock.pauses.clear();
    Some(ctx.put_off(&clock, due, incident.severity_or_lowest()))
}

pub(super) fn contact(outcome: Outcome, note: Option<&str>) -> Decision {
    Ok(IncidentEvent::Contacted(Contacted {
        outcome,
        note: note.map(|note| text("/note", note)).transpose()?,
    }))
}

/// Once a day: more would be noise to whoever works on it.
pub(super) fn urge(incident: &Incident, note: Option<&str>, ctx: Context<'_>) -> Decision {
    let mut lines = incident.timeline.iter().rev();
    let last = lines.find(|entry| entry.what == What::Urged);
    if last.is_some_and(|entry| ctx.now.since(entry.at) < URGED_EVERY) {
        return Err(refused(
            "urged_lately",
            "24 小时内已催办过，请稍后再催",
            "You have asked to hurry within the last 24 hours; wait before asking again",
        ));
    }
    Ok(IncidentEvent::Urged(Urged {
        note: note.map(|note| text("/note", note)).transpose()?,
    }))
}

/// Whoever reported closes; the rooms may in their stead, where nobody else can.
pub(super) fn close(
    incident: &Incident,
    satisfied: bool,
    note: Option<&str>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let by_proxy = matches!(actor.role, Role::Centre | Role::CommandRoom);
    let proxy = by_proxy.then(|| ground(incident, ctx)).transpose()?;
    let note = note.map(|note| text("/note", note)).transpose()?;
    Ok(IncidentEvent::Closed(Closed {
        satisfied,
        by_proxy,
        proxy,
        note,
        number: (incident.number > 0).then_some(incident.number),
    }))
}

/// Why a room may confirm.
fn ground(incident: &Incident, ctx: Context<'_>) -> Result<Proxy, Refusal> {
    match ctx.county.catalogue.source_kind(&incident.source) {
        SourceKind::Device => return Ok(Proxy::Device),
        SourceKind::Hotline => return Ok(Proxy::Hotline),
        SourceKind::People => {}
    }
    if incident.sent_by.is_none() && incident.reporter.is_none() {
        return Ok(Proxy::Anonymous);
    }
    let confirm = incident.clock(ClockKind::Confirm);
    let silent = confirm.is_some_and(|clock| ctx.now >= clock.due);
    // Who left neither name nor phone can't be called: their receipt and their time are their say.
    if silent && incident.reporter.is_none() && is_citizen(incident) {
        return Ok(Proxy::Anonymous);
    }
    if silent && incident.contacts >= CALLS {
        return Ok(Proxy::Silent);
    }
    Err(refused(
        "reporter_must_confirm",
        "应由上报人确认；超过确认时限且有两次回访记录后，方可代为办结",
        "The reporter confirms; in their stead only once their time is over and two calls are \
         on record",
    ))
}

/// Whether it was reported without an account.
fn is_citizen(incident: &Incident) -> bool {
    let sender = incident.sent_by.as_ref();
    sender.is_some_and(|sender| sender.role == Role::Reporter)
}

pub(super) fn evaluate(
    incident: &Incident,
    (speed, cooperation): (u8, u8),
    note: Option<&str>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    for (pointer, score) in [("/speed", speed), ("/cooperation", cooperation)] {
        if !(1..=5).contains(&score) {
            return Err(Refusal::field(
                pointer,
                "wrong_score",
                "评分须为 1 至 5 分",
                "Give a score from 1 to 5",
            ));
        }
    }
    let over = incident
        .closed_at
        .is_none_or(|at| ctx.now.since(at) > EVALUATED_WITHIN);
    if over {
        return Err(refused(
            "too_late",
            "办结已超过 30 天，不能再评价",
            "It was closed more than 30 days ago; it can no longer be evaluated",
        ));
    }
    let by = By::of(actor);
    let same = |one: &By| one.id == by.id && one.role == by.role;
    if incident.evaluations.iter().any(|one| same(&one.by)) {
        return Err(refused(
            "evaluated_before",
            "您已评价过此事件",
            "You have evaluated it already",
        ));
    }
    Ok(IncidentEvent::Evaluated(Evaluated {
        speed,
        cooperation,
        note: note.map(|note| text("/note", note)).transpose()?,
    }))
}

pub(super) fn transfer_out(to: &str, reason: &str, receipt: &str) -> Decision {
    Ok(IncidentEvent::TransferredOut(TransferredOut {
        to: name("/to", to)?,
        reason: text("/reason", reason)?,
        receipt: name("/receipt", receipt)?,
    }))
}

fn name(pointer: &str, given: &str) -> Result<String, Refusal> {
    let name = text(pointer, given)?;
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(Refusal::field(
            pointer,
            "text_too_long",
            format!("不能超过 {MAX_NAME_CHARS} 字"),
            format!("At most {MAX_NAME_CHARS} characters"),
        ));
    }
    Ok(name)
}

/// What was running goes on with what was left; what had been finished is to be done again.
pub(super) fn take_back(incident: &Incident, reason: &str, ctx: Context<'_>) -> Decision {
    let mut clocks = time::going_on(incident, ctx);
    let finish = incident.clock(ClockKind::Finish);
    if finish.is_some_and(|clock| clock.stopped.is_some()) {
        clocks.extend(rework(incident, ctx));
    }
    Ok(IncidentEvent::CameBack(CameBack {
        reason: text("/reason", reason)?,
        clocks,
    }))
}

pub(super) fn void(reason: &str) -> Decision {
    let reason = text("/reason", reason)?;
    Ok(IncidentEvent::Voided(Reason { reason }))
}
