//! Many websocket clients on one thread: bare sockets and one poll, so that the clients cost as little as
//! can be of the machine they share with the server.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use memchr::memmem::Finder;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Sent;
use crate::process::now_ns;

/// What precedes the time of sending in each message.
pub const MARKER: &str = "sent_ns:";
const DIGITS: usize = 19;
/// Only frames that begin so are counted: a snapshot may repeat old messages.
const COUNTED: &[u8] = b"{\"t\":\"events\"";
/// How long nothing may come before the rest is given up as lost.
const PATIENCE: Duration = Duration::from_secs(2);

struct Client {
    stream: TcpStream,
    /// Bytes of a header or a marker that are not complete.
    carry: Vec<u8>,
    frame: Frame,
}

/// The frame a client is in the middle of.
#[derive(Default)]
struct Frame {
    left: u64,
    counted: bool,
}

/// Clients, and what they received since the last `reset`.
pub struct Crowd {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    /// Connected, and never read from.
    deaf: Vec<std::net::TcpStream>,
    scratch: Vec<u8>,
    finder: Finder<'static>,
    /// One latency in so many is kept.
    sample: u64,
    pub received: u64,
    pub last_received_ns: u64,
    pub latencies_us: Vec<u32>,
}

impl Crowd {
    /// Connects `count` clients, `deaf` of which will never read.
    pub fn connect(
        address: SocketAddr,
        handshake: &str,
        count: usize,
        deaf: usize,
        sample: u64,
    ) -> io::Result<Self> {
        let mut crowd = Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            clients: Vec::with_capacity(count),
            deaf: Vec::new(),
            scratch: vec![0; 256 * 1024],
            finder: Finder::new(MARKER),
            sample,
            received: 0,
            last_received_ns: 0,
            latencies_us: Vec::new(),
        };
        for index in 0..count {
            let (stream, carry) = shake_hands(address, handshake)?;
            if index < deaf {
                crowd.deaf.push(stream);
                continue;
            }
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            let token = Token(crowd.clients.len());
            crowd
                .poll
                .registry()
                .register(&mut stream, token, Interest::READABLE)?;
            crowd.clients.push(Client {
                stream,
                carry,
                frame: Frame::default(),
            });
        }
        Ok(crowd)
    }

    /// How many read.
    pub fn hearing(&self) -> usize {
        self.clients.len()
    }

    pub fn reset(&mut self) {
        self.received = 0;
        self.latencies_us.clear();
    }

    /// Reads for a while.
    pub fn settle(&mut self, time: Duration) -> io::Result<()> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.turn()?;
        }
        Ok(())
    }

    /// Reads until all that was sent has come, or nothing more does.
    pub fn listen_until(&mut self, sent: &mpsc::Receiver<Sent>) -> io::Result<Sent> {
        let mut done: Option<Sent> = None;
        loop {
            self.turn()?;
            if done.is_none() {
                done = match sent.try_recv() {
                    Ok(sent) => Some(sent),
                    Err(mpsc::TryRecvError::Empty) => None,
                    Err(mpsc::TryRecvError::Disconnected) => {
                        return Err(io::Error::other("the sender failed"));
                    }
                };
            }
            let Some(sent) = done else { continue };
            let all = sent.messages * self.hearing() as u64;
            let newest = self.last_received_ns.max(sent.last_ns);
            let quiet = Duration::from_nanos(now_ns().saturating_sub(newest));
            if self.received >= all || quiet > PATIENCE {
                return Ok(sent);
            }
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        let polled = self
            .poll
            .poll(&mut self.events, Some(Duration::from_millis(10)));
        if let Err(error) = polled {
            return if error.kind() == ErrorKind::Interrupted {
                Ok(())
            } else {
                Err(error)
            };
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            self.read(event.token().0)?;
        }
        self.events = events;
        Ok(())
    }

    fn read(&mut self, index: usize) -> io::Result<()> {
        loop {
            let client = &mut self.clients[index];
            let held = client.carry.len();
            self.scratch[..held].copy_from_slice(&client.carry);
            let got = match client.stream.read(&mut self.scratch[held..]) {
                Ok(0) => return Err(io::Error::other("the server hung up")),
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let now = now_ns();
            let filled = held + got;
            let scratch = std::mem::take(&mut self.scratch);
            let used = self.digest(index, &scratch[..filled], now)?;
            let client = &mut self.clients[index];
            client.carry.clear();
            client.carry.extend_from_slice(&scratch[used..filled]);
            self.scratch = scratch;
            if filled < self.scratch.len() {
                return Ok(());
            }
        }
    }

    /// Works through bytes; how many it is done with.
    fn digest(&mut self, index: usize, bytes: &[u8], now: u64) -> io::Result<usize> {
        let mut at = 0;
        loop {
            let frame = &mut self.clients[index].frame;
            if frame.left == 0 {
                let Some((opcode, start, length)) = header(&bytes[at..]) else {
                    return Ok(at);
                };
                let rest = &bytes[at + start..];
                let known = rest.len() as u64 >= length || rest.len() >= COUNTED.len();
                if !known {
                    return Ok(at);
                }
                frame.left = length;
                frame.counted = opcode == 1 && rest.starts_with(COUNTED);
                at += start;
                self.control(index, opcode, &bytes[at..])?;
            }
            let frame = &mut self.clients[index].frame;
            let here = (frame.left as usize).min(bytes.len() - at);
            let whole = here as u64 == frame.left;
            let (counted, part) = (frame.counted, &bytes[at..at + here]);
            // Of a frame that goes on, the end is kept: a marker may be cut in two.
            let kept = if whole || !counted {
                0
            } else {
                here.min(MARKER.len() + DIGITS - 1)
            };
            frame.left -= (here - kept) as u64;
            at += here - kept;
            if counted {
                self.count(part, now);
            }
            if !whole || at == bytes.len() {
                return Ok(at);
            }
        }
    }

    fn count(&mut self, text: &[u8], now: u64) {
        let mut at = 0;
        while let Some(found) = self.finder.find(&text[at..]) {
            let start = at + found + MARKER.len();
            let Some(digits) = text.get(start..start + DIGITS) else {
                return;
            };
            at = start + DIGITS;
            self.received += 1;
            self.last_received_ns = now;
            if self.received.is_multiple_of(self.sample) {
                let sent = digits
                    .iter()
                    .fold(0, |n, digit| n * 10 + u64::from(digit & 0x0f));
                self.latencies_us
                    .push((now.saturating_sub(sent) / 1000) as u32);
            }
        }
    }

    fn control(&mut self, index: usize, opcode: u8, payload: &[u8]) -> io::Result<()> {
        match opcode {
            8 => {
                let code = payload
                    .first_chunk()
                    .map_or(1005, |code| u16::from_be_bytes(*code));
                Err(io::Error::other(format!("the server closed with {code}")))
            }
            // A masked pong with a mask of zeros; the pings carry nothing.
            9 => self.clients[index]
                .stream
                .write_all(&[0x8a, 0x80, 0, 0, 0, 0]),
            _ => Ok(()),
        }
    }
}

/// Opcode, length of the header and of the payload.
fn header(bytes: &[u8]) -> Option<(u8, usize, u64)> {
    let opcode = bytes.first()? & 0x0f;
    match bytes.get(1)? & 0x7f {
        126 => Some((
            opcode,
            4,
            u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        )),
        127 => Some((
            opcode,
            10,
            u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?),
        )),
        short => Some((opcode, 2, u64::from(short))),
    }
}

fn shake_hands(address: SocketAddr, handshake: &str) -> io::Result<(std::net::TcpStream, Vec<u8>)> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(handshake.as_bytes())?;
    let mut head = Vec::new();
    let mut some = [0; 4096];
    loop {
        let got = stream.read(&mut some)?;
        head.extend_from_slice(&some[..got]);
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            if !head.starts_with(b"HTTP/1.1 101") {
                let answer = String::from_utf8_lossy(&head).into_owned();
                return Err(io::Error::other(answer));
            }
            return Ok((stream, head.split_off(end + 4)));
        }
        if got == 0 {
            return Err(io::Error::other("the server hung up during the handshake"));
        }
    }
}
