//! A supervision order whose answer is overdue is laid before the next tier up (T, then C, then L),
//! once each. It makes no order of its own.

use crate::incident::event::OrderClimbed;
use crate::incident::{Breach, Incident};
use crate::pack::County;
use crate::pack::orgs::{OrgId, OrgKind};
use crate::time::Timestamp;

/// So many tiers lie above whom an order asks, at most.
const TIERS: usize = 3;

/// When the rule must look at an incident next. Orders of what has ended are answered in their
/// own time.
pub fn next_check(incident: &Incident) -> Option<Timestamp> {
    if incident.ended_at.is_some() {
        return None;
    }
    let owed = incident.breaches.iter().filter(|breach| is_owed(breach));
    owed.map(due).min()
}

fn is_owed(breach: &Breach) -> bool {
    breach.state.is_owed() && breach.climbed.len() < TIERS
}

/// Each tier has as long as the one below had.
fn due(breach: &Breach) -> Timestamp {
    let span = breach.order.reply_by - breach.fired_at;
    let mut at = breach.order.reply_by;
    for _ in &breach.climbed {
        at = at + span;
    }
    at
}

/// The orders that climb at `now`.
pub fn check(incident: &Incident, county: &County, now: Timestamp) -> Vec<OrderClimbed> {
    if next_check(incident).is_none_or(|at| at > now) {
        return Vec::new();
    }
    let owed = incident
        .breaches
        .iter()
        .enumerate()
        .filter(|(_, breach)| is_owed(breach) && due(breach) <= now);
    owed.filter_map(|(at, breach)| {
        Some(OrderClimbed {
            order: u8::try_from(at).ok()?,
            to: above(breach, incident, county),
            due_at: due(breach),
        })
    })
    .collect()
}

/// The tier above the last one that had it; the leaders are the last.
fn above(breach: &Breach, incident: &Incident, county: &County) -> OrgId {
    let orgs = &county.orgs;
    let last = breach.climbed.last().unwrap_or(&breach.order.to);
    let kind = orgs.get(last).map(|org| org.kind);
    let top = orgs.leaders().map_or(orgs.centre(), |leaders| &leaders.id);
    match kind {
        Some(OrgKind::Centre | OrgKind::Leaders) => top.clone(),
        Some(OrgKind::CommandRoom | OrgKind::Unit) | None => orgs.centre().clone(),
        Some(OrgKind::Platform | OrgKind::Village | OrgKind::GridTeam) => {
            orgs.room_for(incident.region).clone()
        }
    }
}
