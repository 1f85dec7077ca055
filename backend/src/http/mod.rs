//! The HTTP surface: one route list, one file a resource. What is asked is handed to the
//! projector; nothing is decided here.

mod alarms;
mod app;
mod attachments;
mod audit;
mod body;
mod caller;
mod headers;
mod import;
mod incidents;
mod layers;
mod limits;
mod live;
mod map;
mod me;
mod notices;
mod openapi;
mod ops;
mod origin;
pub(crate) mod outside;
mod people;
mod plain;
mod positions;
mod provider;
mod receipts;
mod replay;
mod reports;
mod reviews;
mod router;
mod sessions;
mod shifts;
mod sign_in;
mod sign_ins;
mod state;
mod steering;
mod tokens;
mod units;
mod walls;

pub use app::version;
pub use audit::Strangers;
pub use caller::{Caller, Found};
pub use incidents::Answered;
pub use limits::Gate;
pub use map::MapCache;
pub use router::router;
pub use state::{Door, Server, Shared, tend};
