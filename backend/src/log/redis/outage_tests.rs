//! Bad days of a real Redis: killed, hung, emptied, written to by others.

use std::{sync::Arc, time::Duration};

use super::super::testing::{
    COUNTY, Place, RedisServer, append, data, follow, health, put, within,
};
use super::super::{
    AppendOutcome, EventLog, Finding, FindingLevel, Log, LogError, LogHealth, OpenMode, Position,
    Record, StreamName,
};

async fn open(server: &RedisServer) -> EventLog {
    EventLog::open(&server.url(), COUNTY, OpenMode::Serve)
        .await
        .expect("the log opens")
}

/// Writes `count` versions of one subject the way a projector does: tries again on the same version,
/// and takes a conflict with its own next version as the answer that was lost.
pub(super) async fn write_through(log: Arc<EventLog>, key: String, count: u64) {
    let mut up = log.health();
    let mut version = 0;
    while version < count {
        let next = (version + 1).to_string();
        match log.append(vec![append(&key, version, &[&next])]).await {
            Ok(outcomes) => match outcomes[0] {
                AppendOutcome::Done { version: now } | AppendOutcome::Conflict { actual: now } => {
                    assert_eq!(now, version + 1);
                    version = now;
                }
            },
            Err(LogError::Unavailable { .. }) => {
                tokio::task::yield_now().await;
                within(up.wait_for(LogHealth::is_up)).await.unwrap();
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_comes_back_without_gap() {
    let mut server = RedisServer::start();
    let log = Arc::new(open(&server).await);
    let mut tail = log.tail(Position::START);
    let writers: Vec<_> = (0..4)
        .map(|n| tokio::spawn(write_through(Arc::clone(&log), format!("w{n}"), 400)))
        .collect();
    let mut seen: Vec<Record> = follow(&mut tail, 200).await;
    for stop in [600, 1_000] {
        server.kill();
        let LogHealth::Down { why, .. } = health(&*log, false).await else {
            panic!("it is down")
        };
        assert!(why.contains("does not answer"), "{why}");
        server.restart();
        health(&*log, true).await;
        let missing = usize::saturating_sub(stop, seen.len());
        seen.extend(follow(&mut tail, missing).await);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let missing = usize::saturating_sub(1_600, seen.len());
    seen.extend(follow(&mut tail, missing).await);
    let seqs: Vec<u64> = seen.iter().map(|record| record.position.seq()).collect();
    assert_eq!(seqs, (1..=1_600).collect::<Vec<_>>());
    assert_eq!(
        seen,
        log.read(Position::START, 10_000).await.unwrap().records
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_callers_hear_at_once_and_are_told_when() {
    let mut server = RedisServer::start();
    let log = open(&server).await;
    server.kill();
    health(&log, false).await;
    let answer = log.append(vec![append("a", 0, &["1"])]).await;
    let Err(LogError::Unavailable {
        retry_after_secs, ..
    }) = answer
    else {
        panic!("{answer:?}")
    };
    assert!(retry_after_secs > 0);
    let again = EventLog::open(&server.url(), COUNTY, OpenMode::Serve).await;
    assert!(
        matches!(again, Err(LogError::Unavailable { .. })),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_noticed() {
    let server = RedisServer::start();
    let log = open(&server).await;
    let mut tail = log.tail(Position::START);
    put(&log, append("a", 0, &["1"])).await;
    follow(&mut tail, 1).await;
    server.hang();
    let noticed = tokio::time::timeout(Duration::from_secs(10), health(&log, false)).await;
    assert!(noticed.is_ok(), "screens must say degraded within 15 s");
    server.wake();
    health(&log, true).await;
    put(&log, append("a", 1, &["2"])).await;
    assert_eq!(data(&follow(&mut tail, 1).await), ["2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_functions_are_loaded_again() {
    let server = RedisServer::start();
    let log = open(&server).await;
    put(&log, append("a", 0, &["1"])).await;
    let () = redis::cmd("FUNCTION")
        .arg("FLUSH")
        .query_async(&mut server.connect().await)
        .await
        .unwrap();
    assert_eq!(put(&log, append("a", 1, &["2"])).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_is_another_log() {
    let server = RedisServer::start();
    let log = open(&server).await;
    put(&log, append("a", 0, &["1"])).await;
    let mut tail = log.tail(Position::START);
    follow(&mut tail, 1).await;
    let () = redis::cmd("FLUSHALL")
        .query_async(&mut server.connect().await)
        .await
        .unwrap();
    let answer = log.append(vec![append("b", 0, &["x"])]).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
    let answer = within(tail.next()).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
    let LogHealth::Down { why, .. } = health(&log, false).await else {
        panic!("it is down")
    };
    assert!(why.contains("restart the node"), "{why}");
    // A node that starts now gets a new log; the old one does not mix into it.
    let fresh = open(&server).await;
    assert_ne!(fresh.epoch(), log.epoch());
    put(&fresh, append("b", 0, &["1"])).await;
    let answer = log.append(vec![append("b", 1, &["x"])]).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_of_others_do_no_harm() {
    let server = RedisServer::start();
    let log = open(&server).await;
    let mut tail = log.tail(Position::START);
    put(&log, append("a", 0, &["1"])).await;
    follow(&mut tail, 1).await;
    let mut connection = server.connect().await;
    let stream = format!("gridlamp:{{{COUNTY}}}:incidents");
    for id in ["*", "99999999999999-5"] {
        let added: String = redis::cmd("XADD")
            .arg(&stream)
            .arg(id)
            .arg("key")
            .arg("x")
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(!added.is_empty());
        let version = log
            .read_key(StreamName::Incidents, "a")
            .await
            .unwrap()
            .len() as u64;
        put(&log, append("a", version, &["again"])).await;
        assert_eq!(data(&follow(&mut tail, 1).await), ["again"]);
    }
    assert_eq!(
        log.read(Position::START, 10).await.unwrap().records.len(),
        3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_see_one_order() {
    let place = Place::redis();
    let (one, two) = (Arc::new(place.open().await), Arc::new(place.open().await));
    let (mut tail_one, mut tail_two) = (one.tail(Position::START), two.tail(Position::START));
    let write = |log: &Arc<EventLog>, key: &str| {
        tokio::spawn(write_through(Arc::clone(log), key.to_owned(), 200))
    };
    let writers = [
        write(&one, "a"),
        write(&two, "b"),
        write(&one, "c"),
        write(&two, "d"),
    ];
    let (seen_one, seen_two) = tokio::join!(follow(&mut tail_one, 800), follow(&mut tail_two, 800));
    assert_eq!(seen_one, seen_two);
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_knows_a_redis_without_file() {
    let worst = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.level).max();
    let durable = RedisServer::start();
    assert_eq!(
        worst(open(&durable).await.doctor().await),
        Some(FindingLevel::Warning)
    );
    let forgetful = RedisServer::start_with(false);
    let findings = open(&forgetful).await.doctor().await;
    assert!(
        findings
            .iter()
            .any(|finding| finding.remedy.contains("appendonly yes")),
        "{findings:?}"
    );
    assert_eq!(worst(findings), Some(FindingLevel::Error));
}
