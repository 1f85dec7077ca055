//! Everything that is known now: the fold of the log. `apply` is the only way it changes, on the
//! server and in the browser alike.
//!
//! It holds what is open and what was closed in the last two days; older things belong to the
//! history, a read model of the server.

use std::collections::{BTreeSet, VecDeque};

use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::access::{Reach, Viewer};
use crate::event::{Body, Event};
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::event::IncidentEvent;
use crate::privacy;
use crate::rules::overdue;
use crate::time::{Timestamp, UtcOffset};

/// How long a closed incident stays in the World, in milliseconds: today's figures are compared
/// with yesterday's, so it must outlive the whole of the day after it was closed.
pub const KEPT_AFTER_CLOSE_MS: i64 = 48 * 3600 * 1000;

/// Running numbers, given by the fold so that every node gives the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Numbers {
    /// The day (since 1970, county time) that incident numbers count in.
    pub day: i32,
    /// The last incident number of that day.
    pub incident: u32,
    /// The year that supervision orders count in.
    pub year: i32,
    /// The last supervision order of that year.
    pub order: u32,
}

/// The fold of the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct World {
    incidents: FxHashMap<IncidentId, Incident>,
    /// When the standing rules must look at an incident next.
    agenda: BTreeSet<(Timestamp, IncidentId)>,
    /// Closed incidents, oldest first, until they leave.
    closed: VecDeque<(Timestamp, IncidentId)>,
    /// How many events each region (and every region above it) has seen: numbers the ticker.
    seen: FxHashMap<Code, u64>,
    numbers: Numbers,
    /// When the last event was recorded.
    at: Option<Timestamp>,
}

/// A World as stored and sent: what cannot be derived from the rest.
#[derive(Serialize, Deserialize)]
struct Stored {
    incidents: Vec<Incident>,
    seen: Vec<(Code, u64)>,
    numbers: Numbers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl From<Stored> for World {
    fn from(stored: Stored) -> Self {
        let mut world = Self {
            seen: stored.seen.into_iter().collect(),
            numbers: stored.numbers,
            at: stored.at,
            ..Self::default()
        };
        for incident in stored.incidents {
            if let Some(closed_at) = incident.closed_at {
                world.closed.push_back((closed_at, incident.id));
            }
            if let Some(next) = overdue::next_check(&incident) {
                world.agenda.insert((next, incident.id));
            }
            world.incidents.insert(incident.id, incident);
        }
        world.closed.make_contiguous().sort_unstable();
        world
    }
}

impl From<World> for Stored {
    fn from(world: World) -> Self {
        let mut incidents: Vec<_> = world.incidents.into_values().collect();
        incidents.sort_unstable_by_key(|i| (i.received_at, i.id));
        let mut seen: Vec<_> = world.seen.into_iter().collect();
        seen.sort_unstable();
        Self {
            incidents,
            seen,
            numbers: world.numbers,
            at: world.at,
        }
    }
}

/// Two worlds are one if all that is stored of them is.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.incidents == other.incidents
            && self.agenda == other.agenda
            && self.seen == other.seen
            && self.numbers == other.numbers
            && self.at == other.at
    }
}

impl World {
    /// Folds one event; answers the running number it was given, if its kind has one.
    ///
    /// An event for an incident that has left the World, or one that was folded before, changes
    /// nothing but the count.
    pub fn apply(&mut self, event: &Event) -> Option<u32> {
        self.at = Some(self.at.map_or(event.at, |at| at.max(event.at)));
        for code in event.region.ancestors() {
            *self.seen.entry(code).or_default() += 1;
        }
        let number = match &event.body {
            Body::Incident(body) => self.apply_incident(event, body),
            Body::Shared(incident) => {
                self.remove(event.key);
                self.insert((**incident).clone());
                None
            }
            Body::Withdrawn => {
                self.remove(event.key);
                None
            }
            Body::Unknown { .. } => {
                if let Some(incident) = self.incidents.get_mut(&event.key) {
                    incident.version = event.version;
                }
                None
            }
        };
        self.forget_old(event.at);
        number
    }

    /// As [`Self::apply`], telling whom the event concerns.
    pub fn fold(&mut self, event: &Event) -> Applied {
        let before = changes_reach(&event.body)
            .then(|| self.incidents.get(&event.key).map(Incident::reach))
            .flatten();
        let number = self.apply(event);
        let after = self
            .incidents
            .get(&event.key)
            .map_or_else(|| Reach::unknown(event.region), Incident::reach);
        Applied {
            number,
            before: before.filter(|before| *before != after).map(Box::new),
            after,
        }
    }

    fn insert(&mut self, incident: Incident) {
        if let Some(closed_at) = incident.closed_at.filter(|_| !incident.state.is_open()) {
            let entry = (closed_at, incident.id);
            let at = self.closed.partition_point(|other| *other < entry);
            self.closed.insert(at, entry);
        }
        if let Some(next) = overdue::next_check(&incident) {
            self.agenda.insert((next, incident.id));
        }
        self.incidents.insert(incident.id, incident);
    }

    fn remove(&mut self, id: IncidentId) {
        let Some(incident) = self.incidents.remove(&id) else {
            return;
        };
        if let Some(next) = overdue::next_check(&incident) {
            self.agenda.remove(&(next, id));
        }
        if incident.closed_at.is_some() {
            self.closed.retain(|(_, closed)| *closed != id);
        }
    }

    fn apply_incident(&mut self, event: &Event, body: &IncidentEvent) -> Option<u32> {
        let number = match body {
            IncidentEvent::Reported(_) => Some(
                event
                    .number
                    .unwrap_or_else(|| self.next_incident_number(event.at)),
            ),
            IncidentEvent::Breached(_) => Some(
                event
                    .number
                    .unwrap_or_else(|| self.next_order_number(event.at)),
            ),
            _ => None,
        };
        if let IncidentEvent::Reported(data) = body {
            let incident = Incident::open(event, data, number.unwrap_or_default());
            replan(
                &mut self.agenda,
                incident.id,
                None,
                overdue::next_check(&incident),
            );
            self.incidents.insert(incident.id, incident);
            return number;
        }
        let incident = self.incidents.get_mut(&event.key)?;
        let before = overdue::next_check(incident);
        incident.evolve(event, body, number.unwrap_or_default());
        replan(
            &mut self.agenda,
            incident.id,
            before,
            overdue::next_check(incident),
        );
        if let Some(closed_at) = incident.closed_at.filter(|_| !incident.state.is_open()) {
            self.closed.push_back((closed_at, incident.id));
        }
        number
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some(&(closed_at, id)) = self.closed.front() {
            if now.millis() - closed_at.millis() < KEPT_AFTER_CLOSE_MS {
                break;
            }
            self.closed.pop_front();
            self.incidents.remove(&id);
        }
    }

    fn next_incident_number(&mut self, at: Timestamp) -> u32 {
        let day = at.date(UtcOffset::CHINA).epoch_days();
        if day > self.numbers.day {
            self.numbers.day = day;
            self.numbers.incident = 0;
        }
        self.numbers.incident += 1;
        self.numbers.incident
    }

    fn next_order_number(&mut self, at: Timestamp) -> u32 {
        let year = at.date(UtcOffset::CHINA).year();
        if year > self.numbers.year {
            self.numbers.year = year;
            self.numbers.order = 0;
        }
        self.numbers.order += 1;
        self.numbers.order
    }

    /// One incident, if it is open or recent.
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// All incidents that are open or recent, in no order.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    /// How many incidents it holds.
    pub fn len(&self) -> usize {
        self.incidents.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
    }

    /// The incidents a standing rule must look at by `now`, soonest first.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = &Incident> {
        self.agenda
            .iter()
            .take_while(move |(at, _)| *at <= now)
            .filter_map(|(_, id)| self.incidents.get(id))
    }

    /// When the standing rules must look next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// How many events a region has seen, all below it included.
    pub fn seen(&self, region: Code) -> u64 {
        self.seen.get(&region).copied().unwrap_or_default()
    }

    /// When the last event was recorded.
    pub fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// The running numbers.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// The part of it that a viewer sees, masked for them. The running numbers and the counts of
    /// regions they do not see as a whole are left out.
    #[must_use]
    pub fn seen_by(&self, viewer: &Viewer) -> Self {
        let incidents: Vec<Incident> = self
            .incidents
            .values()
            .filter_map(|incident| {
                let clearance = viewer.sight_of(incident)?;
                Some(privacy::incident(incident, clearance))
            })
            .collect();
        let all = viewer.sees_all();
        let last = |incident: &Incident| incident.timeline.last().map(|entry| entry.at);
        Stored {
            at: if all {
                self.at
            } else {
                incidents.iter().filter_map(last).max()
            },
            seen: self
                .seen
                .iter()
                .filter(|(code, _)| viewer.may_count(**code))
                .map(|(code, n)| (*code, *n))
                .collect(),
            numbers: if all {
                self.numbers
            } else {
                Numbers::default()
            },
            incidents,
        }
        .into()
    }
}

/// What a fold did.
#[derive(Clone, PartialEq, Debug)]
pub struct Applied {
    /// The running number the event was given, if its kind has one.
    pub number: Option<u32>,
    /// Whom its incident concerned before, where that changed.
    pub before: Option<Box<Reach>>,
    /// Whom it concerns now.
    pub after: Reach,
}

/// Whether an event may change who sees its incident, or how much of it.
fn changes_reach(body: &Body) -> bool {
    match body {
        Body::Incident(event) => match event {
            IncidentEvent::Accepted(_) | IncidentEvent::Dispatched(_) => true,
            IncidentEvent::Reported(_)
            | IncidentEvent::Assessed(_)
            | IncidentEvent::Started(_)
            | IncidentEvent::Progressed(_)
            | IncidentEvent::FedBack(_)
            | IncidentEvent::Closed(_)
            | IncidentEvent::Breached(_) => false,
        },
        Body::Shared(_) | Body::Withdrawn | Body::Unknown { .. } => false,
    }
}

fn replan(
    agenda: &mut BTreeSet<(Timestamp, IncidentId)>,
    id: IncidentId,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
) {
    if before == after {
        return;
    }
    if let Some(at) = before {
        agenda.remove(&(at, id));
    }
    if let Some(at) = after {
        agenda.insert((at, id));
    }
}
