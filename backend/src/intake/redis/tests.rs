//! Against a real Redis.

use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::JoinHandle,
};

use super::*;
use crate::log::testing::{COUNTY, RedisServer, Sentinels, health, within};
use crate::log::{Log, OpenMode};

struct Node {
    log: RedisLog,
    stop: watch::Sender<bool>,
    heard: UnboundedReceiver<String>,
    task: JoinHandle<Result<(), LogError>>,
}

/// A consumer that tells what it hears; the first `later` entry has to wait once.
async fn node(server: &RedisServer, name: &str, claim_after_millis: u64) -> Node {
    node_at(&server.url(), name, claim_after_millis).await
}

async fn node_at(url: &str, name: &str, claim_after_millis: u64) -> Node {
    let log = RedisLog::open(url, COUNTY, OpenMode::Serve)
        .await
        .expect("the log opens");
    let (stop, shutdown) = watch::channel(false);
    let (tell, heard) = mpsc::unbounded_channel();
    let open = Arc::new(watch::Sender::new(false));
    let handler = move |_id: String, report: Vec<u8>| {
        let text = String::from_utf8(report).expect("checked before");
        let verdict = verdict(&text, &open);
        let _ = tell.send(text);
        std::future::ready(verdict)
    };
    let settings = ConsumerSettings {
        consumer: name.to_owned(),
        claim_after: Duration::from_millis(claim_after_millis),
    };
    let task = tokio::spawn(consume(log.clone(), settings, shutdown, handler));
    Node {
        log,
        stop,
        heard,
        task,
    }
}

fn verdict(text: &str, open: &watch::Sender<bool>) -> Verdict {
    if text.contains("bad") {
        return Verdict::Refused {
            code: "outside_county".to_owned(),
            reason: "not here".to_owned(),
        };
    }
    // Told to wait once, then taken.
    if text.contains("later") && !open.send_replace(true) {
        Verdict::Later
    } else {
        Verdict::Accepted
    }
}

impl Node {
    async fn hear(&mut self) -> String {
        within(self.heard.recv()).await.expect("the consumer runs")
    }

    async fn end(self) {
        self.stop.send_replace(true);
        within(self.task)
            .await
            .expect("no panic")
            .expect("a clean end");
    }
}

async fn add(server: &RedisServer, field: &str, value: &[u8]) -> String {
    let mut command = redis::cmd("XADD");
    command
        .arg(format!("gridlamp:{{{COUNTY}}}:intake"))
        .arg("*")
        .arg(field)
        .arg(value);
    command
        .query_async(&mut server.connect().await)
        .await
        .expect("added")
}

async fn pending(server: &RedisServer) -> u64 {
    let mut command = redis::cmd("XPENDING");
    command
        .arg(format!("gridlamp:{{{COUNTY}}}:intake"))
        .arg(GROUP);
    let summary: Vec<Value> = command
        .query_async(&mut server.connect().await)
        .await
        .expect("a summary");
    redis::from_redis_value(summary[0].clone()).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_before_and_after_the_start_is_taken_and_acknowledged() {
    let server = RedisServer::start();
    add(&server, "report", b"first").await;
    let mut node = node(&server, "n1", 30_000).await;
    assert_eq!(node.hear().await, "first");
    add(&server, "report", b"second").await;
    assert_eq!(node.hear().await, "second");
    node.end().await;
    assert_eq!(pending(&server).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_is_kept_with_its_reason() {
    let server = RedisServer::start();
    let wrong_field = add(&server, "text", b"x").await;
    add(&server, "report", b"\xff\xfe").await;
    add(&server, "report", br#"{"source":"12345","bad":1}"#).await;
    add(&server, "report", b"good").await;
    let mut node = node(&server, "n1", 30_000).await;
    while node.hear().await != "good" {}
    let log = node.log.clone();
    node.end().await;
    assert_eq!(pending(&server).await, 0);
    let refused = log.refusals(10).await.expect("refusals");
    let codes: Vec<&str> = refused
        .iter()
        .rev()
        .map(|refusal| refusal.code.as_str())
        .collect();
    assert_eq!(
        codes,
        ["missing_report", "invalid_encoding", "outside_county"]
    );
    assert_eq!(refused[2].entry, wrong_field);
    assert_eq!(refused[0].source, "12345");
    assert!(refused.iter().all(|refusal| !refusal.at.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_wait_comes_again() {
    let server = RedisServer::start();
    let mut node = node(&server, "n1", 30_000).await;
    add(&server, "report", b"later").await;
    assert_eq!(node.hear().await, "later");
    assert_eq!(node.hear().await, "later");
    node.end().await;
    assert_eq!(pending(&server).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_consumer_left_is_claimed() {
    let server = RedisServer::start();
    add(&server, "report", b"first").await;
    let mut first = node(&server, "n1", 30_000).await;
    assert_eq!(first.hear().await, "first");
    first.end().await;
    add(&server, "report", b"orphan").await;
    // A consumer that takes an entry and dies before it does anything.
    let mut command = redis::cmd("XREADGROUP");
    command.arg("GROUP").arg(GROUP).arg("dead").arg("STREAMS");
    command
        .arg(format!("gridlamp:{{{COUNTY}}}:intake"))
        .arg(">");
    let _: Value = command
        .query_async(&mut server.connect().await)
        .await
        .expect("taken");
    assert_eq!(pending(&server).await, 1);
    let mut second = node(&server, "n2", 0).await;
    assert_eq!(second.hear().await, "orphan");
    second.end().await;
    assert_eq!(pending(&server).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_is_waited_for() {
    let mut server = RedisServer::start();
    let mut node = node(&server, "n1", 30_000).await;
    add(&server, "report", b"before").await;
    assert_eq!(node.hear().await, "before");
    server.kill();
    server.restart();
    add(&server, "report", b"after").await;
    while node.hear().await != "after" {}
    node.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_over_is_followed() {
    let mut set = Sentinels::start().await;
    let mut node = node_at(&set.url(), "n1", 30_000).await;
    add(&set.master, "report", b"before").await;
    assert_eq!(node.hear().await, "before");
    set.ready().await;
    set.master.replicated().await;
    set.master.kill();
    health(&node.log, false).await;
    health(&node.log, true).await;
    add(&set.replica, "report", b"after").await;
    while node.hear().await != "after" {}
    node.end().await;
    assert_eq!(pending(&set.replica).await, 0);
}
