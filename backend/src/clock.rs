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
    Scaled {
        began: Instant,
        from: Timestamp,
        /// It runs faster still in the beginning: seconds of life, and how fast.
        warm_up: (f64, f64),
        rate: f64,
    },
}

impl Clock {
    /// The machine's own time.
    pub fn life() -> Self {
        Self(Arc::new(Kind::Life))
    }

    /// A clock that shows `from` now and then runs `rate` times as fast as life.
    pub fn scaled(from: Timestamp, rate: f64) -> Self {
        Self::warmed_up(from, from, Duration::ZERO, rate)
    }

    /// A clock that runs from `from` to `to` within `within`, and from there `rate` times as fast
    /// as life: a demo catches up on the hours before anybody looks.
    pub fn warmed_up(from: Timestamp, to: Timestamp, within: Duration, rate: f64) -> Self {
        let secs = within.as_secs_f64();
        let span = to.since(from).millis() as f64 / 1000.0;
        let warm_up = if secs > 0.0 && span > secs * rate {
            (secs, span / secs)
        } else {
            (0.0, rate)
        };
        Self(Arc::new(Kind::Scaled {
            began: Instant::now(),
            from,
            warm_up,
            rate,
        }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Kind::Life => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                Timestamp::from_millis(since.map_or(0, |since| since.as_millis() as i64))
            }
            Kind::Scaled {
                began,
                from,
                warm_up: (secs, fast),
                rate,
            } => {
                let life = began.elapsed().as_secs_f64();
                let passed = life.min(*secs) * fast + (life - secs).max(0.0) * rate;
                Timestamp::from_millis(from.millis() + (passed * 1000.0) as i64)
            }
        }
    }

    /// Seconds of this clock in one second of life.
    pub fn rate(&self) -> f64 {
        match &*self.0 {
            Kind::Life => 1.0,
            Kind::Scaled {
                began,
                warm_up: (secs, fast),
                rate,
                ..
            } => {
                if began.elapsed().as_secs_f64() < *secs {
                    *fast
                } else {
                    *rate
                }
            }
        }
    }

    /// How long in life until this clock shows `at`; zero if it is past.
    pub fn until(&self, at: Timestamp) -> Duration {
        let ms = (at.millis() - self.now().millis()).max(0);
        Duration::from_secs_f64(ms as f64 / 1000.0 / self.rate())
    }
}

impl crate::simulate::SimClock for Clock {
    fn now_ms(&self) -> i64 {
        self.now().millis()
    }

    fn real(&self, sim_ms: i64) -> Duration {
        self.until(Timestamp::from_millis(self.now().millis() + sim_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_up_ends_where_told() {
        let (from, to) = (
            Timestamp::from_millis(0),
            Timestamp::from_millis(86_400_000),
        );
        let warm = Clock::warmed_up(from, to, Duration::from_hours(1), 2.0);
        assert!((warm.rate() - 24.0).abs() < 1e-9);
        let at_once = Clock::warmed_up(from, from, Duration::ZERO, 2.0);
        assert!((at_once.rate() - 2.0).abs() < 1e-9);
    }

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
