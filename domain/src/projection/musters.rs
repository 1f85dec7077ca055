//! The ten-minute muster rate: of the sessions that were ordered, in how many all moved in time.
//! Drills and what was called off are in no figure.

use crate::session::Stage;
use crate::time::Timestamp;
use crate::world::World;

/// The figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Musters {
    /// Sessions that were ordered.
    pub sessions: u32,
    /// Of these, those whose muster clock is over, one way or the other.
    pub judged: u32,
    /// Of these, those in which all moved in time.
    pub in_time: u32,
}

impl Musters {
    /// All moved in time, of all judged; nothing where none was. 0.0 to 1.0.
    pub fn rate(&self) -> Option<f64> {
        (self.judged > 0).then(|| f64::from(self.in_time) / f64::from(self.judged))
    }
}

/// The figure at `now`, of the sessions that the World holds.
pub fn musters(world: &World, now: Timestamp) -> Musters {
    let mut figure = Musters::default();
    let counted = |stage| stage != Stage::Aborted;
    for session in world.sessions() {
        if session.is_drill() || !counted(session.stage) {
            continue;
        }
        let Some(verdict) = session.verdict(now) else {
            continue;
        };
        figure.sessions += 1;
        if verdict.is_all_out() || now >= verdict.due {
            figure.judged += 1;
            figure.in_time += u32::from(verdict.is_in_time());
        }
    }
    figure
}
