//! A deadline draws near: whoever holds the incident, and their head, are reminded, once for each
//! threshold, whatever crashes in between. From severity 3 (Ⅱ) on by SMS as well.

use crate::incident::Incident;
use crate::incident::clock::{Clock, ClockKind};
use crate::incident::event::Reminded;
use crate::pack::County;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// From this severity on a reminder goes out by SMS too.
const SMS_FROM: Severity = Severity::II;

/// When the rule must look at an incident next.
pub fn next_check(incident: &Incident) -> Option<Timestamp> {
    incident
        .clocks
        .iter()
        .filter_map(Clock::next_reminder)
        .min()
}

/// The reminders that are due at `now`, the earliest first.
pub fn check(incident: &Incident, county: &County, now: Timestamp) -> Vec<Reminded> {
    let mut all: Vec<Reminded> = Vec::new();
    for clock in incident.clocks.iter().filter(|clock| clock.runs()) {
        let mut clock = clock.clone();
        while let Some(at) = clock.next_reminder().filter(|at| *at <= now) {
            all.push(Reminded {
                clock: clock.kind,
                nth: clock.reminded,
                at,
                due: clock.due,
                to: whom(incident, county, clock.kind),
                sms: incident.severity_or_lowest() >= SMS_FROM,
            });
            clock.reminded = clock.reminded.saturating_add(1);
        }
    }
    all.sort_by_key(|reminded| reminded.at);
    all
}

/// The room accepts and confirms; whoever holds it does the rest.
fn whom(incident: &Incident, county: &County, kind: ClockKind) -> OrgId {
    let room = county.orgs.room_for(incident.region);
    match kind {
        ClockKind::Accept | ClockKind::Confirm => room.clone(),
        ClockKind::Sign | ClockKind::FirstAction | ClockKind::Finish => {
            incident.holder().map_or(room, |hold| &hold.org).clone()
        }
    }
}
