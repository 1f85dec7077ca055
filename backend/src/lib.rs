//! The Gridlamp server: one log, the World folded from it, and those who watch and act. One task
//! owns the World; everything else hands it wishes and shows what it says.

pub mod account;
pub mod attachment;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod county;
mod dist;
pub mod history;
pub mod http;
pub mod hub;
pub mod intake;
pub mod jt808;
pub mod log;
pub mod node;
pub mod notice;
#[doc(hidden)]
pub mod outside;
pub mod position;
pub mod problem;
pub mod projector;
pub mod replay;
pub mod review;
pub mod simulate;
pub mod snapshot;
pub mod table;
pub mod telemetry;
pub mod tls;
pub mod track;
pub mod ws;
