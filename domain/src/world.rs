//! Everything that is known now: the fold of the log. `apply` is the only way it changes, on the
//! server and in the browser alike.
//!
//! It holds what is open and what was closed in the last two days; older things belong to the
//! history, a read model of the server.

mod command;

use self::command::changes_reach;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::access::{Reach, Viewer};
use crate::deployment::Own;
use crate::event::{Body, Event, Stream};
use crate::ids::{IncidentId, SessionId};
use crate::incident::Incident;
use crate::incident::clock::Clock;
use crate::incident::event::IncidentEvent;
use crate::mode::Mode;
use crate::pack::units::UnitId;
use crate::privacy;
use crate::rules;
use crate::session::Session;
use crate::time::{Timestamp, UtcOffset};

/// How long an incident that has ended stays in the World, in milliseconds: today's figures are compared
/// with yesterday's, so it must outlive the whole of the day after it ended.
pub const KEPT_AFTER_CLOSE_MS: i64 = 48 * 3600 * 1000;

/// How long a session that has ended stays in the World, in milliseconds: whoever asked rates the
/// units within this time.
pub const SESSION_KEPT_MS: i64 = 7 * 24 * 3600 * 1000;

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

impl Numbers {
    /// The running number of an event: an incident's of the day, a supervision order's of the year.
    /// Every event of the log passes here once, in order; one that tells its number keeps it.
    pub fn give(&mut self, event: &Event) -> Option<u32> {
        let Body::Incident(body) = &event.body else {
            return None;
        };
        let next: fn(&mut Self, Timestamp) -> u32 = match body {
            IncidentEvent::Reported(_) => Self::next_incident,
            IncidentEvent::Breached(_) => Self::next_order,
            _ => return None,
        };
        Some(event.number.unwrap_or_else(|| next(self, event.at)))
    }

    fn next_incident(&mut self, at: Timestamp) -> u32 {
        let day = at.date(UtcOffset::CHINA).epoch_days();
        if day > self.day {
            self.day = day;
            self.incident = 0;
        }
        self.incident += 1;
        self.incident
    }

    fn next_order(&mut self, at: Timestamp) -> u32 {
        let year = at.date(UtcOffset::CHINA).year();
        if year > self.year {
            self.year = year;
            self.order = 0;
        }
        self.order += 1;
        self.order
    }
}

/// The fold of the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct World {
    incidents: FxHashMap<IncidentId, Incident>,
    /// When the standing rules must look at an incident next.
    agenda: BTreeSet<(Timestamp, IncidentId)>,
    /// Incidents that have ended, oldest first, until they leave.
    ended: VecDeque<(Timestamp, IncidentId)>,
    /// Who follows whom, as long as that has not ended.
    followers: FxHashMap<IncidentId, Vec<IncidentId>>,
    /// Ties that ask something of a case: it, and the other.
    ties: BTreeSet<(IncidentId, IncidentId)>,
    /// How many events each region (and every region above it) has seen: numbers the ticker.
    seen: FxHashMap<Code, u64>,
    numbers: Numbers,
    sessions: FxHashMap<SessionId, Session>,
    /// When the standing rules must look at a session next.
    session_agenda: BTreeSet<(Timestamp, SessionId)>,
    /// Sessions that have ended, until they leave.
    sessions_ended: BTreeSet<(Timestamp, SessionId)>,
    /// What units said of themselves.
    units: FxHashMap<UnitId, Own>,
    mode: Mode,
    /// What was acknowledged of what sounds in the last day, oldest first; at least the last.
    noted: Vec<Event>,
    /// What each wall was sent last, by the key of its subject.
    walls: BTreeMap<IncidentId, Event>,
    /// When the last event was recorded.
    at: Option<Timestamp>,
}

/// A World as stored and sent: what cannot be derived from the rest.
#[derive(Serialize, Deserialize)]
struct Stored {
    incidents: Vec<Incident>,
    seen: Vec<(Code, u64)>,
    numbers: Numbers,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<Session>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    units: Vec<Own>,
    #[serde(default, skip_serializing_if = "Mode::is_default")]
    mode: Mode,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    noted: Vec<Event>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    walls: Vec<Event>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl From<Stored> for World {
    fn from(stored: Stored) -> Self {
        let mut world = Self {
            seen: stored.seen.into_iter().collect(),
            numbers: stored.numbers,
            at: stored.at,
            mode: stored.mode,
            noted: stored.noted,
            ..Self::default()
        };
        for incident in stored.incidents {
            if let Some(ended_at) = incident.ended_at {
                world.ended.push_back((ended_at, incident.id));
            }
            if let Some(next) = rules::next_check(&incident) {
                world.agenda.insert((next, incident.id));
            }
            if let Some(parent) = incident.follows.filter(|_| incident.ended_at.is_none()) {
                world.followers.entry(parent).or_default().push(incident.id);
            }
            world.incidents.insert(incident.id, incident);
        }
        for session in stored.sessions {
            world.put_session(session);
        }
        let units = stored.units.into_iter();
        world.units = units.map(|own| (own.unit.clone(), own)).collect();
        let walls = stored.walls.into_iter();
        world.walls = walls.map(|one| (one.key, one)).collect();
        world.ended.make_contiguous().sort_unstable();
        let parents: Vec<_> = world.followers.keys().copied().collect();
        for parent in parents {
            world.tie(parent);
        }
        world
    }
}

impl From<World> for Stored {
    fn from(world: World) -> Self {
        let mut incidents: Vec<_> = world.incidents.into_values().collect();
        incidents.sort_unstable_by_key(|i| (i.received_at, i.id));
        let mut seen: Vec<_> = world.seen.into_iter().collect();
        seen.sort_unstable();
        let mut sessions: Vec<_> = world.sessions.into_values().collect();
        sessions.sort_unstable_by_key(|one| (one.opened_at, one.id));
        let mut units: Vec<_> = world.units.into_values().collect();
        units.sort_unstable_by(|a, b| a.unit.cmp(&b.unit));
        Self {
            sessions,
            units,
            mode: world.mode,
            noted: world.noted,
            walls: world.walls.into_values().collect(),
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
            && self.sessions == other.sessions
            && self.session_agenda == other.session_agenda
            && self.units == other.units
            && self.mode == other.mode
            && self.noted == other.noted
            && self.walls == other.walls
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
        // The ticker tells of incidents, and its numbers have no gap.
        if event.stream == Stream::Incidents {
            for code in event.region.ancestors() {
                *self.seen.entry(code).or_default() += 1;
            }
        }
        let number = match &event.body {
            Body::Incident(body) => self.apply_incident(event, body),
            Body::Shared(incident) => {
                self.remove(event.key);
                self.insert((**incident).clone());
                None
            }
            Body::Withdrawn if event.stream == Stream::Sessions => {
                self.take_session(SessionId::of_key(event.key));
                None
            }
            Body::Withdrawn => {
                self.remove(event.key);
                None
            }
            Body::Unknown { .. } => {
                self.skip(event);
                None
            }
            Body::Session(_)
            | Body::SharedSession(_)
            | Body::Unit(_)
            | Body::Mode(_)
            | Body::Alarm(_)
            | Body::Wall(_) => {
                self.apply_command(event);
                None
            }
        };
        self.forget_old(event.at);
        number
    }

    /// As [`Self::apply`], telling whom the event concerns.
    pub fn fold(&mut self, event: &Event) -> Applied {
        let before = changes_reach(&event.body)
            .then(|| self.reach_of(event))
            .flatten();
        let number = self.apply(event);
        let after = self
            .reach_of(event)
            .unwrap_or_else(|| Reach::unknown(event.region));
        Applied {
            number,
            before: before.filter(|before| *before != after).map(Box::new),
            after,
        }
    }

    fn insert(&mut self, incident: Incident) {
        if let Some(ended_at) = incident.ended_at {
            let entry = (ended_at, incident.id);
            let at = self.ended.partition_point(|other| *other < entry);
            self.ended.insert(at, entry);
        }
        if let Some(next) = rules::next_check(&incident) {
            self.agenda.insert((next, incident.id));
        }
        self.incidents.insert(incident.id, incident);
    }

    fn remove(&mut self, id: IncidentId) {
        let Some(incident) = self.incidents.remove(&id) else {
            return;
        };
        if let Some(next) = rules::next_check(&incident) {
            self.agenda.remove(&(next, id));
        }
        if incident.ended_at.is_some() {
            self.ended.retain(|(_, ended)| *ended != id);
        }
    }

    fn apply_incident(&mut self, event: &Event, body: &IncidentEvent) -> Option<u32> {
        let number = self.numbers.give(event);
        if let IncidentEvent::Reported(data) = body {
            let incident = Incident::open(event, data, number.unwrap_or_default());
            replan(
                &mut self.agenda,
                incident.id,
                None,
                rules::next_check(&incident),
            );
            self.incidents.insert(incident.id, incident);
            return number;
        }
        let incident = self.incidents.get_mut(&event.key)?;
        let before = (rules::next_check(incident), incident.ended_at);
        incident.evolve(event, body, number.unwrap_or_default());
        let after = (rules::next_check(incident), incident.ended_at);
        let (id, follows) = (incident.id, incident.follows);
        replan(&mut self.agenda, id, before.0, after.0);
        if before.1 != after.1 {
            self.note_end(id, before.1, after.1);
        }
        if let Some(parent) = follows {
            self.note_follower(parent, id, after.1.is_some());
        }
        if self.followers.contains_key(&id) {
            self.tie(id);
        }
        number
    }

    fn note_end(&mut self, id: IncidentId, was: Option<Timestamp>, is: Option<Timestamp>) {
        if was.is_some() {
            self.ended.retain(|(_, ended)| *ended != id);
        }
        if let Some(at) = is {
            self.ended.push_back((at, id));
        }
    }

    fn note_follower(&mut self, parent: IncidentId, child: IncidentId, is_over: bool) {
        let children = self.followers.entry(parent).or_default();
        if is_over {
            children.retain(|one| *one != child);
        } else if !children.contains(&child) {
            children.push(child);
        }
        if is_over {
            self.ties.remove(&(child, parent));
        }
        self.tie(parent);
    }

    /// Looks which ties of a case and those that follow it ask something.
    fn tie(&mut self, parent: IncidentId) {
        let Some(children) = self.followers.get(&parent) else {
            return;
        };
        if children.is_empty() {
            self.followers.remove(&parent);
            return;
        }
        let leading = self.incidents.get(&parent);
        for child in children {
            let following = self.incidents.get(child);
            let (joins, follows) = match (leading, following) {
                (Some(leading), Some(following)) => (
                    rules::follow::join(leading, following).is_some(),
                    rules::follow::follow(following, leading).is_some(),
                ),
                _ => (false, false),
            };
            for (tie, holds) in [((parent, *child), joins), ((*child, parent), follows)] {
                if holds {
                    self.ties.insert(tie);
                } else {
                    self.ties.remove(&tie);
                }
            }
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some(&(ended_at, id)) = self.sessions_ended.first() {
            if now.millis() - ended_at.millis() < SESSION_KEPT_MS {
                break;
            }
            self.take_session(id);
        }
        while let Some(&(ended_at, id)) = self.ended.front() {
            if now.millis() - ended_at.millis() < KEPT_AFTER_CLOSE_MS {
                break;
            }
            self.ended.pop_front();
            if let Some(incident) = self.incidents.remove(&id)
                && let Some(next) = rules::next_check(&incident)
            {
                self.agenda.remove(&(next, id));
            }
        }
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

    /// Cases whose tie to another asks something of them, each with that other.
    pub fn ties(&self) -> impl Iterator<Item = (&Incident, &Incident)> {
        self.ties
            .iter()
            .filter_map(|(one, other)| Some((self.incidents.get(one)?, self.incidents.get(other)?)))
    }

    /// The incidents with a running deadline that rests on holidays nobody had announced, counted
    /// by another calendar than this version.
    pub fn provisional<'a>(&'a self, calendar: &'a str) -> impl Iterator<Item = &'a Incident> {
        let old =
            move |clock: &Clock| clock.runs() && clock.provisional && clock.calendar != calendar;
        let all = self.incidents.values();
        all.filter(move |incident| incident.clocks.iter().any(old))
    }

    /// When the standing rules must look next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let session = self.session_agenda.first().map(|(at, _)| *at);
        let incident = self.agenda.first().map(|(at, _)| *at);
        session.into_iter().chain(incident).min()
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
        let sessions: Vec<Session> = self
            .sessions
            .values()
            .filter_map(|session| {
                let clearance = viewer.sight(&session.reach())?;
                Some(privacy::session(session, clearance))
            })
            .collect();
        let last_session = |one: &Session| one.timeline.last().map(|line| line.at);
        let units: Vec<Own> = self
            .units
            .values()
            .filter(|own| {
                let reach = Reach::of_org(own.region, own.org.clone());
                viewer.sight(&reach).is_some()
            })
            .cloned()
            .collect();
        let newest = incidents.iter().filter_map(last);
        let newest = newest.chain(sessions.iter().filter_map(last_session));
        let newest = newest.chain(units.iter().map(|own| own.since));
        let newest = newest.chain(self.mode.since).max();
        Stored {
            at: if all { self.at } else { newest },
            sessions,
            units,
            mode: privacy::mode(&self.mode, viewer.clearance),
            noted: self.noted_for(viewer),
            walls: self.walls_for(viewer),
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
