//! What each move in a session asks for, and the body that comes of it.

use std::collections::BTreeMap;

use domain::access::SessionMove;
use serde_json::{Map, Value, json};

use crate::i18n::{Text, command as k, format};

/// What was typed and chosen, by field.
pub type Typed = BTreeMap<&'static str, String>;

/// How a field is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An organisation at the table.
    Seat,
    /// Any organisation.
    Org,
    /// An organisation at the table, or the whole session.
    SeatOrAll,
    /// A person.
    Person,
    /// A few words; whether they are owed.
    Text(bool),
    /// A number of minutes.
    Minutes,
    /// A step of a seat.
    Step,
    /// A channel.
    Channel,
    /// What it takes.
    Call,
    /// Whether to order all the same.
    Despite,
}

/// A field: its name on the wire, what it asks for, how.
pub type Ask = (&'static str, Text, Kind);

/// What a move asks for; nothing for one that is made at once.
pub const fn of(one: SessionMove) -> &'static [Ask] {
    match one {
        SessionMove::Order => &[("despite", k::M_DESPITE, Kind::Despite)],
        SessionMove::Add => &[
            ("org", k::M_ORG, Kind::Org),
            ("ask", k::M_ASK, Kind::Text(false)),
            ("despite", k::M_DESPITE, Kind::Despite),
        ],
        SessionMove::Release | SessionMove::Lead => &[
            ("org", k::M_ORG, Kind::Seat),
            ("reason", k::M_REASON, Kind::Text(true)),
        ],
        SessionMove::HandOver => &[
            ("to", k::M_TO, Kind::Person),
            ("reason", k::M_REASON, Kind::Text(false)),
        ],
        SessionMove::TakeOver | SessionMove::Abort => &[("reason", k::M_REASON, Kind::Text(true))],
        SessionMove::SignOff | SessionMove::Control => &[("note", k::M_NOTE, Kind::Text(true))],
        SessionMove::Close => &[("result", k::M_RESULT, Kind::Text(true))],
        SessionMove::Word => &[
            ("org", k::M_ORG, Kind::Seat),
            ("step", k::M_STEP, Kind::Step),
            ("channel", k::M_CHANNEL, Kind::Channel),
            ("officer", k::M_OFFICER, Kind::Text(true)),
        ],
        SessionMove::Vote => &[
            ("call", k::M_CALL, Kind::Call),
            ("note", k::M_WORD_WITH, Kind::Text(false)),
        ],
        SessionMove::SetTimer => &[
            ("label", k::TIMER_LABEL, Kind::Text(true)),
            ("secs", k::TIMER_MINUTES, Kind::Minutes),
            ("org", k::M_ORG, Kind::SeatOrAll),
        ],
        SessionMove::Deliver
        | SessionMove::Read
        | SessionMove::Acknowledge
        | SessionMove::Move
        | SessionMove::Arrive
        | SessionMove::Work
        | SessionMove::Say
        | SessionMove::AcknowledgeMessage
        | SessionMove::StopTimer
        | SessionMove::Rate => &[],
    }
}

/// The body of a move; `org_of` tells for which organisation a person commands.
pub fn body(
    one: SessionMove,
    typed: &Typed,
    version: u64,
    org_of: impl Fn(&str) -> Option<String>,
) -> Value {
    let mut fields = Map::new();
    for (name, _, kind) in of(one) {
        let given = typed.get(name).map(|text| text.trim()).unwrap_or_default();
        let value = match kind {
            Kind::Despite => json!(given == "true"),
            Kind::Minutes => {
                let minutes: f64 = format::from_degrees(given).unwrap_or_default();
                json!((minutes * 60.0).round().clamp(0.0, 4e9) as u32)
            }
            Kind::Person => json!({ "id": given, "org": org_of(given) }),
            _ if given.is_empty() => continue,
            _ => json!(given),
        };
        fields.insert((*name).to_owned(), value);
    }
    if one == SessionMove::Add {
        let mut seat = Map::new();
        for name in ["org", "ask"] {
            if let Some(value) = fields.remove(name) {
                seat.insert(name.to_owned(), value);
            }
        }
        fields.insert("seat".to_owned(), Value::Object(seat));
    }
    // What one saw when writing it; a mark of one's own is true whatever happened besides.
    if !of(one).is_empty()
        && matches!(
            one,
            SessionMove::Lead | SessionMove::HandOver | SessionMove::Close
        )
    {
        fields.insert("expected_version".to_owned(), json!(version));
    }
    Value::Object(fields)
}

/// Whether everything that is owed is there.
pub fn is_complete(one: SessionMove, typed: &Typed) -> bool {
    of(one).iter().all(|(name, _, kind)| {
        let given = typed.get(name).is_some_and(|text| !text.trim().is_empty());
        let owed = !matches!(kind, Kind::Text(false) | Kind::Despite | Kind::SeatOrAll);
        given || !owed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::session::command::Command;

    fn typed(pairs: &[(&'static str, &str)]) -> Typed {
        pairs
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn every_body_is_one_the_server_reads() {
        let all = typed(&[
            ("org", "U-1"),
            ("ask", "警戒"),
            ("reason", "换班"),
            ("to", "wang"),
            ("note", "已处置"),
            ("result", "已排除"),
            ("step", "moving"),
            ("channel", "radio"),
            ("officer", "值班员"),
            ("call", "more"),
            ("label", "复查"),
            ("secs", "1.5"),
        ]);
        let mut names = SessionMove::ALL.into_iter().zip(Command::NAMES);
        for (one, name) in names.by_ref().filter(|(one, _)| !of(*one).is_empty()) {
            assert!(is_complete(one, &all), "{name}");
            let mut body = body(one, &all, 7, |_| Some("330899-C".to_owned()));
            let fields = body.as_object_mut().expect("object");
            fields.remove("expected_version");
            fields.insert("command".to_owned(), json!(name));
            let read: Result<Command, _> = serde_json::from_value(body);
            let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read.as_move(), one);
            if let Command::SetTimer { secs, .. } = read {
                assert_eq!(secs, 90);
            }
        }
    }

    #[test]
    fn what_is_owed_is_asked_for() {
        assert!(!is_complete(
            SessionMove::Abort,
            &typed(&[("reason", "  ")])
        ));
        assert!(is_complete(SessionMove::Order, &Typed::new()));
    }
}
