//! The server's time, the only clock anybody reads: life's own, or a demo's, which runs faster.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use domain::time::Timestamp;

/// A clock that can be read anywhere; all copies tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Life,
    Scaled { began: Instant, from: Timestamp, rate: f64 },
}

impl Clock {
    /// The machine's own time.
    pub fn life() -> Self {
        Self(Arc::new(Kind::Life))
    }

    /// A clock that shows `from` now and then runs `rate` times as fast as life.
    pub fn scaled(from: Timestamp, rate: f64) -> Self {
        Self(Arc::new(Kind::Scaled { began: Instant::now(), from, rate }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Kind::Life => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                Timestamp::from_millis(since.map_or(0, |since| since.as_millis() as i64))
            }
            Kind::Scaled { began, from, rate } => {
                let passed = began.elapsed().as_secs_f64() * rate * 1000.0;
                Timestamp::from_millis(from.millis() + passed as i64)
            }
        }
    }

    /// Seconds of this clock in one second of life.
    pub fn rate(&self) -> f64 {
        match &*self.0 {
            Kind::Life => 1.0,
            Kind::Scaled { rate, .. } => *rate,
        }
    }

    /// How long in life until this clock shows `at`; zero if it is past.
    pub fn until(&self, at: Timestamp) -> Duration {
        let ms = (at.millis() - self.now().millis()).max(0);
        Duration::from_secs_f64(ms as f64 / 1000.0 / self.rate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_clock_starts_where_told_and_counts_faster() {
        let from = Timestamp::from_millis(1_000_000);
        let clock = Clock::scaled(from, 60.0);
        assert!(clock.now() >= from);
        let hour = Timestamp::from_millis(from.millis() + 3_600_000);
        assert!(clock.until(hour) <= Duration::from_mins(1));
        assert_eq!(clock.until(from), Duration::ZERO);
    }
}
