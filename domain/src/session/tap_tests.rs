//! A tablet's own time: what it counts for, and where it cannot be believed.

use super::command::Command;
use super::tests::{ready, wanted};
use crate::pack::orgs::OrgKind;
use crate::time::Span;

#[test]
fn a_tap_made_in_time_without_a_link_counts_as_in_time() {
    let (mut scene, id, orgs) = ready();
    let then = scene.now + Span::secs(300);
    scene.pass(900);
    for org in &orgs {
        let head = scene.head(org);
        let moved = Command::Move {
            occurred_at: Some(then),
        };
        scene.ask(id, &moved, &head).expect("moves");
    }
    let session = scene.session(id);
    let verdict = session.verdict(scene.now).expect("verdict");
    assert!(verdict.is_in_time(), "{verdict:?}");
    assert_eq!(verdict.members[0].took, Some(Span::secs(300)));
    let seat = &session.seats[0];
    assert_eq!(seat.missed.len(), 1, "that the clock rang stays on record");
    assert_eq!(seat.marks.last().expect("mark").at, scene.now);
}

#[test]
fn who_is_called_later_moves_no_earlier_than_called() {
    let (mut scene, id, _) = ready();
    let centre = scene.centre();
    let early = scene.now + Span::secs(10);
    scene.pass(120);
    let taken: Vec<_> = scene
        .session(id)
        .seats
        .iter()
        .map(|s| s.org.clone())
        .collect();
    let units = scene.orgs(OrgKind::Unit);
    let org = units
        .iter()
        .find(|org| !taken.contains(org))
        .expect("org")
        .clone();
    let add = Command::Add {
        seat: wanted(&org),
        despite: true,
    };
    scene.ask(id, &add, &centre).expect("added");
    let moved = Command::Move {
        occurred_at: Some(early),
    };
    scene.pass(5);
    scene.ask(id, &moved, &scene.head(&org)).expect("moves");
    let verdict = scene.session(id).verdict(scene.now).expect("verdict");
    let member = verdict.members.iter().find(|one| one.org == org);
    assert_eq!(member.expect("member").took, Some(Span::secs(5)));
}
