//! What of an event and of an incident each clearance sees. It is applied on the server before
//! encoding, so that what is hidden never reaches the viewer's machine. Everything is taken apart
//! to its last field, so that a new one does not compile before somebody decided who sees it.
//!
//! What a viewer folds from the events it saw is what `incident` shows it of the whole.

use std::borrow::Cow;

use geodata::region::{Code, Level};

use crate::actor::{Actor, Clearance, Role};
use crate::event::{Body, Event};
use crate::incident::event::{
    Accepted, Assessed, Breached, Closed, Dispatched, FedBack, IncidentEvent, Place, Progressed,
    Reported, Reporter, Started, SupervisionOrder,
};
use crate::incident::{Breach, Incident, Sender};

/// The longest run of digits shown where numbers are hidden; longer ones are phone or identity
/// numbers.
const MAX_DIGITS_SHOWN: usize = 6;
/// Surnames of two characters, the usual ones.
const LONG_SURNAMES: [&str; 20] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙",
    "夏侯", "轩辕", "端木", "南宫", "司徒", "司空", "独孤", "申屠",
];

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
        Body::Shared(incident) => incident.sensitive,
        Body::Incident(_) | Body::Withdrawn | Body::Unknown { .. } => false,
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

    fn incident_event(self, event: &IncidentEvent) -> IncidentEvent {
        match event {
            IncidentEvent::Reported(data) => IncidentEvent::Reported(self.reported(data)),
            IncidentEvent::Accepted(Accepted {
                category,
                sensitive,
            }) => IncidentEvent::Accepted(Accepted {
                category: *category,
                sensitive: *sensitive,
            }),
            IncidentEvent::Assessed(Assessed {
                breadth,
                difficulty,
                severity,
                finish,
            }) => IncidentEvent::Assessed(Assessed {
                breadth: *breadth,
                difficulty: *difficulty,
                severity: *severity,
                finish: finish.clone(),
            }),
            IncidentEvent::Dispatched(data) => IncidentEvent::Dispatched(self.dispatched(data)),
            IncidentEvent::Started(Started { first_action }) => IncidentEvent::Started(Started {
                first_action: first_action.clone(),
            }),
            IncidentEvent::Progressed(Progressed { note }) => {
                IncidentEvent::Progressed(Progressed {
                    note: self.word(note),
                })
            }
            IncidentEvent::FedBack(FedBack {
                result,
                evidence,
                confirm,
            }) => IncidentEvent::FedBack(FedBack {
                result: self.word(result),
                evidence: self.attachments(evidence),
                confirm: confirm.clone(),
            }),
            IncidentEvent::Closed(Closed {
                satisfied,
                by_proxy,
                note,
                number,
            }) => IncidentEvent::Closed(Closed {
                satisfied: *satisfied,
                by_proxy: *by_proxy,
                note: note.as_ref().map(|note| self.word(note)),
                number: *number,
            }),
            IncidentEvent::Breached(Breached {
                clock,
                tier,
                due_at,
                fired_at,
                order,
            }) => IncidentEvent::Breached(Breached {
                clock: *clock,
                tier: *tier,
                due_at: *due_at,
                fired_at: *fired_at,
                order: self.order(order),
            }),
        }
    }

    fn reported(self, data: &Reported) -> Reported {
        let Reported {
            source,
            external_id,
            title,
            description,
            category,
            claimed,
            place,
            reporter,
            occurred_at,
            attachments,
            duplicate_of,
            sensitive,
            holder,
            accept,
        } = data;
        Reported {
            source: source.clone(),
            external_id: self.external_id(external_id),
            title: self.title(title).into_owned(),
            description: self.description(description.as_ref()),
            category: *category,
            claimed: *claimed,
            place: self.place(place),
            reporter: self.reporter(reporter.as_ref()),
            occurred_at: *occurred_at,
            attachments: self.attachments(attachments),
            duplicate_of: *duplicate_of,
            sensitive: *sensitive,
            holder: holder.clone(),
            accept: accept.clone(),
        }
    }

    fn dispatched(self, data: &Dispatched) -> Dispatched {
        let Dispatched {
            to,
            cooperators,
            shared,
            because,
            sign,
        } = data;
        Dispatched {
            to: to.clone(),
            cooperators: cooperators.clone(),
            shared: shared.clone(),
            because: self.sentence(because),
            sign: sign.clone(),
        }
    }

    fn incident(self, incident: &Incident) -> Incident {
        let Incident {
            id,
            version,
            number,
            region,
            state,
            source,
            external_id,
            title,
            description,
            category,
            severity,
            claimed,
            place,
            reporter,
            sent_by,
            sensitive,
            received_at,
            occurred_at,
            attachments,
            duplicate_of,
            holds,
            cooperators,
            shared,
            because,
            clocks,
            breaches,
            result,
            closed_at,
            timeline,
        } = incident;
        Incident {
            id: *id,
            version: *version,
            number: *number,
            region: self.region(*region),
            state: *state,
            source: source.clone(),
            external_id: self.external_id(external_id),
            title: self.title(title).into_owned(),
            description: self.description(description.as_ref()),
            category: *category,
            severity: *severity,
            claimed: *claimed,
            place: self.place(place),
            reporter: self.reporter(reporter.as_ref()),
            sent_by: self.sender(sent_by.as_ref()),
            sensitive: *sensitive,
            received_at: *received_at,
            occurred_at: *occurred_at,
            attachments: self.attachments(attachments),
            duplicate_of: *duplicate_of,
            holds: holds.clone(),
            cooperators: cooperators.clone(),
            shared: shared.clone(),
            because: because.as_ref().map(|why| self.sentence(why)),
            clocks: clocks.clone(),
            breaches: breaches.iter().map(|breach| self.breach(breach)).collect(),
            result: result.as_ref().map(|result| self.word(result)),
            closed_at: *closed_at,
            timeline: timeline.clone(),
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
        } = breach;
        Breach {
            clock: *clock,
            tier: *tier,
            number: *number,
            due_at: *due_at,
            fired_at: *fired_at,
            order: self.order(order),
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
        let Sender { id, role } = sender?;
        let shown = match self.clearance {
            Clearance::Wall => false,
            Clearance::Staff => *role != Role::Reporter,
            Clearance::Full => true,
        };
        shown.then(|| Sender {
            id: id.clone(),
            role: *role,
        })
    }
}

/// A surname and no more: 张**.
fn surname(name: &str) -> String {
    let name = name.trim();
    let long = LONG_SURNAMES.iter().find(|long| name.starts_with(**long));
    match (long, name.chars().next()) {
        (Some(long), _) => format!("{long}**"),
        (None, Some(first)) => format!("{first}**"),
        (None, None) => String::new(),
    }
}

/// A street and not a door: everything from the first digit on is dropped.
fn street(address: &str) -> String {
    let end = address
        .find(|c: char| c.is_ascii_digit() || c.is_numeric())
        .unwrap_or(address.len());
    address[..end]
        .trim_end_matches([' ', '#', '（', '(', ',', '，'])
        .to_owned()
}

/// Puts dots in the place of every long run of digits. Spaces and dashes do not end a run: phone
/// numbers are written with them.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        let joins = matches!(c, ' ' | '-' | '－' | '\u{a0}') && !run.is_empty();
        if c.is_ascii_digit() || is_wide_digit(c) || joins {
            run.push(c);
            continue;
        }
        push_run(&mut out, &run);
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn is_wide_digit(c: char) -> bool {
    ('０'..='９').contains(&c)
}

fn push_run(out: &mut String, run: &str) {
    let digits = run.chars().filter(|c| c.is_numeric()).count();
    if digits <= MAX_DIGITS_SHOWN {
        out.push_str(run);
        return;
    }
    out.push_str("•••");
    let end = run.trim_end_matches(|c: char| !c.is_numeric()).len();
    out.push_str(&run[end..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_sees_a_street_and_no_phone() {
        assert_eq!(street("莲花路 86 号 2 单元"), "莲花路");
        assert_eq!(street("阳光社区"), "阳光社区");
        assert_eq!(
            without_numbers("联系13800001234反映12栋"),
            "联系•••反映12栋"
        );
        assert_eq!(without_numbers("13800001234"), "•••");
        assert_eq!(without_numbers("电话 138-0000 1234 号"), "电话 ••• 号");
        assert_eq!(without_numbers("１３８００００１２３４"), "•••");
        assert_eq!(without_numbers("3 栋 2 单元"), "3 栋 2 单元");
    }

    #[test]
    fn staff_see_a_surname() {
        assert_eq!(surname("张三丰"), "张**");
        assert_eq!(surname("欧阳修"), "欧阳**");
        assert_eq!(surname(" Zhang San"), "Z**");
        assert_eq!(surname(""), "");
    }
}
