//! What waits wakes by itself on the day it was to be looked at again; and deadlines that rested
//! on holidays nobody had announced are counted anew when they are.

use smallvec::SmallVec;

use crate::incident::Incident;
use crate::incident::clock::Clock;
use crate::incident::decide::Context;
use crate::incident::event::{Recounted, Resumed};
use crate::time::Timestamp;

/// When the rule must look at an incident next.
pub fn next_check(incident: &Incident) -> Option<Timestamp> {
    incident.suspension.as_ref().map(|wait| wait.review_at)
}

/// The end of a wait whose time has come.
pub fn check(incident: &Incident, ctx: Context<'_>) -> Option<Resumed> {
    let due = next_check(incident).is_some_and(|at| at <= ctx.now);
    due.then(|| Resumed {
        clocks: ctx.going_on(incident),
        note: None,
    })
}

/// The clocks of an incident that another calendar counts differently, if it is another and knows
/// more than the one they were counted by.
pub fn recount(incident: &Incident, ctx: Context<'_>) -> Option<Recounted> {
    let clocks: SmallVec<[Clock; 2]> = incident
        .clocks
        .iter()
        .filter(|clock| clock.runs() && clock.provisional)
        .filter(|clock| clock.calendar != ctx.county.calendar.version)
        .filter_map(|clock| {
            // Put off by somebody's word, it is no longer what the limit alone makes of it.
            let limit = clock.limit.filter(|_| clock.was_due.is_empty())?;
            let due = limit.due(clock.start, &ctx.county.calendar);
            Some(ctx.put_off(clock, due, incident.severity_or_lowest()))
        })
        .collect();
    (!clocks.is_empty()).then_some(Recounted { clocks })
}
