//! Every parser that meets the outside, under random bytes: plain functions that must end without a
//! panic and keep what they promise. `cargo fuzz` steers them by what code they reach; the runner here
//! needs no more than stable Rust, and goes with the tests.

pub mod mutate;
pub mod runner;
pub mod targets;
