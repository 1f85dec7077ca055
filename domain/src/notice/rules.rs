//! Which notices an event brings about: to whoever must act now, and to whoever asked. What was
//! done by an organisation itself is no news to it.

use super::words::{self, About};
use super::{ANNOUNCED_FOR, Channel, Kind, Notice, To, Urgency, chain, key_of};
use crate::actor::Role;
use crate::event::{Body, Event};
use crate::incident::event::{Breached, IncidentEvent, Reminded};
use crate::incident::{Breach, Incident, State};
use crate::pack::County;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// From this severity on what climbs goes out by SMS too.
const SMS_FROM: Severity = Severity::II;

/// Whether an event can bring a notice about at all: others need not be looked at.
pub fn concerns(event: &Event) -> bool {
    let Body::Incident(body) = &event.body else {
        return false;
    };
    !matches!(
        body,
        IncidentEvent::Reported(_)
            | IncidentEvent::SelfHandled(_)
            | IncidentEvent::Appealed(_)
            | IncidentEvent::Joined(_)
            | IncidentEvent::Assessed(_)
            | IncidentEvent::Started(_)
            | IncidentEvent::Progressed(_)
            | IncidentEvent::Stepped(_)
            | IncidentEvent::Contacted(_)
            | IncidentEvent::Evaluated(_)
            | IncidentEvent::TransferredOut(_)
            | IncidentEvent::Recounted(_)
            | IncidentEvent::OrderSigned(_)
    )
}

/// The notices that an event brings about; `incident` is as the event left it.
pub fn plan(event: &Event, incident: &Incident, county: &County) -> Vec<Notice> {
    let Body::Incident(body) = &event.body else {
        return Vec::new();
    };
    let mut plan = Plan {
        event,
        incident,
        county,
        notices: Vec::new(),
    };
    match body {
        IncidentEvent::Reminded(data) => plan.reminded(data),
        IncidentEvent::Breached(data) => plan.breached(data),
        IncidentEvent::OrderAnswered(data) => plan.judges(data.order, Kind::OrderAnswered),
        IncidentEvent::OrderCleared(data) => plan.ordered(data.order, Kind::OrderCleared),
        IncidentEvent::OrderRejected(data) => plan.ordered(data.order, Kind::OrderRejected),
        IncidentEvent::OrderClimbed(data) => plan.climbed(&data.to),
        IncidentEvent::RemovalAsked(data) => plan.judges(data.order, Kind::RemovalAsked),
        IncidentEvent::RemovalGranted(data) => plan.asker(data.order, Kind::RemovalGranted),
        IncidentEvent::RemovalRefused(data) => plan.asker(data.order, Kind::RemovalRefused),
        other => plan.moved(other),
    }
    plan.notices
}

struct Plan<'a> {
    event: &'a Event,
    incident: &'a Incident,
    county: &'a County,
    notices: Vec<Notice>,
}

impl Plan<'_> {
    /// The moves of the closed loop.
    fn moved(&mut self, event: &IncidentEvent) {
        use Urgency::{Action, Info};
        match event {
            IncidentEvent::Accepted(_) => self.reporter(Kind::Accepted, Info),
            IncidentEvent::Rejected(_) => self.reporter(Kind::Rejected, Info),
            IncidentEvent::Merged(_) => self.reporter(Kind::Merged, Info),
            IncidentEvent::Followed(data) if data.state == State::Closed => {
                self.reporter(Kind::Closed, Info);
            }
            IncidentEvent::Corrected(data) => {
                self.org(&data.holder, Kind::Corrected, Action);
                self.taken_away();
            }
            IncidentEvent::ConsentAsked(data) => self.org(&data.of, Kind::ConsentAsked, Action),
            IncidentEvent::ConsentRefused(_) => {
                let centre = self.county.orgs.centre().clone();
                self.org(&centre, Kind::ConsentRefused, Action);
            }
            IncidentEvent::Dispatched(data) => {
                self.org(&data.to, Kind::Dispatched, Action);
                for org in &data.cooperators {
                    self.org(org, Kind::Cooperate, Action);
                }
            }
            IncidentEvent::Returned(data) => self.org(&data.holder, Kind::Returned, Action),
            IncidentEvent::Recalled(_) => self.taken_away(),
            IncidentEvent::Escalated(data) => self.org(&data.to, Kind::Escalated, Action),
            IncidentEvent::ExtensionAsked(data) => {
                let above = self.above(&data.by);
                self.org(&above, Kind::ExtensionAsked, Action);
            }
            IncidentEvent::ExtensionGranted(_) => self.holder(Kind::ExtensionGranted, Info),
            IncidentEvent::ExtensionRefused(_) => self.holder(Kind::ExtensionRefused, Action),
            IncidentEvent::Suspended(_) => self.holder(Kind::Suspended, Info),
            IncidentEvent::Resumed(_) => self.holder(Kind::Resumed, Action),
            IncidentEvent::FedBack(_) => {
                self.reporter(Kind::FedBack, Action);
                let room = self.room();
                self.org(&room, Kind::FedBack, Info);
            }
            IncidentEvent::Reopened(_) => self.holder(Kind::Reopened, Action),
            IncidentEvent::CameBack(_) => self.holder(Kind::CameBack, Action),
            IncidentEvent::Voided(_) => self.holder(Kind::Voided, Info),
            IncidentEvent::Closed(_) => {
                self.reporter(Kind::Closed, Info);
                self.holder(Kind::Closed, Info);
            }
            _ => {}
        }
    }

    fn reminded(&mut self, data: &Reminded) {
        let announced = self.is_fresh(data.at);
        let about = About {
            due: Some(data.due),
            clock: Some(data.clock),
            ..self.about()
        };
        let to = To::Org(data.to.clone());
        self.add(
            to,
            Kind::Reminded,
            Urgency::Action,
            &about,
            data.sms,
            announced,
        );
    }

    fn breached(&mut self, data: &Breached) {
        let announced = self.is_fresh(turned(data, self.incident));
        let about = About {
            due: Some(data.due_at),
            clock: Some(data.clock),
            ..self.about()
        };
        // Who gets a copy owes no answer.
        let owed = About {
            reply_by: Some(data.order.reply_by),
            ..about.clone()
        };
        let first = (&data.order.to, Kind::Breached, Urgency::Urgent);
        let copies = data
            .order
            .copies
            .iter()
            .filter(|org| **org != data.order.to)
            .map(|org| (org, Kind::BreachCopied, Urgency::Info));
        for (org, kind, urgency) in std::iter::once(first).chain(copies) {
            let about = if kind == Kind::Breached {
                &owed
            } else {
                &about
            };
            self.add(To::Org(org.clone()), kind, urgency, about, true, announced);
        }
    }

    fn climbed(&mut self, to: &OrgId) {
        let sms = self.is_grave();
        let to = To::Org(to.clone());
        let about = self.about();
        self.add(to, Kind::OrderClimbed, Urgency::Urgent, &about, sms, true);
    }

    /// Those an order was copied to judge its answer; where nobody is, the county centre does.
    fn judges(&mut self, order: u8, kind: Kind) {
        let Some(breach) = self.breach(order) else {
            return;
        };
        let mut judges = breach.order.copies.clone();
        if judges.is_empty() {
            judges.push(self.county.orgs.centre().clone());
        }
        for org in judges {
            self.org(&org, kind, Urgency::Action);
        }
    }

    fn ordered(&mut self, order: u8, kind: Kind) {
        let urgency = match kind {
            Kind::OrderRejected => Urgency::Action,
            _ => Urgency::Info,
        };
        if let Some(to) = self.breach(order).map(|breach| breach.order.to.clone()) {
            self.org(&to, kind, urgency);
        }
    }

    fn asker(&mut self, order: u8, kind: Kind) {
        let removal = self
            .breach(order)
            .and_then(|breach| breach.removal.as_ref());
        if let Some(by) = removal.map(|removal| removal.by.clone()) {
            self.org(&by, kind, Urgency::Info);
        }
    }

    /// Whoever held it until this very event has to know that it is gone.
    fn taken_away(&mut self) {
        let [.., before, last] = self.incident.holds.as_slice() else {
            return;
        };
        if last.from == self.event.at && before.org != last.org {
            let org = before.org.clone();
            self.org(&org, Kind::TakenAway, Urgency::Info);
        }
    }

    fn holder(&mut self, kind: Kind, urgency: Urgency) {
        if let Some(org) = self.incident.holder().map(|hold| hold.org.clone()) {
            self.org(&org, kind, urgency);
        }
    }

    fn org(&mut self, org: &OrgId, kind: Kind, urgency: Urgency) {
        let actor = &self.event.actor;
        if actor.role != Role::Rule && actor.org.as_ref() == Some(org) {
            return;
        }
        let about = self.about();
        self.add(To::Org(org.clone()), kind, urgency, &about, false, true);
    }

    fn reporter(&mut self, kind: Kind, urgency: Urgency) {
        let incident = self.incident;
        let person = incident.sent_by.as_ref().map(|sender| sender.id.clone());
        let phone = incident.reporter.as_ref().and_then(|r| r.phone.as_ref());
        if person.is_none() && phone.is_none() {
            return;
        }
        let by_self = person.as_ref() == Some(&self.event.actor.id);
        if by_self && self.event.actor.role != Role::Rule {
            return;
        }
        let to = To::Reporter {
            incident: incident.id,
            person,
        };
        let about = self.about();
        self.add(to, kind, urgency, &about, true, true);
    }

    fn add(
        &mut self,
        to: To,
        kind: Kind,
        urgency: Urgency,
        about: &About,
        sms: bool,
        announced: bool,
    ) {
        let is_to_reporter = matches!(to, To::Reporter { .. });
        let (title, body) = words::of(kind, is_to_reporter, about);
        let mut channels = vec![Channel::App, Channel::Webhook];
        if urgency >= Urgency::Action || is_to_reporter {
            channels.push(Channel::Push);
        }
        if sms {
            channels.push(Channel::Sms);
        }
        let climbs = urgency == Urgency::Urgent && announced && self.is_grave();
        let link = match to {
            To::Org(_) => format!("/desk?id={}", self.incident.id),
            To::Reporter { .. } => "/report".to_owned(),
        };
        self.notices.push(Notice {
            key: key_of(self.event, &to, kind),
            link,
            to,
            kind,
            urgency,
            title,
            body,
            incident: Some(self.incident.id),
            session: None,
            region: self.incident.region,
            at: self.event.at,
            channels,
            announced,
            chain: if climbs {
                chain::usual(self.county.catalogue.notices(), sms)
            } else {
                Vec::new()
            },
        });
    }

    /// Whether it is of a severity that may call people in the night.
    fn is_grave(&self) -> bool {
        self.incident.severity_or_lowest() >= SMS_FROM
    }

    fn about(&self) -> About {
        About::of(self.incident, self.county)
    }

    fn breach(&self, order: u8) -> Option<&Breach> {
        self.incident.breaches.get(usize::from(order))
    }

    fn room(&self) -> OrgId {
        self.county.orgs.room_for(self.incident.region).clone()
    }

    /// The room decides what a unit asks; what a room asks the county centre decides.
    fn above(&self, org: &OrgId) -> OrgId {
        let room = self.room();
        if room == *org {
            self.county.orgs.centre().clone()
        } else {
            room
        }
    }

    /// Whether what was due then is found out soon enough to sound.
    fn is_fresh(&self, due: Timestamp) -> bool {
        self.event.at.since(due) <= ANNOUNCED_FOR
    }
}

/// When a breach came to be: deep red has an instant of its own, but for a second clock going red.
fn turned(data: &Breached, incident: &Incident) -> Timestamp {
    let clock = incident.clock(data.clock);
    let deep = clock.map(|clock| clock.deep_at);
    match deep {
        Some(deep) if data.tier > 1 && deep <= data.fired_at => deep,
        _ => data.due_at,
    }
}
