//! Positions over Redis: what other systems put on the stream reaches every node, and what one node
//! hears by HTTP or from a terminal reaches the others. Positions are worth something for a minute:
//! the stream is trimmed, each node follows it from now on, and what can't be sent is not kept.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::deployment::position::{Fix, Ignored, Source};
use redis::aio::MultiplexedConnection;
use redis::{Pipeline, Value};
use tokio::sync::watch;
use tokio::time::{interval, sleep};

use crate::account::secret;
use crate::http::Server;
use crate::log::{Backoff, LogError, RedisLog};

/// Entries the stream keeps, about: ten seconds of 2,000 units.
const KEPT: usize = 20_000;
/// How often what was heard here is sent on.
const SEND_EVERY: Duration = Duration::from_millis(200);
/// Positions waiting to be sent on, at most.
const MAX_WAITING: usize = 20_000;
/// Entries read at once.
const COUNT: usize = 2_000;
/// How long a read waits for new entries.
const BLOCK: Duration = Duration::from_secs(5);
/// Largest position looked at, in bytes.
const MAX_BYTES: usize = 4_096;

/// What was heard here and has not been sent on; holds nothing where there is nobody to send it to.
#[derive(Debug)]
pub struct Relay {
    /// This run of this node; none on an embedded log.
    node: Option<String>,
    waiting: Mutex<Vec<Fix>>,
}

impl Relay {
    /// For a node whose log is in Redis, or alone.
    pub fn new(is_shared: bool) -> Self {
        Self {
            node: is_shared.then(secret::new_id).and_then(Result::ok),
            waiting: Mutex::default(),
        }
    }

    fn offer(&self, fix: &Fix) {
        if self.node.is_none() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            metrics::counter!("gridlamp_positions_not_shared_total").increment(1);
            return;
        }
        waiting.push(fix.clone());
    }

    fn take(&self) -> Vec<Fix> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut waiting)
    }
}

/// Takes a position heard by this node, and has the others hear of it.
///
/// # Errors
/// Why it counts for nothing.
pub fn take(server: &Server, fix: Fix) -> Result<(), Ignored> {
    let heard = fix.clone();
    server.positions.take(fix, server.clock.now())?;
    server.relay.offer(&heard);
    Ok(())
}

/// Shares positions until `shutdown` turns true; does nothing on an embedded log.
pub async fn run(server: Server, mut shutdown: watch::Receiver<bool>) {
    let Some((log, node)) = server
        .log
        .as_redis()
        .cloned()
        .zip(server.relay.node.clone())
    else {
        return;
    };
    tokio::select! {
        () = send(&server, &log, &node) => {}
        () = follow(&server, &log, &node) => {}
        _ = shutdown.wait_for(|stop| *stop) => {}
    }
}

async fn send(server: &Server, log: &RedisLog, node: &str) {
    let mut tick = interval(SEND_EVERY);
    loop {
        tick.tick().await;
        let waiting = server.relay.take();
        if waiting.is_empty() {
            continue;
        }
        let mut pipeline = Pipeline::new();
        for fix in &waiting {
            let Ok(text) = serde_json::to_string(fix) else {
                continue;
            };
            let add = pipeline.cmd("XADD").arg(&log.keys().positions);
            add.arg("MAXLEN").arg("~").arg(KEPT).arg("*");
            add.arg("p").arg(text).arg("node").arg(node).ignore();
        }
        if let Err(error) = log.link().run_all::<()>(&pipeline).await {
            // The next second knows them again.
            metrics::counter!("gridlamp_positions_not_shared_total")
                .increment(waiting.len() as u64);
            tracing::debug!(%error, count = waiting.len(), "positions did not reach the other nodes");
        }
    }
}

async fn follow(server: &Server, log: &RedisLog, node: &str) {
    let mut pause = Backoff::new(100, 5_000);
    let mut last = None;
    loop {
        if let Err(error) = read_on(server, log, node, &mut last, &mut pause).await {
            tracing::debug!(%error, "positions from Redis are interrupted");
        }
        sleep(pause.next()).await;
    }
}

/// Reads until a break.
async fn read_on(
    server: &Server,
    log: &RedisLog,
    node: &str,
    last: &mut Option<(u64, u64)>,
    pause: &mut Backoff,
) -> Result<(), LogError> {
    let place = log.link().place();
    let mut connection = log.link().dedicated(BLOCK).await?;
    let head = head(log, &mut connection).await?;
    // From now on; or from where we were, unless that lies ahead of a Redis that was emptied.
    let mut at = last.filter(|last| *last <= head).unwrap_or(head);
    loop {
        log.link().still(place)?;
        let mut command = redis::cmd("XREAD");
        command
            .arg("COUNT")
            .arg(COUNT)
            .arg("BLOCK")
            .arg(BLOCK.as_millis() as u64);
        command
            .arg("STREAMS")
            .arg(&log.keys().positions)
            .arg(format!("{}-{}", at.0, at.1));
        let reply: Option<Vec<(String, Vec<Value>)>> = ask(log, &mut connection, &command).await?;
        pause.reset();
        for entry in reply.into_iter().flatten().flat_map(|(_, entries)| entries) {
            let Some(entry) = Entry::read(entry) else {
                continue;
            };
            at = entry.id;
            *last = Some(at);
            entry.hear(server, node);
        }
    }
}

async fn head(
    log: &RedisLog,
    connection: &mut MultiplexedConnection,
) -> Result<(u64, u64), LogError> {
    let mut command = redis::cmd("XREVRANGE");
    command
        .arg(&log.keys().positions)
        .arg("+")
        .arg("-")
        .arg("COUNT")
        .arg(1);
    let reply: Vec<Value> = ask(log, connection, &command).await?;
    let newest = reply.into_iter().find_map(Entry::read);
    Ok(newest.map_or((0, 0), |entry| entry.id))
}

async fn ask<T: redis::FromRedisValue>(
    log: &RedisLog,
    connection: &mut MultiplexedConnection,
    command: &redis::Cmd,
) -> Result<T, LogError> {
    command.query_async(connection).await.map_err(|error| {
        log.link().suspect();
        log.link().explain(&error)
    })
}

/// One entry of the stream.
#[derive(Debug, PartialEq)]
struct Entry {
    id: (u64, u64),
    position: Vec<u8>,
    /// The node that heard it; none of what another system put there.
    node: Option<Vec<u8>>,
}

impl Entry {
    fn read(value: Value) -> Option<Self> {
        type Fields = Vec<(Vec<u8>, Vec<u8>)>;
        let (id, fields): (String, Fields) = redis::from_redis_value(value).ok()?;
        let (millis, number) = id.split_once('-')?;
        let mut entry = Self {
            id: (millis.parse().ok()?, number.parse().ok()?),
            position: Vec::new(),
            node: None,
        };
        for (name, value) in fields {
            match name.as_slice() {
                b"p" => entry.position = value,
                b"node" => entry.node = Some(value),
                _ => {}
            }
        }
        Some(entry)
    }

    /// Takes it in, unless it was heard here in the first place.
    fn hear(&self, server: &Server, node: &str) {
        if self.node.as_deref() == Some(node.as_bytes()) {
            return;
        }
        let taken = self.fix().and_then(|fix| {
            let unit = server.county.units.get(&fix.unit);
            unit.ok_or(Ignored::UnknownUnit)?;
            server.positions.take(fix, server.clock.now())
        });
        match taken {
            Ok(()) => metrics::counter!("gridlamp_positions_total").increment(1),
            Err(why) => {
                metrics::counter!("gridlamp_positions_ignored_total", "why" => why.name())
                    .increment(1);
            }
        }
    }

    fn fix(&self) -> Result<Fix, Ignored> {
        if self.position.len() > MAX_BYTES {
            return Err(Ignored::Malformed);
        }
        let fix = serde_json::from_slice::<Fix>(&self.position);
        let mut fix = fix.map_err(|_| Ignored::Malformed)?;
        if self.node.is_none() {
            // A button is a person's to press, and a node's to hear.
            fix.source = fix.source.min(Source::Tablet);
        }
        Ok(fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn only_a_node_passes_a_button_on() {
        let text = r#"{"unit":"u1","lon":118.9,"lat":28.9,"at":"2026-11-23T09:00:00+08:00","source":"button"}"#;
        let entry = |fields: Vec<Value>| {
            Entry::read(Value::Array(vec![bulk("7-1"), Value::Array(fields)])).expect("an entry")
        };
        let foreign = entry(vec![bulk("p"), bulk(text)]);
        assert_eq!(foreign.id, (7, 1));
        assert_eq!(foreign.fix().map(|fix| fix.source), Ok(Source::Tablet));
        let passed = entry(vec![bulk("p"), bulk(text), bulk("node"), bulk("n")]);
        assert_eq!(passed.fix().map(|fix| fix.source), Ok(Source::Button));
        assert_eq!(
            entry(vec![bulk("q"), bulk("")]).fix(),
            Err(Ignored::Malformed)
        );
    }
}
