//! Whether what answers is still the log that was read: the same epoch, and the very entry that was
//! read last. A server that took over may have lost it.

use std::sync::PoisonError;

use redis::{Pipeline, Value, aio::MultiplexedConnection};

use super::super::{LogError, Position};
use super::{Inner, codec};

impl Inner {
    /// Fails when what answers is not the log that the tails of this node have read.
    pub(super) async fn check(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> Result<(), LogError> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_holds(connection, seen).await
    }

    /// Notes how far a tail has read.
    pub(super) fn note(&self, position: Position) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = position.max(*seen);
    }

    /// Fails when the log is another one, or does not hold what was already read from it.
    pub(super) async fn check_holds(
        &self,
        connection: &mut MultiplexedConnection,
        seen: Position,
    ) -> Result<(), LogError> {
        let answers = self.ask_holds(seen).query_async(connection).await;
        let answers: Vec<Value> = answers.map_err(|e| self.link.explain(&e))?;
        self.judge_holds(answers, seen)?;
        self.check_ledger(connection).await
    }

    /// Asks for the end of the log and for the very entry at `seen`. A server that took over may
    /// lack the last entries and have gone on without them, past where the log had ended.
    pub(super) fn ask_holds(&self, seen: Position) -> Pipeline {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("GET").arg(&self.keys.head);
        if seen > Position::START {
            let id = codec::entry_id(seen);
            for stream in &self.keys.streams {
                pipeline.cmd("XRANGE").arg(stream).arg(&id).arg(&id);
            }
        }
        pipeline
    }

    pub(super) fn judge_holds(&self, answers: Vec<Value>, seen: Position) -> Result<(), LogError> {
        let mut answers = answers.into_iter();
        let head: Option<String> = redis::from_redis_value(answers.next().unwrap_or(Value::Nil))
            .map_err(|e| LogError::corrupt(format!("{}: {e}", self.keys.head)))?;
        let head = self.parse_head(head.as_deref())?;
        let diverged = |why| Err(LogError::Diverged { why });
        if head < seen {
            return diverged(format!(
                "it ends at {head}, before {seen}, which was read from it"
            ));
        }
        let holds = |answer| matches!(answer, Value::Array(entries) if !entries.is_empty());
        if seen > Position::START && !answers.any(holds) {
            return diverged(format!(
                "it no longer holds {seen}, which was read from it; did a replica take over that had not received it?"
            ));
        }
        Ok(())
    }

    pub(super) fn parse_head(&self, head: Option<&str>) -> Result<Position, LogError> {
        let Some(head) = head else {
            let why = format!(
                "Redis no longer holds {}; was it emptied, or is it without a file?",
                self.keys.head
            );
            return Err(LogError::Diverged { why });
        };
        let parts: Vec<&str> = head.split(' ').collect();
        let &[epoch, millis, seq] = parts.as_slice() else {
            return Err(LogError::corrupt(format!(
                "{} holds {head:?}",
                self.keys.head
            )));
        };
        if epoch != self.epoch.as_str() {
            return Err(LogError::Diverged {
                why: format!("its epoch is {epoch}, not {}", self.epoch),
            });
        }
        format!("{millis}-{seq}")
            .parse()
            .map_err(|e| LogError::corrupt(format!("{}: {e}", self.keys.head)))
    }
}

/// The error of a reader that met `found` where record `expected` should have been.
pub(super) fn missing(expected: u64, found: Position) -> LogError {
    LogError::Diverged {
        why: format!("event {expected} is missing before {found}"),
    }
}
