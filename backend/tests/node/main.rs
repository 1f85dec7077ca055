//! A real node, asked from outside: over HTTP and over its live connection.

#![allow(missing_docs)]

mod accounts;
mod audit;
mod hardening;
mod intake;
mod live;
mod redis;
mod sight;
mod sign_in;
mod support;
mod walls;
