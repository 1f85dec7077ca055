//! What an event does to a session.

use smallvec::SmallVec;

use super::event::{Chair, HandedOver, Marked, Opened, Order, SeatAdded, SessionEvent};
use super::{
    Channel, Evidence, Line, Mark, Message, Missed, Rating, Receipt, Seat, Session, Stage, Step,
    Task, Timer, Tried, Vote,
};
use crate::event::{Body, Event};
use crate::ids::SessionId;
use crate::incident::By;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

impl Session {
    /// A session as its first event sets it up.
    pub(crate) fn open(event: &Event, data: &Opened) -> Self {
        let mut session = Self {
            id: SessionId::of_key(event.key),
            version: event.version,
            kind: data.kind,
            whistle: data.whistle,
            incident: data.incident,
            region: data.region,
            place: data.place.clone(),
            title: data.title.clone(),
            sensitive: data.sensitive,
            stage: Stage::Created,
            opened_at: event.at,
            asker: By::of(&event.actor),
            commander: data.commander.clone(),
            before: Vec::new(),
            ordered_at: None,
            read_secs: data.read_secs,
            muster_secs: data.muster_secs,
            respond_secs: data.respond_secs,
            seats: data.seats.iter().map(seat).collect(),
            messages: Vec::new(),
            timers: Vec::new(),
            result: None,
            ended_at: None,
            timeline: Vec::new(),
        };
        session.note(event, &SessionEvent::Opened(data.clone()));
        session
    }

    /// A session one event further, outside any World; none before its first. An event of a kind
    /// this version does not know counts as a version.
    pub fn folded(before: Option<Self>, event: &Event) -> Option<Self> {
        match (before, &event.body) {
            (None, Body::Session(body)) => match &**body {
                SessionEvent::Opened(data) => Some(Self::open(event, data)),
                _ => None,
            },
            (Some(mut session), Body::Session(body)) => {
                session.evolve(event, body);
                Some(session)
            }
            (Some(mut session), Body::Unknown { .. }) => {
                session.version = event.version;
                Some(session)
            }
            (before, _) => before,
        }
    }

    /// Folds one event; the first is [`Self::open`]'s.
    pub(crate) fn evolve(&mut self, event: &Event, body: &SessionEvent) {
        self.version = event.version;
        self.note(event, body);
        let (at, by) = (event.at, || By::of(&event.actor));
        match body {
            // A second first event changes nothing: the log refuses it.
            SessionEvent::Opened(_) => {}
            SessionEvent::Ordered(data) => {
                self.ordered_at = Some(at);
                self.go_to(Stage::Ordered);
                for order in &data.orders {
                    self.send(order, at, by());
                }
            }
            SessionEvent::SeatAdded(data) => self.add(data, at, by()),
            SessionEvent::SeatReleased(data) => {
                let released = Marked {
                    org: data.org.clone(),
                    step: Step::Released,
                    evidence: Evidence::Button,
                    occurred_at: None,
                    note: None,
                };
                self.mark(&released, at, by());
            }
            SessionEvent::LeadChanged(data) => self.lead_is(&data.org),
            SessionEvent::HandedOver(data) => self.handed_over(data),
            SessionEvent::Marked(data) => self.mark(data, at, by()),
            SessionEvent::Said(data) => self.messages.push(Message {
                at,
                by: by(),
                text: data.text.clone(),
                attachments: data.attachments.clone(),
                key: data.key.clone(),
                occurred_at: data.occurred_at,
                acknowledged: Vec::new(),
            }),
            SessionEvent::MessageAcknowledged(data) => {
                if let Some(message) = self.messages.get_mut(usize::from(data.message)) {
                    message.acknowledged.push(Receipt {
                        at,
                        occurred_at: data.occurred_at,
                        by: by(),
                    });
                }
            }
            SessionEvent::Controlled(_) => self.go_to(Stage::UnderControl),
            SessionEvent::Closed(data) => self.end(Stage::Ended, &data.text, at),
            SessionEvent::Aborted(data) => self.end(Stage::Aborted, &data.text, at),
            _ => self.aside(event, body),
        }
    }

    /// What concerns one seat or one timer and no stage.
    fn aside(&mut self, event: &Event, body: &SessionEvent) {
        let at = event.at;
        match body {
            SessionEvent::TimerSet(data) => self.timers.push(Timer {
                label: data.label.clone(),
                org: data.org.clone(),
                start: at,
                due: data.due,
                rang: None,
                stopped: None,
            }),
            SessionEvent::TimerStopped(data) => {
                if let Some(timer) = self.timers.get_mut(usize::from(data.timer)) {
                    timer.stopped = Some(at);
                }
            }
            SessionEvent::TimerRang(data) => {
                if let Some(timer) = self.timers.get_mut(usize::from(data.timer)) {
                    timer.rang = Some(at);
                }
            }
            _ => self.of_seat(event, body),
        }
    }

    fn of_seat(&mut self, event: &Event, body: &SessionEvent) {
        let at = event.at;
        let Some(seat) = body.org().and_then(|org| self.seat_mut(org)) else {
            return;
        };
        match body {
            SessionEvent::ArrivalSuggested(_) => seat.seems_there = Some(at),
            SessionEvent::MovementDoubted(_) => seat.doubted = Some(at),
            SessionEvent::Climbed(data) => seat.tried.push(Tried {
                channel: data.channel,
                at,
            }),
            SessionEvent::Late(data) => seat.missed.push(Missed {
                clock: data.clock,
                due_at: data.due_at,
                fired_at: at,
            }),
            SessionEvent::Voted(data) => {
                seat.vote = Some(Vote {
                    call: data.call,
                    at,
                    occurred_at: data.occurred_at,
                    note: data.note.clone(),
                });
            }
            SessionEvent::Rated(data) => {
                seat.rating = Some(Rating {
                    score: data.score,
                    word: data.word.clone(),
                    by: By::of(&event.actor),
                });
                if self.stage == Stage::Ended && self.seats.iter().all(|s| s.rating.is_some()) {
                    self.stage = Stage::Reviewed;
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, event: &Event, body: &SessionEvent) {
        self.timeline.push(Line {
            at: event.at,
            what: body.what(),
            by: By::of(&event.actor),
            org: body.org().cloned(),
            text: body
                .said()
                .map(str::to_owned)
                .filter(|text| !text.is_empty()),
            about: body.about(),
            occurred_at: body.occurred_at(),
        });
    }

    fn go_to(&mut self, stage: Stage) {
        if self.stage.is_open() {
            self.stage = self.stage.max(stage);
        }
    }

    fn send(&mut self, order: &Order, at: Timestamp, by: By) {
        let Some(seat) = self.seat_mut(&order.org) else {
            return;
        };
        seat.warnings.clone_from(&order.warnings);
        seat.muster_due = Some(order.muster_due);
        seat.respond_due = order.respond_due;
        seat.tried.push(Tried {
            channel: Channel::App,
            at,
        });
        seat.marks.push(Mark {
            step: Step::Sent,
            at,
            occurred_at: None,
            evidence: Evidence::System,
            by,
        });
    }

    /// An organisation that was let go may be called again: it starts anew.
    fn add(&mut self, data: &SeatAdded, at: Timestamp, by: By) {
        let new = seat(&data.seat);
        match self.seat_mut(&data.seat.org) {
            Some(old) => *old = new,
            None => self.seats.push(new),
        }
        if let Some(order) = &data.order {
            self.send(order, at, by);
        }
    }

    fn lead_is(&mut self, org: &OrgId) {
        for seat in &mut self.seats {
            seat.task = if seat.org == *org {
                Task::Lead
            } else {
                Task::Cooperate
            };
        }
        self.follow_seats();
    }

    fn handed_over(&mut self, data: &HandedOver) {
        let before = std::mem::replace(&mut self.commander, data.to.clone());
        self.before.push(before);
    }

    fn mark(&mut self, data: &Marked, at: Timestamp, by: By) {
        let Some(seat) = self.seat_mut(&data.org) else {
            return;
        };
        seat.marks.push(Mark {
            step: data.step,
            at,
            occurred_at: data.occurred_at,
            evidence: data.evidence.clone(),
            by,
        });
        if data.evidence.is_observed() && data.step >= Step::Moving {
            seat.doubted = None;
        }
        if data.step == Step::Done {
            seat.result.clone_from(&data.note);
        }
        if data.step >= Step::Acknowledged && data.step != Step::Released {
            self.go_to(Stage::Mobilising);
        }
        self.follow_seats();
    }

    /// The stages that follow from what the seats did.
    fn follow_seats(&mut self) {
        if self.stage < Stage::Ordered {
            return;
        }
        let mut owing = self.seats.iter().filter(|seat| !seat.is_released());
        if owing.all(|seat| seat.reached(Step::Moving).is_some()) {
            self.go_to(Stage::AllOut);
        }
        let lead_claims = |seat: &Seat| {
            let steps = [Step::Arrived, Step::Working, Step::Done];
            steps.iter().any(|step| seat.claimed(*step).is_some())
        };
        if self.lead().is_some_and(lead_claims) {
            self.go_to(Stage::OnScene);
        }
    }

    fn end(&mut self, stage: Stage, text: &str, at: Timestamp) {
        self.stage = stage;
        self.result = Some(text.to_owned());
        self.ended_at = Some(at);
        for timer in self.timers.iter_mut().filter(|t| t.stopped.is_none()) {
            timer.stopped = Some(at);
        }
    }
}

fn seat(data: &Chair) -> Seat {
    Seat {
        org: data.org.clone(),
        task: data.task,
        units: data.units.clone(),
        ask: data.ask.clone(),
        warnings: data.warnings.clone(),
        muster_due: None,
        respond_due: None,
        marks: Vec::new(),
        tried: SmallVec::new(),
        missed: SmallVec::new(),
        doubted: None,
        seems_there: None,
        vote: None,
        result: None,
        rating: None,
    }
}
