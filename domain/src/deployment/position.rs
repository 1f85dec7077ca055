//! Where units are: the newest position of each by source, and a bounded trail. A plain value that
//! whoever receives positions keeps in memory; nothing here is in the log, for 2,000 units tell
//! theirs every second.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::pack::units::UnitId;
use crate::time::{Span, Timestamp};

/// Most positions of one unit's trail.
pub const MAX_TRAIL: usize = 600;
/// A trail keeps no more than one position in this time.
const TRAIL_EVERY: Span = Span::secs(5);
/// How far ahead of the server a device's clock may be.
const AHEAD: Span = Span::secs(30);
/// What is older is history and no position.
const BEHIND: Span = Span::hours(1);
/// Faster than this between two positions, in metres a second, is no vehicle.
const FASTEST: f64 = 100.0;
/// Jitter that is forgiven before a jump counts, in metres.
const JITTER: f64 = 500.0;
/// Metres in a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_195.0;

/// What tells a position. In the order of trust, least first.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Another system, by the interface.
    #[default]
    System,
    /// A terminal built into a vehicle.
    Vehicle,
    /// A tablet or a phone.
    Tablet,
    /// Somebody pressed a button there.
    Button,
}

impl Source {
    /// How old one of its positions may be before it is drawn as old, and gives way to any other.
    pub const fn stale_after(self) -> Span {
        match self {
            Self::Button => Span::secs(60),
            Self::Tablet => Span::mins(2),
            Self::System => Span::mins(5),
            Self::Vehicle => Span::mins(15),
        }
    }
}

/// One position.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fix {
    /// Whose.
    pub unit: UnitId,
    /// Degrees east, WGS-84.
    pub lon: f64,
    /// Degrees north, WGS-84.
    pub lat: f64,
    /// When it was there, by the device's clock.
    pub at: Timestamp,
    /// Degrees from north, clockwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<f64>,
    /// Metres a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// Metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// What told it.
    #[serde(default)]
    pub source: Source,
}

/// Why a position counts for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// There is no such unit.
    UnknownUnit,
    /// Whoever sent it may not speak for that unit.
    NotYours,
    /// A number is missing or out of range.
    Malformed,
    /// Its time is ahead of the server's.
    Future,
    /// It is too old.
    Old,
    /// A newer one of the same source is known.
    OutOfOrder,
    /// It is not in this county, nor near it.
    Elsewhere,
    /// Nothing moves that fast.
    Jump,
}

impl Ignored {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::UnknownUnit,
        Self::NotYours,
        Self::Malformed,
        Self::Future,
        Self::Old,
        Self::OutOfOrder,
        Self::Elsewhere,
        Self::Jump,
    ];

    /// Its name, stable, in snake_case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownUnit => "unknown_unit",
            Self::NotYours => "not_yours",
            Self::Malformed => "malformed",
            Self::Future => "future",
            Self::Old => "old",
            Self::OutOfOrder => "out_of_order",
            Self::Elsewhere => "elsewhere",
            Self::Jump => "jump",
        }
    }
}

/// A rectangle in degrees.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bounds {
    /// West.
    pub west: f64,
    /// South.
    pub south: f64,
    /// East.
    pub east: f64,
    /// North.
    pub north: f64,
}

impl Bounds {
    /// Whether a place lies in it.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        (self.west..=self.east).contains(&lon) && (self.south..=self.north).contains(&lat)
    }
}

/// The distance between two places in metres; exact enough within a county.
pub fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let per_lon = METRES_PER_DEGREE * a.1.midpoint(b.1).to_radians().cos();
    ((a.0 - b.0) * per_lon).hypot((a.1 - b.1) * METRES_PER_DEGREE)
}

/// One unit's positions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Track {
    /// The newest of each source.
    newest: Vec<Fix>,
    /// Where it was, oldest first, of whichever source counted then.
    trail: VecDeque<(Timestamp, f64, f64)>,
}

impl Track {
    /// The position that counts at `now`: of the most trusted source that is not stale, else the
    /// newest of all.
    pub fn best(&self, now: Timestamp) -> Option<&Fix> {
        let fresh = |fix: &&Fix| now - fix.at <= fix.source.stale_after();
        let trusted = self
            .newest
            .iter()
            .filter(fresh)
            .max_by_key(|fix| fix.source);
        trusted.or_else(|| self.newest.iter().max_by_key(|fix| fix.at))
    }

    /// Whether what counts is to be drawn as old.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.best(now)
            .is_none_or(|fix| now - fix.at > fix.source.stale_after())
    }

    /// Where it was, oldest first: when, degrees east, degrees north.
    pub fn trail(&self) -> impl Iterator<Item = (Timestamp, f64, f64)> + '_ {
        self.trail.iter().copied()
    }

    /// Where it was at or just before a time.
    pub fn at(&self, time: Timestamp) -> Option<(f64, f64)> {
        let before = self.trail.iter().rev().find(|(at, _, _)| *at <= time);
        before.map(|(_, lon, lat)| (*lon, *lat))
    }

    fn take(&mut self, fix: Fix) -> Result<(), Ignored> {
        let here = (fix.lon, fix.lat);
        if let Some(last) = self.newest.iter().find(|last| last.source == fix.source) {
            if fix.at <= last.at {
                return Err(Ignored::OutOfOrder);
            }
            let secs = (fix.at - last.at).millis() as f64 / 1_000.0;
            if metres((last.lon, last.lat), here) > JITTER + FASTEST * secs {
                return Err(Ignored::Jump);
            }
        }
        self.remember(&fix);
        match self
            .newest
            .iter_mut()
            .find(|last| last.source == fix.source)
        {
            Some(last) => *last = fix,
            None => self.newest.push(fix),
        }
        Ok(())
    }

    fn remember(&mut self, fix: &Fix) {
        let counts = self
            .best(fix.at)
            .is_none_or(|best| best.source <= fix.source)
            || self.is_stale(fix.at);
        let last = self.trail.back().map(|(at, _, _)| *at);
        if counts && last.is_none_or(|last| fix.at - last >= TRAIL_EVERY) {
            self.trail.push_back((fix.at, fix.lon, fix.lat));
            if self.trail.len() > MAX_TRAIL {
                self.trail.pop_front();
            }
        }
    }
}

/// The positions of all units.
#[derive(Clone, PartialEq, Debug)]
pub struct Positions {
    bounds: Bounds,
    tracks: FxHashMap<UnitId, Track>,
}

impl Positions {
    /// None known yet, in a county that lies within `bounds`.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            tracks: FxHashMap::default(),
        }
    }

    /// Takes one position of a unit that exists. Whether its sender may speak for it is the
    /// caller's to ask.
    ///
    /// # Errors
    /// Why it counts for nothing.
    pub fn take(&mut self, fix: Fix, now: Timestamp) -> Result<(), Ignored> {
        let in_range =
            |value: Option<f64>, most: f64| value.is_none_or(|value| (0.0..=most).contains(&value));
        let sound = fix.lon.is_finite()
            && fix.lat.is_finite()
            && in_range(fix.heading, 360.0)
            && in_range(fix.speed, 200.0)
            && in_range(fix.accuracy, 100_000.0);
        if !sound {
            return Err(Ignored::Malformed);
        }
        if !self.bounds.contains(fix.lon, fix.lat) {
            return Err(Ignored::Elsewhere);
        }
        if fix.at - now > AHEAD {
            return Err(Ignored::Future);
        }
        if now - fix.at > BEHIND {
            return Err(Ignored::Old);
        }
        self.tracks.entry(fix.unit.clone()).or_default().take(fix)
    }

    /// One unit's.
    pub fn track(&self, unit: &UnitId) -> Option<&Track> {
        self.tracks.get(unit)
    }

    /// What counts now of every unit, in no order.
    pub fn best(&self, now: Timestamp) -> impl Iterator<Item = &Fix> {
        self.tracks
            .values()
            .filter_map(move |track| track.best(now))
    }

    /// How many units told where they are.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether none did.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T09:00:00+08:00".parse().expect("time")
    }

    fn fix(source: Source, after_secs: i64, lon: f64) -> Fix {
        Fix {
            unit: "u1".parse().expect("unit"),
            lon,
            lat: 28.9,
            at: now() + Span::secs(after_secs),
            heading: None,
            speed: None,
            accuracy: None,
            source,
        }
    }

    fn positions() -> Positions {
        Positions::new(Bounds {
            west: 118.0,
            south: 28.0,
            east: 119.0,
            north: 29.5,
        })
    }

    #[test]
    fn what_cannot_be_is_ignored_with_its_reason() {
        let mut all = positions();
        let take = |all: &mut Positions, fix| all.take(fix, now());
        assert_eq!(take(&mut all, fix(Source::Tablet, 0, 118.5)), Ok(()));
        assert_eq!(
            take(&mut all, fix(Source::Tablet, 0, 118.5)),
            Err(Ignored::OutOfOrder)
        );
        assert_eq!(
            take(&mut all, fix(Source::Tablet, -9, 118.5)),
            Err(Ignored::OutOfOrder)
        );
        assert_eq!(
            take(&mut all, fix(Source::Tablet, 31, 118.5)),
            Err(Ignored::Future)
        );
        assert_eq!(
            take(&mut all, fix(Source::System, -3_601, 118.5)),
            Err(Ignored::Old)
        );
        assert_eq!(
            take(&mut all, fix(Source::Tablet, 5, 120.5)),
            Err(Ignored::Elsewhere)
        );
        assert_eq!(
            take(&mut all, fix(Source::Tablet, 5, 118.6)),
            Err(Ignored::Jump)
        );
        assert_eq!(
            take(&mut all, fix(Source::Tablet, 6, f64::NAN)),
            Err(Ignored::Malformed)
        );
        let mut spun = fix(Source::Tablet, 6, 118.5);
        spun.heading = Some(361.0);
        assert_eq!(take(&mut all, spun), Err(Ignored::Malformed));
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn a_trusted_source_counts_until_it_is_stale() {
        let mut all = positions();
        all.take(fix(Source::Tablet, 0, 118.5), now())
            .expect("taken");
        all.take(fix(Source::Vehicle, 10, 118.501), now())
            .expect("taken");
        let track = all.track(&"u1".parse().expect("unit")).expect("track");
        let at = |secs| now() + Span::secs(secs);
        assert_eq!(track.best(at(20)).expect("best").source, Source::Tablet);
        assert_eq!(track.best(at(121)).expect("best").source, Source::Vehicle);
        assert!(!track.is_stale(at(121)));
        assert!(track.is_stale(at(911)));
        assert_eq!(track.best(at(911)).expect("best").source, Source::Vehicle);
    }

    #[test]
    fn a_trail_is_bounded_and_thinned() {
        let mut all = positions();
        let mut later = now();
        for n in 0..4_000_i64 {
            let mut one = fix(Source::Tablet, n, 118.5 + n as f64 * 1e-5);
            one.at = now() + Span::secs(n);
            later = one.at;
            all.take(one, later).expect("taken");
        }
        let track = all.track(&"u1".parse().expect("unit")).expect("track");
        let trail: Vec<_> = track.trail().collect();
        assert_eq!(trail.len(), MAX_TRAIL);
        assert!(
            trail
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 >= TRAIL_EVERY)
        );
        assert!(later - trail[0].0 < Span::secs(3_010));
    }
}
