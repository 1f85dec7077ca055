//! Coming in: taking a report on or not, settling it on the spot, joining it to another, naming
//! it rightly and setting its level.

use super::{
    Context, Decision, check_evidence, duty_limits, known_category, no_category, refused, text,
};
use crate::access;
use crate::actor::Actor;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::incident::event::{
    Accepted, Appealed, Assessed, Corrected, IncidentEvent, Merged, Reason, SelfHandled,
};
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::refusal::Refusal;

pub(super) fn self_handle(
    incident: &Incident,
    category: Option<CategoryCode>,
    note: &str,
    photos: (&[String], &[String]),
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let code = category.or(incident.category).ok_or_else(no_category)?;
    let category = known_category(code, ctx)?;
    if !category.self_handle {
        return Err(Refusal::field(
            "/category",
            "not_for_the_spot",
            format!("“{}”不能由网格员当场自行处置，请上报指挥室", category.name),
            format!(
                "{} may not be settled on the spot; leave it to the command room",
                category.en
            ),
        ));
    }
    let (before, after) = photos;
    for (pointer, photos) in [("/before", before), ("/after", after)] {
        if photos.is_empty() {
            return Err(Refusal::field(
                pointer,
                "photo_required",
                "请上传处置前、处置后的照片各至少一张",
                "Add at least one photo from before and one from after",
            ));
        }
        check_evidence(pointer, photos)?;
    }
    let Some(org) = &actor.org else {
        return Err(refused(
            "org_required",
            "请以网格身份操作",
            "Only the team of a grid settles things on the spot",
        ));
    };
    let severity = incident.severity_or_lowest();
    let limits = ctx.county.catalogue.limits(category.class, severity);
    Ok(IncidentEvent::SelfHandled(SelfHandled {
        category: code,
        sensitive: category.sensitive,
        note: text("/note", note)?,
        before: before.to_vec(),
        after: after.to_vec(),
        by: org.clone(),
        finish: ctx.clock(ClockKind::Finish, limits.finish, severity),
    }))
}

pub(super) fn accept(
    incident: &Incident,
    category: Option<CategoryCode>,
    ctx: Context<'_>,
) -> Decision {
    let category = category.or(incident.category).ok_or_else(no_category)?;
    let sensitive = known_category(category, ctx)?.sensitive;
    Ok(IncidentEvent::Accepted(Accepted {
        category,
        sensitive,
    }))
}

pub(super) fn reject(reason: &str) -> Decision {
    let reason = text("/reason", reason)?;
    Ok(IncidentEvent::Rejected(Reason { reason }))
}

/// One appeal; a second refusal stands.
pub(super) fn appeal(incident: &Incident, reason: &str, ctx: Context<'_>) -> Decision {
    if incident.appealed {
        return Err(refused(
            "appealed_before",
            "已申诉过一次，不能再次申诉",
            "You have appealed once already; the decision stands",
        ));
    }
    let severity = incident.severity_or_lowest();
    Ok(IncidentEvent::Appealed(Appealed {
        reason: text("/reason", reason)?,
        accept: ctx.clock(ClockKind::Accept, ctx.county.catalogue.accept, severity),
    }))
}

pub(super) fn merge(
    incident: &Incident,
    into: IncidentId,
    reason: Option<&str>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    if into == incident.id {
        return Err(Refusal::field(
            "/into",
            "same_incident",
            "不能并入事件自身",
            "An incident cannot follow itself",
        ));
    }
    let target = ctx
        .target
        .filter(|target| target.id == into && access::knows(actor, target))
        .ok_or_else(|| {
            Refusal::field(
                "/into",
                "unknown_incident",
                "没有这个主事件",
                "There is no such incident to follow",
            )
        })?;
    if !target.state.is_open() {
        return Err(Refusal::field(
            "/into",
            "target_not_open",
            "主事件已不在办理中，不能并入",
            "The other incident is no longer open; choose one that is",
        ));
    }
    Ok(IncidentEvent::Merged(Merged {
        into,
        reason: reason.map(|reason| text("/reason", reason)).transpose()?,
    }))
}

/// It goes back to the room and finds its owner again; the old one learns it from the event.
pub(super) fn correct(
    incident: &Incident,
    category: CategoryCode,
    reason: &str,
    ctx: Context<'_>,
) -> Decision {
    let from = incident.category.ok_or_else(no_category)?;
    if from == category {
        return Err(Refusal::field(
            "/category",
            "same_category",
            "与现有类别相同",
            "That is its category already",
        ));
    }
    let sensitive = known_category(category, ctx)?.sensitive;
    Ok(IncidentEvent::Corrected(Corrected {
        from,
        category,
        sensitive,
        reason: text("/reason", reason)?,
        holder: ctx.county.orgs.room_for(incident.region).clone(),
    }))
}

/// The level is the greater of breadth and difficulty. Where it was assessed before, its clock
/// runs on: the new limit counts from the old start, and leaves at least a quarter of itself.
pub(super) fn assess(
    incident: &Incident,
    breadth: Option<Severity>,
    difficulty: Option<Severity>,
    ctx: Context<'_>,
) -> Decision {
    let code = incident.category.ok_or_else(no_category)?;
    let category = known_category(code, ctx)?;
    let breadth = breadth.or(incident.claimed).unwrap_or(Severity::IV);
    let difficulty = difficulty.unwrap_or(category.severity);
    let severity = breadth.max(difficulty);
    let limit = duty_limits(code, severity, ctx).finish;
    let county = ctx.county;
    let before = incident
        .clock(ClockKind::Finish)
        .filter(|clock| clock.stopped.is_none());
    let finish = match before {
        None => ctx.clock(ClockKind::Finish, limit, severity),
        Some(before) => {
            let due = limit.due(before.start, &county.calendar);
            let least = limit.quarter(ctx.now, &county.calendar);
            let due = if least.at > due.at { least } else { due };
            let mut clock = ctx.put_off(before, due, severity);
            clock.limit = Some(limit);
            clock
        }
    };
    Ok(IncidentEvent::Assessed(Assessed {
        breadth,
        difficulty,
        severity,
        finish,
    }))
}
