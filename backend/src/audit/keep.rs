//! The one task of a node that writes the trail. Several nodes write one chain: whoever finds that
//! another was faster links its records anew behind those.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::actor::Role;
use tokio::sync::{mpsc, watch};

use super::Wish;
use super::chain::{self, AuditRecord};
use super::reach::{self, Place, Remembered};
use crate::log::{AppendOutcome, EventLog, LedgerName, Log, LogError};

/// Most records in one append.
const BATCH: usize = 500;
/// Entries read at once when others wrote.
const PAGE: usize = 1_000;
/// How long to wait before trying again after the log refused.
const PAUSE: Duration = Duration::from_secs(1);
/// How often, at most, the place reached is written down; what others wrote is noticed as often.
const REMEMBER_EVERY: Duration = Duration::from_secs(1);
/// After so many records the place reached is also told in the structured log, which usually goes
/// to another machine.
const TELL_EVERY: u64 = 1_000;

/// See the module.
pub(super) struct Keeper {
    log: Arc<EventLog>,
    heads: watch::Receiver<u64>,
    county: String,
    folder: PathBuf,
    /// The last entry known; unknown before the first look and after an append that was not answered.
    end: Option<Place>,
    /// Ends of appends that were not answered: they may have been written all the same.
    tried: Vec<Place>,
    /// A place that was lost, and that the trail does not tell of yet.
    untold: Option<Place>,
    remembered: Remembered,
    /// What the file holds.
    written: Remembered,
    told: u64,
}

impl Keeper {
    pub(super) fn new(log: Arc<EventLog>, county: &str, folder: &Path) -> Self {
        let remembered = Remembered::read(folder);
        Self {
            heads: log.ledger_watch(LedgerName::Audit),
            log,
            county: county.to_owned(),
            folder: folder.to_owned(),
            end: None,
            tried: Vec::new(),
            untold: None,
            written: remembered.clone(),
            told: remembered.newest.as_ref().map_or(0, |place| place.seq),
            remembered,
        }
    }

    /// Runs until every sender is gone and what waits is stored.
    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        let mut waiting = Vec::with_capacity(BATCH);
        let mut every = tokio::time::interval(REMEMBER_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                count = wishes.recv_many(&mut waiting, BATCH) => {
                    if count == 0 || !self.keep(&mut waiting, &wishes).await {
                        break;
                    }
                }
                _ = every.tick() => self.notice().await,
            }
        }
        self.remember().await;
    }

    /// Stores records, however long that takes; answers whether to go on.
    async fn keep(&mut self, waiting: &mut Vec<Wish>, wishes: &mpsc::Receiver<Wish>) -> bool {
        let records: Vec<&AuditRecord> = waiting.iter().map(|wish| &wish.record).collect();
        while let Err(error) = self.store(&records).await {
            metrics::counter!("gridlamp_audit_errors_total").increment(1);
            tracing::warn!(%error, "the audit trail can't be written; trying again");
            if wishes.is_closed() && !error.is_transient() {
                return false;
            }
            tokio::time::sleep(PAUSE).await;
        }
        metrics::counter!("gridlamp_audit_records_total").increment(waiting.len() as u64);
        for wish in waiting.drain(..) {
            if let Some(stored) = wish.stored {
                // Whoever waited may have gone.
                let _gone = stored.send(());
            }
        }
        true
    }

    /// Appends the records, behind whatever others have appended meanwhile.
    pub(super) async fn store(&mut self, records: &[&AuditRecord]) -> Result<(), LogError> {
        loop {
            if self.was_written().await? {
                return Ok(());
            }
            let end = self.end().await?;
            let expected = end.seq;
            let mut hash = end.hash;
            let mut bodies = Vec::with_capacity(records.len() + 1);
            let loss = self.untold.as_ref().zip(records.first());
            let loss = loss.map(|(place, record)| told_of(place, record));
            for record in loss.iter().chain(records.iter().copied()) {
                let linked = chain::link(&hash, record);
                let (body, next) = linked.map_err(|e| LogError::corrupt(e.to_string()))?;
                bodies.push(body);
                hash = next;
            }
            let seq = expected + bodies.len() as u64;
            let reached = Place { seq, hash };
            let appended = self
                .log
                .ledger_append(LedgerName::Audit, expected, bodies)
                .await;
            match appended {
                Ok(AppendOutcome::Done { .. }) => {
                    self.settled(reached);
                    return Ok(());
                }
                Ok(AppendOutcome::Conflict { .. }) => self.end = None,
                Err(error) => {
                    self.end = None;
                    if error.is_transient() {
                        self.tried.push(reached);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Whether an append that was not answered is in the trail. An append is there whole or not at
    /// all, and no two have the same hash at their end.
    async fn was_written(&mut self) -> Result<bool, LogError> {
        for place in self.tried.clone() {
            let read = self
                .log
                .ledger_read(LedgerName::Audit, place.seq - 1, 1)
                .await?;
            if read.first().map(Place::of).as_ref() == Some(&place) {
                self.settled(place);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An append of ours stands.
    fn settled(&mut self, place: Place) {
        self.tried.clear();
        self.untold = None;
        self.reached(place);
    }

    fn reached(&mut self, place: Place) {
        if place.seq >= self.told + TELL_EVERY {
            self.told = place.seq;
            tracing::info!(seq = place.seq, hash = %place.hash, "the audit trail reaches");
        }
        self.remembered.newest = Some(place.clone());
        self.end = Some(place);
    }

    /// The last entry, as far as this node knows.
    async fn end(&mut self) -> Result<Place, LogError> {
        if let Some(end) = &self.end {
            return Ok(end.clone());
        }
        let end = match self.remembered.newest.clone() {
            Some(known) => self.follow(known).await?,
            None => self.look().await?,
        };
        if end.seq > 0 {
            self.reached(end.clone());
        }
        Ok(end)
    }

    /// The last entry, read on from one that was there.
    async fn follow(&mut self, known: Place) -> Result<Place, LogError> {
        let mut end = known.clone();
        let mut at = known.seq - 1;
        let mut holds = false;
        loop {
            let page = self.log.ledger_read(LedgerName::Audit, at, PAGE).await?;
            if at < known.seq {
                holds = page.first().map(Place::of).as_ref() == Some(&known);
            }
            let Some(last) = page.last() else { break };
            at = last.seq;
            end = Place::of(last);
        }
        if holds {
            return Ok(end);
        }
        tracing::error!(seq = known.seq, hash = %known.hash, "the audit trail no longer holds what this node saw in it; run `gridlamp doctor --audit`");
        self.remembered.lose(known.clone());
        self.untold = Some(known);
        self.look().await
    }

    async fn look(&self) -> Result<Place, LogError> {
        let known = *self.heads.borrow();
        let last = reach::last(&self.log, known).await?;
        Ok(last.map_or_else(
            || Place {
                seq: 0,
                hash: chain::beginning(&self.county),
            },
            |last| Place::of(&last),
        ))
    }

    /// Notices what others wrote, so that every node remembers how far the trail reached.
    async fn notice(&mut self) {
        let known = self.end.as_ref().map_or(0, |end| end.seq);
        if *self.heads.borrow() > known {
            self.end = None;
            // A log that is away is looked at again in a moment.
            if let Err(error) = self.end().await {
                tracing::debug!(%error, "the audit trail can't be read now");
            }
        }
        self.remember().await;
    }

    /// Writes down how far the trail reaches, beside the log and not in it.
    async fn remember(&mut self) {
        if self.remembered == self.written {
            return;
        }
        let (remembered, folder) = (self.remembered.clone(), self.folder.clone());
        let done = tokio::task::spawn_blocking(move || remembered.write(&folder)).await;
        match done {
            Ok(Ok(())) => self.written = self.remembered.clone(),
            Ok(Err(error)) => {
                tracing::warn!(folder = %self.folder.display(), %error, "the end of the audit trail can't be remembered");
            }
            Err(error) => tracing::warn!(%error, "the end of the audit trail can't be remembered"),
        }
    }
}

/// The record that tells auditors of a lost place, as of the time of the one behind it.
fn told_of(lost: &Place, behind: &AuditRecord) -> AuditRecord {
    AuditRecord {
        at: behind.at,
        who: "gridlamp".to_owned(),
        role: Some(Role::Rule),
        on_behalf_of: None,
        from: String::new(),
        action: "audit.lost".to_owned(),
        target: Some(lost.to_string()),
        region: None,
        purpose: None,
        outcome: "broken".to_owned(),
        before: None,
        after: None,
    }
}
