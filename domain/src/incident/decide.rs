//! State + command + who + now -> events, or a refusal. Every rule of who may do what, and when,
//! stands here, and needs no server to be tested.

use geodata::region::Code;
use smallvec::SmallVec;

use super::Incident;
use super::clock::{Clock, ClockKind};
use super::command::{Command, Report};
use super::event::{
    Accepted, Assessed, Closed, Dispatched, FedBack, IncidentEvent, Progressed, Reported, Started,
};
use crate::access;
use crate::actor::{Actor, Role};
use crate::intake::{MAX_ATTACHMENTS, is_attachment_id, not_an_attachment};
use crate::pack::County;
use crate::pack::catalogue::{CategoryCode, TimeClass};
use crate::pack::limits::Limit;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// What a decision reads besides the state.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The county's rules.
    pub county: &'a County,
    /// The server's time.
    pub now: Timestamp,
}

impl Context<'_> {
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
pub fn decide(incident: &Incident, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    access::may(actor, command.as_move(actor.role), Some(incident))?;
    match command {
        Command::Accept { category } => accept(incident, *category, ctx),
        Command::Assess {
            breadth,
            difficulty,
        } => assess(incident, *breadth, *difficulty, ctx),
        Command::Dispatch { to } => dispatch(incident, to.as_ref(), actor, ctx),
        Command::Start {} => Ok(start(incident, ctx)),
        Command::Progress { note } => progress(note),
        Command::Feedback { result, evidence } => feedback(incident, result, evidence, ctx),
        Command::Close { satisfied, note } => close(incident, *satisfied, note.as_deref(), actor),
    }
}

fn accept(incident: &Incident, category: Option<CategoryCode>, ctx: Context<'_>) -> Decision {
    let category = category.or(incident.category).ok_or_else(|| {
        Refusal::field(
            "/category",
            "category_required",
            "请先选定事项类别",
            "Choose a category first",
        )
    })?;
    let sensitive = known_category(category, ctx)?.sensitive;
    Ok(IncidentEvent::Accepted(Accepted {
        category,
        sensitive,
    }))
}

fn assess(
    incident: &Incident,
    breadth: Option<Severity>,
    difficulty: Option<Severity>,
    ctx: Context<'_>,
) -> Decision {
    let category = known_category(incident.category.ok_or_else(no_category)?, ctx)?;
    let breadth = breadth.or(incident.claimed).unwrap_or(Severity::IV);
    let difficulty = difficulty.unwrap_or(category.severity);
    let severity = breadth.max(difficulty);
    let limits = ctx.county.catalogue.limits(category.class, severity);
    let finish = ctx.clock(ClockKind::Finish, limits.finish, severity);
    Ok(IncidentEvent::Assessed(Assessed {
        breadth,
        difficulty,
        severity,
        finish,
    }))
}

fn dispatch(incident: &Incident, to: Option<&OrgId>, actor: &Actor, ctx: Context<'_>) -> Decision {
    let category = known_category(incident.category.ok_or_else(no_category)?, ctx)?;
    let severity = incident.severity_or_lowest();
    let county = ctx.county;
    let resolved = county.duties.resolve(
        category.code,
        incident.region,
        severity,
        &county.orgs,
        &county.catalogue,
    );
    let (to, cooperators, because) = match (to, resolved) {
        (Some(org), _) => {
            let org = county.orgs.get(org).ok_or_else(|| {
                Refusal::field(
                    "/to",
                    "unknown_org",
                    "没有这个单位",
                    "There is no such organisation",
                )
            })?;
            (
                org.id.clone(),
                Vec::new(),
                format!("{}指派", actor.role.zh()),
            )
        }
        (None, Ok(duty)) => (duty.lead, duty.cooperators, duty.because),
        (None, Err(_)) => {
            return Err(Refusal::field(
                "/to",
                "no_duty",
                "职责清单未明确牵头单位，请人工指派",
                "The duties name no unit for this; choose one",
            ));
        }
    };
    let limits = county.catalogue.limits(category.class, severity);
    let sign = ctx.clock(ClockKind::Sign, limits.sign, severity);
    Ok(IncidentEvent::Dispatched(Dispatched {
        shared: elsewhere(
            incident.region,
            std::iter::once(&to).chain(&cooperators),
            ctx,
        ),
        to,
        cooperators,
        because,
        sign,
    }))
}

/// The regions of these organisations that are neither the incident's own nor above it.
fn elsewhere<'a>(
    region: Code,
    orgs: impl Iterator<Item = &'a OrgId>,
    ctx: Context<'_>,
) -> SmallVec<[Code; 2]> {
    let mut regions: SmallVec<[Code; 2]> = orgs
        .filter_map(|id| ctx.county.orgs.get(id))
        .map(|org| org.region)
        .filter(|place| !place.contains(region))
        .collect();
    regions.sort_unstable();
    regions.dedup();
    regions
}

fn start(incident: &Incident, ctx: Context<'_>) -> IncidentEvent {
    let severity = incident.severity_or_lowest();
    let class = incident
        .category
        .and_then(|code| ctx.county.catalogue.get(code))
        .map_or(TimeClass::D, |category| category.class);
    let limits = ctx.county.catalogue.limits(class, severity);
    let first_action = ctx.clock(ClockKind::FirstAction, limits.first_action, severity);
    IncidentEvent::Started(Started { first_action })
}

fn progress(note: &str) -> Decision {
    let note = text("/note", note)?;
    Ok(IncidentEvent::Progressed(Progressed { note }))
}

fn feedback(incident: &Incident, result: &str, evidence: &[String], ctx: Context<'_>) -> Decision {
    let result = text("/result", result)?;
    check_evidence(evidence)?;
    let confirm = ctx.clock(
        ClockKind::Confirm,
        ctx.county.catalogue.confirm,
        incident.severity_or_lowest(),
    );
    Ok(IncidentEvent::FedBack(FedBack {
        result,
        evidence: evidence.to_vec(),
        confirm,
    }))
}

fn check_evidence(evidence: &[String]) -> Result<(), Refusal> {
    if evidence.len() > MAX_ATTACHMENTS {
        return Err(Refusal::field(
            "/evidence",
            "too_many",
            format!("最多 {MAX_ATTACHMENTS} 个附件"),
            format!("At most {MAX_ATTACHMENTS} attachments"),
        ));
    }
    match evidence.iter().position(|id| !is_attachment_id(id)) {
        None => Ok(()),
        Some(at) => Err(not_an_attachment(&format!("/evidence/{at}"))),
    }
}

/// Whoever reported closes; the rooms may by call-back in their stead.
fn close(incident: &Incident, satisfied: bool, note: Option<&str>, actor: &Actor) -> Decision {
    let by_proxy = matches!(actor.role, Role::Centre | Role::CommandRoom);
    let note = note.map(|note| text("/note", note)).transpose()?;
    Ok(IncidentEvent::Closed(Closed {
        satisfied,
        by_proxy,
        note,
        number: (incident.number > 0).then_some(incident.number),
    }))
}

fn known_category(
    code: CategoryCode,
    ctx: Context<'_>,
) -> Result<&crate::pack::catalogue::Category, Refusal> {
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
