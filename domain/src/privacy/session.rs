//! What of a session and of its events is seen. A wall knows who is at the table and how far each
//! is, and no word or name of anybody.

use super::Look;
use crate::actor::Clearance;
use crate::alarm::Acknowledged;
use crate::mode::{Mode, ModeSwitched};
use crate::session::event::{
    Chair, HandedOver, Marked, Note, Opened, Rated, Said, SeatAdded, SeatNote, SessionEvent,
    TimerSet, Voted,
};
use crate::session::{
    Commander, Evidence, Line, Mark, Message, Rating, Receipt, Seat, Session, Timer, Vote,
};

impl Look {
    pub(super) fn session(self, session: &Session) -> Session {
        let Session {
            id,
            version,
            kind,
            whistle,
            incident,
            region,
            place,
            title,
            sensitive,
            stage,
            opened_at,
            asker,
            commander,
            before,
            ordered_at,
            read_secs,
            muster_secs,
            respond_secs,
            seats,
            messages,
            timers,
            result,
            ended_at,
            timeline,
        } = session;
        Session {
            id: *id,
            version: *version,
            kind: *kind,
            whistle: *whistle,
            incident: *incident,
            region: self.region(*region),
            place: self.place(place),
            title: self.title(title).into_owned(),
            sensitive: *sensitive,
            stage: *stage,
            opened_at: *opened_at,
            asker: self.by(asker),
            commander: self.commander(commander),
            before: before.iter().map(|one| self.commander(one)).collect(),
            ordered_at: *ordered_at,
            read_secs: *read_secs,
            muster_secs: *muster_secs,
            respond_secs: *respond_secs,
            seats: seats.iter().map(|seat| self.seat(seat)).collect(),
            messages: messages.iter().map(|one| self.message(one)).collect(),
            timers: timers.iter().map(|timer| self.timer(timer)).collect(),
            result: self.some_word(result.as_ref()),
            ended_at: *ended_at,
            timeline: timeline.iter().map(|line| self.line(line)).collect(),
        }
    }

    fn commander(self, commander: &Commander) -> Commander {
        let Commander { id, org, since } = commander;
        Commander {
            id: if self.is_wall() {
                String::new()
            } else {
                id.clone()
            },
            org: org.clone(),
            since: *since,
        }
    }

    fn seat(self, seat: &Seat) -> Seat {
        let Seat {
            org,
            task,
            units,
            ask,
            warnings,
            muster_due,
            respond_due,
            marks,
            tried,
            missed,
            doubted,
            seems_there,
            vote,
            result,
            rating,
        } = seat;
        Seat {
            org: org.clone(),
            task: *task,
            units: units.clone(),
            ask: self.word(ask),
            warnings: warnings.clone(),
            muster_due: *muster_due,
            respond_due: *respond_due,
            marks: marks.iter().map(|mark| self.one_mark(mark)).collect(),
            tried: tried.clone(),
            missed: missed.clone(),
            doubted: *doubted,
            seems_there: *seems_there,
            vote: vote.as_ref().map(|vote| self.vote(vote)),
            result: self.some_word(result.as_ref()),
            rating: rating.as_ref().map(|rating| self.rating(rating)),
        }
    }

    fn one_mark(self, mark: &Mark) -> Mark {
        let Mark {
            step,
            at,
            occurred_at,
            evidence,
            by,
        } = mark;
        Mark {
            step: *step,
            at: *at,
            occurred_at: *occurred_at,
            evidence: self.evidence_of(evidence),
            by: self.by(by),
        }
    }

    fn evidence_of(self, evidence: &Evidence) -> Evidence {
        match evidence {
            Evidence::System => Evidence::System,
            Evidence::Button => Evidence::Button,
            Evidence::Word { channel, officer } => Evidence::Word {
                channel: *channel,
                officer: self.word(officer),
            },
            Evidence::Position { unit, metres } => Evidence::Position {
                unit: unit.clone(),
                metres: *metres,
            },
        }
    }

    fn vote(self, vote: &Vote) -> Vote {
        let Vote {
            call,
            at,
            occurred_at,
            note,
        } = vote;
        Vote {
            call: *call,
            at: *at,
            occurred_at: *occurred_at,
            note: self.some_word(note.as_ref()),
        }
    }

    fn rating(self, rating: &Rating) -> Rating {
        let Rating { score, word, by } = rating;
        Rating {
            score: *score,
            word: self.some_word(word.as_ref()),
            by: self.by(by),
        }
    }

    fn message(self, message: &Message) -> Message {
        let Message {
            at,
            by,
            text,
            attachments,
            key,
            occurred_at,
            acknowledged,
        } = message;
        let receipt = |one: &Receipt| {
            let Receipt {
                at,
                occurred_at,
                by,
            } = one;
            Receipt {
                at: *at,
                occurred_at: *occurred_at,
                by: self.by(by),
            }
        };
        Message {
            at: *at,
            by: self.by(by),
            text: self.word(text),
            attachments: self.attachments(attachments),
            key: self.key(key.as_ref()),
            occurred_at: *occurred_at,
            acknowledged: acknowledged.iter().map(receipt).collect(),
        }
    }

    /// A sender's own key tells a wall nothing.
    fn key(self, key: Option<&String>) -> Option<String> {
        key.filter(|_| !self.is_wall()).cloned()
    }

    fn timer(self, timer: &Timer) -> Timer {
        let Timer {
            label,
            org,
            start,
            due,
            rang,
            stopped,
        } = timer;
        Timer {
            label: self.sentence(label),
            org: org.clone(),
            start: *start,
            due: *due,
            rang: *rang,
            stopped: *stopped,
        }
    }

    fn line(self, line: &Line) -> Line {
        let Line {
            at,
            what,
            by,
            org,
            text,
            about,
            occurred_at,
        } = line;
        // A timer's label is shown where the timer is.
        let text = if *what == crate::session::Happening::TimerSet {
            text.as_ref().map(|text| self.sentence(text))
        } else {
            self.some_word(text.as_ref())
        };
        Line {
            at: *at,
            what: *what,
            by: self.by(by),
            org: org.clone(),
            text: text.filter(|text| !text.is_empty()),
            about: *about,
            occurred_at: *occurred_at,
        }
    }

    pub(super) fn mode(self, mode: &Mode) -> Mode {
        let Mode {
            is_war,
            version,
            since,
            by,
        } = mode;
        Mode {
            is_war: *is_war,
            version: *version,
            since: *since,
            by: by.as_ref().map(|by| self.by(by)),
        }
    }

    pub(super) fn mode_switched(self, data: &ModeSwitched) -> ModeSwitched {
        let ModeSwitched { war, reason } = data;
        ModeSwitched {
            war: *war,
            reason: self.word(reason),
        }
    }

    fn voted(self, data: &Voted) -> Voted {
        let Voted {
            org,
            call,
            note,
            occurred_at,
        } = data;
        Voted {
            org: org.clone(),
            call: *call,
            note: self.some_word(note.as_ref()),
            occurred_at: *occurred_at,
        }
    }

    fn said(self, data: &Said) -> Said {
        let Said {
            text,
            attachments,
            key,
            occurred_at,
        } = data;
        Said {
            text: self.word(text),
            attachments: self.attachments(attachments),
            key: self.key(key.as_ref()),
            occurred_at: *occurred_at,
        }
    }

    pub(super) fn session_event(self, event: &SessionEvent) -> SessionEvent {
        match event {
            SessionEvent::Opened(data) => SessionEvent::Opened(self.opened(data)),
            SessionEvent::SeatAdded(data) => {
                let SeatAdded { seat, order } = data;
                SessionEvent::SeatAdded(SeatAdded {
                    seat: self.chair(seat),
                    order: order.clone(),
                })
            }
            SessionEvent::SeatReleased(data) => SessionEvent::SeatReleased(self.seat_note(data)),
            SessionEvent::LeadChanged(data) => SessionEvent::LeadChanged(self.seat_note(data)),
            SessionEvent::HandedOver(data) => {
                let HandedOver { to, reason } = data;
                SessionEvent::HandedOver(HandedOver {
                    to: self.commander(to),
                    reason: self.some_word(reason.as_ref()),
                })
            }
            SessionEvent::Marked(data) => SessionEvent::Marked(self.marked(data)),
            SessionEvent::Voted(data) => SessionEvent::Voted(self.voted(data)),
            SessionEvent::Said(data) => SessionEvent::Said(self.said(data)),
            SessionEvent::TimerSet(data) => {
                let TimerSet { label, org, due } = data;
                SessionEvent::TimerSet(TimerSet {
                    label: self.sentence(label),
                    org: org.clone(),
                    due: *due,
                })
            }
            SessionEvent::Controlled(data) => SessionEvent::Controlled(self.note(data)),
            SessionEvent::Closed(data) => SessionEvent::Closed(self.note(data)),
            SessionEvent::Aborted(data) => SessionEvent::Aborted(self.note(data)),
            SessionEvent::Rated(data) => {
                let Rated { org, score, word } = data;
                SessionEvent::Rated(Rated {
                    org: org.clone(),
                    score: *score,
                    word: self.some_word(word.as_ref()),
                })
            }
            // Organisations, units, times and channels: nobody's words.
            SessionEvent::Ordered(_)
            | SessionEvent::ArrivalSuggested(_)
            | SessionEvent::MovementDoubted(_)
            | SessionEvent::Climbed(_)
            | SessionEvent::Late(_)
            | SessionEvent::MessageAcknowledged(_)
            | SessionEvent::TimerStopped(_)
            | SessionEvent::TimerRang(_) => event.clone(),
        }
    }

    fn opened(self, data: &Opened) -> Opened {
        let Opened {
            kind,
            whistle,
            incident,
            region,
            place,
            title,
            sensitive,
            commander,
            seats,
            read_secs,
            muster_secs,
            respond_secs,
        } = data;
        Opened {
            kind: *kind,
            whistle: *whistle,
            incident: *incident,
            region: self.region(*region),
            place: self.place(place),
            title: self.title(title).into_owned(),
            sensitive: *sensitive,
            commander: self.commander(commander),
            seats: seats.iter().map(|chair| self.chair(chair)).collect(),
            read_secs: *read_secs,
            muster_secs: *muster_secs,
            respond_secs: *respond_secs,
        }
    }

    fn chair(self, chair: &Chair) -> Chair {
        let Chair {
            org,
            task,
            units,
            ask,
            warnings,
        } = chair;
        Chair {
            org: org.clone(),
            task: *task,
            units: units.clone(),
            ask: self.word(ask),
            warnings: warnings.clone(),
        }
    }

    fn seat_note(self, data: &SeatNote) -> SeatNote {
        let SeatNote { org, reason } = data;
        SeatNote {
            org: org.clone(),
            reason: self.word(reason),
        }
    }

    fn marked(self, data: &Marked) -> Marked {
        let Marked {
            org,
            step,
            evidence,
            occurred_at,
            note,
        } = data;
        Marked {
            org: org.clone(),
            step: *step,
            evidence: self.evidence_of(evidence),
            occurred_at: *occurred_at,
            note: self.some_word(note.as_ref()),
        }
    }

    fn note(self, data: &Note) -> Note {
        let Note { text } = data;
        Note {
            text: self.word(text),
        }
    }
}

/// Who took note of an alarm, as `clearance` may see it.
pub fn acknowledged(one: &Acknowledged, clearance: Clearance) -> Acknowledged {
    let Acknowledged { alarm, at, by } = one;
    let sensitive = false;
    Acknowledged {
        alarm: alarm.clone(),
        at: *at,
        by: Look {
            clearance,
            sensitive,
        }
        .by(by),
    }
}
