//! The node that sends. It holds the turn as long as it gives signs of life; another takes over
//! when they stop, from the place in the ledger where it was. At least once: what was under way
//! when a node died is sent again, under the same key.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::notice::storm::Storm;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::book::Entry;
use super::{FLOOR, MARKS, Notices};
use crate::log::{EventLog, LedgerName, Log, LogError};

/// Notices under way at once.
const FLIGHTS: usize = 2_000;
/// How long to wait before a ledger that can't be read is asked again.
const BREATH: Duration = Duration::from_secs(1);
/// Settled notices between two marks of where reading begins.
const FLOOR_EVERY: u64 = 1_000;

/// Deliveries under way; each answers whether this node still sends.
type Flights = JoinSet<Result<bool, LogError>>;

/// Why a node stops sending.
enum End {
    /// It is told to.
    Stopped,
    /// Another node sends, or the log is away.
    Lost,
}

impl Notices {
    /// Sends whenever it is this node's turn.
    pub(super) async fn run(&self, mut shutdown: watch::Receiver<bool>) {
        let mut holder = Watched::default();
        let look = self.0.settings.lease() / 5;
        let mut ledger = self.0.log.ledger_watch(LedgerName::Notices);
        loop {
            match self.may_take(&mut holder).await {
                Ok(true) => match self.lead(shutdown.clone()).await {
                    Ok(End::Stopped) => return self.leave().await,
                    Ok(End::Lost) => {}
                    Err(error) => tracing::warn!(%error, "notices wait for the log"),
                },
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "the ledger of notices can't be read now"),
            }
            metrics::gauge!("gridlamp_notices_sending").set(0.0);
            tokio::select! {
                () = told_to_stop(&mut shutdown) => return,
                () = tokio::time::sleep(look.min(BREATH)) => {}
                // Whoever has the app open on this node hears at once what another one plans.
                Ok(()) = ledger.changed() => {}
            }
        }
    }

    async fn leave(&self) {
        let left = Entry::Left {
            node: self.0.node.clone(),
            at: self.0.clock.now(),
        };
        // If it can't be said, another node finds out by the silence.
        if let Err(error) = self.append_as_sender(vec![left]).await {
            tracing::debug!(%error, "another node sends notices when this one is silent");
        }
    }

    /// Takes the turn if nobody has it, or whoever had it is silent. Silence is measured by this
    /// node's own clock: a mark that stands still.
    async fn may_take(&self, holder: &mut Watched) -> Result<bool, LogError> {
        self.read_on().await?;
        let known = self.read(|book| book.holder.clone());
        let is_free = match &known {
            None => true,
            Some(node) if *node == self.0.node => true,
            // Only one process at a time serves from a file.
            Some(_) if matches!(*self.0.log, EventLog::Embedded(_)) => true,
            Some(node) => {
                let marks = self.0.log.marks(MARKS).await?;
                let mark = marks.iter().find(|(id, _)| id == node).map(|(_, at)| *at);
                holder.silent_for(node, mark) >= self.0.settings.lease()
            }
        };
        if !is_free {
            return Ok(false);
        }
        let mut entries = vec![Entry::Took {
            node: self.0.node.clone(),
            at: self.0.clock.now(),
        }];
        // From here on nothing is passed over, whenever this node dies.
        if self.read(|book| book.cursor.is_none()) {
            entries.push(Entry::ReadTo {
                node: self.0.node.clone(),
                cursor: self.0.begin.to_string(),
                storm: Storm::default(),
            });
        }
        self.beat().await?;
        self.append(&entries, |book| book.holder == known).await
    }

    async fn beat(&self) -> Result<(), LogError> {
        let now = crate::clock::Clock::life().now().millis();
        let mark = (self.0.node.clone(), now);
        self.0.log.marks_put(MARKS, vec![mark]).await
    }

    /// Reads the log, writes down and sends, until another node does.
    async fn lead(&self, mut shutdown: watch::Receiver<bool>) -> Result<End, LogError> {
        tracing::info!("this node sends the notices");
        metrics::gauge!("gridlamp_notices_sending").set(1.0);
        let cursor = self.read(|book| book.cursor).unwrap_or(self.0.begin);
        let mut tail = self.0.log.tail(cursor);
        let mut ledger = self.0.log.ledger_watch(LedgerName::Notices);
        let mut beat = tokio::time::interval(self.0.settings.lease() / 5);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // They end with this: whoever takes over makes them anew.
        let mut flights = Flights::new();
        let mut launched = 0;
        loop {
            self.launch(&mut flights, &mut launched);
            tokio::select! {
                () = told_to_stop(&mut shutdown) => return Ok(End::Stopped),
                _ = beat.tick() => {
                    self.beat().await?;
                    self.read_on().await?;
                    if !self.read(|book| self.is_mine(book)) || !self.settle_storm().await? {
                        return Ok(End::Lost);
                    }
                    self.measure();
                    self.mark_floor().await?;
                }
                // Somebody acknowledged on another node, or that node has taken the turn.
                Ok(()) = ledger.changed() => {
                    let newest = *ledger.borrow_and_update();
                    if newest > self.read(|book| book.seq) {
                        self.read_on().await?;
                    }
                    if !self.read(|book| self.is_mine(book)) {
                        return Ok(End::Lost);
                    }
                }
                batch = tail.next() => if !self.plan(&batch?).await? {
                    return Ok(End::Lost);
                },
                Some(landed) = flights.join_next(), if !flights.is_empty() => {
                    match landed {
                        Ok(Ok(true)) => {}
                        Ok(Ok(false)) => return Ok(End::Lost),
                        Ok(Err(error)) => return Err(error),
                        Err(error) => tracing::error!(%error, "a delivery ended badly"),
                    }
                }
            }
        }
    }

    /// Sends what was planned after the notice launched last, as far as there is room.
    fn launch(&self, flights: &mut Flights, launched: &mut u64) {
        let room = FLIGHTS.saturating_sub(flights.len());
        let next = self.read(|book| {
            let waiting = book.open_after(*launched).take(room);
            let next = waiting.map(|kept| (kept.seq, kept.notice.clone()));
            next.collect::<Vec<_>>()
        });
        for (seq, notice) in next {
            *launched = seq;
            let all = self.clone();
            flights.spawn(async move { all.deliver(&notice).await });
        }
    }

    fn measure(&self) {
        let now = self.0.clock.now();
        let (waiting, oldest) = self.read(|book| {
            let oldest = book.open().next().map(|kept| kept.notice.at);
            (book.open().count(), oldest)
        });
        let age = oldest.map_or(0, |at| now.since(at).as_secs().max(0));
        metrics::gauge!("gridlamp_notices_waiting").set(waiting as f64);
        metrics::gauge!("gridlamp_notices_oldest_seconds").set(age as f64);
    }

    /// Notes from time to time where a start has to read from.
    async fn mark_floor(&self) -> Result<(), LogError> {
        let floor = self.read(super::book::Book::floor);
        if floor < self.0.floor.load(Ordering::Relaxed) + FLOOR_EVERY {
            return Ok(());
        }
        let own = self.read(|book| book.kept_before(floor));
        if !own.is_empty() && !self.append_as_sender(own).await? {
            return Ok(());
        }
        self.0.floor.store(floor, Ordering::Relaxed);
        let mark = (FLOOR.to_owned(), i64::try_from(floor).unwrap_or_default());
        self.0.log.marks_put(MARKS, vec![mark]).await
    }
}

async fn told_to_stop(shutdown: &mut watch::Receiver<bool>) {
    // An error means that whoever could tell us is gone: stop as well.
    let _stop = shutdown.wait_for(|stop| *stop).await;
}

/// How long another node's mark has stood still.
#[derive(Default)]
struct Watched {
    seen: Option<(String, Option<i64>, Instant)>,
}

impl Watched {
    fn silent_for(&mut self, node: &str, mark: Option<i64>) -> Duration {
        match &self.seen {
            Some((id, last, since)) if id == node && *last == mark => since.elapsed(),
            _ => {
                self.seen = Some((node.to_owned(), mark, Instant::now()));
                Duration::ZERO
            }
        }
    }
}
