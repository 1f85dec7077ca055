//! Random walks through the closed loop: whatever is asked, in whatever order, the fold on the
//! server, the fold in a browser and a World read back from text are one.

pub(crate) mod wishes;

use std::collections::HashSet;

use geodata::region::{Code, Level, Region, RegionTree};
use proptest::prelude::*;

use crate::access::Viewer;
use crate::actor::{Actor, Clearance, Role};
use crate::event::{Body, Event};
use crate::incident::command::{Command, Report};
use crate::incident::decide::Context;
use crate::incident::event::IncidentEvent;
use crate::incident::event::{Place, Reporter};
use crate::incident::{Breach, Incident, State, What, plan};
use crate::pack::County;
use crate::privacy;
use crate::projection::attribution;
use crate::refusal::Refusal;
use crate::time::{Span, Timestamp};
use crate::world::{Applied, World};

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

/// What a walk does not come to, and tests of their own do.
const ELSEWHERE: [What; 6] = [
    What::Recounted,
    What::ConsentAsked,
    What::ConsentRefused,
    What::ExtensionAsked,
    What::ExtensionGranted,
    What::ExtensionRefused,
];

/// A county at work, with a browser that looks at one township.
pub(crate) struct Walk {
    pub(crate) county: County,
    pub(crate) now: Timestamp,
    pub(crate) world: World,
    pub(crate) events: Vec<Event>,
    browser: Option<World>,
    reports: usize,
}

impl Walk {
    pub(crate) fn new() -> Self {
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
        Context::new(&self.county, self.now)
    }

    fn fold(&mut self, events: Vec<Event>) {
        for mut event in events {
            let applied = self.world.fold(&event);
            event.number = applied.number;
            if let Some(browser) = self.browser.as_mut()
                && let Some(told) = told(&event, &applied, &self.world)
            {
                let shown = privacy::event(&told, Clearance::Wall, applied.after.sensitive);
                let text = serde_json::to_string(&shown).expect("json");
                browser.apply(&serde_json::from_str(&text).expect("event"));
            }
            event.number = None;
            self.events.push(event);
        }
    }

    pub(crate) fn step(&mut self, what: u8, which: usize) {
        match what {
            0..=2 => {
                // Few enough that each lives through much.
                if self.world.len() > 40 {
                    return;
                }
                self.report([Some("0703"), Some("0303"), None][which % 3]);
            }
            3..=4 => {
                self.now = self.now + Span::mins(7 * (which as i64 % 60 + 1));
                self.rules();
            }
            5 => self.browser = Some(self.scoped()),
            _ => self.wish(what, which),
        }
        self.ties();
    }

    pub(crate) fn report(&mut self, category: Option<&str>) {
        let report = report(self.reports, category, &self.county);
        self.reports += 1;
        let mut source = actor(Role::Source);
        source.id = "grid".to_owned();
        let events = plan::report(report, &source, self.ctx());
        self.fold(events);
    }

    /// A citizen reports without an account; with or without their name.
    pub(crate) fn citizen(&mut self, category: &str, is_named: bool) -> Actor {
        let mut report = report(self.reports, Some(category), &self.county);
        self.reports += 1;
        crate::receipt::SOURCE.clone_into(&mut report.source);
        if !is_named {
            report.reporter = None;
        }
        let county = self.county.code;
        let id = crate::ids::IncidentId::of_origin(county, &report.source, &report.external_id);
        let who = crate::receipt::citizen(id, county);
        let events = plan::report(report, &who, self.ctx());
        self.fold(events);
        who
    }

    /// Somebody wants something; whether it may be is decided.
    fn wish(&mut self, what: u8, which: usize) {
        let mut all: Vec<&Incident> = self.world.incidents().collect();
        all.sort_unstable_by_key(|i| i.id);
        let Some(incident) = all.get(which % all.len().max(1)) else {
            return;
        };
        let kind = (what - 6) % wishes::KINDS;
        // What ends a case is rare, or few would live to see the rest.
        if wishes::ENDS.contains(&kind) && !(which / 7).is_multiple_of(5) {
            return;
        }
        let command = wishes::wish(kind, which, incident, &all, &self.county, self.now);
        for person in 0..8 {
            let who = wishes::somebody(incident, &self.county, which + person);
            if let Ok(events) = self.asked(incident, &command, &who) {
                check_confirmer(incident, &events);
                return self.fold(events);
            }
        }
    }

    fn asked(
        &self,
        incident: &Incident,
        command: &Command,
        who: &Actor,
    ) -> Result<Vec<Event>, Refusal> {
        let mut ctx = self.ctx();
        ctx.target = command.other().and_then(|id| self.world.incident(id));
        plan::command(incident, command, who, ctx)
    }

    pub(crate) fn ask(&mut self, command: &Command, who: &Actor) -> Result<(), String> {
        let incident = self.world.incidents().next().expect("incident");
        let events = self.asked(incident, command, who).map_err(|r| r.code)?;
        self.fold(events);
        self.ties();
        Ok(())
    }

    pub(crate) fn rules(&mut self) {
        let due: Vec<Event> = self
            .world
            .due(self.now)
            .flat_map(|i| plan::due(i, self.ctx()))
            .collect();
        self.fold(due);
        // What woke may find itself overdue at once.
        for _ in 0..3 {
            let again: Vec<Event> = self
                .world
                .due(self.now)
                .flat_map(|i| plan::due(i, self.ctx()))
                .collect();
            self.fold(again);
        }
        assert_eq!(
            self.world.due(self.now).count(),
            0,
            "a rule that never comes to rest"
        );
    }

    /// Whoever follows another is told of it, until nothing is left to tell.
    fn ties(&mut self) {
        for _ in 0..20 {
            let tied: Vec<_> = self
                .world
                .ties()
                .map(|(one, other)| (one.id, other.id))
                .collect();
            for (one, other) in &tied {
                let (Some(one), Some(other)) =
                    (self.world.incident(*one), self.world.incident(*other))
                else {
                    continue;
                };
                let events = plan::tied(one, other, self.ctx());
                self.fold(events);
            }
            if tied.is_empty() {
                return;
            }
        }
        panic!("ties that never come to rest");
    }

    /// The head of whoever holds the only incident.
    fn holder(&self) -> Actor {
        let incident = self.world.incidents().next().expect("incident");
        let org = incident
            .holder()
            .and_then(|hold| self.county.orgs.get(&hold.org));
        wishes::of(org.expect("holder"))
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
            for (server, browser) in sorted(&self.scoped()).iter().zip(&sorted(browser)) {
                assert_eq!(server, browser, "the browser's fold differs");
            }
            assert_eq!(
                self.scoped().len(),
                browser.len(),
                "the browser's fold differs"
            );
            assert_eq!(self.world.seen(code(SCOPE)), browser.seen(code(SCOPE)));
        }
    }
}

/// How the browser hears of an event, by whom it concerned before and now.
fn told(event: &Event, applied: &Applied, world: &World) -> Option<Event> {
    let viewer = Viewer::of_region(code(SCOPE), Clearance::Wall);
    let now = viewer.sight(&applied.after);
    let mut told = event.clone();
    if let Some(before) = &applied.before {
        let turned = before.sensitive != applied.after.sensitive;
        let whole = || Body::Shared(Box::new(world.incident(event.key).expect("whole").clone()));
        match (viewer.sight(before), now) {
            (Some(_), None) => told.body = Body::Withdrawn,
            (None, Some(_)) => told.body = whole(),
            (Some(_), Some(_)) if turned => told.body = whole(),
            (Some(_), Some(_)) => {}
            (None, None) => return None,
        }
        return Some(told);
    }
    now.map(|_| told)
}

fn sorted(world: &World) -> Vec<Incident> {
    let mut all: Vec<_> = world.incidents().cloned().collect();
    all.sort_unstable_by_key(|i| i.id);
    all
}

fn check_incident(incident: &Incident, now: Timestamp) {
    for clock in &incident.clocks {
        let ends = clock.stopped;
        let of_clock = |b: &&Breach| {
            b.clock == clock.kind
                && b.fired_at >= clock.start
                && ends.is_none_or(|end| b.fired_at <= end)
        };
        for tier in [1, 2] {
            let orders = incident.breaches.iter().filter(of_clock);
            let orders = orders.filter(|b| b.tier == tier).count();
            assert!(orders <= 1, "{orders} orders for one clock and tier");
        }
    }
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
    let held = attribution::shares(incident, now)
        .iter()
        .fold(Span::ZERO, |sum, share| sum + share.held);
    let life = incident.ended_at.unwrap_or(now) - incident.received_at;
    assert_eq!(held, life, "time that nobody or two held");
    let overdue = incident.clocks.iter().any(|c| c.runs() && now >= c.due);
    assert_eq!(
        incident.lamp(now).is_red(),
        overdue && incident.state.is_open()
    );
}

/// Nobody confirms what they handled.
fn check_confirmer(incident: &Incident, events: &[Event]) {
    for event in events {
        if matches!(event.body, Body::Incident(IncidentEvent::Closed(_))) {
            let handler = incident.holder().map(|hold| &hold.org);
            assert!(
                event.actor.org.is_none()
                    || event.actor.org.as_ref() != handler
                    || incident.was(What::SelfHandled),
                "{:?} confirmed what they handled",
                event.actor
            );
            assert_ne!(event.actor.role, Role::Rule, "a rule confirmed");
        }
    }
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

/// Ten thousand wishes of everybody: the fold on the server, in a browser and from the log anew
/// give one World, and every kind of event has come to pass.
#[test]
fn ten_thousand_commands_make_one_world() {
    let mut walk = Walk::new();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |below: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % below
    };
    while walk.events.len() < 10_000 {
        let (what, which) = (roll(6 + u64::from(wishes::KINDS)) as u8, roll(600) as usize);
        walk.step(what, which);
        if roll(500) == 0 {
            walk.check();
        }
    }
    walk.check();
    let seen: HashSet<What> = walk
        .events
        .iter()
        .map(|event| crate::projection::ticker::what(&event.body))
        .collect();
    let missing = What::ALL.iter().filter(|w| !seen.contains(w));
    let missing: Vec<_> = missing.filter(|w| !ELSEWHERE.contains(w)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}

#[test]
fn every_command_has_its_name_and_reads_back() {
    let mut walk = Walk::new();
    walk.report(Some("0703"));
    let incident = walk.world.incidents().next().expect("incident");
    let mut names = HashSet::new();
    for kind in 0..wishes::KINDS {
        let wish = wishes::wish(kind, 1, incident, &[incident], &walk.county, walk.now);
        let value = serde_json::to_value(&wish).expect("json");
        names.insert(value["command"].as_str().expect("name").to_owned());
        let read: Command = serde_json::from_value(value).expect("command");
        assert_eq!(read, wish);
    }
    assert_eq!(names, Command::NAMES.map(str::to_owned).into());
}

#[test]
fn a_report_with_a_category_is_with_its_unit_at_once() {
    let county = county();
    let ctx = Context::new(&county, start());
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
    let holder = walk.holder();
    walk.ask(&Command::Start {}, &holder).expect("started");
    let feedback = Command::Feedback {
        result: "已修".to_owned(),
        evidence: vec![],
    };
    walk.ask(&feedback, &holder).expect("told");
    let incident = walk.world.incidents().next().expect("incident");
    assert_eq!(incident.state, State::Feedback);
    let ctx = Context::new(&county, walk.now);
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
    let ctx = Context::new(&county, start());
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
        walk.rules();
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
