//! The demo's day: reports and handlers made up from a seed, sent through the public intake like
//! anybody else's. It reads and writes nothing but the HTTP interface; the county, the clock and
//! the tokens are given by the caller.

mod client;
mod dice;
mod driver;
mod handlers;
mod kinds;
mod schedule;
mod texts;

#[cfg(test)]
mod driver_tests;
#[cfg(test)]
mod tests;

pub use driver::{SimClock, SimError, SimOptions, Tokens, run};
pub use schedule::{DayPlan, PER_DAY, Person, PlannedReport, Source};
