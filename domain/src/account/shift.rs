//! The shift of a room: who answers for it now, and what one shift hands to the next. Both sign:
//! whoever goes by offering the list, whoever comes by taking it over.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::incident::{Incident, OrderState};
use crate::lamp::Lamp;
use crate::pack::County;
use crate::pack::orgs::{OrgId, OrgKind};
use crate::time::Timestamp;
use crate::world::World;

/// Most matters that one list names; a room with more is told how many are left out.
pub const MAX_MATTERS: usize = 300;
/// Hand-overs kept for each room, the newest last: two months of three shifts a day.
pub const KEPT: usize = 180;

/// Why a matter is handed over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// Its red lamp burns.
    RedLamp,
    /// A supervision order waits for this room's answer.
    OrderUnanswered,
    /// More time was given: it is promised by then.
    Promised,
    /// It waits, and wakes by then.
    Waiting,
}

/// One line of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Matter {
    /// Which incident.
    pub incident: IncidentId,
    /// Its running number.
    pub number: u32,
    /// Why it is on the list.
    pub owed: Owed,
    /// When it was or is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// What somebody who goes lays before somebody who comes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Offer {
    /// When.
    pub at: Timestamp,
    /// Who goes.
    pub by: String,
    /// Who is to come; anybody of the room if nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What else there is to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Red lamps and promises at that moment, at most [`MAX_MATTERS`].
    pub matters: Vec<Matter>,
    /// How many more there were.
    #[serde(default)]
    pub left_out: u32,
}

/// A hand-over that both have signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandOver {
    /// What was laid before.
    pub offer: Offer,
    /// When it was taken over.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What came between the two signatures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<Matter>,
    /// What whoever came remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// Somebody answers for a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shift {
    /// Who.
    pub person: String,
    /// Since when.
    pub since: Timestamp,
    /// What they have laid before the next, if they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// The shifts of one room.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    /// Who answers for it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Shift>,
    /// The newest hand-overs, at most [`KEPT`], the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<HandOver>,
}

/// Everything that a room hands over at `now`: the worst first, then by when it is due. A room is
/// answerable for what it holds; a command room and the centre also for what burns in their region.
pub fn matters(world: &World, county: &County, org: &OrgId, now: Timestamp) -> Vec<Matter> {
    let region = county
        .orgs
        .get(org)
        .filter(|org| matches!(org.kind, OrgKind::Centre | OrgKind::CommandRoom))
        .map(|org| org.region);
    let mut list: Vec<Matter> = world
        .incidents()
        .filter(|incident| incident.state.is_open())
        .flat_map(|incident| {
            let holds = incident.holder().is_some_and(|hold| hold.org == *org);
            let watches = region.is_some_and(|region| region.contains(incident.region));
            owed(incident, org, holds, watches, now)
        })
        .collect();
    list.sort_unstable_by_key(|matter| (matter.owed, matter.due, matter.incident));
    list
}

fn owed(
    incident: &Incident,
    org: &OrgId,
    holds: bool,
    watches: bool,
    now: Timestamp,
) -> impl Iterator<Item = Matter> {
    let lamp = incident.lamp(now);
    let red = (lamp >= Lamp::Red && (holds || watches)).then(|| (Owed::RedLamp, overdue(incident)));
    let order = incident
        .breaches
        .iter()
        .filter(|breach| {
            breach.order.to == *org
                && matches!(breach.state, OrderState::Issued | OrderState::Signed)
        })
        .map(|breach| breach.order.reply_by)
        .min()
        .map(|by| (Owed::OrderUnanswered, Some(by)));
    let promised = (holds && incident.extensions > 0 && incident.suspension.is_none())
        .then(|| (Owed::Promised, incident.deadline()));
    let waiting = incident
        .suspension
        .as_ref()
        .filter(|_| holds || watches)
        .map(|waits| (Owed::Waiting, Some(waits.review_at)));
    let (id, number) = (incident.id, incident.number);
    [red, order, promised, waiting]
        .into_iter()
        .flatten()
        .map(move |(owed, due)| Matter {
            incident: id,
            number,
            owed,
            due,
        })
}

/// The deadline that was missed first among those that still run.
fn overdue(incident: &Incident) -> Option<Timestamp> {
    incident.next_due().map(|clock| clock.due)
}

/// At most [`MAX_MATTERS`] of a list, and how many are left out.
pub fn cut(mut list: Vec<Matter>) -> (Vec<Matter>, u32) {
    let left_out = list.len().saturating_sub(MAX_MATTERS);
    list.truncate(MAX_MATTERS);
    (list, u32::try_from(left_out).unwrap_or(u32::MAX))
}
