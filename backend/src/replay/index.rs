//! What stands out in the log, and how much happened when: a small file beside the log, folded from
//! it and thrown away at will. It holds places and no words; who sees what is asked of the subjects.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::ids::IncidentId;
use domain::time::Timestamp;
use geodata::region::{Code, Level};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use crate::log::{Batch, Position, Record, StreamName};

const FORMAT: &str = "1";
const MINUTE: i64 = 60_000;
const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE marks(
  at INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL,
  region TEXT NOT NULL, PRIMARY KEY(at, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE minutes(
  minute INTEGER NOT NULL, township TEXT NOT NULL, events INTEGER NOT NULL,
  PRIMARY KEY(minute, township)) STRICT, WITHOUT ROWID;
";

/// What stands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A lamp turned red, and a supervision order was issued.
    Red,
    /// A 1+1+X session was set up.
    Session,
    /// Its orders went out.
    Order,
    /// It ended, or was called off.
    Ended,
    /// The county went to war mode, or back.
    Mode,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Red,
        Self::Session,
        Self::Order,
        Self::Ended,
        Self::Mode,
    ];

    /// Its name, stable, in snake_case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Session => "session",
            Self::Order => "order",
            Self::Ended => "ended",
            Self::Mode => "mode",
        }
    }

    fn of(record: &Record) -> Option<Self> {
        match (record.stream, record.kind.as_str()) {
            (StreamName::Incidents, "breached") => Some(Self::Red),
            (StreamName::Sessions, "opened") => Some(Self::Session),
            (StreamName::Sessions, "ordered") => Some(Self::Order),
            (StreamName::Sessions, "ended" | "aborted") => Some(Self::Ended),
            (StreamName::Sessions, "mode_switched") => Some(Self::Mode),
            _ => None,
        }
    }
}

/// A moment that stands out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// The events before and with it: its number among all of the log.
    pub seq: u64,
    /// What.
    pub kind: Kind,
    /// To which incident or session, as it stands in the envelope.
    pub key: IncidentId,
    /// Where.
    pub region: Code,
}

/// Which moments are sought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sought {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// Of these kinds.
    pub kinds: Vec<Kind>,
    /// At most so many.
    pub limit: usize,
    /// Whether the last come first.
    pub last_first: bool,
}

/// The reading half.
#[derive(Clone, Debug)]
pub struct Index {
    path: PathBuf,
}

/// The writing half.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    epoch: String,
    connection: Connection,
    position: Position,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("replay.db")
}

impl Index {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: path(folder) }
    }

    /// What stands out of some kinds from `from` (inclusive) until `to` (exclusive), at most
    /// `limit`, in order or with the last first.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn marks(&self, sought: Sought) -> anyhow::Result<Vec<Mark>> {
        let path = self.path.clone();
        let found = tokio::task::spawn_blocking(move || {
            let connection = connect(&path)?;
            let order = if sought.last_first { "DESC" } else { "ASC" };
            let mut select = connection.prepare(&format!(
                "SELECT at, seq, kind, key, region FROM marks
                 WHERE at >= ?1 AND at < ?2 AND (?4 & (1 << kind)) != 0
                 ORDER BY at {order}, seq {order} LIMIT ?3"
            ))?;
            let kinds = sought
                .kinds
                .iter()
                .fold(0, |all, one| all | 1_i64 << *one as i64);
            let (from, to) = (sought.from.millis(), sought.to.millis());
            let asked = params![from, to, sought.limit as i64, kinds];
            let rows = select.query_map(asked, mark)?;
            rows.filter_map(Result::transpose)
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(found.await??)
    }

    /// How many events there were, in `steps` equal parts of the time between; of the whole county
    /// or of one township.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn density(
        &self,
        township: Option<Code>,
        from: Timestamp,
        to: Timestamp,
        steps: usize,
    ) -> anyhow::Result<Vec<u32>> {
        let path = self.path.clone();
        let step = part_ms(from, to, steps);
        let found = tokio::task::spawn_blocking(move || {
            let connection = connect(&path)?;
            let mut select = connection.prepare(
                "SELECT (max(minute * 60000, ?1) - ?1) / ?3 AS part, sum(events) FROM minutes
                 WHERE minute >= ?4 AND minute * 60000 < ?2 AND (?5 IS NULL OR township = ?5)
                 GROUP BY part",
            )?;
            let first = from.millis().div_euclid(MINUTE);
            let township = township.map(|code| code.to_string());
            let asked = params![from.millis(), to.millis(), step, first, township];
            let rows = select.query_map(asked, |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            let mut parts = vec![0_u32; steps];
            for row in rows {
                let (part, events) = row?;
                if let Some(one) = parts.get_mut(part as usize) {
                    *one = u32::try_from(events).unwrap_or(u32::MAX);
                }
            }
            Ok::<_, rusqlite::Error>(parts)
        });
        Ok(found.await??)
    }
}

/// How long each of so many equal parts of a stretch is, in milliseconds.
pub fn part_ms(from: Timestamp, to: Timestamp, parts: usize) -> i64 {
    let parts = parts.max(1) as i64;
    (((to - from).millis() + parts - 1) / parts).max(1)
}

fn mark(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Mark>> {
    let kind: i64 = row.get(2)?;
    let (key, region): (String, String) = (row.get(3)?, row.get(4)?);
    let read = || {
        Some(Mark {
            at: Timestamp::from_millis(row.get(0).ok()?),
            seq: row.get::<_, i64>(1).ok()? as u64,
            kind: *Kind::ALL.get(kind as usize)?,
            key: key.parse().ok()?,
            region: region.parse().ok()?,
        })
    };
    Ok(read())
}

impl Writer {
    /// Opens the index of the log `epoch` in `folder`, a new one where none fits.
    pub fn open(folder: &Path, epoch: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = path(folder);
        if let Ok(Some((connection, position))) = existing(&path, epoch) {
            return Ok(Self {
                path,
                epoch: epoch.to_owned(),
                connection,
                position,
            });
        }
        let connection = create(&path, epoch)?;
        Ok(Self {
            path,
            epoch: epoch.to_owned(),
            connection,
            position: Position::START,
        })
    }

    /// Everything before this place is in it.
    pub fn position(&self) -> Position {
        self.position
    }

    /// A new one in the place of whatever lies there.
    pub fn start_anew(&mut self) -> anyhow::Result<()> {
        self.connection = Connection::open_in_memory()?;
        self.connection = create(&self.path, &self.epoch)?;
        self.position = Position::START;
        Ok(())
    }

    /// Takes in a batch, all of it with the place it ends at.
    pub fn take(&mut self, batch: &Batch) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut mark = transaction
                .prepare_cached("INSERT OR REPLACE INTO marks VALUES(?1, ?2, ?3, ?4, ?5)")?;
            let mut count = transaction.prepare_cached(
                "INSERT INTO minutes VALUES(?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET events = events + 1",
            )?;
            for record in &batch.records {
                let (Ok(at), Ok(region)) = (
                    record.at.parse::<Timestamp>(),
                    record.region.parse::<Code>(),
                ) else {
                    continue;
                };
                let township = region.at(Level::Township).unwrap_or(region);
                let minute = at.millis().div_euclid(MINUTE);
                count.execute(params![minute, township.to_string()])?;
                if let Some(kind) = Kind::of(record) {
                    let (seq, key) = (record.position.seq() as i64, &record.key);
                    mark.execute(params![at.millis(), seq, kind as i64, key, record.region])?;
                }
            }
            put(&transaction, "position", &batch.to.to_string())?;
        }
        transaction.commit()?;
        self.position = batch.to;
        Ok(())
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn existing(path: &Path, epoch: &str) -> rusqlite::Result<Option<(Connection, Position)>> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect(path)?;
    let fits = get(&connection, "format")?.as_deref() == Some(FORMAT)
        && get(&connection, "epoch")?.as_deref() == Some(epoch);
    let position = get(&connection, "position")?.and_then(|text| text.parse().ok());
    Ok(position.filter(|_| fits).map(|at| (connection, at)))
}

fn create(path: &Path, epoch: &str) -> rusqlite::Result<Connection> {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let _absent = fs::remove_file(PathBuf::from(file));
    }
    let connection = connect(path)?;
    connection.execute_batch(TABLES)?;
    put(&connection, "format", FORMAT)?;
    put(&connection, "epoch", epoch)?;
    put(&connection, "position", &Position::START.to_string())?;
    Ok(connection)
}

fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()
}

fn put(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta VALUES(?1, ?2)")?
        .execute([name, value])
        .map(drop)
}
