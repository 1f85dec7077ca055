//! Vehicle terminals, by JT/T 808 over TCP: a terminal registers or authenticates under the number
//! `units.toml` names, and its positions are its unit's. The wire is `frame`'s. Everything a peer
//! can make grow is bounded; what is wrong is counted, and who sends too much of it is cut off.

pub mod frame;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::deployment::position::{Fix, Source};
use domain::pack::units::{Unit, UnitId};
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use self::frame::{Cutter, Frame, Position, Wrong, id};
use crate::account::secret;
use crate::config::Proxies;
use crate::http::Server;
use crate::intake;
use crate::log::Log;

/// Connections at once, of all terminals.
const MAX_CONNECTIONS: usize = 5_000;
/// Connections of one address at once, but for this machine: operators' gateways stand for many.
const MAX_PER_ADDRESS: usize = 1_000;
/// Within this a connection must have said who it is.
const INTRODUCTION: Duration = Duration::from_secs(30);
/// Without a word for this long a terminal is gone; heartbeats come every minute or so.
const SILENCE: Duration = Duration::from_mins(5);
/// A frame that has begun must have ended within this.
const FRAME_TIME: Duration = Duration::from_secs(20);
/// An answer must have gone out within this.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// Broken frames of one connection before it is cut off.
const MAX_WRONG: u32 = 20;
/// Messages a second of one connection, averaged over ten seconds.
const PER_SECOND: u32 = 50;

/// Listens until `shutdown` turns true; to the networks in `allow` alone, if it is given.
pub async fn run(
    server: Server,
    allow: Option<Proxies>,
    listener: TcpListener,
    mut shutdown: watch::Receiver<bool>,
) {
    let listening = listen(server, allow, listener);
    tokio::select! {
        () = listening => {}
        _ = shutdown.wait_for(|stop| *stop) => {}
    }
}

/// Takes connections for ever; all end with it.
async fn listen(server: Server, allow: Option<Proxies>, listener: TcpListener) {
    let guests = Arc::new(Guests::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a terminal could not connect");
                // Out of file handles or the like: it would fail again at once.
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        if allow.as_ref().is_some_and(|allow| !allow.contain(address)) {
            refused("network");
            continue;
        }
        let Some(guest) = Guests::enter(&guests, address) else {
            refused("connections");
            continue;
        };
        let link = Link::new(server.clone(), stream);
        connections.spawn(async move {
            let _guest = guest;
            let why = link.live().await;
            tracing::debug!(%peer, why, "a terminal left");
        });
    }
}

fn refused(why: &'static str) {
    metrics::counter!("gridlamp_jt808_refused_total", "why" => why).increment(1);
}

/// Who is connected, by address.
#[derive(Debug, Default)]
struct Guests(Mutex<HashMap<IpAddr, usize>>);

/// One connection's place among them.
struct Guest(Arc<Guests>, IpAddr);

impl Guests {
    fn enter(all: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let mut by_address = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = by_address.values().sum();
        let mine = by_address.get(&address).copied().unwrap_or_default();
        let many = mine >= MAX_PER_ADDRESS && !address.is_loopback();
        if total >= MAX_CONNECTIONS || many {
            return None;
        }
        by_address.insert(address, mine + 1);
        metrics::gauge!("gridlamp_jt808_connections").increment(1.0);
        Some(Guest(all.clone(), address))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut by_address = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.1);
            }
        }
        metrics::gauge!("gridlamp_jt808_connections").decrement(1.0);
    }
}

/// Until when the next bytes are waited for: from a peer that is not known yet until it must have
/// introduced itself, for the rest of a frame until its time from its first byte is over.
fn patience(now: Instant, introduction: Option<Instant>, began: Option<Instant>) -> Instant {
    let frame = began.map(|began| began + FRAME_TIME);
    let bounds = [introduction, frame].into_iter().flatten();
    bounds.fold(now + SILENCE, Instant::min)
}

/// The unit of a connection, once it has proven itself.
#[derive(Debug)]
struct Known {
    unit: UnitId,
    terminal: String,
}

/// What a message comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Done,
    Failed,
    NotUnderstood,
    /// It may not go on.
    Cut(&'static str),
}

impl Outcome {
    /// The result of the general answer.
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed | Self::Cut(_) => 1,
            Self::NotUnderstood => 3,
        }
    }
}

/// One connection.
struct Link {
    server: Server,
    stream: TcpStream,
    known: Option<Known>,
    serial: u16,
    wrong: u32,
    /// Messages since the beginning of the present ten seconds.
    pace: (Instant, u32),
}

impl Link {
    fn new(server: Server, stream: TcpStream) -> Self {
        Self {
            server,
            stream,
            known: None,
            serial: 0,
            wrong: 0,
            pace: (Instant::now(), 0),
        }
    }

    /// Lives until the peer leaves or is cut off; answers why.
    async fn live(mut self) -> &'static str {
        let mut cutter = Cutter::default();
        let mut piece = [0; 4_096];
        let introduction = Instant::now() + INTRODUCTION;
        let mut began: Option<Instant> = None;
        loop {
            let unknown = self.known.is_none().then_some(introduction);
            let until = patience(Instant::now(), unknown, began);
            let count = match timeout_at(until, self.stream.read(&mut piece)).await {
                Err(_) => return cut("slow"),
                Ok(Ok(0)) => return "it hung up",
                Ok(Err(_)) => return "the link broke",
                Ok(Ok(count)) => count,
            };
            for frame in cutter.take(&piece[..count]) {
                began = None;
                if let Err(why) = self.hear(frame).await {
                    return why;
                }
            }
            // A slow frame is measured from its beginning, not from its last byte.
            began = cutter
                .is_within()
                .then(|| began.unwrap_or_else(Instant::now));
        }
    }

    async fn hear(&mut self, frame: Result<Frame, Wrong>) -> Result<(), &'static str> {
        self.keep_pace()?;
        let frame = match frame {
            Ok(frame) => frame,
            Err(wrong) => {
                metrics::counter!("gridlamp_jt808_broken_frames_total", "why" => wrong.name())
                    .increment(1);
                self.wrong += 1;
                return if self.wrong > MAX_WRONG {
                    Err(cut("broken_frames"))
                } else {
                    Ok(())
                };
            }
        };
        metrics::counter!("gridlamp_jt808_messages_total").increment(1);
        if frame.id == id::TERMINAL_ANSWER {
            return Ok(());
        }
        let (answer, outcome) = self.answer(&frame);
        self.serial = self.serial.wrapping_add(1);
        let wire = answer.write();
        match timeout(WRITE_TIME, self.stream.write_all(&wire)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err("the link broke"),
            Err(_) => return Err(cut("slow")),
        }
        match outcome {
            Outcome::Cut(why) => Err(cut(why)),
            _ => Ok(()),
        }
    }

    fn keep_pace(&mut self) -> Result<(), &'static str> {
        const TEN: Duration = Duration::from_secs(10);
        if self.pace.0.elapsed() >= TEN {
            self.pace = (Instant::now(), 0);
        }
        self.pace.1 += 1;
        if self.pace.1 > PER_SECOND * 10 {
            return Err(cut("too_fast"));
        }
        Ok(())
    }

    fn answer(&mut self, frame: &Frame) -> (Frame, Outcome) {
        let mut body = frame.serial.to_be_bytes().to_vec();
        let (id, outcome) = if frame.id == id::REGISTER {
            let code = self.code_of(&frame.terminal);
            let known = code.is_some();
            body.push(if known { 0 } else { NO_SUCH_TERMINAL });
            body.extend(code.unwrap_or_default().into_bytes());
            let unknown = Outcome::Cut("unknown_terminal");
            (id::REGISTERED, if known { Outcome::Done } else { unknown })
        } else {
            let outcome = self.message(frame);
            body.extend(frame.id.to_be_bytes());
            body.push(outcome.code());
            (id::ANSWER, outcome)
        };
        let answer = Frame {
            id,
            serial: self.serial,
            terminal: frame.terminal.clone(),
            is_2019: frame.is_2019,
            part: None,
            body,
        };
        (answer, outcome)
    }

    fn message(&mut self, frame: &Frame) -> Outcome {
        if frame.id == id::AUTHENTICATE {
            return self.authenticate(frame);
        }
        let Some(known) = self.known.as_ref() else {
            return Outcome::Cut("not_authenticated");
        };
        if known.terminal != frame.terminal {
            return Outcome::Cut("another_terminal");
        }
        if frame.part.is_some() {
            // Positions fit into one frame; nothing else that comes in parts is wanted.
            return Outcome::NotUnderstood;
        }
        match frame.id {
            id::HEARTBEAT | id::SIGN_OFF => Outcome::Done,
            id::POSITION => self.positions(vec![frame::position(&frame.body)]),
            id::POSITIONS => match frame::positions(&frame.body) {
                Ok(all) => self.positions(all),
                Err(wrong) => self.positions(vec![Err(wrong)]),
            },
            _ => Outcome::NotUnderstood,
        }
    }

    fn authenticate(&mut self, frame: &Frame) -> Outcome {
        let Some((unit, code)) =
            unit_of(&self.server, &frame.terminal).zip(self.code_of(&frame.terminal))
        else {
            return Outcome::Cut("unknown_terminal");
        };
        let told = if frame.is_2019 {
            let (length, rest) = frame.body.split_first().unwrap_or((&0, &[]));
            rest.get(..usize::from(*length)).unwrap_or_default()
        } else {
            &frame.body
        };
        if !bool::from(told.ct_eq(code.as_bytes())) {
            return Outcome::Cut("wrong_code");
        }
        self.known = Some(Known {
            unit: unit.id.clone(),
            terminal: frame.terminal.clone(),
        });
        Outcome::Done
    }

    /// The code a terminal authenticates with: the same on every node and after every restart, and
    /// nothing to keep. None for a terminal that is no unit's.
    fn code_of(&self, terminal: &str) -> Option<String> {
        unit_of(&self.server, terminal)?;
        let number = terminal.trim_start_matches('0');
        let key = secret::key(&self.server.log.secret(), "jt808");
        let code = secret::mac(&key, &[number.as_bytes()]);
        Some(secret::hex(&code[..8]))
    }

    fn positions(&self, all: Vec<Result<Position, Wrong>>) -> Outcome {
        let Some(known) = &self.known else {
            return Outcome::Failed;
        };
        let mut outcome = Outcome::Done;
        for told in all {
            let told = match told {
                Ok(told) => told,
                Err(wrong) => {
                    metrics::counter!("gridlamp_positions_ignored_total", "why" => wrong.name())
                        .increment(1);
                    outcome = Outcome::Failed;
                    continue;
                }
            };
            if !told.is_fixed {
                metrics::counter!("gridlamp_positions_ignored_total", "why" => "no_fix")
                    .increment(1);
                continue;
            }
            // What counts for nothing is answered all the same: the terminal would send it for ever.
            match intake::positions::take(&self.server, fix(&known.unit, &told)) {
                Ok(()) => metrics::counter!("gridlamp_positions_total").increment(1),
                Err(why) => {
                    metrics::counter!("gridlamp_positions_ignored_total", "why" => why.name())
                        .increment(1);
                }
            }
        }
        outcome
    }
}

/// The result of a registration for a number that no unit has.
const NO_SUCH_TERMINAL: u8 = 4;

fn cut(why: &'static str) -> &'static str {
    metrics::counter!("gridlamp_jt808_cut_total", "why" => why).increment(1);
    why
}

fn unit_of<'a>(server: &'a Server, terminal: &str) -> Option<&'a Unit> {
    server.county.units.by_terminal(terminal)
}

fn fix(unit: &UnitId, told: &Position) -> Fix {
    Fix {
        unit: unit.clone(),
        lon: told.lon,
        lat: told.lat,
        at: told.at,
        heading: Some(told.heading),
        speed: Some(told.speed),
        accuracy: None,
        source: Source::Vehicle,
    }
}
