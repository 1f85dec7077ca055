//! The history of a session, line by line: what happened, by whom, and what exactly.

use serde::{Deserialize, Serialize};

use super::{Call, Channel, Happening, SeatClock, Step};
use crate::incident::By;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// One line of a session's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What, by the event's name.
    pub what: Happening,
    /// Who.
    pub by: By,
    /// Which organisation it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// What was said with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What exactly: a seat goes on, and starts anew when it is called again; its line stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// When it happened, as the device that told it says: it may have been without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// What a line of a session's history is about, besides an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A step that somebody claims.
    Claimed(Step),
    /// A step that positions show.
    Observed(Step),
    /// How far from the scene, in metres.
    Metres(u32),
    /// The channel that an order went over.
    Channel(Channel),
    /// The clock that was missed.
    Clock(SeatClock),
    /// What was asked for.
    Call(Call),
    /// How a unit was rated, 1 to 5.
    Score(u8),
}
