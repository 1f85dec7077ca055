//! Which positions are worth keeping: a track that lies within a few metres of the true one, at a
//! fraction of its size. 2,000 units at one position a second become at most 400 rows a second
//! when all of them move, and 34 when none does.

use domain::deployment::position::{Fix, metres};
use domain::pack::units::UnitId;
use domain::time::{Span, Timestamp};
use rustc_hash::FxHashMap;

/// No more than one of a unit in this time.
const EVERY: Span = Span::secs(5);
/// Nearer than this, in metres, it has not moved.
const MOVED: f64 = 10.0;
/// Also where it stands it is noted once in this time, so that it can be told from one gone silent.
const STANDING_EVERY: Span = Span::mins(1);

/// What was kept last of each unit.
#[derive(Debug, Default)]
pub(super) struct Thin {
    last: FxHashMap<UnitId, (Timestamp, f64, f64)>,
}

impl Thin {
    /// Whether this one is worth keeping, given that it is kept then.
    pub fn keeps(&mut self, fix: &Fix) -> bool {
        if let Some((at, lon, lat)) = self.last.get(&fix.unit) {
            let passed = fix.at - *at;
            let moved = metres((*lon, *lat), (fix.lon, fix.lat)) >= MOVED;
            if passed < EVERY || !moved && passed < STANDING_EVERY {
                return false;
            }
        }
        self.last
            .insert(fix.unit.clone(), (fix.at, fix.lon, fix.lat));
        true
    }
}
