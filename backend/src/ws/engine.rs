//! The thread behind `Fanout`: waits for sockets and commands, joins what was published together into one
//! shared buffer and writes it once to each member, some hundred at a time so that nobody waits long.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use domain::wire::view::Area;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::code;
use super::conn::{Conn, Listened, Phase};
use super::fanout::{AudienceId, Command, Config, Join, Latest, Shared};
use super::table::Table;
use super::wheel::{SPOKES, Wheel};

const WAKER: Token = Token(usize::MAX);
/// Connections written to before readiness is looked at again.
const WRITES_PER_CHUNK: usize = 256;
/// The longest shared buffer: longer ones would push a client that keeps up over its limit.
const JOINED_MAX_BYTES: usize = 256 * 1024;
const SCRATCH_BYTES: usize = 16 * 1024;

/// Owner of every live socket.
pub(super) struct Engine {
    config: Config,
    commands: mpsc::Receiver<Command>,
    shared: Arc<Shared>,
    poll: Poll,
    events: Events,
    scratch: Vec<u8>,
    table: Table,
    wheel: Wheel,
    /// What was published and not yet written, by audience.
    pending: FxHashMap<AudienceId, Vec<Bytes>>,
    /// The audiences of `pending` in the order they were first published to.
    dirty: VecDeque<AudienceId>,
    /// Slots that had more to read than one turn allows.
    unread: Vec<u32>,
    /// Slots to look at before the next command: they may have ended.
    ended: Vec<u32>,
    /// A wake-up was seen and the commands behind it were not yet taken.
    summoned: bool,
    stopping: Option<Stopping>,
}

struct Stopping {
    code: u16,
    until: Instant,
    stopped: oneshot::Sender<()>,
}

impl Engine {
    pub fn new(
        config: Config,
        commands: mpsc::Receiver<Command>,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        let wheel = Wheel::new(config.limits.ping_interval, Instant::now());
        Ok(Self {
            config,
            commands,
            shared,
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            scratch: vec![0; SCRATCH_BYTES],
            table: Table::default(),
            wheel,
            pending: FxHashMap::default(),
            dirty: VecDeque::new(),
            unread: Vec::new(),
            ended: Vec::new(),
            summoned: false,
            stopping: None,
        })
    }

    /// The waker of this engine's poll; asked for once.
    pub fn waker(&self) -> io::Result<Waker> {
        Waker::new(self.poll.registry(), WAKER)
    }

    /// Works until it is stopped.
    pub fn run(mut self) {
        while !self.is_done() {
            self.look(Some(self.patience()));
            self.turn_wheel();
            self.reap();
            self.obey();
            self.flush_all();
            self.reap();
        }
        if let Some(stopping) = self.stopping {
            // Whoever asked may have left.
            let _ = stopping.stopped.send(());
        }
    }

    fn is_done(&self) -> bool {
        self.stopping
            .as_ref()
            .is_some_and(|stopping| self.table.is_empty() || Instant::now() >= stopping.until)
    }

    /// How long the next look at the sockets may wait.
    fn patience(&self) -> Duration {
        if self.summoned || !self.unread.is_empty() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let wait = self.wheel.wait(now);
        self.stopping.as_ref().map_or(wait, |stopping| {
            wait.min(stopping.until.saturating_duration_since(now))
        })
    }

    /// Looks at which sockets can be read or written and does so.
    fn look(&mut self, patience: Option<Duration>) {
        // An interrupted or failed look sees nothing; the next one will.
        let polled = self.poll.poll(&mut self.events, patience);
        let unread = std::mem::take(&mut self.unread);
        if polled.is_ok() {
            let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
            for event in &events {
                if event.token() == WAKER {
                    self.summoned = true;
                    continue;
                }
                let slot = event.token().0 as u32;
                if event.is_writable() {
                    self.with(slot, |conn, _, _| conn.drain());
                }
                if event.is_readable() || event.is_error() || event.is_read_closed() {
                    self.listen(slot);
                }
            }
            self.events = events;
        }
        for slot in unread {
            self.listen(slot);
        }
    }

    fn listen(&mut self, slot: u32) {
        let listened = self.with(slot, |conn, config, scratch| conn.listen(scratch, config));
        if listened == Some(Listened::More) {
            self.unread.push(slot);
        }
    }

    /// Does something with a connection and notes if it ended by that.
    fn with<T>(
        &mut self,
        slot: u32,
        act: impl FnOnce(&mut Conn, &Config, &mut [u8]) -> T,
    ) -> Option<T> {
        let conn = self.table.get_mut(slot)?;
        let before = conn.phase;
        let result = act(conn, &self.config, &mut self.scratch);
        if conn.phase != before {
            self.ended.push(slot);
            self.report(slot, before);
        }
        Some(result)
    }

    /// Tells, once, of a connection that was open `before` and is no more.
    fn report(&mut self, slot: u32, before: Phase) {
        let Some(conn) = self.table.get_mut(slot) else {
            return;
        };
        if before != Phase::Open || conn.is_open() {
            return;
        }
        let (id, code) = (conn.id, conn.ended);
        self.shared.metrics.count_close(code);
        if let Some(on_close) = &self.config.on_close {
            on_close(id, code);
        }
    }

    fn turn_wheel(&mut self) {
        while let Some(spoke) = self.wheel.due(Instant::now()) {
            for slot in self.table.slots().skip(spoke).step_by(SPOKES) {
                self.with(slot, |conn, config, _| conn.visit(&config.limits));
            }
        }
    }

    /// Takes out those whose sockets are of no use any more.
    fn reap(&mut self) {
        while let Some(slot) = self.ended.pop() {
            let gone = self
                .table
                .get_mut(slot)
                .is_some_and(|conn| conn.phase == Phase::Gone);
            if gone && let Some(mut socket) = self.table.remove(slot) {
                // Dropping the socket removes it from the poll in any case.
                let _ = self.poll.registry().deregister(&mut socket);
            }
        }
    }

    /// Obeys every command that waits.
    fn obey(&mut self) {
        // Cleared first: a command left from here on wakes the next look, also one within a sweep.
        self.summoned = false;
        self.shared.woken.swap(false, Ordering::AcqRel);
        while let Ok(command) = self.commands.try_recv() {
            self.shared
                .metrics
                .commands_waiting
                .fetch_sub(1, Ordering::Relaxed);
            self.obey_one(command);
        }
    }

    fn obey_one(&mut self, command: Command) {
        match command {
            Command::Publish(chunks) => {
                for (audience, chunk) in chunks {
                    self.enqueue(audience, chunk);
                }
            }
            Command::PublishLatest(audience, latest) => self.publish_latest(audience, &latest),
            Command::Fill(id, audience, latest) => {
                if let Some(slot) = self.table.slot_of(id) {
                    self.flush_of(slot);
                    self.with(slot, |conn, config, _| {
                        if conn.audience == audience {
                            conn.send_latest(&latest, |view| latest.frame(view), &config.limits);
                        }
                    });
                }
            }
            Command::Join(join) => self.join(*join),
            Command::MoveTo(id, audience, hello) => self.move_to(id, audience, &hello),
            Command::Tell(id, frames) => {
                if let Some(slot) = self.table.slot_of(id) {
                    self.flush_of(slot);
                    self.with(slot, |conn, config, _| conn.send(&frames, &config.limits));
                }
            }
            Command::Close(id, code) => {
                if let Some(slot) = self.table.slot_of(id) {
                    self.flush_of(slot);
                    self.with(slot, |conn, _, _| conn.close(code));
                }
            }
            Command::CloseAudience(audience, code) => {
                self.flush(audience);
                self.sweep(audience, &Bytes::new(), 0, |conn, _, _| conn.close(code));
            }
            Command::CloseAll(code) => self.close_all(code),
            Command::Stop {
                code,
                grace,
                stopped,
            } => {
                self.close_all(code);
                let until = Instant::now() + grace;
                self.stopping = Some(Stopping {
                    code,
                    until,
                    stopped,
                });
            }
        }
    }

    fn enqueue(&mut self, audience: AudienceId, chunk: Bytes) {
        let chunks = self.pending.entry(audience).or_default();
        if chunks.is_empty() {
            self.dirty.push_back(audience);
        }
        chunks.push(chunk);
    }

    fn join(&mut self, join: Join) {
        // What was published before belongs to those who were there.
        self.flush(join.audience);
        self.reap();
        let metrics = &self.shared.metrics;
        metrics.joined.fetch_add(1, Ordering::Relaxed);
        metrics.connections.fetch_add(1, Ordering::Relaxed);
        // Sockets that come from the HTTP server do not block already; others may.
        let ready = join.socket.set_nonblocking(true);
        let mut socket = TcpStream::from_std(join.socket);
        let token = Token(self.table.next_slot() as usize);
        let both = Interest::READABLE | Interest::WRITABLE;
        let registered =
            ready.and_then(|()| self.poll.registry().register(&mut socket, token, both));
        let slot = self.table.insert(Conn::new(join.id, join.audience, socket));
        let stopping = self.stopping.as_ref().map(|stopping| stopping.code);
        self.with(slot, |conn, config, _| {
            if registered.is_err() {
                return conn.cut(code::ABNORMAL);
            }
            conn.send_hello(&join.hello);
            conn.hear(&join.leftover, config);
            if let Some(code) = stopping {
                conn.close(code);
            }
        });
    }

    fn move_to(&mut self, id: super::fanout::ConnId, audience: AudienceId, hello: &[Bytes]) {
        let Some(slot) = self.table.slot_of(id) else {
            return;
        };
        self.flush_of(slot);
        self.flush(audience);
        self.with(slot, |conn, _, _| conn.send_hello(hello));
        self.table.move_to(slot, audience);
    }

    fn close_all(&mut self, code: u16) {
        self.flush_all();
        for slot in self.table.slots() {
            self.with(slot, |conn, _, _| conn.close(code));
        }
    }

    /// Sends to each member what of it lies in its view; each view's frame is made once.
    fn publish_latest(&mut self, audience: AudienceId, latest: &Latest) {
        self.flush(audience);
        let mut frames: FxHashMap<Option<Area>, Bytes> = FxHashMap::default();
        let mut bytes = 0;
        let mut make = |view: Option<&Area>| {
            let frame = frames.entry(view.copied());
            let frame = frame.or_insert_with(|| latest.frame(view)).clone();
            bytes += frame.len() as u64;
            frame
        };
        self.sweep(audience, &Bytes::new(), 1, |conn, _, config| {
            conn.send_latest(latest, &mut make, &config.limits);
        });
        self.shared
            .metrics
            .bytes
            .fetch_add(bytes, Ordering::Relaxed);
    }

    /// Writes what is pending for the audience of a connection.
    fn flush_of(&mut self, slot: u32) {
        if let Some(audience) = self.table.get_mut(slot).map(|conn| conn.audience) {
            self.flush(audience);
        }
    }

    fn flush_all(&mut self) {
        while let Some(audience) = self.dirty.pop_front() {
            self.flush(audience);
        }
    }

    /// Writes what is pending for an audience to its members. Between buffers nobody comes or goes.
    fn flush(&mut self, audience: AudienceId) {
        let Some(chunks) = self.pending.remove(&audience) else {
            return;
        };
        for (buffer, count) in join_chunks(chunks) {
            self.sweep(audience, &buffer, count, |conn, buffer, config| {
                conn.send(buffer, &config.limits);
            });
        }
    }

    /// Goes through the members of an audience, with a look at the sockets now and then.
    fn sweep(
        &mut self,
        audience: AudienceId,
        buffer: &Bytes,
        chunks: u64,
        mut send: impl FnMut(&mut Conn, &Bytes, &Config),
    ) {
        let members = self.table.lend_members(audience);
        if members.is_empty() {
            return;
        }
        for (index, some) in members.chunks(WRITES_PER_CHUNK).enumerate() {
            if index > 0 {
                self.look(Some(Duration::ZERO));
            }
            for slot in some {
                self.with(*slot, |conn, config, _| send(conn, buffer, config));
            }
        }
        let count = members.len() as u64;
        self.table.give_back_members(audience, members);
        let metrics = &self.shared.metrics;
        metrics.sweeps.fetch_add(1, Ordering::Relaxed);
        metrics
            .deliveries
            .fetch_add(chunks * count, Ordering::Relaxed);
        metrics
            .bytes
            .fetch_add(buffer.len() as u64 * count, Ordering::Relaxed);
    }
}

/// Joins chunks into buffers of bounded length, with how many each holds. A chunk longer than the bound
/// stands alone; a lone chunk is not copied.
fn join_chunks(chunks: Vec<Bytes>) -> Vec<(Bytes, u64)> {
    let mut buffers = Vec::new();
    let mut group: Vec<Bytes> = Vec::new();
    let mut bytes = 0;
    for chunk in chunks {
        if !group.is_empty() && bytes + chunk.len() > JOINED_MAX_BYTES {
            buffers.push(join_group(&mut group));
            bytes = 0;
        }
        bytes += chunk.len();
        group.push(chunk);
    }
    if !group.is_empty() {
        buffers.push(join_group(&mut group));
    }
    buffers
}

fn join_group(group: &mut Vec<Bytes>) -> (Bytes, u64) {
    let count = group.len() as u64;
    if count == 1 {
        return (group.remove(0), 1);
    }
    let mut joined = BytesMut::with_capacity(group.iter().map(Bytes::len).sum());
    for chunk in group.drain(..) {
        joined.extend_from_slice(&chunk);
    }
    (joined.freeze(), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_join_in_order_and_bounded() {
        let chunks: Vec<Bytes> = (0..100_u8)
            .map(|byte| Bytes::from(vec![byte; 10_000]))
            .collect();
        let buffers = join_chunks(chunks.clone());
        assert!(
            buffers
                .iter()
                .all(|(buffer, _)| buffer.len() <= JOINED_MAX_BYTES)
        );
        assert_eq!(buffers.iter().map(|(_, count)| count).sum::<u64>(), 100);
        let all: Vec<u8> = buffers
            .iter()
            .flat_map(|(buffer, _)| buffer.to_vec())
            .collect();
        assert_eq!(all, chunks.concat());
    }

    #[test]
    fn a_long_chunk_stands_alone() {
        let long = Bytes::from(vec![1; JOINED_MAX_BYTES + 1]);
        let buffers = join_chunks(vec![long.clone(), Bytes::from_static(b"x")]);
        assert_eq!(buffers.len(), 2);
        assert_eq!(buffers[0].0.as_ptr(), long.as_ptr(), "not copied");
    }
}
