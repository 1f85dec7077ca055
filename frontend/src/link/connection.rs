//! When to connect, from which place, and whether a frame may be folded: a pure reducer.
//! Time and chance are arguments; sockets and timers belong to `socket`, the fold to `store`.

/// Silence after which a live link counts as lost, ms. The server speaks every 10 s.
pub const SILENCE_MS: f64 = 13_000.0;
/// How long a connection may take to say hello, ms.
pub const HELLO_MS: f64 = 8_000.0;
/// The first wait before coming back, ms; it doubles up to [`BACKOFF_MAX_MS`].
const BACKOFF_MIN_MS: f64 = 400.0;
/// The longest wait before coming back, ms.
const BACKOFF_MAX_MS: f64 = 15_000.0;

/// Why the link will not be tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// 4002: this screen was unpaired or its session ended.
    Unpaired,
    /// 4003: the server speaks another version; the page reloads.
    Outdated,
    /// 4004: the server calls the subscription wrong, for instance an unknown scope.
    Refused,
}

/// Where the link stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Not started.
    Idle,
    /// A socket is being opened, or waits for its hello; the first time.
    Connecting,
    /// Frames arrive.
    Live,
    /// It was cut or fell silent; it is tried again.
    Lost,
    /// It stays closed.
    Closed(Ended),
}

/// A place in the log: the log's identity and a position in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Identity of the log.
    pub epoch: String,
    /// Opaque position.
    pub position: String,
}

/// What the server's hello said about what was missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// The place named is still the newest.
    NothingMissed,
    /// What was missed follows as events.
    Replayed,
    /// A snapshot follows.
    Snapshot,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Input<'a> {
    /// Begin.
    Start,
    /// The first frame of a connection.
    Hello {
        /// Identity of the log.
        epoch: &'a str,
        /// Where the server is.
        position: &'a str,
        /// What follows.
        resume: Resume,
    },
    /// A snapshot as of `position`.
    Snapshot {
        /// The place it stands at.
        position: &'a str,
    },
    /// Events that lead from one position to another.
    Events {
        /// Where they begin.
        from: &'a str,
        /// Where they end.
        to: &'a str,
    },
    /// Another frame: proof of life.
    Heard,
    /// A frame that could not be read.
    Garbled,
    /// The server says it can't promise newness.
    Degraded,
    /// The server says it can again.
    Recovered,
    /// The socket closed with this code (1006 when there was none).
    Closed {
        /// The numbered code.
        code: u16,
    },
    /// A second or so passed.
    Tick,
    /// The page is looked at again, or the network came back.
    Foreground,
}

/// What to do about it.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Open a socket, naming the place (`EPOCH:POSITION`) when there is one.
    Open {
        /// `EPOCH:POSITION`.
        from: Option<String>,
    },
    /// Close the socket without waiting for it.
    Drop,
    /// The frame at hand is the next one: fold it.
    Fold,
    /// The server's log is another one than before: nothing numbered by the old one counts.
    OtherLog,
    /// Reload the page.
    Reload,
}

/// The socket, as far as the reducer knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Socket {
    /// There is none.
    #[default]
    None,
    /// It was opened and has not said hello.
    Opening,
    /// It said hello.
    Greeted,
}

/// The link's state.
#[derive(Clone, PartialEq, Debug)]
pub struct Connection {
    phase: Phase,
    place: Option<Place>,
    socket: Socket,
    awaits_snapshot: bool,
    degraded: bool,
    attempt: u32,
    retry_at: Option<f64>,
    heard_at: f64,
    opened_at: f64,
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

impl Connection {
    /// A link that was never started.
    pub const fn new() -> Self {
        Self {
            phase: Phase::Idle,
            place: None,
            socket: Socket::None,
            awaits_snapshot: false,
            degraded: false,
            attempt: 0,
            retry_at: None,
            heard_at: 0.0,
            opened_at: 0.0,
        }
    }

    /// Where the link stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the server itself says that it can't promise newness.
    pub fn is_degraded(&self) -> bool {
        self.degraded
    }

    /// The last place that was folded.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// When the server was last heard, local ms.
    pub fn heard_at(&self) -> f64 {
        self.heard_at
    }

    /// Advances by one input at `at` (monotonic local ms); `chance` in 0..1 spreads the retries.
    pub fn step(&mut self, input: &Input<'_>, at: f64, chance: f64) -> Vec<Effect> {
        if matches!(self.phase, Phase::Closed(_)) {
            return Vec::new();
        }
        if !matches!(
            input,
            Input::Start | Input::Tick | Input::Foreground | Input::Closed { .. }
        ) {
            self.heard_at = at;
        }
        match input {
            Input::Start => self.open(at),
            Input::Hello {
                epoch,
                position,
                resume,
            } => self.hello(epoch, position, *resume),
            Input::Snapshot { position } => self.snapshot(position),
            Input::Events { from, to } => self.events(from, to, at, chance),
            Input::Heard => Vec::new(),
            Input::Garbled => {
                self.place = None;
                self.lose(at, chance, 1.0)
            }
            Input::Degraded => {
                self.degraded = true;
                Vec::new()
            }
            Input::Recovered => {
                self.degraded = false;
                Vec::new()
            }
            Input::Closed { code } => self.closed(*code, at, chance),
            Input::Tick => self.tick(at, chance),
            Input::Foreground => self.foreground(at, chance),
        }
    }

    fn open(&mut self, at: f64) -> Vec<Effect> {
        if self.phase == Phase::Idle {
            self.phase = Phase::Connecting;
        }
        self.socket = Socket::Opening;
        self.retry_at = None;
        self.opened_at = at;
        let from = self
            .place
            .as_ref()
            .map(|p| format!("{}:{}", p.epoch, p.position));
        vec![Effect::Open { from }]
    }

    fn hello(&mut self, epoch: &str, position: &str, resume: Resume) -> Vec<Effect> {
        self.phase = Phase::Live;
        self.socket = Socket::Greeted;
        self.attempt = 0;
        self.degraded = false;
        self.awaits_snapshot = resume == Resume::Snapshot || self.place.is_none();
        let is_other = self
            .place
            .as_ref()
            .is_some_and(|place| place.epoch != epoch);
        if self.awaits_snapshot {
            // The position follows with the snapshot; the epoch is known from here on.
            self.place = Some(Place {
                epoch: epoch.to_owned(),
                position: position.to_owned(),
            });
        } else if let Some(place) = &mut self.place {
            epoch.clone_into(&mut place.epoch);
        }
        if is_other {
            vec![Effect::OtherLog]
        } else {
            Vec::new()
        }
    }

    fn snapshot(&mut self, position: &str) -> Vec<Effect> {
        let Some(place) = &mut self.place else {
            return Vec::new();
        };
        position.clone_into(&mut place.position);
        self.awaits_snapshot = false;
        vec![Effect::Fold]
    }

    fn events(&mut self, from: &str, to: &str, at: f64, chance: f64) -> Vec<Effect> {
        match &mut self.place {
            Some(place) if !self.awaits_snapshot && place.position == from => {
                to.clone_into(&mut place.position);
                vec![Effect::Fold]
            }
            // A hole, or events before their snapshot: ask again from what is certain.
            _ => {
                if self.awaits_snapshot {
                    self.place = None;
                }
                self.lose(at, chance, 0.5)
            }
        }
    }

    fn closed(&mut self, code: u16, at: f64, chance: f64) -> Vec<Effect> {
        self.socket = Socket::None;
        match code {
            4002 => self.end(Ended::Unpaired),
            4003 => {
                self.end(Ended::Outdated);
                vec![Effect::Reload]
            }
            4004 => self.end(Ended::Refused),
            // Too slow: nothing is wrong with the server, so come back soon.
            4001 => self.lose(at, chance, 0.5),
            _ => self.lose(at, chance, 1.0),
        }
    }

    fn end(&mut self, why: Ended) -> Vec<Effect> {
        self.phase = Phase::Closed(why);
        self.retry_at = None;
        Vec::new()
    }

    fn lose(&mut self, at: f64, chance: f64, patience: f64) -> Vec<Effect> {
        let was_open = std::mem::take(&mut self.socket) != Socket::None;
        if self.phase == Phase::Live || self.attempt > 2 {
            self.phase = Phase::Lost;
        }
        // A snapshot that never came leaves a place that was never folded.
        if std::mem::take(&mut self.awaits_snapshot) {
            self.place = None;
        }
        let wait = (BACKOFF_MIN_MS * f64::from(1u32 << self.attempt.min(10))).min(BACKOFF_MAX_MS);
        self.attempt += 1;
        self.retry_at = Some(at + wait * patience * (0.5 + chance.clamp(0.0, 1.0) / 2.0));
        if was_open {
            vec![Effect::Drop]
        } else {
            Vec::new()
        }
    }

    fn tick(&mut self, at: f64, chance: f64) -> Vec<Effect> {
        if let Some(retry_at) = self.retry_at {
            return if at >= retry_at {
                self.open(at)
            } else {
                Vec::new()
            };
        }
        let silent = self.socket == Socket::Greeted && at - self.heard_at > SILENCE_MS;
        let mute = self.socket == Socket::Opening && at - self.opened_at > HELLO_MS;
        if silent || mute {
            self.lose(at, chance, 0.1)
        } else {
            Vec::new()
        }
    }

    fn foreground(&mut self, at: f64, chance: f64) -> Vec<Effect> {
        if self.retry_at.is_some() {
            self.attempt = 0;
            return self.open(at);
        }
        self.tick(at, chance)
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
