//! What may be asked of a session.

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Call, Channel, Kind, Step, Whistle};
use crate::access::SessionMove;
use crate::ids::IncidentId;
use crate::incident::event::Place;
use crate::pack::orgs::OrgId;
use crate::pack::units::UnitId;
use crate::time::Timestamp;

/// Whom somebody wants at the table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Who.
    pub org: OrgId,
    /// Its units; its nearest free one if left out.
    #[serde(default)]
    pub units: SmallVec<[UnitId; 1]>,
    /// What it is asked for.
    #[serde(default)]
    pub ask: Option<String>,
}

/// A person who is to command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The person, by id.
    pub id: String,
    /// For which organisation.
    #[serde(default)]
    pub org: Option<OrgId>,
}

/// A session that somebody wants to open.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What it is for.
    pub kind: Kind,
    /// What is whistled for.
    #[serde(default)]
    pub whistle: Option<Whistle>,
    /// The incident it is about; region, place and title are then its own.
    #[serde(default)]
    pub incident: Option<IncidentId>,
    /// One line, where there is no incident.
    #[serde(default)]
    pub title: Option<String>,
    /// Where it belongs, where there is no incident.
    #[serde(default)]
    pub region: Option<Code>,
    /// Where the scene is, where there is no incident.
    #[serde(default)]
    pub place: Option<Place>,
    /// Who commands; whoever opens it if left out.
    #[serde(default)]
    pub commander: Option<Person>,
    /// Who leads.
    pub lead: Wanted,
    /// Who helps.
    #[serde(default)]
    pub cooperators: Vec<Wanted>,
    /// Whether every order goes out with the same tap.
    #[serde(default)]
    pub order: bool,
    /// Whether units that are busy or off duty are ordered all the same.
    #[serde(default)]
    pub despite: bool,
}

/// A command on a session that exists, by its name on the wire.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Send every order: one tap.
    Order {
        /// Also to units that are busy or off duty.
        #[serde(default)]
        despite: bool,
    },
    /// One more organisation.
    Add {
        /// Whom.
        seat: Wanted,
        /// Also if its units are busy or off duty.
        #[serde(default)]
        despite: bool,
    },
    /// Let an organisation go.
    Release {
        /// Whom.
        org: OrgId,
        /// Why.
        reason: String,
    },
    /// Have another organisation lead.
    Lead {
        /// Whom; it has a seat.
        org: OrgId,
        /// Why.
        reason: String,
    },
    /// Give the command to another person.
    HandOver {
        /// To whom.
        to: Person,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Take the command over oneself.
    TakeOver {
        /// Why.
        reason: String,
    },
    /// The order reached a device.
    Deliver {
        /// Whose; one's own if left out.
        #[serde(default)]
        org: Option<OrgId>,
    },
    /// The order was opened.
    Read {
        /// When it happened, if the device was without a link.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// 收到.
    Acknowledge {
        /// When it happened.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// 出动.
    Move {
        /// When it happened.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// 到场.
    Arrive {
        /// When it happened.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// At work.
    Work {
        /// When it happened.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// A cooperator's part is done.
    SignOff {
        /// What was done.
        note: String,
        /// When it happened, if the device was without a link.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// What a duty officer says over another channel.
    Word {
        /// Of which organisation.
        org: OrgId,
        /// What they say they do.
        step: Step,
        /// Over which channel.
        channel: Channel,
        /// Who said it.
        officer: String,
    },
    /// What it takes, by those at the scene.
    Vote {
        /// More, enough or stand down.
        call: Call,
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
        /// When it happened, if the device was without a link.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// A message to all.
    Say {
        /// What.
        text: String,
        /// Content hashes of photos and voice.
        #[serde(default)]
        attachments: Vec<String>,
        /// What its sender knows it by: the same one again is refused, however long ago it came.
        #[serde(default)]
        key: Option<String>,
        /// When it happened, if the device was without a link.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// Have seen a message.
    AcknowledgeMessage {
        /// Which, from 0.
        message: u16,
        /// When it happened, if the device was without a link.
        #[serde(default)]
        occurred_at: Option<Timestamp>,
    },
    /// Start a timer.
    SetTimer {
        /// What for.
        label: String,
        /// How long, in seconds.
        secs: u32,
        /// Whose; of the whole session if left out.
        #[serde(default)]
        org: Option<OrgId>,
    },
    /// Stop a timer.
    StopTimer {
        /// Which, from 0.
        timer: u8,
    },
    /// It is under control.
    Control {
        /// What was achieved.
        note: String,
    },
    /// The lead reports and closes.
    Close {
        /// What came of it.
        result: String,
    },
    /// Call it off.
    Abort {
        /// Why.
        reason: String,
    },
    /// Rate a unit, afterwards.
    Rate {
        /// Whom.
        org: OrgId,
        /// 1 to 5, the best.
        score: u8,
        /// A word with it.
        #[serde(default)]
        word: Option<String>,
    },
}

impl Command {
    /// The names of all commands, as they stand in a path.
    pub const NAMES: [&'static str; 23] = [
        "order",
        "add",
        "release",
        "lead",
        "hand_over",
        "take_over",
        "deliver",
        "read",
        "acknowledge",
        "move",
        "arrive",
        "work",
        "sign_off",
        "word",
        "vote",
        "say",
        "acknowledge_message",
        "set_timer",
        "stop_timer",
        "control",
        "close",
        "abort",
        "rate",
    ];

    /// The move it is.
    pub const fn as_move(&self) -> SessionMove {
        match self {
            Self::Order { .. } => SessionMove::Order,
            Self::Add { .. } => SessionMove::Add,
            Self::Release { .. } => SessionMove::Release,
            Self::Lead { .. } => SessionMove::Lead,
            Self::HandOver { .. } => SessionMove::HandOver,
            Self::TakeOver { .. } => SessionMove::TakeOver,
            Self::Deliver { .. } => SessionMove::Deliver,
            Self::Read { .. } => SessionMove::Read,
            Self::Acknowledge { .. } => SessionMove::Acknowledge,
            Self::Move { .. } => SessionMove::Move,
            Self::Arrive { .. } => SessionMove::Arrive,
            Self::Work { .. } => SessionMove::Work,
            Self::SignOff { .. } => SessionMove::SignOff,
            Self::Word { .. } => SessionMove::Word,
            Self::Vote { .. } => SessionMove::Vote,
            Self::Say { .. } => SessionMove::Say,
            Self::AcknowledgeMessage { .. } => SessionMove::AcknowledgeMessage,
            Self::SetTimer { .. } => SessionMove::SetTimer,
            Self::StopTimer { .. } => SessionMove::StopTimer,
            Self::Control { .. } => SessionMove::Control,
            Self::Close { .. } => SessionMove::Close,
            Self::Abort { .. } => SessionMove::Abort,
            Self::Rate { .. } => SessionMove::Rate,
        }
    }
}
