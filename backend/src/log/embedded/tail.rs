//! Following the embedded log: the writer's feed while it keeps up, the file when it does not.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::broadcast::{self, error::RecvError};

use super::super::{BATCH_MAX, Batch, LogError, Position};
use super::{Readers, Shared};

/// A reader of an embedded log.
#[derive(Debug)]
pub(in crate::log) struct EmbeddedTail {
    position: Position,
    // Up to here the file holds records that the feed will not bring.
    in_file: Position,
    fed: Option<Arc<Batch>>,
    feed: broadcast::Receiver<Arc<Batch>>,
    readers: Arc<Readers>,
    shared: Arc<Shared>,
}

impl EmbeddedTail {
    pub(super) fn new(from: Position, readers: Arc<Readers>, shared: Arc<Shared>) -> Self {
        // Subscribed before the head is read: what is committed in between comes both ways, never neither.
        let feed = shared.feed.subscribe();
        let in_file = Position::from_seq(shared.head.load(Ordering::Acquire));
        Self {
            position: Position::from_seq(from.seq()),
            in_file,
            fed: None,
            feed,
            readers,
            shared,
        }
    }

    pub(in crate::log) async fn next(&mut self) -> Result<Batch, LogError> {
        if self.position > self.in_file
            && self.position.seq() > self.shared.head.load(Ordering::Acquire)
        {
            let why = format!("it ends before {}, which was read from it", self.position);
            return Err(LogError::Diverged { why });
        }
        loop {
            if let Some(batch) = self.take_fed() {
                return Ok(self.hand_out(batch));
            }
            if self.position < self.in_file || self.fed.is_some() {
                let batch = self.readers.read(self.position, BATCH_MAX).await?;
                if batch.records.is_empty() {
                    let why = format!("records after {} are missing from the file", self.position);
                    return Err(LogError::corrupt(why));
                }
                return Ok(self.hand_out(batch));
            }
            match self.feed.recv().await {
                Ok(batch) => self.fed = Some(batch),
                Err(RecvError::Lagged(_)) => {
                    self.in_file = Position::from_seq(self.shared.head.load(Ordering::Acquire));
                }
                Err(RecvError::Closed) => return Err(LogError::closed("its writer has ended")),
            }
        }
    }

    /// The waiting batch from here on, unless records before it have to come from the file first.
    fn take_fed(&mut self) -> Option<Batch> {
        let fed = self.fed.as_ref()?;
        if fed.from > self.position {
            return None;
        }
        let mut batch = Arc::unwrap_or_clone(self.fed.take()?);
        if batch.to <= self.position {
            return None;
        }
        let seen = self.position.seq() - batch.from.seq();
        batch.records.drain(..seen as usize);
        Some(Batch::new(self.position, batch.records))
    }

    fn hand_out(&mut self, batch: Batch) -> Batch {
        self.position = batch.to;
        batch
    }
}
