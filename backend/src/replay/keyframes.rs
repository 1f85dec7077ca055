//! Checkpoints kept for seeking: one an hour and one in 20,000 events, thinned with age. They are a
//! cache, like any checkpoint: a missing one costs time and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use domain::time::{Span, Timestamp};
use domain::world::World;

use super::{Cursor, Place};
use crate::clock::Clock;
use crate::log::Position;
use crate::snapshot::{self, Checkpoints};

/// The most that is folded to reach a recent time.
const EVERY_EVENTS: u64 = 20_000;
/// One is kept after this long, if anything happened.
const EVERY: Span = Span::hours(1);
/// Whole for so long; then one in [`LATER_EVERY`], until they are too old.
const WHOLE_FOR: Span = Span::days(2);
const LATER_EVERY: Span = Span::hours(6);
/// Of what is too old one is kept in this time: no day is out of reach.
const OLD_EVERY: Span = Span::days(7);
const END: &str = "world";

/// Where they are kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Keyframes {
    folder: PathBuf,
    epoch: String,
    days: u32,
    clock: Clock,
}

/// One on the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Frame {
    at: Timestamp,
    position: Position,
    path: PathBuf,
}

impl Keyframes {
    /// Those of the log `epoch`, in `data`, dense for `days`.
    pub fn new(data: &Path, epoch: &str, days: u32, clock: Clock) -> Self {
        Self {
            folder: data.join("replay"),
            epoch: epoch.to_owned(),
            days,
            clock,
        }
    }

    /// The nearest one at or before a place, if it stands after `floor`.
    pub(super) fn nearest(&self, place: Place, floor: Option<Position>) -> Option<Cursor> {
        let mut frames = self.list();
        frames.retain(|frame| {
            let is_before = match place {
                Place::At(time) => frame.at <= time,
                Place::Position(position) => frame.position <= position,
            };
            is_before && floor.is_none_or(|floor| frame.position > floor)
        });
        frames.sort_unstable_by_key(|frame| std::cmp::Reverse(frame.position));
        frames.into_iter().find_map(|frame| {
            let read = Checkpoints::at(&frame.path, &self.epoch).read();
            if read.is_none() {
                // Of another log, of another version or damaged: never of use again.
                let _gone = fs::remove_file(&frame.path);
            }
            let (world, position) = read?;
            Some(Cursor::of(world, position))
        })
    }

    /// Leaves one where there is none near; `world` stands at `position`.
    pub fn leave(&self, world: &World, position: Position) {
        if let Some(path) = self.wanted(world, position) {
            snapshot::store(&path, &self.epoch, world, position);
        }
    }

    /// Where one is to be left, if none is near.
    fn wanted(&self, world: &World, position: Position) -> Option<PathBuf> {
        let at = world.at()?;
        let near = |frame: &Frame| {
            let events = frame.position.seq().abs_diff(position.seq());
            let passed = if frame.at > at {
                frame.at - at
            } else {
                at - frame.at
            };
            events < EVERY_EVENTS && passed < EVERY || events == 0
        };
        if self.list().iter().any(near) {
            return None;
        }
        let name = format!("{:014}_{position}.{END}", at.millis());
        Some(self.folder.join(name))
    }

    /// Removes those that are too dense for their age.
    pub(super) fn thin(&self) {
        let now = self.clock.now();
        let mut frames = self.list();
        frames.sort_unstable_by_key(|frame| frame.position);
        let mut last: Option<Timestamp> = None;
        for frame in frames {
            let age = now - frame.at;
            let every = if age > Span::days(i64::from(self.days)) {
                OLD_EVERY
            } else if age > WHOLE_FOR {
                LATER_EVERY
            } else {
                Span::ZERO
            };
            if last.is_some_and(|last| frame.at - last < every) {
                let _gone = fs::remove_file(&frame.path);
            } else {
                last = Some(frame.at);
            }
        }
    }

    fn list(&self) -> Vec<Frame> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.filter_map(frame).collect()
    }
}

fn frame(path: PathBuf) -> Option<Frame> {
    let name = path.file_name()?.to_str()?;
    let (at, position) = name.strip_suffix(END)?.strip_suffix('.')?.split_once('_')?;
    Some(Frame {
        at: Timestamp::from_millis(at.parse().ok()?),
        position: position.parse().ok()?,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::testing::Folder;

    #[test]
    fn they_grow_sparse_with_age() {
        let folder = Folder::new();
        let start: Timestamp = "2026-11-01T00:00:00+08:00".parse().expect("time");
        let clock = Clock::scaled(start + Span::days(40), 0.0);
        let kept = Keyframes::new(folder.path(), "epoch", 30, clock);
        fs::create_dir_all(&kept.folder).expect("folder");
        for hour in 0..40 * 24 {
            let at = start + Span::hours(hour);
            let name = format!("{:014}_{hour}.{END}", at.millis());
            fs::write(kept.folder.join(name), b"").expect("file");
        }
        kept.thin();
        let mut left = kept.list();
        left.sort_unstable_by_key(|frame| frame.position);
        let of = |from: i64, to: i64| {
            let within = |frame: &&Frame| {
                frame.at >= start + Span::days(from) && frame.at < start + Span::days(to)
            };
            left.iter().filter(within).count()
        };
        assert_eq!(of(0, 10), 2);
        assert_eq!(of(11, 38), 27 * 4);
        assert_eq!(of(38, 40), 48);
    }
}
