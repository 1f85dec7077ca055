//! What one slow connection has not taken yet: shared buffers with a place in the first, counted in bytes.
//! It writes nothing itself; `conn` does.

use std::collections::VecDeque;

use bytes::Bytes;
use rustc_hash::FxHashMap;

use super::fanout::{Latest, Row};
use super::frame;

/// Bytes waiting for a connection that could not take them at once.
#[derive(Default)]
pub(super) struct Backlog {
    pieces: VecDeque<Bytes>,
    /// How much of the first piece was written.
    offset: usize,
    bytes: usize,
    /// Of `bytes`, those of the hello, which may be long and count against no limit.
    hello: usize,
    /// The newest of each key, kept apart while over the soft limit.
    latest: FxHashMap<u32, Bytes>,
    /// What stands before and behind these in one frame.
    around: (&'static str, &'static str),
}

impl Backlog {
    /// Bytes that wait, beyond the hello.
    pub fn bytes_beyond_hello(&self) -> usize {
        self.bytes - self.hello
    }

    /// Puts `piece` (whole frames) last, of which the first `written` bytes went out already, which only
    /// the first piece may have.
    pub fn push(&mut self, piece: Bytes, written: usize) {
        if self.pieces.is_empty() {
            self.offset = written;
        }
        self.bytes += piece.len() - written;
        self.pieces.push_back(piece);
    }

    /// Counts what waits now as the hello.
    pub fn mark_hello(&mut self) {
        self.hello = self.bytes;
    }

    /// Keeps rows as the newest of their keys, in place of those before.
    pub fn keep_latest<'a>(&mut self, latest: &Latest, rows: impl Iterator<Item = &'a Row>) {
        self.around = (latest.head, latest.tail);
        self.latest
            .extend(rows.map(|row| (row.key, row.text.clone())));
    }

    /// The bytes to write next; `None` when all is written.
    pub fn front(&mut self) -> Option<&[u8]> {
        if self.pieces.is_empty() && !self.latest.is_empty() {
            let (head, tail) = self.around;
            let frame = frame::rows_frame(head, self.latest.values().map(|row| &row[..]), tail);
            self.latest = FxHashMap::default();
            self.push(frame, 0);
        }
        self.pieces.front().map(|piece| &piece[self.offset..])
    }

    /// Notes that `written` bytes of `front` went out.
    pub fn advance(&mut self, written: usize) {
        self.offset += written;
        self.bytes -= written;
        self.hello = self.hello.saturating_sub(written);
        if self
            .pieces
            .front()
            .is_some_and(|piece| piece.len() == self.offset)
        {
            self.pieces.pop_front();
            self.offset = 0;
        }
    }

    /// Drops all but the rest of the frame that is half written, so that a close frame can follow it.
    pub fn cut_to_frame(&mut self) {
        self.latest = FxHashMap::default();
        self.pieces.truncate(1);
        if let Some(piece) = self.pieces.front_mut() {
            let end = frame::boundary_at_or_after(piece, self.offset);
            piece.truncate(end);
            if end == self.offset {
                self.pieces.clear();
                self.offset = 0;
            }
        }
        self.bytes = self
            .pieces
            .front()
            .map_or(0, |piece| piece.len() - self.offset);
        self.hello = self.hello.min(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::frame::{close_frame, text_frame};

    fn drained(backlog: &mut Backlog) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(front) = backlog.front() {
            let some = front.len().div_ceil(2);
            all.extend_from_slice(&front[..some]);
            backlog.advance(some);
        }
        all
    }

    #[test]
    fn counts_bytes_beyond_the_hello() {
        let mut backlog = Backlog::default();
        backlog.push(Bytes::from(vec![0; 1000]), 100);
        backlog.mark_hello();
        backlog.push(Bytes::from(vec![0; 50]), 0);
        assert_eq!(backlog.bytes_beyond_hello(), 50);
        backlog.advance(900);
        backlog.advance(20);
        assert_eq!(backlog.bytes_beyond_hello(), 30);
    }

    #[test]
    fn only_the_newest_of_a_key_is_kept() {
        let mut backlog = Backlog::default();
        backlog.push(text_frame(b"event"), 0);
        for text in ["old", "new"] {
            let row = Row {
                key: 1,
                lon: 0.0,
                lat: 0.0,
                text: Bytes::from(text),
            };
            let latest = Latest {
                head: "<",
                tail: ">",
                rows: vec![row],
            };
            backlog.keep_latest(&latest, latest.rows.iter());
        }
        assert_eq!(
            drained(&mut backlog),
            [text_frame(b"event"), text_frame(b"<new>")].concat()
        );
    }

    #[test]
    fn a_cut_ends_on_the_frame_that_was_begun() {
        let two = [text_frame(b"first"), text_frame(b"second")].concat();
        let mut backlog = Backlog::default();
        backlog.push(Bytes::from(two.clone()), 3);
        backlog.push(text_frame(b"third"), 0);
        backlog.cut_to_frame();
        backlog.push(close_frame(4001), 0);
        let first = text_frame(b"first").len();
        assert_eq!(
            drained(&mut backlog),
            [&two[3..first], &close_frame(4001)[..]].concat()
        );
    }

    #[test]
    fn a_cut_on_a_boundary_leaves_nothing() {
        let first = text_frame(b"first");
        let mut backlog = Backlog::default();
        backlog.push(Bytes::from([&first[..], &first[..]].concat()), first.len());
        backlog.cut_to_frame();
        assert_eq!(backlog.front(), None);
        assert_eq!(backlog.bytes_beyond_hello(), 0);
    }
}
