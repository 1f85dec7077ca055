//! Who may enter: people, tokens and walls. A service on each node follows the ledger of accounts,
//! folds it into the directory and ends what may not go on; all nodes do, each from its own tail.
//! Who may change what is `domain::account`; what one may see and do inside is `domain::actor`.

pub mod book;
pub mod cookie;
mod enter;
pub mod first;
pub mod live;
mod lockout;
pub mod password;
pub mod provider;
pub mod secret;
pub mod seen;
pub mod sign_in;
pub mod signed;
pub mod token;
pub mod totp;
mod two_step;
pub mod wall_code;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::account::Directory;
use domain::account::command::AccountCommand;
use domain::account::event::{AccountEntry, Ended};
use domain::actor::Actor;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::AbortHandle;

pub use book::{Book, Rules};
pub use enter::{Denied, Known};
pub use live::Live;
use lockout::Lockout;
pub use password::Overloaded;
use password::Passwords;
use secret::NoRandomness;
use seen::{Kind, Seen};

use crate::config;
use crate::log::{AppendOutcome, EventLog, LedgerName, Log, LogError};
use crate::problem::Problem;
use crate::ws::fanout::{ConnId, Fanout};

/// How long a command may take to come back from the ledger.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before a ledger that can't be read is asked again.
const BREATH: Duration = Duration::from_secs(1);
/// The ledger is looked at this often even if nobody said that it grew.
const LOOK: Duration = Duration::from_secs(5);
/// How often, at most, limits are looked at and signs of life exchanged.
const SWEEP: Duration = Duration::from_secs(30);
const SWEEP_LEAST: Duration = Duration::from_millis(200);

/// Who somebody is to the directory.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Identity {
    /// A sign-in of a person, by its id.
    SignIn(String),
    /// A wall screen, by its id.
    Screen(String),
    /// A bearer token, by its id.
    Token(String),
}

/// Why a command on accounts took no effect.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The rules forbid it.
    Refused(Refusal),
    /// The log failed.
    Log(LogError),
    /// Too much happens at once.
    Busy,
    /// Nothing secret can be made.
    NoRandomness,
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<NoRandomness> for Failure {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Log(error) => error.into(),
            Failure::Busy => Self::unavailable(2),
            Failure::NoRandomness => Self::unavailable(30),
        }
    }
}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::msg(refusal.en),
            Failure::Log(error) => error.into(),
            Failure::Busy => Self::msg("others change accounts at the same time; try again"),
            Failure::NoRandomness => NoRandomness.into(),
        }
    }
}

/// What the service is started with.
pub struct Parts {
    /// The log whose ledger it follows.
    pub log: Arc<EventLog>,
    /// County, limits and time.
    pub rules: Rules,
    /// Passwords, lists, times of links.
    pub settings: config::SignIn,
    /// Whether people reach this server by HTTPS.
    pub is_secure: bool,
    /// Closes live connections.
    pub fanout: Fanout,
    /// Told of every connection that ended.
    pub live: Live,
}

/// The service; clones are cheap and mean the same one.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    log: Arc<EventLog>,
    rules: Rules,
    settings: config::SignIn,
    is_secure: bool,
    fanout: Fanout,
    live: Live,
    book: ArcSwap<Book>,
    folded: watch::Sender<u64>,
    grown: Notify,
    /// How often somebody asked to look at the ledger anew, and up to which of these it was.
    asked: AtomicU64,
    looked: watch::Sender<u64>,
    /// One command of this node at a time: they would only be in each other's way.
    turn: Mutex<()>,
    seen: Seen,
    lockout: Lockout,
    passwords: Passwords,
    renewed: enter::Renewed,
}

/// Keeps the service going; it ends when this is dropped.
#[derive(Debug)]
pub struct Following([AbortHandle; 2]);

impl Drop for Following {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Accounts {
    /// Reads the ledger and follows it from there, for as long as [`Following`] is held.
    ///
    /// # Errors
    /// The ledger or the list of breached passwords can't be read.
    pub async fn start(parts: Parts) -> anyhow::Result<(Self, Following)> {
        let book = Book::open(&parts.log).await?;
        let settings = parts.settings;
        let breached = settings.breached_passwords.clone();
        let min_chars = settings.password_min_chars;
        let passwords =
            tokio::task::spawn_blocking(move || Passwords::new(min_chars, breached.as_deref()));
        let accounts = Self(Arc::new(Inner {
            log: parts.log,
            rules: parts.rules,
            settings,
            is_secure: parts.is_secure,
            fanout: parts.fanout,
            live: parts.live,
            folded: watch::Sender::new(book.seq),
            book: ArcSwap::from_pointee(book.clone()),
            grown: Notify::new(),
            asked: AtomicU64::new(0),
            looked: watch::Sender::new(0),
            turn: Mutex::new(()),
            seen: Seen::default(),
            lockout: Lockout::default(),
            passwords: passwords.await??,
            renewed: enter::Renewed::default(),
        }));
        let (following, sweeping) = (accounts.clone(), accounts.clone());
        let tasks = [
            tokio::spawn(async move { following.follow(book).await }).abort_handle(),
            tokio::spawn(async move { sweeping.sweep().await }).abort_handle(),
        ];
        Ok((accounts, Following(tasks)))
    }

    /// The directory as it is now.
    pub fn book(&self) -> Arc<Book> {
        self.0.book.load_full()
    }

    /// The time that accounts go by; a demo's runs no faster than life.
    pub fn now(&self) -> Timestamp {
        self.0.rules.clock.now()
    }

    /// County, limits and time.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// Settings of signing in.
    pub fn settings(&self) -> &config::SignIn {
        &self.0.settings
    }

    /// Whether people reach this server by HTTPS.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    /// The shortest password allowed, in characters.
    pub fn password_min_chars(&self) -> usize {
        self.0.passwords.min_chars()
    }

    /// Last signs of life.
    pub fn seen(&self) -> &Seen {
        &self.0.seen
    }

    /// The live connections of this node.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// Until when a stranger who types this name has to wait.
    pub fn locked_until(&self, name: &str) -> Option<Timestamp> {
        self.0.lockout.name_locked_until(name, self.now())
    }

    /// The log's secret, for slips.
    pub fn secret(&self) -> [u8; 32] {
        self.0.log.secret()
    }

    /// What Gridlamp itself does with accounts is done by this actor.
    pub fn gridlamp(&self) -> Actor {
        Actor::rule("accounts", self.0.rules.county.code)
    }

    /// Carries commands out, all or none; answers what happened, when this node has folded it.
    ///
    /// # Errors
    /// Why not.
    pub async fn perform(
        &self,
        actor: &Actor,
        commands: &[AccountCommand],
    ) -> Result<Vec<AccountEntry>, Failure> {
        let _turn = self.0.turn.lock().await;
        for _ in 0..book::tries() {
            let book = self.book();
            let entries = book.decide(&self.0.rules, actor, commands);
            let entries = entries.map_err(|(_, why)| Failure::Refused(why))?;
            match book::append(&self.0.log, book.seq, &entries).await? {
                AppendOutcome::Done { version } => {
                    self.until_folded(version).await?;
                    return Ok(entries);
                }
                AppendOutcome::Conflict { actual } => self.until_folded(actual).await?,
            }
        }
        Err(Failure::Busy)
    }

    async fn until_folded(&self, seq: u64) -> Result<(), Failure> {
        let mut folded = self.0.folded.subscribe();
        self.0.grown.notify_one();
        let waited = tokio::time::timeout(PATIENCE, folded.wait_for(|now| *now >= seq)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Failure::Busy),
        }
    }

    /// Reads what stands in the ledger now. Something genuine that is not known here was made by
    /// another node or by a tool, a moment ago; guesses are never worth a look.
    pub async fn look_again(&self) {
        let wanted = self.0.asked.fetch_add(1, Ordering::AcqRel) + 1;
        let mut looked = self.0.looked.subscribe();
        self.0.grown.notify_one();
        // With the log away what is known must do.
        let _late = tokio::time::timeout(BREATH, looked.wait_for(|n| *n >= wanted)).await;
    }

    /// Follows the ledger forever.
    async fn follow(&self, mut book: Book) {
        let mut watch = self.0.log.ledger_watch(LedgerName::Accounts);
        loop {
            let asked = self.0.asked.load(Ordering::Acquire);
            match book.read_on(&self.0.log).await {
                Ok(grew) => {
                    if grew {
                        self.0.book.store(Arc::new(book.clone()));
                        self.0.folded.send_replace(book.seq);
                        self.end_lost();
                    }
                    self.0.looked.send_replace(asked);
                }
                Err(error) => {
                    tracing::warn!(%error, "the ledger of accounts cannot be read now");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            }
            tokio::select! {
                changed = watch.changed() => if changed.is_err() {
                    // Nobody tells any more; look again by the clock.
                    tokio::time::sleep(BREATH).await;
                },
                () = self.0.grown.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// A live connection was handed over for somebody who acts as `actor` and showed a secret with
    /// the hash `proof`. It is closed at once if they may not go on, which they may have lost
    /// while it was under way.
    pub fn opened(&self, identity: &Identity, actor: &Actor, proof: &str, conn: ConnId) {
        self.0.live.opened(identity, actor, proof, conn);
        self.end_lost();
    }

    /// Closes the live connections of whoever may not go on as they are.
    pub fn end_lost(&self) {
        let book = self.book();
        let now = self.now();
        let lost = self
            .0
            .live
            .to_end(|identity, proof| self.actor_of(&book, identity, proof, now));
        for (conn, code) in lost {
            self.0.fanout.close(conn, code);
        }
    }

    /// Exchanges signs of life and ends what went over its time, forever.
    async fn sweep(&self) {
        let idle = self.0.rules.limits.idle.millis().max(0) as f64 / 8.0;
        loop {
            let idle = Duration::from_secs_f64(idle / 1000.0 / self.0.rules.clock.rate());
            tokio::time::sleep(idle.clamp(SWEEP_LEAST, SWEEP)).await;
            self.touch_live();
            if let Err(error) = self.0.seen.exchange(&self.0.log).await {
                tracing::debug!(%error, "signs of life wait to be told");
                continue;
            }
            self.end_over().await;
            self.end_lost();
        }
    }

    fn touch_live(&self) {
        let now = self.now();
        for identity in self.0.live.identities() {
            self.touch(&identity, now);
            if let Identity::Screen(id) = &identity {
                self.0.seen.touch(Kind::ScreenLive, id, now);
            }
        }
    }

    fn touch(&self, identity: &Identity, now: Timestamp) {
        let (kind, id) = match identity {
            Identity::SignIn(id) => (Kind::SignIn, id),
            Identity::Screen(id) => (Kind::Screen, id),
            Identity::Token(id) => (Kind::Token, id),
        };
        self.0.seen.touch(kind, id, now);
    }

    async fn end_over(&self) {
        let book = self.book();
        let now = self.now();
        let over: Vec<(String, Ended)> = book
            .directory
            .sign_ins()
            .filter_map(|sign_in| Some((sign_in.id.clone(), self.over(&book, sign_in, now)?)))
            .collect();
        for (id, why) in over {
            let end = AccountCommand::EndSignIn { id, why };
            match self.perform(&self.gridlamp(), &[end]).await {
                // Another node was faster.
                Ok(_) | Err(Failure::Refused(_)) => {}
                Err(failure) => {
                    tracing::debug!(?failure, "a sign-in over its time is ended later");
                    return;
                }
            }
        }
    }

    /// The directory itself.
    pub fn with<T>(&self, read: impl FnOnce(&Directory) -> T) -> T {
        read(&self.0.book.load().directory)
    }
}
