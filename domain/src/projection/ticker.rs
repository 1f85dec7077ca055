//! The ticker: what happened in a scope, numbered without a gap by how many events the scope has
//! seen.

use geodata::region::Code;

use crate::event::{Body, Event};
use crate::ids::IncidentId;
use crate::incident::What;
use crate::time::Timestamp;
use crate::world::World;

/// One line of the ticker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number in the scope.
    pub n: u64,
    /// When.
    pub at: Timestamp,
    /// What it is about.
    pub id: IncidentId,
    /// What happened.
    pub what: What,
    /// The number of a supervision order.
    pub order: Option<u32>,
}

/// The newest lines of `scope`, oldest first, from what the World still holds.
pub fn newest(world: &World, scope: Code, count: usize) -> Vec<Line> {
    let mut all: Vec<Line> = world
        .incidents()
        .filter(|incident| scope.contains(incident.region))
        .flat_map(|incident| {
            let skip = incident.timeline.len().saturating_sub(count);
            incident.timeline[skip..].iter().map(move |entry| Line {
                n: 0,
                at: entry.at,
                id: incident.id,
                what: entry.what,
                order: entry.order,
            })
        })
        .collect();
    all.sort_by_key(|line| line.at);
    let mut lines = all.split_off(all.len().saturating_sub(count));
    let seen = world.seen(scope);
    let first = seen.saturating_sub(lines.len() as u64) + 1;
    for (line, n) in lines.iter_mut().zip(first..) {
        line.n = n;
    }
    lines
}

/// The line an event makes, after the World has folded it.
pub fn line(world: &World, scope: Code, event: &Event, order: Option<u32>) -> Line {
    Line {
        n: world.seen(scope),
        at: event.at,
        id: event.key,
        what: what(&event.body),
        order,
    }
}

/// The kind of line a body makes.
pub fn what(body: &Body) -> What {
    match body {
        Body::Incident(event) => event.what(),
        // It came in the place of what happened last.
        Body::Shared(incident) => incident
            .timeline
            .last()
            .map_or(What::Other, |last| last.what),
        Body::Session(_)
        | Body::SharedSession(_)
        | Body::Unit(_)
        | Body::Mode(_)
        | Body::Alarm(_)
        | Body::Wall(_)
        | Body::Withdrawn
        | Body::Unknown { .. } => What::Other,
    }
}
