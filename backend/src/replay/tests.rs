//! A recorded session looked at again: whatever the time, the viewer and the way there, the world
//! is byte for byte the one that was folded live.

use domain::access::Viewer;
use domain::actor::Clearance;
use domain::event::Event;
use domain::time::Span;
use proptest::prelude::*;

use super::*;
use crate::clock::Clock;
use crate::history::tests::Weeks;
use crate::hub::tests::viewers;
use crate::log::testing::{Folder, Place as LogPlace, within};
use crate::log::{Append, NewRecord, Record};

/// A log on a disk, its records, and what looks back at it.
struct Past {
    records: Vec<Record>,
    replay: Replay,
    log: Arc<EventLog>,
    folder: Folder,
    _place: LogPlace,
}

impl Past {
    async fn of(weeks: Weeks) -> Self {
        let place = LogPlace::embedded();
        let log = Arc::new(place.open().await);
        log.append(weeks.records.iter().map(append).collect())
            .await
            .expect("appended");
        let folder = Folder::new();
        let replay = open(&log, &folder);
        Self {
            records: weeks.records,
            replay,
            log,
            folder,
            _place: place,
        }
    }

    /// The world and the place it stands at, folded one event after the other.
    fn by_hand(&self, place: Place) -> (World, Position) {
        let mut world = World::default();
        let mut position = Position::START;
        for record in &self.records {
            let event = record::event_of(record).expect("an event");
            let is_past = match place {
                Place::At(time) => event.at > time,
                Place::Position(at) => record.position > at,
            };
            if is_past {
                break;
            }
            world.apply(&event);
            position = record.position;
        }
        (world, position)
    }

    async fn shows(&self, place: Place, viewer: &Viewer) -> (Vec<u8>, Position) {
        let own = viewer.clone();
        let look = self.replay.look(place, move |world, position| {
            (bytes(&world.seen_by(&own)), position)
        });
        look.await.expect("it is reached")
    }
}

fn open(log: &Arc<EventLog>, folder: &Folder) -> Replay {
    let keyframes = Keyframes::new(folder.path(), log.epoch().as_str(), 30, Clock::life());
    let (replay, _writer) =
        Replay::open(folder.path(), Arc::clone(log), keyframes).expect("it opens");
    replay
}

fn append(record: &Record) -> Append {
    Append {
        stream: record.stream,
        key: record.key.clone(),
        expected: record.version - 1,
        records: vec![NewRecord {
            at: record.at.clone(),
            actor: record.actor.clone(),
            region: record.region.clone(),
            kind: record.kind.clone(),
            data: record.data.clone(),
        }],
    }
}

fn bytes(world: &World) -> Vec<u8> {
    serde_json::to_vec(world).expect("json")
}

/// A mirror is told the numbers that were given, and gives none itself.
fn without_numbers(world: &World) -> String {
    let mut value = serde_json::to_value(world).expect("json");
    value["numbers"].take();
    value.to_string()
}

fn at(record: &Record) -> Timestamp {
    record.at.parse().expect("time")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_moment_is_what_was_folded_live(
        steps in prop::collection::vec((0_u8..14, 0_usize..40), 20..120),
        looks in prop::collection::vec((0.0..1.0_f64, 0_usize..40, any::<bool>()), 1..12),
        leave in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
        runtime.block_on(async {
            let past = Past::of(Weeks::of(&steps)).await;
            if past.records.is_empty() { return Ok(()) }
            let viewers = viewers();
            for (share, who, by_time) in looks {
                let nth = (share * past.records.len() as f64) as usize;
                let record = &past.records[nth.min(past.records.len() - 1)];
                let place = if by_time { Place::At(at(record) + Span::from_millis(nth as i64 % 3)) } else { Place::Position(record.position) };
                let viewer = &viewers[who % viewers.len()];
                let (world, position) = past.by_hand(place);
                let (shown, stands) = past.shows(place, viewer).await;
                prop_assert_eq!(stands, position);
                prop_assert_eq!(shown, bytes(&world.seen_by(viewer)));
                if leave {
                    // What a checkpoint holds is the same world.
                    past.replay.0.cursors.lock().await.clear();
                    past.replay.0.keyframes.leave(&world, position);
                }
            }
            Ok(())
        })?;
    }

    /// A recorded session, replayed page by page from any moment on, gives the same bytes.
    #[test]
    fn a_recorded_session_replays_to_the_same_bytes(
        steps in prop::collection::vec((0_u8..14, 0_usize..40), 20..120),
        start in 0.0..1.0_f64,
        page in 1_usize..30,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
        runtime.block_on(async {
            let past = Past::of(Weeks::of(&steps)).await;
            let Some(last) = past.records.last() else { return Ok(()) };
            let first = &past.records[(start * past.records.len() as f64) as usize];
            for viewer in viewers().iter().step_by(6) {
                let (shown, mut from) = past.shows(Place::At(at(first)), viewer).await;
                let mut mirror: World = serde_json::from_slice(&shown).expect("a world");
                loop {
                    let stretch = past.replay.stretch(from, at(last), page).await.expect("a stretch");
                    prop_assert!(stretch.events.len() <= page);
                    for told in &stretch.events {
                        if let Some(json) = told.shown_to(viewer) {
                            let event: Event = serde_json::from_slice(&json).expect("an event");
                            mirror.apply(&event);
                        }
                    }
                    from = stretch.to;
                    if stretch.bound != Bound::Full { break }
                }
                prop_assert_eq!(from, last.position);
                let (world, _) = past.by_hand(Place::Position(last.position));
                let truth = world.seen_by(viewer);
                let of = |world: &World| {
                    let mut all: Vec<_> = world.incidents().cloned().collect();
                    all.sort_unstable_by_key(|one| one.id);
                    serde_json::to_vec(&all).expect("json")
                };
                prop_assert_eq!(of(&mirror), of(&truth));
                // What changes who sees how much reaches others as a whole, without its number.
                if viewer.sees_all() && viewer.clearance == Clearance::Full {
                    prop_assert_eq!(without_numbers(&mirror), without_numbers(&truth));
                }
            }
            Ok(())
        })?;
    }
}

fn some_weeks() -> Weeks {
    let steps: Vec<(u8, usize)> = (0..200).map(|n| ((n % 13) as u8, n * 7)).collect();
    Weeks::of(&steps)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_outside_the_log_is_refused() {
    let past = Past::of(some_weeks()).await;
    let begins = at(&past.records[0]);
    let early = Place::At(begins - Span::from_millis(1));
    let refused = past.replay.look(early, |_, _| ()).await;
    assert!(
        matches!(refused, Err(ReplayError::BeforeTheLog(Some(told))) if told == begins),
        "{refused:?}"
    );
    let beyond = Position::from_seq(past.records.len() as u64 + 7);
    let refused = past.replay.look(Place::Position(beyond), |_, _| ()).await;
    assert!(matches!(refused, Err(ReplayError::NoSuchPlace)));
    let refused = past.replay.stretch(beyond, Timestamp::MAX, 10).await;
    assert!(matches!(refused, Err(ReplayError::NoSuchPlace)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worlds_in_memory_are_bounded() {
    let past = Past::of(some_weeks()).await;
    for record in &past.records {
        let place = Place::Position(record.position);
        past.replay.look(place, |_, _| ()).await.expect("reached");
    }
    assert_eq!(past.replay.0.cursors.lock().await.len(), CURSORS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_out_is_found_and_counted() {
    let past = Past::of(some_weeks()).await;
    let writer = index::Writer::open(past.folder.path(), past.log.epoch().as_str());
    let mut writer = writer.expect("the index");
    let middle = past.log.read(Position::START, 60).await.expect("read");
    writer.take(&middle).expect("taken");
    drop(writer);
    // It goes on where it was.
    let writer = index::Writer::open(past.folder.path(), past.log.epoch().as_str());
    let writer = writer.expect("the index");
    assert_eq!(writer.position(), middle.to);
    let log = Arc::clone(&past.log);
    let task = tokio::spawn(follow::run(writer, log));
    let index = past.replay.index();
    let (from, to) = (
        at(&past.records[0]),
        at(&past.records[past.records.len() - 1]) + Span::from_millis(1),
    );
    let all = async {
        loop {
            let parts = index.density(None, from, to, 48).await.expect("density");
            if parts.iter().sum::<u32>() as usize == past.records.len() {
                return parts;
            }
            tokio::task::yield_now().await;
        }
    };
    assert!(within(all).await.iter().filter(|n| **n > 0).count() > 1);
    task.abort();
    let reds: Vec<_> = past
        .records
        .iter()
        .filter(|r| r.kind == "breached")
        .collect();
    let sought = |from, to, kinds: &[Kind]| index::Sought {
        from,
        to,
        kinds: kinds.to_vec(),
        limit: 1_000,
        last_first: false,
    };
    let found = index.marks(sought(from, to, &Kind::ALL)).await;
    let found = found.expect("marks");
    assert!(!reds.is_empty());
    assert_eq!(found.len(), reds.len());
    for (mark, red) in found.iter().zip(&reds) {
        assert_eq!((mark.kind, mark.at), (Kind::Red, at(red)));
        assert_eq!(mark.seq, red.position.seq());
    }
    for none in [
        sought(from, from, &Kind::ALL),
        sought(from, to, &[Kind::Order]),
    ] {
        assert!(index.marks(none).await.expect("marks").is_empty());
    }
    let last = Sought {
        last_first: true,
        limit: 1,
        ..sought(from, to, &[Kind::Red])
    };
    let last = index.marks(last).await.expect("marks");
    assert_eq!(last.as_slice(), &found[found.len() - 1..]);
}
