//! Widgets that know no domain: panels, lamps, icons, numbers, rows that fit.

pub mod fit;
pub mod icon;
pub mod number;
pub mod panel;
pub mod sound;
