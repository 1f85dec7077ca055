//! State + command + who + now -> events, or a refusal. Every rule of who may do what, and when,
//! stands here, and needs no server to be tested.

mod arrive;
mod end;
mod order;
mod send;
#[cfg(test)]
mod tests;
mod time;
mod work;

use smallvec::SmallVec;

use super::Incident;
use super::clock::{Clock, ClockKind};
use super::command::{Command, Report};
use super::event::{IncidentEvent, Reported};
use crate::access;
use crate::actor::Actor;
use crate::intake::{MAX_ATTACHMENTS, is_attachment_id, not_an_attachment};
use crate::pack::County;
use crate::pack::calendar::Due;
use crate::pack::catalogue::{Category, CategoryCode, ClassLimits, TimeClass};
use crate::pack::limits::{Limit, Severity};
use crate::refusal::{Class, Refusal};
use crate::time::Timestamp;

/// What a decision reads besides the state.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The county's rules.
    pub county: &'a County,
    /// The server's time.
    pub now: Timestamp,
    /// The other incident that a command names, if there is one.
    pub target: Option<&'a Incident>,
}

impl<'a> Context<'a> {
    /// A county at a time.
    pub const fn new(county: &'a County, now: Timestamp) -> Self {
        Self {
            county,
            now,
            target: None,
        }
    }

    pub(crate) fn put_off(&self, clock: &Clock, due: Due, severity: Severity) -> Clock {
        let county = self.county;
        clock.put_off(
            due,
            severity,
            &county.calendar,
            &county.lamp_rules,
            self.now,
        )
    }

    /// The clocks of an incident that stand still, as they go on from now.
    pub(crate) fn going_on(self, incident: &Incident) -> SmallVec<[Clock; 2]> {
        time::going_on(incident, self)
    }

    fn clock(&self, kind: ClockKind, limit: Limit, severity: Severity) -> Clock {
        let county = self.county;
        Clock::start(
            kind,
            self.now,
            limit,
            severity,
            &county.calendar,
            &county.lamp_rules,
        )
    }
}

type Decision = Result<IncidentEvent, Refusal>;

/// Takes a report in. Who may post for which source is intake's matter; that it is new is the
/// log's, which refuses a second first event.
pub fn report(report: Report, ctx: Context<'_>) -> IncidentEvent {
    let severity = report.claimed.unwrap_or(Severity::IV);
    let category = report
        .category
        .and_then(|code| ctx.county.catalogue.get(code));
    IncidentEvent::Reported(Reported {
        sensitive: category.is_some_and(|category| category.sensitive),
        holder: ctx.county.orgs.room_for(report.region).clone(),
        accept: ctx.clock(ClockKind::Accept, ctx.county.catalogue.accept, severity),
        source: report.source,
        external_id: report.external_id,
        title: report.title,
        description: report.description,
        category: report.category,
        claimed: report.claimed,
        place: report.place,
        reporter: report.reporter,
        occurred_at: report.occurred_at,
        attachments: report.attachments,
        duplicate_of: report.duplicate_of,
    })
}

/// Decides a command on an incident.
///
/// # Errors
/// Why it may not be, and what to do.
pub fn decide(incident: &Incident, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    access::may(actor, command.as_move(actor.role), Some(incident))?;
    match command {
        Command::SelfHandle {
            category,
            note,
            before,
            after,
        } => arrive::self_handle(incident, *category, note, (before, after), actor, ctx),
        Command::Accept { category } => arrive::accept(incident, *category, ctx),
        Command::Reject { reason } => arrive::reject(reason),
        Command::Appeal { reason } => arrive::appeal(incident, reason, ctx),
        Command::Merge { into, reason } => {
            arrive::merge(incident, *into, reason.as_deref(), actor, ctx)
        }
        Command::Correct { category, reason } => arrive::correct(incident, *category, reason, ctx),
        Command::Assess {
            breadth,
            difficulty,
        } => arrive::assess(incident, *breadth, *difficulty, ctx),
        Command::Dispatch {
            to,
            cooperators,
            reason,
        } => {
            let wish = send::Wish {
                to: to.as_ref(),
                cooperators,
                reason: reason.as_deref(),
            };
            send::dispatch(incident, &wish, actor, ctx)
        }
        Command::Consent {} => send::consent(incident, actor, ctx),
        Command::RefuseConsent { reason } => send::refuse_consent(incident, reason),
        Command::Return { reason } => send::send_back(incident, reason, actor, ctx),
        Command::Recall { reason } => send::recall(incident, reason.as_deref(), ctx),
        Command::Escalate { reason, severity } => {
            send::escalate(incident, reason, *severity, actor, ctx)
        }
        Command::Start {} => Ok(work::start(incident, ctx)),
        Command::Progress { note, evidence } => work::progress(note, evidence),
        Command::Step { step, note } => {
            work::step(incident, *step, note.as_deref(), actor.org.as_ref())
        }
        Command::Feedback { result, evidence } => work::feedback(incident, result, evidence, ctx),
        Command::AskExtension { .. }
        | Command::GrantExtension { .. }
        | Command::RefuseExtension { .. }
        | Command::Suspend { .. }
        | Command::Resume { .. } => of_time(incident, command, actor, ctx),
        Command::Reopen { .. }
        | Command::Contact { .. }
        | Command::Urge { .. }
        | Command::Close { .. }
        | Command::Evaluate { .. }
        | Command::TransferOut { .. }
        | Command::TakeBack { .. }
        | Command::Void { .. } => at_the_end(incident, command, actor, ctx),
        Command::SignOrder { .. }
        | Command::AnswerOrder { .. }
        | Command::ClearOrder { .. }
        | Command::RejectOrder { .. }
        | Command::AskRemoval { .. }
        | Command::GrantRemoval { .. }
        | Command::RefuseRemoval { .. } => of_orders(incident, command, actor, ctx),
    }
}

fn of_time(incident: &Incident, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    match command {
        Command::AskExtension { reason, until } => {
            time::ask_extension(incident, reason, *until, actor, ctx)
        }
        Command::GrantExtension { note } => {
            time::grant_extension(incident, note.as_deref(), actor, ctx)
        }
        Command::RefuseExtension { reason } => time::refuse_extension(incident, reason, actor),
        Command::Suspend {
            ground,
            reason,
            review_at,
        } => time::suspend(*ground, reason, *review_at, ctx),
        Command::Resume { note } => time::resume(incident, note.as_deref(), ctx),
        _ => Err(not_decided()),
    }
}

fn at_the_end(incident: &Incident, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    match command {
        Command::Reopen { reason } => end::reopen(incident, reason, actor, ctx),
        Command::Contact { outcome, note } => end::contact(*outcome, note.as_deref()),
        Command::Urge { note } => end::urge(incident, note.as_deref(), ctx),
        Command::Close { satisfied, note } => {
            end::close(incident, *satisfied, note.as_deref(), actor, ctx)
        }
        Command::Evaluate {
            speed,
            cooperation,
            note,
        } => end::evaluate(
            incident,
            (*speed, *cooperation),
            note.as_deref(),
            actor,
            ctx,
        ),
        Command::TransferOut {
            to,
            reason,
            receipt,
        } => end::transfer_out(to, reason, receipt),
        Command::TakeBack { reason } => end::take_back(incident, reason, ctx),
        Command::Void { reason } => end::void(reason),
        _ => Err(not_decided()),
    }
}

fn of_orders(incident: &Incident, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    match command {
        Command::SignOrder { order } => order::sign(incident, *order, actor),
        Command::AnswerOrder { order, text } => order::answer(incident, *order, text, actor),
        Command::ClearOrder { order, text } => {
            order::clear(incident, *order, text.as_deref(), actor)
        }
        Command::RejectOrder { order, reason } => {
            order::reject(incident, *order, reason, actor, ctx)
        }
        Command::AskRemoval { order, reason } => {
            order::ask_removal(incident, *order, reason, actor)
        }
        Command::GrantRemoval {
            order,
            reason,
            until,
        } => order::grant_removal(incident, *order, reason, *until, actor, ctx),
        Command::RefuseRemoval { order, reason } => {
            order::refuse_removal(incident, *order, reason, actor)
        }
        _ => Err(not_decided()),
    }
}

/// A command that its family does not know; the match above sends none there.
fn not_decided() -> Refusal {
    refused(
        "unknown_command",
        "不支持此项操作",
        "There is no such command",
    )
}

fn duty_limits(code: CategoryCode, severity: Severity, ctx: Context<'_>) -> ClassLimits {
    let catalogue = &ctx.county.catalogue;
    let class = catalogue
        .get(code)
        .map_or(TimeClass::D, |category| category.class);
    catalogue.limits(class, severity)
}

fn refused(code: &str, zh: &str, en: &str) -> Refusal {
    Refusal::new(Class::Refused, code, zh, en)
}

fn check_evidence(pointer: &str, evidence: &[String]) -> Result<(), Refusal> {
    if evidence.len() > MAX_ATTACHMENTS {
        return Err(Refusal::field(
            pointer,
            "too_many",
            format!("最多 {MAX_ATTACHMENTS} 个附件"),
            format!("At most {MAX_ATTACHMENTS} attachments"),
        ));
    }
    match evidence.iter().position(|id| !is_attachment_id(id)) {
        None => Ok(()),
        Some(at) => Err(not_an_attachment(&format!("{pointer}/{at}"))),
    }
}

fn known_category(code: CategoryCode, ctx: Context<'_>) -> Result<&Category, Refusal> {
    ctx.county.catalogue.get(code).ok_or_else(|| {
        Refusal::field(
            "/category",
            "unknown_category",
            format!("事项目录中没有类别 {code}"),
            format!("The catalogue has no category {code}"),
        )
    })
}

fn no_category() -> Refusal {
    Refusal::field(
        "/category",
        "category_required",
        "请先选定事项类别",
        "Choose a category first",
    )
}

fn text(pointer: &str, given: &str) -> Result<String, Refusal> {
    let trimmed = given.trim();
    if trimmed.is_empty() {
        return Err(Refusal::field(
            pointer,
            "text_required",
            "请填写内容",
            "Say something here",
        ));
    }
    if trimmed.chars().count() > Command::MAX_TEXT_CHARS {
        return Err(Refusal::field(
            pointer,
            "text_too_long",
            format!("内容不能超过 {} 字", Command::MAX_TEXT_CHARS),
            format!("At most {} characters", Command::MAX_TEXT_CHARS),
        ));
    }
    Ok(trimmed.to_owned())
}
