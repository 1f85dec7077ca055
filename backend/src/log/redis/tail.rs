//! Following the log in Redis: one dedicated connection, one blocking read over the three streams,
//! resumed from the last ids after every break.

use std::{sync::Arc, time::Duration};

use redis::{Value, aio::MultiplexedConnection};
use tokio::{sync::mpsc, task::AbortHandle, time::sleep};

use super::super::{BATCH_MAX, Batch, LogError, Position};
use super::{
    Inner,
    codec::{Cursor, Taken},
    link::Backoff,
};

/// How long one read waits; short, so that a Redis that hangs is noticed soon.
const BLOCK: Duration = Duration::from_secs(1);

/// A reader of a log in Redis.
#[derive(Debug)]
pub(in crate::log) struct RedisTail {
    batches: mpsc::Receiver<Result<Batch, LogError>>,
    reader: AbortHandle,
}

impl RedisTail {
    pub(super) fn new(inner: Arc<Inner>, from: Position) -> Self {
        // One batch ahead: it is parsed while the one before is being folded.
        let (out, batches) = mpsc::channel(1);
        let reader = tokio::spawn(follow(inner, from, out)).abort_handle();
        Self { batches, reader }
    }

    pub(in crate::log) async fn next(&mut self) -> Result<Batch, LogError> {
        self.batches
            .recv()
            .await
            .unwrap_or_else(|| Err(LogError::closed("its reader has ended")))
    }
}

impl Drop for RedisTail {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

type Out = mpsc::Sender<Result<Batch, LogError>>;

async fn follow(inner: Arc<Inner>, from: Position, out: Out) {
    let mut cursor = Cursor::new(from);
    let mut pause = Backoff::default();
    loop {
        let before = cursor.position;
        let Err(error) = session(&inner, &mut cursor, &out).await else {
            return;
        };
        if !error.is_transient() {
            // The receiver may be gone too; then nobody needs to know.
            let _ = out.send(Err(error)).await;
            return;
        }
        inner.link.suspect();
        if cursor.position != before {
            pause.reset();
        }
        sleep(pause.next()).await;
    }
}

/// Reads over one connection until it breaks; `Ok` when nobody listens any more.
async fn session(inner: &Inner, cursor: &mut Cursor, out: &Out) -> Result<(), LogError> {
    let place = inner.link.place();
    let mut connection = inner.link.dedicated(BLOCK).await?;
    inner.check_holds(&mut connection, cursor.position).await?;
    loop {
        inner.link.still(place)?;
        let from = cursor.position;
        let reply = read(inner, &mut connection, cursor, Some(BLOCK)).await?;
        if reply == Value::Nil {
            inner.check_holds(&mut connection, from).await?;
            continue;
        }
        let records = match cursor.take(&inner.keys, BATCH_MAX, reply)? {
            Taken::Records(records) => records,
            Taken::Gap { .. } => reread(inner, &mut connection, cursor).await?,
        };
        inner.note(cursor.position);
        if !records.is_empty() && out.send(Ok(Batch::new(from, records))).await.is_err() {
            return Ok(());
        }
    }
}

async fn read(
    inner: &Inner,
    connection: &mut MultiplexedConnection,
    cursor: &Cursor,
    block: Option<Duration>,
) -> Result<Value, LogError> {
    let block = block.map(|block| block.as_millis() as u64);
    let command = cursor.command(&inner.keys, BATCH_MAX, block);
    command
        .query_async(connection)
        .await
        .map_err(|e| inner.link.explain(&e))
}

/// A read that does not block sees all three streams at one instant; what is missing then is gone.
async fn reread(
    inner: &Inner,
    connection: &mut MultiplexedConnection,
    cursor: &mut Cursor,
) -> Result<Vec<super::super::Record>, LogError> {
    let reply = read(inner, connection, cursor, None).await?;
    match cursor.take(&inner.keys, BATCH_MAX, reply)? {
        Taken::Records(records) => Ok(records),
        Taken::Gap { expected, found } => Err(super::holds::missing(expected, found)),
    }
}
