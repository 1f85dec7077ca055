//! A session from the order to the evaluation, and what the report says of it.

use super::{Outcome, Review};
use crate::pack::orgs::OrgId;
use crate::projection::reviews::review_figures;
use crate::session::command::{Command, Open};
use crate::session::tests::{Scene, code};
use crate::session::{Call, Channel, Kind, SessionId, Stage, Step};

const NOW: Option<crate::time::Timestamp> = None;

fn tap(step: Step) -> Command {
    match step {
        Step::Acknowledged => Command::Acknowledge { occurred_at: NOW },
        Step::Moving => Command::Move { occurred_at: NOW },
        Step::Arrived => Command::Arrive { occurred_at: NOW },
        _ => Command::SignOff {
            note: "已处置".to_owned(),
            occurred_at: NOW,
        },
    }
}

fn taps(scene: &mut Scene, id: SessionId, orgs: &[OrgId], step: Step) {
    for org in orgs {
        let who = scene.head(org);
        scene.ask(id, &tap(step), &who).expect("a tap");
    }
}

/// Everybody acknowledges after 40 s and moves after 100 s, but the last one after 700 s, called
/// over every channel meanwhile; the lead closes.
fn run(scene: &mut Scene, wish: &Open) -> SessionId {
    let centre = scene.centre();
    let id = scene.open(wish, &centre).expect("opened");
    let seats = &scene.session(id).seats;
    let orgs: Vec<OrgId> = seats.iter().map(|seat| seat.org.clone()).collect();
    let (slow, quick) = orgs.split_last().expect("seats");
    scene.pass(40);
    taps(scene, id, quick, Step::Acknowledged);
    scene.pass(60);
    taps(scene, id, quick, Step::Moving);
    for _ in 0..10 {
        scene.pass(60);
    }
    taps(scene, id, std::slice::from_ref(slow), Step::Moving);
    taps(scene, id, &orgs, Step::Arrived);
    let lead = scene.head(&orgs[0]);
    for call in [Call::More, Call::Enough] {
        let vote = Command::Vote {
            call,
            note: None,
            occurred_at: NOW,
        };
        scene.ask(id, &vote, &lead).expect("voted");
    }
    taps(scene, id, &orgs[1..], Step::Done);
    let control = Command::Control {
        note: "火势已控制".to_owned(),
    };
    scene.ask(id, &control, &centre).expect("controlled");
    let close = Command::Close {
        result: "已扑灭".to_owned(),
    };
    scene.ask(id, &close, &lead).expect("closed");
    id
}

fn drill(scene: &Scene) -> Open {
    Open {
        kind: Kind::Drill,
        incident: None,
        title: Some("演练".to_owned()),
        region: Some(code("330899102")),
        ..scene.wish(true)
    }
}

#[test]
fn each_is_judged_by_its_own_order() {
    let mut scene = Scene::new();
    let wish = scene.wish(true);
    let id = run(&mut scene, &wish);
    let review = Review::of(scene.session(id), scene.now);
    let verdict = review.verdict.expect("verdict");
    assert_eq!((verdict.of, verdict.moving, verdict.in_time), (4, 4, 3));
    assert!(verdict.all_out && !verdict.all_in_time);

    let lead = &review.members[0];
    assert_eq!(lead.secs(Step::Acknowledged), Some(40));
    assert_eq!(lead.secs(Step::Moving), Some(100));
    assert_eq!(lead.secs(Step::Arrived), Some(700));
    assert_eq!(lead.secs(Step::Done), Some(700), "it closed the session");
    assert_eq!(lead.muster.outcome, Outcome::InTime);
    let calls: Vec<_> = lead.votes.iter().map(|vote| vote.call).collect();
    assert_eq!(calls, [Call::More, Call::Enough], "each vote is kept");

    let slow = review.members.last().expect("member");
    assert_eq!(slow.muster.outcome, Outcome::Late);
    assert_eq!((slow.muster.secs, slow.muster.late_secs), (Some(700), 100));
    let chain: Vec<_> = slow
        .chain
        .iter()
        .map(|rung| (rung.channel, rung.secs))
        .collect();
    assert_eq!(chain.len(), Channel::CHAIN.len());
    assert_eq!(chain[0], (Channel::App, 0));
    let moving = slow.point(Step::Moving).expect("moving");
    assert!(moving.claimed.is_some() && moving.observed.is_none());

    let phase = |stage| review.phases.iter().find(|phase| phase.stage == stage);
    assert_eq!(
        phase(Stage::Mobilising).and_then(|phase| phase.secs),
        Some(40)
    );
    assert_eq!(phase(Stage::AllOut).and_then(|phase| phase.secs), Some(700));
    assert!(phase(Stage::Reviewed).is_none());
}

#[test]
fn a_drill_is_marked_and_in_no_figure() {
    let mut scene = Scene::new();
    let wish = scene.wish(true);
    let real = run(&mut scene, &wish);
    let wish = drill(&scene);
    let drill = run(&mut scene, &wish);
    let report = |id| Review::of(scene.session(id), scene.now);
    let (real, drill) = (report(real), report(drill));
    assert!(drill.drill && !real.drill);
    let alone = review_figures([&real]);
    let both = review_figures([&real, &drill]);
    assert_eq!((both.sessions, both.left_out), (1, 1));
    assert_eq!(both.orgs, alone.orgs);
    assert_eq!(both.all.muster.percent(), Some(75));
    assert_eq!((both.muster.of, both.muster.in_time), (1, 0));
    assert_eq!(both.all.moving.median_secs, 100);
    assert_eq!(both.all.moving.max_secs, 700);
}
