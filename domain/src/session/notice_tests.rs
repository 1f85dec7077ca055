//! What the members of a session are told, and until when.

use super::command::Command;
use super::tests::{Scene, ready};
use super::*;
use crate::event::Event;
use crate::notice::{self, Notice, To, answered_member, concerns_members, plan_members};

/// What events tell, each planned twice as after a crash.
fn told(scene: &Scene, id: SessionId, events: &[Event]) -> Vec<Notice> {
    let plan = |event: &Event| {
        let notices = plan_members(event, scene.session(id), &scene.county);
        assert_eq!(
            notices,
            plan_members(event, scene.session(id), &scene.county)
        );
        assert!(notices.is_empty() || concerns_members(event));
        notices
    };
    events.iter().flat_map(plan).collect()
}

#[test]
fn each_member_is_told_its_order_once_and_then_by_the_channel_that_is_due() {
    let (mut scene, id, orgs) = ready();
    let first = told(&scene, id, &scene.events);
    let whom: Vec<&To> = first.iter().map(|notice| &notice.to).collect();
    let all: Vec<To> = orgs.iter().cloned().map(To::Org).collect();
    assert_eq!(whom, all.iter().collect::<Vec<_>>());
    assert!(
        first
            .iter()
            .all(|notice| notice.kind == notice::Kind::SessionOrdered)
    );
    assert!(first.iter().all(|notice| notice.session == Some(id)));
    let before = scene.events.len();
    let head = scene.head(&orgs[0]);
    let acknowledge = Command::Acknowledge { occurred_at: None };
    scene.ask(id, &acknowledge, &head).expect("acknowledged");
    assert_eq!(answered_member(&scene.events[before]), Some(&orgs[0]));
    scene.pass(3_600);
    let then = told(&scene, id, &scene.events[before..]);
    let of = |org: &OrgId| {
        let theirs = then
            .iter()
            .filter(|notice| notice.to == To::Org(org.clone()));
        let ways = theirs.flat_map(|notice| notice.chain.iter().map(|step| step.way));
        ways.collect::<Vec<_>>()
    };
    assert_eq!(of(&orgs[0]), [], "it has acknowledged");
    assert_eq!(
        of(&orgs[1]).len(),
        then.iter()
            .filter(|one| one.to == To::Org(orgs[1].clone()))
            .count()
    );
    assert!(of(&orgs[1]).is_sorted_by_key(|way| *way as u8));
    assert!(
        then.iter()
            .all(|notice| notice.title.zh.contains("紧急指挥"))
    );
    let mut keys: Vec<&str> = first
        .iter()
        .chain(&then)
        .map(|one| one.key.as_str())
        .collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "each has a key of its own");
}

#[test]
fn a_drill_is_told_as_one() {
    let mut scene = Scene::new();
    let mut wish = scene.wish(true);
    wish.kind = super::Kind::Drill;
    wish.incident = None;
    wish.title = Some("消防演练".to_owned());
    wish.region = Some(super::tests::code("330899102"));
    let centre = scene.centre();
    let id = scene.open(&wish, &centre).expect("opened");
    let told = told(&scene, id, &scene.events);
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|one| one.title.zh.starts_with("【演练】")));
    assert!(told.iter().all(|one| one.title.en.starts_with("DRILL: ")));
}

#[test]
fn what_an_outage_delayed_for_long_rings_nowhere() {
    let (mut scene, id, _) = ready();
    let before = scene.events.len();
    scene.now = scene.now + crate::time::Span::hours(3);
    scene.rules();
    let late = told(&scene, id, &scene.events[before..]);
    let stale = late.iter().filter(|notice| !notice.announced);
    assert!(stale.clone().count() > 0);
    assert!(stale.clone().all(|notice| notice.chain.is_empty()));
}
