//! Follows the log for the history, on its own: first in great strides up to where the log ended,
//! then with its tail. Whatever goes wrong with the file is tried again or folded anew; only a log
//! that can't be followed ends it, and with it the node.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;
use tokio::sync::watch;

use super::Reached;
use super::write::Writer;
use crate::log::{Batch, EventLog, Log, LogError};

/// Records folded at once while far behind: days of a county, so that most incidents are written
/// once, when all has happened to them.
const STRIDE: usize = 20_000;
/// How long to wait before trying again after the disk or the log refused.
const PAUSE: Duration = Duration::from_secs(5);

struct Follower {
    /// None while it is lent to the thread that folds.
    writer: Option<Writer>,
    log: Arc<EventLog>,
    told: watch::Sender<Reached>,
}

pub(super) async fn run(
    writer: Writer,
    log: Arc<EventLog>,
    told: watch::Sender<Reached>,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut follower = Follower {
        writer: Some(writer),
        log,
        told,
    };
    tokio::select! {
        _ = shutdown.wait_for(|stop| *stop) => {}
        () = follower.follow() => {}
    }
}

impl Follower {
    async fn follow(&mut self) {
        loop {
            let done = match self.catch_up().await {
                Ok(()) => self.keep_up().await,
                Err(error) => Err(error),
            };
            match done {
                Err(Trouble::Log(LogError::Diverged { why })) => {
                    tracing::warn!(%why, "the history is of another log and is folded anew");
                    self.start_anew().await;
                }
                Err(Trouble::Log(error)) if error.is_transient() => {
                    tokio::time::sleep(PAUSE).await;
                }
                // The projector meets the same and stops the node.
                Err(Trouble::Log(error)) => {
                    return tracing::error!(%error, "the history no longer follows the log");
                }
                Err(Trouble::Damaged(error)) => {
                    tracing::warn!(%error, "the history is damaged and is folded anew");
                    self.start_anew().await;
                }
                Ok(()) | Err(Trouble::Gone) => return,
            }
        }
    }

    /// Folds up to where the log ends now.
    async fn catch_up(&mut self) -> Result<(), Trouble> {
        let began = std::time::Instant::now();
        let from = self.told.borrow().position;
        let head = self.log.head().await?;
        while self.told.borrow().position < head {
            let at = self.told.borrow().position;
            let batch = self.log.read(at, STRIDE).await?;
            if batch.records.is_empty() {
                break;
            }
            self.fold(batch).await?;
        }
        let to = self.told.borrow().position;
        self.told
            .send_modify(|reached| reached.is_rebuilding = false);
        if to != from {
            tracing::info!(%from, %to, ms = began.elapsed().as_millis() as u64, "the history is folded");
        }
        Ok(())
    }

    /// Folds what comes, for as long as the log can be followed.
    async fn keep_up(&mut self) -> Result<(), Trouble> {
        let mut tail = self.log.tail(self.told.borrow().position);
        loop {
            let batch = tail.next().await?;
            self.fold(batch).await?;
        }
    }

    async fn fold(&mut self, batch: Batch) -> Result<(), Trouble> {
        let batch = Arc::new(batch);
        loop {
            let mut writer = self.writer.take().ok_or(Trouble::Gone)?;
            let own = Arc::clone(&batch);
            let task = tokio::task::spawn_blocking(move || {
                let folded = writer.fold(&own);
                (writer, folded)
            });
            let (writer, folded) = task.await.map_err(|_| Trouble::Gone)?;
            self.writer = Some(writer);
            match folded {
                Ok(()) => break,
                Err(error) if is_passing(&error) => {
                    tracing::warn!(%error, "the history can't be written; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(Trouble::Damaged(error)),
            }
        }
        self.told.send_modify(|reached| reached.position = batch.to);
        Ok(())
    }

    async fn start_anew(&mut self) {
        while let Some(writer) = &mut self.writer {
            match writer.start_anew() {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(%error, "the history can't be made; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.told.send_modify(|reached| {
            reached.position = crate::log::Position::START;
            reached.is_rebuilding = true;
            reached.generation += 1;
        });
    }
}

enum Trouble {
    Log(LogError),
    /// What is kept can't be read.
    Damaged(anyhow::Error),
    /// The node is stopping.
    Gone,
}

impl From<LogError> for Trouble {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

/// Whether the disk alone stands in the way: full, busy, read-only.
fn is_passing(error: &anyhow::Error) -> bool {
    let code = error
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code);
    matches!(
        code,
        Some(
            ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
        )
    )
}
