//! A missed deadline: the lamp goes red and a supervision order (督查单) goes out in the same
//! append, once for each clock and tier, whatever crashes in between. Deep red sends one more to
//! the next tier up.

use smallvec::SmallVec;

use crate::incident::Incident;
use crate::incident::clock::{Clock, ClockKind};
use crate::incident::event::{Breached, SupervisionOrder};
use crate::pack::County;
use crate::pack::catalogue::TimeClass;
use crate::pack::limits::Limit;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// A reply is owed within this time in class A, where life or fire is at stake.
const REPLY_CLASS_A: Limit = Limit::hours(2);
/// A reply is owed within this time in the other classes.
const REPLY: Limit = Limit::working_days(1);

/// When the rule must look at an incident next; never in the past of what it has already raised.
pub fn next_check(incident: &Incident) -> Option<Timestamp> {
    incident
        .clocks
        .iter()
        .filter(|clock| clock.runs())
        .filter_map(|clock| {
            if !incident.has_breach(clock, 1) {
                Some(clock.due)
            } else if !incident.has_breach(clock, 2) {
                Some(clock.deep_at)
            } else {
                None
            }
        })
        .min()
}

/// The breaches that must be recorded at `now`, in the order they fell due.
pub fn check(incident: &Incident, county: &County, now: Timestamp) -> Vec<Breached> {
    if next_check(incident).is_none_or(|at| at > now) {
        return Vec::new();
    }
    let mut running: Vec<&Clock> = incident
        .clocks
        .iter()
        .filter(|clock| clock.runs())
        .collect();
    running.sort_by_key(|clock| clock.due);
    let mut raised = Vec::new();
    let mut reds = 0;
    for clock in running {
        if now < clock.due {
            continue;
        }
        reds += 1;
        if !incident.has_breach(clock, 1) {
            raised.push(breach(incident, county, clock, 1, now));
        }
        let deep = now >= clock.deep_at || reds == 2 && !climbed(incident, &raised);
        if deep && !incident.has_breach(clock, 2) {
            raised.push(breach(incident, county, clock, 2, now));
        }
    }
    raised
}

/// Whether an order has already gone to the next tier.
fn climbed(incident: &Incident, raised: &[Breached]) -> bool {
    incident
        .breaches
        .iter()
        .map(|b| b.tier)
        .chain(raised.iter().map(|b| b.tier))
        .any(|t| t > 1)
}

fn breach(
    incident: &Incident,
    county: &County,
    clock: &Clock,
    tier: u8,
    now: Timestamp,
) -> Breached {
    let limit = reply_limit(incident, county);
    let (to, copies) = addressees(incident, county, tier);
    Breached {
        clock: clock.kind,
        tier,
        due_at: clock.due,
        fired_at: now,
        order: SupervisionOrder {
            to,
            copies,
            ask: ask(clock.kind).to_owned(),
            reply_by: limit.due(now, &county.calendar).at,
        },
    }
}

/// How long an answer to a supervision order may take.
pub(crate) fn reply_limit(incident: &Incident, county: &County) -> Limit {
    let class = incident
        .category
        .and_then(|code| county.catalogue.get(code))
        .map(|category| category.class);
    if class == Some(TimeClass::A) {
        REPLY_CLASS_A
    } else {
        REPLY
    }
}

/// The first order goes to whoever holds the incident, with a copy to the room above; the second
/// to that room, with a copy to the county centre.
fn addressees(incident: &Incident, county: &County, tier: u8) -> (OrgId, SmallVec<[OrgId; 2]>) {
    let room = county.orgs.room_for(incident.region).clone();
    let centre = county.orgs.centre().clone();
    let holder = incident
        .holder()
        .map_or_else(|| room.clone(), |hold| hold.org.clone());
    let above = if holder == room { centre.clone() } else { room };
    let mut copies = SmallVec::new();
    if tier == 1 {
        if above != holder {
            copies.push(above);
        }
        (holder, copies)
    } else {
        if centre != above {
            copies.push(centre);
        }
        (above, copies)
    }
}

fn ask(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Accept => "请立即受理并说明超期原因",
        ClockKind::Sign => "请立即签收并说明未按时签收的原因",
        ClockKind::FirstAction => "请立即到场处置并说明延误原因",
        ClockKind::Finish => "请限期办结，书面说明超期原因和办结时间",
        ClockKind::Confirm => "请立即回访确认结案",
    }
}
