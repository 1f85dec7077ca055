//! What travels between the server and its screens: frames, close codes, and the labels that
//! turn codes into words. Shapes may gain optional fields, never lose one.

pub mod account;
pub mod labels;
pub mod notice;
pub mod receipt;
pub mod report;
pub mod shift;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::time::Timestamp;
use crate::world::World;

/// The websocket subprotocol.
pub const SUBPROTOCOL: &str = "gridlamp.v1";

/// Numbered close codes of the live connection.
pub mod close {
    /// The server restarts; come back.
    pub const RESTARTING: u16 = 4000;
    /// The client could not keep up; come back from its position.
    pub const TOO_SLOW: u16 = 4001;
    /// This screen was unpaired or the session ended; stay away.
    pub const UNPAIRED: u16 = 4002;
    /// The app is of another version; reload.
    pub const VERSION_DIFFERS: u16 = 4003;
    /// The request was not understood.
    pub const BAD_REQUEST: u16 = 4004;
}

/// How a connection was taken up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// The client is where the server is.
    NothingMissed,
    /// What it missed follows as `events`.
    Replayed,
    /// It gets a fresh snapshot.
    Snapshot,
}

/// The first frame of every connection.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Which log this is; positions of another mean nothing.
    pub epoch: String,
    /// Where the server is.
    pub position: String,
    /// The server's time.
    pub now: Timestamp,
    /// What follows.
    pub resume: Resume,
    /// Seconds of the server's clock in one second of life; 1 but in a demo.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rate: f64,
    /// The version of the app the server carries; another one reloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

fn one() -> f64 {
    1.0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::float_cmp,
    reason = "serde's signature; 1.0 is exact"
)]
fn is_one(rate: &f64) -> bool {
    *rate == 1.0
}

/// The world as it is at a position, scoped and masked for its reader.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The place in the log it stands at.
    pub position: String,
    /// The world.
    pub world: World,
}

/// A run of events, `from` (exclusive) `to` (inclusive).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Events {
    /// The last frame's `to`.
    pub from: String,
    /// Where this run ends.
    pub to: String,
    /// The events, in the log's order.
    pub events: Vec<Event>,
}

/// The server's time, every ten seconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct ClockFrame {
    /// Now.
    pub now: Timestamp,
    /// See [`Hello::rate`].
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rate: f64,
}

/// The server can't reach its log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Degraded {
    /// Since when.
    pub since: Timestamp,
    /// Why, for a person.
    pub why: String,
}

/// A frame from the server.
#[derive(Clone, PartialEq, Debug)]
pub enum ServerFrame {
    /// `hello`
    Hello(Hello),
    /// `snapshot`
    Snapshot(Box<Snapshot>),
    /// `events`
    Events(Events),
    /// `clock`
    Clock(ClockFrame),
    /// `degraded`
    Degraded(Degraded),
    /// `recovered`
    Recovered,
    /// A kind this version does not know; to be passed over.
    Unknown(String),
}

impl ServerFrame {
    /// Reads a frame.
    ///
    /// # Errors
    /// The text is not JSON, or not of its frame's shape.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Tag {
            t: String,
        }
        let tag: Tag = serde_json::from_str(text)?;
        Ok(match tag.t.as_str() {
            "hello" => Self::Hello(serde_json::from_str(text)?),
            "snapshot" => Self::Snapshot(Box::new(serde_json::from_str(text)?)),
            "events" => Self::Events(serde_json::from_str(text)?),
            "clock" => Self::Clock(serde_json::from_str(text)?),
            "degraded" => Self::Degraded(serde_json::from_str(text)?),
            "recovered" => Self::Recovered,
            _ => Self::Unknown(tag.t),
        })
    }
}

/// Writes a frame: `body`'s fields with `"t"` before them.
pub fn encode<T: Serialize>(t: &'static str, body: &T) -> String {
    #[derive(Serialize)]
    struct Tagged<'a, T> {
        t: &'static str,
        #[serde(flatten)]
        body: &'a T,
    }
    serde_json::to_string(&Tagged { t, body }).unwrap_or_default()
}
