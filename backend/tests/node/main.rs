//! A real node, asked from outside: over HTTP and over its live connection.

#![allow(missing_docs)]

mod intake;
mod live;
mod support;
