//! Sessions in the history: the same fold as by hand, however the log was cut, found by when they
//! ended, and passed over while they run.

use domain::actor::{Actor, Role};
use domain::event::Event;
use domain::ids::SessionId;
use domain::session::command::{Command, Open};
use domain::session::decide::Context;
use domain::session::{Session, plan};
use domain::time::{Span, Timestamp};
use domain::world::World;
use serde_json::json;

use super::*;
use crate::hub::tests::COUNTY;
use crate::log::testing::Folder;
use crate::log::{Batch, Position, Record};
use crate::projector::record;

/// Three drills, of which the first two are called off after an hour and two.
fn drills() -> (Vec<Event>, Vec<SessionId>, Timestamp) {
    let start: Timestamp = "2026-11-02T09:00:00+08:00".parse().expect("time");
    let centre = COUNTY.orgs.centre();
    let who = Actor {
        org: Some(centre.clone()),
        director: true,
        ..Actor::new("chief", Role::Centre, COUNTY.code)
    };
    let (mut world, mut events, mut ids) = (World::default(), Vec::new(), Vec::new());
    for n in 0..3_i64 {
        let wish = json!({
            "kind": "drill", "title": format!("演练 {n}"), "region": COUNTY.code,
            "lead": {"org": centre}, "order": true, "despite": true,
        });
        let wish: Open = serde_json::from_value(wish).expect("wish");
        let id = SessionId::of_wish(COUNTY.code, "chief", &n.to_string());
        let opening = Context {
            county: &COUNTY,
            world: &world,
            now: start,
        };
        let mut all = plan::open(id, &wish, &who, opening).expect("opened");
        for event in &all {
            world.apply(event);
        }
        if n < 2 {
            let abort = Command::Abort {
                reason: "演练结束".to_owned(),
            };
            let ending = Context {
                county: &COUNTY,
                world: &world,
                now: start + Span::hours(n + 1),
            };
            let session = world.session(id).expect("session");
            let end = plan::command(session, &abort, &who, ending).expect("called off");
            for event in &end {
                world.apply(event);
            }
            all.extend(end);
        }
        events.extend(all);
        ids.push(id);
    }
    (events, ids, start)
}

fn records(events: &[Event]) -> Vec<Record> {
    let records = events.iter().enumerate().map(|(n, event)| {
        let append = record::append_of(event.version - 1, std::slice::from_ref(event));
        let new = append.records.into_iter().next().expect("record");
        Record {
            position: Position::from_seq(n as u64 + 1),
            stream: append.stream,
            key: append.key.clone(),
            version: event.version,
            at: new.at,
            actor: new.actor,
            region: new.region,
            kind: new.kind,
            data: new.data,
        }
    });
    records.collect()
}

#[test]
fn sessions_are_kept_as_they_were_and_found_by_their_end() {
    let (events, ids, start) = drills();
    let records = records(&events);
    for stride in [1, 3, 100] {
        let folder = Folder::new();
        let file = path(folder.path());
        let mut writer = Writer::open(&file, "epoch").expect("opens");
        for some in records.chunks(stride) {
            let (first, last) = (&some[0], &some[some.len() - 1]);
            let batch = Batch {
                from: Position::from_seq(first.position.seq() - 1),
                to: last.position,
                records: some.to_vec(),
            };
            writer.fold(&batch).expect("folds");
        }
        let reader = schema::reader(&file).expect("reads");
        for id in &ids {
            let own = events.iter().filter(|event| event.key == id.key());
            let by_hand = own.fold(None, Session::folded).expect("session");
            let kept = sessions::one(&reader, *id).expect("read").expect("kept");
            assert_eq!(kept, by_hand);
        }
        let ended = |from, to| {
            let all = sessions::ended(&reader, from, to, |one| Some(one.id));
            all.expect("read")
        };
        let day = start + Span::hours(24);
        assert_eq!(ended(start, day), [ids[1], ids[0]], "the last first");
        let (first, second) = (start + Span::hours(1), start + Span::hours(2));
        assert_eq!(
            ended(first, second),
            [ids[0]],
            "its end is in, the next is not"
        );
    }
}
