//! The tables of the history. The file can be thrown away at any time: another layout, another log
//! or a damaged file means a new one, folded from the beginning.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::incident::event::{EventError, IncidentEvent};
use domain::session::event::SessionEvent;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::sessions;

/// The layout, and the version of the program whose folds it keeps; another one is folded anew.
pub(super) const FORMAT: &str = concat!("4/", env!("CARGO_PKG_VERSION"));

/// `current` holds what the World holds as well, only to be folded on; `incidents` what has left it.
/// Row numbers there follow the time of arrival, so that the newest come first without sorting.
/// `unknown` names kinds of events that this program could not read: one that can folds anew.
const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE unknown(kind TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE current(
  id BLOB PRIMARY KEY, leaves_at INTEGER, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX by_leaving ON current(leaves_at) WHERE leaves_at IS NOT NULL;
CREATE TABLE incidents(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;
CREATE TABLE sessions(
  id BLOB PRIMARY KEY, ended_at INTEGER, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX by_end ON sessions(ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE persons(
  who TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(who, n)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
  shown, kept, guarded, keys, content='', contentless_delete=1, tokenize='ascii');
INSERT INTO words(words, rank) VALUES('hashsize', 8388608);
";

/// Opens the history of the log `epoch` at `path`, a new one where none fits.
pub(super) fn open(path: &Path, epoch: &str) -> rusqlite::Result<Connection> {
    match existing(path, epoch) {
        Ok(Some(connection)) => return Ok(connection),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the history can't be read and is folded anew"),
    }
    create(path, epoch)
}

/// A new history in the place of whatever lies there.
pub(super) fn create(path: &Path, epoch: &str) -> rusqlite::Result<Connection> {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let _absent = fs::remove_file(PathBuf::from(file));
    }
    let connection = connect(path, OpenFlags::default())?;
    connection.execute_batch(TABLES)?;
    put(&connection, "format", FORMAT)?;
    put(&connection, "epoch", epoch)?;
    Ok(connection)
}

/// Another connection to the same file, for reading.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn existing(path: &Path, epoch: &str) -> rusqlite::Result<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect(path, OpenFlags::default())?;
    let has_meta = connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'")?
        .exists([])?;
    let fits = has_meta
        && get(&connection, "format")?.as_deref() == Some(FORMAT)
        && get(&connection, "epoch")?.as_deref() == Some(epoch)
        && !knows_more(&connection)?;
    Ok(fits.then_some(connection))
}

/// Whether this program can read events that the one before it could not.
fn knows_more(connection: &Connection) -> rusqlite::Result<bool> {
    let mut kinds = connection.prepare("SELECT kind FROM unknown")?;
    let kinds = kinds.query_map([], |row| row.get::<_, String>(0))?;
    for kind in kinds {
        let kind = kind?;
        let is_unknown = match sessions::unknown(&kind) {
            Some(kind) => matches!(SessionEvent::parse(kind, ""), Err(EventError::Unknown(_))),
            None => matches!(IncidentEvent::parse(&kind, ""), Err(EventError::Unknown(_))),
        };
        if !is_unknown {
            return Ok(true);
        }
    }
    Ok(false)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // The last moments may be lost with the machine: they are folded again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    Ok(connection)
}

/// A remembered value.
pub(super) fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Remembers a value.
pub(super) fn put(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)")?
        .execute([name, value])
        .map(drop)
}
