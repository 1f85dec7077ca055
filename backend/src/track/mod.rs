//! Where units were: what counted of their positions, thinned, on this node's disk for some weeks.
//! Offering a position never waits; a task of its own writes in batches. It is no second truth of
//! what happened: what matters of positions is an event, and the rest is for looking back.

mod schema;
mod store;
#[cfg(test)]
mod tests;
mod thin;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::deployment::position::Fix;
use domain::pack::units::UnitId;
use domain::time::{Span, Timestamp};
use rusqlite::Connection;
use tokio::sync::{Mutex as Turn, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

pub use self::store::Asked;
use self::store::Store;
use self::thin::Thin;
use crate::clock::Clock;

/// How often what was heard is written: what a crash of the machine or of this process can lose.
const WRITE_EVERY: Duration = Duration::from_secs(2);
/// Fixes waiting to be written, at most: a minute and a half of 2,000 units on the move.
const MAX_WAITING: usize = 40_000;
/// How often what is too old is dropped.
const DROP_EVERY: Duration = Duration::from_mins(10);
/// Connections for reading that are kept open.
const READERS: usize = 4;
/// How far back a position still says where a unit was.
const STILL_THERE: Span = Span::mins(15);
/// Most fixes read at once.
pub const MAX_FIXES: usize = 20_000;

/// Where the tracks of the node whose data lies in `folder` are kept.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("tracks.db")
}

/// The tracks of all units; cheap to clone.
#[derive(Clone, Debug)]
pub struct Tracks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    heard: Mutex<Heard>,
    /// The writing half; empty while a write is under way or after one ended badly.
    store: Turn<Option<Store>>,
    readers: Mutex<Vec<Connection>>,
    /// Days they are kept; 0 keeps none.
    days: u32,
}

/// What was heard and is not written yet.
#[derive(Debug, Default)]
struct Heard {
    thin: Thin,
    waiting: Vec<Fix>,
}

impl Tracks {
    /// Opens the tracks in `folder`, for writing. A file that can't be read is set aside.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn open(folder: &Path, days: u32) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = path(folder);
        let store = Store::open(&path)?;
        Ok(Self(Arc::new(Shared {
            path,
            heard: Mutex::default(),
            store: Turn::new(Some(store)),
            readers: Mutex::default(),
            days,
        })))
    }

    /// Opens them and writes until `shutdown` turns true, and once more then.
    ///
    /// # Errors
    /// See [`Tracks::open`].
    pub fn start(
        folder: &Path,
        days: u32,
        clock: Clock,
        shutdown: watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        let tracks = Self::open(folder, days)?;
        let task = tokio::spawn(run(tracks.clone(), clock, shutdown));
        Ok((tracks, task))
    }

    /// Takes note of a position that counts; never waits. Of one unit at most one in 5 seconds is
    /// kept, if it moved 10 metres or a minute went by.
    pub fn offer(&self, fix: &Fix) {
        if self.0.days == 0 {
            return;
        }
        let mut heard = self.heard();
        if !heard.thin.keeps(fix) {
            return;
        }
        if heard.waiting.len() >= MAX_WAITING {
            metrics::counter!("gridlamp_tracks_lost_total").increment(1);
            return;
        }
        heard.waiting.push(fix.clone());
    }

    /// Writes what was heard so far.
    ///
    /// # Errors
    /// The file can't be written; what was heard is kept for the next time, up to a bound.
    pub async fn flush(&self) -> anyhow::Result<()> {
        let mut turn = self.0.store.lock().await;
        let waiting = std::mem::take(&mut self.heard().waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let store = turn.take();
        let path = self.0.path.clone();
        let write = tokio::task::spawn_blocking(move || {
            let mut store = match store {
                Some(store) => store,
                None => match Store::open(&path) {
                    Ok(store) => store,
                    Err(error) => return (None, waiting, Err(error)),
                },
            };
            let written = store.write(&waiting);
            (Some(store), waiting, written)
        });
        let (store, waiting, written) = write.await?;
        *turn = store;
        if written.is_err() {
            self.put_back(waiting);
        }
        written
    }

    /// Positions of `units`, of all of them if it is none, from `from` (inclusive) until `to`
    /// (exclusive), at most `limit` and [`MAX_FIXES`], by time and then by unit. What was told
    /// within the last two seconds may be missing.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn fixes(
        &self,
        units: Option<Vec<UnitId>>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> anyhow::Result<Vec<Fix>> {
        let asked = Asked {
            units,
            from,
            to,
            limit: limit.min(MAX_FIXES),
        };
        self.read(move |connection| store::fixes(connection, &asked))
            .await
    }

    /// Where each unit was at `time`: its newest position of the quarter of an hour before.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn at(&self, time: Timestamp) -> anyhow::Result<Vec<Fix>> {
        self.read(move |connection| store::newest(connection, time - STILL_THERE, time))
            .await
    }

    /// The time of the oldest position kept, if there is one.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn oldest(&self) -> anyhow::Result<Option<Timestamp>> {
        self.read(store::oldest).await
    }

    /// Drops what is older than the days it is kept.
    ///
    /// # Errors
    /// The file can't be written.
    async fn drop_old(&self, now: Timestamp) -> anyhow::Result<()> {
        let before = now - Span::days(i64::from(self.0.days));
        let mut turn = self.0.store.lock().await;
        let Some(mut store) = turn.take() else {
            return Ok(());
        };
        let task = tokio::task::spawn_blocking(move || {
            let dropped = store.drop_before(before);
            (store, dropped)
        });
        let (store, dropped) = task.await?;
        *turn = Some(store);
        dropped
    }

    async fn read<T, F>(&self, read: F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> anyhow::Result<T> + Send + 'static,
    {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let kept = this.readers().pop();
            let connection = match kept {
                Some(connection) => connection,
                None => schema::reader(&this.0.path)?,
            };
            // A connection that failed is not kept.
            let answer = read(&connection)?;
            let mut readers = this.readers();
            if readers.len() < READERS {
                readers.push(connection);
            }
            Ok(answer)
        })
        .await?
    }

    fn put_back(&self, mut unwritten: Vec<Fix>) {
        let mut heard = self.heard();
        unwritten.append(&mut heard.waiting);
        let lost = unwritten.len().saturating_sub(MAX_WAITING);
        unwritten.drain(..lost);
        heard.waiting = unwritten;
        metrics::counter!("gridlamp_tracks_lost_total").increment(lost as u64);
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(tracks: Tracks, clock: Clock, mut shutdown: watch::Receiver<bool>) {
    let mut tick = interval(WRITE_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut dropped: Option<Instant> = None;
    loop {
        let stops = tokio::select! {
            _ = shutdown.wait_for(|stop| *stop) => true,
            _ = tick.tick() => false,
        };
        if let Err(error) = tracks.flush().await {
            tracing::warn!(%error, "positions can't be recorded; trying again");
        }
        if stops {
            return;
        }
        if dropped.is_none_or(|last| last.elapsed() >= DROP_EVERY) {
            dropped = Some(Instant::now());
            if let Err(error) = tracks.drop_old(clock.now()).await {
                tracing::warn!(%error, "old positions can't be dropped");
            }
        }
    }
}
