//! The commander's moves, and the lead's close.

use super::{Context, Decision, open, refused, seat_of, text};
use crate::actor::Actor;
use crate::pack::orgs::OrgId;
use crate::refusal::Refusal;
use crate::session::command::{Person, Wanted};
use crate::session::event::{
    Chair, HandedOver, Note, Order, Ordered, SeatAdded, SeatNote, SessionEvent,
};
use crate::session::{Commander, Seat, Session, Stage, Step, Task, Warning};
use crate::time::Span;

/// One tap: every order, or none.
pub(super) fn order(session: &Session, despite: bool, ctx: Context<'_>) -> Decision {
    let orders: Vec<Order> = session
        .seats
        .iter()
        .map(|seat| {
            let warnings = open::warnings(&seat.org, &seat.units, ctx);
            order_to(session, &seat.org, warnings, ctx)
        })
        .collect();
    let warnings = orders.iter().flat_map(|order| &order.warnings);
    open::must_be_told(warnings, despite)?;
    Ok(SessionEvent::Ordered(Ordered { orders }))
}

fn order_to(session: &Session, org: &OrgId, warnings: Vec<Warning>, ctx: Context<'_>) -> Order {
    let after = |secs: u32| ctx.now + Span::secs(i64::from(secs));
    Order {
        org: org.clone(),
        warnings,
        muster_due: after(session.muster_secs),
        respond_due: session.respond_secs.map(after),
    }
}

pub(super) fn add(session: &Session, wanted: &Wanted, despite: bool, ctx: Context<'_>) -> Decision {
    if session
        .seat(&wanted.org)
        .is_some_and(|seat| !seat.is_released())
    {
        return Err(Refusal::field(
            "/seat/org",
            "seat_twice",
            format!("{} 已参与本次指挥", wanted.org),
            format!("{} takes part already", wanted.org),
        ));
    }
    if session.seats.len() >= Session::MAX_SEATS {
        return Err(Refusal::field(
            "/seat",
            "too_many",
            format!("参与单位最多 {} 家", Session::MAX_SEATS),
            format!("At most {} organisations take part", Session::MAX_SEATS),
        ));
    }
    let seat: Chair = open::chair(wanted, Task::Cooperate, "/seat", ctx)?;
    open::must_be_told(seat.warnings.iter(), despite)?;
    let order = session
        .ordered_at
        .map(|_| order_to(session, &seat.org, seat.warnings.clone(), ctx));
    Ok(SessionEvent::SeatAdded(SeatAdded { seat, order }))
}

pub(super) fn release(session: &Session, org: &OrgId, reason: &str) -> Decision {
    let seat = seat_of(session, org)?;
    if seat.task == Task::Lead {
        return Err(refused(
            "lead_stays",
            "牵头单位不能直接撤出，请先更换牵头单位",
            "The lead can't be let go; have another organisation lead first",
        ));
    }
    if seat.is_over() {
        return Err(refused(
            "seat_is_over",
            "该单位的任务已结束",
            "That organisation owes nothing any more",
        ));
    }
    Ok(SessionEvent::SeatReleased(note_on(org, reason)?))
}

pub(super) fn lead(session: &Session, org: &OrgId, reason: &str) -> Decision {
    let seat = seat_of(session, org)?;
    if seat.task == Task::Lead {
        return Err(refused(
            "leads_already",
            "该单位已是牵头单位",
            "That organisation leads already",
        ));
    }
    if seat.is_released() {
        return Err(refused(
            "seat_is_over",
            "该单位已撤出，请先重新调派",
            "That organisation was let go; call it again first",
        ));
    }
    Ok(SessionEvent::LeadChanged(note_on(org, reason)?))
}

fn note_on(org: &OrgId, reason: &str) -> Result<SeatNote, Refusal> {
    Ok(SeatNote {
        org: org.clone(),
        reason: text("/reason", reason)?,
    })
}

pub(super) fn hand_over(
    session: &Session,
    to: &Person,
    reason: Option<&str>,
    ctx: Context<'_>,
) -> Decision {
    let to = open::commander(to, ctx)?;
    commands_already(session, &to)?;
    Ok(SessionEvent::HandedOver(HandedOver {
        to,
        reason: open::reason(reason)?,
    }))
}

/// The commander's tablet died, or a leader takes it on: whoever does so is the one commander.
pub(super) fn take_over(
    session: &Session,
    reason: &str,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let to = Commander {
        id: actor.id.clone(),
        org: actor.org.clone(),
        since: ctx.now,
    };
    commands_already(session, &to)?;
    Ok(SessionEvent::HandedOver(HandedOver {
        to,
        reason: Some(text("/reason", reason)?),
    }))
}

fn commands_already(session: &Session, to: &Commander) -> Result<(), Refusal> {
    if session.commander.id == to.id {
        return Err(refused(
            "commands_already",
            "其已是指挥长",
            "They command already",
        ));
    }
    Ok(())
}

pub(super) fn control(session: &Session, note: &str) -> Decision {
    if session.stage == Stage::UnderControl {
        return Err(refused(
            "controlled_already",
            "已宣布控制",
            "It is under control already",
        ));
    }
    let there = |seat: &Seat| seat.reached(Step::Arrived).is_some();
    if !session.seats.iter().any(there) {
        return Err(refused(
            "nobody_there",
            "尚无单位到场，不能宣布控制",
            "Nobody is at the scene yet; it can't be under control",
        ));
    }
    Ok(SessionEvent::Controlled(Note {
        text: text("/note", note)?,
    }))
}

/// The lead closes when every cooperator has signed off its part.
pub(super) fn close(session: &Session, result: &str) -> Decision {
    let open: Vec<&str> = session
        .seats
        .iter()
        .filter(|seat| seat.task == Task::Cooperate && !seat.is_over())
        .map(|seat| seat.org.as_str())
        .collect();
    if !open.is_empty() {
        let names = open.join(", ");
        return Err(refused(
            "not_signed_off",
            &format!("以下协同单位尚未销号：{names}；请其销号，或由指挥长撤出"),
            &format!("Not signed off: {names}; they must, or the commander lets them go"),
        ));
    }
    Ok(SessionEvent::Closed(Note {
        text: text("/result", result)?,
    }))
}
