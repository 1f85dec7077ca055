//! State + event -> state. It never refuses: what is in the log has happened.

use smallvec::smallvec;

use super::clock::{Clock, ClockKind};
use super::event::{Breached, IncidentEvent, Reported};
use super::{Breach, Entry, Hold, Incident, State, What};
use crate::event::Event;

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
            received_at: event.at,
            occurred_at: data.occurred_at,
            attachments: data.attachments.clone(),
            duplicate_of: data.duplicate_of,
            holds: smallvec![Hold {
                org: data.holder.clone(),
                from: event.at
            }],
            cooperators: Vec::new(),
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
                self.stop(ClockKind::FirstAction, event);
                self.stop(ClockKind::Finish, event);
                self.run(data.confirm.clone(), event);
            }
            IncidentEvent::Closed(_) => {
                entry.what = What::Closed;
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
