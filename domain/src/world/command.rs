//! What the World holds of sessions, units and the county's mode.

use super::World;
use crate::access::{Reach, Viewer};
use crate::alarm;
use crate::deployment::{Own, StatusSet, UnitEvent};
use crate::event::{Body, Event, Stream};
use crate::ids::{IncidentId, SessionId};
use crate::incident::Incident;
use crate::incident::event::IncidentEvent;
use crate::mode::Mode;
use crate::pack::units::UnitId;
use crate::privacy;
use crate::session::{Session, watch};
use crate::time::{Span, Timestamp};

/// How long it is kept who acknowledged what; nothing that old sounds any more.
const NOTED_KEPT: Span = Span::hours(24);

impl World {
    /// An event of a kind this version does not know counts as a version.
    pub(super) fn skip(&mut self, event: &Event) {
        if event.stream == Stream::Sessions {
            if let Some(session) = self.sessions.get_mut(&SessionId::of_key(event.key)) {
                session.version = event.version;
            }
        } else if let Some(incident) = self.incidents.get_mut(&event.key) {
            incident.version = event.version;
        }
    }

    /// What happens in sessions, to units and to the county's mode.
    pub(super) fn apply_command(&mut self, event: &Event) {
        match &event.body {
            Body::Session(_) => {
                let id = SessionId::of_key(event.key);
                let before = self.take_session(id);
                if let Some(session) = Session::folded(before, event) {
                    self.put_session(session);
                }
            }
            Body::SharedSession(session) => {
                self.take_session(session.id);
                self.put_session((**session).clone());
            }
            Body::Unit(UnitEvent::StatusSet(StatusSet { unit, org, status })) => {
                let own = Own {
                    unit: unit.clone(),
                    org: org.clone(),
                    region: event.region,
                    status: *status,
                    since: event.at,
                    version: event.version,
                };
                self.units.insert(unit.clone(), own);
            }
            Body::Mode(data) => self.mode.evolve(event, data),
            Body::Alarm(_) => {
                self.noted.retain(|one| event.at.since(one.at) < NOTED_KEPT);
                self.noted.push(event.clone());
            }
            Body::Wall(_) => {
                self.walls.insert(event.key, event.clone());
            }
            Body::Incident(_) | Body::Shared(_) | Body::Withdrawn | Body::Unknown { .. } => {}
        }
    }

    pub(super) fn put_session(&mut self, session: Session) {
        if let Some(next) = watch::next_check(&session) {
            self.session_agenda.insert((next, session.id));
        }
        if let Some(ended) = session.ended_at {
            self.sessions_ended.insert((ended, session.id));
        }
        self.sessions.insert(session.id, session);
    }

    pub(super) fn take_session(&mut self, id: SessionId) -> Option<Session> {
        let session = self.sessions.remove(&id)?;
        if let Some(next) = watch::next_check(&session) {
            self.session_agenda.remove(&(next, id));
        }
        if let Some(ended) = session.ended_at {
            self.sessions_ended.remove(&(ended, id));
        }
        Some(session)
    }

    /// Whom the subject of an event concerns; none while it is not known.
    pub(super) fn reach_of(&self, event: &Event) -> Option<Reach> {
        match (&event.body, event.stream) {
            (Body::Mode(_), _) => Some(Reach::everybody(event.region)),
            (Body::Alarm(data), _) => self.reach_of_alarm(&alarm::read(data)?),
            (Body::Wall(_), _) => Some(Reach::of_region(event.region)),
            (Body::Unit(UnitEvent::StatusSet(data)), _) => {
                Some(Reach::of_org(event.region, data.org.clone()))
            }
            (_, Stream::Sessions) => {
                let session = self.sessions.get(&SessionId::of_key(event.key));
                session.map(Session::reach)
            }
            (_, Stream::Incidents | Stream::Deployments) => {
                self.incidents.get(&event.key).map(Incident::reach)
            }
        }
    }

    /// The subject of an event as it is now, as the body that hands all of it to a viewer.
    pub fn whole(&self, event: &Event) -> Option<Body> {
        if event.stream == Stream::Sessions {
            let session = self.sessions.get(&SessionId::of_key(event.key))?;
            return Some(Body::SharedSession(Box::new(session.clone())));
        }
        let incident = self.incidents.get(&event.key)?;
        Some(Body::Shared(Box::new(incident.clone())))
    }

    /// One session, if it is open or recent.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// All sessions that are open or recent, in no order.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    /// The sessions a standing rule must look at by `now`, soonest first.
    pub fn due_sessions(&self, now: Timestamp) -> impl Iterator<Item = &Session> {
        self.session_agenda
            .iter()
            .take_while(move |(at, _)| *at <= now)
            .filter_map(|(_, id)| self.sessions.get(id))
    }

    /// What a unit last said of itself outside any session.
    pub fn unit(&self, id: &UnitId) -> Option<&Own> {
        self.units.get(id)
    }

    /// The events by which alarms of the last day were acknowledged, oldest first.
    pub fn noted(&self) -> &[Event] {
        &self.noted
    }

    /// The event that last steered a wall, by the key of its subject.
    pub fn steered(&self, key: IncidentId) -> Option<&Event> {
        self.walls.get(&key)
    }

    /// The acknowledgements of what a viewer may know of.
    pub(super) fn noted_for(&self, viewer: &Viewer) -> Vec<Event> {
        self.shown_to(viewer, self.noted.iter())
    }

    /// What the walls of a viewer's region were sent.
    pub(super) fn walls_for(&self, viewer: &Viewer) -> Vec<Event> {
        self.shown_to(viewer, self.walls.values())
    }

    fn shown_to<'a>(&self, viewer: &Viewer, all: impl Iterator<Item = &'a Event>) -> Vec<Event> {
        let shown = all.filter_map(|one| {
            let clearance = viewer.sight(&self.reach_of(one)?)?;
            Some(privacy::event(one, clearance, false))
        });
        shown.collect()
    }

    /// Whether the county is in war mode, and since when.
    pub fn mode(&self) -> &Mode {
        &self.mode
    }
}

/// Whether an event may change who sees its incident, or how much of it.
pub(super) fn changes_reach(body: &Body) -> bool {
    match body {
        Body::Incident(event) => match event {
            IncidentEvent::SelfHandled(_)
            | IncidentEvent::Accepted(_)
            | IncidentEvent::Joined(_)
            | IncidentEvent::Corrected(_)
            | IncidentEvent::Dispatched(_)
            | IncidentEvent::Returned(_)
            | IncidentEvent::Recalled(_)
            | IncidentEvent::Escalated(_)
            | IncidentEvent::Breached(_)
            | IncidentEvent::OrderCleared(_) => true,
            IncidentEvent::Reported(_)
            | IncidentEvent::Rejected(_)
            | IncidentEvent::Appealed(_)
            | IncidentEvent::Merged(_)
            | IncidentEvent::Followed(_)
            | IncidentEvent::Assessed(_)
            | IncidentEvent::ConsentAsked(_)
            | IncidentEvent::ConsentRefused(_)
            | IncidentEvent::Started(_)
            | IncidentEvent::Progressed(_)
            | IncidentEvent::Stepped(_)
            | IncidentEvent::ExtensionAsked(_)
            | IncidentEvent::ExtensionGranted(_)
            | IncidentEvent::ExtensionRefused(_)
            | IncidentEvent::Suspended(_)
            | IncidentEvent::Resumed(_)
            | IncidentEvent::FedBack(_)
            | IncidentEvent::Reopened(_)
            | IncidentEvent::Contacted(_)
            | IncidentEvent::Urged(_)
            | IncidentEvent::Closed(_)
            | IncidentEvent::Evaluated(_)
            | IncidentEvent::TransferredOut(_)
            | IncidentEvent::CameBack(_)
            | IncidentEvent::Voided(_)
            | IncidentEvent::Recounted(_)
            | IncidentEvent::Reminded(_)
            | IncidentEvent::OrderSigned(_)
            | IncidentEvent::OrderAnswered(_)
            | IncidentEvent::OrderRejected(_)
            | IncidentEvent::OrderClimbed(_)
            | IncidentEvent::RemovalAsked(_)
            | IncidentEvent::RemovalGranted(_)
            | IncidentEvent::RemovalRefused(_) => false,
        },
        Body::Session(event) => event.changes_parties(),
        Body::Shared(_)
        | Body::SharedSession(_)
        | Body::Unit(_)
        | Body::Mode(_)
        | Body::Alarm(_)
        | Body::Wall(_)
        | Body::Withdrawn
        | Body::Unknown { .. } => false,
    }
}
