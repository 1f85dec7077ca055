//! What can happen in a county and what it means: types, commands, events, folds, lamps and the
//! frames between server and browser. No I/O, no clock, no chance: time and ids are arguments,
//! so that the server, the browser and a replay years later come to the same picture.

pub mod access;
pub mod account;
pub mod actor;
pub mod alarm;
pub mod deployment;
pub mod event;
pub mod ids;
pub mod incident;
pub mod intake;
pub mod lamp;
pub mod mode;
pub mod notice;
pub mod pack;
pub mod privacy;
pub mod projection;
pub mod receipt;
pub mod refusal;
pub mod rules;
pub mod session;
pub mod suggest;
pub mod time;
pub mod wall;
pub mod wire;
pub mod world;

#[cfg(test)]
mod month_tests;
#[cfg(test)]
mod walk_tests;
