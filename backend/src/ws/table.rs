//! All live connections by slot, by id and by audience.

use mio::net::TcpStream;
use rustc_hash::FxHashMap;

use super::conn::Conn;
use super::fanout::{AudienceId, ConnId};

/// The connections of one engine. A slot's number is also its poll token.
#[derive(Default)]
pub(super) struct Table {
    slots: Vec<Option<Conn>>,
    free: Vec<u32>,
    by_id: FxHashMap<ConnId, u32>,
    members: FxHashMap<AudienceId, Vec<u32>>,
}

impl Table {
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut Conn> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    pub fn slot_of(&self, id: ConnId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Slots in use, and those that were.
    pub fn slots(&self) -> std::ops::Range<u32> {
        0..self.slots.len() as u32
    }

    /// The slot the next connection will get.
    pub fn next_slot(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.slots.len() as u32)
    }

    /// Puts a connection into `next_slot` and among its audience.
    pub fn insert(&mut self, conn: Conn) -> u32 {
        let slot = self.next_slot();
        let (id, audience) = (conn.id, conn.audience);
        if self.free.pop().is_some() {
            self.slots[slot as usize] = Some(conn);
        } else {
            self.slots.push(Some(conn));
        }
        self.by_id.insert(id, slot);
        self.seat(slot, audience);
        slot
    }

    /// Takes a connection out; dropping its socket closes it.
    pub fn remove(&mut self, slot: u32) -> Option<TcpStream> {
        self.unseat(slot);
        let conn = self.slots.get_mut(slot as usize)?.take()?;
        self.by_id.remove(&conn.id);
        self.free.push(slot);
        Some(conn.socket)
    }

    pub fn move_to(&mut self, slot: u32, audience: AudienceId) {
        self.unseat(slot);
        self.seat(slot, audience);
    }

    /// Lends the members of an audience; they must be given back before anyone comes or goes.
    pub fn lend_members(&mut self, audience: AudienceId) -> Vec<u32> {
        self.members
            .get_mut(&audience)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    pub fn give_back_members(&mut self, audience: AudienceId, members: Vec<u32>) {
        if let Some(home) = self.members.get_mut(&audience) {
            *home = members;
        }
    }

    fn seat(&mut self, slot: u32, audience: AudienceId) {
        let members = self.members.entry(audience).or_default();
        let seat = members.len() as u32;
        members.push(slot);
        if let Some(conn) = self.get_mut(slot) {
            conn.audience = audience;
            conn.seat = seat;
        }
    }

    fn unseat(&mut self, slot: u32) {
        let Some(conn) = self.get_mut(slot) else {
            return;
        };
        let (audience, seat) = (conn.audience, conn.seat);
        let Some(members) = self.members.get_mut(&audience) else {
            return;
        };
        members.swap_remove(seat as usize);
        let moved = members.get(seat as usize).copied();
        if members.is_empty() {
            self.members.remove(&audience);
        }
        if let Some(conn) = moved.and_then(|slot| self.get_mut(slot)) {
            conn.seat = seat;
        }
    }
}
