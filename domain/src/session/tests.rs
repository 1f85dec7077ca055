//! Sessions, case by case.

use geodata::region::Code;

use super::command::{Command, Open, Person, Wanted};
use super::decide::Context;
use super::event::SessionEvent;
use super::*;
use crate::actor::{Actor, Role};
use crate::deployment::{self, Status};
use crate::event::{Body, Event};
use crate::incident::decide::Context as IncidentContext;
use crate::incident::plan as incident_plan;
use crate::mode;
use crate::pack::County;
use crate::pack::orgs::OrgKind;
use crate::refusal::Refusal;
use crate::time::Span;
use crate::walk_tests::wishes::of;
use crate::walk_tests::{actor, county, report, start};
use crate::world::World;

pub(super) fn code(text: &str) -> Code {
    text.parse().expect("code")
}

/// A county with one incident, and what happens in it.
pub(super) struct Scene {
    pub county: County,
    pub world: World,
    pub now: Timestamp,
    pub events: Vec<Event>,
}

impl Scene {
    pub fn new() -> Self {
        let mut scene = Self {
            county: county(),
            world: World::default(),
            now: start(),
            events: Vec::new(),
        };
        scene.incident(0);
        scene
    }

    pub fn incident(&mut self, n: usize) -> IncidentId {
        let mut report = report(n, Some("0303"), &self.county);
        report.place.lon = Some(118.5);
        report.place.lat = Some(28.9);
        let ctx = IncidentContext::new(&self.county, self.now);
        let events = incident_plan::report(report, &actor(Role::Source), ctx);
        let id = events[0].key;
        self.fold(events);
        id
    }

    pub fn ctx(&self) -> Context<'_> {
        Context {
            county: &self.county,
            world: &self.world,
            now: self.now,
        }
    }

    pub fn fold(&mut self, events: Vec<Event>) {
        for event in events {
            self.world.apply(&event);
            self.events.push(event);
        }
    }

    pub fn orgs(&self, kind: OrgKind) -> Vec<OrgId> {
        let all = self.county.orgs.iter();
        all.filter(|org| org.kind == kind)
            .map(|org| org.id.clone())
            .collect()
    }

    pub fn head(&self, org: &OrgId) -> Actor {
        of(self.county.orgs.get(org).expect("org"))
    }

    pub fn centre(&self) -> Actor {
        self.head(self.county.orgs.centre())
    }

    pub fn wish(&self, order: bool) -> Open {
        let units = self.orgs(OrgKind::Unit);
        Open {
            kind: Kind::Incident,
            whistle: None,
            incident: self.world.incidents().map(|one| one.id).next(),
            title: None,
            region: None,
            place: None,
            commander: None,
            lead: wanted(&units[0]),
            cooperators: units[1..4].iter().map(wanted).collect(),
            order,
            despite: false,
        }
    }

    pub fn open(&mut self, wish: &Open, who: &Actor) -> Result<SessionId, Refusal> {
        let key = self.events.len().to_string();
        let id = SessionId::of_wish(self.county.code, &who.id, &key);
        let events = plan::open(id, wish, who, self.ctx())?;
        self.fold(events);
        Ok(id)
    }

    pub fn ask(&mut self, id: SessionId, command: &Command, who: &Actor) -> Result<(), Refusal> {
        let session = self.world.session(id).expect("session");
        let events = plan::command(session, command, who, self.ctx())?;
        self.fold(events);
        Ok(())
    }

    pub fn rules(&mut self) {
        for _ in 0..200 {
            let due: Vec<Event> = self
                .world
                .due_sessions(self.now)
                .flat_map(|session| plan::due(session, self.ctx()))
                .collect();
            if due.is_empty() {
                return;
            }
            self.fold(due);
        }
        panic!("a rule that never comes to rest");
    }

    pub fn pass(&mut self, secs: i64) {
        self.now = self.now + Span::secs(secs);
        self.rules();
    }

    pub fn session(&self, id: SessionId) -> &Session {
        self.world.session(id).expect("session")
    }
}

pub(super) fn wanted(org: &OrgId) -> Wanted {
    Wanted {
        org: org.clone(),
        units: SmallVec::new(),
        ask: None,
    }
}

pub(super) fn moves() -> Command {
    Command::Move { occurred_at: None }
}

pub(super) fn ready() -> (Scene, SessionId, Vec<OrgId>) {
    let mut scene = Scene::new();
    let (wish, centre) = (scene.wish(true), scene.centre());
    let id = scene.open(&wish, &centre).expect("opened");
    let orgs = scene
        .session(id)
        .seats
        .iter()
        .map(|seat| seat.org.clone())
        .collect();
    (scene, id, orgs)
}

#[test]
fn one_tap_sends_every_order_in_one_append() {
    let (scene, id, orgs) = ready();
    let session = scene.session(id);
    let [first, second] = &scene.events[scene.events.len() - 2..] else {
        panic!("two events");
    };
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(session.stage, Stage::Ordered);
    assert_eq!(session.ordered_at, Some(scene.now));
    assert_eq!(orgs.len(), 4);
    for seat in &session.seats {
        assert_eq!(seat.at(Step::Sent), Some(scene.now));
        assert_eq!(seat.muster_due, Some(scene.now + Span::secs(600)));
        assert_eq!(seat.units.len(), 1);
        let stands = deployment::standing(&scene.world, &seat.units[0]);
        assert_eq!(
            (stands.status, stands.session),
            (Status::Assigned, Some(id))
        );
    }
}

#[test]
fn the_verdict_names_who_is_late() {
    let (mut scene, id, orgs) = ready();
    scene.pass(300);
    for org in &orgs[..3] {
        let head = scene.head(org);
        scene.ask(id, &moves(), &head).expect("moves");
    }
    assert_eq!(scene.session(id).stage, Stage::Mobilising);
    scene.pass(300);
    let verdict = scene.session(id).verdict(scene.now).expect("verdict");
    assert_eq!(verdict.zh(&scene.county.orgs), "4 家中 3 家已出动");
    scene.pass(134);
    let session = scene.session(id);
    let verdict = session.verdict(scene.now).expect("verdict");
    let name = &scene.county.orgs.get(&orgs[3]).expect("org").name;
    let zh = format!("4 家中 3 家已出动；{name} 超时 02:14");
    assert_eq!(verdict.zh(&scene.county.orgs), zh);
    assert!(
        verdict
            .en(&scene.county.orgs)
            .starts_with("3 of 4 moving; ")
    );
    let late = session.seats[3]
        .missed
        .iter()
        .filter(|one| one.clock == SeatClock::Muster);
    assert_eq!(late.count(), 1, "late once");
    let head = scene.head(&orgs[3]);
    scene.ask(id, &moves(), &head).expect("moves");
    let session = scene.session(id);
    assert_eq!(session.stage, Stage::AllOut);
    let verdict = session
        .verdict(scene.now + Span::hours(1))
        .expect("verdict");
    assert!(verdict.is_all_out() && !verdict.is_in_time());
    assert_eq!(verdict.members[3].late, Span::secs(134));
}

#[test]
fn an_order_that_nobody_reads_goes_on_and_an_acknowledgement_stops_it_at_once() {
    let (mut scene, id, orgs) = ready();
    scene.pass(59);
    assert_eq!(scene.session(id).seats[0].tried.len(), 1);
    scene.pass(1);
    assert_eq!(scene.session(id).seats[0].tried[1].channel, Channel::Sms);
    let head = scene.head(&orgs[0]);
    scene
        .ask(id, &Command::Acknowledge { occurred_at: None }, &head)
        .expect("acknowledged");
    for _ in 0..10 {
        scene.pass(60);
    }
    let seats = &scene.session(id).seats;
    assert_eq!(seats[0].tried.len(), 2);
    let tried: Vec<_> = seats[1].tried.iter().map(|one| one.channel).collect();
    assert_eq!(tried, Channel::CHAIN);
    assert!(watch::next_channel(scene.session(id), &seats[1]).is_none());
}

#[test]
fn the_lead_closes_when_every_cooperator_has_signed_off_and_the_asker_rates() {
    let (mut scene, id, orgs) = ready();
    let centre = scene.centre();
    let lead = scene.head(&orgs[0]);
    for org in &orgs {
        let head = scene.head(org);
        scene
            .ask(id, &Command::Arrive { occurred_at: None }, &head)
            .expect("arrived");
    }
    assert_eq!(scene.session(id).stage, Stage::OnScene);
    let note = || "已控制".to_owned();
    scene
        .ask(id, &Command::Control { note: note() }, &centre)
        .expect("controlled");
    let close = Command::Close { result: note() };
    let refusal = scene.ask(id, &close, &lead).expect_err("not signed off");
    assert_eq!(refusal.code, "not_signed_off");
    for org in &orgs[1..3] {
        let head = scene.head(org);
        scene
            .ask(
                id,
                &Command::SignOff {
                    note: note(),
                    occurred_at: None,
                },
                &head,
            )
            .expect("signed off");
    }
    let release = Command::Release {
        org: orgs[3].clone(),
        reason: note(),
    };
    scene.ask(id, &release, &centre).expect("released");
    scene.ask(id, &close, &lead).expect("closed");
    assert_eq!(scene.session(id).stage, Stage::Ended);
    for org in &orgs {
        let rate = Command::Rate {
            org: org.clone(),
            score: 4,
            word: None,
        };
        scene.ask(id, &rate, &centre).expect("rated");
    }
    assert_eq!(scene.session(id).stage, Stage::Reviewed);
    let unit = scene.session(id).seats[0].units[0].clone();
    let stands = deployment::standing(&scene.world, &unit);
    assert_eq!((stands.status, stands.session), (Status::Returning, None));
}

#[test]
fn a_session_is_opened_on_the_main_incident_alone_and_once() {
    let mut scene = Scene::new();
    let centre = scene.centre();
    let main = scene.world.incidents().next().expect("incident").id;
    let child = scene.incident(3);
    let merge = crate::incident::command::Command::Merge {
        into: main,
        reason: None,
    };
    let ctx = IncidentContext {
        target: scene.world.incident(main),
        ..IncidentContext::new(&scene.county, scene.now)
    };
    let one = scene.world.incident(child).expect("child");
    let events = incident_plan::command(one, &merge, &centre, ctx).expect("merged");
    scene.fold(events);
    let mut wish = scene.wish(true);
    wish.incident = Some(child);
    let refusal = scene.open(&wish, &centre).expect_err("merged");
    let label = scene.world.incident(main).expect("main").label();
    assert_eq!(refusal.code, "merged_incident");
    assert!(
        refusal.zh.contains(&label) && refusal.en.contains(&label),
        "{refusal:?}"
    );
    wish.incident = Some(main);
    scene.open(&wish, &centre).expect("opened");
    assert_eq!(
        scene.open(&wish, &centre).expect_err("twice").code,
        "session_exists"
    );
}

#[test]
fn a_busy_unit_is_ordered_only_by_who_was_told() {
    let (mut scene, id, orgs) = ready();
    let centre = scene.centre();
    let mut wish = scene.wish(true);
    wish.kind = Kind::Drill;
    wish.incident = None;
    wish.title = Some("演练".to_owned());
    wish.region = Some(code("330899101"));
    let refusal = scene.open(&wish, &centre).expect_err("busy");
    assert_eq!(refusal.code, "unit_not_free");
    assert_eq!(scene.world.sessions().count(), 1, "all or none");
    wish.despite = true;
    let drill = scene.open(&wish, &centre).expect("opened");
    let seat = &scene.session(drill).seats[0];
    assert!(seat.warnings.iter().any(|one| one.why == Why::Busy));
    assert!(scene.session(drill).is_drill());
    let muster = crate::projection::musters::musters(&scene.world, scene.now);
    assert_eq!(muster.sessions, 1, "a drill is in no figure");
    assert_eq!(scene.session(id).seats.len(), orgs.len());
}

#[test]
fn a_whistle_is_a_townships_and_asks_for_its_kind() {
    let mut scene = Scene::new();
    let mut wish = scene.wish(true);
    wish.kind = Kind::Whistle;
    let room = scene.county.orgs.room_for(code("330899101")).clone();
    let (room, centre) = (scene.head(&room), scene.centre());
    assert_eq!(
        scene.open(&wish, &room).expect_err("kind").code,
        "whistle_kind_required"
    );
    wish.whistle = Some(Whistle::Enforcement);
    assert_eq!(
        scene.open(&wish, &centre).expect_err("who").code,
        "room_whistles"
    );
    let id = scene.open(&wish, &room).expect("opened");
    let due = scene.session(id).seats[0].respond_due;
    assert_eq!(due, Some(scene.now + Span::mins(30)));
    scene.pass(1_800);
    let missed = &scene.session(id).seats[0].missed;
    assert!(missed.iter().any(|one| one.clock == SeatClock::Respond));
}

#[test]
fn command_is_handed_over_and_taken_over_and_there_is_always_one() {
    let (mut scene, id, orgs) = ready();
    let centre = scene.centre();
    let lead = scene.head(&orgs[0]);
    let to = Person {
        id: lead.id.clone(),
        org: lead.org.clone(),
    };
    let hand = Command::HandOver { to, reason: None };
    scene.ask(id, &hand, &centre).expect("handed over");
    assert_eq!(scene.session(id).commander.id, lead.id);
    let leader = scene.orgs(OrgKind::Leaders);
    let leader = scene.head(&leader[0]);
    let take = Command::TakeOver {
        reason: "指挥长平板失联".to_owned(),
    };
    scene.ask(id, &take, &leader).expect("taken over");
    let session = scene.session(id);
    assert_eq!(session.commander.id, leader.id);
    assert_eq!(session.before.len(), 2);
    assert_eq!(
        scene.ask(id, &take, &leader).expect_err("twice").code,
        "commands_already"
    );
    let abort = Command::Abort {
        reason: "误报".to_owned(),
    };
    assert_eq!(
        scene.ask(id, &abort, &lead).expect_err("no longer").code,
        "commander_must"
    );
}

#[test]
fn messages_are_acknowledged_by_name_and_votes_are_for_those_at_the_scene() {
    let (mut scene, id, orgs) = ready();
    let (centre, head) = (scene.centre(), scene.head(&orgs[1]));
    let say = Command::Say {
        text: "东门集合".to_owned(),
        attachments: Vec::new(),
        key: Some("tap-1".to_owned()),
        occurred_at: None,
    };
    scene.ask(id, &say, &centre).expect("said");
    let again = scene.ask(id, &say, &centre).expect_err("the same key");
    assert_eq!(again.code, "said_already");
    let see = Command::AcknowledgeMessage {
        message: 0,
        occurred_at: None,
    };
    scene.ask(id, &see, &head).expect("seen");
    assert_eq!(
        scene.ask(id, &see, &head).expect_err("twice").code,
        "already_acknowledged"
    );
    assert_eq!(scene.session(id).messages[0].acknowledged[0].by.id, head.id);
    let vote = Command::Vote {
        call: Call::More,
        note: None,
        occurred_at: None,
    };
    assert_eq!(
        scene.ask(id, &vote, &head).expect_err("not there").code,
        "not_on_scene"
    );
    scene
        .ask(id, &Command::Arrive { occurred_at: None }, &head)
        .expect("arrived");
    scene.ask(id, &vote, &head).expect("voted");
}

#[test]
fn war_shortens_the_limits_and_is_the_centres_to_declare() {
    let mut scene = Scene::new();
    let centre = scene.centre();
    let switch = |scene: &Scene, war, who: &Actor| {
        mode::switch(
            scene.world.mode(),
            war,
            "台风红色预警",
            who,
            &scene.county,
            scene.now,
        )
    };
    let room = scene.county.orgs.room_for(code("330899101")).clone();
    let room = scene.head(&room);
    assert_eq!(
        switch(&scene, true, &room).expect_err("room").code,
        "role_may_not"
    );
    let event = switch(&scene, true, &centre).expect("war");
    scene.fold(vec![event]);
    assert_eq!(
        switch(&scene, true, &centre).expect_err("twice").code,
        "mode_stands"
    );
    let wish = scene.wish(true);
    let id = scene.open(&wish, &centre).expect("opened");
    assert_eq!(scene.session(id).read_secs, 30);
}

#[test]
fn a_timer_rings_once_and_is_stopped_by_its_number() {
    let (mut scene, id, _) = ready();
    let centre = scene.centre();
    let set = Command::SetTimer {
        label: "复测".to_owned(),
        secs: 30,
        org: None,
    };
    scene.ask(id, &set, &centre).expect("set");
    scene.ask(id, &set, &centre).expect("set");
    scene
        .ask(id, &Command::StopTimer { timer: 1 }, &centre)
        .expect("stopped");
    scene.pass(40);
    scene.pass(40);
    let timers = &scene.session(id).timers;
    assert!(timers[0].rang.is_some() && timers[1].rang.is_none());
    let rang = |e: &&Event| e.body.kind() == "timer_rang";
    assert_eq!(scene.events.iter().filter(rang).count(), 1);
}

#[test]
fn the_proposal_has_one_lead_nobody_twice_and_a_reason_for_each() {
    let scene = Scene::new();
    let incident = scene.world.incidents().next().expect("incident");
    let all = suggest::suggest(incident, None, scene.ctx());
    assert!(all.len() > 2, "{all:?}");
    assert_eq!(all.iter().filter(|one| one.task == Task::Lead).count(), 1);
    let orgs: std::collections::HashSet<_> = all.iter().map(|one| &one.org).collect();
    assert_eq!(orgs.len(), all.len());
    assert!(
        all.iter()
            .all(|one| !one.zh.is_empty() && !one.en.is_empty())
    );
}

#[test]
fn a_tablets_own_time_counts_only_between_the_order_and_now() {
    let (mut scene, id, orgs) = ready();
    let (head, early) = (scene.head(&orgs[0]), scene.now - Span::secs(5));
    scene.pass(50);
    let read = Command::Read {
        occurred_at: Some(early),
    };
    scene.ask(id, &read, &head).expect("read");
    assert_eq!(scene.session(id).seats[0].marks[1].occurred_at, None);
    let then = scene.now - Span::secs(20);
    let moved = Command::Move {
        occurred_at: Some(then),
    };
    scene.ask(id, &moved, &head).expect("moves");
    assert_eq!(scene.session(id).seats[0].marks[2].occurred_at, Some(then));
    let refusal = scene.ask(id, &read, &head).expect_err("late");
    assert_eq!(refusal.code, "told_already");
}

#[test]
fn every_event_reads_back_by_its_name() {
    let (mut scene, id, orgs) = ready();
    let head = scene.head(&orgs[0]);
    scene.ask(id, &moves(), &head).expect("moves");
    for event in scene
        .events
        .iter()
        .filter(|e| matches!(e.body, Body::Session(_)))
    {
        let text = serde_json::to_string(event).expect("json");
        let read: Event = serde_json::from_str(&text).expect("event");
        assert_eq!(&read, event);
    }
    assert!(SessionEvent::parse("nothing", "{}").is_err());
}
