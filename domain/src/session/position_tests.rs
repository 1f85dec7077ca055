//! What positions bring about in sessions, and what units say of themselves.

use super::tests::{Scene, moves, ready};
use super::*;
use crate::deployment::position::{Bounds, Fix, Positions, Source};
use crate::deployment::{self, Status, Wish, movement};
use crate::time::Span;

fn positions() -> Positions {
    Positions::new(Bounds {
        west: 118.0,
        south: 28.0,
        east: 119.0,
        north: 29.5,
    })
}

fn at(unit: &UnitId, lon: f64, at: Timestamp) -> Fix {
    Fix {
        unit: unit.clone(),
        lon,
        lat: 28.9,
        at,
        heading: None,
        speed: None,
        accuracy: None,
        source: Source::Tablet,
    }
}

impl Scene {
    fn look(&mut self, id: SessionId, positions: &Positions) -> Vec<String> {
        let session = self.session(id);
        let rules = self.county.catalogue.sessions();
        let bodies = movement::check(session, positions, &rules, self.now);
        let events = plan::observed(session, bodies, self.ctx());
        let names = events
            .iter()
            .map(|event| event.body.kind().to_owned())
            .collect();
        self.fold(events);
        names
    }
}

#[test]
fn who_says_that_it_moves_and_does_not_is_marked_until_it_does() {
    let (mut scene, id, orgs) = ready();
    let unit = scene.session(id).seats[0].units[0].clone();
    let mut known = positions();
    known
        .take(at(&unit, 118.52, scene.now), scene.now)
        .expect("taken");
    let head = scene.head(&orgs[0]);
    scene.ask(id, &moves(), &head).expect("moves");
    for _ in 0..18 {
        scene.pass(10);
        known
            .take(at(&unit, 118.52, scene.now), scene.now)
            .expect("taken");
        if scene.now < scene.session(id).ordered_at.expect("T0") + Span::secs(180) {
            assert!(scene.look(id, &known).is_empty());
        }
    }
    assert_eq!(scene.look(id, &known), ["movement_doubted"]);
    assert!(scene.look(id, &known).is_empty(), "found once");
    let verdict = scene.session(id).verdict(scene.now).expect("verdict");
    assert!(
        verdict
            .zh(&scene.county.orgs)
            .contains("称已出动，位置未动")
    );
    scene.pass(30);
    known
        .take(at(&unit, 118.518, scene.now), scene.now)
        .expect("taken");
    assert_eq!(scene.look(id, &known), ["marked"]);
    let seat = &scene.session(id).seats[0];
    assert!(seat.doubted.is_none() && seat.observed(Step::Moving).is_some());
    assert!(seat.claimed(Step::Moving).is_some(), "both are kept");
}

#[test]
fn a_fence_suggests_an_arrival_and_a_person_confirms_it() {
    let (mut scene, id, orgs) = ready();
    let unit = scene.session(id).seats[0].units[0].clone();
    let mut known = positions();
    known
        .take(at(&unit, 118.505, scene.now), scene.now)
        .expect("taken");
    assert!(scene.look(id, &known).is_empty());
    scene.pass(60);
    known
        .take(at(&unit, 118.5005, scene.now), scene.now)
        .expect("taken");
    assert_eq!(scene.look(id, &known), ["marked"]);
    assert_eq!(scene.look(id, &known), ["arrival_suggested"]);
    assert!(scene.look(id, &known).is_empty());
    let seat = &scene.session(id).seats[0];
    assert!(seat.seems_there.is_some() && seat.reached(Step::Arrived).is_none());
    let head = scene.head(&orgs[0]);
    let told = scene.county.units.get(&unit).expect("unit");
    let wish = deployment::set_status(told, Status::OnScene, &head, scene.ctx());
    let Ok(Wish::Session(of, command)) = wish else {
        panic!("it moves its session: {wish:?}");
    };
    assert_eq!(of, id);
    scene.ask(id, &command, &head).expect("confirmed");
    assert_eq!(scene.session(id).stage, Stage::OnScene);
    assert_eq!(
        deployment::standing(&scene.world, &unit).status,
        Status::OnScene
    );
}

#[test]
fn a_unit_says_what_it_does_when_it_is_in_no_session() {
    let mut scene = Scene::new();
    let unit = scene.county.units.iter().next().expect("unit").clone();
    let head = scene.head(&unit.org);
    let set = |scene: &Scene, status| deployment::set_status(&unit, status, &head, scene.ctx());
    assert_eq!(
        set(&scene, Status::Moving).expect_err("where to").code,
        "no_session"
    );
    let Ok(Wish::Event(event)) = set(&scene, Status::Off) else {
        panic!("an event of its own");
    };
    scene.fold(vec![*event]);
    assert_eq!(
        deployment::standing(&scene.world, &unit.id).status,
        Status::Off
    );
    let mut stranger = head.clone();
    stranger.org = Some("nobody".parse().expect("org"));
    let refusal = deployment::set_status(&unit, Status::Standby, &stranger, scene.ctx());
    assert_eq!(refusal.expect_err("stranger").code, "not_your_unit");
}
