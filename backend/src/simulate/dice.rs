//! Seeded chance for the simulated day: the same seed rolls the same day on every machine.
//! Holds no knowledge of reports; what the rolls mean is said by the schedule, the texts and the handlers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of chance drawn from a seed and a label.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// A stream of its own for every pair of seed and label, so that adding one use of chance
    /// does not shift all others.
    pub fn new(seed: u64, label: &str) -> Self {
        Self(ChaCha8Rng::seed_from_u64(hash(seed, label.as_bytes())))
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// A number in `low..high`; `low` when the range is empty.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low).max(0.0)
    }

    /// A whole number in `low..=high`; `low` when the range is empty.
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            low
        } else {
            self.0.random_range(low..=high)
        }
    }

    /// True with probability `share`.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// An index below `len`; 0 when `len` is 0.
    pub fn index(&mut self, len: usize) -> usize {
        if len < 2 {
            0
        } else {
            self.0.random_range(0..len)
        }
    }

    /// One of `items`, or `T::default()` of an empty list.
    pub fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items
            .get(self.index(items.len()))
            .copied()
            .unwrap_or_default()
    }

    /// An index drawn by `weights`; 0 when they are empty or all nought.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A lognormal number with this median and spread (the deviation of its logarithm).
    pub fn lognormal(&mut self, median: f64, spread: f64) -> f64 {
        let radius = (-2.0 * self.between(1e-12, 1.0).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.unit()).cos();
        median * (spread * normal).exp()
    }
}

/// FNV-1a over `bytes`, started from `seed`: stable across builds, unlike the standard hasher.
pub fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes.iter().fold(start, |acc, byte| {
        (acc ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_label_roll_the_same() {
        let roll = |seed, label| {
            let mut dice = Dice::new(seed, label);
            (0..8).map(|_| dice.whole(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(roll(7, "a"), roll(7, "a"));
        assert_ne!(roll(7, "a"), roll(8, "a"));
        assert_ne!(roll(7, "a"), roll(7, "b"));
    }

    #[test]
    fn a_lognormal_has_its_median() {
        let mut dice = Dice::new(1, "median");
        let below = (0..4000).filter(|_| dice.lognormal(0.3, 0.7) < 0.3).count();
        assert!((1850..2150).contains(&below), "{below}");
    }

    #[test]
    fn empty_choices_do_not_panic() {
        let mut dice = Dice::new(1, "empty");
        assert_eq!(dice.pick::<&str>(&[]), "");
        assert_eq!(dice.weighted(&[]), 0);
        assert_eq!(dice.whole(5, 4), 5);
    }
}
