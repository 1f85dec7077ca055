//! What a member says of itself, or has somebody say.

use super::{Context, Decision, happened, label_text, own_org, refused, seat_of, text};
use crate::actor::Actor;
use crate::pack::orgs::OrgId;
use crate::refusal::Refusal;
use crate::session::command::Command;
use crate::session::event::{Marked, SessionEvent};
use crate::session::{Evidence, Seat, Session, Step, Task};
use crate::time::Timestamp;

/// A seat is a step further.
pub(super) fn mark(
    session: &Session,
    command: &Command,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let (org, step, evidence, occurred_at, note) = told(command, actor)?;
    let seat = seat_of(session, &org)?;
    check(seat, step, &evidence)?;
    if step == Step::Done && seat.task == Task::Lead {
        return Err(refused(
            "lead_closes",
            "牵头单位不单独销号，请在各协同单位销号后结束指挥",
            "The lead signs off nothing; it closes once every cooperator has signed off",
        ));
    }
    Ok(SessionEvent::Marked(Marked {
        occurred_at: happened(ctx.now, seat.at(Step::Sent), occurred_at),
        org,
        step,
        evidence,
        note,
    }))
}

type Told = (OrgId, Step, Evidence, Option<Timestamp>, Option<String>);

fn told(command: &Command, actor: &Actor) -> Result<Told, Refusal> {
    let own = |step, at| Ok((own_org(actor)?, step, Evidence::Button, at, None));
    match command {
        Command::Deliver { org } => {
            let org = match org {
                Some(org) if actor.role == crate::actor::Role::Rule => org.clone(),
                _ => own_org(actor)?,
            };
            Ok((org, Step::Delivered, Evidence::System, None, None))
        }
        Command::Read { occurred_at } => own(Step::Read, *occurred_at),
        Command::Acknowledge { occurred_at } => own(Step::Acknowledged, *occurred_at),
        Command::Move { occurred_at } => own(Step::Moving, *occurred_at),
        Command::Arrive { occurred_at } => own(Step::Arrived, *occurred_at),
        Command::Work { occurred_at } => own(Step::Working, *occurred_at),
        Command::SignOff { note, occurred_at } => {
            let note = Some(text("/note", note)?);
            let org = own_org(actor)?;
            Ok((org, Step::Done, Evidence::Button, *occurred_at, note))
        }
        Command::Word {
            org,
            step,
            channel,
            officer,
        } => {
            if !(Step::Read..=Step::Working).contains(step) {
                return Err(Refusal::field(
                    "/step",
                    "not_by_word",
                    "口头只能报告已阅、收到、出动、到场或处置中",
                    "By word only read, acknowledged, moving, arrived or working can be told",
                ));
            }
            let evidence = Evidence::Word {
                channel: *channel,
                officer: label_text("/officer", officer)?,
            };
            Ok((org.clone(), *step, evidence, None, None))
        }
        _ => Err(refused(
            "unknown_command",
            "不支持此项操作",
            "There is no such command",
        )),
    }
}

/// Whether a seat can come to a step now: it was ordered, is not over, and has not said so before.
fn check(seat: &Seat, step: Step, evidence: &Evidence) -> Result<(), Refusal> {
    if seat.at(Step::Sent).is_none() {
        return Err(refused(
            "not_ordered",
            "尚未向该单位下达指令",
            "That organisation was not ordered yet",
        ));
    }
    if seat.is_over() {
        return Err(refused(
            "seat_is_over",
            "该单位的任务已结束",
            "That organisation owes nothing any more",
        ));
    }
    if let Some(before) = seat.claimed(step).filter(|_| !evidence.is_observed()) {
        return Err(refused(
            "told_already",
            &format!("已于 {} 报告过，无需重复", before.at),
            &format!("That was told already, at {}", before.at),
        ));
    }
    let claims = seat
        .marks
        .iter()
        .filter(|mark| !mark.evidence.is_observed());
    let furthest = claims.map(|mark| mark.step).max();
    if furthest.is_some_and(|at| at > step) && step > Step::Delivered {
        return Err(refused(
            "further_already",
            "该单位已进入后续环节，无需补报",
            "That organisation is further already; nothing is missing",
        ));
    }
    if step == Step::Done && seat.reached(Step::Acknowledged).is_none() {
        return Err(refused(
            "not_acknowledged",
            "请先收到指令再销号",
            "Acknowledge the order before you sign off",
        ));
    }
    Ok(())
}
