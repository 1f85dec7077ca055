//! The log in Redis Streams, shared by any number of nodes. Appending is one server-side function
//! that checks the version; reading is plain XREAD. Every node of one county sees the same order.

mod address;
mod codec;
mod doctor;
mod endpoint;
mod holds;
mod keys;
mod ledger;
mod link;
#[cfg(test)]
mod outage_tests;
mod tail;
#[cfg(test)]
mod takeover_tests;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use redis::{Pipeline, RedisResult, Value};
use tokio::{sync::watch, task::AbortHandle};

use super::{
    Append, AppendOutcome, Batch, Epoch, Finding, LedgerEntry, LedgerName, Log, LogError,
    LogHealth, Mark, OpenMode, Position, REFUSED_MAX, Record, Refusal, StreamName, Tail, TailKind,
    hex, random_bytes,
};
pub(super) use address::without_password;
use codec::{Cursor, Taken};
use endpoint::Endpoint;
pub(crate) use keys::Keys;
pub(crate) use link::{Backoff, Link};
pub(super) use tail::RedisTail;

/// Loaded by every node; the name carries the version, so that nodes of two versions do not fight over it.
const LIBRARY: &str = include_str!("../append.lua");
const FORMAT: u64 = 1;
/// Appends in one call of the function; Redis serves nobody else meanwhile, so it stays below a millisecond.
const CALL_MAX: usize = 64;
/// How long replicas have to confirm an append, if the address asks for that.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(1);

/// A log in Redis.
#[derive(Debug, Clone)]
pub struct RedisLog {
    inner: Arc<Inner>,
    _watcher: Arc<Watcher>,
}

#[derive(Debug)]
struct Inner {
    link: Arc<Link>,
    keys: Keys,
    epoch: Epoch,
    secret: [u8; 32],
    mode: OpenMode,
    ledgers: ledger::Heads,
    /// The newest place that a tail has read: a server that takes over must hold it.
    seen: Mutex<Position>,
}

/// Ends the watching task with the last handle to the log.
#[derive(Debug)]
struct Watcher(AbortHandle);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl RedisLog {
    /// Connects to a Redis address and makes the county's log if it does not exist.
    pub async fn open(url: &str, county: &str, mode: OpenMode) -> Result<Self, LogError> {
        let keys = Keys::new(county);
        let link = Arc::new(Link::new(Endpoint::new(url, &keys.head)?));
        link.first().await?;
        load(&link).await?;
        let (epoch, secret) = create(&link, &keys).await?;
        let inner = Arc::new(Inner {
            link,
            keys,
            epoch,
            secret,
            mode,
            ledgers: ledger::Heads::default(),
            seen: Mutex::default(),
        });
        let watched = Arc::clone(&inner);
        let task = tokio::spawn(
            Arc::clone(&inner.link).watch(async move |connection| watched.check(connection).await),
        );
        Ok(Self {
            inner,
            _watcher: Arc::new(Watcher(task.abort_handle())),
        })
    }

    /// Connections, for intake from the same Redis.
    pub(crate) fn link(&self) -> &Link {
        &self.inner.link
    }

    /// Key names, for intake from the same Redis.
    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }
}

impl Inner {
    async fn head(&self) -> Result<Position, LogError> {
        let head: Option<String> = self
            .link
            .run(redis::cmd("GET").arg(&self.keys.head))
            .await?;
        self.parse_head(head.as_deref())
    }

    /// One call for each run of appends to one stream. A call that wrote to two streams could wake
    /// a blocked reader with the later record first.
    fn pipeline(&self, appends: &[Append]) -> Pipeline {
        let mut pipeline = Pipeline::new();
        let runs = appends.chunk_by(|one, next| one.stream == next.stream);
        for calls in runs.flat_map(|run| run.chunks(CALL_MAX)) {
            let stream = calls[0].stream;
            let command = pipeline
                .cmd("FCALL")
                .arg("gridlamp_v1_append")
                .arg(2 + calls.len());
            command
                .arg(&self.keys.head)
                .arg(&self.keys.streams[stream.index()]);
            for append in calls {
                command.arg(self.keys.index(stream, &append.key));
            }
            command.arg(self.epoch.as_str());
            for append in calls {
                command
                    .arg(&append.key)
                    .arg(append.expected)
                    .arg(append.records.len());
                for record in &append.records {
                    for field in [
                        &record.at,
                        &record.actor,
                        &record.region,
                        &record.kind,
                        &record.data,
                    ] {
                        command.arg(field);
                    }
                }
            }
        }
        pipeline.ignore_errors();
        pipeline
    }

    async fn append_all(&self, appends: &[Append]) -> Result<Appended, LogError> {
        let mut pipeline = self.pipeline(appends);
        let replicas = self.link.endpoint().replicas();
        if replicas > 0 {
            let millis = CONFIRM_TIMEOUT.as_millis() as u64;
            pipeline.cmd("WAIT").arg(replicas).arg(millis);
        }
        let mut answers: Vec<RedisResult<Value>> = self.link.run_all(&pipeline).await?;
        let confirmed = if replicas > 0 { answers.pop() } else { None };
        Ok(Appended {
            calls: answers
                .into_iter()
                .map(|answer| answer.and_then(|value| Ok(redis::from_redis_value(value)?)))
                .collect(),
            confirmed: confirmed.map(|answer| answer.and_then(|n| Ok(redis::from_redis_value(n)?))),
        })
    }

    /// Fails when too few replicas have what was appended. It may stay in the log all the same, as
    /// after any [`LogError::Unavailable`].
    fn confirm(&self, confirmed: Option<RedisResult<u32>>) -> Result<(), LogError> {
        let wanted = self.link.endpoint().replicas();
        match confirmed {
            None => Ok(()),
            Some(Ok(count)) if count >= wanted => Ok(()),
            Some(Ok(count)) => Err(LogError::unavailable(format!(
                "{count} of {wanted} replicas have confirmed within {} s; look at the replicas of {}",
                CONFIRM_TIMEOUT.as_secs(),
                self.link.endpoint().shown()
            ))),
            Some(Err(error)) => Err(self.link.answered(&error)),
        }
    }
}

/// The answers to an append.
struct Appended {
    /// Of each call: two numbers for each of its appends.
    calls: Vec<RedisResult<Vec<u64>>>,
    /// Replicas that have them, if that was asked.
    confirmed: Option<RedisResult<u32>>,
}

impl Log for RedisLog {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<AppendOutcome>, LogError> {
        let inner = &self.inner;
        if inner.mode == OpenMode::Tool {
            return Err(LogError::closed(
                "it was opened beside the serving nodes, which alone append",
            ));
        }
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        let mut answers = inner.append_all(&appends).await?;
        // Functions are lost with FUNCTION FLUSH and the like; then none of the calls has run.
        if answers
            .calls
            .iter()
            .all(|answer| answer.as_ref().is_err_and(is_function_missing))
        {
            load(&inner.link).await?;
            answers = inner.append_all(&appends).await?;
        }
        let mut outcomes = Vec::with_capacity(appends.len());
        for answer in answers.calls {
            let numbers = answer.map_err(|error| inner.link.answered(&error))?;
            outcomes.extend(numbers.chunks_exact(2).map(|pair| match pair[0] {
                1 => AppendOutcome::Done { version: pair[1] },
                _ => AppendOutcome::Conflict { actual: pair[1] },
            }));
        }
        let done = |outcome: &AppendOutcome| matches!(outcome, AppendOutcome::Done { .. });
        if outcomes.iter().any(done) {
            inner.confirm(answers.confirmed)?;
        }
        Ok(outcomes)
    }

    fn tail(&self, from: Position) -> Tail {
        Tail(TailKind::Redis(RedisTail::new(
            Arc::clone(&self.inner),
            from,
        )))
    }

    async fn read(&self, from: Position, limit: usize) -> Result<Batch, LogError> {
        if limit == 0 {
            return Ok(Batch::new(from, Vec::new()));
        }
        let mut cursor = Cursor::new(from);
        let mut questions = self.inner.ask_holds(from);
        questions.add_command(cursor.command(&self.inner.keys, limit, None));
        let mut answers: Vec<Value> = self.inner.link.run_all(&questions).await?;
        let reply = answers.pop().unwrap_or(Value::Nil);
        self.inner.judge_holds(answers, from)?;
        match cursor.take(&self.inner.keys, limit, reply)? {
            Taken::Records(records) => Ok(Batch::new(from, records)),
            Taken::Gap { expected, found } => Err(holds::missing(expected, found)),
        }
    }

    async fn read_key(&self, stream: StreamName, key: &str) -> Result<Vec<Record>, LogError> {
        let inner = &self.inner;
        let index: Vec<u8> = inner
            .link
            .run(redis::cmd("GET").arg(inner.keys.index(stream, key)))
            .await?;
        let mut pipeline = Pipeline::new();
        for position in codec::index_entries(&index) {
            let id = codec::entry_id(position);
            pipeline
                .cmd("XRANGE")
                .arg(&inner.keys.streams[stream.index()])
                .arg(&id)
                .arg(&id);
        }
        if pipeline.is_empty() {
            return Ok(Vec::new());
        }
        let replies: Vec<Value> = inner.link.run_all(&pipeline).await?;
        let mut records = Vec::with_capacity(replies.len());
        for reply in replies {
            let rows = codec::rows(stream, reply)?;
            records.extend(rows.into_iter().filter_map(|(_, _, record)| record));
        }
        Ok(records)
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.inner.head().await
    }

    fn epoch(&self) -> &Epoch {
        &self.inner.epoch
    }

    fn secret(&self) -> [u8; 32] {
        self.inner.secret
    }

    fn health(&self) -> watch::Receiver<LogHealth> {
        self.inner.link.health()
    }

    async fn refuse(&self, refusal: Refusal) -> Result<(), LogError> {
        let Refusal {
            source,
            code,
            reason,
            body,
            entry,
            at,
        } = &refusal;
        let mut command = refuse_command(&self.inner.keys);
        let fields = [
            ("source", source),
            ("code", code),
            ("reason", reason),
            ("body", body),
            ("entry", entry),
            ("at", at),
        ];
        for (name, value) in fields {
            command.arg(name).arg(value);
        }
        self.inner.link.run(&command).await
    }

    async fn refusals(&self, limit: usize) -> Result<Vec<Refusal>, LogError> {
        let mut command = redis::cmd("XREVRANGE");
        command
            .arg(&self.inner.keys.refused)
            .arg("+")
            .arg("-")
            .arg("COUNT")
            .arg(limit);
        let entries: Vec<(String, Fields)> = self.inner.link.run(&command).await?;
        Ok(entries
            .into_iter()
            .map(|(id, fields)| refusal(&id, &fields))
            .collect())
    }

    async fn ledger_append(
        &self,
        ledger: LedgerName,
        expected: u64,
        bodies: Vec<String>,
    ) -> Result<AppendOutcome, LogError> {
        self.inner.ledger_append(ledger, expected, &bodies).await
    }

    async fn ledger_read(
        &self,
        ledger: LedgerName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, LogError> {
        self.inner.ledger_read(ledger, after, limit).await
    }

    fn ledger_watch(&self, ledger: LedgerName) -> watch::Receiver<u64> {
        ledger::watch(&self.inner, ledger)
    }

    async fn marks_put(&self, kind: &str, marks: Vec<Mark>) -> Result<(), LogError> {
        self.inner.marks_put(kind, &marks).await
    }

    async fn marks(&self, kind: &str) -> Result<Vec<Mark>, LogError> {
        self.inner.marks(kind).await
    }

    async fn doctor(&self) -> Vec<Finding> {
        let link = &self.inner.link;
        let info: String = match link.run(redis::cmd("INFO").arg("everything")).await {
            Ok(info) => info,
            Err(e) => {
                return vec![Finding::error(
                    e.to_string(),
                    "start Redis, or correct `log` in the configuration",
                )];
            }
        };
        // Managed services often forbid CONFIG; then this one question stays open.
        let fsync: Result<Vec<String>, _> = link
            .run(redis::cmd("CONFIG").arg("GET").arg("appendfsync"))
            .await;
        let facts = doctor::Facts {
            info,
            fsync: fsync.ok().and_then(|answer| answer.into_iter().nth(1)),
            may_move: link.endpoint().may_move(),
            replicas: link.endpoint().replicas(),
        };
        let mut findings = facts.findings();
        findings.push(match self.head().await {
            Ok(head) => Finding::ok(format!("the log holds {} events", head.seq())),
            Err(e) => Finding::error(
                e.to_string(),
                "restore Redis from its append-only file or a backup",
            ),
        });
        findings
    }
}

/// Reads a reply to the reading of the three streams, for the fuzz targets.
pub(crate) fn read_reply(bytes: &[u8]) {
    if let Ok(reply) = redis::parse_redis_value(bytes) {
        let mut cursor = codec::Cursor::new(Position::START);
        let _ = cursor.take(&Keys::new("330899"), 100, reply);
    }
}

/// Where refusals go, ready for their fields.
pub(crate) fn refuse_command(keys: &Keys) -> redis::Cmd {
    let mut command = redis::cmd("XADD");
    command
        .arg(&keys.refused)
        .arg("MAXLEN")
        .arg("~")
        .arg(REFUSED_MAX)
        .arg("*");
    command
}

/// The fields of an entry; values are kept as they came, text or not.
type Fields = Vec<(String, Vec<u8>)>;

fn refusal(id: &str, fields: &[(String, Vec<u8>)]) -> Refusal {
    let field = |name: &str| {
        let value = fields.iter().find(|(field, _)| field == name);
        value
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .unwrap_or_default()
    };
    let at = field("at");
    Refusal {
        source: field("source"),
        code: field("code"),
        reason: field("reason"),
        body: field("body"),
        entry: field("entry"),
        at: if at.is_empty() { entry_time(id) } else { at },
    }
}

/// RFC 3339 of the Redis server time in an entry id.
fn entry_time(id: &str) -> String {
    let millis = id
        .split('-')
        .next()
        .and_then(|millis| millis.parse().ok())
        .unwrap_or(0);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or_default()
        .to_string()
}

fn is_function_missing(error: &redis::RedisError) -> bool {
    error
        .detail()
        .is_some_and(|detail| detail.contains("unction not found"))
}

async fn load(link: &Link) -> Result<(), LogError> {
    let loaded: Result<String, LogError> = link
        .run(
            redis::cmd("FUNCTION")
                .arg("LOAD")
                .arg("REPLACE")
                .arg(LIBRARY),
        )
        .await;
    loaded.map(|_| ())
}

async fn create(link: &Link, keys: &Keys) -> Result<(Epoch, [u8; 32]), LogError> {
    let mut command = redis::cmd("FCALL");
    command
        .arg("gridlamp_v1_create")
        .arg(2)
        .arg(&keys.meta)
        .arg(&keys.head);
    command
        .arg(hex(&random_bytes::<8>()?))
        .arg(&random_bytes::<32>()?)
        .arg(FORMAT);
    let (epoch, secret, found): (String, Vec<u8>, u64) = link.run(&command).await?;
    if found > FORMAT {
        return Err(LogError::NewerFormat {
            found,
            known: FORMAT,
        });
    }
    let secret = secret
        .try_into()
        .map_err(|_| LogError::corrupt(format!("{} holds no secret", keys.meta)))?;
    Ok((Epoch(epoch), secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_without_time_has_that_of_its_entry() {
        assert_eq!(refusal("1577836800000-0", &[]).at, "2020-01-01T00:00:00Z");
    }
}
