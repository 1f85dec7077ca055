//! What happens at an incident's end and afterwards.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::super::clock::Clock;
use crate::time::Timestamp;

/// How a call-back went.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Spoke with the reporter.
    Reached,
    /// Nobody answered.
    NoAnswer,
    /// The number does not work.
    WrongNumber,
}

/// See [`super::IncidentEvent::Contacted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contacted {
    /// How it went.
    pub outcome: Outcome,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// See [`super::IncidentEvent::Urged`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Urged {
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// See [`super::IncidentEvent::Evaluated`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evaluated {
    /// How fast: 1 to 5, the best.
    pub speed: u8,
    /// How well the units worked together: 1 to 5, the best.
    pub cooperation: u8,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// See [`super::IncidentEvent::TransferredOut`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TransferredOut {
    /// Whose it is now: 110, 12345, a court, another county.
    pub to: String,
    /// Why.
    pub reason: String,
    /// What that side calls it.
    pub receipt: String,
}

/// See [`super::IncidentEvent::CameBack`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CameBack {
    /// Why that side refused it.
    pub reason: String,
    /// Its clocks as they go on.
    pub clocks: SmallVec<[Clock; 2]>,
}

/// See [`super::IncidentEvent::OrderSigned`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderSigned {
    /// Which of the incident's supervision orders, from 0.
    pub order: u8,
}

/// See [`super::IncidentEvent::OrderAnswered`] and [`super::IncidentEvent::OrderCleared`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderNote {
    /// Which of the incident's supervision orders, from 0.
    pub order: u8,
    /// What is answered, or what is said with clearing it.
    #[serde(default)]
    pub text: String,
}

/// See [`super::IncidentEvent::OrderRejected`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderRejected {
    /// Which of the incident's supervision orders, from 0.
    pub order: u8,
    /// What the answer lacks.
    pub reason: String,
    /// By when a better one is owed.
    pub reply_by: Timestamp,
}

/// See [`super::IncidentEvent::OrderClimbed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderClimbed {
    /// Which of the incident's supervision orders, from 0.
    pub order: u8,
    /// The organisation a tier up that it is laid before.
    pub to: crate::pack::orgs::OrgId,
    /// When the answer was owed.
    pub due_at: Timestamp,
}

/// See [`super::IncidentEvent::RemovalAsked`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RemovalAsked {
    /// Which of the incident's red lights, by its supervision order, from 0.
    pub order: u8,
    /// Why it is not their delay.
    pub reason: String,
    /// Who asks.
    pub by: crate::pack::orgs::OrgId,
}

/// See [`super::IncidentEvent::RemovalGranted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RemovalGranted {
    /// Which of the incident's red lights, by its supervision order, from 0.
    pub order: u8,
    /// Why it is granted.
    pub reason: String,
    /// The clock with its new deadline, where it still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
}
