//! State + event -> state. It never refuses: what is in the log has happened.

use geodata::region::Code;
use smallvec::{SmallVec, smallvec};

use super::clock::{Clock, ClockKind};
use super::event::{
    Breached, CameBack, Closed, Corrected, Dispatched, Escalated, FedBack, IncidentEvent, Joined,
    Merged, Reopened, Reported, SelfHandled, Stepped,
};
use super::{
    Breach, By, Entry, Evaluation, Extension, Hold, Incident, OrderState, Removal, Sender, State,
    What,
};
use crate::event::{Body, Event};
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

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
            ended_at: None,
            satisfied: None,
            proxy: None,
            follows: None,
            followers: Vec::new(),
            returned_by: SmallVec::new(),
            binding: false,
            consent: None,
            plan: None,
            special_report: false,
            extension: None,
            extensions: 0,
            suspension: None,
            reopened: 0,
            contacts: 0,
            appealed: false,
            transfer: None,
            evaluations: Vec::new(),
            timeline: vec![Entry {
                at: event.at,
                what: What::Reported,
                by: By::of(&event.actor),
                text: None,
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
        let at = event.at;
        match body {
            IncidentEvent::Reported(_) => {}
            IncidentEvent::SelfHandled(_)
            | IncidentEvent::Accepted(_)
            | IncidentEvent::Rejected(_)
            | IncidentEvent::Appealed(_)
            | IncidentEvent::Merged(_)
            | IncidentEvent::Joined(_)
            | IncidentEvent::Followed(_)
            | IncidentEvent::Corrected(_)
            | IncidentEvent::Assessed(_)
            | IncidentEvent::ConsentAsked(_)
            | IncidentEvent::ConsentRefused(_)
            | IncidentEvent::Dispatched(_)
            | IncidentEvent::Returned(_)
            | IncidentEvent::Recalled(_)
            | IncidentEvent::Escalated(_) => self.find_its_way(body, at),
            IncidentEvent::Started(_)
            | IncidentEvent::Progressed(_)
            | IncidentEvent::Stepped(_)
            | IncidentEvent::ExtensionAsked(_)
            | IncidentEvent::ExtensionGranted(_)
            | IncidentEvent::ExtensionRefused(_)
            | IncidentEvent::Suspended(_)
            | IncidentEvent::Resumed(_)
            | IncidentEvent::Recounted(_)
            | IncidentEvent::Reminded(_) => self.be_worked_on(body, at),
            IncidentEvent::FedBack(_)
            | IncidentEvent::Reopened(_)
            | IncidentEvent::Contacted(_)
            | IncidentEvent::Urged(_)
            | IncidentEvent::Closed(_)
            | IncidentEvent::Evaluated(_)
            | IncidentEvent::TransferredOut(_)
            | IncidentEvent::CameBack(_)
            | IncidentEvent::Voided(_) => self.come_to_an_end(body, event),
            IncidentEvent::Breached(_)
            | IncidentEvent::OrderSigned(_)
            | IncidentEvent::OrderAnswered(_)
            | IncidentEvent::OrderCleared(_)
            | IncidentEvent::OrderRejected(_)
            | IncidentEvent::OrderClimbed(_)
            | IncidentEvent::RemovalAsked(_)
            | IncidentEvent::RemovalGranted(_)
            | IncidentEvent::RemovalRefused(_) => self.be_supervised(body, at, number),
        }
        self.timeline.push(Entry {
            at,
            what: body.what(),
            by: By::of(&event.actor),
            text: body
                .said()
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            order: matches!(body, IncidentEvent::Breached(_)).then_some(number),
        });
    }

    /// Until a unit has it.
    fn find_its_way(&mut self, body: &IncidentEvent, at: Timestamp) {
        match body {
            IncidentEvent::SelfHandled(data) => self.self_handled(data, at),
            IncidentEvent::Accepted(data) => {
                self.state = State::Accepted;
                self.category = Some(data.category);
                self.sensitive = data.sensitive;
                self.stop(ClockKind::Accept, at);
            }
            IncidentEvent::Rejected(_) => self.end(State::Rejected, at),
            IncidentEvent::Appealed(data) => {
                self.state = State::Reported;
                self.appealed = true;
                self.ended_at = None;
                self.run(data.accept.clone(), at);
            }
            IncidentEvent::Merged(data) => self.merged(data, at),
            IncidentEvent::Joined(data) => self.joined(data),
            IncidentEvent::Followed(data) => {
                self.result.clone_from(&data.result);
                self.ended_at = Some(at);
            }
            IncidentEvent::Corrected(data) => self.corrected(data, at),
            IncidentEvent::Assessed(data) => {
                self.state = State::Assessed;
                self.severity = Some(data.severity);
                self.set(&data.finish, at);
            }
            IncidentEvent::ConsentAsked(data) => self.consent = Some(data.clone()),
            IncidentEvent::ConsentRefused(_) => self.consent = None,
            IncidentEvent::Dispatched(data) => self.dispatched(data, at),
            IncidentEvent::Returned(data) => {
                self.returned_by.push(data.by.clone());
                self.back_to_room(&data.holder, at);
            }
            IncidentEvent::Recalled(data) => self.back_to_room(&data.holder, at),
            IncidentEvent::Escalated(data) => self.escalated(data, at),
            _ => {}
        }
    }

    /// While a unit has it.
    fn be_worked_on(&mut self, body: &IncidentEvent, at: Timestamp) {
        match body {
            IncidentEvent::Started(data) => {
                self.state = State::InProgress;
                self.stop(ClockKind::Sign, at);
                self.run(data.first_action.clone(), at);
            }
            IncidentEvent::Progressed(data) => {
                self.attach(&data.evidence);
                self.stop(ClockKind::FirstAction, at);
            }
            IncidentEvent::Stepped(data) => self.stepped(data, at),
            IncidentEvent::ExtensionAsked(data) => {
                self.extension = Some(Extension {
                    reason: data.reason.clone(),
                    until: data.until,
                    by: data.by.clone(),
                });
            }
            IncidentEvent::ExtensionGranted(data) => {
                self.extension = None;
                self.extensions = self.extensions.saturating_add(1);
                self.set(&data.finish, at);
            }
            IncidentEvent::ExtensionRefused(_) => self.extension = None,
            IncidentEvent::Suspended(data) => {
                self.state = State::Suspended;
                self.extension = None;
                self.suspension = Some(data.clone());
                self.pause(at);
            }
            IncidentEvent::Resumed(data) => {
                self.state = State::InProgress;
                self.suspension = None;
                self.set_all(&data.clocks, at);
            }
            IncidentEvent::Recounted(data) => self.set_all(&data.clocks, at),
            IncidentEvent::Reminded(data) => {
                let mut running = self.clocks.iter_mut().rev();
                if let Some(clock) = running.find(|c| c.kind == data.clock && c.runs()) {
                    clock.reminded = data.nth.saturating_add(1);
                }
            }
            _ => {}
        }
    }

    /// From the result on.
    fn come_to_an_end(&mut self, body: &IncidentEvent, event: &Event) {
        let at = event.at;
        match body {
            IncidentEvent::FedBack(data) => self.fed_back(data, at),
            IncidentEvent::Reopened(data) => self.reopened(data, at),
            IncidentEvent::Contacted(_) => self.contacts = self.contacts.saturating_add(1),
            IncidentEvent::Closed(data) => self.closed(data, at),
            IncidentEvent::Evaluated(data) => self.evaluations.push(Evaluation {
                by: By::of(&event.actor),
                speed: data.speed,
                cooperation: data.cooperation,
                note: data.note.clone(),
            }),
            IncidentEvent::TransferredOut(data) => {
                self.transfer = Some(data.clone());
                self.pause(at);
                self.state = State::TransferredOut;
                self.ended_at = Some(at);
            }
            IncidentEvent::CameBack(data) => self.came_back(data, at),
            IncidentEvent::Voided(_) => self.end(State::Void, at),
            _ => {}
        }
    }

    /// What its red lights bring about.
    fn be_supervised(&mut self, body: &IncidentEvent, at: Timestamp, number: u32) {
        match body {
            IncidentEvent::Breached(data) => self.breaches.push(breach(data, number)),
            IncidentEvent::OrderSigned(data) => self.order_is(data.order, OrderState::Signed),
            IncidentEvent::OrderAnswered(data) => {
                self.order_is(data.order, OrderState::Answered);
                if let Some(breach) = self.breaches.get_mut(usize::from(data.order)) {
                    breach.answer = Some(data.text.clone());
                }
            }
            IncidentEvent::OrderCleared(data) => self.order_is(data.order, OrderState::Cleared),
            IncidentEvent::OrderRejected(data) => {
                self.order_is(data.order, OrderState::Rejected);
                if let Some(breach) = self.breaches.get_mut(usize::from(data.order)) {
                    breach.order.reply_by = data.reply_by;
                }
            }
            IncidentEvent::OrderClimbed(data) => {
                if let Some(breach) = self.breaches.get_mut(usize::from(data.order)) {
                    breach.climbed.push(data.to.clone());
                }
            }
            IncidentEvent::RemovalAsked(data) => {
                if let Some(breach) = self.breaches.get_mut(usize::from(data.order)) {
                    breach.removal = Some(Removal {
                        reason: data.reason.clone(),
                        by: data.by.clone(),
                        granted: None,
                    });
                }
            }
            IncidentEvent::RemovalGranted(data) => {
                self.removal_is(data.order, true);
                if let Some(clock) = &data.clock {
                    self.set(clock, at);
                }
            }
            IncidentEvent::RemovalRefused(data) => self.removal_is(data.order, false),
            _ => {}
        }
    }

    fn self_handled(&mut self, data: &SelfHandled, at: Timestamp) {
        self.state = State::SelfHandled;
        self.category = Some(data.category);
        self.sensitive = data.sensitive;
        self.attach(&data.before);
        self.attach(&data.after);
        self.hold(&data.by, at);
        self.stop(ClockKind::Accept, at);
        self.run(data.finish.clone(), at);
    }

    /// It keeps its place until the case it follows is over, and owes nothing itself.
    fn merged(&mut self, data: &Merged, at: Timestamp) {
        self.state = State::Merged;
        self.follows = Some(data.into);
        self.extension = None;
        self.consent = None;
        self.stop_all(at);
    }

    fn joined(&mut self, data: &Joined) {
        self.followers.push(data.clone());
        self.share(data.shared);
    }

    /// Whoever reported the same thing elsewhere sees what becomes of it, whoever handles it.
    fn share(&mut self, region: Option<Code>) {
        if let Some(region) = region
            && !self.shared.contains(&region)
        {
            self.shared.push(region);
        }
    }

    fn corrected(&mut self, data: &Corrected, at: Timestamp) {
        self.category = Some(data.category);
        self.sensitive = data.sensitive;
        self.returned_by.clear();
        self.binding = false;
        self.plan = None;
        self.back_to_room(&data.holder, at);
        self.state = State::Accepted;
    }

    fn dispatched(&mut self, data: &Dispatched, at: Timestamp) {
        self.state = State::Dispatched;
        self.consent = None;
        self.hold(&data.to, at);
        self.cooperators.clone_from(&data.cooperators);
        self.shared.clone_from(&data.shared);
        for at in 0..self.followers.len() {
            self.share(self.followers[at].shared);
        }
        self.because = Some(data.because.clone());
        self.binding = data.binding;
        self.plan.clone_from(&data.plan);
        self.run(data.sign.clone(), at);
    }

    fn stepped(&mut self, data: &Stepped, at: Timestamp) {
        self.stop(ClockKind::FirstAction, at);
        let steps = self.plan.as_mut().map(|plan| &mut plan.steps);
        if let Some(step) = steps.and_then(|steps| steps.get_mut(usize::from(data.step))) {
            step.done = Some(at);
        }
    }

    fn escalated(&mut self, data: &Escalated, at: Timestamp) {
        self.severity = Some(data.severity);
        self.special_report |= data.special_report;
        self.back_to_room(&data.to, at);
    }

    fn fed_back(&mut self, data: &FedBack, at: Timestamp) {
        self.state = State::Feedback;
        self.result = Some(data.result.clone());
        self.contacts = 0;
        self.extension = None;
        self.attach(&data.evidence);
        self.stop(ClockKind::FirstAction, at);
        self.stop(ClockKind::Finish, at);
        self.run(data.confirm.clone(), at);
    }

    fn reopened(&mut self, data: &Reopened, at: Timestamp) {
        self.state = State::InProgress;
        self.reopened = self.reopened.saturating_add(u8::from(data.by_reporter));
        self.stop(ClockKind::Confirm, at);
        self.run(data.finish.clone(), at);
    }

    fn closed(&mut self, data: &Closed, at: Timestamp) {
        self.number = data.number.unwrap_or(self.number);
        self.satisfied = Some(data.satisfied);
        self.proxy = data.proxy;
        self.closed_at = Some(at);
        self.end(State::Closed, at);
    }

    /// It starts again from as far as it had come before anybody was ordered.
    fn came_back(&mut self, data: &CameBack, at: Timestamp) {
        self.state = if self.severity.is_some() {
            State::Assessed
        } else if self.was(What::Accepted) {
            State::Accepted
        } else {
            State::Reported
        };
        self.ended_at = None;
        self.suspension = None;
        self.set_all(&data.clocks, at);
        if self.state == State::Assessed {
            for kind in [ClockKind::Sign, ClockKind::FirstAction, ClockKind::Confirm] {
                self.stop(kind, at);
            }
        }
    }

    /// No unit has it any more; a room decides where it goes.
    fn back_to_room(&mut self, room: &OrgId, at: Timestamp) {
        self.state = State::Assessed;
        self.extension = None;
        self.consent = None;
        self.cooperators.clear();
        self.hold(room, at);
        self.stop(ClockKind::Sign, at);
        self.stop(ClockKind::FirstAction, at);
    }

    fn hold(&mut self, org: &OrgId, at: Timestamp) {
        if self.holder().is_none_or(|hold| hold.org != *org) {
            self.holds.push(Hold {
                org: org.clone(),
                from: at,
            });
        }
    }

    fn end(&mut self, state: State, at: Timestamp) {
        self.state = state;
        self.ended_at = Some(at);
        self.extension = None;
        self.consent = None;
        self.suspension = None;
        self.stop_all(at);
    }

    fn order_is(&mut self, order: u8, state: OrderState) {
        if let Some(breach) = self.breaches.get_mut(usize::from(order)) {
            breach.state = state;
        }
    }

    fn removal_is(&mut self, order: u8, granted: bool) {
        let breach = self.breaches.get_mut(usize::from(order));
        if let Some(removal) = breach.and_then(|breach| breach.removal.as_mut()) {
            removal.granted = Some(granted);
        }
    }

    fn stop(&mut self, kind: ClockKind, at: Timestamp) {
        for clock in &mut self.clocks {
            if clock.kind == kind && clock.stopped.is_none() {
                end_pause(clock, at);
                clock.stopped = Some(at);
            }
        }
    }

    fn stop_all(&mut self, at: Timestamp) {
        for clock in self.clocks.iter_mut().filter(|c| c.stopped.is_none()) {
            end_pause(clock, at);
            clock.stopped = Some(at);
        }
    }

    fn pause(&mut self, at: Timestamp) {
        for clock in self.clocks.iter_mut().filter(|c| c.runs()) {
            clock.paused = Some(at);
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

    /// Starts a clock; one of the same kind that still runs gives way to it.
    fn run(&mut self, clock: Clock, at: Timestamp) {
        self.stop(clock.kind, at);
        self.clocks.push(clock);
    }

    /// Puts a clock in the place of the one it continues, or starts it.
    fn set(&mut self, clock: &Clock, at: Timestamp) {
        let continues =
            |c: &&mut Clock| c.kind == clock.kind && c.stopped.is_none() && c.start == clock.start;
        match self.clocks.iter_mut().find(continues) {
            Some(one) => one.clone_from(clock),
            None => self.run(clock.clone(), at),
        }
    }

    fn set_all(&mut self, clocks: &[Clock], at: Timestamp) {
        for clock in clocks {
            self.set(clock, at);
        }
    }
}

/// A clock that stops while it stands still ran until it was halted.
fn end_pause(clock: &mut Clock, at: Timestamp) {
    if let Some(from) = clock.paused.take() {
        clock.pauses.push((from, at));
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
        state: OrderState::Issued,
        answer: None,
        climbed: SmallVec::new(),
        removal: None,
    }
}
