//! The red light as a managed thing: its supervision order is signed, answered, and the answer
//! found good or wanting; and it may come off the record, for a reason, by somebody else's word.

use super::{Context, Decision, refused, text};
use crate::actor::Actor;
use crate::incident::event::{
    IncidentEvent, OrderNote, OrderRejected, OrderSigned, RemovalAsked, RemovalGranted,
};
use crate::incident::{Breach, Incident, OrderState};
use crate::pack::calendar::Due;
use crate::refusal::{Class, Refusal};
use crate::rules::overdue;
use crate::time::Timestamp;

pub(super) fn sign(incident: &Incident, order: u8, actor: &Actor) -> Decision {
    let breach = addressed(incident, order, actor)?;
    if breach.state != OrderState::Issued {
        return Err(refused(
            "signed_before",
            "督查单已签收",
            "The order is signed for already",
        ));
    }
    Ok(IncidentEvent::OrderSigned(OrderSigned { order }))
}

/// An answer counts as a signature where there was none.
pub(super) fn answer(incident: &Incident, order: u8, words: &str, actor: &Actor) -> Decision {
    let breach = addressed(incident, order, actor)?;
    if !breach.state.is_owed() {
        return Err(refused(
            "answered_before",
            "督查单已回复，请等待审核",
            "The order is answered already; wait until that is looked at",
        ));
    }
    Ok(IncidentEvent::OrderAnswered(OrderNote {
        order,
        text: text("/text", words)?,
    }))
}

pub(super) fn clear(
    incident: &Incident,
    order: u8,
    words: Option<&str>,
    actor: &Actor,
) -> Decision {
    answered(incident, order, actor)?;
    let words = words.map(|words| text("/text", words)).transpose()?;
    Ok(IncidentEvent::OrderCleared(OrderNote {
        order,
        text: words.unwrap_or_default(),
    }))
}

pub(super) fn reject(
    incident: &Incident,
    order: u8,
    reason: &str,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    answered(incident, order, actor)?;
    let limit = overdue::reply_limit(incident, ctx.county);
    Ok(IncidentEvent::OrderRejected(OrderRejected {
        order,
        reason: text("/reason", reason)?,
        reply_by: limit.due(ctx.now, &ctx.county.calendar).at,
    }))
}

pub(super) fn ask_removal(incident: &Incident, order: u8, reason: &str, actor: &Actor) -> Decision {
    let breach = addressed(incident, order, actor)?;
    if breach.removal.is_some() {
        return Err(refused(
            "asked_before",
            "此红灯已申请过销除",
            "It was asked for already",
        ));
    }
    let by = actor.org.clone().unwrap_or_else(|| breach.order.to.clone());
    Ok(IncidentEvent::RemovalAsked(RemovalAsked {
        order,
        reason: text("/reason", reason)?,
        by,
    }))
}

pub(super) fn grant_removal(
    incident: &Incident,
    order: u8,
    reason: &str,
    until: Option<Timestamp>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let breach = asked(incident, order, actor)?;
    let clock = incident
        .clock(breach.clock)
        .filter(|clock| clock.runs() && breach.fired_at >= clock.start);
    let clock = match (clock, until) {
        (None, _) => None,
        (Some(clock), Some(until)) if until > ctx.now => {
            let due = Due::firm(until);
            Some(ctx.put_off(clock, due, incident.severity_or_lowest()))
        }
        (Some(_), _) => {
            return Err(Refusal::field(
                "/until",
                "until_required",
                "该时限仍在计时，请给出新的时限（须晚于现在）",
                "Its clock still runs; give it a new deadline, later than now",
            ));
        }
    };
    Ok(IncidentEvent::RemovalGranted(RemovalGranted {
        order,
        reason: text("/reason", reason)?,
        clock,
    }))
}

pub(super) fn refuse_removal(
    incident: &Incident,
    order: u8,
    reason: &str,
    actor: &Actor,
) -> Decision {
    asked(incident, order, actor)?;
    Ok(IncidentEvent::RemovalRefused(OrderNote {
        order,
        text: text("/reason", reason)?,
    }))
}

fn breach(incident: &Incident, order: u8) -> Result<&Breach, Refusal> {
    incident.breaches.get(usize::from(order)).ok_or_else(|| {
        Refusal::field(
            "/order",
            "unknown_order",
            "此事件没有这张督查单",
            "The incident has no such supervision order",
        )
    })
}

fn addressed<'a>(incident: &'a Incident, order: u8, actor: &Actor) -> Result<&'a Breach, Refusal> {
    let breach = breach(incident, order)?;
    if actor.org.as_ref() == Some(&breach.order.to) {
        return Ok(breach);
    }
    Err(Refusal::new(
        Class::Forbidden,
        "not_your_order",
        "督查单未下达给本单位",
        "This supervision order asks another organisation",
    ))
}

/// An answered order, for somebody whom it did not ask.
fn answered<'a>(incident: &'a Incident, order: u8, actor: &Actor) -> Result<&'a Breach, Refusal> {
    let breach = breach(incident, order)?;
    if actor.org.as_ref() == Some(&breach.order.to) {
        return Err(Refusal::new(
            Class::Forbidden,
            "addressee_may_not_judge",
            "督查单不能由被督查单位自行审核，请由上级办理",
            "Whom the order asks may not judge the answer; the tier above does",
        ));
    }
    if breach.state == OrderState::Answered {
        return Ok(breach);
    }
    Err(refused(
        "not_answered",
        "督查单尚未回复，或已审核",
        "The order is not answered yet, or was judged already",
    ))
}

/// A removal that waits for a word, from somebody who did not ask for it.
fn asked<'a>(incident: &'a Incident, order: u8, actor: &Actor) -> Result<&'a Breach, Refusal> {
    let breach = breach(incident, order)?;
    let removal = breach
        .removal
        .as_ref()
        .filter(|removal| removal.granted.is_none())
        .ok_or_else(|| {
            refused(
                "nothing_asked",
                "没有待批的销红灯申请",
                "Nobody has asked to take this red light off the record",
            )
        })?;
    if actor.org.as_ref() == Some(&removal.by) {
        return Err(Refusal::new(
            Class::Forbidden,
            "asker_may_not_grant",
            "销红灯不能由申请单位自行批准",
            "Whoever asked for it may not grant it",
        ));
    }
    Ok(breach)
}
