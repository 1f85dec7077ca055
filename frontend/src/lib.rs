//! The Gridlamp app: the screens of a county, in the browser. It folds the same events with the
//! same code as the server; it draws, and decides nothing. The pure parts (link, clock, models,
//! i18n) build and are tested on any machine.

#![allow(
    clippy::large_types_passed_by_value,
    reason = "handles to signals are copied on purpose; in debug builds each carries where it was made"
)]

pub mod api;
pub mod app;
pub mod charts;
pub mod context;
pub mod device;
pub mod i18n;
pub mod link;
pub mod map;
pub mod net;
pub mod panels;
pub mod push;
pub mod screens;
pub mod session;
pub mod store;
pub mod ui;
pub mod words;
