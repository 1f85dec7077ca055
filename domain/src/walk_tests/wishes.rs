//! What anybody might ask of an incident, by whoever might ask it.

use crate::actor::{Actor, Role};
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::event::{Ground, Outcome};
use crate::pack::County;
use crate::pack::limits::Severity;
use crate::pack::orgs::{Org, OrgId, OrgKind};
use crate::time::{Span, Timestamp};

/// How many kinds of wish there are.
pub(crate) const KINDS: u8 = 38;

/// Those that end a case, or send it back to its beginning.
pub(crate) const ENDS: [u8; 5] = [2, 4, 5, 27, 29];

/// A photo by its content hash.
pub(crate) fn photo() -> String {
    "ab".repeat(32)
}

/// Somebody of an organisation, its head.
pub(crate) fn of(org: &Org) -> Actor {
    let role = match org.kind {
        OrgKind::Centre => Role::Centre,
        OrgKind::CommandRoom => Role::CommandRoom,
        OrgKind::Platform => Role::Platform,
        OrgKind::Unit => Role::Unit,
        OrgKind::Village => Role::Village,
        OrgKind::GridTeam => Role::Grid,
        OrgKind::Leaders => Role::Leader,
    };
    let mut actor = Actor::new(format!("head of {}", org.id), role, org.region);
    actor.org = Some(org.id.clone());
    actor.director = true;
    actor
}

/// Somebody who might stand behind a wish: the holder, the room, the centre, the reporter, the
/// grid, the leaders or whoever an order asks.
pub(crate) fn somebody(incident: &Incident, county: &County, which: usize) -> Actor {
    let orgs = &county.orgs;
    let head = |id: &OrgId| orgs.get(id).map(of);
    let nearest = |kind| orgs.nearest(kind, incident.region).map(of);
    let found = match which % 8 {
        0 | 1 => incident.holder().and_then(|hold| head(&hold.org)),
        2 => head(orgs.room_for(incident.region)),
        3 => head(orgs.centre()),
        4 => nearest(OrgKind::GridTeam),
        5 => orgs.leaders().map(of),
        6 => incident
            .last_order()
            .and_then(|order| head(&order.order.to)),
        _ => None,
    };
    found.unwrap_or_else(|| Actor::new(incident.source.clone(), Role::Source, county.code))
}

/// A wish of a kind below [`KINDS`].
pub(crate) fn wish(
    kind: u8,
    which: usize,
    incident: &Incident,
    others: &[&Incident],
    county: &County,
    now: Timestamp,
) -> Command {
    let category = county.catalogue.items[which % 42].code;
    let reason = "照片见附件".to_owned();
    let order = (which % 3) as u8;
    let units: Vec<&Org> = county.orgs.iter().collect();
    match kind {
        0 => Command::SelfHandle {
            category: Some(category),
            note: reason,
            before: vec![photo()],
            after: vec![photo()],
        },
        1 => Command::Accept {
            category: Some(category),
        },
        2 => Command::Reject { reason },
        3 => Command::Appeal { reason },
        4 => Command::Merge {
            into: others[(which / 7 + 1) % others.len()].id,
            reason: Some(reason),
        },
        5 => Command::Correct { category, reason },
        6 => Command::Assess {
            breadth: Severity::new((which % 4) as u8 + 1),
            difficulty: None,
        },
        7 => Command::Dispatch {
            to: None,
            cooperators: vec![],
            reason: None,
        },
        8 => Command::Dispatch {
            to: Some(units[which % units.len()].id.clone()),
            cooperators: vec![units[(which + 7) % units.len()].id.clone()],
            reason: Some(reason),
        },
        9 => Command::Consent {},
        10 => Command::RefuseConsent { reason },
        11 => Command::Return { reason },
        12 => Command::Recall { reason: None },
        13 => Command::Start {},
        14 => Command::Progress {
            note: reason,
            evidence: vec![photo()],
        },
        15 => Command::Step {
            step: order,
            note: None,
        },
        16 => Command::Escalate {
            reason,
            severity: None,
        },
        _ => later(kind, which, incident, now),
    }
}

/// Wishes about time, the end and red lights.
fn later(kind: u8, which: usize, incident: &Incident, now: Timestamp) -> Command {
    let reason = "照片见附件".to_owned();
    let order = (which % 3) as u8;
    let due = incident.deadline().unwrap_or(now);
    match kind {
        17 => Command::AskExtension {
            reason,
            until: due + Span::mins(which as i64 % 200 + 1),
        },
        18 => Command::GrantExtension { note: None },
        19 => Command::RefuseExtension { reason },
        20 => Command::Suspend {
            ground: Ground::Season,
            reason,
            review_at: now + Span::hours(which as i64 + 1),
        },
        21 => Command::Resume { note: None },
        22 => Command::Feedback {
            result: reason,
            evidence: vec![photo()],
        },
        23 => Command::Reopen { reason },
        24 => Command::Contact {
            outcome: Outcome::NoAnswer,
            note: None,
        },
        25 => Command::Close {
            satisfied: which.is_multiple_of(2),
            note: None,
        },
        26 => Command::Evaluate {
            speed: 5,
            cooperation: 4,
            note: Some(reason),
        },
        27 => Command::TransferOut {
            to: "110".to_owned(),
            reason,
            receipt: "JQ-1".to_owned(),
        },
        28 => Command::TakeBack { reason },
        29 => Command::Void { reason },
        30 => Command::SignOrder { order },
        31 => Command::AnswerOrder {
            order,
            text: reason,
        },
        32 => Command::ClearOrder { order, text: None },
        33 => Command::RejectOrder { order, reason },
        34 => Command::AskRemoval { order, reason },
        35 => Command::RefuseRemoval { order, reason },
        36 => Command::Urge { note: Some(reason) },
        _ => Command::GrantRemoval {
            order,
            reason,
            until: Some(now + Span::hours(4)),
        },
    }
}
