//! What can happen to an incident. Each event carries all that the fold needs, so that the fold
//! reads no county pack and gives one result everywhere and for ever.

mod ending;
mod handling;
mod time;

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
pub use ending::{
    CameBack, Contacted, Evaluated, OrderClimbed, OrderNote, OrderRejected, OrderSigned, Outcome,
    RemovalAsked, RemovalGranted, TransferredOut, Urged,
};
pub use handling::{
    Appealed, ConsentAsked, Corrected, Escalated, Followed, Joined, Merged, Plan, Reason, Recalled,
    Returned, SelfHandled, Step, Stepped,
};
pub use time::{
    ExtensionAsked, ExtensionGranted, Ground, Recounted, Reminded, Reopened, Resumed, Suspended,
};

/// Declares the events, their names on the wire, and how they are read from a log entry.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal),+ $(,)?) => {
        /// Something that happened to an incident.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        #[serde(untagged)]
        #[allow(clippy::large_enum_variant, reason = "a box each would cost the fold more")]
        pub enum IncidentEvent {
            $($(#[$doc])* $variant($data)),+
        }

        /// The kinds of line in a history; the names of the events.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum What {
            $($(#[$doc])* $variant),+,
            /// Something this version does not know.
            #[serde(other)]
            Other,
        }

        impl What {
            /// Every kind of event.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl IncidentEvent {
            /// The kind of line it makes in a history.
            pub const fn what(&self) -> What {
                match self { $(Self::$variant(_) => What::$variant),+ }
            }

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
    Reported(Reported) = "reported",
    /// The grid worker who found it settled it on the spot.
    SelfHandled(SelfHandled) = "self_handled",
    /// The county takes it on.
    Accepted(Accepted) = "accepted",
    /// The county does not take it on.
    Rejected(Reason) = "rejected",
    /// The reporter asks once more.
    Appealed(Appealed) = "appealed",
    /// It is the same matter as another, which it follows.
    Merged(Merged) = "merged",
    /// Another follows this one.
    Joined(Joined) = "joined",
    /// The incident it follows ended.
    Followed(Followed) = "followed",
    /// It was something else; its owner is looked for anew.
    Corrected(Corrected) = "corrected",
    /// Its level is known and its deadlines stand.
    Assessed(Assessed) = "assessed",
    /// The county wants to send a township what is not on its duty list.
    ConsentAsked(ConsentAsked) = "consent_asked",
    /// The township does not take it.
    ConsentRefused(Reason) = "consent_refused",
    /// A unit is ordered to handle it.
    Dispatched(Dispatched) = "dispatched",
    /// The unit sends it back: not theirs.
    Returned(Returned) = "returned",
    /// The room takes its order back before the unit signed.
    Recalled(Recalled) = "recalled",
    /// The unit signed for it and works.
    Started(Started) = "started",
    /// The unit tells what it has done so far.
    Progressed(Progressed) = "progressed",
    /// A step of its playbook is done.
    Stepped(Stepped) = "stepped",
    /// It goes a tier up.
    Escalated(Escalated) = "escalated",
    /// More time is asked for.
    ExtensionAsked(ExtensionAsked) = "extension_asked",
    /// More time is given.
    ExtensionGranted(ExtensionGranted) = "extension_granted",
    /// More time is not given.
    ExtensionRefused(Reason) = "extension_refused",
    /// It waits by decision, and its clocks stand still.
    Suspended(Suspended) = "suspended",
    /// It goes on.
    Resumed(Resumed) = "resumed",
    /// The unit tells the result.
    FedBack(FedBack) = "fed_back",
    /// The result does not satisfy.
    Reopened(Reopened) = "reopened",
    /// Somebody tried to reach the reporter.
    Contacted(Contacted) = "contacted",
    /// The reporter asks to hurry.
    Urged(Urged) = "urged",
    /// The result is confirmed.
    Closed(Closed) = "closed",
    /// Somebody says how it went.
    Evaluated(Evaluated) = "evaluated",
    /// A system outside has it now.
    TransferredOut(TransferredOut) = "transferred_out",
    /// The system outside refused it.
    CameBack(CameBack) = "came_back",
    /// It is struck out.
    Voided(Reason) = "voided",
    /// Its deadlines are counted anew by another calendar.
    Recounted(Recounted) = "recounted",
    /// Whoever holds it is reminded of a deadline.
    Reminded(Reminded) = "reminded",
    /// A deadline was missed; the supervision order goes out in the same breath.
    Breached(Breached) = "breached",
    /// Whom a supervision order asks has read it.
    OrderSigned(OrderSigned) = "order_signed",
    /// They answer it.
    OrderAnswered(OrderNote) = "order_answered",
    /// The answer will do.
    OrderCleared(OrderNote) = "order_cleared",
    /// The answer will not do.
    OrderRejected(OrderRejected) = "order_rejected",
    /// Its answer is overdue: it is laid before the tier above.
    OrderClimbed(OrderClimbed) = "order_climbed",
    /// A red light is asked to be taken off the record.
    RemovalAsked(RemovalAsked) = "removal_asked",
    /// It is taken off.
    RemovalGranted(RemovalGranted) = "removal_granted",
    /// It stays.
    RemovalRefused(OrderNote) = "removal_refused",
}

impl IncidentEvent {
    /// What was said with it: a reason, a note, a result. The report's own text is no comment.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::SelfHandled(data) => Some(&data.note),
            Self::Rejected(data)
            | Self::ConsentRefused(data)
            | Self::ExtensionRefused(data)
            | Self::Voided(data) => Some(&data.reason),
            Self::Appealed(data) => Some(&data.reason),
            Self::Merged(data) => data.reason.as_deref(),
            Self::Followed(data) => data.result.as_deref(),
            Self::Corrected(data) => Some(&data.reason),
            Self::ConsentAsked(data) => Some(&data.reason),
            Self::Dispatched(data) => Some(&data.because),
            Self::Returned(data) => Some(&data.reason),
            Self::Recalled(data) => data.reason.as_deref(),
            Self::Progressed(data) => Some(&data.note),
            Self::Stepped(data) => data.note.as_deref(),
            Self::Escalated(data) => Some(&data.reason),
            Self::ExtensionAsked(data) => Some(&data.reason),
            Self::ExtensionGranted(data) => data.note.as_deref(),
            Self::Suspended(data) => Some(&data.reason),
            Self::Resumed(data) => data.note.as_deref(),
            Self::FedBack(data) => Some(&data.result),
            Self::Reopened(data) => Some(&data.reason),
            Self::Contacted(data) => data.note.as_deref(),
            Self::Urged(data) => data.note.as_deref(),
            Self::Closed(data) => data.note.as_deref(),
            Self::Evaluated(data) => data.note.as_deref(),
            Self::TransferredOut(data) => Some(&data.reason),
            Self::CameBack(data) => Some(&data.reason),
            Self::OrderAnswered(data) | Self::OrderCleared(data) | Self::RemovalRefused(data) => {
                Some(&data.text)
            }
            Self::OrderRejected(data) => Some(&data.reason),
            Self::RemovalAsked(data) => Some(&data.reason),
            Self::RemovalGranted(data) => Some(&data.reason),
            Self::Reported(_)
            | Self::Accepted(_)
            | Self::Joined(_)
            | Self::Assessed(_)
            | Self::Started(_)
            | Self::Recounted(_)
            | Self::Reminded(_)
            | Self::Breached(_)
            | Self::OrderSigned(_)
            | Self::OrderClimbed(_) => None,
        }
    }
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
    /// Whether it may not be sent back: the county centre decided after two units had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binding: bool,
    /// The playbook it goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
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
    /// Content hashes of photos and voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
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
    /// Why somebody else confirmed in the reporter's stead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The running number the incident was given on the day it came in: from here on its own events
    /// tell it, when the World has forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
}

/// Why an incident may be confirmed in its reporter's stead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proxy {
    /// Nobody is known who reported it.
    Anonymous,
    /// A device reported it.
    Device,
    /// A hotline did, and called back.
    Hotline,
    /// The reporter stayed silent past the *confirm* clock, and was called twice.
    Silent,
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
