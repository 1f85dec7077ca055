use domain::deployment::position::Source;
use proptest::prelude::*;

use super::*;
use crate::log::testing::{Folder, within};

fn start() -> Timestamp {
    "2026-11-23T09:00:00+08:00".parse().expect("time")
}

fn fix(unit: &str, secs: i64, lon: f64) -> Fix {
    Fix {
        unit: unit.parse().expect("unit"),
        lon,
        lat: 28.9,
        at: start() + Span::secs(secs),
        heading: Some(91.5),
        speed: None,
        accuracy: Some(4.0),
        source: Source::Tablet,
    }
}

/// A unit that goes 20 m a second to the east.
fn moving(unit: &str, secs: impl Iterator<Item = i64>) -> Vec<Fix> {
    secs.map(|at| fix(unit, at, 118.5 + at as f64 * 2e-4))
        .collect()
}

async fn written(folder: &Folder, fixes: &[Fix]) -> Tracks {
    let tracks = Tracks::open(folder.path(), 30).expect("tracks");
    for fix in fixes {
        tracks.offer(fix);
    }
    tracks.flush().await.expect("written");
    tracks
}

async fn all(tracks: &Tracks) -> Vec<Fix> {
    let all = tracks.fixes(None, Timestamp::MIN, Timestamp::MAX, MAX_FIXES);
    all.await.expect("fixes")
}

#[tokio::test]
async fn a_track_is_thinned_and_read_back_as_it_was() {
    let folder = Folder::new();
    let told = moving("u1", 0..60);
    let tracks = written(&folder, &told).await;
    let found = all(&tracks).await;
    let every_fifth: Vec<Fix> = told.into_iter().step_by(5).collect();
    assert_eq!(found, every_fifth);
    assert_eq!(tracks.oldest().await.expect("oldest"), Some(start()));
}

#[tokio::test]
async fn who_stands_is_noted_once_a_minute() {
    let folder = Folder::new();
    let told: Vec<Fix> = (0..=180).map(|secs| fix("u1", secs, 118.5)).collect();
    let tracks = written(&folder, &told).await;
    assert_eq!(all(&tracks).await.len(), 4);
}

#[tokio::test]
async fn nothing_is_lost_by_a_restart() {
    let folder = Folder::new();
    drop(written(&folder, &moving("u1", 0..60)).await);
    let again = written(&folder, &moving("u2", 0..60)).await;
    let found = all(&again).await;
    assert_eq!(found.len(), 24);
    assert!(found.is_sorted_by_key(|fix| (fix.at, fix.unit.clone())));
}

#[tokio::test]
async fn a_stretch_of_some_units_is_found() {
    let folder = Folder::new();
    let mut told = moving("u1", 0..600);
    told.extend(moving("u2", 0..600));
    told.extend(moving("u3", 3_000..3_600));
    let tracks = written(&folder, &told).await;
    let (from, to) = (start() + Span::secs(58), start() + Span::secs(3_010));
    let units = vec!["u1".parse().expect("id"), "u3".parse().expect("id")];
    let found = tracks.fixes(Some(units.clone()), from, to, 1_000).await;
    let found = found.expect("fixes");
    assert!(found.iter().all(|fix| fix.unit.as_str() != "u2"));
    assert!(found.iter().all(|fix| fix.at >= from && fix.at < to));
    assert!(found.is_sorted_by_key(|fix| fix.at));
    // 60 to 595 every 5 s, and 3000 and 3005.
    assert_eq!(found.len(), 108 + 2);
    let first = tracks.fixes(Some(units), from, to, 7).await.expect("fixes");
    assert_eq!(first, found[..7]);
    let unknown = vec!["nobody".parse().expect("id")];
    let none = tracks.fixes(Some(unknown), from, to, 7).await;
    assert!(none.expect("fixes").is_empty());
}

#[tokio::test]
async fn where_everybody_was_at_a_time() {
    let folder = Folder::new();
    let mut told = moving("u1", 0..600);
    told.push(fix("u2", 0, 118.5));
    let tracks = written(&folder, &told).await;
    let at = |secs| tracks.at(start() + Span::secs(secs));
    let mut both = at(302).await.expect("positions");
    both.sort_by(|a, b| a.unit.cmp(&b.unit));
    assert_eq!(both[0], told[300]);
    assert_eq!(both[1].at, start());
    // A quarter of an hour later nobody knows where the second is.
    let one = at(901).await.expect("positions");
    assert_eq!(one.len(), 1);
    assert!(at(-1).await.expect("positions").is_empty());
}

#[tokio::test]
async fn what_is_too_old_is_dropped() {
    let folder = Folder::new();
    let mut told = moving("u1", 0..600);
    told.push(fix("u1", 86_400 * 40, 118.5));
    let tracks = written(&folder, &told).await;
    let now = start() + Span::days(40);
    tracks.drop_old(now).await.expect("dropped");
    let left = all(&tracks).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].at, now);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_set_aside() {
    let folder = Folder::new();
    std::fs::write(path(folder.path()), vec![7_u8; 8_192]).expect("a file");
    let tracks = written(&folder, &moving("u1", 0..10)).await;
    assert_eq!(all(&tracks).await.len(), 2);
    assert!(folder.path().join("tracks.unread.db").exists());
}

#[tokio::test]
async fn nothing_is_kept_where_days_are_none() {
    let folder = Folder::new();
    let tracks = Tracks::open(folder.path(), 0).expect("tracks");
    tracks.offer(&fix("u1", 0, 118.5));
    tracks.flush().await.expect("written");
    assert!(all(&tracks).await.is_empty());
}

#[tokio::test]
async fn what_waits_is_written_when_the_node_stops() {
    let folder = Folder::new();
    let (stop, stopped) = watch::channel(false);
    let started = Tracks::start(folder.path(), 30, Clock::life(), stopped);
    let (tracks, task) = started.expect("tracks");
    for fix in moving("u1", 0..10) {
        let now = Clock::life().now();
        tracks.offer(&Fix {
            at: now + (fix.at - start()),
            ..fix
        });
    }
    stop.send(true).expect("a listener");
    within(task).await.expect("it ends");
    assert_eq!(all(&tracks).await.len(), 2);
}

#[tokio::test]
async fn what_waits_is_bounded() {
    let folder = Folder::new();
    let tracks = Tracks::open(folder.path(), 30).expect("tracks");
    for n in 0..MAX_WAITING + 10 {
        tracks.offer(&fix(&format!("u{n}"), 0, 118.5));
    }
    assert_eq!(tracks.heard().waiting.len(), MAX_WAITING);
    tracks.put_back(vec![fix("late", 9, 118.5)]);
    assert_eq!(tracks.heard().waiting.len(), MAX_WAITING);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Pages laid end to end are the whole, whatever the limit.
    #[test]
    fn pages_make_up_the_whole(seed in prop::collection::vec((0_u8..4, 0_i64..900), 1..60), limit in 1_usize..9) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(async {
            let folder = Folder::new();
            let mut told: Vec<Fix> = seed.iter().map(|(unit, secs)| fix(&format!("u{unit}"), *secs, 118.0 + *secs as f64 * 1e-3)).collect();
            told.sort_by_key(|fix| fix.at);
            let tracks = written(&folder, &told).await;
            let whole = all(&tracks).await;
            let mut from = Timestamp::MIN;
            let mut paged: Vec<Fix> = Vec::new();
            loop {
                // A page holds at least everything of one moment: four units at most.
                let page = tracks.fixes(None, from, Timestamp::MAX, limit + 4).await.expect("page");
                let Some(last) = page.last() else { break };
                let is_last = page.len() < limit + 4;
                let end = last.at;
                paged.extend(page.into_iter().filter(|fix| is_last || fix.at < end));
                if is_last { break }
                from = end;
            }
            prop_assert_eq!(paged, whole);
            Ok(())
        })?;
    }
}
