//! Runs one target for a time: its seeds as they are, then what comes of changing them. The same seed
//! makes the same inputs, however fast the machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::mutate;
use crate::targets::Target;

/// An input that takes longer than this is a fault as well: it would stop a server. Generous, since
/// it is also met by slow builds on busy machines.
const TOO_LONG: Duration = Duration::from_secs(20);

/// A fault that was found.
#[derive(Debug)]
pub struct Told {
    /// What happened.
    pub why: String,
    /// With what.
    pub input: Vec<u8>,
}

/// Runs `target` for `span`; answers how many inputs it took.
///
/// # Errors
/// The first input that it did not take.
pub fn run(target: &Target, span: Duration, seed: u64) -> Result<u64, Told> {
    let seeds = (target.seeds)();
    let began = Instant::now();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut tried = 0;
    for input in &seeds {
        one(target, input)?;
        tried += 1;
    }
    while began.elapsed() < span {
        one(target, &mutate::input(&seeds, &mut random))?;
        tried += 1;
    }
    Ok(tried)
}

fn one(target: &Target, input: &[u8]) -> Result<(), Told> {
    let began = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let told = |why: String| Told {
        why,
        input: input.to_vec(),
    };
    if let Err(panic) = done {
        let why = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        return Err(told(why.unwrap_or_else(|| "it panicked".to_owned())));
    }
    let took = began.elapsed();
    if took > TOO_LONG {
        return Err(told(format!("it took {took:?}")));
    }
    Ok(())
}
