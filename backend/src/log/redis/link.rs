//! The connection to Redis: one that all commands share, kept alive by a watcher that notices within
//! seconds when Redis is away, and dedicated ones for readers that block.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError,
    ServerErrorKind, aio::MultiplexedConnection,
};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

use super::super::{LogError, LogHealth, random_bytes};

/// What a command may take; Redis answers ours in well under a millisecond.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often the watcher asks when all is well.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How long a command waits for a connection that is just being made anew.
const GRACE: Duration = Duration::from_millis(500);

/// A shared connection with its watcher's findings.
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
    address: String,
    current: watch::Sender<Option<Shared>>,
    generation: AtomicU64,
    suspicion: Notify,
    health: watch::Sender<LogHealth>,
    // Kept so that a log that is gone for good is told once, not every second.
    told: Mutex<String>,
}

#[derive(Debug, Clone)]
struct Shared {
    generation: u64,
    connection: MultiplexedConnection,
}

impl Link {
    pub(super) fn new(client: Client, address: String) -> Self {
        Self {
            client,
            address,
            current: watch::Sender::new(None),
            generation: AtomicU64::new(0),
            suspicion: Notify::new(),
            health: watch::Sender::new(LogHealth::Up),
            told: Mutex::default(),
        }
    }

    pub(super) fn health(&self) -> watch::Receiver<LogHealth> {
        self.health.subscribe()
    }

    /// Sends one command and reads its answer.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, LogError> {
        let mut shared = self.shared().await?;
        let answer = command.query_async(&mut shared.connection).await;
        answer.map_err(|e| self.failed(&shared, &e))
    }

    /// Sends commands at once and reads all answers.
    pub(crate) async fn run_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, LogError> {
        let mut shared = self.shared().await?;
        let answer = commands.query_async(&mut shared.connection).await;
        answer.map_err(|e| self.failed(&shared, &e))
    }

    /// A connection of its own for a reader that blocks up to `wait`.
    pub(crate) async fn dedicated(
        &self,
        wait: Duration,
    ) -> Result<MultiplexedConnection, LogError> {
        self.connect(wait + RESPONSE_TIMEOUT)
            .await
            .map_err(|e| self.explain(&e))
    }

    /// Asks the watcher to look at once, because a reader has met an error.
    pub(crate) fn suspect(&self) {
        self.suspicion.notify_one();
    }

    /// Connects for the first time, so that `open` can fail with a reason.
    pub(super) async fn first(&self) -> Result<(), LogError> {
        let connection = self
            .connect(RESPONSE_TIMEOUT)
            .await
            .map_err(|e| self.explain(&e))?;
        self.install(connection);
        Ok(())
    }

    /// Keeps the shared connection alive, forever. `check` says whether what answers is our log.
    pub(super) async fn watch(self: Arc<Self>, check: impl AsyncFn(&Self) -> Result<(), LogError>) {
        let mut pause = Backoff::default();
        loop {
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
        check: &impl AsyncFn(&Self) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        if self.current.borrow().is_none() {
            self.first().await?;
        }
        check(self).await
    }

    async fn shared(&self) -> Result<Shared, LogError> {
        if let Some(shared) = self.current.borrow().clone() {
            return Ok(shared);
        }
        if let LogHealth::Down { why, .. } = &*self.health.borrow() {
            return Err(LogError::unavailable(why.clone()));
        }
        let mut current = self.current.subscribe();
        match timeout(GRACE, current.wait_for(Option::is_some)).await {
            Ok(Ok(shared)) => shared
                .clone()
                .ok_or_else(|| LogError::unavailable(self.address.clone())),
            _ => Err(LogError::unavailable(format!(
                "the connection to {} was lost",
                self.address
            ))),
        }
    }

    async fn connect(&self, response: Duration) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(response));
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    fn install(&self, connection: MultiplexedConnection) {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        self.current.send_replace(Some(Shared {
            generation,
            connection,
        }));
    }

    fn failed(&self, used: &Shared, error: &RedisError) -> LogError {
        // After a time-out the answer may still come, and a replica stays one: both need a new connection.
        if error.is_io_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
            self.current.send_if_modified(|current| {
                let same = current
                    .as_ref()
                    .is_some_and(|shared| shared.generation == used.generation);
                if same {
                    *current = None;
                }
                same
            });
            self.suspect();
        }
        self.explain(error)
    }

    /// What an error of Redis means for the one who runs the server.
    pub(crate) fn explain(&self, error: &RedisError) -> LogError {
        let at = format!("{} ({error})", self.address);
        match error.kind() {
            ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig => LogError::Address {
                url: self.address.clone(),
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

    fn report(&self, error: Option<&LogError>) {
        let why = error.map(ToString::to_string).unwrap_or_default();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != why {
            if error.is_some() {
                tracing::warn!(log = %self.address, %why, "the log does not answer");
            } else {
                tracing::info!(log = %self.address, "the log answers again");
            }
            told.clone_from(&why);
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
