//! What can happen to an incident. Each event carries all that the fold needs, so that the fold
//! reads no county pack and gives one result everywhere and for ever.

use geodata::crs::Crs;
use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::clock::{Clock, ClockKind};
use crate::ids::IncidentId;
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// Declares the events, their names on the wire, and how they are read from a log entry.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// Something that happened to an incident.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        #[serde(untagged)]
        #[allow(clippy::large_enum_variant, reason = "a box each would cost the fold more")]
        pub enum IncidentEvent {
            $($(#[$doc])* $variant($variant)),+
        }

        impl IncidentEvent {
            /// The event's name, the `type` of a log entry.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),+ }
            }

            /// Reads an event from the `type` and `data` of a log entry.
            ///
            /// # Errors
            /// The name is not known, or the data is not of its shape.
            pub fn parse(name: &str, data: &str) -> Result<Self, EventError> {
                match name {
                    $($name => serde_json::from_str(data).map(Self::$variant),)+
                    other => return Err(EventError::Unknown(other.to_owned())),
                }
                .map_err(|source| EventError::Data { name: name.to_owned(), source })
            }
        }
    };
}

/// Why a log entry could not be read as an event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A name from a newer version, or a damaged entry.
    #[error("event type `{0}` is not known to this version")]
    Unknown(String),
    /// The data does not have the event's shape.
    #[error("event `{name}` has unreadable data: {source}")]
    Data {
        /// The event's name.
        name: String,
        /// What the parser said.
        source: serde_json::Error,
    },
}

events! {
    /// A report came in.
    Reported = "reported",
    /// The county takes it on.
    Accepted = "accepted",
    /// Its level is known and its deadlines stand.
    Assessed = "assessed",
    /// A unit is ordered to handle it.
    Dispatched = "dispatched",
    /// The unit signed for it and works.
    Started = "started",
    /// The unit tells what it has done so far.
    Progressed = "progressed",
    /// The unit tells the result.
    FedBack = "fed_back",
    /// The result is confirmed.
    Closed = "closed",
    /// A deadline was missed; the supervision order goes out in the same breath.
    Breached = "breached",
}

/// Where it is.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Place {
    /// Degrees east, WGS-84; none when only an address or a region is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// Degrees north, WGS-84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    /// As it came, before conversion, when it came in another coordinate system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// Street and door, as the reporter said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A position as it came in.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Original {
    /// Its coordinate system.
    pub crs: Crs,
    /// Degrees east in that system.
    pub lon: f64,
    /// Degrees north in that system.
    pub lat: f64,
}

/// Who reported, as far as known.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reporter {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// See [`IncidentEvent::Reported`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reported {
    /// The system it came through.
    pub source: String,
    /// What that system calls it.
    pub external_id: String,
    /// One line.
    pub title: String,
    /// The whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its category as reported, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryCode>,
    /// The severity the reporter claims, 1 (Ⅳ) to 4 (Ⅰ).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Severity>,
    /// Where.
    #[serde(default)]
    pub place: Place,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// When it happened, if that differs from when it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Content hashes of photos and voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// An open incident this one seems to repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<IncidentId>,
    /// Whether its category concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Who holds it until it is dispatched.
    pub holder: OrgId,
    /// The *accept* clock.
    pub accept: Clock,
}

/// See [`IncidentEvent::Accepted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The category it is handled under.
    pub category: CategoryCode,
    /// Whether that concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// See [`IncidentEvent::Assessed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Assessed {
    /// 1 one household … 4 county-wide.
    pub breadth: Severity,
    /// 1 a grid can … 4 needs county leaders.
    pub difficulty: Severity,
    /// The greater of the two: 1 (Ⅳ) to 4 (Ⅰ).
    pub severity: Severity,
    /// The *finish* clock.
    pub finish: Clock,
}

/// See [`IncidentEvent::Dispatched`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dispatched {
    /// The unit ordered to handle it.
    pub to: OrgId,
    /// Units that help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cooperators: Vec<OrgId>,
    /// Regions of these units that lie outside the incident's own and those above it: what is
    /// dispatched there is shared with them until it goes elsewhere.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub shared: SmallVec<[Code; 2]>,
    /// Why this unit, in a sentence.
    pub because: String,
    /// The *sign* clock.
    pub sign: Clock,
}

/// See [`IncidentEvent::Started`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Started {
    /// The *first action* clock.
    pub first_action: Clock,
}

/// See [`IncidentEvent::Progressed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Progressed {
    /// What was done.
    pub note: String,
}

/// See [`IncidentEvent::FedBack`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FedBack {
    /// What came of it.
    pub result: String,
    /// Content hashes of the proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The *confirm* clock.
    pub confirm: Clock,
}

/// See [`IncidentEvent::Closed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closed {
    /// Whether whoever confirmed was satisfied.
    pub satisfied: bool,
    /// Confirmed by a call-back in the reporter's stead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_proxy: bool,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The running number the incident was given on the day it came in: from here on its own events
    /// tell it, when the World has forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
}

/// See [`IncidentEvent::Breached`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Breached {
    /// The clock that ran out.
    pub clock: ClockKind,
    /// 1 when it turned red, 2 when it turned deep red.
    pub tier: u8,
    /// When it was due.
    pub due_at: Timestamp,
    /// When the breach was found; later than `due_at` after an outage.
    pub fired_at: Timestamp,
    /// The supervision order (督查单).
    pub order: SupervisionOrder,
}

/// A supervision order (督查单), as issued.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SupervisionOrder {
    /// The unit it asks.
    pub to: OrgId,
    /// Who else gets it.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub copies: SmallVec<[OrgId; 2]>,
    /// What it asks for.
    pub ask: String,
    /// By when the answer is owed.
    pub reply_by: Timestamp,
}
