//! What of an event and of an incident each clearance sees. It is applied on the server before
//! encoding, so that what is hidden never reaches the viewer's machine. Everything is taken apart
//! to its last field, so that a new one does not compile before somebody decided who sees it.
//!
//! What a viewer folds from the events it saw is what `incident` shows it of the whole.

mod event;
mod session;
mod words;

use std::borrow::Cow;

use geodata::region::{Code, Level};

pub use self::session::acknowledged;
use self::words::{street, surname, without_numbers};
use crate::actor::{Actor, Clearance, Role};
use crate::event::{Body, Event};
use crate::incident::event::{
    ConsentAsked, IncidentEvent, Joined, Place, Plan, Reporter, Step, SupervisionOrder, Suspended,
    TransferredOut,
};
use crate::incident::{Breach, By, Entry, Evaluation, Extension, Incident, Removal, Sender};
use crate::mode::Mode;
use crate::session::Session;
use crate::session::event::SessionEvent;

/// An event as `clearance` may see it; `sensitive` says so of what it happened to.
pub fn event(event: &Event, clearance: Clearance, sensitive: bool) -> Event {
    let Event {
        stream,
        key,
        version,
        at,
        actor: who,
        region,
        number,
        body: what,
    } = event;
    let look = Look {
        clearance,
        sensitive: sensitive || is_sensitive(what),
    };
    Event {
        stream: *stream,
        key: *key,
        version: *version,
        at: *at,
        actor: look.actor(who),
        region: look.region(*region),
        number: *number,
        body: look.body(what),
    }
}

/// An incident as `clearance` may see it.
pub fn incident(incident: &Incident, clearance: Clearance) -> Incident {
    let look = Look {
        clearance,
        sensitive: incident.sensitive,
    };
    look.incident(incident)
}

/// A session as `clearance` may see it.
pub fn session(session: &Session, clearance: Clearance) -> Session {
    let look = Look {
        clearance,
        sensitive: session.sensitive,
    };
    look.session(session)
}

/// The county's mode as `clearance` may see it.
pub fn mode(mode: &Mode, clearance: Clearance) -> Mode {
    let look = Look {
        clearance,
        sensitive: false,
    };
    look.mode(mode)
}

/// The title of an incident as `clearance` may see it: what a search may find.
pub fn title(incident: &Incident, clearance: Clearance) -> Cow<'_, str> {
    let look = Look {
        clearance,
        sensitive: incident.sensitive,
    };
    look.title(&incident.title)
}

fn is_sensitive(body: &Body) -> bool {
    match body {
        Body::Incident(IncidentEvent::Reported(data)) => data.sensitive,
        Body::Incident(IncidentEvent::Accepted(data)) => data.sensitive,
        Body::Incident(IncidentEvent::SelfHandled(data)) => data.sensitive,
        Body::Incident(IncidentEvent::Corrected(data)) => data.sensitive,
        Body::Shared(incident) => incident.sensitive,
        Body::SharedSession(session) => session.sensitive,
        Body::Session(event) => {
            matches!(&**event, SessionEvent::Opened(data) if data.sensitive)
        }
        Body::Incident(_)
        | Body::Unit(_)
        | Body::Mode(_)
        | Body::Alarm(_)
        | Body::Wall(_)
        | Body::Withdrawn
        | Body::Unknown { .. } => false,
    }
}

/// How somebody looks at one thing.
#[derive(Clone, Copy)]
struct Look {
    clearance: Clearance,
    sensitive: bool,
}

impl Look {
    fn is_wall(self) -> bool {
        self.clearance == Clearance::Wall
    }

    /// A wall, of something sensitive.
    fn is_veiled(self) -> bool {
        self.is_wall() && self.sensitive
    }

    /// Something sensitive, for one who does not handle it; or a wall.
    fn is_guarded(self) -> bool {
        self.is_wall() || self.sensitive && self.clearance < Clearance::Full
    }

    fn actor(self, actor: &Actor) -> Actor {
        let Actor {
            id,
            role,
            org,
            scope,
            director,
            on_behalf_of,
        } = actor;
        match self.clearance {
            Clearance::Wall => Actor {
                id: String::new(),
                role: *role,
                org: org.clone(),
                scope: scope.at(Level::County).unwrap_or(*scope),
                director: false,
                on_behalf_of: None,
            },
            Clearance::Staff => Actor {
                id: if *role == Role::Reporter {
                    String::new()
                } else {
                    id.clone()
                },
                role: *role,
                org: org.clone(),
                scope: *scope,
                director: *director,
                on_behalf_of: on_behalf_of.clone(),
            },
            Clearance::Full => actor.clone(),
        }
    }

    fn region(self, region: Code) -> Code {
        if self.is_veiled() {
            region.at(Level::Village).unwrap_or(region)
        } else {
            region
        }
    }

    fn body(self, body: &Body) -> Body {
        match body {
            Body::Incident(event) => Body::Incident(self.incident_event(event)),
            Body::Session(event) => Body::Session(Box::new(self.session_event(event))),
            // Ids, times and places of a map: nobody's words.
            Body::Alarm(data) => Body::Alarm(data.clone()),
            Body::Wall(data) => Body::Wall(data.clone()),
            // A unit, its organisation and a word from a list.
            Body::Unit(event) => Body::Unit(event.clone()),
            Body::Mode(data) => Body::Mode(self.mode_switched(data)),
            Body::SharedSession(session) => Body::SharedSession(Box::new(self.session(session))),
            Body::Shared(incident) => Body::Shared(Box::new(self.incident(incident))),
            Body::Withdrawn => Body::Withdrawn,
            // Nobody knows what a newer version put in there.
            Body::Unknown { kind, data } => Body::Unknown {
                kind: kind.clone(),
                data: if self.clearance == Clearance::Full {
                    data.clone()
                } else {
                    "{}".to_owned()
                },
            },
        }
    }

    fn incident(self, incident: &Incident) -> Incident {
        let shown = incident.clone();
        every_field_is_decided(&shown);
        Incident {
            region: self.region(shown.region),
            external_id: self.external_id(&shown.external_id),
            title: self.title(&shown.title).into_owned(),
            description: self.description(shown.description.as_ref()),
            place: self.place(&shown.place),
            reporter: self.reporter(shown.reporter.as_ref()),
            sent_by: self.sender(shown.sent_by.as_ref()),
            attachments: self.attachments(&shown.attachments),
            because: shown.because.as_ref().map(|why| self.word(why)),
            breaches: shown
                .breaches
                .iter()
                .map(|breach| self.breach(breach))
                .collect(),
            result: shown.result.as_ref().map(|result| self.word(result)),
            consent: shown
                .consent
                .as_ref()
                .map(|asked| self.consent_asked(asked)),
            plan: shown.plan.as_ref().map(|plan| self.plan(plan)),
            extension: shown.extension.as_ref().map(|asked| self.extension(asked)),
            suspension: shown.suspension.as_ref().map(|wait| self.suspended(wait)),
            transfer: shown.transfer.as_ref().map(|out| self.transferred_out(out)),
            evaluations: shown
                .evaluations
                .iter()
                .map(|one| self.evaluation(one))
                .collect(),
            timeline: shown
                .timeline
                .iter()
                .map(|entry| self.entry(entry))
                .collect(),
            ..shown
        }
    }

    fn breach(self, breach: &Breach) -> Breach {
        let Breach {
            clock,
            tier,
            number,
            due_at,
            fired_at,
            order,
            state,
            answer,
            climbed,
            removal,
        } = breach;
        Breach {
            clock: *clock,
            tier: *tier,
            number: *number,
            due_at: *due_at,
            fired_at: *fired_at,
            order: self.order(order),
            state: *state,
            answer: answer.as_ref().map(|answer| self.word(answer)),
            climbed: climbed.clone(),
            removal: removal.as_ref().map(|removal| self.removal(removal)),
        }
    }

    fn order(self, order: &SupervisionOrder) -> SupervisionOrder {
        let SupervisionOrder {
            to,
            copies,
            ask,
            reply_by,
        } = order;
        SupervisionOrder {
            to: to.clone(),
            copies: copies.clone(),
            ask: self.sentence(ask),
            reply_by: *reply_by,
        }
    }

    pub(super) fn joined(data: &Joined) -> Joined {
        let Joined { child, shared } = data;
        Joined {
            child: *child,
            shared: *shared,
        }
    }

    fn consent_asked(self, data: &ConsentAsked) -> ConsentAsked {
        let ConsentAsked { of, to, reason } = data;
        ConsentAsked {
            of: of.clone(),
            to: to.clone(),
            reason: self.word(reason),
        }
    }

    fn suspended(self, data: &Suspended) -> Suspended {
        let Suspended {
            ground,
            reason,
            review_at,
        } = data;
        Suspended {
            ground: *ground,
            reason: self.word(reason),
            review_at: *review_at,
        }
    }

    fn transferred_out(self, data: &TransferredOut) -> TransferredOut {
        let TransferredOut {
            to,
            reason,
            receipt,
        } = data;
        TransferredOut {
            to: self.sentence(to),
            reason: self.word(reason),
            receipt: self.word(receipt),
        }
    }

    fn plan(self, plan: &Plan) -> Plan {
        let Plan { name, steps } = plan;
        let step = |step: &Step| {
            let Step {
                text,
                org,
                due,
                done,
            } = step;
            Step {
                text: self.sentence(text),
                org: org.clone(),
                due: *due,
                done: *done,
            }
        };
        Plan {
            name: self.sentence(name),
            steps: steps.iter().map(step).collect(),
        }
    }

    fn by(self, by: &By) -> By {
        let By {
            id,
            role,
            org,
            on_behalf_of,
        } = by;
        let hidden = match self.clearance {
            Clearance::Wall => true,
            Clearance::Staff => *role == Role::Reporter,
            Clearance::Full => false,
        };
        By {
            id: if hidden { String::new() } else { id.clone() },
            role: *role,
            org: org.clone(),
            on_behalf_of: on_behalf_of.clone().filter(|_| !self.is_wall()),
        }
    }

    fn entry(self, entry: &Entry) -> Entry {
        let Entry {
            at,
            what,
            by,
            text,
            order,
        } = entry;
        let text = text.as_ref().map(|text| self.word(text));
        Entry {
            at: *at,
            what: *what,
            by: self.by(by),
            text: text.filter(|text| !text.is_empty()),
            order: *order,
        }
    }

    fn evaluation(self, evaluation: &Evaluation) -> Evaluation {
        let Evaluation {
            by,
            speed,
            cooperation,
            note,
        } = evaluation;
        Evaluation {
            by: self.by(by),
            speed: *speed,
            cooperation: *cooperation,
            note: note.as_ref().map(|note| self.word(note)),
        }
    }

    fn removal(self, removal: &Removal) -> Removal {
        let Removal {
            reason,
            by,
            granted,
        } = removal;
        Removal {
            reason: self.word(reason),
            by: by.clone(),
            granted: *granted,
        }
    }

    fn extension(self, extension: &Extension) -> Extension {
        let Extension { reason, until, by } = extension;
        Extension {
            reason: self.word(reason),
            until: *until,
            by: by.clone(),
        }
    }

    fn external_id(self, id: &str) -> String {
        if self.is_veiled() {
            String::new()
        } else {
            id.to_owned()
        }
    }

    fn title(self, title: &str) -> Cow<'_, str> {
        if self.is_veiled() {
            Cow::Borrowed("")
        } else if self.is_guarded() {
            Cow::Owned(without_numbers(title))
        } else {
            Cow::Borrowed(title)
        }
    }

    fn description(self, text: Option<&String>) -> Option<String> {
        text.filter(|_| !self.is_guarded()).cloned()
    }

    fn attachments(self, ids: &[String]) -> Vec<String> {
        if self.is_guarded() {
            Vec::new()
        } else {
            ids.to_vec()
        }
    }

    /// Free text of whoever handles it. A name in it can't be told from any other word, so a wall
    /// gets none.
    fn word(self, text: &str) -> String {
        if self.is_wall() {
            String::new()
        } else {
            self.sentence(text)
        }
    }

    /// A sentence that Gridlamp itself wrote.
    fn sentence(self, text: &str) -> String {
        if self.is_guarded() {
            without_numbers(text)
        } else {
            text.to_owned()
        }
    }

    fn place(self, place: &Place) -> Place {
        let Place {
            lon,
            lat,
            original,
            address,
        } = place;
        let exact = !(self.sensitive && self.is_guarded());
        Place {
            lon: lon.filter(|_| exact),
            lat: lat.filter(|_| exact),
            original: original.filter(|_| !self.is_guarded()),
            address: match address {
                Some(_) if self.is_veiled() => None,
                Some(address) if self.is_guarded() => Some(street(address)),
                address => address.clone(),
            },
        }
    }

    fn reporter(self, reporter: Option<&Reporter>) -> Option<Reporter> {
        let Reporter { name, phone } = reporter?;
        match self.clearance {
            Clearance::Wall => None,
            Clearance::Staff => Some(Reporter {
                name: name.as_ref().map(|name| surname(name)),
                phone: None,
            }),
            Clearance::Full => Some(Reporter {
                name: name.clone(),
                phone: phone.clone(),
            }),
        }
    }

    fn sender(self, sender: Option<&Sender>) -> Option<Sender> {
        let Sender { id, role, org } = sender?;
        let shown = match self.clearance {
            Clearance::Wall => false,
            Clearance::Staff => *role != Role::Reporter,
            Clearance::Full => true,
        };
        shown.then(|| Sender {
            id: id.clone(),
            role: *role,
            org: org.clone(),
        })
    }
}

/// Does nothing, and does not compile when an incident has a field that nobody decided on. Those
/// named twice here are masked above.
fn every_field_is_decided(incident: &Incident) {
    let Incident {
        id: _,
        version: _,
        number: _,
        region: _,
        state: _,
        source: _,
        external_id: _,
        title: _,
        description: _,
        category: _,
        severity: _,
        claimed: _,
        place: _,
        reporter: _,
        sent_by: _,
        sensitive: _,
        received_at: _,
        occurred_at: _,
        attachments: _,
        duplicate_of: _,
        holds: _,
        cooperators: _,
        shared: _,
        because: _,
        clocks: _,
        breaches: _,
        result: _,
        closed_at: _,
        ended_at: _,
        satisfied: _,
        proxy: _,
        follows: _,
        followers: _,
        returned_by: _,
        binding: _,
        consent: _,
        plan: _,
        special_report: _,
        extension: _,
        extensions: _,
        suspension: _,
        reopened: _,
        contacts: _,
        appealed: _,
        transfer: _,
        evaluations: _,
        timeline: _,
    } = incident;
}
