//! The one function that colours a lamp. The server and the browser both call it, with the
//! server's time, so that no two screens can disagree.

use serde::{Deserialize, Serialize};

use crate::incident::clock::Clock;
use crate::time::Timestamp;

/// The colour of a lamp, from calm to worst.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    /// Nothing runs: closed, suspended or never started.
    #[default]
    Off,
    /// A clock runs and there is time.
    Green,
    /// Little time is left.
    Amber,
    /// The deadline is reached or past: at exactly `due` it is red.
    Red,
    /// Overdue by a day or half the limit, or a second clock is red.
    DeepRed,
}

impl Lamp {
    /// Whether a deadline is missed.
    pub fn is_red(self) -> bool {
        self >= Self::Red
    }
}

/// The colour of one clock at `now`.
pub fn of_clock(clock: &Clock, now: Timestamp) -> Lamp {
    if !clock.runs() {
        Lamp::Off
    } else if now >= clock.deep_at {
        Lamp::DeepRed
    } else if now >= clock.due {
        Lamp::Red
    } else if now >= clock.amber_at {
        Lamp::Amber
    } else {
        Lamp::Green
    }
}

/// The colour of an incident: the worst of its running clocks; two red clocks make it deep red.
pub fn of_clocks(clocks: &[Clock], now: Timestamp) -> Lamp {
    let mut worst = Lamp::Off;
    let mut reds = 0;
    for lamp in clocks.iter().map(|clock| of_clock(clock, now)) {
        worst = worst.max(lamp);
        reds += usize::from(lamp.is_red());
    }
    if reds > 1 { Lamp::DeepRed } else { worst }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::clock::ClockKind;

    fn clock(kind: ClockKind, due: i64) -> Clock {
        Clock {
            kind,
            start: Timestamp::from_millis(0),
            due: Timestamp::from_millis(due),
            amber_at: Timestamp::from_millis(due - 10),
            deep_at: Timestamp::from_millis(due + 100),
            provisional: false,
            calendar: String::new(),
            limit: None,
            remind_at: smallvec::SmallVec::new(),
            reminded: 0,
            was_due: Vec::new(),
            pauses: Vec::new(),
            paused: None,
            stopped: None,
        }
    }

    #[test]
    fn the_edges_belong_to_the_worse_colour() {
        let c = clock(ClockKind::Finish, 100);
        let at = |ms| of_clock(&c, Timestamp::from_millis(ms));
        assert_eq!(at(89), Lamp::Green);
        assert_eq!(at(90), Lamp::Amber);
        assert_eq!(at(99), Lamp::Amber);
        assert_eq!(at(100), Lamp::Red);
        assert_eq!(at(199), Lamp::Red);
        assert_eq!(at(200), Lamp::DeepRed);
    }

    #[test]
    fn a_second_red_clock_makes_it_deep_and_a_stopped_one_counts_for_nothing() {
        let now = Timestamp::from_millis(150);
        let mut clocks = [clock(ClockKind::Sign, 100), clock(ClockKind::Finish, 140)];
        assert_eq!(of_clocks(&clocks, now), Lamp::DeepRed);
        clocks[0].stopped = Some(now);
        assert_eq!(of_clocks(&clocks, now), Lamp::Red);
        clocks[1].stopped = Some(now);
        assert_eq!(of_clocks(&clocks, now), Lamp::Off);
    }
}
