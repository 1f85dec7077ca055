//! Widgets that know no domain: panels, lamps, icons, numbers, rows that fit; and for desk-like
//! screens fields, dialogs, pickers, lists of pages and things shown once.

pub mod dialog;
pub mod field;
pub mod fit;
pub mod icon;
pub mod notice;
pub mod number;
pub mod once;
pub mod pages;
pub mod panel;
pub mod picker;
pub mod sound;
pub mod tongue;
