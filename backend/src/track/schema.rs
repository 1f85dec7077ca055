//! The file of the tracks. Nothing else knows where units were, so a file that can't be read is
//! set aside and not thrown away.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// The layout.
const FORMAT: i64 = 1;

/// By minute first: a batch is written to a few neighbouring pages, a window of time is read from
/// neighbouring pages, and what is old goes in one piece. Times in milliseconds since 1970, degrees
/// in ten-millionths (1 cm), the rest in tenths (degrees, metres a second, metres).
const TABLES: &str = "
CREATE TABLE units(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE fixes(
  minute INTEGER NOT NULL, unit INTEGER NOT NULL, at INTEGER NOT NULL,
  lon INTEGER NOT NULL, lat INTEGER NOT NULL,
  heading INTEGER, speed INTEGER, accuracy INTEGER, source INTEGER NOT NULL,
  PRIMARY KEY(minute, unit, at)) STRICT, WITHOUT ROWID;
";

/// Opens the file at `path`, a new one where there is none or none that can be read.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    match existing(path) {
        Ok(Some(connection)) => return Ok(connection),
        Ok(None) => {}
        Err(error) if is_passing(&error) => return Err(error),
        Err(error) => {
            tracing::error!(path = %path.display(), %error, "the tracks can't be read and are set aside");
        }
    }
    set_aside(path);
    let connection = connect(path, OpenFlags::default())?;
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(connection)
}

/// Another connection to the same file, for reading.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn existing(path: &Path) -> rusqlite::Result<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect(path, OpenFlags::default())?;
    let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let fits = format == FORMAT
        && connection
            .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'fixes'")?
            .exists([])?;
    Ok(fits.then_some(connection))
}

/// Whether the disk alone stands in the way: the file is sound.
fn is_passing(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    matches!(
        error.sqlite_error_code(),
        Some(
            Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::DiskFull
                | Code::ReadOnly
                | Code::CannotOpen
                | Code::PermissionDenied
                | Code::SystemIoFailure
        )
    )
}

fn set_aside(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let mut aside = path.with_extension("unread.db").into_os_string();
        aside.push(end);
        let _absent = fs::rename(PathBuf::from(file), PathBuf::from(aside));
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // With the machine the last moments may be lost; the file stays whole.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    Ok(connection)
}
