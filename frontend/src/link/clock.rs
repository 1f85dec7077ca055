//! The server's time on this screen, from the times its frames carry. Corrects a local clock
//! that is wrong in either direction, and runs at the demo's rate. Reads no clock itself.

/// A sample this far from the estimate, in real ms, is believed at once instead of eased in.
const STEP_MS: f64 = 2_000.0;
/// How much of a small difference each sample corrects.
const EASE: f64 = 0.2;

/// An estimate of the server's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerClock {
    server_ms: f64,
    local_ms: f64,
    rate: f64,
    set: bool,
}

impl ServerClock {
    /// A clock that has heard nothing: `now` is 0 until the first sample.
    pub const fn new() -> Self {
        Self {
            server_ms: 0.0,
            local_ms: 0.0,
            rate: 1.0,
            set: false,
        }
    }

    /// Whether a server has told the time at all.
    pub fn is_set(&self) -> bool {
        self.set
    }

    /// Server milliseconds that pass in one real millisecond.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The server said `server_ms`; it was heard at `local_ms` of a monotonic local clock.
    pub fn sample(&mut self, server_ms: f64, local_ms: f64, rate: Option<f64>) {
        let rate = rate.filter(|r| r.is_finite() && *r > 0.0).unwrap_or(1.0);
        let estimate = self.at(local_ms);
        let off = server_ms - estimate;
        let far = off.abs() > STEP_MS * rate.max(1.0);
        let changed = (rate - self.rate).abs() > f64::EPSILON;
        self.server_ms = if !self.set || far || changed {
            server_ms
        } else {
            estimate + off * EASE
        };
        self.local_ms = local_ms;
        self.rate = rate;
        self.set = true;
    }

    /// Something recorded at `server_ms` was heard at `local_ms`: it can't be earlier than that.
    pub fn at_least(&mut self, server_ms: f64, local_ms: f64) {
        if self.set && server_ms > self.at(local_ms) {
            self.server_ms = server_ms;
            self.local_ms = local_ms;
        }
    }

    /// The server's time at `local_ms`, ms since 1970.
    pub fn at(&self, local_ms: f64) -> f64 {
        if self.set {
            self.server_ms + (local_ms - self.local_ms) * self.rate
        } else {
            0.0
        }
    }
}

impl Default for ServerClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sample_and_a_far_one_are_believed_at_once() {
        let mut clock = ServerClock::new();
        assert!(!clock.is_set());
        clock.sample(1_000_000.0, 50.0, None);
        assert!((clock.at(1_050.0) - 1_001_000.0).abs() < 1e-6);
        clock.sample(500_000.0, 2_000.0, None);
        assert!((clock.at(2_000.0) - 500_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_small_difference_is_eased_in_from_both_sides() {
        for off in [-400.0, 400.0] {
            let mut clock = ServerClock::new();
            clock.sample(1_000_000.0, 0.0, None);
            for i in 1..=30 {
                let local = f64::from(i) * 1_000.0;
                clock.sample(1_000_000.0 + local + off, local, None);
            }
            assert!((clock.at(30_000.0) - (1_030_000.0 + off)).abs() < 2.0);
        }
    }

    #[test]
    fn nothing_is_heard_before_it_happened() {
        let mut clock = ServerClock::new();
        clock.at_least(5.0, 0.0);
        assert!(!clock.is_set());
        clock.sample(1_000.0, 0.0, None);
        clock.at_least(900.0, 0.0);
        assert!((clock.at(0.0) - 1_000.0).abs() < 1e-6);
        clock.at_least(1_500.0, 10.0);
        assert!((clock.at(10.0) - 1_500.0).abs() < 1e-6);
    }

    #[test]
    fn the_demo_runs_at_its_own_rate() {
        let mut clock = ServerClock::new();
        clock.sample(0.0, 0.0, Some(60.0));
        assert!((clock.at(1_000.0) - 60_000.0).abs() < 1e-6);
        clock.sample(60_000.0, 1_000.0, Some(f64::NAN));
        assert!((clock.rate() - 1.0).abs() < f64::EPSILON);
    }
}
