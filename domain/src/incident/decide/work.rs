//! Handling it: signing, telling what was done, the steps of a playbook, and the result.

use super::{Context, Decision, check_evidence, refused, text};
use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::incident::event::{FedBack, IncidentEvent, Progressed, Started, Stepped};
use crate::pack::catalogue::TimeClass;
use crate::pack::orgs::OrgId;
use crate::refusal::Refusal;

pub(super) fn start(incident: &Incident, ctx: Context<'_>) -> IncidentEvent {
    let severity = incident.severity_or_lowest();
    let class = incident
        .category
        .and_then(|code| ctx.county.catalogue.get(code))
        .map_or(TimeClass::D, |category| category.class);
    let limits = ctx.county.catalogue.limits(class, severity);
    let first_action = ctx.clock(ClockKind::FirstAction, limits.first_action, severity);
    IncidentEvent::Started(Started { first_action })
}

pub(super) fn progress(note: &str, evidence: &[String]) -> Decision {
    let note = text("/note", note)?;
    check_evidence("/evidence", evidence)?;
    Ok(IncidentEvent::Progressed(Progressed {
        note,
        evidence: evidence.to_vec(),
    }))
}

pub(super) fn step(
    incident: &Incident,
    step: u8,
    note: Option<&str>,
    actor_org: Option<&OrgId>,
) -> Decision {
    let steps = incident.plan.as_ref().map(|plan| &plan.steps);
    let one = steps
        .and_then(|steps| steps.get(usize::from(step)))
        .ok_or_else(|| {
            Refusal::field(
                "/step",
                "unknown_step",
                "流程中没有这一步",
                "Its playbook has no such step",
            )
        })?;
    if one.done.is_some() {
        return Err(refused(
            "step_done",
            "这一步已完成",
            "That step is done already",
        ));
    }
    let holder = incident.holder().map(|hold| &hold.org);
    if actor_org.is_some() && actor_org != Some(&one.org) && actor_org != holder {
        return Err(refused(
            "not_your_step",
            "这一步由其他单位负责",
            "That step is another unit's",
        ));
    }
    let note = note.map(|note| text("/note", note)).transpose()?;
    Ok(IncidentEvent::Stepped(Stepped { step, note }))
}

pub(super) fn feedback(
    incident: &Incident,
    result: &str,
    evidence: &[String],
    ctx: Context<'_>,
) -> Decision {
    let result = text("/result", result)?;
    check_evidence("/evidence", evidence)?;
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
