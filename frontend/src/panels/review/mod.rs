//! After-action reports on a screen: what the server judged, shown. Nothing is judged here.

pub mod judged;
pub mod list;
pub mod map;
pub mod model;
pub mod page;
pub mod parts;
pub mod rate;
