//! Reports that other systems put on the intake stream of Redis: read as one of a consumer group,
//! acknowledged once the log has them. Judging and appending a report is left to the handler.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use futures_util::future::join_all;
use redis::{Cmd, Pipeline, RedisError, Value, aio::MultiplexedConnection};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::log::{Backoff, LogError, RedisLog, refuse_command};

/// The consumer group, known to operators and other systems.
pub const GROUP: &str = "gridlamp";
/// Entries taken at once.
const COUNT: usize = 256;
/// How long a read waits for new entries.
const BLOCK: Duration = Duration::from_secs(5);
/// Batches being handled while the next is read.
const IN_FLIGHT: usize = 4;
/// How often entries of dead consumers are looked for.
const CLAIM_EVERY: Duration = Duration::from_secs(10);
/// Acknowledged entries are kept this long for operators, then trimmed.
const KEEP: Duration = Duration::from_hours(24);

/// What the handler made of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its event is in the log: it is acknowledged.
    Accepted,
    /// It can never be taken: it is kept among the refused, with the reason, and acknowledged.
    Refused {
        /// Stable code of the reason.
        code: String,
        /// The reason, for a person.
        reason: String,
    },
    /// Not now (the log is away, a queue is full): it stays pending and comes again.
    Later,
}

/// How a consumer reads.
#[derive(Debug, Clone)]
pub struct ConsumerSettings {
    /// The node's name in the group; a node that comes back under it finds its own pending entries.
    pub consumer: String,
    /// An entry that a consumer has held this long counts as left behind, and is claimed.
    pub claim_after: Duration,
}

impl ConsumerSettings {
    /// The usual settings for a node.
    pub fn new(consumer: impl Into<String>) -> Self {
        Self {
            consumer: consumer.into(),
            claim_after: Duration::from_secs(30),
        }
    }
}

/// Takes entries from the intake stream and hands them to `handler` (entry id, bytes of `report`),
/// until `shutdown` turns true. Breaks of the connection are waited out; an error is for an operator.
///
/// An entry can come twice (a crash between append and acknowledgement): the handler tells by the
/// report's source and external id.
pub async fn consume<F, Fut>(
    log: RedisLog,
    settings: ConsumerSettings,
    mut shutdown: watch::Receiver<bool>,
    handler: F,
) -> Result<(), LogError>
where
    F: Fn(String, Vec<u8>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let consumer = Consumer {
        log,
        settings,
        handler: Arc::new(handler),
    };
    let mut pause = Backoff::new(100, 5_000);
    while !*shutdown.borrow() {
        match consumer.session(&mut shutdown, &mut pause).await {
            Ok(()) => {}
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "intake from Redis is interrupted");
            }
            Err(error) => return Err(error),
        }
        // Cut short by shutdown, of which the loop then takes notice.
        let _ = timeout(pause.next(), shutdown.wait_for(|stop| *stop)).await;
    }
    Ok(())
}

struct Consumer<F> {
    log: RedisLog,
    settings: ConsumerSettings,
    handler: Arc<F>,
}

/// An entry's id and its report, if it has one.
type Entry = (String, Option<Vec<u8>>);
/// Names and values as they came, text or not.
type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// What a batch came to.
struct Settled {
    postponed: bool,
}

impl<F, Fut> Consumer<F>
where
    F: Fn(String, Vec<u8>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    /// Reads until shutdown, a break, or an entry that has to wait; always finishes what it began.
    async fn session(
        &self,
        shutdown: &mut watch::Receiver<bool>,
        pause: &mut Backoff,
    ) -> Result<(), LogError> {
        let place = self.log.link().place();
        self.make_group().await?;
        let mut connection = self.log.link().dedicated(BLOCK).await?;
        if self.finish_own(&mut connection, shutdown).await? {
            return Ok(());
        }
        pause.reset();
        let mut batches = JoinSet::new();
        let outcome = tokio::select! {
            outcome = self.read_on(&mut connection, place, &mut batches) => outcome,
            _ = shutdown.wait_for(|stop| *stop) => Ok(()),
        };
        while let Some(settled) = batches.join_next().await {
            joined(settled)?;
        }
        outcome
    }

    /// New entries and those of dead consumers, several batches at a time, until one is postponed.
    async fn read_on(
        &self,
        connection: &mut MultiplexedConnection,
        place: u64,
        batches: &mut JoinSet<Result<Settled, LogError>>,
    ) -> Result<(), LogError> {
        let mut claim_at = Instant::now();
        loop {
            self.log.link().still(place)?;
            if Instant::now() >= claim_at {
                claim_at = Instant::now() + CLAIM_EVERY;
                let claimed = self.claim(connection).await?;
                self.begin(claimed, batches);
                self.trim(connection).await?;
            }
            let entries = {
                // Kept across what settles meanwhile: a read given up half-way leaves its entries
                // pending, where they are found only later.
                let mut reading = pin!(self.read(connection, ">", Some(BLOCK)));
                loop {
                    tokio::select! {
                        entries = &mut reading => break entries?,
                        Some(settled) = batches.join_next() => if joined(settled)?.postponed {
                            return Ok(());
                        }
                    }
                }
            };
            self.begin(entries, batches);
            while batches.len() >= IN_FLIGHT
                && let Some(settled) = batches.join_next().await
            {
                if joined(settled)?.postponed {
                    return Ok(());
                }
            }
        }
    }

    fn begin(&self, entries: Vec<Entry>, batches: &mut JoinSet<Result<Settled, LogError>>) {
        if !entries.is_empty() {
            batches.spawn(settle(self.log.clone(), Arc::clone(&self.handler), entries));
        }
    }

    /// What this consumer took before and did not finish; true when something must still wait.
    async fn finish_own(
        &self,
        connection: &mut MultiplexedConnection,
        shutdown: &watch::Receiver<bool>,
    ) -> Result<bool, LogError> {
        let mut after = "0".to_owned();
        let mut postponed = false;
        while !*shutdown.borrow() {
            let entries = self.read(connection, &after, None).await?;
            let Some((last, _)) = entries.last() else {
                break;
            };
            after.clone_from(last);
            postponed |= settle(self.log.clone(), Arc::clone(&self.handler), entries)
                .await?
                .postponed;
        }
        Ok(postponed)
    }

    async fn make_group(&self) -> Result<(), LogError> {
        let mut command = redis::cmd("XGROUP");
        // From the first entry: what was put there before the first node started counts too.
        command
            .arg("CREATE")
            .arg(&self.log.keys().intake)
            .arg(GROUP)
            .arg("0")
            .arg("MKSTREAM");
        let mut pipeline = Pipeline::new();
        pipeline.add_command(command).ignore_errors();
        let answers: Vec<Result<Value, RedisError>> = self.log.link().run_all(&pipeline).await?;
        match answers.into_iter().next() {
            Some(Err(e)) if e.code() != Some("BUSYGROUP") => Err(self.log.link().answered(&e)),
            _ => Ok(()),
        }
    }

    async fn read(
        &self,
        connection: &mut MultiplexedConnection,
        after: &str,
        block: Option<Duration>,
    ) -> Result<Vec<Entry>, LogError> {
        let mut command = redis::cmd("XREADGROUP");
        command
            .arg("GROUP")
            .arg(GROUP)
            .arg(&self.settings.consumer)
            .arg("COUNT")
            .arg(COUNT);
        if let Some(block) = block {
            command.arg("BLOCK").arg(block.as_millis() as u64);
        }
        command
            .arg("STREAMS")
            .arg(&self.log.keys().intake)
            .arg(after);
        let reply: Option<Vec<(String, Vec<Value>)>> = self.ask(connection, &command).await?;
        let entries = reply.into_iter().flatten().flat_map(|(_, entries)| entries);
        Ok(entries.filter_map(entry).collect())
    }

    /// Entries that a consumer took and has neither finished nor touched for too long.
    async fn claim(&self, connection: &mut MultiplexedConnection) -> Result<Vec<Entry>, LogError> {
        let mut command = redis::cmd("XAUTOCLAIM");
        command
            .arg(&self.log.keys().intake)
            .arg(GROUP)
            .arg(&self.settings.consumer)
            .arg(self.settings.claim_after.as_millis() as u64)
            .arg("0-0")
            .arg("COUNT")
            .arg(COUNT);
        let reply: Vec<Value> = self.ask(connection, &command).await?;
        let Some(Value::Array(entries)) = reply.into_iter().nth(1) else {
            return Ok(Vec::new());
        };
        let entries: Vec<Entry> = entries.into_iter().filter_map(entry).collect();
        if !entries.is_empty() {
            tracing::info!(
                count = entries.len(),
                "took over intake entries that another node left"
            );
        }
        Ok(entries)
    }

    /// Drops entries that are acknowledged and old; never one that the group still needs.
    async fn trim(&self, connection: &mut MultiplexedConnection) -> Result<(), LogError> {
        let intake = &self.log.keys().intake;
        let pending: Value = self
            .ask(connection, redis::cmd("XPENDING").arg(intake).arg(GROUP))
            .await?;
        let groups: Vec<Value> = self
            .ask(connection, redis::cmd("XINFO").arg("GROUPS").arg(intake))
            .await?;
        let (seconds, _): (u64, u64) = self.ask(connection, &redis::cmd("TIME")).await?;
        let kept = (seconds.saturating_sub(KEEP.as_secs()) * 1_000, 0);
        // Other groups may read the stream too; the slowest of all decides.
        let delivered = groups
            .iter()
            .filter_map(last_delivered)
            .min()
            .unwrap_or_default();
        let oldest = oldest_pending(&pending)
            .unwrap_or(kept)
            .min(delivered)
            .min(kept);
        let mut command = redis::cmd("XTRIM");
        command
            .arg(intake)
            .arg("MINID")
            .arg("~")
            .arg(format!("{}-{}", oldest.0, oldest.1));
        self.ask::<u64>(connection, &command).await.map(|_| ())
    }

    async fn ask<T: redis::FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        command: &Cmd,
    ) -> Result<T, LogError> {
        command.query_async(connection).await.map_err(|e| {
            self.log.link().suspect();
            // The group is gone when Redis was emptied; making it anew is the next session's first step.
            match e.code() {
                Some("NOGROUP") => LogError::unavailable(e.to_string()),
                _ => self.log.link().explain(&e),
            }
        })
    }
}

fn joined(
    settled: Result<Result<Settled, LogError>, tokio::task::JoinError>,
) -> Result<Settled, LogError> {
    settled.unwrap_or_else(|e| {
        Err(LogError::unavailable(format!(
            "handling a batch of reports failed: {e}"
        )))
    })
}

/// Hands a batch to the handler, all entries at once, then acknowledges what is decided.
async fn settle<F, Fut>(
    log: RedisLog,
    handler: Arc<F>,
    entries: Vec<Entry>,
) -> Result<Settled, LogError>
where
    F: Fn(String, Vec<u8>) -> Fut,
    Fut: Future<Output = Verdict>,
{
    let verdicts = join_all(
        entries
            .into_iter()
            .map(|(id, report)| judge(&*handler, id, report)),
    )
    .await;
    let postponed = verdicts
        .iter()
        .any(|judged| judged.verdict == Verdict::Later);
    let acknowledged = acknowledge(&log, &verdicts);
    if !acknowledged.is_empty() {
        log.link().run_all::<Value>(&acknowledged).await?;
    }
    Ok(Settled { postponed })
}

struct Judged {
    id: String,
    verdict: Verdict,
    // Kept only for what is refused.
    body: Vec<u8>,
}

async fn judge<F, Fut>(handler: &F, id: String, report: Option<Vec<u8>>) -> Judged
where
    F: Fn(String, Vec<u8>) -> Fut,
    Fut: Future<Output = Verdict>,
{
    let refused = |code: &str, reason: &str| Verdict::Refused {
        code: code.to_owned(),
        reason: reason.to_owned(),
    };
    let Some(report) = report else {
        let verdict = refused("missing_report", "the entry has no field `report`");
        return Judged {
            id,
            verdict,
            body: Vec::new(),
        };
    };
    if std::str::from_utf8(&report).is_err() {
        return Judged {
            id,
            verdict: refused("invalid_encoding", "the report is not UTF-8 text"),
            body: report,
        };
    }
    let verdict = handler(id.clone(), report.clone()).await;
    Judged {
        id,
        verdict,
        body: report,
    }
}

/// One transaction: a refusal is kept exactly when its entry is acknowledged.
fn acknowledge(log: &RedisLog, verdicts: &[Judged]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.atomic();
    let mut ack = redis::cmd("XACK");
    ack.arg(&log.keys().intake).arg(GROUP);
    let mut any = false;
    for judged in verdicts
        .iter()
        .filter(|judged| judged.verdict != Verdict::Later)
    {
        ack.arg(&judged.id);
        any = true;
        if let Verdict::Refused { code, reason } = &judged.verdict {
            let mut refuse = refuse_command(log.keys());
            refuse
                .arg("source")
                .arg(source(&judged.body))
                .arg("code")
                .arg(code)
                .arg("reason")
                .arg(reason);
            refuse
                .arg("body")
                .arg(&judged.body)
                .arg("entry")
                .arg(&judged.id);
            pipeline.add_command(refuse);
        }
    }
    if any {
        pipeline.add_command(ack);
    }
    pipeline
}

/// Who sent a report that was refused, as far as it says so.
fn source(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Named {
        source: String,
    }
    serde_json::from_slice::<Named>(body)
        .map(|named| named.source)
        .unwrap_or_default()
}

/// `None` for an entry that was deleted while it was pending.
fn entry(value: Value) -> Option<Entry> {
    let (id, fields): (String, Option<Fields>) = redis::from_redis_value(value).ok()?;
    let report = fields?
        .into_iter()
        .find_map(|(name, value)| (name == b"report").then_some(value));
    Some((id, report))
}

fn oldest_pending(summary: &Value) -> Option<(u64, u64)> {
    let Value::Array(parts) = summary else {
        return None;
    };
    entry_id(parts.get(1)?)
}

fn last_delivered(group: &Value) -> Option<(u64, u64)> {
    let Value::Array(parts) = group else {
        return None;
    };
    let named =
        |value: &Value| matches!(value, Value::BulkString(name) if name == b"last-delivered-id");
    parts
        .chunks_exact(2)
        .find(|pair| named(&pair[0]))
        .and_then(|pair| entry_id(&pair[1]))
}

fn entry_id(value: &Value) -> Option<(u64, u64)> {
    let Value::BulkString(id) = value else {
        return None;
    };
    let (millis, seq) = std::str::from_utf8(id).ok()?.split_once('-')?;
    Some((millis.parse().ok()?, seq.parse().ok()?))
}

#[cfg(test)]
mod tests;
