//! What happens to an incident's time: put off, halted, counted anew, warned of.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::super::clock::{Clock, ClockKind};
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// See [`super::IncidentEvent::ExtensionAsked`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExtensionAsked {
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
    /// Who asks.
    pub by: OrgId,
}

/// See [`super::IncidentEvent::ExtensionGranted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExtensionGranted {
    /// The *finish* clock with its new deadline; the old one is kept in it.
    pub finish: Clock,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why an incident may wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It can only be done in another season.
    Season,
    /// It needs building work that takes its time.
    Engineering,
}

/// See [`super::IncidentEvent::Suspended`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Suspended {
    /// On which ground.
    pub ground: Ground,
    /// Why.
    pub reason: String,
    /// When it wakes by itself.
    pub review_at: Timestamp,
}

/// See [`super::IncidentEvent::Resumed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resumed {
    /// Its clocks as they go on.
    pub clocks: SmallVec<[Clock; 2]>,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// See [`super::IncidentEvent::Reopened`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reopened {
    /// What is not right yet.
    pub reason: String,
    /// Whether the reporter asked for it, and not a room that checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_reporter: bool,
    /// The *finish* clock of the rework.
    pub finish: Clock,
}

/// See [`super::IncidentEvent::Recounted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recounted {
    /// The clocks as the new calendar has them.
    pub clocks: SmallVec<[Clock; 2]>,
}

/// See [`super::IncidentEvent::Reminded`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reminded {
    /// The clock.
    pub clock: ClockKind,
    /// Which of its reminders, from 0.
    pub nth: u8,
    /// When it fell due; earlier than the event after an outage.
    pub at: Timestamp,
    /// When the clock is due.
    pub due: Timestamp,
    /// Whom it reminds.
    pub to: OrgId,
    /// Whether it goes out by SMS as well: severity 3 (Ⅱ) and above.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sms: bool,
}
