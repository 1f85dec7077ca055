//! The SQLite file: its lock, its tables, its statements, and what its errors mean to a person.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, ffi};

use super::super::{Epoch, LogError, OpenMode, hex, random_bytes};

/// The format this program writes; newer ones are not touched.
const FORMAT: u64 = 1;
/// Marks the file as a Gridlamp log ("GLMP").
const APPLICATION: u64 = 0x474C_4D50;
/// How long a statement waits for another process, a tool that makes a token for example.
const BUSY: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE events(
  seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
  at TEXT NOT NULL, actor TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
  UNIQUE(stream, key, version)) STRICT;
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE refused(
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  body TEXT NOT NULL, entry TEXT NOT NULL, at TEXT NOT NULL) STRICT;
";

pub(super) const SELECT_AFTER: &str =
    "SELECT seq, stream, key, version, at, actor, region, type, data
  FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(super) const SELECT_KEY: &str =
    "SELECT seq, stream, key, version, at, actor, region, type, data
  FROM events WHERE stream = ?1 AND key = ?2 ORDER BY version";
pub(super) const SELECT_VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?1 AND key = ?2";
pub(super) const INSERT_EVENT: &str =
    "INSERT INTO events(seq, stream, key, version, at, actor, region, type, data)
  VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
pub(super) const INSERT_REFUSED: &str =
    "INSERT INTO refused(source, code, reason, body, entry, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
pub(super) const TRIM_REFUSED: &str =
    "DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?1";
pub(super) const SELECT_REFUSED: &str =
    "SELECT source, code, reason, body, entry, at FROM refused ORDER BY id DESC LIMIT ?1";

/// What the file was given when it was made.
pub(super) struct Identity {
    pub(super) epoch: Epoch,
    pub(super) secret: [u8; 32],
}

/// Makes the folder; to serve, takes the lock, which the system gives back when the process ends.
pub(super) fn prepare(path: &Path, mode: OpenMode) -> Result<Option<File>, LogError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        let why = "it must name a file, for example sqlite:./data/gridlamp.db".to_owned();
        return Err(LogError::Address {
            url: format!("sqlite:{}", path.display()),
            why,
        });
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(|e| explain_io(folder, &e))?;
    }
    if mode == OpenMode::Tool {
        return Ok(None);
    }
    let lock_path = lock_path(path);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(|e| explain_io(&lock_path, &e))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(LogError::Locked {
            at: path.display().to_string(),
        }),
        Err(TryLockError::Error(e)) => Err(explain_io(&lock_path, &e)),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Opens the file for writing and makes its tables when it is new.
pub(super) fn open(path: &Path) -> Result<(Connection, Identity), LogError> {
    let explain = |e: rusqlite::Error| explain(path, &e);
    let mut connection = Connection::open(path).map_err(explain)?;
    connection.busy_timeout(BUSY).map_err(explain)?;
    check_format(path, &connection)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(explain)?;
    if mode != "wal" {
        let why = format!(
            "{} does not allow a write-ahead log (journal mode {mode})",
            path.display()
        );
        return Err(LogError::corrupt(why));
    }
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(32);
    let fresh = Identity {
        epoch: Epoch(hex(&random_bytes::<8>()?)),
        secret: random_bytes()?,
    };
    create(&mut connection, &fresh).map_err(explain)?;
    connection
        .execute_batch(super::ledger::TABLES)
        .map_err(explain)?;
    let identity = identity(&connection).map_err(explain)?;
    Ok((connection, identity))
}

pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection
        .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
        .map(|value| value as u64)
}

fn check_format(path: &Path, connection: &Connection) -> Result<(), LogError> {
    let explain = |e: rusqlite::Error| explain(path, &e);
    let found = pragma(connection, "user_version").map_err(explain)?;
    let application = pragma(connection, "application_id").map_err(explain)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(explain)?;
    if tables > 0 && application != APPLICATION {
        return Err(LogError::corrupt(format!(
            "{} is a database of something else",
            path.display()
        )));
    }
    if found > FORMAT {
        return Err(LogError::NewerFormat {
            found,
            known: FORMAT,
        });
    }
    Ok(())
}

fn create(connection: &mut Connection, fresh: &Identity) -> rusqlite::Result<()> {
    if pragma(connection, "user_version")? != 0 {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked at again: another process may have made the tables while this one waited.
    if pragma(&transaction, "user_version")? == 0 {
        transaction.execute_batch(TABLES)?;
        let mut put = transaction.prepare("INSERT INTO meta(name, value) VALUES(?1, ?2)")?;
        put.execute(("epoch", fresh.epoch.as_str().as_bytes()))?;
        put.execute(("secret", fresh.secret.as_slice()))?;
        drop(put);
        transaction.pragma_update(None, "application_id", APPLICATION as i64)?;
        transaction.pragma_update(None, "user_version", FORMAT as i64)?;
    }
    transaction.commit()
}

fn identity(connection: &Connection) -> rusqlite::Result<Identity> {
    let value = |name: &str| -> rusqlite::Result<Vec<u8>> {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
            row.get(0)
        })
    };
    let secret = value("secret")?;
    let secret = secret
        .try_into()
        .map_err(|_| rusqlite::Error::InvalidQuery)?;
    let epoch = String::from_utf8(value("epoch")?).map_err(|_| rusqlite::Error::InvalidQuery)?;
    Ok(Identity {
        epoch: Epoch(epoch),
        secret,
    })
}

/// The number of the newest record.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| {
            row.get::<_, i64>(0)
        })
        .map(|seq| seq as u64)
}

/// What an error of SQLite means for the one who runs the server.
pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> LogError {
    let at = format!("{} ({error})", path.display());
    let Some(failure) = error.sqlite_error() else {
        return LogError::corrupt(at);
    };
    match failure.code {
        ErrorCode::DiskFull => LogError::Full { at },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => LogError::ReadOnly { at },
        ErrorCode::CannotOpen => unopened(path, at),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => LogError::unavailable(at),
        ErrorCode::SystemIoFailure => broken_write(failure.extended_code, at),
        // Damage, and whatever else SQLite never says of a file that only it has written.
        _ => LogError::corrupt(at),
    }
}

/// SQLite says no more than "unable to open"; the system says why.
fn unopened(path: &Path, at: String) -> LogError {
    match File::options().append(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => LogError::ReadOnly { at },
        Err(e) => explain_io(path, &e),
        Ok(_) => LogError::ReadOnly { at },
    }
}

fn broken_write(extended: i32, at: String) -> LogError {
    match extended {
        // Some file systems report a full disk only when the write reaches it.
        ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_SHMSIZE => {
            LogError::Full { at }
        }
        _ => LogError::unavailable(at),
    }
}

fn explain_io(path: &Path, error: &io::Error) -> LogError {
    let at = format!("{} ({error})", path.display());
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            LogError::ReadOnly { at }
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LogError::Full { at },
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => LogError::Address {
            url: format!("sqlite:{}", path.display()),
            why: "a file stands where its folder should be".to_owned(),
        },
        _ => LogError::unavailable(at),
    }
}
