//! The HTTP surface: one route list, one file a resource. What is asked is handed to the
//! projector; nothing is decided here.

mod app;
mod caller;
mod incidents;
mod live;
mod map;
mod openapi;
mod ops;
mod reports;
mod router;
mod sign_in;
mod state;

pub use app::version;
pub use incidents::Answered;
pub use map::MapCache;
pub use router::router;
pub use sign_in::link;
pub use state::{Door, Server, Shared};
