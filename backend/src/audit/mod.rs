//! The audit trail: who did what, when, from where and for what, in a chained ledger apart from
//! the county's events. What is worth a record is `http::audit`'s; here it is kept, found, proved.

pub mod chain;
mod keep;
mod reach;
mod redact;
mod search;
#[cfg(test)]
mod tests;
mod verify;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use geodata::region::Code;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub use self::chain::AuditRecord;
pub use self::reach::Place;
pub use self::redact::clean;
pub use self::search::{Filter, search};
pub use self::verify::{Verdict, remembered, verify};
use crate::log::{EventLog, LogError};

/// Records that may wait while the log is away; after that nothing is done unaudited.
const WAITING: usize = 10_000;
/// How long a caller waits for a record to be stored.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a handler adds to the record of its request: put it into the answer's extensions.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// What, where the route's own name does not say it.
    pub action: Option<String>,
    /// Who, where nobody is signed in: what was typed.
    pub who: Option<String>,
    /// On what.
    pub target: Option<String>,
    /// The region it concerns.
    pub region: Option<Code>,
    /// For what.
    pub purpose: Option<String>,
    /// What was there before.
    pub before: Option<Value>,
    /// What was there after.
    pub after: Option<Value>,
}

impl Detail {
    /// That somebody who was not signed in before proved, or did not prove, to be `who`.
    pub fn by(who: impl Into<String>) -> Self {
        Self {
            who: Some(who.into()),
            ..Self::default()
        }
    }

    /// That something was done to `target`.
    pub fn on(target: impl Into<String>) -> Self {
        Self {
            target: Some(target.into()),
            ..Self::default()
        }
    }
}

/// The way to the trail; cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit(mpsc::Sender<Wish>);

/// A place kept free for one record.
#[derive(Debug)]
pub struct Room(mpsc::OwnedPermit<Wish>);

/// A record on its way, and who waits for it.
#[derive(Debug)]
struct Wish {
    record: AuditRecord,
    stored: Option<oneshot::Sender<()>>,
}

impl Audit {
    /// Starts keeping the trail of `log`. The place it reaches is also remembered in `folder`. The
    /// task ends when every clone is gone and what waits is stored.
    pub fn start(log: Arc<EventLog>, county: &str, folder: &Path) -> (Self, JoinHandle<()>) {
        let (sender, wishes) = mpsc::channel(WAITING);
        let keeper = keep::Keeper::new(log, county, folder);
        (Self(sender), tokio::spawn(keeper.run(wishes)))
    }

    /// Keeps a place free for a record.
    ///
    /// # Errors
    /// Too many wait for the log: what the record would be about must not be done.
    pub fn room(&self) -> Result<Room, LogError> {
        let permit = self.0.clone().try_reserve_owned();
        permit
            .map(Room)
            .map_err(|_| LogError::unavailable("too many audit records wait for it"))
    }

    /// Keeps a record and waits until it is stored.
    ///
    /// # Errors
    /// The log does not take it now. It may be stored later, but what it is about must not be shown.
    pub async fn record(&self, record: AuditRecord) -> Result<(), LogError> {
        self.room()?.record(record).await
    }
}

impl Room {
    /// Keeps a record and waits until it is stored.
    ///
    /// # Errors
    /// It is not stored yet; it waits for the log.
    pub async fn record(self, record: AuditRecord) -> Result<(), LogError> {
        let (stored, answer) = oneshot::channel();
        self.send(record, Some(stored));
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(LogError::unavailable("the audit trail can't be written")),
        }
    }

    /// Keeps a record of what nobody need wait for.
    pub fn note(self, record: AuditRecord) {
        self.send(record, None);
    }

    fn send(self, record: AuditRecord, stored: Option<oneshot::Sender<()>>) {
        let record = redact::fit(record);
        self.0.send(Wish { record, stored });
    }
}

/// Keeps one record without a running keeper: for the command line. A node that runs beside it
/// remembers how far the trail reaches now.
///
/// # Errors
/// The log does not take it.
pub async fn once(
    log: Arc<EventLog>,
    county: &str,
    folder: &Path,
    record: AuditRecord,
) -> Result<(), LogError> {
    let mut keeper = keep::Keeper::new(log, county, folder);
    keeper.store(&[&redact::fit(record)]).await
}
