//! Another server takes over: promoted by sentinels, elected by a cluster, or given the slot.

use std::sync::Arc;

use super::super::testing::{
    COUNTY, Cluster, RedisServer, Sentinels, append, data, follow, health, put, sets, within,
};
use super::super::{EventLog, Log, LogError, LogHealth, OpenMode, Position, Record};
use super::outage_tests::write_through;

async fn open(url: &str) -> EventLog {
    EventLog::open(url, COUNTY, OpenMode::Serve)
        .await
        .expect("the log opens")
}

fn seqs(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.position.seq()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_promote_a_replica() {
    let mut set = Sentinels::start().await;
    let log = Arc::new(open(&set.url()).await);
    let mut tail = log.tail(Position::START);
    put(&*log, append("a", 0, &["1"])).await;
    let mut seen = follow(&mut tail, 1).await;
    set.ready().await;
    set.master.replicated().await;
    set.master.kill();
    health(&*log, false).await;
    within(write_through(Arc::clone(&log), "b".to_owned(), 50)).await;
    seen.extend(follow(&mut tail, 50).await);
    assert_eq!(seqs(&seen), (1..=51).collect::<Vec<_>>());
    let role: Vec<redis::Value> = set.replica.ask("ROLE").await;
    assert_eq!(role[0], redis::Value::BulkString(b"master".to_vec()));
    let unknown = set.url().replace("/main", "/other");
    let answer = EventLog::open(&unknown, COUNTY, OpenMode::Serve).await;
    assert!(answer.is_err_and(|e| e.to_string().contains("know no master of this name")));
    // One sentinel less makes no difference.
    set.watchers[0].kill();
    let again = open(&set.url()).await;
    assert_eq!(again.epoch(), log.epoch());
    assert_eq!(
        again.read(Position::START, 100).await.unwrap().records,
        seen
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_no_replica_confirms_is_not_answered_for() {
    let mut set = Sentinels::start().await;
    let log = open(&format!("{}?replicas=1", set.url())).await;
    set.ready().await;
    set.master.replicated().await;
    put(&log, append("a", 0, &["1"])).await;
    set.replica.kill();
    let answer = log.append(vec![append("a", 1, &["2"])]).await;
    let Err(LogError::Unavailable { why, .. }) = answer else {
        panic!("{answer:?}")
    };
    assert!(why.contains("0 of 1 replicas"), "{why}");
    set.replica.restart();
    set.replica.says("Finished with success").await;
    // It was written all the same, and is confirmed now.
    assert_eq!(put(&log, append("a", 2, &["3"])).await, 3);
}

/// The old master still answers, so that only the sentinels tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_lacks_what_was_read_is_another_log() {
    let old = RedisServer::start();
    let of = old.port().to_string();
    let mut new = RedisServer::start_as(|_, _| {
        ["--replicaof", "127.0.0.1", &of]
            .map(str::to_owned)
            .to_vec()
    });
    let sentinel = sets::sentinel(old.port(), 1);
    let url = format!(
        "redis+sentinel://127.0.0.1:{}/{}",
        sentinel.port(),
        sets::MASTER
    );
    let log = open(&url).await;
    put(&log, append("a", 0, &["1"])).await;
    let mut tail = log.tail(Position::START);
    follow(&mut tail, 1).await;
    new.says("Finished with success").await;
    old.replicated().await;
    let () = sentinel
        .ask(&format!("SENTINEL REMOVE {}", sets::MASTER))
        .await;
    let () = new.ask("REPLICAOF NO ONE").await;
    put(&log, append("a", 1, &["lost"])).await;
    assert_eq!(data(&follow(&mut tail, 1).await), ["lost"]);
    // The new master goes on without it, past where the old one had come.
    let other = open(&new.url()).await;
    put(&other, append("a", 1, &["2"])).await;
    put(&other, append("a", 2, &["3"])).await;
    let port = new.port();
    let () = sentinel
        .ask(&format!(
            "SENTINEL MONITOR {} 127.0.0.1 {port} 1",
            sets::MASTER
        ))
        .await;
    let LogHealth::Down { why, .. } = health(&log, false).await else {
        panic!("it is down")
    };
    assert!(why.contains("did a replica take over"), "{why}");
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
    // What was read is not continued by what followed elsewhere.
    let old_end = open(&old.url()).await.head().await.unwrap();
    let answer = other.read(old_end, 10).await;
    assert!(
        matches!(answer, Err(LogError::Diverged { .. })),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slot_of_a_county_moves_to_another_master() {
    let cluster = Cluster::start(0).await;
    let slot = cluster.slot(COUNTY).await;
    let from = Cluster::first_owner(slot);
    let to = (from + 1) % 3;
    let log = Arc::new(open(&cluster.url()).await);
    let mut tail = log.tail(Position::START);
    let mut seen: Vec<Record> = Vec::new();
    for (before, owner, next) in [(0, from, to), (1, to, from)] {
        let writer = tokio::spawn(write_through(Arc::clone(&log), format!("w{before}"), 200));
        seen.extend(follow(&mut tail, 50).await);
        cluster.move_slot(slot, owner, next).await;
        within(writer).await.unwrap();
        let missing = (200 * (before + 1)) - seen.len();
        seen.extend(follow(&mut tail, missing).await);
    }
    assert_eq!(seqs(&seen), (1..=400).collect::<Vec<_>>());
    assert!(health(&*log, true).await.is_up());
    assert_eq!(
        log.read(Position::START, 1_000).await.unwrap().records,
        seen
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_elects_a_replica() {
    let mut cluster = Cluster::start(1).await;
    let owner = Cluster::first_owner(cluster.slot(COUNTY).await);
    let id: String = cluster.nodes[owner].ask("CLUSTER MYID").await;
    let () = cluster.nodes[3]
        .ask(&format!("CLUSTER REPLICATE {id}"))
        .await;
    cluster.nodes[3].says("Finished with success").await;
    // The only seed is the one that dies: the others are known from it.
    let seed = cluster.nodes[owner].port();
    let log = Arc::new(open(&format!("redis+cluster://127.0.0.1:{seed}")).await);
    let mut tail = log.tail(Position::START);
    put(&*log, append("a", 0, &["1"])).await;
    let mut seen = follow(&mut tail, 1).await;
    cluster.nodes[owner].replicated().await;
    cluster.nodes[owner].kill();
    health(&*log, false).await;
    within(write_through(Arc::clone(&log), "b".to_owned(), 50)).await;
    seen.extend(follow(&mut tail, 50).await);
    assert_eq!(seqs(&seen), (1..=51).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_of_a_cluster_says_what_to_write() {
    let cluster = Cluster::shared().await;
    let owner = Cluster::first_owner(cluster.slot(COUNTY).await);
    let other = cluster.nodes[(owner + 1) % 3].url();
    let answer = EventLog::open(&other, COUNTY, OpenMode::Serve).await;
    let Err(LogError::Address { why, .. }) = answer else {
        panic!("{answer:?}")
    };
    assert!(why.contains("redis+cluster://"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_warns_of_replicas_that_guard_nothing() {
    let mut set = Sentinels::start().await;
    let log = open(&set.url()).await;
    let unguarded = log.doctor().await;
    assert!(
        unguarded
            .iter()
            .any(|finding| finding.remedy.contains("min-replicas-to-write 1")),
        "{unguarded:?}"
    );
    set.ready().await;
    set.master.replicated().await;
    for server in [&set.master, &set.replica] {
        let () = server.ask("CONFIG SET min-replicas-to-write 1").await;
    }
    // On a machine that stalls the replica may lag or the sentinels change over meanwhile, and the
    // guarded master then refuses to write; the set heals.
    let guarded = format!("{}?replicas=1", set.url());
    within(async {
        let log = loop {
            match EventLog::open(&guarded, COUNTY, OpenMode::Serve).await {
                Ok(log) => break log,
                Err(LogError::Unavailable { .. }) => tokio::task::yield_now().await,
                Err(other) => panic!("{other}"),
            }
        };
        while log
            .doctor()
            .await
            .iter()
            .any(|finding| finding.remedy.contains("replica"))
        {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rights_of_the_manual_are_enough() {
    let mut set = Sentinels::start().await;
    let rights =
        "+@read +@write +@stream +@scripting +@transaction +@connection +role +info +time +wait";
    let user = format!("ACL SETUSER app on >p@ss ~gridlamp:{{{COUNTY}}}:* {rights}");
    let () = set.master.ask(&user).await;
    let () = set.watchers[0]
        .ask("ACL SETUSER watch on >seen +sentinel")
        .await;
    let () = set.watchers[0].ask("ACL SETUSER default off").await;
    set.watchers[1].kill();
    set.watchers[2].kill();
    let hosts = set.url().replace("redis+sentinel://", "");
    let url = format!(
        "redis+sentinel://app:p%40ss@{hosts}?replicas=1&sentinel_user=watch&sentinel_password=seen"
    );
    let log = open(&url).await;
    let mut tail = log.tail(Position::START);
    put(&log, append("a", 0, &["1"])).await;
    assert_eq!(data(&follow(&mut tail, 1).await), ["1"]);
    assert_eq!(log.read(Position::START, 9).await.unwrap().records.len(), 1);
    let findings = log.doctor().await;
    let refused = findings
        .iter()
        .any(|finding| finding.what.contains("NOPERM"));
    assert!(!refused, "{findings:?}");
}
