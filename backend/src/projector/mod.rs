//! One task owns the World and the Hub: it takes commands, decides, appends, folds what the log
//! hands back, and publishes. Nothing else touches either, so there is nothing to lock.
//!
//! One append is under way at a time; what arrives meanwhile is decided together afterwards, on
//! the World that has folded it. That is group commit, and it keeps decisions in order.

mod batch;
pub mod command;
mod handle;
pub mod record;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::deployment::position::Fix;
use domain::ids::IncidentId;
use domain::incident::plan;
use domain::pack::County;
use domain::wire::{ClockFrame, Degraded};
use domain::world::World;
use rustc_hash::FxHashMap;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, watch};

use self::batch::{InFlight, Job, Rules};
pub use self::handle::{Done, Failure, Moved, Projector as Handle, View};
use self::handle::{Join, Request};
use crate::clock::Clock;
use crate::hub::{self, Greeting, Hub, Run, Told};
use crate::log::{AppendOutcome, Batch, EventLog, Log, LogError, LogHealth, Position};
use crate::snapshot::Checkpoints;
use crate::ws::fanout::{AudienceId, ConnId, Fanout};

/// Most commands decided in one append.
const BATCH_JOBS: usize = 1_000;
/// Commands that may wait; more are told to come back.
const QUEUE: usize = 20_000;
/// How often every screen is told the time.
const CLOCK_EVERY: Duration = Duration::from_secs(10);
/// How long the standing rules wait after the log refused them.
const RULES_PAUSE: Duration = Duration::from_secs(1);

/// What the projector is made of.
pub struct Parts {
    /// The county's rules.
    pub county: Arc<County>,
    /// The log.
    pub log: Arc<EventLog>,
    /// The time.
    pub clock: Clock,
    /// The sending half.
    pub fanout: Fanout,
    /// Where checkpoints go.
    pub checkpoints: Checkpoints,
    /// The world folded so far, and where that is.
    pub world: World,
    /// The place in the log that `world` stands at.
    pub position: Position,
    /// The app's version, told to every client.
    pub version: Option<String>,
}

/// Starts the projector on a thread of its own; it runs until `shutdown` turns true. The receiver
/// resolves when it has ended, with an error if it broke.
///
/// The log's tail is read on that same thread: from the log's socket to the fan-out an event wakes
/// no other thread, and no request that is slow to serve stands before it.
///
/// # Errors
/// The system has no thread or no poll to give.
pub fn start(
    parts: Parts,
    shutdown: watch::Receiver<bool>,
) -> io::Result<(Handle, oneshot::Receiver<()>)> {
    let (sender, requests) = mpsc::channel(QUEUE);
    let back = sender.downgrade();
    let (end, ended) = oneshot::channel();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name("projector".to_owned())
        .spawn(move || {
            // A task like any other is woken without a look at the sockets; what is blocked on is not.
            let done = runtime.block_on(async {
                tokio::spawn(Task::new(parts, requests, back).run(shutdown)).await
            });
            // Whoever waits for the end may have gone; of a panic they learn by the sender's drop.
            if done.is_ok() {
                let _gone = end.send(());
            }
        })?;
    Ok((Handle::new(sender), ended))
}

struct Task {
    parts: Parts,
    hub: Hub,
    tail: crate::log::Tail,
    health: watch::Receiver<LogHealth>,
    requests: mpsc::Receiver<Request>,
    /// The way back in for a job that had to look something up.
    back: mpsc::WeakSender<Request>,
    /// Jobs not yet decided.
    queue: VecDeque<Job>,
    /// The append under way.
    in_flight: Option<InFlight>,
    /// Jobs in the log but not yet folded, by the version their subject will have.
    waiting: FxHashMap<(IncidentId, u64), Job>,
    /// Whether the rules have looked for what another calendar counts differently.
    looked: bool,
    /// The standing rules rest until then.
    rules_after: Instant,
    degraded: Option<Degraded>,
    /// The pace of the clock as the screens know it.
    told_rate: f64,
}

impl Task {
    fn new(
        parts: Parts,
        requests: mpsc::Receiver<Request>,
        back: mpsc::WeakSender<Request>,
    ) -> Self {
        Self {
            hub: Hub::new(parts.position),
            tail: parts.log.tail(parts.position),
            health: parts.log.health(),
            requests,
            back,
            queue: VecDeque::new(),
            in_flight: None,
            waiting: FxHashMap::default(),
            looked: false,
            rules_after: Instant::now(),
            degraded: None,
            told_rate: parts.clock.rate(),
            parts,
        }
    }

    async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut clock_tick = tokio::time::interval(CLOCK_EVERY);
        self.note_health();
        loop {
            self.start_batch();
            self.tell_new_rate();
            let pause = self.until_rules();
            tokio::select! {
                biased;
                _ = shutdown.wait_for(|stop| *stop) => break,
                batch = self.tail.next() => match batch {
                    Ok(batch) => self.fold(batch),
                    Err(error) => {
                        tracing::error!(%error, "the log can no longer be followed");
                        break;
                    }
                },
                outcome = batch::finished(&mut self.in_flight) => self.settle(outcome),
                changed = self.health.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.note_health();
                }
                request = self.requests.recv(), if self.queue.len() < QUEUE => match request {
                    Some(request) => self.take(request),
                    None => break,
                },
                _ = clock_tick.tick() => self.tell_time(),
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.finish().await;
    }

    /// Takes one request and all that wait behind it.
    fn take(&mut self, first: Request) {
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Do(job) => self.queue.push_back(*job),
                Request::Read(read) => read(self.view()),
                Request::Join(join) => self.join(*join),
                Request::Positions(fixes) => self.show(&fixes),
                Request::Fill(views) => self.fill(views),
            }
            next = if self.queue.len() < QUEUE {
                self.requests.try_recv().ok()
            } else {
                None
            };
        }
    }

    /// Tells every screen where units are.
    fn show(&self, fixes: &[Fix]) {
        let latest = self
            .hub
            .positions(fixes, &self.parts.world, &self.parts.county);
        for (audience, latest) in latest {
            self.parts.fanout.publish_latest(audience, latest);
        }
    }

    /// Tells screens that look elsewhere now what is there.
    fn fill(&self, views: Vec<(ConnId, AudienceId, Vec<Fix>)>) {
        let (world, county) = (&self.parts.world, &self.parts.county);
        for (conn, audience, fixes) in views {
            let latest = self.hub.positions_for(audience, &fixes, world, county);
            if let Some(latest) = latest.filter(|latest| !latest.rows.is_empty()) {
                self.parts.fanout.fill(conn, audience, latest);
            }
        }
    }

    fn view(&self) -> View<'_> {
        View {
            world: &self.parts.world,
            county: &self.parts.county,
            now: self.parts.clock.now(),
            position: self.hub.position(),
        }
    }

    fn join(&mut self, join: Join) {
        let greeting = Greeting {
            epoch: self.parts.log.epoch().to_string(),
            now: self.parts.clock.now(),
            rate: self.parts.clock.rate(),
            version: self.parts.version.clone(),
        };
        let mut welcome = self
            .hub
            .welcome(&join.viewer, join.from, &self.parts.world, greeting);
        if let Some(degraded) = &self.degraded {
            welcome.frames.push(hub::text("degraded", degraded));
        }
        tracing::debug!(scope = %join.viewer.scope, resume = ?welcome.resume, "a screen joined");
        let conn =
            self.parts
                .fanout
                .join(welcome.audience, join.socket, join.leftover, welcome.frames);
        // Whoever handed it over may have gone.
        let _gone = join.joined.send(conn);
    }

    /// Decides what waits and what fell due, unless an append is under way.
    fn start_batch(&mut self) {
        if self.in_flight.is_some() {
            return;
        }
        let now = self.parts.clock.now();
        let rules = match (self.looked, self.degraded.is_none()) {
            _ if Instant::now() < self.rules_after => Rules::Rest,
            (_, false) => Rules::Rest,
            (false, true) => Rules::First,
            (true, true) => Rules::Look,
        };
        let round = batch::decide(&mut self.queue, &self.parts, now, rules, BATCH_JOBS);
        // What was counted anew is looked for until nothing is left of it.
        self.looked |= rules == Rules::First && !round.recounts;
        for job in round.to_find {
            batch::find(job, &self.parts, self.back.clone());
        }
        if round.appends.is_empty() {
            return;
        }
        let log = Arc::clone(&self.parts.log);
        let appends = round.appends;
        let task = tokio::spawn(async move { log.append(appends).await });
        self.in_flight = Some(InFlight {
            jobs: round.jobs,
            task,
        });
    }

    fn until_rules(&self) -> Duration {
        const LONGEST: Duration = Duration::from_mins(1);
        if self.in_flight.is_some() {
            return LONGEST;
        }
        let rest = self.rules_after.saturating_duration_since(Instant::now());
        let world = &self.parts.world;
        let due = if world.ties().next().is_some() {
            Duration::ZERO
        } else {
            let next = world.next_due();
            next.map_or(LONGEST, |at| self.parts.clock.until(at))
        };
        due.clamp(Duration::from_millis(1), LONGEST).max(rest)
    }

    /// The log has answered the append under way.
    fn settle(&mut self, outcome: Result<Vec<AppendOutcome>, LogError>) {
        let Some(in_flight) = self.in_flight.take() else {
            return;
        };
        match outcome {
            Ok(outcomes) => {
                for (job, outcome) in in_flight.jobs.into_iter().zip(outcomes) {
                    match outcome {
                        AppendOutcome::Done { version } => self.await_fold(job, version),
                        AppendOutcome::Conflict { actual } => self.decide_again(job, actual),
                    }
                }
            }
            Err(error) => {
                metrics::counter!("gridlamp_append_errors_total").increment(1);
                self.rules_after = Instant::now() + RULES_PAUSE;
                for job in in_flight.jobs {
                    job.answer(Err(Failure::Log(error.clone())));
                }
            }
        }
    }

    fn await_fold(&mut self, job: Job, version: u64) {
        let id = job.id;
        let world = &self.parts.world;
        let stands = match job.wish() {
            Some(wish) => command::version_of(wish, world),
            None => world.incident(id).map(|incident| incident.version),
        };
        if stands.is_some_and(|stands| stands >= version) {
            self.answer(job, false);
        } else {
            self.waiting.insert((id, version), job);
        }
    }

    fn decide_again(&mut self, mut job: Job, actual: u64) {
        metrics::counter!("gridlamp_append_conflicts_total").increment(1);
        if job.is_rule() {
            return;
        }
        if let Some(expected) = job.expected_version() {
            let refusal = if job.wish().is_some() {
                domain::session::plan::conflict(expected, actual)
            } else {
                plan::conflict(expected, actual)
            };
            return job.answer(Err(Failure::Refused(refusal)));
        }
        if job.may_try_again() {
            self.queue.push_back(job);
        } else if job.wish().is_some() {
            job.answer(Err(Failure::Busy));
        } else {
            batch::answer_from_log(job, &self.parts);
        }
    }

    fn answer(&self, job: Job, existed: bool) {
        if let Some(wish) = job.wish() {
            let moved = command::moved(wish, &self.parts.world, self.hub.position(), existed);
            return job.moved(moved);
        }
        let Some(incident) = self.parts.world.incident(job.id).cloned() else {
            return batch::answer_from_log(job, &self.parts);
        };
        let position = self.hub.position();
        job.answer(Ok(Done {
            incident: Box::new(incident),
            position,
            existed,
        }));
    }

    /// Folds what the log hands back, publishes it, and answers whoever waited for it.
    fn fold(&mut self, batch: Batch) {
        let mut events = Vec::with_capacity(batch.records.len());
        for record in batch.records {
            match record::event_of(&record) {
                Ok(event) => events.push(Told::fold(event, &mut self.parts.world)),
                Err(error) => {
                    metrics::counter!("gridlamp_unreadable_records_total").increment(1);
                    tracing::error!(%error, position = %record.position, "unreadable record passed over");
                }
            }
        }
        metrics::counter!("gridlamp_events_folded_total").increment(events.len() as u64);
        metrics::gauge!("gridlamp_incidents").set(self.parts.world.len() as f64);
        let done: Vec<_> = if self.waiting.is_empty() {
            Vec::new()
        } else {
            events
                .iter()
                .map(Told::event)
                .filter_map(|e| self.waiting.remove(&(e.key, e.version)))
                .collect()
        };
        let count = events.len();
        let frames = self.hub.publish(Run {
            from: batch.from,
            to: batch.to,
            events,
        });
        self.parts.fanout.publish(frames);
        for job in done {
            self.answer(job, false);
        }
        self.parts
            .checkpoints
            .after(count, &self.parts.world, self.hub.position());
    }

    /// A demo's clock changes its pace: screens must know at once, or they run ahead.
    fn tell_new_rate(&mut self) {
        let rate = self.parts.clock.rate();
        if (rate - self.told_rate).abs() > f64::EPSILON {
            self.tell_time();
        }
    }

    fn tell_time(&mut self) {
        self.told_rate = self.parts.clock.rate();
        let frame = ClockFrame {
            now: self.parts.clock.now(),
            rate: self.parts.clock.rate(),
        };
        self.for_all(&hub::text("clock", &frame));
    }

    fn note_health(&mut self) {
        let health = self.health.borrow_and_update().clone();
        metrics::gauge!("gridlamp_log_up").set(if health.is_up() { 1.0 } else { 0.0 });
        match health {
            LogHealth::Up => {
                if self.degraded.take().is_some() {
                    tracing::info!("the log answers again");
                    self.for_all(&hub::text("recovered", &serde_json::json!({})));
                }
            }
            LogHealth::Down { why, .. } => {
                if self.degraded.is_none() {
                    tracing::warn!(%why, "the log does not answer");
                    let degraded = Degraded {
                        since: self.parts.clock.now(),
                        why,
                    };
                    self.for_all(&hub::text("degraded", &degraded));
                    self.degraded = Some(degraded);
                }
            }
        }
    }

    fn for_all(&self, frame: &bytes::Bytes) {
        let frames = self.hub.for_all(frame);
        self.parts.fanout.publish(frames);
    }

    /// Lets the append under way end, so that whoever waits for it gets a true answer.
    async fn finish(mut self) {
        if self.in_flight.is_some() {
            let outcome = batch::finished(&mut self.in_flight).await;
            self.settle(outcome);
            let patience = tokio::time::Instant::now() + Duration::from_secs(3);
            while !self.waiting.is_empty() {
                match tokio::time::timeout_at(patience, self.tail.next()).await {
                    Ok(Ok(batch)) => self.fold(batch),
                    _ => break,
                }
            }
        }
        self.parts
            .checkpoints
            .write(&self.parts.world, self.hub.position());
    }
}
