//! The connection to Redis: one that all commands share, kept alive by a watcher that notices within
//! seconds when Redis is away, and dedicated ones for readers that block.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use redis::{
    Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

use super::super::{LogError, LogHealth, random_bytes};
use super::endpoint::{Connected, Endpoint, Server};

/// What a command may take; Redis answers ours in well under a millisecond.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How often the watcher asks when all is well.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often it asks whether another server has taken over while this one still answers.
const CONFIRM_EVERY: Duration = Duration::from_secs(5);
/// How long a command waits for a connection that is just being made anew.
const GRACE: Duration = Duration::from_millis(500);

/// A shared connection with its watcher's findings.
#[derive(Debug)]
pub(crate) struct Link {
    endpoint: Endpoint,
    current: watch::Sender<Option<Shared>>,
    generation: AtomicU64,
    /// Grows when another server has taken over, so that dedicated connections follow.
    place: AtomicU64,
    last_server: Mutex<Option<Server>>,
    suspicion: Notify,
    health: watch::Sender<LogHealth>,
    /// What the watcher met last, told once and not every second.
    trouble: Mutex<Option<LogError>>,
}

#[derive(Debug, Clone)]
struct Shared {
    generation: u64,
    connection: MultiplexedConnection,
    server: Option<Server>,
}

impl Link {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            current: watch::Sender::new(None),
            generation: AtomicU64::new(0),
            place: AtomicU64::new(0),
            last_server: Mutex::default(),
            suspicion: Notify::new(),
            health: watch::Sender::new(LogHealth::Up),
            trouble: Mutex::default(),
        }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn health(&self) -> watch::Receiver<LogHealth> {
        self.health.subscribe()
    }

    /// Sends one command and reads its answer.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, LogError> {
        let mut shared = self.shared().await?;
        let answer = command.query_async(&mut shared.connection).await;
        answer.map_err(|e| self.failed(shared.generation, &e))
    }

    /// Sends commands at once and reads all answers.
    pub(crate) async fn run_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, LogError> {
        let mut shared = self.shared().await?;
        let answer = commands.query_async(&mut shared.connection).await;
        answer.map_err(|e| self.failed(shared.generation, &e))
    }

    /// What an error among the answers of [`Self::run_all`] means; one that shows that the log has
    /// moved on makes the link look for it anew.
    pub(crate) fn answered(&self, error: &RedisError) -> LogError {
        self.failed(self.generation.load(Ordering::Relaxed), error)
    }

    /// A connection of its own for a reader that blocks up to `wait`.
    pub(crate) async fn dedicated(
        &self,
        wait: Duration,
    ) -> Result<MultiplexedConnection, LogError> {
        let connected = self.connect(wait + RESPONSE_TIMEOUT).await?;
        Ok(connected.connection)
    }

    /// Where the log is, as a mark for [`Self::still`]; take it before connecting.
    pub(crate) fn place(&self) -> u64 {
        self.place.load(Ordering::Relaxed)
    }

    /// Fails when another server has taken over since `place`: a dedicated connection to the old
    /// one may still answer, from a log that is no longer the county's.
    pub(crate) fn still(&self, place: u64) -> Result<(), LogError> {
        if self.place() == place {
            return Ok(());
        }
        Err(LogError::unavailable("another server has taken over"))
    }

    /// Asks the watcher to look at once, because a reader has met an error.
    pub(crate) fn suspect(&self) {
        self.suspicion.notify_one();
    }

    /// Connects for the first time, so that `open` can fail with a reason.
    pub(super) async fn first(&self) -> Result<(), LogError> {
        let connected = self.connect(RESPONSE_TIMEOUT).await?;
        self.follow(connected.server.as_ref());
        self.install(connected);
        Ok(())
    }

    /// Keeps the shared connection alive, forever. `check` says whether what answers is our log; a
    /// new connection is shared only after it.
    pub(super) async fn watch(
        self: Arc<Self>,
        check: impl AsyncFn(&mut MultiplexedConnection) -> Result<(), LogError>,
    ) {
        let mut pause = Backoff::default();
        let mut confirm_at = Instant::now() + CONFIRM_EVERY;
        loop {
            if Instant::now() >= confirm_at {
                self.confirm().await;
                confirm_at = Instant::now() + CONFIRM_EVERY;
            }
            match self.look(&check).await {
                Ok(()) => {
                    pause.reset();
                    self.report(None);
                    // Whoever suspects something should not wait for the next regular look.
                    let _ = timeout(WATCH_EVERY, self.suspicion.notified()).await;
                }
                Err(error) => {
                    self.report(Some(&error));
                    sleep(pause.next()).await;
                }
            }
        }
    }

    async fn look(
        &self,
        check: &impl AsyncFn(&mut MultiplexedConnection) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let standing = self.current.borrow().clone();
        let Some(mut shared) = standing else {
            let mut connected = self.connect(RESPONSE_TIMEOUT).await?;
            self.follow(connected.server.as_ref());
            check(&mut connected.connection).await?;
            self.install(connected);
            return Ok(());
        };
        let checked = check(&mut shared.connection).await;
        if checked.as_ref().is_err_and(LogError::is_transient) {
            self.drop_current(shared.generation);
        }
        checked
    }

    /// Leaves a server that still answers when another one has become the master.
    async fn confirm(&self) {
        let standing = self.current.borrow().clone();
        if let Some(shared) = standing
            && self.endpoint.has_left(shared.server.as_ref()).await
        {
            tracing::info!(log = %self.endpoint.shown(), "another server has taken over");
            self.drop_current(shared.generation);
        }
    }

    async fn shared(&self) -> Result<Shared, LogError> {
        if let Some(shared) = self.current.borrow().clone() {
            return Ok(shared);
        }
        if let Some(trouble) = self.trouble().clone() {
            return Err(trouble);
        }
        let mut current = self.current.subscribe();
        match timeout(GRACE, current.wait_for(Option::is_some)).await {
            Ok(Ok(shared)) => shared
                .clone()
                .ok_or_else(|| LogError::unavailable(self.endpoint.shown().to_owned())),
            _ => Err(LogError::unavailable(format!(
                "the connection to {} was lost",
                self.endpoint.shown()
            ))),
        }
    }

    async fn connect(&self, response: Duration) -> Result<Connected, LogError> {
        let connected = self.endpoint.connect(response).await;
        connected.map_err(|e| self.explain(&e))
    }

    /// Makes dedicated connections follow to another server, whatever log it holds.
    fn follow(&self, server: Option<&Server>) {
        let mut last = self
            .last_server
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_some() && last.as_ref() != server {
            self.place.fetch_add(1, Ordering::Relaxed);
        }
        *last = server.cloned();
    }

    fn install(&self, connected: Connected) {
        let Connected { connection, server } = connected;
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        self.current.send_replace(Some(Shared {
            generation,
            connection,
            server,
        }));
    }

    fn failed(&self, generation: u64, error: &RedisError) -> LogError {
        if needs_another_connection(error) {
            self.drop_current(generation);
            self.suspect();
        }
        self.explain(error)
    }

    fn drop_current(&self, generation: u64) {
        self.current.send_if_modified(|current| {
            let same = current
                .as_ref()
                .is_some_and(|shared| shared.generation == generation);
            if same {
                *current = None;
            }
            same
        });
    }

    /// What an error of Redis means for the one who runs the server.
    pub(crate) fn explain(&self, error: &RedisError) -> LogError {
        let at = format!("{} ({error})", self.endpoint.shown());
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::Moved) if !self.endpoint.may_move() => {
                LogError::Address {
                    url: self.endpoint.shown().to_owned(),
                    why: "this server is one of a cluster; use redis+cluster:// with some of its nodes"
                        .to_owned(),
                }
            }
            ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig => LogError::Address {
                url: self.endpoint.shown().to_owned(),
                why: error.to_string(),
            },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => LogError::corrupt(at),
            _ => match error.code() {
                Some("GRIDLAMPDIVERGED") => LogError::Diverged { why: at },
                Some("MISCONF" | "OOM") => LogError::Full { at },
                _ => LogError::unavailable(at),
            },
        }
    }

    fn trouble(&self) -> MutexGuard<'_, Option<LogError>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, error: Option<&LogError>) {
        let log = self.endpoint.shown();
        let why = error.map(ToString::to_string).unwrap_or_default();
        let before = std::mem::replace(&mut *self.trouble(), error.cloned());
        match error {
            Some(_) if before.as_ref() != error => {
                tracing::warn!(%log, %why, "the log does not answer");
            }
            None if before.is_some() => tracing::info!(%log, "the log answers again"),
            _ => {}
        }
        self.health.send_if_modified(|health| {
            let changed = health.is_up() == error.is_some();
            if changed {
                *health = if error.is_some() {
                    LogHealth::Down {
                        since: SystemTime::now(),
                        why,
                    }
                } else {
                    LogHealth::Up
                };
            }
            changed
        });
    }
}

/// After a time-out the answer may still come, a replica stays one, and what has moved stays away.
fn needs_another_connection(error: &RedisError) -> bool {
    use ServerErrorKind::{Ask, ClusterDown, ExecAbort, MasterDown, Moved, ReadOnly};
    let gone = |kind| {
        matches!(
            kind,
            // A transaction does not tell which of these broke it.
            Ask | ClusterDown | ExecAbort | MasterDown | Moved | ReadOnly
        )
    };
    error.is_io_error() || matches!(error.kind(), ErrorKind::Server(kind) if gone(kind))
}

/// Growing pauses with jitter, so that many nodes do not come back in the same instant.
#[derive(Debug)]
pub(crate) struct Backoff {
    millis: u64,
    first_millis: u64,
    last_millis: u64,
}

impl Backoff {
    /// From `first_millis`, doubled each time up to `last_millis`.
    pub(crate) fn new(first_millis: u64, last_millis: u64) -> Self {
        Self {
            millis: first_millis,
            first_millis,
            last_millis,
        }
    }

    /// The next pause: between half and all of the present step.
    pub(crate) fn next(&mut self) -> Duration {
        let step = self.millis;
        self.millis = (step * 2).min(self.last_millis);
        let [dice] = random_bytes::<1>().unwrap_or([128]);
        Duration::from_millis(step / 2 + step * u64::from(dice) / 512)
    }

    /// Starts again from the first step.
    pub(crate) fn reset(&mut self) {
        self.millis = self.first_millis;
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(50, 2_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_start_again() {
        let mut backoff = Backoff::new(100, 400);
        for step in [100, 200, 400, 400] {
            let pause = backoff.next().as_millis();
            assert!((step / 2..=step).contains(&pause), "{pause} of {step}");
        }
        backoff.reset();
        assert!(backoff.next().as_millis() <= 100);
    }
}
