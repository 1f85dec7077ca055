//! What each event tells whom; and that whatever crashes in between, the same notices come of a
//! log, each once.

use std::collections::HashSet;

use proptest::prelude::*;

use super::chain::Way;
use super::storm::Storm;
use super::*;
use crate::actor::Actor;
use crate::event::{Body, Event};
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::event::{IncidentEvent, Reason};
use crate::pack::County;
use crate::pack::limits::Severity;
use crate::walk_tests::{Walk, wishes};
use crate::world::World;

/// Every notice of a run of events, in the order of the log; `restarts` says after which events
/// the state is written down and read back.
fn notices(events: &[Event], county: &County, restarts: &[usize]) -> Vec<Notice> {
    let mut world = World::default();
    let mut storm = Storm::default();
    let mut all = Vec::new();
    for (at, event) in events.iter().enumerate() {
        world.apply(event);
        if concerns(event)
            && let Some(incident) = world.incident(event.key)
        {
            let planned = plan(event, incident, county);
            all.extend(storm.sift(event, planned, county.code));
        } else {
            let none = world.incident(event.key).map(|i| plan(event, i, county));
            assert_eq!(none.unwrap_or_default(), [], "{}", event.body.kind());
        }
        if restarts.contains(&at) {
            let text = serde_json::to_string(&storm).expect("json");
            storm = serde_json::from_str(&text).expect("storm");
        }
    }
    all
}

fn walk(category: &str) -> Walk {
    let mut walk = Walk::new();
    walk.report(Some(category));
    walk
}

fn told(walk: &Walk) -> Vec<(Kind, String)> {
    let all = notices(&walk.events, &walk.county, &[]);
    let whom = |to: &To| match to {
        To::Org(org) => org.to_string(),
        To::Reporter { .. } => "reporter".to_owned(),
    };
    all.iter().map(|n| (n.kind, whom(&n.to))).collect()
}

fn org(walk: &Walk, id: &OrgId) -> Actor {
    wishes::of(walk.county.orgs.get(id).expect("org"))
}

fn holder(walk: &Walk) -> OrgId {
    let incident = walk.world.incidents().next().expect("incident");
    incident.holder().expect("holder").org.clone()
}

#[test]
fn a_report_that_finds_its_unit_tells_the_unit_and_the_reporter() {
    let walk = walk("0604");
    let unit = holder(&walk).to_string();
    let told = told(&walk);
    assert!(told.contains(&(Kind::Dispatched, unit)), "{told:?}");
    assert!(told.contains(&(Kind::Accepted, "reporter".to_owned())));
}

#[test]
fn what_comes_back_goes_to_the_room_and_what_is_asked_to_who_grants_it() {
    let mut walk = walk("0604");
    let unit = holder(&walk);
    let room = walk
        .county
        .orgs
        .room_for(walk.world.incidents().next().expect("incident").region);
    let room = room.clone();
    let (of_unit, of_room) = (org(&walk, &unit), org(&walk, &room));
    walk.ask(&Command::Start {}, &of_unit).expect("allowed");
    let until = walk.world.incidents().next().and_then(Incident::deadline);
    let ask = Command::AskExtension {
        reason: "缺配件".to_owned(),
        until: until.expect("deadline") + Span::days(1),
    };
    walk.ask(&ask, &of_unit).expect("allowed");
    assert_eq!(
        told(&walk).last(),
        Some(&(Kind::ExtensionAsked, room.to_string()))
    );
    let refuse = Command::RefuseExtension {
        reason: "可以按时".to_owned(),
    };
    walk.ask(&refuse, &of_room).expect("allowed");
    assert_eq!(
        told(&walk).last(),
        Some(&(Kind::ExtensionRefused, unit.to_string()))
    );
    let feedback = Command::Feedback {
        result: "已修复".to_owned(),
        evidence: vec![],
    };
    walk.ask(&feedback, &of_unit).expect("allowed");
    let told = told(&walk);
    let last = &told[told.len() - 2..];
    assert_eq!(
        last,
        [
            (Kind::FedBack, "reporter".to_owned()),
            (Kind::FedBack, room.to_string())
        ]
    );
}

/// Runs the clocks until `by` after the first deadline in one go, as after an outage, and answers
/// the first breach's notices.
fn breach_found(late: Span) -> Vec<Notice> {
    let mut walk = walk("0604");
    let first = walk.world.incidents().next().expect("incident");
    let due = first.next_due().expect("clock").due;
    walk.now = due + late;
    walk.rules();
    let all = notices(&walk.events, &walk.county, &[]);
    let kinds = [Kind::Breached, Kind::BreachCopied];
    all.into_iter()
        .filter(|n| kinds.contains(&n.kind))
        .collect()
}

#[test]
fn a_breach_goes_to_the_addressee_and_to_the_copies_by_app_and_sms() {
    let found = breach_found(Span::secs(0));
    assert_eq!(found[0].kind, Kind::Breached);
    assert!(found[1..].iter().all(|n| n.kind == Kind::BreachCopied));
    assert!(found.len() > 1);
    for notice in &found {
        assert!(notice.goes_by(Channel::App) && notice.goes_by(Channel::Sms));
        assert!(notice.announced);
    }
}

#[test]
fn what_an_outage_delayed_for_more_than_an_hour_is_listed_and_not_announced() {
    assert!(breach_found(Span::mins(60))[0].announced);
    assert!(!breach_found(Span::mins(61))[0].announced);
}

#[test]
fn a_chain_is_for_grave_breaches_that_are_news_alone() {
    let mut seen = [0, 0];
    for category in ["0604", "0303", "0703", "0101"] {
        let mut walk = walk(category);
        for _ in 0..400 {
            walk.now = walk.now + Span::mins(15);
            walk.rules();
        }
        let mut world = World::default();
        for event in &walk.events {
            world.apply(event);
            let incident = world.incident(event.key).expect("incident");
            let is_grave = incident.severity_or_lowest() >= Severity::II;
            for notice in plan(event, incident, &walk.county) {
                let climbs = is_grave && notice.urgency == Urgency::Urgent && notice.announced;
                assert_eq!(!notice.chain.is_empty(), climbs, "{notice:?}");
                seen[usize::from(climbs)] += 1;
                let again = notice.chain.iter().any(|step| step.way == Way::Sms);
                assert!(!(again && notice.goes_by(Channel::Sms)), "no message twice");
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn a_reminder_goes_by_sms_from_severity_two_on_alone() {
    for category in ["0604", "0303", "0703"] {
        let mut walk = walk(category);
        for _ in 0..200 {
            walk.now = walk.now + Span::mins(30);
            walk.rules();
        }
        let mut seen = 0;
        let all = notices(&walk.events, &walk.county, &[]);
        for event in &walk.events {
            let Body::Incident(IncidentEvent::Reminded(data)) = &event.body else {
                continue;
            };
            seen += 1;
            let key = key_of(event, &To::Org(data.to.clone()), Kind::Reminded);
            let notice = all.iter().find(|n| n.key == key).expect("told");
            assert_eq!(notice.goes_by(Channel::Sms), data.sms);
        }
        assert!(seen > 0, "{category}");
    }
}

/// A county in which so many deadlines are missed within one minute.
fn storm(count: usize) -> Walk {
    let mut walk = Walk::new();
    for _ in 0..count {
        walk.report(Some("0604"));
    }
    let due = walk.world.next_due().expect("due");
    walk.now = due + Span::days(3);
    walk.rules();
    walk
}

#[test]
fn of_more_than_fifty_in_a_minute_the_rest_is_one_digest_a_unit() {
    let walk = storm(80);
    let breaches = |events: &[Event]| {
        let is_breach = |e: &&Event| matches!(e.body, Body::Incident(IncidentEvent::Breached(_)));
        events.iter().filter(is_breach).count()
    };
    let total = breaches(&walk.events);
    assert!(total > 50);
    let mut world = World::default();
    let mut storm = Storm::default();
    let (mut single, mut beyond) = (0, std::collections::BTreeMap::new());
    let mut seen = 0;
    for event in &walk.events {
        world.apply(event);
        let incident = world.incident(event.key).expect("incident");
        let planned = plan(event, incident, &walk.county);
        let is_breach = matches!(event.body, Body::Incident(IncidentEvent::Breached(_)));
        seen += usize::from(is_breach);
        if is_breach && seen > 50 {
            for notice in &planned {
                *beyond.entry(notice.to.clone()).or_insert(0) += 1;
            }
        }
        let told = storm.sift(event, planned, walk.county.code);
        single += usize::from(is_breach && !told.is_empty());
    }
    assert_eq!(single, 50);
    let due = storm.due().expect("a digest waits");
    assert_eq!(storm.settle(due + Span::secs(-1), walk.county.code), []);
    let digests = storm.settle(due, walk.county.code);
    assert_eq!(digests.len(), beyond.len());
    for digest in &digests {
        let count: i32 = beyond[&digest.to];
        assert!(
            digest.title.zh.ends_with(&format!("{count} 项")),
            "{digest:?}"
        );
        assert!(!digest.announced, "three days late");
    }
    assert_eq!(storm.settle(due, walk.county.code), [], "once");
}

#[test]
fn a_struck_out_incident_tells_its_holder_and_nobody_what_they_did_themselves() {
    let walk = walk("0604");
    let incident = walk.world.incidents().next().expect("incident").clone();
    let unit = holder(&walk);
    let mut event = walk.events.last().expect("event").clone();
    event.version += 1;
    event.body = Body::Incident(IncidentEvent::Voided(Reason {
        reason: "误报".to_owned(),
    }));
    event.actor = org(&walk, walk.county.orgs.centre());
    let told = plan(&event, &incident, &walk.county);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind, &told[0].to),
        (Kind::Voided, &To::Org(unit.clone()))
    );
    event.actor = org(&walk, &unit);
    assert_eq!(plan(&event, &incident, &walk.county), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_log_brings_the_same_notices_about_whatever_crashes(
        steps in prop::collection::vec((0_u8..60, 0_usize..1000), 1..150),
        restarts in prop::collection::vec(0_usize..400, 0..10),
    ) {
        let mut walk = Walk::new();
        for (what, which) in steps {
            walk.step(what, which);
        }
        let all = notices(&walk.events, &walk.county, &[]);
        prop_assert_eq!(&notices(&walk.events, &walk.county, &restarts), &all);
        let keys: HashSet<_> = all.iter().map(|notice| &notice.key).collect();
        prop_assert_eq!(keys.len(), all.len(), "no two notices share a key");
        for notice in &all {
            let text = serde_json::to_string(notice).expect("json");
            for secret in ["张三", "13800001234", "井盖缺失 ", "莲花路"] {
                prop_assert!(!text.contains(secret), "{}", text);
            }
        }
    }
}
