//! Standing rules, one file each. A rule reads a state and a time and says what must happen; it
//! keeps nothing, so that a restart or a second node comes to the same answer.

pub mod auto;
pub mod follow;
pub mod order;
pub mod overdue;
pub mod reminder;
pub mod review;

use crate::incident::Incident;
use crate::time::Timestamp;

/// When the rules of time must look at an incident next.
pub fn next_check(incident: &Incident) -> Option<Timestamp> {
    let all = [
        overdue::next_check(incident),
        reminder::next_check(incident),
        order::next_check(incident),
        review::next_check(incident),
    ];
    all.into_iter().flatten().min()
}
