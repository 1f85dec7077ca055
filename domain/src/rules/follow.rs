//! A case that was merged into another follows it: the other learns who follows it, and when it
//! ends, those who follow end with it, so that everybody who reported hears of it.

use crate::incident::event::{Followed, Joined};
use crate::incident::{Incident, State};

/// What the case that `child` follows has to learn of it.
pub fn join(parent: &Incident, child: &Incident) -> Option<Joined> {
    let known = parent.followers.iter().any(|one| one.child == child.id);
    let follows = child.state == State::Merged && child.follows == Some(parent.id);
    (follows && !known && parent.ended_at.is_none()).then(|| Joined {
        child: child.id,
        shared: (!child.region.contains(parent.region)).then_some(child.region),
    })
}

/// How a case ends whose leading one is over.
pub fn follow(child: &Incident, parent: &Incident) -> Option<Followed> {
    let waits = child.state == State::Merged && child.ended_at.is_none();
    (waits && parent.ended_at.is_some()).then(|| Followed {
        state: parent.state,
        result: parent.result.clone(),
    })
}
