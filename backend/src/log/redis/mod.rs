//! The log in Redis Streams, shared by any number of nodes. Appending is one server-side function
//! that checks the version; reading is plain XREAD. Every node of one county sees the same order.

mod codec;
mod doctor;
mod keys;
mod link;
#[cfg(test)]
mod outage_tests;
mod tail;

use std::sync::Arc;

use redis::{Pipeline, RedisResult, Value, aio::MultiplexedConnection};
use tokio::{sync::watch, task::AbortHandle};

use super::{
    Append, AppendOutcome, Batch, Epoch, Finding, Log, LogError, LogHealth, OpenMode, Position,
    REFUSED_MAX, Record, Refusal, StreamName, Tail, TailKind, TokenRecord, hex, random_bytes,
};
use codec::{Cursor, Taken};
pub(crate) use keys::Keys;
pub(crate) use link::{Backoff, Link};
pub(super) use tail::RedisTail;

/// Loaded by every node; the name carries the version, so that nodes of two versions do not fight over it.
const LIBRARY: &str = include_str!("../append.lua");
const FORMAT: u64 = 1;
/// Appends in one call of the function; Redis serves nobody else meanwhile, so it stays below a millisecond.
const CALL_MAX: usize = 64;

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
    /// Connects to `redis://` or `rediss://` and makes the county's log if it does not exist.
    pub async fn open(url: &str, county: &str, mode: OpenMode) -> Result<Self, LogError> {
        let address = without_password(url);
        let client = client(url, &address)?;
        let keys = Keys::new(county);
        let link = Arc::new(Link::new(client, address));
        link.first().await?;
        load(&link).await?;
        let (epoch, secret) = create(&link, &keys).await?;
        let inner = Arc::new(Inner {
            link,
            keys,
            epoch,
            secret,
            mode,
        });
        let watched = Arc::clone(&inner);
        let task = tokio::spawn(
            Arc::clone(&inner.link).watch(async move |_| watched.head().await.map(|_| ())),
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

    /// Fails when the log is another one, or ends before what was already read from it.
    async fn check_holds(
        &self,
        connection: &mut MultiplexedConnection,
        seen: Position,
    ) -> Result<(), LogError> {
        let head: Option<String> = redis::cmd("GET")
            .arg(&self.keys.head)
            .query_async(connection)
            .await
            .map_err(|e| self.link.explain(&e))?;
        let head = self.parse_head(head.as_deref())?;
        if head < seen {
            let why = format!("it ends at {head}, before {seen}, which was read from it");
            return Err(LogError::Diverged { why });
        }
        Ok(())
    }

    fn parse_head(&self, head: Option<&str>) -> Result<Position, LogError> {
        let Some(head) = head else {
            let why = format!(
                "Redis no longer holds {}; was it emptied, or is it without a file?",
                self.keys.head
            );
            return Err(LogError::Diverged { why });
        };
        let parts: Vec<&str> = head.split(' ').collect();
        let &[epoch, millis, seq] = parts.as_slice() else {
            return Err(LogError::corrupt(format!(
                "{} holds {head:?}",
                self.keys.head
            )));
        };
        if epoch != self.epoch.as_str() {
            return Err(LogError::Diverged {
                why: format!("its epoch is {epoch}, not {}", self.epoch),
            });
        }
        format!("{millis}-{seq}")
            .parse()
            .map_err(|e| LogError::corrupt(format!("{}: {e}", self.keys.head)))
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

    async fn append_all(&self, appends: &[Append]) -> Result<Vec<RedisResult<Vec<u64>>>, LogError> {
        self.link.run_all(&self.pipeline(appends)).await
    }
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
            .iter()
            .all(|answer| answer.as_ref().is_err_and(is_function_missing))
        {
            load(&inner.link).await?;
            answers = inner.append_all(&appends).await?;
        }
        let mut outcomes = Vec::with_capacity(appends.len());
        for answer in answers {
            let numbers = answer.map_err(|error| inner.link.explain(&error))?;
            outcomes.extend(numbers.chunks_exact(2).map(|pair| match pair[0] {
                1 => AppendOutcome::Done { version: pair[1] },
                _ => AppendOutcome::Conflict { actual: pair[1] },
            }));
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
        let reply: Value = self
            .inner
            .link
            .run(&cursor.command(&self.inner.keys, limit, None))
            .await?;
        match cursor.take(&self.inner.keys, limit, reply)? {
            Taken::Records(records) => Ok(Batch::new(from, records)),
            Taken::Gap { expected, found } => Err(missing(expected, found)),
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

    async fn token_put(&self, token: TokenRecord) -> Result<(), LogError> {
        let text = serde_json::to_string(&token).map_err(|e| LogError::corrupt(e.to_string()))?;
        let mut command = redis::cmd("HSET");
        command
            .arg(&self.inner.keys.tokens)
            .arg(&token.hash)
            .arg(text);
        self.inner.link.run(&command).await
    }

    async fn token_get(&self, hash: &str) -> Result<Option<TokenRecord>, LogError> {
        let mut command = redis::cmd("HGET");
        command.arg(&self.inner.keys.tokens).arg(hash);
        let text: Option<String> = self.inner.link.run(&command).await?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|e| LogError::corrupt(format!("{}: {e}", self.inner.keys.tokens)))
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
        let fsync = fsync.ok().and_then(|answer| answer.into_iter().nth(1));
        let mut findings = doctor::Facts { info, fsync }.findings();
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

fn missing(expected: u64, found: Position) -> LogError {
    LogError::Diverged {
        why: format!("event {expected} is missing before {found}"),
    }
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

fn client(url: &str, address: &str) -> Result<redis::Client, LogError> {
    let refuse = |why: String| LogError::Address {
        url: address.to_owned(),
        why,
    };
    if url.starts_with("redis+sentinel:") || url.starts_with("redis+cluster:") {
        let why = "this form is understood but not supported yet; use redis:// or rediss:// with one address";
        return Err(refuse(why.to_owned()));
    }
    if url.starts_with("rediss:") || url.starts_with("valkeys:") {
        // An error only says that this process has chosen its cryptography before.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    redis::Client::open(url).map_err(|e| refuse(e.to_string()))
}

/// The address as it may be shown and logged.
pub(super) fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            without_password("redis://u:p@ss@host:1/0"),
            "redis://…@host:1/0"
        );
        assert_eq!(without_password("redis://host:1/0"), "redis://host:1/0");
    }

    #[test]
    fn forms_that_are_not_supported_say_so() {
        for url in [
            "redis+sentinel://a:26379/main",
            "redis+cluster://a:7000,b:7000",
            "redis://:70000000",
        ] {
            assert!(
                matches!(client(url, url), Err(LogError::Address { .. })),
                "{url}"
            );
        }
    }

    #[test]
    fn a_refusal_without_time_has_that_of_its_entry() {
        assert_eq!(refusal("1577836800000-0", &[]).at, "2020-01-01T00:00:00Z");
    }
}
