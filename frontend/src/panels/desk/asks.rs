//! What a command asks for, what was typed, and the command made of it. The server judges what it
//! says; here it is only made whole.

use std::collections::BTreeMap;

use domain::access::Move;
use serde_json::{Map, Value, json};

use crate::i18n::{Text, case as s, format};

/// How something is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// A category of the catalogue.
    Category,
    /// An organisation.
    Org,
    /// Several organisations.
    Orgs,
    /// One of a few numbers, each with its words.
    Number(&'static [(u8, Text)]),
    /// One of a few words of the wire.
    Word(&'static [(&'static str, Text)]),
    /// A time.
    When,
    /// Whether it is so.
    Yes,
    /// Photos and the like.
    Files,
    /// Another open incident.
    Other,
    /// A step of the playbook.
    Step,
}

/// One thing that a command asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is called.
    pub label: Text,
    /// How it is asked for.
    pub kind: Kind,
    /// Whether the command needs it.
    pub owed: bool,
}

const fn owed(name: &'static str, label: Text, kind: Kind) -> Ask {
    Ask {
        name,
        label,
        kind,
        owed: true,
    }
}

const fn free(name: &'static str, label: Text, kind: Kind) -> Ask {
    Ask {
        name,
        label,
        kind,
        owed: false,
    }
}

const REASON: Ask = owed("reason", s::ASK_REASON, Kind::Text);
const MAY_REASON: Ask = free("reason", s::ASK_REASON, Kind::Text);
const NOTE: Ask = free("note", s::ASK_NOTE, Kind::Text);
const EVIDENCE: Ask = free("evidence", s::ASK_EVIDENCE, Kind::Files);
const BREADTH: &[(u8, Text)] = &[
    (1, s::BREADTH_1),
    (2, s::BREADTH_2),
    (3, s::BREADTH_3),
    (4, s::BREADTH_4),
];
const DIFFICULTY: &[(u8, Text)] = &[
    (1, s::DIFFICULTY_1),
    (2, s::DIFFICULTY_2),
    (3, s::DIFFICULTY_3),
    (4, s::DIFFICULTY_4),
];
const GROUNDS: &[(&str, Text)] = &[
    ("season", s::GROUND_SEASON),
    ("engineering", s::GROUND_ENGINEERING),
];
const OUTCOMES: &[(&str, Text)] = &[
    ("reached", s::OUTCOME_REACHED),
    ("no_answer", s::OUTCOME_NO_ANSWER),
    ("wrong_number", s::OUTCOME_WRONG),
];
const SEVERITIES: &[(u8, Text)] = &[
    (
        1,
        Text {
            zh: "Ⅳ 级",
            en: "Level Ⅳ",
        },
    ),
    (
        2,
        Text {
            zh: "Ⅲ 级",
            en: "Level Ⅲ",
        },
    ),
    (
        3,
        Text {
            zh: "Ⅱ 级",
            en: "Level Ⅱ",
        },
    ),
    (
        4,
        Text {
            zh: "Ⅰ 级",
            en: "Level Ⅰ",
        },
    ),
];
const SCORES: &[(u8, Text)] = &[
    (5, Text { zh: "5", en: "5" }),
    (4, Text { zh: "4", en: "4" }),
    (3, Text { zh: "3", en: "3" }),
    (2, Text { zh: "2", en: "2" }),
    (1, Text { zh: "1", en: "1" }),
];

/// What a move asks for, in the order of its form.
pub fn asks(one: Move) -> &'static [Ask] {
    match one {
        Move::Report | Move::Consent | Move::Start | Move::SignOrder => &[],
        Move::Accept
        | Move::Merge
        | Move::Correct
        | Move::Assess
        | Move::Dispatch
        | Move::Recall
        | Move::TransferOut
        | Move::Contact
        | Move::Suspend => of_rooms(one),
        Move::SelfHandle
        | Move::Progress
        | Move::Step
        | Move::Escalate
        | Move::AskExtension
        | Move::Feedback => of_units(one),
        Move::GrantExtension | Move::Resume | Move::Urge => const { &[NOTE] },
        Move::Close | Move::CloseByProxy => {
            const { &[free("satisfied", s::ASK_SATISFIED, Kind::Yes), NOTE] }
        }
        Move::Evaluate => {
            const {
                &[
                    owed("speed", s::ASK_SPEED, Kind::Number(SCORES)),
                    owed("cooperation", s::ASK_COOPERATION, Kind::Number(SCORES)),
                    NOTE,
                ]
            }
        }
        Move::AnswerOrder => const { &[owed("text", s::ASK_TEXT, Kind::Text)] },
        Move::ClearOrder => const { &[free("text", s::ASK_NOTE, Kind::Text)] },
        Move::GrantRemoval => const { &[REASON, free("until", s::ASK_NEW_DUE, Kind::When)] },
        Move::Reject
        | Move::Appeal
        | Move::RefuseConsent
        | Move::Return
        | Move::RefuseExtension
        | Move::Reopen
        | Move::TakeBack
        | Move::Void
        | Move::RejectOrder
        | Move::AskRemoval
        | Move::RefuseRemoval => const { &[REASON] },
    }
}

/// What the rooms' moves ask for.
fn of_rooms(one: Move) -> &'static [Ask] {
    const CATEGORY: Ask = owed("category", s::ASK_CATEGORY, Kind::Category);
    match one {
        Move::Accept => const { &[CATEGORY] },
        Move::Merge => const { &[owed("into", s::ASK_INTO, Kind::Other), MAY_REASON] },
        Move::Correct => const { &[CATEGORY, REASON] },
        Move::Assess => {
            const {
                &[
                    free("breadth", s::ASK_BREADTH, Kind::Number(BREADTH)),
                    free("difficulty", s::ASK_DIFFICULTY, Kind::Number(DIFFICULTY)),
                ]
            }
        }
        Move::Dispatch => {
            const {
                &[
                    free("to", s::ASK_TO, Kind::Org),
                    free("cooperators", s::ASK_HELPERS, Kind::Orgs),
                    MAY_REASON,
                ]
            }
        }
        Move::TransferOut => {
            const {
                &[
                    owed("to", s::ASK_SYSTEM, Kind::Line),
                    owed("receipt", s::ASK_RECEIPT, Kind::Line),
                    REASON,
                ]
            }
        }
        Move::Contact => const { &[owed("outcome", s::ASK_OUTCOME, Kind::Word(OUTCOMES)), NOTE] },
        Move::Suspend => {
            const {
                &[
                    owed("ground", s::ASK_GROUND, Kind::Word(GROUNDS)),
                    owed("review_at", s::ASK_REVIEW, Kind::When),
                    REASON,
                ]
            }
        }
        _ => const { &[MAY_REASON] },
    }
}

/// What the moves of those who handle it ask for.
fn of_units(one: Move) -> &'static [Ask] {
    match one {
        Move::SelfHandle => {
            const {
                &[
                    free("category", s::ASK_CATEGORY, Kind::Category),
                    owed("note", s::ASK_NOTE, Kind::Text),
                    owed("before", s::ASK_BEFORE, Kind::Files),
                    owed("after", s::ASK_AFTER, Kind::Files),
                ]
            }
        }
        Move::Step => const { &[owed("step", s::ASK_STEP, Kind::Step), NOTE] },
        Move::Escalate => {
            const {
                &[
                    REASON,
                    free("severity", s::ASK_SEVERITY, Kind::Number(SEVERITIES)),
                ]
            }
        }
        Move::AskExtension => const { &[owed("until", s::ASK_UNTIL, Kind::When), REASON] },
        Move::Feedback => const { &[owed("result", s::ASK_RESULT, Kind::Text), EVIDENCE] },
        _ => const { &[owed("note", s::ASK_NOTE, Kind::Text), EVIDENCE] },
    }
}

/// What was typed, by the names of the wire; of several things each is parted by a space.
pub type Typed = BTreeMap<String, String>;

/// What a command still needs.
pub fn missing(one: Move, typed: &Typed) -> Vec<Ask> {
    let is_empty = |ask: &&Ask| {
        let text = typed.get(ask.name);
        text.is_none_or(|text| text.trim().is_empty())
    };
    let owed = asks(one).iter().filter(|ask| ask.owed);
    owed.filter(is_empty).copied().collect()
}

/// The body of a command. `order` names a supervision order, from 0; `version` is what was seen.
pub fn body(one: Move, typed: &Typed, order: Option<usize>, version: u64) -> Value {
    let mut body = Map::new();
    body.insert("expected_version".to_owned(), json!(version));
    if let Some(order) = order {
        body.insert("order".to_owned(), json!(order));
    }
    for ask in asks(one) {
        let text = typed.get(ask.name).map(|text| text.trim());
        if let Some(value) = value(ask.kind, text.unwrap_or_default()) {
            body.insert(ask.name.to_owned(), value);
        }
    }
    Value::Object(body)
}

fn value(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Yes => return Some(json!(text != "no")),
        Kind::Orgs | Kind::Files => {
            return Some(json!(text.split_whitespace().collect::<Vec<_>>()));
        }
        _ if text.is_empty() => return None,
        _ => {}
    }
    match kind {
        Kind::Number(_) | Kind::Step => text.parse::<u8>().ok().map(|number| json!(number)),
        Kind::When => {
            let at = domain::time::Timestamp::from_millis(format::from_local_input(text)?);
            Some(json!(at))
        }
        _ => Some(json!(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::actor::Role;
    use domain::incident::command::Command;

    use crate::panels::desk::moves;

    fn example(ask: &Ask) -> String {
        match ask.kind {
            Kind::Line | Kind::Text => "字".to_owned(),
            Kind::Category => "0703".to_owned(),
            Kind::Org => "330899101-T".to_owned(),
            Kind::Orgs => "a b".to_owned(),
            Kind::Number(all) => all[0].0.to_string(),
            Kind::Word(all) => all[0].0.to_owned(),
            Kind::When => "2026-11-30T17:30".to_owned(),
            Kind::Yes => "no".to_owned(),
            Kind::Files => "a".repeat(64),
            Kind::Other => "6f1d2c0e-9b7a-4e0f-8c55-3d217a90be14".to_owned(),
            Kind::Step => "0".to_owned(),
        }
    }

    fn parse(one: Move, typed: &Typed) -> Command {
        let order = moves::OF_ORDERS.contains(&one).then_some(1);
        let mut body = body(one, typed, order, 7);
        assert_eq!(body["expected_version"], 7);
        body["command"] = json!(moves::command(one));
        serde_json::from_value(body).unwrap_or_else(|error| panic!("{}: {error}", one.name()))
    }

    #[test]
    fn every_form_filled_in_makes_the_command_it_is_for() {
        for one in Move::ALL.into_iter().filter(|one| *one != Move::Report) {
            let full: Typed = asks(one)
                .iter()
                .map(|ask| (ask.name.to_owned(), example(ask)))
                .collect();
            let role = match one {
                Move::CloseByProxy => Role::Centre,
                _ => Role::Unit,
            };
            assert_eq!(parse(one, &full).as_move(role), one);
            let least: Typed = asks(one)
                .iter()
                .filter(|ask| ask.owed)
                .map(|ask| (ask.name.to_owned(), example(ask)))
                .collect();
            assert_eq!(parse(one, &least).as_move(role), one);
            assert!(missing(one, &least).is_empty());
        }
    }

    #[test]
    fn what_is_owed_is_named_until_it_is_there() {
        let mut typed = Typed::new();
        let names = |typed: &Typed| -> Vec<&str> {
            missing(Move::Suspend, typed)
                .iter()
                .map(|ask| ask.name)
                .collect()
        };
        assert_eq!(names(&typed), ["ground", "review_at", "reason"]);
        typed.insert("reason".to_owned(), "  ".to_owned());
        typed.insert("ground".to_owned(), "season".to_owned());
        assert_eq!(names(&typed), ["review_at", "reason"]);
    }

    #[test]
    fn a_time_is_sent_as_the_instant_it_names() {
        let typed = Typed::from([("until".to_owned(), "2026-11-30T17:30".to_owned())]);
        let body = body(Move::AskExtension, &typed, None, 1);
        let at: domain::time::Timestamp =
            serde_json::from_value(body["until"].clone()).expect("time");
        assert_eq!(at, "2026-11-30T17:30:00+08:00".parse().expect("time"));
    }
}
