//! A shift passes from hand to hand, and nothing owed is lost between two signatures.

use super::tests::{Desk, NOW};
use super::*;
use crate::account::shift::{MAX_MATTERS, Matter, Owed};
use crate::ids::IncidentId;
use crate::pack::orgs::OrgId;

fn matter(n: u32) -> Matter {
    Matter {
        incident: IncidentId::of_origin("330899".parse().expect("code"), "12345", &n.to_string()),
        number: n,
        owed: Owed::RedLamp,
        due: Some(NOW),
    }
}

fn begin(org: &OrgId) -> AccountCommand {
    AccountCommand::BeginShift { org: org.clone() }
}

fn offer(org: &OrgId, to: Option<&str>, matters: Vec<Matter>) -> AccountCommand {
    AccountCommand::OfferShift {
        org: org.clone(),
        to: to.map(str::to_owned),
        note: None,
        matters,
    }
}

fn take(org: &OrgId, remark: Option<&str>, matters: Vec<Matter>) -> AccountCommand {
    AccountCommand::TakeShift {
        org: org.clone(),
        remark: remark.map(str::to_owned),
        matters,
    }
}

/// A room with a head, two members, and somebody of another room.
fn room() -> (Desk, OrgId, [Actor; 4]) {
    let mut desk = Desk::new();
    let post = |desk: &Desk, at, head| desk.post(Role::CommandRoom, at, head);
    let head = desk.with("head", post(&desk, "330899101", true));
    let one = desk.with("one", post(&desk, "330899101", false));
    let two = desk.with("two", post(&desk, "330899101", false));
    let far = desk.with("far", post(&desk, "330899102", false));
    let org = one.org.clone().expect("org");
    (desk, org, [head, one, two, far])
}

#[test]
fn both_sign_and_what_came_between_is_signed_for_too() {
    let (mut desk, org, [_, one, two, far]) = room();
    assert_eq!(desk.code(&far, &begin(&org)), "outside_scope");
    desk.act(&one, &begin(&org));
    assert_eq!(desk.code(&two, &begin(&org)), "shift_held");
    assert_eq!(desk.code(&two, &take(&org, None, vec![])), "not_offered");
    assert_eq!(desk.code(&two, &offer(&org, None, vec![])), "not_on_shift");
    assert_eq!(
        desk.code(&one, &offer(&org, Some("far"), vec![])),
        "not_of_this_room"
    );
    desk.act(&one, &offer(&org, Some("two"), vec![matter(1)]));
    assert_eq!(desk.code(&one, &take(&org, None, vec![])), "own_shift");
    desk.act(&two, &take(&org, None, vec![matter(1), matter(2)]));
    let room = desk.directory.room(&org).expect("room");
    let shift = room.now.as_ref().expect("a shift");
    assert_eq!((shift.person.as_str(), shift.since), ("two", NOW));
    let [signed] = room.past.as_slice() else {
        panic!("{:?}", room.past)
    };
    assert_eq!(
        (signed.offer.by.as_str(), signed.by.as_str()),
        ("one", "two")
    );
    assert_eq!(signed.offer.matters, [matter(1)]);
    assert_eq!(signed.since, [matter(2)]);
}

#[test]
fn only_the_head_takes_over_unsigned_or_in_anothers_place_and_says_why() {
    let (mut desk, org, [head, one, two, _]) = room();
    desk.act(&one, &begin(&org));
    assert_eq!(
        desk.code(&head, &take(&org, None, vec![])),
        "reason_required"
    );
    desk.act(&head, &take(&org, Some("前一班离岗未交"), vec![matter(3)]));
    let room = desk.directory.room(&org).expect("room");
    assert_eq!(room.past[0].since, [matter(3)]);
    desk.act(&head, &offer(&org, Some("two"), vec![]));
    assert_eq!(desk.code(&one, &take(&org, None, vec![])), "named_other");
    desk.act(&head, &AccountCommand::WithdrawShift { org: org.clone() });
    assert_eq!(desk.code(&two, &take(&org, None, vec![])), "not_offered");
}

#[test]
fn nobody_leaves_a_room_alone_with_what_is_owed() {
    let (mut desk, org, [_, one, ..]) = room();
    let end = |matters| AccountCommand::EndShift {
        org: org.clone(),
        matters,
    };
    desk.act(&one, &begin(&org));
    assert_eq!(desk.code(&one, &end(vec![matter(1)])), "matters_open");
    desk.act(&one, &end(vec![]));
    assert!(desk.directory.room(&org).expect("room").now.is_none());
}

#[test]
fn a_list_is_bounded_and_says_what_it_leaves_out() {
    let (mut desk, org, [_, one, ..]) = room();
    desk.act(&one, &begin(&org));
    let many = u32::try_from(MAX_MATTERS).expect("few") + 7;
    desk.act(&one, &offer(&org, None, (0..many).map(matter).collect()));
    let room = desk.directory.room(&org).expect("room");
    let offer = room.now.as_ref().and_then(|shift| shift.offer.as_ref());
    let offer = offer.expect("an offer");
    assert_eq!((offer.matters.len(), offer.left_out), (MAX_MATTERS, 7));
}
