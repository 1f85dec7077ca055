//! State + command + who + now -> events, or a refusal. Every rule of who may do what, and when,
//! stands here, and needs no server to be tested.

use super::clock::{Clock, ClockKind};
use super::command::{Command, Report};
use super::event::{
    Accepted, Assessed, Closed, Dispatched, FedBack, IncidentEvent, Progressed, Reported, Started,
};
use super::{Incident, State};
use crate::actor::{Actor, Role};
use crate::pack::County;
use crate::pack::catalogue::{CategoryCode, TimeClass};
use crate::pack::limits::Limit;
use crate::pack::limits::Severity;
use crate::refusal::{Class, Refusal};
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
    IncidentEvent::Reported(Reported {
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
    if !actor.covers(incident.region) {
        return Err(not_found());
    }
    match command {
        Command::Accept { category } => accept(incident, *category, actor, ctx),
        Command::Assess {
            breadth,
            difficulty,
        } => assess(incident, *breadth, *difficulty, actor, ctx),
        Command::Dispatch { to } => dispatch(incident, to.as_ref(), actor, ctx),
        Command::Start {} => start(incident, actor, ctx),
        Command::Progress { note } => progress(incident, note, actor),
        Command::Feedback { result, evidence } => feedback(incident, result, evidence, actor, ctx),
        Command::Close { satisfied, note } => close(incident, *satisfied, note.as_deref(), actor),
    }
}

fn accept(
    incident: &Incident,
    category: Option<CategoryCode>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    require_role(actor, &[Role::Centre, Role::CommandRoom, Role::Rule])?;
    require_state(incident, &[State::Reported])?;
    let category = category.or(incident.category).ok_or_else(|| {
        Refusal::field(
            "/category",
            "category_required",
            "请先选定事项类别",
            "Choose a category first",
        )
    })?;
    known_category(category, ctx)?;
    Ok(IncidentEvent::Accepted(Accepted { category }))
}

fn assess(
    incident: &Incident,
    breadth: Option<Severity>,
    difficulty: Option<Severity>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    require_role(actor, &[Role::Centre, Role::CommandRoom, Role::Rule])?;
    require_state(incident, &[State::Accepted])?;
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

fn dispatch(
    incident: &Incident,
    to: Option<&crate::pack::orgs::OrgId>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    require_role(actor, &[Role::Centre, Role::CommandRoom, Role::Rule])?;
    require_state(incident, &[State::Assessed])?;
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
                format!("{}指派", role_name(actor.role)),
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
        to,
        cooperators,
        because,
        sign,
    }))
}

fn start(incident: &Incident, actor: &Actor, ctx: Context<'_>) -> Decision {
    require_handler(incident, actor)?;
    require_state(incident, &[State::Dispatched])?;
    let severity = incident.severity_or_lowest();
    let class = incident
        .category
        .and_then(|code| ctx.county.catalogue.get(code))
        .map_or(TimeClass::D, |category| category.class);
    let limits = ctx.county.catalogue.limits(class, severity);
    let first_action = ctx.clock(ClockKind::FirstAction, limits.first_action, severity);
    Ok(IncidentEvent::Started(Started { first_action }))
}

fn progress(incident: &Incident, note: &str, actor: &Actor) -> Decision {
    require_handler(incident, actor)?;
    require_state(incident, &[State::InProgress])?;
    let note = text("/note", note)?;
    Ok(IncidentEvent::Progressed(Progressed { note }))
}

fn feedback(
    incident: &Incident,
    result: &str,
    evidence: &[String],
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    require_handler(incident, actor)?;
    require_state(incident, &[State::InProgress])?;
    let result = text("/result", result)?;
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

/// Only whoever reported closes; the rooms may by call-back in the reporter's stead. Never the
/// handler.
fn close(incident: &Incident, satisfied: bool, note: Option<&str>, actor: &Actor) -> Decision {
    require_role(
        actor,
        &[
            Role::Reporter,
            Role::Source,
            Role::Centre,
            Role::CommandRoom,
        ],
    )?;
    require_state(incident, &[State::Feedback])?;
    let handler = incident.holder().map(|hold| &hold.org);
    if actor.org.is_some() && actor.org.as_ref() == handler {
        return Err(Refusal::new(
            Class::Refused,
            "handler_may_not_close",
            "承办单位不能自行确认结案，请由上报人或指挥室确认",
            "Whoever handled it may not confirm it; the reporter or a command room must",
        ));
    }
    let by_proxy = !matches!(actor.role, Role::Reporter | Role::Source);
    let own = actor.role != Role::Source || actor.id == incident.source;
    if !own {
        return Err(Refusal::new(
            Class::Forbidden,
            "not_your_report",
            "只能确认本渠道上报的事件",
            "A source confirms only what it reported",
        ));
    }
    let note = note.map(|note| text("/note", note)).transpose()?;
    Ok(IncidentEvent::Closed(Closed {
        satisfied,
        by_proxy,
        note,
    }))
}

fn require_role(actor: &Actor, roles: &[Role]) -> Result<(), Refusal> {
    if roles.contains(&actor.role) {
        return Ok(());
    }
    Err(Refusal::new(
        Class::Forbidden,
        "role_may_not",
        format!("{}无权进行此项操作", role_name(actor.role)),
        format!("The role {:?} may not do this", actor.role),
    ))
}

/// The unit that holds it, or one that helps; a platform token without an org acts for whoever
/// holds it.
fn require_handler(incident: &Incident, actor: &Actor) -> Result<(), Refusal> {
    require_role(
        actor,
        &[Role::Platform, Role::Unit, Role::Village, Role::Grid],
    )?;
    let Some(org) = &actor.org else { return Ok(()) };
    let holds = incident.holder().is_some_and(|hold| hold.org == *org);
    if holds || incident.cooperators.contains(org) {
        return Ok(());
    }
    Err(Refusal::new(
        Class::Forbidden,
        "not_your_incident",
        "此事件未派给本单位",
        "This incident is with another unit",
    ))
}

fn require_state(incident: &Incident, states: &[State]) -> Result<(), Refusal> {
    if states.contains(&incident.state) {
        return Ok(());
    }
    Err(Refusal::new(
        Class::Refused,
        "wrong_state",
        format!(
            "事件当前状态为“{}”，不能进行此项操作，请刷新后再试",
            state_name(incident.state)
        ),
        format!(
            "The incident is {:?}; this does not apply to it now",
            incident.state
        ),
    ))
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

fn not_found() -> Refusal {
    Refusal::new(
        Class::NotFound,
        "not_found",
        "没有这个事件",
        "There is no such incident",
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

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Centre => "县中心",
        Role::CommandRoom => "镇街指挥室",
        Role::Platform => "平台",
        Role::Unit => "部门",
        Role::Village => "村社",
        Role::Grid => "网格",
        Role::Leader => "领导",
        Role::Auditor => "审计",
        Role::Reporter => "上报人",
        Role::Source => "接入系统",
        Role::Reader => "只读账号",
        Role::Wall => "大屏",
        Role::Rule => "系统规则",
        Role::Administrator => "系统管理员",
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Reported => "已上报",
        State::SelfHandled => "自行处置",
        State::Accepted => "已受理",
        State::Assessed => "已研判",
        State::Dispatched => "已派单",
        State::InProgress => "处置中",
        State::Suspended => "挂起",
        State::Feedback => "待确认",
        State::Closed => "已办结",
        State::Rejected => "不予受理",
        State::Merged => "已并案",
        State::TransferredOut => "已转出",
        State::Void => "已作废",
    }
}
