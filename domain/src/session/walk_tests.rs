//! Random walks through sessions: whatever is asked, by whomever, in whatever order, what must be
//! true stays true, and every fold of the log is one World.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::command::{Command, Open, Person};
use super::event::SessionEvent;
use super::review::{Outcome, Review};
use super::tests::{Scene, code, wanted};
use super::*;
use crate::access::Viewer;
use crate::actor::{Actor, Clearance};
use crate::deployment::movement;
use crate::deployment::position::{Bounds, Fix, Positions, Source};
use crate::event::{Body, Event};
use crate::pack::orgs::OrgKind;
use crate::privacy;
use crate::projection::reviews::review_figures;
use crate::refusal::Class;
use crate::time::Span;
use crate::world::World;

/// What a step is that tells where a unit is; those above it are wishes.
const POSITION: u8 = 25;
/// How many kinds of wish there are besides opening.
const KINDS: u8 = 23;

fn someone(scene: &Scene, session: &Session, which: usize) -> Actor {
    let seat = &session.seats[which % session.seats.len()];
    match which % 7 {
        0 => scene.centre(),
        1 => session
            .lead()
            .map_or_else(|| scene.centre(), |lead| scene.head(&lead.org)),
        2 => {
            let mut actor = scene.centre();
            actor.id.clone_from(&session.commander.id);
            actor
        }
        3 => {
            let leaders = scene.orgs(OrgKind::Leaders);
            scene.head(&leaders[0])
        }
        _ => scene.head(&seat.org),
    }
}

/// A time around the session's: before its order, within it, or not come yet.
fn session_time(session: &Session, which: usize) -> Timestamp {
    session.opened_at + Span::secs(i64::try_from(which % 900).expect("small") - 60)
}

fn spoken(kind: u8, which: usize, occurred_at: Option<Timestamp>) -> Command {
    match kind {
        14 => Command::Vote {
            call: [Call::More, Call::Enough, Call::StandDown][which % 3],
            note: None,
            occurred_at,
        },
        15 => Command::Say {
            text: format!("说明 {which}"),
            attachments: Vec::new(),
            key: Some(format!("{which}")),
            occurred_at,
        },
        _ => Command::AcknowledgeMessage {
            message: (which % 4) as u16,
            occurred_at,
        },
    }
}

fn wish(kind: u8, which: usize, session: &Session, units: &[OrgId]) -> Command {
    let org = || session.seats[which % session.seats.len()].org.clone();
    let words = || format!("说明 {which}");
    // A tablet that was without a link for a while; at times longer than the session.
    let occurred_at = (which % 3 == 1).then(|| session_time(session, which));
    match kind {
        0 => Command::Order {
            despite: which.is_multiple_of(2),
        },
        1 => Command::Add {
            seat: wanted(&units[which % units.len()]),
            despite: true,
        },
        2 => Command::Release {
            org: org(),
            reason: words(),
        },
        3 => Command::Lead {
            org: org(),
            reason: words(),
        },
        4 => Command::HandOver {
            to: Person {
                id: format!("person {}", which % 3),
                org: None,
            },
            reason: None,
        },
        5 => Command::TakeOver { reason: words() },
        6 => Command::Deliver { org: None },
        7 => Command::Read { occurred_at },
        8 => Command::Acknowledge { occurred_at },
        9 => Command::Move { occurred_at },
        10 => Command::Arrive { occurred_at },
        11 => Command::Work { occurred_at },
        12 => Command::SignOff {
            note: words(),
            occurred_at,
        },
        13 => Command::Word {
            org: org(),
            step: [Step::Moving, Step::Arrived, Step::Done][which % 3],
            channel: Channel::Radio,
            officer: "值班员".to_owned(),
        },
        14..=16 => spoken(kind, which, occurred_at),
        17 => Command::SetTimer {
            label: words(),
            secs: 60,
            org: None,
        },
        18 => Command::StopTimer {
            timer: (which % 3) as u8,
        },
        19 => Command::Control { note: words() },
        20 => Command::Close { result: words() },
        21 => Command::Abort { reason: words() },
        _ => Command::Rate {
            org: org(),
            score: 5,
            word: Some(words()),
        },
    }
}

/// Three browsers: a township's wall, a county unit's desk, the centre's.
fn viewers(scene: &Scene) -> Vec<Viewer> {
    let unit = &scene.orgs(OrgKind::Unit)[2];
    vec![
        Viewer::of_region(code("330899101"), Clearance::Wall),
        scene.head(unit).viewer().expect("viewer"),
        scene.centre().viewer().expect("viewer"),
    ]
}

struct Walk {
    scene: Scene,
    browsers: Vec<(Viewer, World)>,
    folded: usize,
    world: World,
    positions: Positions,
}

impl Walk {
    fn new() -> Self {
        let scene = Scene::new();
        let viewers = viewers(&scene).into_iter();
        let browsers = viewers.map(|one| (one, World::default())).collect();
        Self {
            scene,
            browsers,
            folded: 0,
            world: World::default(),
            positions: Positions::new(Bounds {
                west: 118.0,
                south: 28.0,
                east: 119.0,
                north: 29.5,
            }),
        }
    }

    fn step(&mut self, what: u8, which: usize) {
        let mut all: Vec<SessionId> = self.scene.world.sessions().map(|one| one.id).collect();
        all.sort_unstable();
        match (what, all.is_empty()) {
            (0, _) if all.len() < 6 => self.open(which),
            (1, _) => self.scene.pass(1 + (which as i64 * 37) % 900),
            (0, _) | (_, true) => {}
            (POSITION, _) => self.position(all[which % all.len()], which),
            _ => {
                let kind = (what - 2) % KINDS;
                // What ends a session is rare, or few would live to see the rest.
                if kind == 21 && !which.is_multiple_of(11) {
                    return;
                }
                let id = all[which % all.len()];
                self.ask(id, kind, which);
            }
        }
        self.tell();
    }

    fn open(&mut self, which: usize) {
        let units = self.scene.orgs(OrgKind::Unit);
        let mut wish: Open = self.scene.wish(!which.is_multiple_of(3));
        let first = which % units.len();
        let pick = |n: usize| wanted(&units[(first + n) % units.len()]);
        let mut seats: Vec<_> = (0..=which % 5).map(pick).collect();
        wish.lead = seats.remove(0);
        wish.cooperators = seats;
        wish.despite = which.is_multiple_of(2);
        let mut who = self.scene.centre();
        match which % 4 {
            0 => {
                wish.kind = Kind::Drill;
                wish.incident = None;
                wish.title = Some("演练".to_owned());
                wish.region = Some(code("330899102"));
            }
            1 => {
                wish.kind = Kind::Whistle;
                wish.whistle = Some(Whistle::Complaint);
                let region = self
                    .scene
                    .world
                    .incidents()
                    .next()
                    .expect("incident")
                    .region;
                let room = self.scene.county.orgs.room_for(region).clone();
                who = self.scene.head(&room);
            }
            2 => {
                let n = self.scene.events.len();
                wish.incident = Some(self.scene.incident(n));
            }
            _ => {}
        }
        if let Err(refusal) = self.scene.open(&wish, &who) {
            check_refusal(&refusal);
        }
    }

    /// A unit of a session stands still, comes nearer, or is there, and positions are looked at.
    fn position(&mut self, id: SessionId, which: usize) {
        let session = self.scene.session(id);
        let seat = &session.seats[which / 7 % session.seats.len()];
        if let Some(unit) = seat.units.first() {
            let fix = Fix {
                unit: unit.clone(),
                lon: [118.53, 118.53, 118.52, 118.51, 118.5001][which % 5],
                lat: 28.9,
                at: self.scene.now,
                heading: None,
                speed: None,
                accuracy: None,
                source: Source::Tablet,
            };
            // One that is out of order or jumps counts for nothing, as it should.
            let _ = self.positions.take(fix, self.scene.now);
        }
        let rules = self.scene.county.catalogue.sessions();
        let bodies = movement::check(
            self.scene.session(id),
            &self.positions,
            &rules,
            self.scene.now,
        );
        let session = self.scene.session(id);
        let events = plan::observed(session, bodies, self.scene.ctx());
        self.scene.fold(events);
    }

    fn ask(&mut self, id: SessionId, kind: u8, which: usize) {
        let units = self.scene.orgs(OrgKind::Unit);
        let session = self.scene.session(id);
        let command = wish(kind, which, session, &units);
        for person in 0..7 {
            let who = someone(&self.scene, self.scene.session(id), which + person);
            match self.scene.ask(id, &command, &who) {
                Ok(()) => return,
                Err(refusal) => check_refusal(&refusal),
            }
        }
    }

    /// The browsers hear of what happened, as the server would tell them.
    fn tell(&mut self) {
        let events: Vec<Event> = self.scene.events[self.folded..].to_vec();
        self.folded = self.scene.events.len();
        for mut event in events {
            let applied = self.world.fold(&event);
            event.number = applied.number;
            for (viewer, browser) in &mut self.browsers {
                let after = viewer.sight(&applied.after);
                let before = applied.before.as_ref().map(|reach| viewer.sight(reach));
                let mut told = event.clone();
                let clearance = match (before, after) {
                    (None | Some(Some(_)), Some(clearance))
                        if before.flatten() == after || before.is_none() =>
                    {
                        clearance
                    }
                    (Some(_), Some(clearance)) => {
                        told.body = self.world.whole(&event).expect("whole");
                        clearance
                    }
                    (Some(Some(_)), None) => {
                        told.body = Body::Withdrawn;
                        Clearance::Wall
                    }
                    _ => continue,
                };
                let shown = privacy::event(&told, clearance, applied.after.sensitive);
                let text = serde_json::to_string(&shown).expect("json");
                browser.apply(&serde_json::from_str(&text).expect("event"));
            }
        }
        for session in self.scene.world.sessions() {
            check_session(session, self.scene.now);
        }
    }

    fn check(&self) {
        let scene = &self.scene;
        assert!(
            self.world == scene.world,
            "folding the log anew gives another World"
        );
        let text = serde_json::to_string(&scene.world).expect("json");
        let read: World = serde_json::from_str(&text).expect("world");
        assert!(read == scene.world, "a World read back differs");
        for (viewer, browser) in &self.browsers {
            let shown = scene.world.seen_by(viewer);
            assert_eq!(sorted(&shown), sorted(browser), "{viewer:?}");
            assert_eq!(shown.mode(), browser.mode());
        }
        for session in scene.world.sessions() {
            check_verdict(session, &scene.events, scene.now);
            check_review(session, &self.world, scene.now);
            check_chain(session, &scene.events);
        }
    }
}

fn sorted(world: &World) -> Vec<Session> {
    let mut all: Vec<_> = world.sessions().cloned().collect();
    all.sort_unstable_by_key(|one| one.id);
    all
}

fn check_refusal(refusal: &crate::refusal::Refusal) {
    let chinese = refusal
        .zh
        .chars()
        .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(chinese, "{refusal:?}");
    assert!(
        refusal.en.contains(' ') && !refusal.code.contains(' '),
        "{refusal:?}"
    );
    assert_ne!(refusal.code, "unknown_command");
    assert!(!matches!(refusal.class, Class::NotFound) || refusal.code == "not_found");
}

fn check_session(session: &Session, now: Timestamp) {
    let leads = session.seats.iter().filter(|seat| seat.task == Task::Lead);
    assert_eq!(leads.count(), 1, "not exactly one lead");
    assert!(
        !session.lead().expect("lead").is_released(),
        "the lead was let go"
    );
    let orgs: HashSet<_> = session.seats.iter().map(|seat| &seat.org).collect();
    assert_eq!(orgs.len(), session.seats.len(), "somebody sits there twice");
    assert!(!session.commander.id.is_empty(), "nobody commands");
    let times = session.before.iter().chain([&session.commander]);
    let since: Vec<_> = times.map(|one| one.since).collect();
    assert!(since.is_sorted(), "command goes back in time");
    for seat in &session.seats {
        if let (Some(sent), Some(moved)) = (seat.at(Step::Sent), seat.reached(Step::Moving)) {
            assert!(moved >= sent, "moving before the order");
            assert!(moved >= session.ordered_at.expect("T0"));
        }
        let missed: HashSet<_> = seat.missed.iter().map(|one| one.clock).collect();
        assert_eq!(missed.len(), seat.missed.len(), "late twice");
        assert!(seat.missed.iter().all(|one| one.fired_at >= one.due_at));
        assert!(
            seat.tried
                .windows(2)
                .all(|two| two[0].channel < two[1].channel)
        );
    }
    if session.stage == Stage::AllOut {
        assert!(
            session
                .verdict(now)
                .expect("verdict")
                .members
                .iter()
                .any(|m| m.took.is_some())
        );
    }
    assert_eq!(session.stage.is_open(), session.ended_at.is_none());
}

/// The verdict from the events alone, by another way than the fold's.
fn check_verdict(session: &Session, events: &[Event], now: Timestamp) {
    let mut sent: HashMap<OrgId, Timestamp> = HashMap::new();
    let mut moved: HashMap<OrgId, Timestamp> = HashMap::new();
    let mut gone: HashSet<OrgId> = HashSet::new();
    let mut ordered = false;
    for event in events.iter().filter(|event| event.key == session.id.key()) {
        let Body::Session(body) = &event.body else {
            continue;
        };
        match &**body {
            SessionEvent::Ordered(data) => {
                ordered = true;
                sent.extend(
                    data.orders
                        .iter()
                        .map(|order| (order.org.clone(), event.at)),
                );
            }
            SessionEvent::SeatAdded(data) => {
                gone.remove(&data.seat.org);
                moved.remove(&data.seat.org);
                sent.remove(&data.seat.org);
                if data.order.is_some() {
                    sent.insert(data.seat.org.clone(), event.at);
                }
            }
            SessionEvent::SeatReleased(data) => {
                gone.insert(data.org.clone());
            }
            SessionEvent::Marked(data) if data.step >= Step::Moving => {
                let at = data.occurred_at.unwrap_or(event.at);
                let first = moved.entry(data.org.clone()).or_insert(at);
                *first = at.min(*first);
            }
            _ => {}
        }
    }
    let verdict = session.verdict(now);
    assert_eq!(verdict.is_some(), ordered);
    let Some(verdict) = verdict else { return };
    let owing: HashSet<_> = sent
        .keys()
        .filter(|org| !gone.contains(*org))
        .cloned()
        .collect();
    let told: HashSet<_> = verdict.members.iter().map(|m| m.org.clone()).collect();
    assert_eq!(owing, told);
    for member in &verdict.members {
        let took = moved.get(&member.org).map(|at| *at - sent[&member.org]);
        assert_eq!(member.took, took, "{}", member.org);
        assert!(
            took.is_none_or(|took| took.millis() >= 0),
            "moving before T0"
        );
    }
    let count = owing.iter().filter(|org| moved.contains_key(*org)).count();
    assert_eq!(verdict.moving(), count);
}

/// The report says what the session's own verdict says, nothing in it is negative, and a log
/// replayed gives the same bytes; once over, whenever it is asked for.
fn check_review(session: &Session, replayed: &World, now: Timestamp) {
    let review = Review::of(session, now);
    let text = serde_json::to_string(&review).expect("json");
    let again = replayed.session(session.id).expect("session");
    let later = if session.stage.is_open() {
        now
    } else {
        now + Span::days(3)
    };
    let again = serde_json::to_string(&Review::of(again, later)).expect("json");
    assert_eq!(text, again, "a replayed log gives another report");
    let read: Review = serde_json::from_str(&text).expect("review");
    assert_eq!(read, review);

    assert_eq!(review.members.len(), session.seats.len());
    let verdict = session.verdict(now);
    assert_eq!(review.verdict.is_some(), verdict.is_some());
    if let Some((told, verdict)) = review.verdict.zip(verdict) {
        assert_eq!(told.of as usize, verdict.members.len());
        assert_eq!(told.moving as usize, verdict.moving());
        assert_eq!(told.all_out, verdict.is_all_out());
        assert_eq!(told.all_in_time, verdict.is_in_time());
        assert_eq!(told.due, verdict.due);
        for one in &verdict.members {
            let member = review.members.iter().find(|member| member.org == one.org);
            let muster = member.expect("member").muster;
            let took = one.took.map(Span::as_secs);
            assert_eq!(muster.secs.map(i64::from), took);
            assert_eq!(i64::from(muster.late_secs), one.late.as_secs());
        }
    }
    for member in &review.members {
        let from = member.ordered_at.unwrap_or(session.opened_at);
        assert!(
            member.steps.iter().all(|point| point.at >= from),
            "before T0"
        );
        let times: Vec<_> = member.steps.iter().map(|point| point.at).collect();
        assert!(times.is_sorted(), "a later step came earlier");
        let released = member.released_at.is_some();
        assert_eq!(member.muster.outcome == Outcome::Excused, released);
    }
    let counted = review_figures([&review]);
    assert!(
        !session.is_drill() || counted.sessions == 0,
        "a drill in a figure"
    );
    assert_eq!(counted.sessions + counted.left_out, 1);
}

/// Nobody is called on another channel after they read or acknowledged.
fn check_chain(session: &Session, events: &[Event]) {
    let mut reached: HashSet<OrgId> = HashSet::new();
    for event in events.iter().filter(|event| event.key == session.id.key()) {
        let Body::Session(body) = &event.body else {
            continue;
        };
        match &**body {
            SessionEvent::Marked(data) if data.step >= Step::Read => {
                reached.insert(data.org.clone());
            }
            SessionEvent::SeatAdded(data) => {
                reached.remove(&data.seat.org);
            }
            SessionEvent::Climbed(data) => {
                assert!(!reached.contains(&data.org), "called on after an answer");
                assert!(event.at >= data.due_at);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_fold_of_one_session_is_one_world(
        steps in prop::collection::vec((0_u8..=POSITION, 0_usize..600), 1..150)
    ) {
        let mut walk = Walk::new();
        for (what, which) in steps {
            walk.step(what, which);
        }
        walk.check();
    }
}

#[test]
fn five_thousand_wishes_and_every_kind_of_event_comes_to_pass() {
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |below: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % below
    };
    let mut seen: HashSet<Happening> = HashSet::new();
    for _ in 0..10 {
        let mut walk = Walk::new();
        for _ in 0..500 {
            let (what, which) = (roll(1 + u64::from(POSITION)) as u8, roll(600) as usize);
            walk.step(what, which);
        }
        walk.check();
        let lines = walk.scene.world.sessions().flat_map(|one| &one.timeline);
        seen.extend(lines.map(|line| line.what));
    }
    let missing = Happening::ALL.iter().filter(|what| !seen.contains(what));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}
