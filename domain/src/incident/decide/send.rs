//! Finding who handles it: the duties, the gate of the duty list, sending back, taking back and
//! sending up.

use geodata::region::{Code, Level};
use smallvec::SmallVec;

use super::{Context, Decision, duty_limits, known_category, no_category, refused, text};
use crate::actor::{Actor, Role};
use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::incident::event::{
    ConsentAsked, Dispatched, Escalated, IncidentEvent, Plan, Reason, Recalled, Returned,
};
use crate::pack::catalogue::{CategoryCode, TimeClass};
use crate::pack::duties::Assignment;
use crate::pack::limits::Severity;
use crate::pack::orgs::{Org, OrgId, OrgKind};
use crate::refusal::Refusal;

/// How many may help with one incident.
const MAX_COOPERATORS: usize = 30;
/// After so many units sent it back the county centre decides, and its word binds.
const RETURNS_UNTIL_BINDING: usize = 2;

/// Whom a person asks for.
pub(super) struct Wish<'a> {
    pub to: Option<&'a OrgId>,
    pub cooperators: &'a [OrgId],
    pub reason: Option<&'a str>,
}

pub(super) fn dispatch(
    incident: &Incident,
    wish: &Wish<'_>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let category = incident.category.ok_or_else(no_category)?;
    let bounced = incident.returned_by.len() >= RETURNS_UNTIL_BINDING;
    if bounced && actor.role != Role::Centre {
        return Err(refused(
            "centre_decides",
            "已两次退单，由县中心裁定承办单位",
            "Two units sent it back; the county centre decides now, and its word binds",
        ));
    }
    let duty = match wish.to {
        Some(to) => chosen(to, wish, actor, ctx)?,
        None => by_duties(incident, category, ctx)?,
    };
    let lead = org(&duty.lead, "/to", ctx)?;
    check_lead(incident, lead, actor)?;
    if let Some(room) = must_consent(incident, lead, category, actor, ctx) {
        return Ok(IncidentEvent::ConsentAsked(ConsentAsked {
            of: room,
            to: duty.lead,
            reason: duty.because,
        }));
    }
    Ok(ordered(incident, category, duty, bounced, ctx))
}

/// The township takes on what is not on its list.
pub(super) fn consent(incident: &Incident, actor: &Actor, ctx: Context<'_>) -> Decision {
    let category = incident.category.ok_or_else(no_category)?;
    let asked = incident.consent.as_ref().ok_or_else(nothing_asked)?;
    let duty = Assignment {
        lead: asked.to.clone(),
        cooperators: Vec::new(),
        because: format!("{}；{}同意承接", asked.reason, actor.role.zh()),
    };
    Ok(ordered(incident, category, duty, false, ctx))
}

pub(super) fn refuse_consent(incident: &Incident, reason: &str) -> Decision {
    incident.consent.as_ref().ok_or_else(nothing_asked)?;
    let reason = text("/reason", reason)?;
    Ok(IncidentEvent::ConsentRefused(Reason { reason }))
}

/// Once per unit, before the sign clock is due, and not against the centre's binding word.
pub(super) fn send_back(
    incident: &Incident,
    reason: &str,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    if incident.binding {
        return Err(refused(
            "binding",
            "县中心裁定派单，不得再退回",
            "The county centre decided this; it may not be sent back again",
        ));
    }
    let sign = incident.clock(ClockKind::Sign);
    if sign.is_some_and(|clock| ctx.now >= clock.due) {
        return Err(refused(
            "too_late",
            "已超过签收时限，不能退单",
            "The time to sign for it is over; it can no longer be sent back",
        ));
    }
    let by = holder_or_room(incident, actor, ctx);
    if incident.returned_by.contains(&by) {
        return Err(refused(
            "returned_before",
            "本单位已退回过一次，不能再次退单",
            "Your unit has sent it back once already",
        ));
    }
    let room = if incident.returned_by.len() + 1 >= RETURNS_UNTIL_BINDING {
        ctx.county.orgs.centre()
    } else {
        ctx.county.orgs.room_for(incident.region)
    };
    Ok(IncidentEvent::Returned(Returned {
        reason: text("/reason", reason)?,
        by,
        holder: room.clone(),
    }))
}

pub(super) fn recall(incident: &Incident, reason: Option<&str>, ctx: Context<'_>) -> Decision {
    Ok(IncidentEvent::Recalled(Recalled {
        reason: reason.map(|reason| text("/reason", reason)).transpose()?,
        holder: ctx.county.orgs.room_for(incident.region).clone(),
    }))
}

/// A platform sends it to its command room, that to the county centre, a county unit to the
/// leaders as a special report (专报).
pub(super) fn escalate(
    incident: &Incident,
    reason: &str,
    severity: Option<Severity>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let orgs = &ctx.county.orgs;
    let now = incident.severity_or_lowest();
    let severity = severity.unwrap_or(now);
    if severity < now {
        return Err(Refusal::field(
            "/severity",
            "level_may_only_rise",
            "提级时等级只能升高，不能降低",
            "The level may rise here, and not fall",
        ));
    }
    let special_report = actor.role == Role::Unit;
    let to = match actor.role {
        Role::Unit => orgs.leaders().map(|org| &org.id).ok_or_else(|| {
            refused(
                "no_leaders",
                "本县未配置领导层级，请联系县中心",
                "This county has no leaders set up; turn to the county centre",
            )
        })?,
        Role::CommandRoom => orgs.centre(),
        _ => orgs.room_for(incident.region),
    };
    Ok(IncidentEvent::Escalated(Escalated {
        reason: text("/reason", reason)?,
        to: to.clone(),
        severity,
        special_report,
    }))
}

fn chosen(
    to: &OrgId,
    wish: &Wish<'_>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Assignment, Refusal> {
    org(to, "/to", ctx)?;
    let cooperators = cooperators(to, wish.cooperators, ctx)?;
    let mut because = format!("{}指派", actor.role.zh());
    if let Some(reason) = wish.reason {
        because = format!("{because}：{}", text("/reason", reason)?);
    }
    Ok(Assignment {
        lead: to.clone(),
        cooperators,
        because,
    })
}

fn cooperators(lead: &OrgId, wanted: &[OrgId], ctx: Context<'_>) -> Result<Vec<OrgId>, Refusal> {
    if wanted.len() > MAX_COOPERATORS {
        return Err(Refusal::field(
            "/cooperators",
            "too_many",
            format!("协同单位最多 {MAX_COOPERATORS} 个"),
            format!("At most {MAX_COOPERATORS} units may help"),
        ));
    }
    let mut all: Vec<OrgId> = Vec::new();
    for (at, id) in wanted.iter().enumerate() {
        org(id, &format!("/cooperators/{at}"), ctx)?;
        if id != lead && !all.contains(id) {
            all.push(id.clone());
        }
    }
    Ok(all)
}

/// Whose it is by the list. What is pressing goes to somebody who is on duty; who that is, and
/// why, is said.
fn by_duties(
    incident: &Incident,
    code: CategoryCode,
    ctx: Context<'_>,
) -> Result<Assignment, Refusal> {
    let county = ctx.county;
    let severity = incident.severity_or_lowest();
    let mut duty = county
        .duties
        .resolve(
            code,
            incident.region,
            severity,
            &county.orgs,
            &county.catalogue,
        )
        .map_err(|_| {
            Refusal::field(
                "/to",
                "no_duty",
                "职责清单未明确牵头单位，请人工指派",
                "The duties name no unit for this; choose one",
            )
        })?;
    if incident.returned_by.contains(&duty.lead) {
        return Err(Refusal::field(
            "/to",
            "returned_before",
            "清单所列牵头单位已退回，请人工指派",
            "The unit that the duties name has sent it back; choose one",
        ));
    }
    let class = known_category(code, ctx)?.class;
    if matches!(class, TimeClass::A | TimeClass::B) {
        prefer_on_duty(&mut duty, incident.region, ctx);
    }
    Ok(duty)
}

fn prefer_on_duty(duty: &mut Assignment, region: Code, ctx: Context<'_>) {
    let county = ctx.county;
    let is_on_duty = |id: &OrgId| {
        let org = county.orgs.get(id);
        org.is_some_and(|org| org.is_on_duty(ctx.now, &county.calendar))
    };
    if is_on_duty(&duty.lead) {
        return;
    }
    let room = county.orgs.room_for(region);
    let next = duty
        .cooperators
        .iter()
        .chain([room])
        .find(|id| is_on_duty(id));
    let Some(next) = next.cloned() else { return };
    let name = |id: &OrgId| {
        county
            .orgs
            .get(id)
            .map_or(id.as_str(), |org| &org.name)
            .to_owned()
    };
    duty.because = format!(
        "{}；{}当前不在值班时间，由{}先行处置",
        duty.because,
        name(&duty.lead),
        name(&next)
    );
    duty.cooperators.retain(|id| *id != next);
    duty.cooperators
        .insert(0, std::mem::replace(&mut duty.lead, next));
}

/// Whoever reported it does not handle it, and whoever sent it back does not get it again unless
/// the centre says so.
fn check_lead(incident: &Incident, lead: &Org, actor: &Actor) -> Result<(), Refusal> {
    let sender = incident
        .sent_by
        .as_ref()
        .and_then(|sender| sender.org.as_ref());
    if sender == Some(&lead.id) {
        return Err(Refusal::field(
            "/to",
            "reporter_may_not_handle",
            "报办分离：上报单位不能承办自己上报的事件",
            "Whoever reported it may not handle it; choose another unit",
        ));
    }
    if incident.returned_by.contains(&lead.id) && actor.role != Role::Centre {
        return Err(Refusal::field(
            "/to",
            "returned_before",
            "该单位已退回此事件，请另行指派或报县中心裁定",
            "That unit has sent it back; choose another, or let the county centre decide",
        ));
    }
    Ok(())
}

/// The command room whose consent is owed: the county sends a township what is not on its list.
/// What its own duties would send there is on it.
fn must_consent(
    incident: &Incident,
    lead: &Org,
    code: CategoryCode,
    actor: &Actor,
    ctx: Context<'_>,
) -> Option<OrgId> {
    let county = ctx.county;
    let down = lead.region.level() >= Level::Township && lead.kind != OrgKind::Unit;
    if actor.role != Role::Centre || !down {
        return None;
    }
    let severity = incident.severity_or_lowest();
    let listed = county.duties.is_on_township_list(
        code,
        incident.region,
        severity,
        &county.orgs,
        &county.catalogue,
    );
    (!listed).then(|| county.orgs.room_for(lead.region).clone())
}

fn ordered(
    incident: &Incident,
    code: CategoryCode,
    duty: Assignment,
    binding: bool,
    ctx: Context<'_>,
) -> IncidentEvent {
    let severity = incident.severity_or_lowest();
    let limits = duty_limits(code, severity, ctx);
    let sign = ctx.clock(ClockKind::Sign, limits.sign, severity);
    let parties = std::iter::once(&duty.lead).chain(&duty.cooperators);
    IncidentEvent::Dispatched(Dispatched {
        shared: elsewhere(incident.region, parties, ctx),
        plan: playbook(incident, code, &duty, ctx),
        to: duty.lead,
        cooperators: duty.cooperators,
        because: duty.because,
        binding,
        sign,
    })
}

fn playbook(
    incident: &Incident,
    code: CategoryCode,
    duty: &Assignment,
    ctx: Context<'_>,
) -> Option<Plan> {
    let county = ctx.county;
    county.duties.playbook(
        code,
        incident.region,
        incident.severity_or_lowest(),
        &duty.lead,
        ctx.now,
        county,
    )
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

fn holder_or_room(incident: &Incident, actor: &Actor, ctx: Context<'_>) -> OrgId {
    let holder = incident.holder().map(|hold| &hold.org);
    actor
        .org
        .as_ref()
        .or(holder)
        .unwrap_or_else(|| ctx.county.orgs.room_for(incident.region))
        .clone()
}

fn org<'a>(id: &OrgId, pointer: &str, ctx: Context<'a>) -> Result<&'a Org, Refusal> {
    ctx.county.orgs.get(id).ok_or_else(|| {
        Refusal::field(
            pointer,
            "unknown_org",
            "没有这个单位",
            "There is no such organisation",
        )
    })
}

fn nothing_asked() -> Refusal {
    refused(
        "nothing_asked",
        "没有待同意的承接请求",
        "Nobody has asked for your consent here",
    )
}
