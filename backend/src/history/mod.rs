//! Everything that has left the World: a read model on this node, folded from the log and thrown
//! away at will. What is open or recent is the World's to show; masking what is found, and putting
//! the two together, is the caller's.

mod follow;
mod inspect;
mod keys;
mod query;
mod schema;
#[cfg(test)]
mod session_tests;
mod sessions;
#[cfg(test)]
pub(crate) mod tests;
mod wanted;
mod words;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::{IncidentId, SessionId};
use domain::incident::Incident;
use domain::session::Session;
use domain::time::Timestamp;
use rusqlite::Connection;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::inspect::{Looked, inspect};
pub use self::keys::{Area, Key, key_of, name as state_name};
pub use self::query::{Found, Order, Query};
pub use self::sessions::MAX_SESSIONS;
pub use self::wanted::{Person, Status, Wanted};
pub use self::words::Needles;
pub use self::write::Writer;
use crate::log::{EventLog, Log, Position};

/// Connections for reading that are kept open.
const READERS: usize = 4;
/// Further behind than this a reader does not wait: the file is being folded anew.
const FAR_BEHIND: u64 = 5_000;

/// Where the history of the node whose data lies in `folder` is kept.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("history.db")
}

/// How far the history is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Everything in the log before this place is folded.
    pub position: Position,
    /// Whether it is still being folded from far behind.
    pub is_rebuilding: bool,
    /// Rises when the file was thrown away.
    generation: u64,
}

/// The reading half; cheap to clone.
#[derive(Clone, Debug)]
pub struct History {
    path: Arc<PathBuf>,
    readers: Arc<Mutex<Vec<(u64, Connection)>>>,
    reached: watch::Receiver<Reached>,
}

impl History {
    /// Opens the history in `folder` and follows `log` until `shutdown` turns true.
    ///
    /// # Errors
    /// The folder can't be written, or the log does not answer.
    pub async fn start(
        folder: &Path,
        log: Arc<EventLog>,
        shutdown: watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        std::fs::create_dir_all(folder)?;
        let path = path(folder);
        let mut writer = Writer::open(&path, log.epoch().as_str())?;
        if !crate::node::holds(&log, writer.position()).await? {
            writer.start_anew()?;
        }
        let (told, reached) = watch::channel(Reached {
            position: writer.position(),
            is_rebuilding: true,
            generation: 0,
        });
        let task = tokio::spawn(follow::run(writer, log, told, shutdown));
        let history = Self {
            path: Arc::new(path),
            readers: Arc::default(),
            reached,
        };
        Ok((history, task))
    }

    /// Runs a search.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn search(&self, query: Query) -> anyhow::Result<Found> {
        self.read(move |connection| query::run(connection, &query))
            .await
    }

    /// One incident, whoever asks; also one that the World still holds.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn one(&self, id: IncidentId) -> anyhow::Result<Option<Incident>> {
        self.read(move |connection| write::one(connection, id))
            .await
    }

    /// One session, whoever asks; also one that the World still holds.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn session(&self, id: SessionId) -> anyhow::Result<Option<Session>> {
        self.read(move |connection| sessions::one(connection, id))
            .await
    }

    /// Sessions that ended at or after `from` and before `to`, the last first, [`MAX_SESSIONS`] at
    /// most, of which `keep` makes something; whatever takes long is done there, off the runtime.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn ended<T: Send + 'static>(
        &self,
        from: Timestamp,
        to: Timestamp,
        keep: impl Fn(Session) -> Option<T> + Send + 'static,
    ) -> anyhow::Result<Vec<T>> {
        self.read(move |connection| sessions::ended(connection, from, to, keep))
            .await
    }

    /// How far it is.
    pub fn reached(&self) -> Reached {
        *self.reached.borrow()
    }

    /// Waits a moment until everything before `position` is folded; answers whether it is.
    pub async fn reaches(&self, position: Position) -> bool {
        const MOMENT: Duration = Duration::from_millis(300);
        let is_there = |reached: &Reached| reached.position >= position;
        let now = self.reached();
        if is_there(&now) || position.seq().saturating_sub(now.position.seq()) > FAR_BEHIND {
            return is_there(&now);
        }
        let mut reached = self.reached.clone();
        let wait = tokio::time::timeout(MOMENT, reached.wait_for(is_there)).await;
        matches!(wait, Ok(Ok(_)))
    }

    async fn read<T, F>(&self, read: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> anyhow::Result<T> + Send + 'static,
    {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let generation = this.reached().generation;
            let kept = {
                let mut readers = this.lock();
                readers.retain(|(of, _)| *of == generation);
                readers.pop()
            };
            let connection = match kept {
                Some((_, connection)) => connection,
                None => schema::reader(&this.path)?,
            };
            let answer = read(&connection)?;
            let mut readers = this.lock();
            if readers.len() < READERS {
                readers.push((generation, connection));
            }
            Ok(answer)
        })
        .await?
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Connection)>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
