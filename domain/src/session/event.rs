//! What can happen in a session. Each event carries all that the fold needs.

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{
    About, Call, Channel, Commander, Evidence, Kind, SeatClock, Step, Task, Warning, Whistle,
};
use crate::ids::IncidentId;
use crate::incident::event::{EventError, Place};
use crate::pack::orgs::OrgId;
use crate::pack::units::UnitId;
use crate::time::Timestamp;

/// Declares the events, their names on the wire, and how they are read from a log entry.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal),+ $(,)?) => {
        /// Something that happened in a session.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        #[serde(untagged)]
        pub enum SessionEvent {
            $($(#[$doc])* $variant($data)),+
        }

        /// The kinds of line in a session's history; the names of the events.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Happening {
            $($(#[$doc])* $variant),+,
            /// Something this version does not know.
            #[serde(other)]
            Other,
        }

        impl Happening {
            /// Every kind of event.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl SessionEvent {
            /// The kind of line it makes in a history.
            pub const fn what(&self) -> Happening {
                match self { $(Self::$variant(_) => Happening::$variant),+ }
            }

            /// The event's name, the `type` of a log entry.
            pub const fn name(&self) -> &'static str {
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

events! {
    /// It is set up.
    Opened(Opened) = "opened",
    /// One tap sent every order: T0.
    Ordered(Ordered) = "ordered",
    /// One more organisation is at the table, and ordered if the others are.
    SeatAdded(SeatAdded) = "seat_added",
    /// An organisation is let go.
    SeatReleased(SeatNote) = "seat_released",
    /// Another organisation leads.
    LeadChanged(SeatNote) = "lead_changed",
    /// Another person commands.
    HandedOver(HandedOver) = "handed_over",
    /// A seat is a step further, as somebody says or positions show.
    Marked(Marked) = "marked",
    /// Positions suggest that a unit is there.
    ArrivalSuggested(Seen) = "arrival_suggested",
    /// A seat says that it moves, and its positions do not show it.
    MovementDoubted(Seen) = "movement_doubted",
    /// An order that nobody read goes out over the next channel.
    Climbed(Climbed) = "climbed",
    /// A seat missed a clock.
    Late(Late) = "late",
    /// Somebody at the scene says what it takes.
    Voted(Voted) = "voted",
    /// A message to all.
    Said(Said) = "said",
    /// Somebody has seen a message.
    MessageAcknowledged(MessageSeen) = "message_acknowledged",
    /// A timer runs.
    TimerSet(TimerSet) = "timer_set",
    /// A timer is stopped.
    TimerStopped(TimerNote) = "timer_stopped",
    /// A timer rang.
    TimerRang(TimerNote) = "timer_rang",
    /// It is under control.
    Controlled(Note) = "controlled",
    /// The lead closed it.
    Closed(Note) = "closed",
    /// It is called off.
    Aborted(Note) = "aborted",
    /// The asker says how a unit did.
    Rated(Rated) = "rated",
}

/// Whom to have at the table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Chair {
    /// Who.
    pub org: OrgId,
    /// What it owes.
    pub task: Task,
    /// The units it sends.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub units: SmallVec<[UnitId; 1]>,
    /// What it is asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ask: String,
    /// What speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// See [`SessionEvent::Opened`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// What it is for.
    pub kind: Kind,
    /// What is whistled for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whistle: Option<Whistle>,
    /// The incident it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// Where it belongs.
    pub region: Code,
    /// Where the scene is.
    #[serde(default)]
    pub place: Place,
    /// One line.
    pub title: String,
    /// Whether its incident concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Who commands.
    pub commander: Commander,
    /// Who takes part.
    pub seats: Vec<Chair>,
    /// How long an order may stay unread on one channel, in seconds.
    pub read_secs: u32,
    /// By when all must be moving, in seconds.
    pub muster_secs: u32,
    /// By when all must have reported on the spot, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_secs: Option<u32>,
}

/// See [`SessionEvent::Ordered`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ordered {
    /// Every order that went out: all of them or none.
    pub orders: Vec<Order>,
}

/// One order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Whom it asks.
    pub org: OrgId,
    /// What speaks against it, as far as known then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// When it must be moving.
    pub muster_due: Timestamp,
    /// When it must have reported on the spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_due: Option<Timestamp>,
}

/// See [`SessionEvent::SeatAdded`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeatAdded {
    /// Who.
    pub seat: Chair,
    /// Its order, if the others were ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
}

/// Something said of one seat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeatNote {
    /// Which.
    pub org: OrgId,
    /// Why.
    pub reason: String,
}

/// See [`SessionEvent::HandedOver`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandedOver {
    /// Who commands from now on.
    pub to: Commander,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// See [`SessionEvent::Marked`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Marked {
    /// Which seat.
    pub org: OrgId,
    /// What.
    pub step: Step,
    /// What it rests on.
    pub evidence: Evidence,
    /// When it happened, as a device says that was without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// A word with it; of its own part, when that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What positions show of a seat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Which seat.
    pub org: OrgId,
    /// Its unit.
    pub unit: UnitId,
    /// How far it is from the scene, in metres.
    pub metres: u32,
}

/// See [`SessionEvent::Climbed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Climbed {
    /// Which seat.
    pub org: OrgId,
    /// The channel it goes out over now.
    pub channel: Channel,
    /// When that was due; later than this after an outage.
    pub due_at: Timestamp,
}

/// See [`SessionEvent::Late`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Late {
    /// Which seat.
    pub org: OrgId,
    /// Which clock.
    pub clock: SeatClock,
    /// When it was due.
    pub due_at: Timestamp,
}

/// See [`SessionEvent::Voted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Voted {
    /// Which seat.
    pub org: OrgId,
    /// For what.
    pub call: Call,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it happened, as a device says that was without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// See [`SessionEvent::Said`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Said {
    /// What.
    pub text: String,
    /// Content hashes of photos and voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// What its sender knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it happened, as a device says that was without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// See [`SessionEvent::MessageAcknowledged`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MessageSeen {
    /// Which message, from 0.
    pub message: u16,
    /// When it happened, as a device says that was without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// See [`SessionEvent::TimerSet`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimerSet {
    /// What for.
    pub label: String,
    /// Whose; of the whole session if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// When it rings.
    pub due: Timestamp,
}

/// Something about a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimerNote {
    /// Which timer, from 0.
    pub timer: u8,
}

/// A word.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// What came of it, or why.
    pub text: String,
}

/// See [`SessionEvent::Rated`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rated {
    /// Which seat.
    pub org: OrgId,
    /// 1 to 5, the best.
    pub score: u8,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
}

impl SessionEvent {
    /// The organisation it is about, if it is about one.
    pub fn org(&self) -> Option<&OrgId> {
        match self {
            Self::SeatAdded(data) => Some(&data.seat.org),
            Self::SeatReleased(data) | Self::LeadChanged(data) => Some(&data.org),
            Self::Marked(data) => Some(&data.org),
            Self::ArrivalSuggested(data) | Self::MovementDoubted(data) => Some(&data.org),
            Self::Climbed(data) => Some(&data.org),
            Self::Late(data) => Some(&data.org),
            Self::Voted(data) => Some(&data.org),
            Self::TimerSet(data) => data.org.as_ref(),
            Self::Rated(data) => Some(&data.org),
            Self::Opened(_)
            | Self::Ordered(_)
            | Self::HandedOver(_)
            | Self::Said(_)
            | Self::MessageAcknowledged(_)
            | Self::TimerStopped(_)
            | Self::TimerRang(_)
            | Self::Controlled(_)
            | Self::Closed(_)
            | Self::Aborted(_) => None,
        }
    }

    /// What was said with it; a message stands in the list of messages.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::SeatReleased(data) | Self::LeadChanged(data) => Some(&data.reason),
            Self::HandedOver(data) => data.reason.as_deref(),
            Self::Marked(data) => data.note.as_deref(),
            Self::Voted(data) => data.note.as_deref(),
            Self::Controlled(data) | Self::Closed(data) | Self::Aborted(data) => Some(&data.text),
            Self::Rated(data) => data.word.as_deref(),
            Self::TimerSet(data) => Some(&data.label),
            Self::Opened(_)
            | Self::Ordered(_)
            | Self::SeatAdded(_)
            | Self::ArrivalSuggested(_)
            | Self::MovementDoubted(_)
            | Self::Climbed(_)
            | Self::Late(_)
            | Self::Said(_)
            | Self::MessageAcknowledged(_)
            | Self::TimerStopped(_)
            | Self::TimerRang(_) => None,
        }
    }

    /// What exactly it is about, besides an organisation.
    pub const fn about(&self) -> Option<About> {
        Some(match self {
            Self::Marked(data) if data.evidence.is_observed() => About::Observed(data.step),
            Self::Marked(data) => About::Claimed(data.step),
            Self::ArrivalSuggested(data) | Self::MovementDoubted(data) => {
                About::Metres(data.metres)
            }
            Self::Climbed(data) => About::Channel(data.channel),
            Self::Late(data) => About::Clock(data.clock),
            Self::Voted(data) => About::Call(data.call),
            Self::Rated(data) => About::Score(data.score),
            _ => return None,
        })
    }

    /// When it happened, where a device without a link told it later.
    pub const fn occurred_at(&self) -> Option<Timestamp> {
        match self {
            Self::Marked(data) => data.occurred_at,
            Self::Voted(data) => data.occurred_at,
            Self::Said(data) => data.occurred_at,
            Self::MessageAcknowledged(data) => data.occurred_at,
            _ => None,
        }
    }

    /// Whether it may change whom the session concerns.
    pub const fn changes_parties(&self) -> bool {
        matches!(self, Self::SeatAdded(_) | Self::HandedOver(_))
    }
}
