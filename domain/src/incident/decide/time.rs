//! More time, standing still, and going on.

use smallvec::SmallVec;

use super::{Context, Decision, refused, text};
use crate::actor::Actor;
use crate::incident::Incident;
use crate::incident::clock::{Clock, ClockKind};
use crate::incident::event::{
    ExtensionAsked, ExtensionGranted, Ground, IncidentEvent, Reason, Resumed, Suspended,
};
use crate::pack::calendar::Due;
use crate::refusal::{Class, Refusal};
use crate::time::{Span, Timestamp};

/// How long it may wait before somebody looks again (rules of the trade, row 12).
const REVIEW_WITHIN: Span = Span::days(90);
/// Time is given twice at most; the second time by a director (row 11).
const MAX_EXTENSIONS: u8 = 2;

pub(super) fn ask_extension(
    incident: &Incident,
    reason: &str,
    until: Timestamp,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let finish = running_finish(incident, ctx.now)?;
    if incident.extension.is_some() {
        return Err(refused(
            "asked_before",
            "已有延期申请待批",
            "More time has been asked for already; wait for the answer",
        ));
    }
    if incident.extensions >= MAX_EXTENSIONS {
        return Err(refused(
            "no_more_extensions",
            "最多延期两次，不能再申请",
            "It has been given more time twice; there is no third",
        ));
    }
    let longest = match finish.limit {
        Some(limit) => limit.due(finish.due, &ctx.county.calendar).at,
        None => finish.due + (finish.due - finish.start),
    };
    if until <= finish.due || until > longest {
        return Err(Refusal::field(
            "/until",
            "wrong_until",
            "延期后的时限须晚于原时限，且延长不超过原时限的一倍",
            "Ask for a time after the deadline, and for no more than the limit once more",
        ));
    }
    let holder = incident.holder().map(|hold| hold.org.clone());
    let Some(by) = actor.org.clone().or(holder) else {
        return Err(refused(
            "org_required",
            "请以承办单位身份申请",
            "Ask as the unit that handles it",
        ));
    };
    Ok(IncidentEvent::ExtensionAsked(ExtensionAsked {
        reason: text("/reason", reason)?,
        until,
        by,
    }))
}

pub(super) fn grant_extension(
    incident: &Incident,
    note: Option<&str>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let finish = running_finish(incident, ctx.now)?;
    let asked = incident.extension.as_ref().ok_or_else(nothing_asked)?;
    check_asker(asked.by.as_str(), actor)?;
    if incident.extensions > 0 && !actor.director {
        return Err(Refusal::new(
            Class::Forbidden,
            "director_required",
            "第二次延期须由负责人批准",
            "More time for the second time is for a director to give",
        ));
    }
    let due = Due {
        at: asked.until,
        provisional: finish.provisional,
    };
    let severity = incident.severity_or_lowest();
    Ok(IncidentEvent::ExtensionGranted(ExtensionGranted {
        finish: ctx.put_off(finish, due, severity),
        note: note.map(|note| text("/note", note)).transpose()?,
    }))
}

pub(super) fn refuse_extension(incident: &Incident, reason: &str, actor: &Actor) -> Decision {
    let asked = incident.extension.as_ref().ok_or_else(nothing_asked)?;
    check_asker(asked.by.as_str(), actor)?;
    let reason = text("/reason", reason)?;
    Ok(IncidentEvent::ExtensionRefused(Reason { reason }))
}

pub(super) fn suspend(
    ground: Ground,
    reason: &str,
    review_at: Timestamp,
    ctx: Context<'_>,
) -> Decision {
    if review_at <= ctx.now || review_at > ctx.now + REVIEW_WITHIN {
        return Err(Refusal::field(
            "/review_at",
            "wrong_review",
            "复核时间须在今后 90 天以内",
            "Look at it again within the next 90 days",
        ));
    }
    Ok(IncidentEvent::Suspended(Suspended {
        ground,
        reason: text("/reason", reason)?,
        review_at,
    }))
}

pub(super) fn resume(incident: &Incident, note: Option<&str>, ctx: Context<'_>) -> Decision {
    Ok(IncidentEvent::Resumed(Resumed {
        clocks: going_on(incident, ctx),
        note: note.map(|note| text("/note", note)).transpose()?,
    }))
}

/// The clocks that stand still, as they go on from now.
pub(super) fn going_on(incident: &Incident, ctx: Context<'_>) -> SmallVec<[Clock; 2]> {
    let county = ctx.county;
    let severity = incident.severity_or_lowest();
    incident
        .paused_clocks()
        .map(|clock| clock.go_on(severity, &county.calendar, &county.lamp_rules, ctx.now))
        .collect()
}

fn running_finish(incident: &Incident, now: Timestamp) -> Result<&Clock, Refusal> {
    let finish = incident
        .clock(ClockKind::Finish)
        .filter(|clock| clock.runs())
        .ok_or_else(|| {
            refused(
                "no_deadline",
                "此事件没有正在计时的办结时限",
                "It has no running deadline to put off",
            )
        })?;
    if now >= finish.due {
        return Err(refused(
            "too_late",
            "已超过办结时限，不能延期",
            "The deadline is over; it can no longer be put off",
        ));
    }
    Ok(finish)
}

fn check_asker(asker: &str, actor: &Actor) -> Result<(), Refusal> {
    if actor.org.as_ref().is_some_and(|org| org.as_str() == asker) {
        return Err(Refusal::new(
            Class::Forbidden,
            "asker_may_not_grant",
            "延期不能由申请单位自行批准，请报上级批准",
            "Whoever asks for an extension may not grant it; ask the tier above",
        ));
    }
    Ok(())
}

fn nothing_asked() -> Refusal {
    refused(
        "nothing_asked",
        "没有待批的延期申请",
        "Nobody has asked for more time",
    )
}
