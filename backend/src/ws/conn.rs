//! One live connection: a bare socket, who it listens with and, only while it is slow, what it has not
//! taken yet. It never waits; `engine` decides when it is written to and read from.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

use bytes::Bytes;
use domain::wire::view::Area;
use mio::net::TcpStream;

use super::backlog::Backlog;
use super::code;
use super::fanout::{AudienceId, Config, ConnId, Latest, Limits};
use super::frame;
use super::incoming::{Fault, Heard, Incoming};

/// How often a socket is read in one go before others have their turn.
const READS_PER_TURN: usize = 4;

/// Where a connection is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// It gets what its audience gets.
    Open,
    /// A close frame is on its way or sent; waiting for the other side to hang up.
    Closing {
        /// The wheel has passed once since; the next time it is cut.
        passed: bool,
    },
    /// The socket is of no use any more.
    Gone,
}

/// What came of reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Listened {
    /// All was read.
    Drained,
    /// There may be more.
    More,
}

/// One live connection. An idle one must stay small: no buffers, no timers.
pub(super) struct Conn {
    pub id: ConnId,
    pub audience: AudienceId,
    /// Its place among the members of the audience.
    pub seat: u32,
    pub phase: Phase,
    /// The code it ended with, once not open any more.
    pub ended: u16,
    pub socket: TcpStream,
    /// What it said that it shows; everything if it never said so.
    view: Option<Box<Area>>,
    backlog: Option<Box<Backlog>>,
    incoming: Incoming,
    /// Bytes received since the wheel last passed.
    received: u32,
    /// Pings since anything was last received.
    unanswered: u8,
}

impl Conn {
    pub fn new(id: ConnId, audience: AudienceId, socket: TcpStream) -> Self {
        Self {
            id,
            audience,
            seat: 0,
            phase: Phase::Open,
            ended: 0,
            socket,
            view: None,
            backlog: None,
            incoming: Incoming::default(),
            received: 0,
            unanswered: 0,
        }
    }

    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Sends what a joining client must have first, however long it is.
    pub fn send_hello(&mut self, hello: &[Bytes]) {
        for piece in hello {
            self.write(piece);
        }
        if let Some(backlog) = &mut self.backlog {
            backlog.mark_hello();
        }
    }

    /// Sends whole frames, or keeps what the socket does not take. Closes if that becomes too much.
    pub fn send(&mut self, frames: &Bytes, limits: &Limits) {
        if !self.is_open() {
            return;
        }
        self.write(frames);
        if self.is_behind(limits.hard_limit_bytes) {
            self.close(code::TOO_SLOW);
        }
    }

    /// Sends what only matters while it is new, as far as it lies in what the client shows: at once, framed
    /// by `frame`, to one that keeps up; to one that is behind, later, the newest of each key.
    pub fn send_latest(
        &mut self,
        latest: &Latest,
        frame: impl FnOnce(Option<&Area>) -> Bytes,
        limits: &Limits,
    ) {
        let view = self.view.as_deref();
        if !self.is_open() || view == Some(&Area::NOTHING) {
            return;
        }
        match &mut self.backlog {
            Some(backlog) if backlog.bytes_beyond_hello() > limits.soft_limit_bytes => {
                let rows = latest.rows.iter().filter(|row| row.is_in(view));
                backlog.keep_latest(latest, rows);
            }
            _ => {
                let frame = frame(view);
                self.send(&frame, limits);
            }
        }
    }

    fn is_behind(&self, limit: usize) -> bool {
        self.backlog
            .as_ref()
            .is_some_and(|backlog| backlog.bytes_beyond_hello() > limit)
    }

    /// Says good-bye with a code: the frame that is half written is finished, all other waiting is dropped,
    /// the close frame follows, then the sending side is shut.
    pub fn close(&mut self, code: u16) {
        if !self.is_open() {
            return;
        }
        self.phase = Phase::Closing { passed: false };
        self.ended = code;
        if let Some(backlog) = &mut self.backlog {
            backlog.cut_to_frame();
        }
        self.write(&frame::close_frame(code));
        self.drain();
    }

    /// Gives up at once.
    pub fn cut(&mut self, code: u16) {
        if self.is_open() {
            self.ended = code;
        }
        self.phase = Phase::Gone;
        self.backlog = None;
    }

    fn write(&mut self, frames: &Bytes) {
        if let Some(backlog) = &mut self.backlog {
            backlog.push(frames.clone(), 0);
            return;
        }
        let written = match write_some(&mut self.socket, frames) {
            Ok(Some(written)) => written,
            Ok(None) => 0,
            Err(_) => return self.cut(code::ABNORMAL),
        };
        if written < frames.len() {
            let mut backlog = Box::new(Backlog::default());
            backlog.push(frames.clone(), written);
            self.backlog = Some(backlog);
            // A new writable edge comes only after the socket said that it is full.
            self.drain();
        }
    }

    /// Writes what waits until all is out or the socket is full.
    pub fn drain(&mut self) {
        while let Some(backlog) = &mut self.backlog {
            let Some(front) = backlog.front() else {
                self.backlog = None;
                break;
            };
            match write_some(&mut self.socket, front) {
                Ok(Some(written)) => {
                    backlog.advance(written);
                    // Whoever takes a long hello slowly is alive, though the ping waits behind it.
                    self.unanswered = 0;
                }
                Ok(None) => return,
                Err(_) => return self.cut(code::ABNORMAL),
            }
        }
        if matches!(self.phase, Phase::Closing { .. })
            && self.socket.shutdown(Shutdown::Write).is_err()
        {
            self.phase = Phase::Gone;
        }
    }

    /// Reads what came and acts upon it.
    pub fn listen(&mut self, scratch: &mut [u8], config: &Config) -> Listened {
        for _ in 0..READS_PER_TURN {
            match self.socket.read(scratch) {
                Ok(0) => {
                    self.cut(code::ABNORMAL);
                    return Listened::Drained;
                }
                Ok(some) => self.hear(&scratch[..some], config),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Listened::Drained,
                Err(_) => {
                    self.cut(code::ABNORMAL);
                    return Listened::Drained;
                }
            }
        }
        Listened::More
    }

    /// Acts upon bytes that were received.
    pub fn hear(&mut self, bytes: &[u8], config: &Config) {
        let limits = &config.limits;
        self.unanswered = 0;
        self.received = self.received.saturating_add(bytes.len() as u32);
        if self.received > limits.received_per_turn_bytes {
            self.close(code::BAD_REQUEST);
        }
        let mut rest = bytes;
        while self.is_open() {
            match self.incoming.next(&mut rest) {
                Ok(None) => break,
                Ok(Some(Heard::Pong)) => {}
                Ok(Some(Heard::Ping(payload))) => self.send(&frame::pong_frame(&payload), limits),
                Ok(Some(Heard::Said(text))) => match Area::heard(&text) {
                    Ok(Some(area)) => self.look_at(area, config),
                    Ok(None) => {}
                    Err(_) => self.close(code::BAD_REQUEST),
                },
                Ok(Some(Heard::Close(code))) | Err(Fault(code)) => self.close(code),
            }
        }
    }

    fn look_at(&mut self, area: Area, config: &Config) {
        self.view = Some(Box::new(area));
        if let Some(on_view) = &config.on_view {
            on_view(self.id, self.audience, area);
        }
    }

    /// The wheel passes: asks for a sign of life, or cuts when none came for too long.
    pub fn visit(&mut self, limits: &Limits) {
        self.received = 0;
        match &mut self.phase {
            Phase::Open if self.unanswered >= limits.unanswered_pings => self.close(code::TOO_SLOW),
            Phase::Open => {
                self.unanswered += 1;
                self.send(&frame::ping_frame(), limits);
            }
            Phase::Closing { passed } if !*passed => *passed = true,
            Phase::Closing { .. } | Phase::Gone => self.phase = Phase::Gone,
        }
    }
}

/// Writes once; `None` when the socket is full.
fn write_some(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<Option<usize>> {
    loop {
        match socket.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => return Ok(Some(written)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        assert!(
            size_of::<Option<Conn>>() <= 120,
            "{} bytes",
            size_of::<Option<Conn>>()
        );
    }
}
