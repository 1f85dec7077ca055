//! State + event -> state. It never refuses: what is in the log has happened.

use smallvec::{SmallVec, smallvec};

use super::clock::{Clock, ClockKind};
use super::event::{Breached, IncidentEvent, Reported};
use super::{Breach, Entry, Hold, Incident, Sender, State, What};
use crate::event::{Body, Event};

impl Incident {
    /// The incident that a first event makes. `number` is its running number of the day.
    pub(crate) fn open(event: &Event, data: &Reported, number: u32) -> Self {
        Self {
            id: event.key,
            version: event.version,
            number,
            region: event.region,
            state: State::Reported,
            source: data.source.clone(),
            external_id: data.external_id.clone(),
            title: data.title.clone(),
            description: data.description.clone(),
            category: data.category,
            severity: None,
            claimed: data.claimed,
            place: data.place.clone(),
            reporter: data.reporter.clone(),
            sent_by: Sender::of(&event.actor),
            sensitive: data.sensitive,
            received_at: event.at,
            occurred_at: data.occurred_at,
            attachments: data.attachments.clone(),
            duplicate_of: data.duplicate_of,
            holds: smallvec![Hold {
                org: data.holder.clone(),
                from: event.at
            }],
            cooperators: Vec::new(),
            shared: SmallVec::new(),
            because: None,
            clocks: smallvec![data.accept.clone()],
            breaches: Vec::new(),
            result: None,
            closed_at: None,
            timeline: vec![Entry {
                at: event.at,
                what: What::Reported,
                order: None,
            }],
        }
    }

    /// One incident folded from its own events alone. What only the whole log can count is left 0:
    /// the numbers of its supervision orders, and its own unless one of the events tells it.
    pub fn alone<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut incident: Option<Self> = None;
        for event in events {
            match (&event.body, &mut incident) {
                (Body::Incident(IncidentEvent::Reported(data)), None) => {
                    incident = Some(Self::open(event, data, 0));
                }
                (Body::Incident(body), Some(incident)) => incident.evolve(event, body, 0),
                (_, Some(incident)) => incident.version = event.version,
                (_, None) => {}
            }
        }
        incident
    }

    /// Folds one later event. `number` is that of a supervision order.
    pub(crate) fn evolve(&mut self, event: &Event, body: &IncidentEvent, number: u32) {
        self.version = event.version;
        let mut entry = Entry {
            at: event.at,
            what: What::Other,
            order: None,
        };
        match body {
            IncidentEvent::Reported(_) => entry.what = What::Reported,
            IncidentEvent::Accepted(data) => {
                entry.what = What::Accepted;
                self.state = State::Accepted;
                self.category = Some(data.category);
                self.sensitive = data.sensitive;
                self.stop(ClockKind::Accept, event);
            }
            IncidentEvent::Assessed(data) => {
                entry.what = What::Assessed;
                self.state = State::Assessed;
                self.severity = Some(data.severity);
                self.run(data.finish.clone(), event);
            }
            IncidentEvent::Dispatched(data) => {
                entry.what = What::Dispatched;
                self.state = State::Dispatched;
                self.holds.push(Hold {
                    org: data.to.clone(),
                    from: event.at,
                });
                self.cooperators.clone_from(&data.cooperators);
                self.shared.clone_from(&data.shared);
                self.because = Some(data.because.clone());
                self.run(data.sign.clone(), event);
            }
            IncidentEvent::Started(data) => {
                entry.what = What::Started;
                self.state = State::InProgress;
                self.stop(ClockKind::Sign, event);
                self.run(data.first_action.clone(), event);
            }
            IncidentEvent::Progressed(_) => {
                entry.what = What::Progressed;
                self.stop(ClockKind::FirstAction, event);
            }
            IncidentEvent::FedBack(data) => {
                entry.what = What::FedBack;
                self.state = State::Feedback;
                self.result = Some(data.result.clone());
                self.attach(&data.evidence);
                self.stop(ClockKind::FirstAction, event);
                self.stop(ClockKind::Finish, event);
                self.run(data.confirm.clone(), event);
            }
            IncidentEvent::Closed(data) => {
                entry.what = What::Closed;
                self.number = data.number.unwrap_or(self.number);
                self.state = State::Closed;
                self.closed_at = Some(event.at);
                self.stop_all(event);
            }
            IncidentEvent::Breached(data) => {
                entry.what = What::Breached;
                entry.order = Some(number);
                self.breaches.push(breach(data, number));
            }
        }
        self.timeline.push(entry);
    }

    fn stop(&mut self, kind: ClockKind, event: &Event) {
        for clock in &mut self.clocks {
            if clock.kind == kind && clock.runs() {
                clock.stopped = Some(event.at);
            }
        }
    }

    /// What was brought with feedback goes with what was brought with the report.
    fn attach(&mut self, evidence: &[String]) {
        for id in evidence {
            if !self.attachments.contains(id) {
                self.attachments.push(id.clone());
            }
        }
    }

    fn stop_all(&mut self, event: &Event) {
        for clock in &mut self.clocks {
            clock.stopped.get_or_insert(event.at);
        }
    }

    /// Starts a clock; one of the same kind that still runs gives way to it.
    fn run(&mut self, clock: Clock, event: &Event) {
        self.stop(clock.kind, event);
        self.clocks.push(clock);
    }
}

fn breach(data: &Breached, number: u32) -> Breach {
    Breach {
        clock: data.clock,
        tier: data.tier,
        number,
        due_at: data.due_at,
        fired_at: data.fired_at,
        order: data.order.clone(),
    }
}
