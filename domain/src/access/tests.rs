//! Every cell of the tables against `moves.golden`, which is written by hand and says what each
//! means; and every relation an actor can stand in.

use std::collections::HashMap;
use std::sync::LazyLock;

use geodata::region::Code;
use smallvec::smallvec;

use super::*;
use crate::actor::Clearance;
use crate::incident::clock::ClockKind;
use crate::incident::decide::Context;
use crate::incident::event::SupervisionOrder;
use crate::incident::{Breach, By, Entry, Hold, Incident, OrderState, Sender, State, What, plan};
use crate::pack::orgs::OrgId;
use crate::walk_tests::{county, report, start};
use crate::world::World;

const GOLDEN: &str = include_str!("moves.golden");
const STATES: [State; 13] = [
    State::Reported,
    State::SelfHandled,
    State::Accepted,
    State::Assessed,
    State::Dispatched,
    State::InProgress,
    State::Suspended,
    State::Feedback,
    State::Closed,
    State::Rejected,
    State::Merged,
    State::TransferredOut,
    State::Void,
];

fn code(text: &str) -> Code {
    text.parse().expect("code")
}

fn org(text: &str) -> OrgId {
    text.parse().expect("org")
}

/// The lines of the table whose first line begins with these words: name -> cells.
fn table(head: &str) -> HashMap<&'static str, Vec<&'static str>> {
    let mut lines = GOLDEN.lines();
    let words: Vec<&str> = head.split(' ').collect();
    let found = lines.find(|line| line.split_whitespace().take(words.len()).eq(words.clone()));
    let columns = found.expect(head).split_whitespace().count() - 1;
    let rows: HashMap<_, Vec<_>> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let mut cells = line.split_whitespace();
            (cells.next().expect("name"), cells.collect())
        })
        .collect();
    assert!(rows.values().all(|cells| cells.len() == columns), "{head}");
    rows
}

/// How somebody stands to an incident.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is one way to stand")]
struct Stand {
    area: bool,
    director: bool,
    holds: bool,
    helps: bool,
    reported: bool,
    sent: bool,
    /// A supervision order asks their organisation.
    asked: bool,
}

impl Stand {
    fn all() -> impl Iterator<Item = Self> {
        (0..128_u8).map(|bits| {
            let bit = |n: u8| bits & (1 << n) != 0;
            Self {
                area: bit(0),
                director: bit(1),
                holds: bit(2),
                helps: bit(3),
                reported: bit(4),
                sent: bit(5),
                asked: bit(6),
            }
        })
    }

    fn actor(self, role: Role) -> Actor {
        let scope = if self.area { "330899101" } else { "330899102" };
        let mut actor = Actor::new("me", role, code(scope));
        actor.org = Some(org("mine"));
        actor.director = self.director;
        actor
    }

    fn incident(self, role: Role, state: State) -> Incident {
        let mut incident = plain();
        incident.state = state;
        let pick = |mine| org(if mine { "mine" } else { "theirs" });
        incident.holds = smallvec![Hold {
            org: pick(self.holds),
            from: start()
        }];
        incident.cooperators = vec![pick(self.helps)];
        incident.timeline.retain(|e| e.what != What::Dispatched);
        if self.sent {
            incident.timeline.push(Entry {
                at: start(),
                what: What::Dispatched,
                by: By::of(&Actor::new("rule", Role::Rule, code("330899"))),
                text: None,
                order: None,
            });
        }
        let id = if self.reported { "me" } else { "they" };
        incident.source = id.to_owned();
        incident.sent_by = Some(Sender {
            id: id.to_owned(),
            role,
            org: None,
        });
        if self.asked {
            incident.breaches = vec![breach()];
        }
        incident
    }

    fn knows(self, role: Role) -> bool {
        match role {
            Role::Administrator => false,
            Role::Reporter => self.reported,
            Role::Source => self.reported && self.area,
            Role::Unit => self.takes_part(),
            Role::Platform | Role::Village | Role::Grid => self.area || self.takes_part(),
            _ => self.area,
        }
    }

    fn takes_part(self) -> bool {
        self.holds || self.helps || self.asked
    }

    fn fits(self, cell: &str) -> bool {
        let checks = self.area && !self.sent;
        match cell {
            "a" => self.area,
            "d" => self.area && self.director,
            "o" => self.area && !self.holds,
            "h" => self.holds,
            "p" => self.holds || self.helps,
            "e" => self.asked,
            "r" => self.reported && !self.holds,
            "k" => checks,
            "x" if self.reported => !self.holds,
            "x" => self.director && checks,
            other => panic!("{other:?} is no cell"),
        }
    }
}

/// A missed deadline whose order asks "mine".
fn breach() -> Breach {
    Breach {
        clock: ClockKind::Accept,
        tier: 1,
        number: 1,
        due_at: start(),
        fired_at: start(),
        order: SupervisionOrder {
            to: org("mine"),
            copies: smallvec![],
            ask: String::new(),
            reply_by: start(),
        },
        state: OrderState::Issued,
        answer: None,
        climbed: smallvec![],
        removal: None,
    }
}

fn plain() -> Incident {
    static PLAIN: LazyLock<Incident> = LazyLock::new(reported);
    PLAIN.clone()
}

fn reported() -> Incident {
    let county = county();
    let ctx = Context::new(&county, start());
    let source = Actor::new("grid", Role::Source, county.code);
    let mut world = World::default();
    for event in plan::report(report(0, None, &county), &source, ctx) {
        world.apply(&event);
    }
    world.incidents().next().expect("incident").clone()
}

#[test]
fn every_move_is_decided_for_every_role_and_state() {
    let (who, when) = (table("move C"), table("move rep"));
    assert_eq!((who.len(), when.len()), (Move::ALL.len(), Move::ALL.len()));
    for role in Role::ALL {
        for stand in Stand::all() {
            let actor = stand.actor(role);
            for (state, column_of_state) in STATES.into_iter().zip(0..) {
                let incident = stand.incident(role, state);
                for one in Move::ALL {
                    let cell = who[one.name()][column(role)];
                    let starts = when[one.name()][column_of_state] == "y";
                    let answer = may(&actor, one, Some(&incident)).map_err(|r| r.code);
                    let told = format!("{one:?} by {role:?} in {state:?}: {stand:?}: {answer:?}");
                    if !stand.knows(role) {
                        assert_eq!(answer, Err("not_found".to_owned()), "{told}");
                    } else if cell == "." {
                        assert_eq!(answer, Err("role_may_not".to_owned()), "{told}");
                    } else if !stand.fits(cell) {
                        assert!(answer.is_err_and(|c| c != "wrong_state"), "{told}");
                    } else if starts {
                        assert_eq!(answer, Ok(()), "{told}");
                    } else {
                        assert_eq!(answer, Err("wrong_state".to_owned()), "{told}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_screen_offers_is_what_may_be_done() {
    for role in Role::ALL {
        for stand in Stand::all() {
            let actor = stand.actor(role);
            for state in STATES {
                let incident = stand.incident(role, state);
                for offered in moves_for(&actor, &incident, start()) {
                    may(&actor, offered, Some(&incident)).expect("offered");
                }
            }
        }
    }
}

#[test]
fn every_deed_is_decided_for_every_role() {
    let deeds = table("deed C");
    assert_eq!(deeds.len(), Deed::ALL.len());
    for role in Role::ALL {
        let mut actor = Actor::new("me", role, code("330899"));
        for deed in Deed::ALL {
            let cell = deeds[deed.name()][column(role)];
            actor.director = false;
            assert_eq!(can(&actor, deed), cell == "y", "{deed:?} by {role:?}");
            actor.director = true;
            assert_eq!(can(&actor, deed), cell != ".", "{deed:?} by {role:?}, head");
        }
    }
    let report = |role| may(&Actor::new("me", role, code("330899")), Move::Report, None);
    for role in Role::ALL {
        let cell = table("move C")["report"][column(role)];
        assert_eq!(report(role).is_ok(), cell == "a", "{role:?}");
    }
}

#[test]
fn a_refusal_says_who_may() {
    let wall = Actor::new("wall", Role::Wall, code("330899101"));
    let refusal = may(&wall, Move::Accept, Some(&plain())).expect_err("refused");
    assert_eq!(
        refusal.zh,
        "大屏无权进行此项操作，请由县中心、镇街指挥室办理"
    );
    assert!(refusal.en.ends_with("county centre, command room"));
}

fn viewer(name: &str, place: &str) -> Option<Viewer> {
    let scope = match place {
        "county" => "330899",
        "own" => "330899101",
        "inside" => "330899101001",
        "outside" => "330899101002",
        "next" => "330899102",
        other => panic!("{other:?} is no place"),
    };
    let (role, of) = match name {
        "centre" => (Role::Centre, None),
        "command_room" => (Role::CommandRoom, None),
        "platform" => (Role::Platform, Some("another")),
        "platform_party" => (Role::Platform, Some("party")),
        "unit" => (Role::Unit, None),
        "unit_party" => (Role::Unit, Some("party")),
        "unit_other" => (Role::Unit, Some("another")),
        "village" => (Role::Village, Some("another")),
        "grid" => (Role::Grid, Some("another")),
        "leader" => (Role::Leader, None),
        "auditor" => (Role::Auditor, None),
        "reader" => (Role::Reader, None),
        "wall" => (Role::Wall, None),
        "reporter" => (Role::Reporter, None),
        "source" => (Role::Source, None),
        "rule" => (Role::Rule, None),
        "admin" => (Role::Administrator, None),
        other => panic!("{other:?} is no viewer"),
    };
    let mut actor = Actor::new("me", role, code(scope));
    actor.org = of.map(org);
    actor.viewer()
}

/// The incident as it came in, as it stands with a unit of the next township, and as it stands
/// elsewhere again.
fn three_times() -> [Incident; 3] {
    let first = plain();
    let mut there = first.clone();
    there.holds.push(Hold {
        org: org("party"),
        from: start(),
    });
    there.shared = smallvec![code("330899102")];
    let mut back = there.clone();
    back.holds.push(Hold {
        org: org("home"),
        from: start(),
    });
    back.shared.clear();
    [first, there, back]
}

#[test]
fn every_viewer_sees_what_is_theirs_as_long_as_it_is() {
    let letter = |sight: Option<Clearance>| match sight {
        Some(Clearance::Wall) => "W",
        Some(Clearance::Staff) => "S",
        Some(Clearance::Full) => "F",
        None => ".",
    };
    let mark = |yes: bool| if yes { "y" } else { "." };
    let mut lines = GOLDEN.lines();
    lines.find(|line| line.starts_with("viewer "));
    let mut cases = 0;
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let viewer = viewer(cells[0], cells[1]);
        let sights = three_times().map(|incident| {
            let viewer = viewer.as_ref()?;
            let sight = viewer.sight(&incident.reach());
            assert_eq!(sight, viewer.sight_of(&incident));
            sight
        });
        let [first, there, back] = sights;
        let found = [
            letter(first),
            mark(first.is_some()),
            mark(there.is_some() && first != there),
            mark(there.is_some() && back.is_none()),
            letter(back),
        ];
        assert_eq!(found, cells[2..], "{line}");
        cases += 1;
    }
    assert_eq!(cases, 31);
}

#[test]
fn who_looks_at_a_smaller_region_sees_that_alone() {
    let mut actor = Actor::new("me", Role::Platform, code("330899101"));
    actor.org = Some(org("party"));
    let viewer = actor.viewer().expect("viewer");
    let [first, mut there, _] = three_times();
    there.shared.clear();
    let elsewhere = viewer.clone().narrow(code("330899101002"));
    assert_eq!(viewer.sight_of(&there), Some(Clearance::Full));
    assert_eq!(elsewhere.sight_of(&there), None);
    assert_eq!(elsewhere.sight_of(&first), None);
    let here = viewer.narrow(code("330899101001"));
    assert_eq!(here.sight_of(&there), Some(Clearance::Full));
    assert_eq!(here.sight_of(&first), Some(Clearance::Staff));
}

#[test]
fn a_wall_is_not_told_in_which_grid_a_person_is_in_trouble() {
    let mut incident = plain();
    let wall = |scope: &str| Viewer::of_region(code(scope), Clearance::Wall);
    let grid = wall("330899101001001");
    assert!(grid.sight_of(&incident).is_some());
    incident.sensitive = true;
    assert_eq!(grid.sight_of(&incident), None);
    assert!(wall("330899101001").sight_of(&incident).is_some());
    assert!(!wall("330899").may_count(code("330899101001001")));
}
