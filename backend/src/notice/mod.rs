//! The outbox of notices. One node at a time reads the log, writes down what is to be told and
//! sends it; every node shows people what is theirs. What is told, and to whom, is
//! `domain::notice`'s; each way it may go has a file of its own.

mod aliyun;
mod app;
mod book;
pub mod check;
mod deliver;
mod escalate;
mod guard;
mod own;
mod people;
mod push;
mod reading;
mod receipt;
mod sender;
mod sms;
mod tell;
mod webhook;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use domain::notice::Notice;
use domain::pack::County;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::JoinHandle;

pub use self::app::{Record, Wanted};
use self::book::{Book, Entry};
pub use self::book::{Delivery, Outcome};
use self::guard::Guard;
pub use self::own::{Offer, Subscription};
use self::push::Pusher;
pub use self::receipt::Receipt;
use self::sms::Gateway;
use self::webhook::Webhook;
use crate::account::{Accounts, secret};
use crate::clock::Clock;
use crate::config;
use crate::log::{AppendOutcome, EventLog, LedgerEntry, LedgerName, Log, LogError, Position};
use crate::projector::Handle;
use crate::ws::fanout::Fanout;

/// Entries read at a time.
const PAGE: usize = 2_000;
/// Entries in one append, unless one asking has more.
const GROUP_MAX: usize = 1_000;
/// The kind of mark that says who lives and where reading begins.
const MARKS: &str = "notices";
/// The mark of the first entry that a start has to read.
const FLOOR: &str = "floor";

/// What the outbox is started with.
pub struct Parts {
    /// The log that is read, and whose ledger is kept.
    pub log: Arc<EventLog>,
    /// The county's organisations.
    pub county: Arc<County>,
    /// The county's time.
    pub clock: Clock,
    /// Who works where.
    pub accounts: Accounts,
    /// Knows the numbers of incidents.
    pub projector: Handle,
    /// Tells people who have the app open.
    pub fanout: Fanout,
    /// Settings.
    pub settings: config::Notices,
    /// Where people reach this server: the source that webhooks name.
    pub url: String,
    /// Where the log stood when this node started: where notices begin in a county that had none.
    pub begin: Position,
}

/// The outbox; clones are cheap and mean the same one.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    log: Arc<EventLog>,
    county: Arc<County>,
    clock: Clock,
    accounts: Accounts,
    projector: Handle,
    fanout: Fanout,
    settings: config::Notices,
    url: String,
    begin: Position,
    /// This run of this node.
    node: String,
    book: RwLock<Book>,
    /// The last entry folded, for whoever waits for one.
    folded: watch::Sender<u64>,
    /// The first entry that a start has to read, as marked last.
    floor: AtomicU64,
    /// One append of this node at a time: they would only be in each other's way.
    turn: Mutex<()>,
    /// What waits to be appended together, and whose turn it is to do so.
    queue: std::sync::Mutex<Vec<Asked>>,
    group: Mutex<()>,
    webhooks: Vec<Webhook>,
    sms: Option<Gateway>,
    voice: Option<Gateway>,
    push: Option<Pusher>,
    /// What a gateway shows that brings receipts.
    receipts: Option<String>,
}

/// Entries that wait for their turn, and who asked.
struct Asked {
    entries: Vec<Entry>,
    done: oneshot::Sender<Result<bool, LogError>>,
}

/// Whoever had the turn was stopped half-way: what it appended is read again.
fn dropped() -> LogError {
    LogError::Unavailable {
        why: "the notices' turn was given up".to_owned(),
        retry_after_secs: 1,
    }
}

/// Everything that sends, as the configuration says.
struct Ways {
    webhooks: Vec<Webhook>,
    sms: Option<Gateway>,
    voice: Option<Gateway>,
    push: Option<Pusher>,
    receipts: Option<String>,
}

impl Ways {
    fn new(settings: &config::Notices, url: &str, log_secret: &[u8; 32]) -> anyhow::Result<Self> {
        let guard = Guard::new(&settings.allow);
        let client = guard.client(settings)?;
        let webhooks = settings.webhook.iter();
        let webhooks = webhooks.map(|one| Webhook::new(one, &guard, &client));
        let gateway = |place: &str, given: &Option<config::Sms>| {
            let made = given.as_ref();
            let made = made.map(|one| Gateway::new(place, one, &guard, &client));
            made.transpose()
        };
        let is_wanted = settings.push.enabled;
        let push = is_wanted.then(|| Pusher::new(&settings.push, url, log_secret, &guard, &client));
        Ok(Self {
            webhooks: webhooks.collect::<anyhow::Result<_>>()?,
            sms: gateway("[notices.sms]", &settings.sms)?,
            voice: gateway("[notices.voice]", &settings.voice)?,
            push: push.transpose()?,
            receipts: receipts_of(settings)?,
        })
    }
}

impl Notices {
    /// Reads the ledger, follows it, and sends when it is this node's turn, until `shutdown`.
    ///
    /// # Errors
    /// A receiver is set up in a way that can't work, or the ledger can't be read.
    pub async fn start(
        parts: Parts,
        shutdown: watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        let ways = Ways::new(&parts.settings, &parts.url, &parts.log.secret())?;
        let notices = Self(Arc::new(Inner {
            webhooks: ways.webhooks,
            sms: ways.sms,
            voice: ways.voice,
            push: ways.push,
            receipts: ways.receipts,
            log: parts.log,
            county: parts.county,
            clock: parts.clock,
            accounts: parts.accounts,
            projector: parts.projector,
            fanout: parts.fanout,
            settings: parts.settings,
            url: parts.url,
            begin: parts.begin,
            node: secret::new_id()?,
            book: RwLock::default(),
            folded: watch::Sender::new(0),
            floor: AtomicU64::new(0),
            turn: Mutex::new(()),
            queue: std::sync::Mutex::default(),
            group: Mutex::new(()),
        }));
        notices.skip_to_floor().await?;
        notices.read_on().await?;
        let sender = notices.clone();
        let task = tokio::spawn(async move { sender.run(shutdown).await });
        Ok((notices, task))
    }

    /// Begins reading where the oldest notice that is remembered stands.
    async fn skip_to_floor(&self) -> Result<(), LogError> {
        let marks = self.0.log.marks(MARKS).await?;
        let floor = marks.iter().find(|(id, _)| id == FLOOR);
        let floor = floor.map_or(0, |(_, at)| u64::try_from(*at).unwrap_or_default());
        self.0.floor.store(floor, Ordering::Relaxed);
        self.write(|book| book.seq = floor.saturating_sub(1));
        Ok(())
    }

    fn read<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.0.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        change(&mut self.0.book.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Folds what is new in the ledger, and tells it to whoever has the app open.
    async fn read_on(&self) -> Result<(), LogError> {
        loop {
            let after = self.read(|book| book.seq);
            let entries = self.0.log.ledger_read(LedgerName::Notices, after, PAGE);
            let entries = entries.await?;
            if entries.is_empty() {
                return Ok(());
            }
            let (seq, news) = self.write(|book| {
                let fold = |entry: &LedgerEntry| book.fold(entry).cloned();
                let news: Vec<Notice> = entries.iter().filter_map(fold).collect();
                (book.seq, news)
            });
            self.0.folded.send_replace(seq);
            for notice in &news {
                self.tell(notice);
            }
        }
    }

    /// Appends entries as long as `may` holds of what the ledger says; answers whether it did.
    async fn append(
        &self,
        entries: &[Entry],
        may: impl Fn(&Book) -> bool,
    ) -> Result<bool, LogError> {
        let bodies: Result<Vec<_>, _> = entries.iter().map(serde_json::to_string).collect();
        let bodies = bodies.map_err(|error| LogError::Corrupt {
            why: error.to_string(),
        })?;
        let _turn = self.0.turn.lock().await;
        loop {
            let (seq, allowed) = self.read(|book| (book.seq, may(book)));
            if !allowed {
                return Ok(false);
            }
            let log = &self.0.log;
            let outcome = log.ledger_append(LedgerName::Notices, seq, bodies.clone());
            let outcome = outcome.await?;
            self.read_on().await?;
            if matches!(outcome, AppendOutcome::Done { .. }) {
                return Ok(true);
            }
        }
    }

    /// Appends as the node that sends; answers whether it still is. What many ask for at once goes
    /// in one append: each costs the log a sync.
    async fn append_as_sender(&self, entries: Vec<Entry>) -> Result<bool, LogError> {
        let (done, mut answer) = oneshot::channel();
        self.queue().push(Asked { entries, done });
        let _turn = tokio::select! {
            biased;
            answer = &mut answer => return answer.unwrap_or_else(|_| Err(dropped())),
            turn = self.0.group.lock() => turn,
        };
        loop {
            match answer.try_recv() {
                Ok(result) => return result,
                Err(TryRecvError::Closed) => return Err(dropped()),
                Err(TryRecvError::Empty) => self.append_group().await,
            }
        }
    }

    /// Appends what waits, whole askings only, up to a bound.
    async fn append_group(&self) {
        let group: Vec<Asked> = {
            let mut queue = self.queue();
            let mut count = 0;
            let fits = queue.iter().take_while(|asked| {
                count += asked.entries.len();
                count <= GROUP_MAX
            });
            let some = fits.count().max(1).min(queue.len());
            queue.drain(..some).collect()
        };
        let (entries, asking): (Vec<_>, Vec<_>) =
            group.into_iter().map(|one| (one.entries, one.done)).unzip();
        let entries = entries.concat();
        let result = self.append(&entries, |book| self.is_mine(book)).await;
        for done in asking {
            // Who does not wait any more needs no answer.
            let _gone = done.send(result.clone());
        }
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_mine(&self, book: &Book) -> bool {
        book.holder.as_ref() == Some(&self.0.node)
    }
}

/// A secret that is given, or lies in a file.
fn secret_of(given: Option<&String>, file: Option<&PathBuf>) -> anyhow::Result<Option<String>> {
    match (given, file) {
        (Some(secret), _) => Ok(Some(secret.clone())),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("secret_file {}", path.display()))?;
            Ok(Some(text.trim().to_owned()))
        }
        (None, None) => Ok(None),
    }
}

/// The secret with which the gateway of messages brings receipts.
fn receipts_of(settings: &config::Notices) -> anyhow::Result<Option<String>> {
    let Some(sms) = &settings.sms else {
        return Ok(None);
    };
    let secret = secret_of(
        sms.receipt_secret.as_ref(),
        sms.receipt_secret_file.as_ref(),
    )?;
    anyhow::ensure!(
        secret.as_ref().is_none_or(|secret| secret.len() >= 16),
        "[notices.sms] receipt_secret: use 16 characters or more"
    );
    Ok(secret)
}

fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}
