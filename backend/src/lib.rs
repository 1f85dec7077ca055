//! The Gridlamp server: one log, the World folded from it, and those who watch and act. One task
//! owns the World; everything else hands it wishes and shows what it says.

pub mod account;
pub mod attachment;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod county;
pub mod http;
pub mod hub;
pub mod intake;
pub mod log;
pub mod node;
#[doc(hidden)]
pub mod outside;
pub mod problem;
pub mod projector;
pub mod simulate;
pub mod snapshot;
pub mod telemetry;
pub mod tls;
pub mod ws;
