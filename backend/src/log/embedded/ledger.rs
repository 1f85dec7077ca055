//! Ledgers and marks in the SQLite file. Tools write beside the serving node, so whoever watches a
//! ledger also looks at the file, a few times a second.

use std::sync::{Arc, Weak, atomic::Ordering};
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::watch;

use super::super::{AppendOutcome, LedgerEntry, LedgerName, LogError, Mark};
use super::{Readers, Shared};

/// How often the file is looked at for what other processes wrote: three reads of an index, a few
/// microseconds each.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS ledgers(
  ledger INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(ledger, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks(
  kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;
";

/// The number of a ledger's newest entry.
pub(super) fn head(connection: &Connection, ledger: LedgerName) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM ledgers WHERE ledger = ?1")?
        .query_row([ledger.index() as i64], |row| row.get::<_, i64>(0))
        .map(|seq| seq as u64)
}

/// Entries after `after`, at most `limit`.
pub(super) fn read(
    connection: &Connection,
    ledger: LedgerName,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<LedgerEntry>> {
    connection
        .prepare_cached(
            "SELECT seq, body FROM ledgers WHERE ledger = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(
            params![ledger.index() as i64, after as i64, limit as i64],
            |row| {
                Ok(LedgerEntry {
                    seq: row.get::<_, i64>(0)? as u64,
                    body: row.get(1)?,
                })
            },
        )?
        .collect()
}

/// Appends all of `bodies`, or nothing when the ledger has moved on.
pub(super) fn append(
    transaction: &Transaction<'_>,
    ledger: LedgerName,
    expected: u64,
    bodies: &[String],
) -> rusqlite::Result<AppendOutcome> {
    let actual = head(transaction, ledger)?;
    if actual != expected {
        return Ok(AppendOutcome::Conflict { actual });
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO ledgers(ledger, seq, body) VALUES(?1, ?2, ?3)")?;
    let mut seq = actual;
    for body in bodies {
        seq += 1;
        insert.execute(params![ledger.index() as i64, seq as i64, body])?;
    }
    Ok(AppendOutcome::Done { version: seq })
}

/// Keeps the newer of each mark.
pub(super) fn put_marks(
    transaction: &Transaction<'_>,
    kind: &str,
    marks: &[Mark],
) -> rusqlite::Result<()> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO marks(kind, id, at) VALUES(?1, ?2, ?3)
         ON CONFLICT(kind, id) DO UPDATE SET at = max(at, excluded.at)",
    )?;
    for (id, at) in marks {
        put.execute(params![kind, id, at])?;
    }
    Ok(())
}

/// All marks of a kind.
pub(super) fn marks(connection: &Connection, kind: &str) -> rusqlite::Result<Vec<Mark>> {
    connection
        .prepare_cached("SELECT id, at FROM marks WHERE kind = ?1 ORDER BY id")?
        .query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The newest numbers known, for whoever watches.
#[derive(Debug, Default)]
pub(super) struct Heads {
    told: [watch::Sender<u64>; 3],
    looking: std::sync::atomic::AtomicBool,
}

impl Heads {
    /// Tells that a ledger reaches to `seq`; an older number changes nothing.
    pub(super) fn tell(&self, ledger: LedgerName, seq: u64) {
        self.told[ledger.index()].send_if_modified(|known| {
            let newer = seq > *known;
            *known = (*known).max(seq);
            newer
        });
    }

    /// Follows a ledger's newest number. The first call sets a task looking at the file.
    pub(super) fn watch(
        shared: &Arc<Shared>,
        readers: &Arc<Readers>,
        ledger: LedgerName,
    ) -> watch::Receiver<u64> {
        let heads = &shared.ledgers;
        if !heads.looking.swap(true, Ordering::AcqRel) {
            tokio::spawn(look(Arc::downgrade(shared), Arc::downgrade(readers)));
        }
        heads.told[ledger.index()].subscribe()
    }
}

/// Looks until the log is closed. A file that can't be read now is looked at again: the log's
/// health tells of it.
async fn look(shared: Weak<Shared>, readers: Weak<Readers>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    loop {
        every.tick().await;
        let (Some(shared), Some(readers)) = (shared.upgrade(), readers.upgrade()) else {
            return;
        };
        let heads: Result<Vec<u64>, LogError> = readers
            .with(|connection| {
                LedgerName::ALL
                    .into_iter()
                    .map(|ledger| head(connection, ledger))
                    .collect()
            })
            .await;
        for (ledger, seq) in LedgerName::ALL.into_iter().zip(heads.unwrap_or_default()) {
            shared.ledgers.tell(ledger, seq);
        }
    }
}
