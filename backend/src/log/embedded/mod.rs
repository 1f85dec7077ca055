//! The embedded log: one SQLite file, one writing thread with group commit, readers on their own
//! connections. Only one serving process at a time may hold it; tools may read, and append to ledgers.

mod doctor;
#[cfg(test)]
mod file_tests;
mod ledger;
mod schema;
mod tail;
mod writer;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64, atomic::Ordering},
    thread::JoinHandle,
};

use rusqlite::{Connection, Row, params};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{
    Append, AppendOutcome, Batch, Epoch, Finding, LedgerEntry, LedgerName, Log, LogError,
    LogHealth, Mark, OpenMode, Position, Record, Refusal, StreamName, Tail, TailKind,
};
pub(super) use tail::EmbeddedTail;
use writer::{Answer, Order, Task};

/// Requests that may wait for the writer before callers wait too.
const QUEUE: usize = 1_024;
/// Batches a tail may lag behind before it goes back to reading the file.
const FEED: usize = 64;
/// Reading connections kept open.
const READERS: usize = 4;

/// A log in a SQLite file.
#[derive(Debug)]
pub struct EmbeddedLog {
    epoch: Epoch,
    secret: [u8; 32],
    mode: OpenMode,
    readers: Arc<Readers>,
    shared: Arc<Shared>,
    // Dropped first in `drop`, so that the writer ends before the lock is given back.
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    _lock: Option<File>,
}

/// What the writer tells the rest.
#[derive(Debug)]
struct Shared {
    head: AtomicU64,
    feed: broadcast::Sender<Arc<Batch>>,
    health: watch::Sender<LogHealth>,
    ledgers: ledger::Heads,
}

impl EmbeddedLog {
    /// Opens the file, and creates it and its folder when missing.
    pub async fn open(path: impl AsRef<Path>, mode: OpenMode) -> Result<Self, LogError> {
        let path = path.as_ref().to_owned();
        blocking(move || Self::open_blocking(path, mode)).await
    }

    fn open_blocking(path: PathBuf, mode: OpenMode) -> Result<Self, LogError> {
        let lock = schema::prepare(&path, mode)?;
        let (connection, identity) = schema::open(&path)?;
        Self::start(path, mode, lock, connection, identity)
    }

    /// Like `open`, with a file that may not grow past `pages`: a disk that fills up.
    #[cfg(test)]
    async fn open_limited(path: PathBuf, pages: u32) -> Result<Self, LogError> {
        let mode = OpenMode::Serve;
        blocking(move || {
            let lock = schema::prepare(&path, mode)?;
            let (connection, identity) = schema::open(&path)?;
            let limited =
                connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()));
            limited.map_err(|e| schema::explain(&path, &e))?;
            Self::start(path, mode, lock, connection, identity)
        })
        .await
    }

    fn start(
        path: PathBuf,
        mode: OpenMode,
        lock: Option<File>,
        connection: Connection,
        identity: schema::Identity,
    ) -> Result<Self, LogError> {
        let head = schema::head(&connection).map_err(|e| schema::explain(&path, &e))?;
        let shared = Arc::new(Shared {
            head: AtomicU64::new(head),
            feed: broadcast::Sender::new(FEED),
            health: watch::Sender::new(LogHealth::Up),
            ledgers: ledger::Heads::default(),
        });
        let (orders, inbox) = mpsc::channel(QUEUE);
        let thread = writer::spawn(path.clone(), connection, Arc::clone(&shared), inbox)?;
        Ok(Self {
            epoch: identity.epoch,
            secret: identity.secret,
            mode,
            readers: Arc::new(Readers {
                path,
                idle: Mutex::default(),
            }),
            shared,
            orders: Some(orders),
            thread: Some(thread),
            _lock: lock,
        })
    }

    async fn order(&self, task: Task) -> Result<Answer, LogError> {
        let stopped = || LogError::closed("its writer has ended");
        let (reply, answer) = oneshot::channel();
        let orders = self.orders.as_ref().ok_or_else(stopped)?;
        orders
            .send(Order { task, reply })
            .await
            .map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the log's writer ended in a panic");
        }
    }
}

impl Log for EmbeddedLog {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<AppendOutcome>, LogError> {
        if self.mode == OpenMode::Tool {
            return Err(LogError::closed(
                "it was opened beside the serving node, which alone appends",
            ));
        }
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        match self.order(Task::Append(appends)).await? {
            Answer::Appended(outcomes) => Ok(outcomes),
            Answer::Ledger(..) | Answer::Done => Ok(Vec::new()),
        }
    }

    fn tail(&self, from: Position) -> Tail {
        Tail(TailKind::Embedded(EmbeddedTail::new(
            from,
            Arc::clone(&self.readers),
            Arc::clone(&self.shared),
        )))
    }

    async fn read(&self, from: Position, limit: usize) -> Result<Batch, LogError> {
        self.readers.read(from, limit).await
    }

    async fn read_key(&self, stream: StreamName, key: &str) -> Result<Vec<Record>, LogError> {
        let key = key.to_owned();
        self.readers
            .with(move |connection| {
                let mut statement = connection.prepare_cached(schema::SELECT_KEY)?;
                statement
                    .query_map(params![stream.index() as i64, key], record)?
                    .collect()
            })
            .await
    }

    async fn head(&self) -> Result<Position, LogError> {
        if self.mode == OpenMode::Serve {
            return Ok(Position::from_seq(self.shared.head.load(Ordering::Acquire)));
        }
        self.readers
            .with(schema::head)
            .await
            .map(Position::from_seq)
    }

    fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    fn secret(&self) -> [u8; 32] {
        self.secret
    }

    fn health(&self) -> watch::Receiver<LogHealth> {
        self.shared.health.subscribe()
    }

    async fn refuse(&self, refusal: Refusal) -> Result<(), LogError> {
        self.order(Task::Refuse(refusal)).await.map(|_| ())
    }

    async fn refusals(&self, limit: usize) -> Result<Vec<Refusal>, LogError> {
        self.readers
            .with(move |connection| {
                let mut statement = connection.prepare_cached(schema::SELECT_REFUSED)?;
                statement.query_map([limit as i64], refusal)?.collect()
            })
            .await
    }

    async fn ledger_append(
        &self,
        ledger: LedgerName,
        expected: u64,
        bodies: Vec<String>,
    ) -> Result<AppendOutcome, LogError> {
        let task = Task::Ledger {
            ledger,
            expected,
            bodies,
        };
        match self.order(task).await? {
            Answer::Ledger(_, outcome) => Ok(outcome),
            Answer::Appended(_) | Answer::Done => Err(LogError::closed("its writer is confused")),
        }
    }

    async fn ledger_read(
        &self,
        ledger: LedgerName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, LogError> {
        self.readers
            .with(move |connection| ledger::read(connection, ledger, after, limit))
            .await
    }

    fn ledger_watch(&self, ledger: LedgerName) -> watch::Receiver<u64> {
        ledger::Heads::watch(&self.shared, &self.readers, ledger)
    }

    async fn marks_put(&self, kind: &str, marks: Vec<Mark>) -> Result<(), LogError> {
        let kind = kind.to_owned();
        self.order(Task::Marks { kind, marks }).await.map(|_| ())
    }

    async fn marks(&self, kind: &str) -> Result<Vec<Mark>, LogError> {
        let kind = kind.to_owned();
        self.readers
            .with(move |connection| ledger::marks(connection, &kind))
            .await
    }

    async fn doctor(&self) -> Vec<Finding> {
        let readers = Arc::clone(&self.readers);
        blocking(move || Ok(doctor::findings(&readers)))
            .await
            .unwrap_or_else(|e| vec![Finding::error(e.to_string(), "run doctor again")])
    }
}

/// Connections that only read; each is used by one call at a time, on a thread that may wait.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    async fn read(self: &Arc<Self>, from: Position, limit: usize) -> Result<Batch, LogError> {
        let records: Vec<Record> = self
            .with(move |connection| {
                let mut statement = connection.prepare_cached(schema::SELECT_AFTER)?;
                statement
                    .query_map(params![from.seq() as i64, limit as i64], record)?
                    .collect()
            })
            .await?;
        Ok(Batch::new(from, records))
    }

    async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LogError> {
        let readers = Arc::clone(self);
        blocking(move || readers.with_blocking(query)).await
    }

    fn with_blocking<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LogError> {
        let kept = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let explain = |e: rusqlite::Error| schema::explain(&self.path, &e);
        let connection = kept
            .map_or_else(|| schema::open_reader(&self.path), Ok)
            .map_err(explain)?;
        // After an error the connection is closed instead of kept: the next call starts clean.
        let answer = query(&connection).map_err(explain)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS {
            idle.push(connection);
        }
        Ok(answer)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| LogError::closed(format!("a reader ended early: {e}")))?
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let stream: i64 = row.get(1)?;
    Ok(Record {
        position: Position::from_seq(row.get::<_, i64>(0)? as u64),
        stream: *StreamName::ALL
            .get(stream as usize)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(1, stream))?,
        key: row.get(2)?,
        version: row.get::<_, i64>(3)? as u64,
        at: row.get(4)?,
        actor: row.get(5)?,
        region: row.get(6)?,
        kind: row.get(7)?,
        data: row.get(8)?,
    })
}

fn refusal(row: &Row<'_>) -> rusqlite::Result<Refusal> {
    Ok(Refusal {
        source: row.get(0)?,
        code: row.get(1)?,
        reason: row.get(2)?,
        body: row.get(3)?,
        entry: row.get(4)?,
        at: row.get(5)?,
    })
}
