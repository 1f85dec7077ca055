//! Ledgers and marks in Redis: a stream each, whose entry ids are the entries' numbers.

use std::sync::{Arc, Mutex, PoisonError, Weak, atomic::AtomicBool, atomic::Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamRangeReply, StreamReadReply};
use redis::{Pipeline, RedisResult, Value};
use tokio::sync::watch;

use super::super::{AppendOutcome, LedgerEntry, LedgerName, LogError, Mark};
use super::{Backoff, CONFIRM_TIMEOUT, Inner, is_function_missing, load};

/// How long one blocking look waits.
const BLOCK: Duration = Duration::from_secs(5);
/// Entries told of in one look.
const COUNT: usize = 1_000;

/// The newest numbers known, for whoever watches.
#[derive(Debug, Default)]
pub(super) struct Heads {
    told: [watch::Sender<u64>; 3],
    looking: AtomicBool,
    /// The newest entry of the accounts that this node has read: a server that takes over must hold
    /// it, or this node would let in whom the others do not know. The audit is chained and says by
    /// itself what it lost.
    read: Mutex<Option<LedgerEntry>>,
}

impl Heads {
    fn tell(&self, ledger: LedgerName, seq: u64) {
        self.told[ledger.index()].send_if_modified(|known| {
            let newer = seq > *known;
            *known = (*known).max(seq);
            newer
        });
    }
}

impl Heads {
    fn note(&self, ledger: LedgerName, entries: &[LedgerEntry]) {
        let Some(last) = entries.last().filter(|_| ledger == LedgerName::Accounts) else {
            return;
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.as_ref().is_none_or(|read| read.seq < last.seq) {
            *read = Some(last.clone());
        }
    }
}

impl Inner {
    /// Fails when the ledger of accounts no longer holds the last entry that was read from it.
    pub(super) async fn check_ledger(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> Result<(), LogError> {
        let read = self.ledgers.read.lock();
        let read = read.unwrap_or_else(PoisonError::into_inner).clone();
        let Some(read) = read else { return Ok(()) };
        let key = &self.keys.ledgers[LedgerName::Accounts.index()];
        let id = format!("{}-0", read.seq);
        let mut command = redis::cmd("XRANGE");
        command.arg(key).arg(&id).arg(&id);
        let found: StreamRangeReply = command
            .query_async(connection)
            .await
            .map_err(|e| self.link.explain(&e))?;
        let body = found.ids.first().and_then(|entry| entry.get("body"));
        if body == Some(read.body) {
            return Ok(());
        }
        Err(LogError::Diverged {
            why: format!(
                "{key} no longer holds entry {}, which was read from it; did a replica take over that had not received it?",
                read.seq
            ),
        })
    }

    pub(super) async fn ledger_append(
        &self,
        ledger: LedgerName,
        expected: u64,
        bodies: &[String],
    ) -> Result<AppendOutcome, LogError> {
        let mut command = redis::cmd("FCALL");
        command
            .arg("gridlamp_v1_ledger")
            .arg(1)
            .arg(&self.keys.ledgers[ledger.index()])
            .arg(expected);
        for body in bodies {
            command.arg(body);
        }
        let (done, seq) = self.call_confirmed(&command).await?;
        if done == 0 {
            return Ok(AppendOutcome::Conflict { actual: seq });
        }
        self.ledgers.tell(ledger, seq);
        Ok(AppendOutcome::Done { version: seq })
    }

    pub(super) async fn ledger_read(
        &self,
        ledger: LedgerName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, LogError> {
        let mut command = redis::cmd("XRANGE");
        command
            .arg(&self.keys.ledgers[ledger.index()])
            .arg(format!("({after}-0"))
            .arg("+")
            .arg("COUNT")
            .arg(limit);
        let reply: StreamRangeReply = self.link.run(&command).await?;
        let entries = reply
            .ids
            .into_iter()
            .map(|entry| {
                let seq = number(&entry.id);
                let body = entry.get::<String>("body");
                match (seq, body) {
                    (Some(seq), Some(body)) => Ok(LedgerEntry { seq, body }),
                    _ => Err(LogError::corrupt(format!(
                        "{} holds an entry {} that is none of ours",
                        self.keys.ledgers[ledger.index()],
                        entry.id
                    ))),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        self.ledgers.note(ledger, &entries);
        Ok(entries)
    }

    pub(super) async fn marks_put(&self, kind: &str, marks: &[Mark]) -> Result<(), LogError> {
        let mut command = redis::cmd("FCALL");
        command
            .arg("gridlamp_v1_marks")
            .arg(1)
            .arg(self.keys.marks(kind));
        for (id, at) in marks {
            command.arg(id).arg(*at);
        }
        let _kept: u64 = self.call(&command).await?;
        Ok(())
    }

    pub(super) async fn marks(&self, kind: &str) -> Result<Vec<Mark>, LogError> {
        let mut marks: Vec<Mark> = self
            .link
            .run(redis::cmd("HGETALL").arg(self.keys.marks(kind)))
            .await?;
        marks.sort_unstable();
        Ok(marks)
    }

    /// Appends by a function of ours; counts only when as many replicas have it as the address asks
    /// for. It may stay all the same, as after any [`LogError::Unavailable`].
    async fn call_confirmed(&self, command: &redis::Cmd) -> Result<(u64, u64), LogError> {
        let replicas = self.link.endpoint().replicas();
        if replicas == 0 {
            return self.call(command).await;
        }
        let mut answers = self.call_and_wait(command, replicas).await?;
        if answers
            .first()
            .is_some_and(|answer| answer.as_ref().is_err_and(is_function_missing))
        {
            load(&self.link).await?;
            answers = self.call_and_wait(command, replicas).await?;
        }
        let mut answers = answers.into_iter();
        let Some(done) = answers.next() else {
            return Err(LogError::unavailable("it gave no answer"));
        };
        let done = done.and_then(|value| Ok(redis::from_redis_value(value)?));
        let done: (u64, u64) = done.map_err(|error| self.link.answered(&error))?;
        if done.0 == 1 {
            let confirmed = answers.next();
            self.confirm(confirmed.map(|n| n.and_then(|n| Ok(redis::from_redis_value(n)?))))?;
        }
        Ok(done)
    }

    async fn call_and_wait(
        &self,
        command: &redis::Cmd,
        replicas: u32,
    ) -> Result<Vec<RedisResult<Value>>, LogError> {
        let mut pipeline = Pipeline::new();
        pipeline.add_command(command.clone());
        let millis = CONFIRM_TIMEOUT.as_millis() as u64;
        pipeline.cmd("WAIT").arg(replicas).arg(millis);
        pipeline.ignore_errors();
        self.link.run_all(&pipeline).await
    }

    /// Calls a function of ours, which is loaded anew if Redis has lost it.
    async fn call<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, LogError> {
        match self.link.run(command).await {
            Err(LogError::Unavailable { why, .. }) if why.contains("unction not found") => {
                load(&self.link).await?;
                self.link.run(command).await
            }
            answer => answer,
        }
    }
}

/// Follows a ledger's newest number. The first call sets a task reading along.
pub(super) fn watch(inner: &Arc<Inner>, ledger: LedgerName) -> watch::Receiver<u64> {
    if !inner.ledgers.looking.swap(true, Ordering::AcqRel) {
        tokio::spawn(look(Arc::downgrade(inner)));
    }
    inner.ledgers.told[ledger.index()].subscribe()
}

async fn look(inner: Weak<Inner>) {
    let mut pause = Backoff::default();
    while let Some(strong) = inner.upgrade() {
        match follow(&strong, &mut pause).await {
            Ok(()) => {}
            Err(error) => {
                tracing::debug!(%error, "the ledgers can't be followed now");
                drop(strong);
                tokio::time::sleep(pause.next()).await;
            }
        }
    }
}

/// Reads along on a connection of its own until it breaks, or once around: the caller sees then
/// whether anybody still holds the log.
async fn follow(inner: &Inner, pause: &mut Backoff) -> Result<(), LogError> {
    let mut connection = inner.link.dedicated(BLOCK).await?;
    loop {
        let known = LedgerName::ALL.map(|ledger| *inner.ledgers.told[ledger.index()].borrow());
        let mut command = redis::cmd("XREAD");
        command
            .arg("COUNT")
            .arg(COUNT)
            .arg("BLOCK")
            .arg(BLOCK.as_millis() as u64)
            .arg("STREAMS");
        for key in &inner.keys.ledgers {
            command.arg(key);
        }
        for seq in known {
            command.arg(format!("{seq}-0"));
        }
        let reply: Option<StreamReadReply> = command
            .query_async(&mut connection)
            .await
            .map_err(|e| inner.link.explain(&e))?;
        pause.reset();
        let Some(reply) = reply else { return Ok(()) };
        for stream in reply.keys {
            let ledger = LedgerName::ALL
                .into_iter()
                .find(|ledger| inner.keys.ledgers[ledger.index()] == stream.key);
            let newest = stream.ids.last().and_then(|entry| number(&entry.id));
            if let (Some(ledger), Some(seq)) = (ledger, newest) {
                inner.ledgers.tell(ledger, seq);
            }
        }
    }
}

fn number(id: &str) -> Option<u64> {
    id.strip_suffix("-0")?.parse().ok()
}
