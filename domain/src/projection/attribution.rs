//! Which organisation held an incident for how long, and which of its clocks ran meanwhile: whose
//! delay it was. Held times add up to the incident's life, with nothing counted twice.

use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::pack::orgs::OrgId;
use crate::time::{Span, Timestamp};

/// One organisation's part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// Whose.
    pub org: OrgId,
    /// How long it held the incident, in all.
    pub held: Span,
    /// How long each clock ran while it did, pauses left out.
    pub ran: Vec<(ClockKind, Span)>,
    /// How long it held it past the deadline of a running clock.
    pub overdue: Span,
}

/// Every organisation's part up to `now`, in the order in which they first held it.
pub fn shares(incident: &Incident, now: Timestamp) -> Vec<Share> {
    let end = incident.ended_at.unwrap_or(now);
    let mut shares: Vec<Share> = Vec::new();
    for (at, hold) in incident.holds.iter().enumerate() {
        let from = hold.from.min(end);
        let to = incident
            .holds
            .get(at + 1)
            .map_or(end, |next| next.from.min(end));
        let found = shares.iter().position(|share| share.org == hold.org);
        let found = found.unwrap_or_else(|| {
            shares.push(Share {
                org: hold.org.clone(),
                held: Span::ZERO,
                ran: Vec::new(),
                overdue: Span::ZERO,
            });
            shares.len() - 1
        });
        if let Some(share) = shares.get_mut(found) {
            add(share, incident, from, to);
        }
    }
    shares
}

fn add(share: &mut Share, incident: &Incident, from: Timestamp, to: Timestamp) {
    share.held = share.held + (to - from);
    let mut late = Vec::new();
    for clock in &incident.clocks {
        let ran = clock.ran(from, to);
        if ran > Span::ZERO {
            match share.ran.iter_mut().find(|(kind, _)| *kind == clock.kind) {
                Some((_, sum)) => *sum = *sum + ran,
                None => share.ran.push((clock.kind, ran)),
            }
        }
        let over = clock.stopped.or(clock.paused).map_or(to, |end| end.min(to));
        let begin = clock.due.max(from);
        if over > begin {
            late.push((begin, over));
        }
    }
    share.overdue = share.overdue + covered(late);
}

/// How much time these stretches cover, those that overlap counted once.
fn covered(mut stretches: Vec<(Timestamp, Timestamp)>) -> Span {
    stretches.sort_unstable();
    let mut sum = Span::ZERO;
    let mut reached = None;
    for (from, to) in stretches {
        let from = reached.map_or(from, |reached: Timestamp| from.max(reached));
        sum = sum + (to - from).max(Span::ZERO);
        reached = Some(reached.map_or(to, |reached| reached.max(to)));
    }
    sum
}
