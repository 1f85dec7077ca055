//! A real node, asked from outside: over HTTP and over its live connection.

#![allow(missing_docs)]

mod accounts;
mod audit;
mod desk;
mod hardening;
mod history;
mod intake;
mod live;
mod notices;
mod receipts;
mod redis;
mod replay;
mod reviews;
mod session;
mod shifts;
mod sight;
mod sign_in;
mod support;
mod units;
mod walls;
