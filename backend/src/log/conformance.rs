//! What every kind of log must do, in one suite run against each of them.

use std::sync::Arc;

use super::testing::{Place, append, append_to, data, follow, put, record, within};
use super::{
    Append, AppendOutcome, EventLog, LedgerName, Log, LogError, OpenMode, Position, Record,
    Refusal, StreamName,
};

/// Each named function becomes a test against each kind, and against Redis in each set-up.
macro_rules! conformance {
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

conformance!(
    versions_count_from_one,
    a_stale_version_conflicts_and_writes_nothing,
    each_append_stands_by_itself,
    one_writer_wins,
    records_of_one_append_stay_together,
    reading_pages_through_everything,
    any_text_survives,
    a_subject_is_read_by_itself,
    tails_start_anywhere,
    tails_miss_and_repeat_nothing,
    a_slow_tail_catches_up,
    a_tail_given_up_half_way_loses_nothing,
    a_position_ahead_of_the_log_is_told,
    everything_is_there_after_reopening,
    ten_thousand_records,
    refusals_are_kept_newest_first,
    a_tool_reads_and_appends_to_ledgers_only,
);

async fn read_all(log: &EventLog) -> Vec<Record> {
    log.read(Position::START, 1_000_000)
        .await
        .expect("the log can be read")
        .records
}

async fn versions_count_from_one(place: Place) {
    let log = place.open().await;
    assert_eq!(put(&log, append("a", 0, &["1"])).await, 1);
    assert_eq!(put(&log, append("a", 1, &["2", "3"])).await, 3);
    assert_eq!(
        put(&log, append_to(StreamName::Sessions, "a", 0, &["4"])).await,
        1
    );
    let records = read_all(&log).await;
    assert_eq!(data(&records), ["1", "2", "3", "4"]);
    assert_eq!(
        records.iter().map(|r| r.version).collect::<Vec<_>>(),
        [1, 2, 3, 1]
    );
    assert_eq!(
        records.iter().map(|r| r.position.seq()).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(records[3].stream, StreamName::Sessions);
    assert_eq!(log.head().await.unwrap(), records[3].position);
    assert_eq!(log.append(Vec::new()).await.unwrap(), []);
}

async fn a_stale_version_conflicts_and_writes_nothing(place: Place) {
    let log = place.open().await;
    put(&log, append("a", 0, &["1", "2"])).await;
    for expected in [0, 1, 3] {
        let outcomes = log
            .append(vec![append("a", expected, &["x", "y"])])
            .await
            .unwrap();
        assert_eq!(outcomes, [AppendOutcome::Conflict { actual: 2 }]);
    }
    let outcomes = log
        .append(vec![append("unknown", 1, &["x"])])
        .await
        .unwrap();
    assert_eq!(outcomes, [AppendOutcome::Conflict { actual: 0 }]);
    assert_eq!(data(&read_all(&log).await), ["1", "2"]);
}

async fn each_append_stands_by_itself(place: Place) {
    let log = place.open().await;
    let appends = vec![
        append("a", 0, &["1"]),
        append("a", 0, &["x"]),
        append("a", 1, &["2"]),
        append("b", 0, &["3"]),
    ];
    let outcomes = log.append(appends).await.unwrap();
    let done = |version| AppendOutcome::Done { version };
    assert_eq!(
        outcomes,
        [
            done(1),
            AppendOutcome::Conflict { actual: 1 },
            done(2),
            done(1)
        ]
    );
    assert_eq!(data(&read_all(&log).await), ["1", "2", "3"]);
}

async fn one_writer_wins(place: Place) {
    let log = Arc::new(place.open().await);
    let tries = (0..16).map(|n| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            log.append(vec![append("a", 0, &[&n.to_string()])])
                .await
                .unwrap()[0]
        })
    });
    let mut done = 0;
    for outcome in futures_util::future::join_all(tries).await {
        match outcome.unwrap() {
            AppendOutcome::Done { version: 1 } => done += 1,
            AppendOutcome::Conflict { actual: 1 } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(read_all(&log).await.len(), 1);
}

async fn records_of_one_append_stay_together(place: Place) {
    let log = Arc::new(place.open().await);
    let mut tail = log.tail(Position::START);
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for i in 0..20 {
                    put(&*log, append(&format!("{n}-{i}"), 0, &["1", "2", "3"])).await;
                }
            })
        })
        .collect();
    let records = follow(&mut tail, 240).await;
    for three in records.chunks(3) {
        assert!(
            three.iter().all(|record| record.key == three[0].key),
            "{three:?}"
        );
        assert_eq!(data(three), ["1", "2", "3"]);
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn reading_pages_through_everything(place: Place) {
    let log = place.open().await;
    let streams = StreamName::ALL.into_iter().cycle().take(50).enumerate();
    let appends = streams
        .map(|(n, stream)| append_to(stream, &format!("k{n}"), 0, &[&n.to_string()]))
        .collect();
    log.append(appends).await.unwrap();
    for limit in [1, 7, 50, 1_000] {
        let (mut at, mut seen) = (Position::START, Vec::new());
        loop {
            let batch = log.read(at, limit).await.unwrap();
            assert_eq!(batch.from, at);
            assert!(batch.records.len() <= limit);
            if batch.records.is_empty() {
                assert_eq!(batch.to, at);
                break;
            }
            at = batch.to;
            seen.extend(batch.records);
        }
        let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        assert_eq!(data(&seen), expected);
        assert_eq!(at, log.head().await.unwrap());
    }
    assert!(
        log.read(Position::START, 0)
            .await
            .unwrap()
            .records
            .is_empty()
    );
}

async fn any_text_survives(place: Place) {
    let log = place.open().await;
    let texts = [
        "{\"标题\":\"井盖破损，需要尽快处理\"}",
        "",
        "a\r\nb\0c",
        "'; DROP TABLE events; --",
        "\u{1f6a8}",
    ];
    for (n, text) in texts.iter().enumerate() {
        put(&log, append(&format!("k{n} {text}"), 0, &[text])).await;
    }
    let records = read_all(&log).await;
    assert_eq!(data(&records), texts);
    let new = record(texts[0]);
    let old = &records[0];
    assert_eq!(old.key, format!("k0 {}", texts[0]));
    assert_eq!(
        (&old.at, &old.actor, &old.region, &old.kind),
        (&new.at, &new.actor, &new.region, &new.kind)
    );
}

async fn a_subject_is_read_by_itself(place: Place) {
    let log = place.open().await;
    put(&log, append("a", 0, &["1"])).await;
    put(&log, append("b", 0, &["x"])).await;
    put(&log, append("a", 1, &["2", "3"])).await;
    put(&log, append_to(StreamName::Deployments, "a", 0, &["y"])).await;
    let records = log.read_key(StreamName::Incidents, "a").await.unwrap();
    assert_eq!(data(&records), ["1", "2", "3"]);
    assert_eq!(
        records.iter().map(|r| r.version).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(records[2].position.seq(), 4);
    assert!(
        log.read_key(StreamName::Sessions, "a")
            .await
            .unwrap()
            .is_empty()
    );
}

async fn tails_start_anywhere(place: Place) {
    let log = place.open().await;
    for n in 0..6 {
        put(&log, append(&format!("k{n}"), 0, &[&n.to_string()])).await;
    }
    let places = read_all(&log).await;
    let mut from_start = log.tail(Position::START);
    let mut from_middle = log.tail(places[3].position);
    let mut from_head = log.tail(log.head().await.unwrap());
    put(&log, append("k6", 0, &["6"])).await;
    assert_eq!(
        data(&follow(&mut from_start, 7).await),
        ["0", "1", "2", "3", "4", "5", "6"]
    );
    assert_eq!(data(&follow(&mut from_middle, 3).await), ["4", "5", "6"]);
    assert_eq!(data(&follow(&mut from_head, 1).await), ["6"]);
}

async fn tails_miss_and_repeat_nothing(place: Place) {
    const WRITERS: usize = 6;
    const EACH: usize = 100;
    let log = Arc::new(place.open().await);
    let mut early = log.tail(Position::START);
    let writers =
        (0..WRITERS).map(|writer| tokio::spawn(write_many(Arc::clone(&log), writer, EACH)));
    let writers: Vec<_> = writers.collect();
    let mut seen = follow(&mut early, WRITERS * EACH / 3).await;
    // Others join while the writing goes on.
    let mut late = log.tail(Position::START);
    let mut resumed = log.tail(seen[10].position);
    seen.extend(follow(&mut early, WRITERS * EACH - seen.len()).await);
    let late = follow(&mut late, WRITERS * EACH).await;
    let resumed = follow(&mut resumed, WRITERS * EACH - 11).await;
    for writer in writers {
        writer.await.unwrap();
    }
    let all = read_all(&log).await;
    let seqs: Vec<u64> = all.iter().map(|record| record.position.seq()).collect();
    assert_eq!(seqs, (1..=(WRITERS * EACH) as u64).collect::<Vec<_>>());
    assert_eq!(seen, all);
    assert_eq!(late, all);
    assert_eq!(resumed, all[11..]);
}

/// Ever new versions of one subject, and now and then several subjects at once.
async fn write_many(log: Arc<EventLog>, writer: usize, count: usize) {
    let stream = StreamName::ALL[writer % 3];
    let mut version = 0;
    while version < count as u64 {
        let next = version + 1;
        let append = append_to(
            stream,
            &format!("writer {writer}"),
            version,
            &[&next.to_string()],
        );
        version = put(&*log, append).await;
    }
}

async fn a_slow_tail_catches_up(place: Place) {
    let log = place.open().await;
    let mut tail = log.tail(Position::START);
    // One by one, so that more batches pass than any feed keeps.
    for n in 0..300 {
        put(&log, append(&format!("k{n}"), 0, &[&n.to_string()])).await;
    }
    let seen = follow(&mut tail, 300).await;
    assert_eq!(seen, read_all(&log).await);
    put(&log, append("last", 0, &["last"])).await;
    assert_eq!(data(&follow(&mut tail, 1).await), ["last"]);
}

async fn a_tail_given_up_half_way_loses_nothing(place: Place) {
    let log = Arc::new(place.open().await);
    let mut tail = log.tail(Position::START);
    let writer = tokio::spawn(write_many(Arc::clone(&log), 0, 100));
    let mut seen = Vec::new();
    while seen.len() < 100 {
        // Polled once and dropped, again and again, with a real wait in between.
        tokio::select! {
            biased;
            batch = tail.next() => seen.extend(batch.unwrap().records),
            () = tokio::task::yield_now() => {}
        }
    }
    writer.await.unwrap();
    assert_eq!(seen, read_all(&log).await);
}

async fn a_position_ahead_of_the_log_is_told(place: Place) {
    let log = place.open().await;
    put(&log, append("a", 0, &["1"])).await;
    let head = log.head().await.unwrap();
    let ahead = Position::from_entry(head.millis() + 1, head.seq() + 1);
    let answer = within(log.tail(ahead).next()).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
}

async fn everything_is_there_after_reopening(place: Place) {
    let log = place.open().await;
    put(&log, append("a", 0, &["1", "2"])).await;
    let before = (log.epoch().clone(), log.secret(), log.head().await.unwrap());
    drop(log);
    let log = place.open().await;
    assert_eq!(
        (log.epoch().clone(), log.secret(), log.head().await.unwrap()),
        before
    );
    assert_ne!(log.secret(), [0; 32]);
    assert_eq!(
        log.append(vec![append("a", 1, &["x"])]).await.unwrap(),
        [AppendOutcome::Conflict { actual: 2 }]
    );
    put(&log, append("a", 2, &["3"])).await;
    let mut tail = log.tail(Position::START);
    assert_eq!(data(&follow(&mut tail, 3).await), ["1", "2", "3"]);
    assert!(log.health().borrow().is_up());
}

async fn ten_thousand_records(place: Place) {
    let log = place.open().await;
    let mut tail = log.tail(Position::START);
    let appends: Vec<Append> = (0..10_000)
        .map(|n| {
            append_to(
                StreamName::ALL[n % 3],
                &format!("k{n}"),
                0,
                &[&n.to_string()],
            )
        })
        .collect();
    let outcomes = log.append(appends).await.unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == AppendOutcome::Done { version: 1 })
    );
    let seen = follow(&mut tail, 10_000).await;
    let numbers: Vec<usize> = seen
        .iter()
        .map(|record| record.data.parse().unwrap())
        .collect();
    assert_eq!(numbers, (0..10_000).collect::<Vec<_>>());
    let mut late = log.tail(Position::START);
    assert_eq!(follow(&mut late, 10_000).await, seen);
}

async fn refusals_are_kept_newest_first(place: Place) {
    let log = place.open().await;
    let refusal = |n: u32| Refusal {
        source: "12345".to_owned(),
        code: "outside_county".to_owned(),
        reason: "坐标不在本县".to_owned(),
        body: format!("{{\"n\":{n}}}"),
        entry: String::new(),
        at: "2026-03-02T08:15:00.000+08:00".to_owned(),
    };
    for n in 0..3 {
        log.refuse(refusal(n)).await.unwrap();
    }
    assert_eq!(log.refusals(2).await.unwrap(), [refusal(2), refusal(1)]);
}

async fn a_tool_reads_and_appends_to_ledgers_only(place: Place) {
    let log = place.open().await;
    put(&log, append("a", 0, &["1"])).await;
    let tool = EventLog::open(&place.url(), place.county(), OpenMode::Tool)
        .await
        .unwrap();
    let bodies = vec!["{}".to_owned()];
    let entered = tool.ledger_append(LedgerName::Accounts, 0, bodies).await;
    assert_eq!(entered, Ok(AppendOutcome::Done { version: 1 }));
    assert!(matches!(
        tool.append(vec![append("b", 0, &["x"])]).await,
        Err(LogError::Closed { .. })
    ));
    put(&log, append("a", 1, &["2"])).await;
    assert_eq!(data(&read_all(&tool).await), ["1", "2"]);
    assert_eq!(tool.head().await.unwrap(), log.head().await.unwrap());
    assert_eq!(tool.secret(), log.secret());
}
