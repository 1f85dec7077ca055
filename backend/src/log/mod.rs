//! The log: records are appended on an expected version and read back in one order by everyone.
//! Two kinds, one behaviour (see `conformance`): a SQLite file inside the process, or Redis Streams
//! shared by many. What the records mean is left to the projector and `domain`.

#[cfg(test)]
mod conformance;
mod embedded;
mod ledger;
#[cfg(test)]
mod ledger_tests;
mod redis;
#[cfg(test)]
pub(crate) mod testing;
mod types;

use std::future::Future;

use tokio::sync::watch;

pub use embedded::EmbeddedLog;
pub use ledger::{LedgerEntry, LedgerName, Mark};
pub use redis::RedisLog;
pub(crate) use redis::read_reply;
pub(crate) use redis::{Backoff, refuse_command};
pub use types::{
    Append, AppendOutcome, Batch, Epoch, Finding, FindingLevel, LogError, LogHealth, NewRecord,
    Position, PositionError, Record, Refusal, StreamName,
};

/// Most records that a tail hands back at once.
pub const BATCH_MAX: usize = 2_000;
/// Refusals kept; older ones make room.
pub const REFUSED_MAX: usize = 100_000;

/// What the log is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// A node that appends; an embedded log lets in only one.
    Serve,
    /// A tool beside a running node: reads everything and appends to ledgers alone.
    Tool,
}

/// What both kinds of log do. Everything that returned `Ok` survives kill -9 of this process.
pub trait Log: Send + Sync + 'static {
    /// Appends each element by itself, in order; the outcomes stand in the same order.
    fn append(
        &self,
        appends: Vec<Append>,
    ) -> impl Future<Output = Result<Vec<AppendOutcome>, LogError>> + Send;

    /// Follows the log from a place on, forever.
    fn tail(&self, from: Position) -> Tail;

    /// At most `limit` records from a place on; an empty batch at the end of the log.
    fn read(
        &self,
        from: Position,
        limit: usize,
    ) -> impl Future<Output = Result<Batch, LogError>> + Send;

    /// All records of one subject in order; empty when it is unknown.
    fn read_key(
        &self,
        stream: StreamName,
        key: &str,
    ) -> impl Future<Output = Result<Vec<Record>, LogError>> + Send;

    /// The place after the newest record.
    fn head(&self) -> impl Future<Output = Result<Position, LogError>> + Send;

    /// The identity of this log.
    fn epoch(&self) -> &Epoch;

    /// Created once with the log and the same on all nodes; signs links and cookies.
    fn secret(&self) -> [u8; 32];

    /// Whether the log answers; changes are seen within a few seconds.
    fn health(&self) -> watch::Receiver<LogHealth>;

    /// Keeps what intake refused; the newest 100,000 are kept.
    fn refuse(&self, refusal: Refusal) -> impl Future<Output = Result<(), LogError>> + Send;

    /// The newest refusals first.
    fn refusals(&self, limit: usize)
    -> impl Future<Output = Result<Vec<Refusal>, LogError>> + Send;

    /// Appends all of `bodies` after entry `expected` of a ledger, or nothing when there are others
    /// after it. Tools may, too.
    fn ledger_append(
        &self,
        ledger: LedgerName,
        expected: u64,
        bodies: Vec<String>,
    ) -> impl Future<Output = Result<AppendOutcome, LogError>> + Send;

    /// The entries after `after`, at most `limit`, in order.
    fn ledger_read(
        &self,
        ledger: LedgerName,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<LedgerEntry>, LogError>> + Send;

    /// The number of a ledger's newest entry as far as it is known; what any process appended is
    /// known within half a second. Needs a running Tokio.
    fn ledger_watch(&self, ledger: LedgerName) -> watch::Receiver<u64>;

    /// Keeps last signs of life; of two for one id the newer stays.
    fn marks_put(
        &self,
        kind: &str,
        marks: Vec<Mark>,
    ) -> impl Future<Output = Result<(), LogError>> + Send;

    /// All last signs of life of a kind, by id.
    fn marks(&self, kind: &str) -> impl Future<Output = Result<Vec<Mark>, LogError>> + Send;

    /// What an operator should know about this log.
    fn doctor(&self) -> impl Future<Output = Vec<Finding>> + Send;
}

/// The log that a configuration names; the rest of the server holds it in an `Arc`.
#[derive(Debug)]
pub enum EventLog {
    /// A SQLite file.
    Embedded(EmbeddedLog),
    /// Redis Streams.
    Redis(RedisLog),
}

impl EventLog {
    /// The log in Redis, when it is there: intake from Redis needs it.
    pub fn as_redis(&self) -> Option<&RedisLog> {
        match self {
            Self::Redis(log) => Some(log),
            Self::Embedded(_) => None,
        }
    }

    /// Opens `sqlite:PATH` or one of the Redis addresses for one county (its code names the keys).
    pub async fn open(url: &str, county: &str, mode: OpenMode) -> Result<Self, LogError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return EmbeddedLog::open(path, mode).await.map(Self::Embedded);
        }
        if url.starts_with("redis") || url.starts_with("valkey") {
            return RedisLog::open(url, county, mode).await.map(Self::Redis);
        }
        let why = "use sqlite:PATH, redis://HOST:PORT, redis+sentinel://HOST,HOST,HOST/MASTER or redis+cluster://HOST,HOST (rediss for TLS)".to_owned();
        Err(LogError::Address {
            url: redis::without_password(url),
            why,
        })
    }
}

/// Runs the same expression on whichever log this is.
macro_rules! on {
    ($self:expr, $log:ident => $call:expr) => {
        match $self {
            EventLog::Embedded($log) => $call,
            EventLog::Redis($log) => $call,
        }
    };
}

impl Log for EventLog {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<AppendOutcome>, LogError> {
        on!(self, log => log.append(appends).await)
    }

    fn tail(&self, from: Position) -> Tail {
        on!(self, log => log.tail(from))
    }

    async fn read(&self, from: Position, limit: usize) -> Result<Batch, LogError> {
        on!(self, log => log.read(from, limit).await)
    }

    async fn read_key(&self, stream: StreamName, key: &str) -> Result<Vec<Record>, LogError> {
        on!(self, log => log.read_key(stream, key).await)
    }

    async fn head(&self) -> Result<Position, LogError> {
        on!(self, log => log.head().await)
    }

    fn epoch(&self) -> &Epoch {
        on!(self, log => log.epoch())
    }

    fn secret(&self) -> [u8; 32] {
        on!(self, log => log.secret())
    }

    fn health(&self) -> watch::Receiver<LogHealth> {
        on!(self, log => log.health())
    }

    async fn refuse(&self, refusal: Refusal) -> Result<(), LogError> {
        on!(self, log => log.refuse(refusal).await)
    }

    async fn refusals(&self, limit: usize) -> Result<Vec<Refusal>, LogError> {
        on!(self, log => log.refusals(limit).await)
    }

    async fn ledger_append(
        &self,
        ledger: LedgerName,
        expected: u64,
        bodies: Vec<String>,
    ) -> Result<AppendOutcome, LogError> {
        on!(self, log => log.ledger_append(ledger, expected, bodies).await)
    }

    async fn ledger_read(
        &self,
        ledger: LedgerName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, LogError> {
        on!(self, log => log.ledger_read(ledger, after, limit).await)
    }

    fn ledger_watch(&self, ledger: LedgerName) -> watch::Receiver<u64> {
        on!(self, log => log.ledger_watch(ledger))
    }

    async fn marks_put(&self, kind: &str, marks: Vec<Mark>) -> Result<(), LogError> {
        on!(self, log => log.marks_put(kind, marks).await)
    }

    async fn marks(&self, kind: &str) -> Result<Vec<Mark>, LogError> {
        on!(self, log => log.marks(kind).await)
    }

    async fn doctor(&self) -> Vec<Finding> {
        on!(self, log => log.doctor().await)
    }
}

/// A reader that follows the log; dropping it ends it.
#[derive(Debug)]
pub struct Tail(TailKind);

#[derive(Debug)]
enum TailKind {
    Embedded(embedded::EmbeddedTail),
    Redis(redis::RedisTail),
}

impl Tail {
    /// Waits for records and hands them back in log order, without gap or repeat; never an empty
    /// batch. It may be dropped half-way (in `select!`) without losing anything.
    ///
    /// A log that is merely away is waited for ([`Log::health`] tells); an error means that
    /// following on makes no sense before an operator or a restart has mended something.
    pub async fn next(&mut self) -> Result<Batch, LogError> {
        match &mut self.0 {
            TailKind::Embedded(tail) => tail.next().await,
            TailKind::Redis(tail) => tail.next().await,
        }
    }
}

/// Bytes nobody can guess.
fn random_bytes<const N: usize>() -> Result<[u8; N], LogError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| LogError::unavailable(format!("the system gives no random bytes: {e}")))?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
