//! A county's month: some fifteen thousand incidents, three restarts and an outage of two hours. What
//! the fold makes of it is held against a tally that is kept apart, from what was planned alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::actor::{Actor, Role};
use crate::event::{Body, Event};
use crate::ids::IncidentId;
use crate::incident::clock::ClockKind;
use crate::incident::command::Command;
use crate::incident::decide::Context;
use crate::incident::event::IncidentEvent;
use crate::incident::{State, plan};
use crate::pack::County;
use crate::time::{Span, Timestamp};
use crate::walk_tests::{county, report, start, wishes};
use crate::world::World;

const INCIDENTS: usize = 15_000;
const MONTH: Span = Span::days(30);
/// Two hours on a Wednesday morning in which nobody and nothing could do anything.
const OUTAGE: (Span, Span) = (Span::hours(9 * 24 + 1), Span::hours(9 * 24 + 3));
const RESTARTS: [Span; 3] = [
    Span::hours(5 * 24 + 7),
    Span::hours(9 * 24 + 3),
    Span::hours(21 * 24 + 13),
];
/// What is done about an incident, in order, and the clock each stops.
const STEPS: [ClockKind; 4] = [
    ClockKind::Sign,
    ClockKind::FirstAction,
    ClockKind::Finish,
    ClockKind::Confirm,
];

/// Numbers below a bound, the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// How much of a limit somebody takes, in thousandths: mostly in time, sometimes far over.
    fn pace(&mut self) -> i64 {
        let late = self.roll(100) < 14;
        let share = if late {
            1_050 + self.roll(1_600)
        } else {
            50 + self.roll(800)
        };
        share as i64
    }
}

/// What was seen of one clock, kept apart from the World.
struct Seen {
    start: Timestamp,
    due: Timestamp,
    done: Option<Timestamp>,
}

struct Month {
    county: County,
    world: World,
    events: Vec<Event>,
    /// What somebody will do, soonest first.
    wishes: BinaryHeap<Reverse<(Timestamp, usize, u8)>>,
    ids: Vec<IncidentId>,
    seen: Vec<BTreeMap<ClockKind, Seen>>,
    dice: Dice,
    restarts: Vec<Timestamp>,
}

impl Month {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let length = MONTH.as_secs() as u64;
        let wishes = (0..INCIDENTS)
            .map(|n| Reverse((start() + Span::secs(dice.roll(length) as i64), n, 0)))
            .collect();
        Self {
            county: county(),
            world: World::default(),
            events: Vec::new(),
            wishes,
            ids: vec![IncidentId::of_origin(county().code, "", ""); INCIDENTS],
            seen: (0..INCIDENTS).map(|_| BTreeMap::new()).collect(),
            dice,
            restarts: RESTARTS.iter().map(|at| start() + *at).collect(),
        }
    }

    fn run(&mut self) {
        let end = start() + MONTH;
        loop {
            let rules = self.world.next_due().map(open_at);
            let wish = self.wishes.peek().map(|Reverse((at, ..))| open_at(*at));
            let Some(now) = rules.into_iter().chain(wish).min().filter(|at| *at <= end) else {
                return;
            };
            self.restart_before(now);
            // At exactly its deadline it is red, whatever somebody does at that instant.
            if rules == Some(now) {
                self.rules(now);
            } else if let Some(Reverse((_, n, step))) = self.wishes.pop() {
                self.step(n, step, now);
            }
        }
    }

    fn restart_before(&mut self, now: Timestamp) {
        while self.restarts.first().is_some_and(|at| *at <= now) {
            self.restarts.remove(0);
            let text = serde_json::to_string(&self.world).expect("json");
            self.world = serde_json::from_str(&text).expect("world");
        }
    }

    fn rules(&mut self, now: Timestamp) {
        let ctx = Context::new(&self.county, now);
        let due: Vec<Event> = self
            .world
            .due(now)
            .flat_map(|incident| plan::due(incident, ctx))
            .collect();
        assert!(!due.is_empty(), "a rule is due and brings nothing about");
        self.fold(due);
    }

    fn step(&mut self, n: usize, step: u8, now: Timestamp) {
        if step == 0 {
            return self.report(n, now);
        }
        let kind = STEPS[usize::from(step) - 1];
        let incident = self.world.incident(self.ids[n]).expect("open");
        let holder = incident
            .holder()
            .and_then(|hold| self.county.orgs.get(&hold.org));
        let mut who = wishes::of(holder.expect("holder"));
        let command = match kind {
            ClockKind::Sign => Command::Start {},
            ClockKind::FirstAction => Command::Progress {
                note: "已到现场".to_owned(),
                evidence: vec![],
            },
            ClockKind::Finish => Command::Feedback {
                result: "已处置".to_owned(),
                evidence: vec![],
            },
            ClockKind::Accept | ClockKind::Confirm => {
                who = Actor::new("grid", Role::Source, self.county.code);
                Command::Close {
                    satisfied: true,
                    note: None,
                }
            }
        };
        let ctx = Context::new(&self.county, now);
        let events = plan::command(incident, &command, &who, ctx).expect("allowed");
        self.fold(events);
        // Told before anything was done on the spot, the result stops that clock as well.
        for stopped in [kind, ClockKind::FirstAction] {
            let stops = stopped == kind || kind == ClockKind::Finish;
            if let Some(seen) = self.seen[n].get_mut(&stopped).filter(|_| stops) {
                seen.done.get_or_insert(now);
            }
        }
        self.watch(n, now);
        self.plan(n, step + 1, now);
    }

    fn report(&mut self, n: usize, now: Timestamp) {
        let categories = ["0703", "0604", "0303", "0801", "0701"];
        let category = categories[self.dice.roll(5) as usize];
        let report = report(n, Some(category), &self.county);
        let ctx = Context::new(&self.county, now);
        let source = Actor::new("grid", Role::Source, self.county.code);
        let events = plan::report(report, &source, ctx);
        self.ids[n] = events[0].key;
        self.fold(events);
        self.watch(n, now);
        self.plan(n, 1, now);
    }

    /// Writes down the clocks that began.
    fn watch(&mut self, n: usize, now: Timestamp) {
        let incident = self.world.incident(self.ids[n]).expect("open");
        for clock in incident.clocks.iter().filter(|c| c.start == now) {
            self.seen[n].entry(clock.kind).or_insert(Seen {
                start: now,
                due: clock
                    .limit
                    .expect("limit")
                    .due(now, &self.county.calendar)
                    .at,
                done: clock.stopped,
            });
        }
    }

    /// When somebody takes the next step: after a share of its limit, and never before the last.
    fn plan(&mut self, n: usize, step: u8, now: Timestamp) {
        let Some(kind) = STEPS.get(usize::from(step) - 1) else {
            return;
        };
        let clock = &self.seen[n][kind];
        let share = (clock.due - clock.start).millis() * self.dice.pace() / 1_000;
        let at = clock.start + Span::from_millis(share);
        self.wishes
            .push(Reverse((at.max(now + Span::secs(1)), n, step)));
    }

    fn fold(&mut self, events: Vec<Event>) {
        for event in events {
            self.world.apply(&event);
            self.events.push(event);
        }
    }

    /// The red lights there must have been, from what was written down alone: by clock and tier.
    fn expected(&self) -> BTreeMap<(ClockKind, u8), usize> {
        let end = start() + MONTH;
        let mut orders = BTreeMap::new();
        for clocks in &self.seen {
            // A clock is red from its deadline until its step is done.
            let reds: Reds = clocks
                .iter()
                .map(|(kind, seen)| (*kind, (open_at(seen.due), seen.done.unwrap_or(end))))
                .filter(|(_, (from, to))| from <= to)
                .collect();
            for kind in reds.keys() {
                *orders.entry((*kind, 1)).or_default() += 1;
            }
            for kind in deepened(&reds, clocks) {
                *orders.entry((kind, 2)).or_default() += 1;
            }
        }
        orders
    }
}

/// From when until when each clock was red.
type Reds = BTreeMap<ClockKind, (Timestamp, Timestamp)>;

/// The clocks whose order went a tier up: overdue by a day or half the limit, or red while another
/// was, where nothing had gone up before.
fn deepened(reds: &Reds, clocks: &BTreeMap<ClockKind, Seen>) -> Vec<ClockKind> {
    let mut turns = Vec::new();
    for (kind, (from, to)) in reds {
        let seen = &clocks[kind];
        turns.push((*from, seen.due, false, *kind));
        let half = Span::from_millis((seen.due - seen.start).millis() / 2);
        let deep = open_at(seen.due + half.max(Span::hours(24)));
        if deep <= *to {
            turns.push((deep, seen.due, true, *kind));
        }
    }
    turns.sort_unstable();
    let mut up: Vec<ClockKind> = Vec::new();
    for (at, _, is_deep, kind) in turns {
        let mut others = reds.iter().filter(|(other, _)| **other != kind);
        let beside = others.any(|(_, (from, to))| *from <= at && at <= *to);
        if !up.contains(&kind) && (is_deep || beside && up.is_empty()) {
            up.push(kind);
        }
    }
    up
}

/// When something can happen that falls due at this instant: after the outage if it falls into it.
fn open_at(at: Timestamp) -> Timestamp {
    let (from, to) = (start() + OUTAGE.0, start() + OUTAGE.1);
    if at >= from && at < to { to } else { at }
}

#[test]
fn a_month_with_restarts_and_an_outage_comes_to_the_tally_kept_apart() {
    let mut month = Month::new(7);
    month.run();
    let mut orders = BTreeMap::new();
    let mut numbers = Vec::new();
    for event in &month.events {
        if let Body::Incident(IncidentEvent::Breached(data)) = &event.body {
            *orders.entry((data.clock, data.tier)).or_default() += 1;
            assert_eq!(data.fired_at, event.at);
            assert!(data.due_at <= data.fired_at);
            numbers.push(event.at);
        }
    }
    assert!(numbers.windows(2).all(|two| two[0] <= two[1]));
    let first = |all: &BTreeMap<(ClockKind, u8), usize>| -> Vec<_> {
        all.iter()
            .filter(|((_, tier), _)| *tier == 1)
            .map(|(k, n)| (*k, *n))
            .collect()
    };
    assert_eq!(
        first(&orders),
        first(&month.expected()),
        "orders of the first tier"
    );
    let deep = |all: &BTreeMap<(ClockKind, u8), usize>| -> usize {
        all.iter()
            .filter(|((_, tier), _)| *tier == 2)
            .map(|(_, n)| *n)
            .sum()
    };
    assert_eq!(
        deep(&orders),
        deep(&month.expected()),
        "orders of the second tier"
    );

    let closed = check_ends(&month);

    // Folded anew, without a restart or an outage, it is the same World.
    let mut again = World::default();
    for event in &month.events {
        again.apply(event);
    }
    assert!(again == month.world, "another World");
    let open = month
        .world
        .incidents()
        .filter(|i| i.state.is_open())
        .count();
    assert_eq!(open, INCIDENTS - closed);
    assert!(month.world.incidents().all(|i| i.state != State::Suspended));
}

/// What was told, closed and late, against the tally; answers how many were closed.
fn check_ends(month: &Month) -> usize {
    let done = |kind| {
        month
            .seen
            .iter()
            .filter(move |c| c.get(&kind).is_some_and(|s| s.done.is_some()))
    };
    let closed = month
        .events
        .iter()
        .filter(|e| e.body.kind() == "closed")
        .count();
    assert_eq!(closed, done(ClockKind::Confirm).count());
    let told = month
        .events
        .iter()
        .filter(|e| e.body.kind() == "fed_back")
        .count();
    assert_eq!(told, done(ClockKind::Finish).count());
    let in_time = done(ClockKind::Finish)
        .filter(|c| c[&ClockKind::Finish].done < Some(c[&ClockKind::Finish].due))
        .count();
    let late = month.events.iter().filter(|e| {
        matches!(&e.body, Body::Incident(IncidentEvent::Breached(b))
            if b.clock == ClockKind::Finish && b.tier == 1)
    });
    let open_late = month.seen.iter().filter(|c| {
        let finish = c.get(&ClockKind::Finish);
        finish.is_some_and(|s| s.done.is_none() && open_at(s.due) <= start() + MONTH)
    });
    assert_eq!(late.count(), told - in_time + open_late.count());
    closed
}
