//! The one clock hand for all connections: it passes every connection slot once a turn, a spoke at a time,
//! so that pings and idle cuts need neither a timer nor memory per connection.

use std::time::{Duration, Instant};

/// How many spokes a turn has: the slots visited together are those equal modulo this.
pub(super) const SPOKES: usize = 20;

/// The hand and when it moves next.
pub(super) struct Wheel {
    step: Duration,
    hand: usize,
    next: Instant,
}

impl Wheel {
    /// A wheel that goes round once in `turn`.
    pub fn new(turn: Duration, now: Instant) -> Self {
        let step = (turn / SPOKES as u32).max(Duration::from_millis(1));
        Self {
            step,
            hand: 0,
            next: now + step,
        }
    }

    /// The spoke to visit now, if its time came. A hand that is late (the machine slept) goes on from here
    /// instead of catching up: catching up would count silence that nobody could have broken.
    pub fn due(&mut self, now: Instant) -> Option<usize> {
        if now < self.next {
            return None;
        }
        self.next = (self.next + self.step).max(now);
        self.hand = (self.hand + 1) % SPOKES;
        Some(self.hand)
    }

    /// How long until the hand moves.
    pub fn wait(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spoke_is_visited_once_a_turn() {
        let start = Instant::now();
        let mut wheel = Wheel::new(Duration::from_secs(20), start);
        let mut seen = [0; SPOKES];
        for second in 1..=40 {
            let now = start + Duration::from_secs(second);
            while let Some(spoke) = wheel.due(now) {
                seen[spoke] += 1;
            }
        }
        assert_eq!(seen, [2; SPOKES]);
    }

    #[test]
    fn a_late_hand_does_not_catch_up() {
        let start = Instant::now();
        let mut wheel = Wheel::new(Duration::from_secs(20), start);
        let late = start + Duration::from_mins(10);
        let visits = std::iter::from_fn(|| wheel.due(late)).take(100).count();
        assert!(visits <= 2, "{visits} visits at once");
        assert!(wheel.wait(late) <= Duration::from_secs(1));
    }
}
