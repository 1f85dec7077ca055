//! Follows the log for the index, on its own: first in great strides, then with its tail.

use std::sync::Arc;
use std::time::Duration;

use super::index::Writer;
use crate::log::{Batch, EventLog, Log, LogError};

/// Records taken in at once while far behind.
const STRIDE: usize = 20_000;
/// How long to wait before trying again after the disk or the log refused.
const PAUSE: Duration = Duration::from_secs(5);

/// Takes in what the log holds and what it will, until it is dropped.
pub(super) async fn run(mut writer: Writer, log: Arc<EventLog>) {
    loop {
        let trouble = match follow(&mut writer, &log).await {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        };
        if let Trouble::Log(LogError::Diverged { why }) = &trouble {
            tracing::warn!(%why, "the index of the log is of another log and is made anew");
            if let Err(error) = writer.start_anew() {
                tracing::warn!(%error, "the index of the log can't be made; trying again");
            }
        } else {
            tracing::debug!(?trouble, "the index of the log waits");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[derive(Debug)]
enum Trouble {
    Log(LogError),
    #[allow(dead_code, reason = "told in the trace")]
    Disk(anyhow::Error),
}

impl From<LogError> for Trouble {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

async fn follow(writer: &mut Writer, log: &EventLog) -> Result<std::convert::Infallible, Trouble> {
    if !crate::node::holds(log, writer.position()).await? {
        writer.start_anew().map_err(Trouble::Disk)?;
    }
    loop {
        let batch = log.read(writer.position(), STRIDE).await?;
        if batch.records.is_empty() {
            break;
        }
        take(writer, &batch)?;
        tokio::task::yield_now().await;
    }
    let mut tail = log.tail(writer.position());
    loop {
        take(writer, &tail.next().await?)?;
    }
}

/// A few thousand rows at most: milliseconds, on a thread of the pool.
fn take(writer: &mut Writer, batch: &Batch) -> Result<(), Trouble> {
    writer.take(batch).map_err(Trouble::Disk)
}
