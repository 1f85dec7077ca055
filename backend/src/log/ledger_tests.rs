//! What ledgers and marks do, on each kind of log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::testing::{
    COUNTY, Place, RedisServer, Sentinels, append as to_log, health, put, within,
};
use super::{AppendOutcome, EventLog, LedgerName, Log, LogError, LogHealth, OpenMode, Position};

macro_rules! on_all {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::embedded()).await; })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::redis()).await; })+
        }
        mod sentinels {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::sentinels().await).await; })+
        }
        mod cluster {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::cluster().await).await; })+
        }
    };
}

on_all!(
    entries_count_from_one_and_read_back,
    all_of_an_append_or_nothing,
    one_of_many_wins_each_place,
    the_ledgers_are_apart,
    what_a_tool_appends_is_told,
    what_a_tool_appends_is_told_within_half_a_second,
    everything_is_there_after_reopening,
    the_newer_mark_stays,
);

const ONE: LedgerName = LedgerName::Accounts;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn append(log: &EventLog, expected: u64, bodies: &[&str]) -> AppendOutcome {
    log.ledger_append(ONE, expected, texts(bodies))
        .await
        .expect("answers")
}

async fn all(log: &EventLog, ledger: LedgerName) -> Vec<(u64, String)> {
    let entries = log
        .ledger_read(ledger, 0, 1_000)
        .await
        .expect("can be read");
    entries.into_iter().map(|e| (e.seq, e.body)).collect()
}

async fn entries_count_from_one_and_read_back(place: Place) {
    let log = place.open().await;
    assert_eq!(all(&log, ONE).await, []);
    assert_eq!(
        append(&log, 0, &["a"]).await,
        AppendOutcome::Done { version: 1 }
    );
    let outcome = append(&log, 1, &["b", "{\"王\": \"\\u0000\"}"]).await;
    assert_eq!(outcome, AppendOutcome::Done { version: 3 });
    let page = log.ledger_read(ONE, 1, 1).await.expect("can be read");
    assert_eq!(
        (page.len(), page[0].seq, page[0].body.as_str()),
        (1, 2, "b")
    );
    assert_eq!(all(&log, ONE).await[2].1, "{\"王\": \"\\u0000\"}");
}

async fn all_of_an_append_or_nothing(place: Place) {
    let log = place.open().await;
    append(&log, 0, &["a", "b"]).await;
    for expected in [0, 1, 3] {
        let outcome = append(&log, expected, &["c", "d"]).await;
        assert_eq!(outcome, AppendOutcome::Conflict { actual: 2 }, "{expected}");
    }
    assert_eq!(all(&log, ONE).await.len(), 2);
}

async fn one_of_many_wins_each_place(place: Place) {
    let log = Arc::new(place.open().await);
    let mut tasks = Vec::new();
    for who in 0..4 {
        let log = Arc::clone(&log);
        tasks.push(tokio::spawn(async move {
            let mut expected = 0;
            for n in 0..25 {
                loop {
                    match append(&log, expected, &[&format!("{who}-{n}")]).await {
                        AppendOutcome::Done { version } => break expected = version,
                        AppendOutcome::Conflict { actual } => expected = actual,
                    }
                }
            }
        }));
    }
    for task in tasks {
        task.await.expect("no panic");
    }
    let entries = all(&log, ONE).await;
    assert!(entries.iter().map(|(seq, _)| *seq).eq(1..=100));
    let mut bodies: Vec<_> = entries.into_iter().map(|(_, body)| body).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 100);
}

async fn the_ledgers_are_apart(place: Place) {
    let log = place.open().await;
    append(&log, 0, &["a"]).await;
    for other in [LedgerName::Audit, LedgerName::Notices] {
        assert_eq!(all(&log, other).await, []);
        let appended = log.ledger_append(other, 0, texts(&["b"])).await;
        assert_eq!(appended, Ok(AppendOutcome::Done { version: 1 }));
        let mut watch = log.ledger_watch(other);
        assert!(within(watch.wait_for(|seq| *seq == 1)).await.is_ok());
    }
    assert_eq!(all(&log, ONE).await, [(1, "a".to_owned())]);
}

async fn what_a_tool_appends_is_told(place: Place) {
    let log = place.open().await;
    let mut watch = log.ledger_watch(ONE);
    let tool = EventLog::open(&place.url(), place.county(), OpenMode::Tool)
        .await
        .expect("the log opens");
    append(&tool, 0, &["a", "b"]).await;
    assert!(within(watch.wait_for(|seq| *seq == 2)).await.is_ok());
    append(&log, 2, &["c"]).await;
    assert!(within(watch.wait_for(|seq| *seq == 3)).await.is_ok());
}

/// Of a few appends the fastest counts: the machine may be busy.
async fn what_a_tool_appends_is_told_within_half_a_second(place: Place) {
    let log = place.open().await;
    let mut watch = log.ledger_watch(ONE);
    let tool = EventLog::open(&place.url(), place.county(), OpenMode::Tool)
        .await
        .expect("the log opens");
    let mut fastest = Duration::MAX;
    for known in 0..5 {
        append(&tool, known, &["a"]).await;
        let began = Instant::now();
        let told = within(watch.wait_for(|seq| *seq == known + 1)).await;
        assert!(told.is_ok());
        fastest = fastest.min(began.elapsed());
    }
    assert!(fastest < Duration::from_millis(500), "{fastest:?}");
}

async fn everything_is_there_after_reopening(place: Place) {
    let log = place.open().await;
    append(&log, 0, &["a"]).await;
    log.marks_put("wall", vec![("w".to_owned(), 5)])
        .await
        .expect("kept");
    drop(log);
    let log = place.open().await;
    assert_eq!(all(&log, ONE).await, [(1, "a".to_owned())]);
    let marks = log.marks("wall").await;
    assert_eq!(marks, Ok(vec![("w".to_owned(), 5)]));
    let mut watch = log.ledger_watch(ONE);
    assert!(within(watch.wait_for(|seq| *seq == 1)).await.is_ok());
}

async fn the_newer_mark_stays(place: Place) {
    let log = place.open().await;
    let mark = |id: &str, at| (id.to_owned(), at);
    for marks in [
        vec![mark("a", 10), mark("b", 1)],
        vec![mark("a", 7), mark("b", 2)],
        vec![],
    ] {
        log.marks_put("wall", marks).await.expect("kept");
    }
    log.marks_put("token", vec![mark("a", 1)])
        .await
        .expect("kept");
    let marks = log.marks("wall").await;
    assert_eq!(marks, Ok(vec![mark("a", 10), mark("b", 2)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_ledgers_gets_them() {
    let place = Place::embedded();
    let log = place.open().await;
    put(&log, to_log("a", 0, &["1"])).await;
    drop(log);
    let url = place.url();
    let path = url.strip_prefix("sqlite:").expect("a file");
    let before = "DROP TABLE ledgers; DROP TABLE marks;";
    let file = rusqlite::Connection::open(path).expect("opens");
    file.execute_batch(before).expect("as an older one left it");
    drop(file);
    let log = place.open().await;
    assert_eq!(log.head().await, Ok(Position::from_seq(1)));
    assert_eq!(
        append(&log, 0, &["a"]).await,
        AppendOutcome::Done { version: 1 }
    );
    assert_eq!(log.marks("wall").await, Ok(vec![]));
}

/// Accounts that were read and are gone would let in whom no other node knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_that_were_lost_make_another_log() {
    let server = RedisServer::start();
    let place = Place::Redis(server);
    let log = place.open().await;
    let mut tail = log.tail(Position::START);
    append(&log, 0, &["a", "b"]).await;
    assert_eq!(all(&log, ONE).await.len(), 2);
    let Place::Redis(server) = &place else { return };
    let key = format!("gridlamp:{{{COUNTY}}}:accounts");
    let _gone: u64 = server.ask(&format!("XDEL {key} 2-0")).await;
    let answer = within(tail.next()).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
    let LogHealth::Down { why, .. } = health(&log, false).await else {
        panic!("it is down")
    };
    assert!(why.contains("no longer holds entry 2"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_no_replica_confirms_is_not_answered_for() {
    let mut set = Sentinels::start().await;
    let url = format!("{}?replicas=1", set.url());
    let log = EventLog::open(&url, COUNTY, OpenMode::Serve)
        .await
        .expect("the log opens");
    assert_eq!(
        append(&log, 0, &["a"]).await,
        AppendOutcome::Done { version: 1 }
    );
    set.replica.kill();
    let answer = log.ledger_append(ONE, 1, texts(&["b"])).await;
    let Err(LogError::Unavailable { why, .. }) = answer else {
        panic!("{answer:?}")
    };
    assert!(why.contains("0 of 1 replicas"), "{why}");
}
