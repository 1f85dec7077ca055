//! The one thread that writes: takes everything that waits, commits it once, answers, then feeds the tails.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::SystemTime,
};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot};

use super::super::{
    Append, AppendOutcome, BATCH_MAX, Batch, LedgerName, LogError, LogHealth, Mark, Position,
    REFUSED_MAX, Record, Refusal,
};
use super::{Shared, ledger, schema};

/// Subjects whose version is kept in memory; past it the memory is emptied and the file asked again.
const VERSIONS_MAX: usize = 200_000;

/// Something to write, and where the answer goes.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) task: Task,
    pub(super) reply: oneshot::Sender<Result<Answer, LogError>>,
}

/// What can be written.
#[derive(Debug)]
pub(super) enum Task {
    Append(Vec<Append>),
    Refuse(Refusal),
    Ledger {
        ledger: LedgerName,
        expected: u64,
        bodies: Vec<String>,
    },
    Marks {
        kind: String,
        marks: Vec<Mark>,
    },
}

/// What comes back once it is on disk.
#[derive(Debug)]
pub(super) enum Answer {
    Appended(Vec<AppendOutcome>),
    Ledger(LedgerName, AppendOutcome),
    Done,
}

type Reply = oneshot::Sender<Result<Answer, LogError>>;

pub(super) fn spawn(
    path: PathBuf,
    connection: Connection,
    shared: Arc<Shared>,
    inbox: mpsc::Receiver<Order>,
) -> Result<JoinHandle<()>, LogError> {
    let writer = Writer {
        path,
        connection,
        shared,
        versions: Versions::default(),
    };
    thread::Builder::new()
        .name("gridlamp-log".to_owned())
        .spawn(move || writer.run(inbox))
        .map_err(|e| LogError::unavailable(format!("no thread for its writer: {e}")))
}

struct Writer {
    path: PathBuf,
    connection: Connection,
    shared: Arc<Shared>,
    versions: Versions,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Order>) {
        while let Some(first) = inbox.blocking_recv() {
            let mut size = first.task.size();
            let mut group = vec![first];
            while size < BATCH_MAX
                && let Ok(order) = inbox.try_recv()
            {
                size += order.task.size();
                group.push(order);
            }
            self.commit(group);
        }
    }

    fn commit(&mut self, group: Vec<Order>) {
        let (tasks, replies): (Vec<Task>, Vec<Reply>) =
            group.into_iter().map(|o| (o.task, o.reply)).unzip();
        let head = self.shared.head.load(Ordering::Acquire);
        match write(&mut self.connection, &mut self.versions, head, tasks) {
            Ok((answers, records)) => {
                self.report(None);
                self.publish(head, records, answers, replies);
            }
            Err(error) => {
                // The transaction is undone, so what was remembered of it is wrong.
                self.versions.clear();
                let error = schema::explain(&self.path, &error);
                self.report(Some(&error));
                for reply in replies {
                    // The caller may have given up waiting.
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }

    fn publish(&self, head: u64, records: Vec<Record>, answers: Vec<Answer>, replies: Vec<Reply>) {
        self.shared
            .head
            .store(head + records.len() as u64, Ordering::Release);
        for (reply, answer) in replies.into_iter().zip(answers) {
            if let Answer::Ledger(ledger, AppendOutcome::Done { version }) = answer {
                self.shared.ledgers.tell(ledger, version);
            }
            let _ = reply.send(Ok(answer));
        }
        if !records.is_empty() {
            // An error only says that nobody follows.
            let _ = self
                .shared
                .feed
                .send(Arc::new(Batch::new(Position::from_seq(head), records)));
        }
    }

    fn report(&self, error: Option<&LogError>) {
        self.shared.health.send_if_modified(|health| {
            let changed = health.is_up() == error.is_some();
            if changed {
                *health = error.map_or(LogHealth::Up, |e| LogHealth::Down {
                    since: SystemTime::now(),
                    why: e.to_string(),
                });
            }
            changed
        });
    }
}

fn write(
    connection: &mut Connection,
    versions: &mut Versions,
    head: u64,
    tasks: Vec<Task>,
) -> rusqlite::Result<(Vec<Answer>, Vec<Record>)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut step = Step {
        transaction: &transaction,
        versions,
        head,
        records: Vec::new(),
    };
    let answers = tasks
        .into_iter()
        .map(|task| step.perform(task))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let records = step.records;
    transaction.commit()?;
    Ok((answers, records))
}

/// One transaction under way.
struct Step<'a> {
    transaction: &'a Transaction<'a>,
    versions: &'a mut Versions,
    head: u64,
    records: Vec<Record>,
}

impl Step<'_> {
    fn perform(&mut self, task: Task) -> rusqlite::Result<Answer> {
        match task {
            Task::Append(appends) => appends
                .into_iter()
                .map(|append| self.append(append))
                .collect::<rusqlite::Result<_>>()
                .map(Answer::Appended),
            Task::Refuse(refusal) => self.refuse(&refusal),
            Task::Ledger {
                ledger,
                expected,
                bodies,
            } => ledger::append(self.transaction, ledger, expected, &bodies)
                .map(|outcome| Answer::Ledger(ledger, outcome)),
            Task::Marks { kind, marks } => {
                ledger::put_marks(self.transaction, &kind, &marks).map(|()| Answer::Done)
            }
        }
    }

    fn append(&mut self, append: Append) -> rusqlite::Result<AppendOutcome> {
        let actual = self.versions.get(self.transaction, &append)?;
        if actual != append.expected {
            return Ok(AppendOutcome::Conflict { actual });
        }
        let mut version = actual;
        let mut insert = self.transaction.prepare_cached(schema::INSERT_EVENT)?;
        for new in append.records {
            version += 1;
            let seq = self.head + self.records.len() as u64 + 1;
            insert.execute(params![
                seq as i64,
                append.stream.index() as i64,
                append.key,
                version as i64,
                new.at,
                new.actor,
                new.region,
                new.kind,
                new.data
            ])?;
            self.records.push(Record {
                position: Position::from_seq(seq),
                stream: append.stream,
                key: append.key.clone(),
                version,
                at: new.at,
                actor: new.actor,
                region: new.region,
                kind: new.kind,
                data: new.data,
            });
        }
        self.versions
            .set(append.stream.index(), append.key, version);
        Ok(AppendOutcome::Done { version })
    }

    fn refuse(&self, refusal: &Refusal) -> rusqlite::Result<Answer> {
        let Refusal {
            source,
            code,
            reason,
            body,
            entry,
            at,
        } = refusal;
        self.transaction
            .prepare_cached(schema::INSERT_REFUSED)?
            .execute(params![source, code, reason, body, entry, at])?;
        self.transaction
            .prepare_cached(schema::TRIM_REFUSED)?
            .execute([REFUSED_MAX as i64])?;
        Ok(Answer::Done)
    }
}

impl Task {
    fn size(&self) -> usize {
        match self {
            Self::Append(appends) => appends.iter().map(|append| append.records.len()).sum(),
            Self::Refuse(_) => 1,
            Self::Ledger { bodies, .. } => bodies.len(),
            Self::Marks { marks, .. } => marks.len(),
        }
    }
}

/// The versions of subjects seen lately, one map a stream.
#[derive(Default)]
struct Versions([FxHashMap<String, u64>; 3]);

impl Versions {
    fn get(&self, transaction: &Transaction<'_>, append: &Append) -> rusqlite::Result<u64> {
        let index = append.stream.index();
        if let Some(version) = self.0[index].get(&append.key) {
            return Ok(*version);
        }
        transaction
            .prepare_cached(schema::SELECT_VERSION)?
            .query_row(params![index as i64, append.key], |row| {
                row.get::<_, i64>(0)
            })
            .map(|version| version as u64)
    }

    fn set(&mut self, stream: usize, key: String, version: u64) {
        if self.0[stream].len() >= VERSIONS_MAX {
            self.0[stream].clear();
        }
        self.0[stream].insert(key, version);
    }

    fn clear(&mut self) {
        self.0.iter_mut().for_each(FxHashMap::clear);
    }
}
