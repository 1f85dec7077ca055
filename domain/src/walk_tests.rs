//! Random walks through the closed loop: whatever is asked, in whatever order, the fold on the
//! server, the fold in a browser and a World read back from text are one.

use std::collections::HashSet;

use geodata::region::{Code, Level, Region, RegionTree};
use proptest::prelude::*;

use crate::access::Viewer;
use crate::actor::{Actor, Clearance, Role};
use crate::event::{Body, Event};
use crate::incident::command::{Command, Report};
use crate::incident::decide::Context;
use crate::incident::event::{Place, Reporter};
use crate::incident::{Incident, State, plan};
use crate::pack::County;
use crate::privacy;
use crate::time::{Span, Timestamp};
use crate::world::World;

const GRIDS: [&str; 3] = ["330899101001001", "330899101001002", "330899102001001"];
const SCOPE: &str = "330899101";

fn code(text: &str) -> Code {
    text.parse().expect("code")
}

pub(crate) fn county() -> County {
    let mut codes = HashSet::new();
    for grid in GRIDS {
        codes.extend(code(grid).ancestors());
    }
    let region = |code: Code| Region {
        code,
        name: format!("区{code}"),
        level: code.level(),
    };
    let tree = RegionTree::new(codes.into_iter().map(region).collect()).expect("tree");
    assert_eq!(tree.len_at(Level::Grid), GRIDS.len());
    County::default_for(tree)
}

pub(crate) fn start() -> Timestamp {
    "2026-11-23T09:00:00+08:00".parse().expect("time")
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor::new(format!("{role:?}"), role, code("330899"))
}

pub(crate) fn report(n: usize, category: Option<&str>, county: &County) -> Report {
    let category = category.map(|c| county.catalogue.find(c).expect("category").code);
    Report {
        source: "grid".to_owned(),
        external_id: n.to_string(),
        title: format!("井盖缺失 {n}"),
        description: Some("联系 13800001234".to_owned()),
        category,
        claimed: None,
        region: code(GRIDS[n % GRIDS.len()]),
        place: Place {
            address: Some("莲花路 86 号".to_owned()),
            ..Place::default()
        },
        reporter: Some(Reporter {
            name: Some("张三".into()),
            phone: Some("13800001234".into()),
        }),
        occurred_at: None,
        attachments: Vec::new(),
        duplicate_of: None,
    }
}

/// A county at work, with a browser that looks at one township.
struct Walk {
    county: County,
    now: Timestamp,
    world: World,
    events: Vec<Event>,
    browser: Option<World>,
    reports: usize,
}

impl Walk {
    fn new() -> Self {
        Self {
            county: county(),
            now: start(),
            world: World::default(),
            events: Vec::new(),
            browser: None,
            reports: 0,
        }
    }

    fn ctx(&self) -> Context<'_> {
        Context {
            county: &self.county,
            now: self.now,
        }
    }

    fn fold(&mut self, events: Vec<Event>) {
        for mut event in events {
            let applied = self.world.fold(&event);
            event.number = applied.number;
            let sensitive = applied.after.sensitive;
            let turned = applied.before.is_some_and(|b| b.sensitive != sensitive);
            if let Some(browser) = self.browser.as_mut()
                && code(SCOPE).contains(event.region)
            {
                let mut told = event.clone();
                if turned {
                    let whole = self.world.incident(event.key).expect("whole");
                    told.body = Body::Shared(Box::new(whole.clone()));
                }
                let shown = privacy::event(&told, Clearance::Wall, sensitive);
                let text = serde_json::to_string(&shown).expect("json");
                browser.apply(&serde_json::from_str(&text).expect("event"));
            }
            event.number = None;
            self.events.push(event);
        }
    }

    fn step(&mut self, what: u8, which: usize) {
        match what {
            0 | 1 => {
                let category = [Some("0703"), Some("0604"), None][which % 3];
                let report = report(self.reports, category, &self.county);
                self.reports += 1;
                let events = plan::report(report, &actor(Role::Source), self.ctx());
                self.fold(events);
            }
            2..=8 => self.command(what, which),
            9 => {
                self.now = self.now + Span::mins(7 * (which as i64 + 1));
                self.breaches();
            }
            _ => self.browser = Some(self.scoped()),
        }
    }

    fn command(&mut self, what: u8, which: usize) {
        let mut ids: Vec<_> = self.world.incidents().map(|i| i.id).collect();
        ids.sort_unstable();
        let Some(incident) = ids
            .get(which % ids.len().max(1))
            .and_then(|id| self.world.incident(*id))
        else {
            return;
        };
        let category = Some(self.county.catalogue.items[which % 42].code);
        let (role, command) = match what {
            2 => (Role::Centre, Command::Accept { category }),
            3 => (
                Role::Centre,
                Command::Assess {
                    breadth: None,
                    difficulty: None,
                },
            ),
            4 => (Role::Centre, Command::Dispatch { to: None }),
            5 => (Role::Unit, Command::Start {}),
            6 => (
                Role::Unit,
                Command::Progress {
                    note: "到场".to_owned(),
                },
            ),
            7 => (
                Role::Unit,
                Command::Feedback {
                    result: "已修".to_owned(),
                    evidence: vec![],
                },
            ),
            _ => (
                Role::Centre,
                Command::Close {
                    satisfied: true,
                    note: None,
                },
            ),
        };
        if let Ok(events) = plan::command(incident, &command, &actor(role), self.ctx()) {
            self.fold(events);
        }
    }

    fn breaches(&mut self) {
        let due: Vec<Event> = self
            .world
            .due(self.now)
            .flat_map(|i| plan::breaches(i, self.ctx()))
            .collect();
        self.fold(due);
        assert_eq!(
            self.world.due(self.now).count(),
            0,
            "a rule that never comes to rest"
        );
    }

    fn scoped(&self) -> World {
        self.world
            .seen_by(&Viewer::of_region(code(SCOPE), Clearance::Wall))
    }

    fn check(&self) {
        for incident in self.world.incidents() {
            check_incident(incident, self.now);
        }
        let mut again = World::default();
        for event in &self.events {
            again.apply(event);
        }
        assert!(
            again == self.world,
            "folding the log anew gives another World"
        );
        let text = serde_json::to_string(&self.world).expect("json");
        let read: World = serde_json::from_str(&text).expect("world");
        assert!(read == self.world, "a World read back differs");
        if let Some(browser) = &self.browser {
            let server: Vec<_> = sorted(&self.scoped());
            assert_eq!(server, sorted(browser), "the browser's fold differs");
            assert_eq!(self.world.seen(code(SCOPE)), browser.seen(code(SCOPE)));
        }
    }
}

fn sorted(world: &World) -> Vec<Incident> {
    let mut all: Vec<_> = world.incidents().cloned().collect();
    all.sort_unstable_by_key(|i| i.id);
    all
}

fn check_incident(incident: &Incident, now: Timestamp) {
    let orders: HashSet<_> = incident
        .breaches
        .iter()
        .map(|b| (b.clock, b.tier))
        .collect();
    assert_eq!(
        orders.len(),
        incident.breaches.len(),
        "one order per clock and tier"
    );
    for breach in &incident.breaches {
        assert!(
            breach.fired_at >= breach.due_at,
            "an order before its breach"
        );
    }
    let kinds: Vec<_> = incident
        .clocks
        .iter()
        .filter(|c| c.runs())
        .map(|c| c.kind)
        .collect();
    let unique: HashSet<_> = kinds.iter().collect();
    assert_eq!(unique.len(), kinds.len(), "a clock runs in two places");
    if incident.state == State::Closed {
        assert!(kinds.is_empty(), "a clock runs on after the close");
    }
    let overdue = incident.clocks.iter().any(|c| c.runs() && now >= c.due);
    assert_eq!(
        incident.lamp(now).is_red(),
        overdue && incident.state.is_open()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_fold_of_one_log_is_one_world(
        steps in prop::collection::vec((0_u8..11, 0_usize..60), 1..120)
    ) {
        let mut walk = Walk::new();
        for (what, which) in steps {
            walk.step(what, which);
        }
        walk.check();
    }
}

#[test]
fn a_report_with_a_category_is_with_its_unit_at_once() {
    let county = county();
    let ctx = Context {
        county: &county,
        now: start(),
    };
    let events = plan::report(report(0, Some("0703"), &county), &actor(Role::Source), ctx);
    let names: Vec<_> = events.iter().map(|e| e.body.kind().to_owned()).collect();
    assert_eq!(names, ["reported", "accepted", "assessed", "dispatched"]);
    assert_eq!(
        events.iter().map(|e| e.version).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    let mut world = World::default();
    for event in &events {
        world.apply(event);
    }
    let incident = world.incident(events[0].key).expect("incident");
    assert_eq!(incident.state, State::Dispatched);
    assert!(incident.deadline().is_some() && incident.because.is_some());
}

#[test]
fn whoever_handles_may_not_confirm_and_scope_hides() {
    let county = county();
    let mut walk = Walk::new();
    walk.step(0, 0);
    walk.step(5, 0);
    walk.step(7, 0);
    let incident = walk.world.incidents().next().expect("incident");
    assert_eq!(incident.state, State::Feedback);
    let ctx = Context {
        county: &county,
        now: walk.now,
    };
    let close = Command::Close {
        satisfied: true,
        note: None,
    };
    let refused = |actor: &Actor| {
        plan::command(incident, &close, actor, ctx)
            .map(|_| ())
            .expect_err("refused")
            .code
    };
    assert_eq!(refused(&actor(Role::Unit)), "role_may_not");
    let mut handler = actor(Role::CommandRoom);
    handler.org = incident.holder().map(|hold| hold.org.clone());
    assert_eq!(refused(&handler), "handler_may_not_close");
    let mut elsewhere = actor(Role::CommandRoom);
    elsewhere.scope = code("330899102");
    assert_eq!(refused(&elsewhere), "not_found");
    let mut stranger = actor(Role::Source);
    stranger.id = "hotline12345".to_owned();
    assert_eq!(refused(&stranger), "not_found");
}

#[test]
fn a_wall_never_gets_a_name_a_phone_or_a_door() {
    let county = county();
    let ctx = Context {
        county: &county,
        now: start(),
    };
    let events = plan::report(report(0, Some("0703"), &county), &actor(Role::Source), ctx);
    let mut world = World::default();
    for event in &events {
        world.apply(event);
        let text =
            serde_json::to_string(&privacy::event(event, Clearance::Wall, false)).expect("json");
        for secret in ["张三", "13800001234", "86"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let shown = world.seen_by(&Viewer::of_region(code("330899"), Clearance::Wall));
    let text = serde_json::to_string(&shown).expect("json");
    for secret in ["张三", "13800001234", "86 号"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn an_order_goes_out_once_and_climbs_once() {
    let mut walk = Walk::new();
    walk.step(0, 0);
    for _ in 0..2_000 {
        walk.now = walk.now + Span::hours(1);
        walk.breaches();
    }
    let incident = walk.world.incidents().next().expect("incident");
    let tiers: Vec<_> = incident.breaches.iter().map(|b| b.tier).collect();
    assert!(tiers.contains(&1) && tiers.contains(&2));
    walk.check();
    let to: Vec<_> = incident
        .breaches
        .iter()
        .map(|b| b.order.to.to_string())
        .collect();
    assert!(
        to.iter().any(|org| org.contains("-T")),
        "the second goes a tier up: {to:?}"
    );
}
