//! The county at any time of its log: from the nearest checkpoint kept for it, folded on to the
//! moment asked for. One is folded at a time, however many look back, so that the present never
//! waits for the past. Who may look, and what is masked, is the caller's.

mod cursor;
mod follow;
mod index;
mod keyframes;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;
use domain::world::World;
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

pub use self::cursor::{Bound, Cursor, Stretch};
pub use self::index::{Index, Kind, Mark, Sought, part_ms};
pub use self::keyframes::Keyframes;
use crate::log::{EventLog, Log, LogError, Position};
use crate::projector::record;

/// Worlds of the past kept in memory: so many people look back at once without folding anew.
const CURSORS: usize = 4;
/// A world nobody looked at for so long is dropped.
const IDLE: Duration = Duration::from_mins(5);
/// Most records of one stretch.
pub const MAX_STRETCH: usize = 5_000;

/// Why the county can't be shown as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The time lies before the first event; it is told, if there is one.
    #[error("the log begins later")]
    BeforeTheLog(Option<Timestamp>),
    /// The position names no place in this log.
    #[error("there is no such place in the log")]
    NoSuchPlace,
    /// A task ended early.
    #[error("the fold was interrupted")]
    Interrupted,
}

/// Where to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At a time: after all that had happened by then.
    At(Timestamp),
    /// At a position of the log.
    Position(Position),
}

/// The past; cheap to clone.
#[derive(Clone, Debug)]
pub struct Replay(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: Arc<EventLog>,
    keyframes: Keyframes,
    index: Index,
    cursors: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    cursor: Cursor,
    used: Instant,
}

impl Replay {
    /// The past of `log`, with what makes it quick to reach in `folder`, kept up until `shutdown`
    /// turns true.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn start(
        folder: &Path,
        log: Arc<EventLog>,
        keyframes: Keyframes,
        mut shutdown: watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        let (replay, writer) = Self::open(folder, log.clone(), keyframes)?;
        let tended = replay.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = follow::run(writer, log) => {}
                () = tended.tend() => {}
                _ = shutdown.wait_for(|stop| *stop) => {}
            }
        });
        Ok((replay, task))
    }

    fn open(
        folder: &Path,
        log: Arc<EventLog>,
        keyframes: Keyframes,
    ) -> anyhow::Result<(Self, index::Writer)> {
        let writer = index::Writer::open(folder, log.epoch().as_str())?;
        let index = Index::new(folder);
        let replay = Self(Arc::new(Shared {
            log,
            keyframes,
            index,
            cursors: Mutex::default(),
        }));
        Ok((replay, writer))
    }

    /// What stands out in the log, and how dense it is.
    pub fn index(&self) -> &Index {
        &self.0.index
    }

    /// When the log begins; none while it is empty.
    ///
    /// # Errors
    /// The log failed.
    pub async fn begins(&self) -> Result<Option<Timestamp>, LogError> {
        let batch = self.0.log.read(Position::START, 1).await?;
        let first = batch.records.first().map(record::event_of);
        Ok(first.and_then(Result::ok).map(|event| event.at))
    }

    /// Looks at the county as it was: the world, the place it stands at, and until when nothing
    /// else happened (none at the end of the log).
    ///
    /// # Errors
    /// It can't be reached.
    pub async fn look<T, F>(&self, place: Place, look: F) -> Result<T, ReplayError>
    where
        T: Send + 'static,
        F: FnOnce(&World, Position) -> T + Send + 'static,
    {
        let mut kept = self.0.cursors.lock().await;
        let mut cursor = self.nearest(&mut kept, place).await?;
        self.advance(&mut cursor, place).await?;
        let (answer, cursor) = blocking(move || {
            let answer = look(cursor.world(), cursor.position());
            (answer, cursor)
        })
        .await?;
        keep(&mut kept, cursor);
        Ok(answer)
    }

    /// What happened after `from`, until `to` (inclusive), at most `limit` records.
    ///
    /// # Errors
    /// It can't be reached.
    pub async fn stretch(
        &self,
        from: Position,
        to: Timestamp,
        limit: usize,
    ) -> Result<Stretch, ReplayError> {
        let mut kept = self.0.cursors.lock().await;
        let place = Place::Position(from);
        let mut cursor = self.nearest(&mut kept, place).await?;
        self.advance(&mut cursor, place).await?;
        let batch = self.0.log.read(from, limit.clamp(1, MAX_STRETCH)).await?;
        let (stretch, cursor) = blocking(move || {
            let mut cursor = cursor;
            let stretch = cursor.take(batch, to);
            (stretch, cursor)
        })
        .await?;
        keep(&mut kept, cursor);
        Ok(stretch)
    }

    /// The nearest world at or before a place: one in memory, or one on the disk. One that stands
    /// there already is taken out, not copied.
    async fn nearest(
        &self,
        kept: &mut MutexGuard<'_, Vec<Kept>>,
        place: Place,
    ) -> Result<Cursor, ReplayError> {
        if let Place::At(time) = place {
            let begins = self.begins().await?;
            if begins.is_none_or(|begins| time < begins) {
                return Err(ReplayError::BeforeTheLog(begins));
            }
        }
        let near = kept
            .iter()
            .enumerate()
            .filter(|(_, one)| one.cursor.is_before(place))
            .max_by_key(|(_, one)| one.cursor.position());
        let near = near.map(|(at, one)| (at, one.cursor.position()));
        let keyframes = self.0.keyframes.clone();
        let floor = near.map(|(_, position)| position);
        let disk = blocking(move || keyframes.nearest(place, floor)).await?;
        if let Some(cursor) = disk {
            return Ok(cursor);
        }
        let Some((at, _)) = near else {
            return Ok(Cursor::default());
        };
        if kept[at].cursor.stands_at(place) {
            return Ok(kept.swap_remove(at).cursor);
        }
        Ok(kept[at].cursor.clone())
    }

    /// Folds on to a place, leaving checkpoints on a long way.
    async fn advance(&self, cursor: &mut Cursor, place: Place) -> Result<(), ReplayError> {
        while !cursor.stands_at(place) {
            let limit = cursor.room(place);
            let batch = self.0.log.read(cursor.position(), limit).await?;
            let is_end = batch.records.is_empty();
            let mut own = std::mem::take(cursor);
            let keyframes = self.0.keyframes.clone();
            *cursor = blocking(move || {
                own.fold(batch, place);
                keyframes.leave(own.world(), own.position());
                own
            })
            .await?;
            if is_end {
                break;
            }
        }
        match place {
            Place::Position(position) if cursor.position() != position => {
                Err(ReplayError::NoSuchPlace)
            }
            Place::Position(_) | Place::At(_) => Ok(()),
        }
    }

    /// Drops worlds that nobody looks at any more.
    async fn tend(&self) {
        let mut tick = interval(IDLE / 5);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let mut kept = self.0.cursors.lock().await;
            kept.retain(|one| one.used.elapsed() < IDLE);
            drop(kept);
            let keyframes = self.0.keyframes.clone();
            let _thinned = blocking(move || keyframes.thin()).await;
        }
    }
}

fn keep(kept: &mut Vec<Kept>, cursor: Cursor) {
    let used = Instant::now();
    kept.retain(|one| one.cursor.position() != cursor.position());
    kept.push(Kept { cursor, used });
    if kept.len() > CURSORS {
        let oldest = kept.iter().enumerate().min_by_key(|(_, one)| one.used);
        if let Some((at, _)) = oldest {
            kept.swap_remove(at);
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReplayError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ReplayError::Interrupted)
}
