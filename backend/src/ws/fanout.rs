//! The handle to the thread that owns every live socket: join, publish, close. Calls only leave a command
//! and never wait, so they may be made from any task; commands of one caller are obeyed in their order.

use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use domain::wire::view::Area;
use mio::Waker;
use tokio::sync::oneshot;

use super::code;
use super::engine::Engine;
use super::frame;

/// Who gets the same frames; what that means is the caller's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct AudienceId(pub u32);

/// One connection, never given twice by one `Fanout`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ConnId(u64);

/// Bounds upon one connection.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Over this many waiting bytes a client gets only the newest of each key of `publish_latest`.
    pub soft_limit_bytes: usize,
    /// Over this many waiting bytes a client is closed with 4001. The hello does not count.
    pub hard_limit_bytes: usize,
    /// What a client may send between two pings before it is closed with 4004.
    pub received_per_turn_bytes: u32,
    /// After so many pings without any byte in return a client is closed with 4001.
    pub unanswered_pings: u8,
    /// The time between two pings to one connection.
    pub ping_interval: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            soft_limit_bytes: 64 * 1024,
            hard_limit_bytes: 1024 * 1024,
            received_per_turn_bytes: 256 * 1024,
            unanswered_pings: 3,
            ping_interval: Duration::from_secs(20),
        }
    }
}

/// Told, on the fan-out's thread, of every connection that ended and its close code (1006 for none).
pub type OnClose = Arc<dyn Fn(ConnId, u16) + Send + Sync>;

/// Told, on the fan-out's thread, of every connection that said what it shows, and whose it is.
pub type OnView = Arc<dyn Fn(ConnId, AudienceId, Area) + Send + Sync>;

/// What only matters while it is new: rows with a place each, sent as one frame to those whose view they lie in.
#[derive(Clone, Debug)]
pub struct Latest {
    /// What stands before the rows in the frame's text.
    pub head: &'static str,
    /// What stands behind them.
    pub tail: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of a [`Latest`].
#[derive(Clone, Debug)]
pub struct Row {
    /// A newer row of the same key takes its place.
    pub key: u32,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Its text, in a buffer of its own: it may be kept long after the others.
    pub text: Bytes,
}

impl Row {
    /// Whether it lies in a view; in none is everything.
    pub(super) fn is_in(&self, view: Option<&Area>) -> bool {
        view.is_none_or(|area| area.contains(self.lon, self.lat))
    }
}

impl Latest {
    /// The frame for those who show this view, or everything.
    pub(super) fn frame(&self, view: Option<&Area>) -> Bytes {
        let rows = self.rows.iter().filter(|row| row.is_in(view));
        frame::rows_frame(self.head, rows.map(|row| &row.text[..]), self.tail)
    }
}

/// How a `Fanout` is set up.
#[derive(Clone, Default)]
pub struct Config {
    /// Bounds upon each connection.
    pub limits: Limits,
    /// Called once for each connection that ends; must be quick, all others wait meanwhile.
    pub on_close: Option<OnClose>,
    /// Called for each view a connection tells; must be quick too.
    pub on_view: Option<OnView>,
}

/// What the fan-out has done since it started.
#[derive(Default)]
pub struct Metrics {
    /// Connections open now.
    pub connections: AtomicU64,
    /// Connections ever joined.
    pub joined: AtomicU64,
    /// Bytes of published frames handed to connections.
    pub bytes: AtomicU64,
    /// Published chunks times the connections they went to.
    pub deliveries: AtomicU64,
    /// Shared buffers written, each once to every member of an audience.
    pub sweeps: AtomicU64,
    /// Commands left and not yet taken.
    pub commands_waiting: AtomicU64,
    closes: [AtomicU64; CLOSE_LABELS.len()],
}

const CLOSE_LABELS: [&str; 10] = [
    "1000", "1001", "1002", "1006", "4000", "4001", "4002", "4003", "4004", "other",
];

impl Metrics {
    /// Connections ended so far, by close code.
    pub fn closes(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counts = self
            .closes
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        CLOSE_LABELS.into_iter().zip(counts)
    }

    pub(super) fn count_close(&self, code: u16) {
        let index = match code {
            1000..=1002 => usize::from(code - 1000),
            code::ABNORMAL => 3,
            4000..=4004 => 4 + usize::from(code - 4000),
            _ => CLOSE_LABELS.len() - 1,
        };
        self.closes[index].fetch_add(1, Ordering::Relaxed);
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the handle asks of the thread.
pub(super) enum Command {
    Join(Box<Join>),
    Publish(Vec<(AudienceId, Bytes)>),
    PublishLatest(AudienceId, Latest),
    Fill(ConnId, AudienceId, Latest),
    MoveTo(ConnId, AudienceId, Vec<Bytes>),
    Tell(ConnId, Bytes),
    Close(ConnId, u16),
    CloseAudience(AudienceId, u16),
    CloseAll(u16),
    Stop {
        code: u16,
        grace: Duration,
        stopped: oneshot::Sender<()>,
    },
}

pub(super) struct Join {
    pub id: ConnId,
    pub audience: AudienceId,
    pub socket: TcpStream,
    pub leftover: Bytes,
    pub hello: Vec<Bytes>,
}

/// What handle and thread share.
pub(super) struct Shared {
    pub metrics: Metrics,
    /// A wake-up is on its way; no need for another.
    pub woken: AtomicBool,
    next_id: AtomicU64,
}

/// A handle to the fan-out; clones are cheap and mean the same one.
#[derive(Clone)]
pub struct Fanout {
    commands: mpsc::Sender<Command>,
    waker: Arc<Waker>,
    shared: Arc<Shared>,
}

impl Fanout {
    /// Starts the thread. Fails when the system has no poll or no thread to give.
    pub fn start(config: Config) -> io::Result<Self> {
        let (commands, receiver) = mpsc::channel();
        let shared = Arc::new(Shared {
            metrics: Metrics::default(),
            woken: AtomicBool::new(false),
            next_id: AtomicU64::new(1),
        });
        let engine = Engine::new(config, receiver, Arc::clone(&shared))?;
        let waker = Arc::new(engine.waker()?);
        std::thread::Builder::new()
            .name("fan-out".to_owned())
            .spawn(move || engine.run())?;
        Ok(Self {
            commands,
            waker,
            shared,
        })
    }

    /// Puts a socket among an audience. It gets `hello` (whole frames) first, then exactly what is
    /// published to the audience after this call. `leftover` is what was already read from it.
    pub fn join(
        &self,
        audience: AudienceId,
        socket: TcpStream,
        leftover: Bytes,
        hello: Vec<Bytes>,
    ) -> ConnId {
        let id = ConnId(self.shared.next_id.fetch_add(1, Ordering::Relaxed));
        self.command(Command::Join(Box::new(Join {
            id,
            audience,
            socket,
            leftover,
            hello,
        })));
        id
    }

    /// Sends whole frames to audiences, in this order.
    pub fn publish(&self, chunks: Vec<(AudienceId, Bytes)>) {
        if !chunks.is_empty() {
            self.command(Command::Publish(chunks));
        }
    }

    /// Sends what only matters while it is new: to each client the rows its view shows, all if it never said
    /// what it shows. One that is behind its soft limit gets, when it has caught up, the newest of each key.
    pub fn publish_latest(&self, audience: AudienceId, latest: Latest) {
        self.command(Command::PublishLatest(audience, latest));
    }

    /// The same for one connection, if it is of this audience still.
    pub fn fill(&self, conn: ConnId, audience: AudienceId, latest: Latest) {
        self.command(Command::Fill(conn, audience, latest));
    }

    /// Moves a connection to another audience; `hello` (whole frames) comes between what it got as a member
    /// of the one and what it gets as a member of the other.
    pub fn move_to(&self, conn: ConnId, audience: AudienceId, hello: Vec<Bytes>) {
        self.command(Command::MoveTo(conn, audience, hello));
    }

    /// Sends whole frames to one connection, after what was published to its audience before; one that is
    /// not there any more is no fault.
    pub fn tell(&self, conn: ConnId, frames: Bytes) {
        self.command(Command::Tell(conn, frames));
    }

    /// Closes one connection with a code; one that is not there any more is no fault.
    pub fn close(&self, conn: ConnId, code: u16) {
        self.command(Command::Close(conn, code));
    }

    /// Closes every connection of an audience with a code.
    pub fn close_audience(&self, audience: AudienceId, code: u16) {
        self.command(Command::CloseAudience(audience, code));
    }

    /// Closes every connection with a code.
    pub fn close_all(&self, code: u16) {
        self.command(Command::CloseAll(code));
    }

    /// Closes every connection with a code and ends the thread when all have hung up, or after `grace`.
    /// The receiver resolves then (with an error if it had ended before).
    pub fn stop(&self, code: u16, grace: Duration) -> oneshot::Receiver<()> {
        let (stopped, receiver) = oneshot::channel();
        self.command(Command::Stop {
            code,
            grace,
            stopped,
        });
        receiver
    }

    /// What it has done so far.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    fn command(&self, command: Command) {
        let waiting = &self.shared.metrics.commands_waiting;
        waiting.fetch_add(1, Ordering::Relaxed);
        if self.commands.send(command).is_err() {
            // After `stop` nobody listens: what was asked is dropped, sockets with it.
            waiting.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        if !self.shared.woken.swap(true, Ordering::AcqRel) {
            // The poll lives as long as the thread; a failed wake-up means that it has ended.
            let _ = self.waker.wake();
        }
    }
}
