//! The demo's day: reports, handlers, units and sessions made up from a seed, sent through the public
//! interface like anybody else's. It reads and writes nothing but the HTTP interface; the county, the clock and
//! the tokens are given by the caller.

mod client;
mod dice;
mod driver;
mod field;
mod fleet;
mod handlers;
mod kinds;
mod members;
mod roads;
mod schedule;
mod texts;

#[cfg(test)]
mod driver_tests;
#[cfg(test)]
mod member_tests;
#[cfg(test)]
mod tests;

pub use driver::{SimClock, SimError, SimOptions, Tokens, run};
pub use field::FieldOptions;
pub use schedule::{DayPlan, PER_DAY, Person, PlannedReport, Source};
