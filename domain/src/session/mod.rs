//! The state of one 1+1+X session: one commander, one lead, X cooperators, and what each of them
//! said and was seen to do. A fold of its events and nothing else. Sending an order is the
//! notices', positions are `deployment`'s.

pub mod command;
pub mod decide;
pub mod event;
mod evolve;
#[cfg(test)]
mod heard_tests;
mod line;
mod message;
pub mod muster;
#[cfg(test)]
mod notice_tests;
pub mod plan;
#[cfg(test)]
mod position_tests;
pub mod review;
pub mod suggest;
#[cfg(test)]
mod tap_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;
pub mod watch;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use self::event::Happening;
pub use self::line::{About, Line};
pub use self::message::{Message, Receipt};
use crate::ids::{IncidentId, SessionId};
use crate::incident::By;
use crate::incident::event::Place;
use crate::pack::orgs::OrgId;
use crate::pack::units::UnitId;
use crate::time::Timestamp;

/// What a session is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An incident that needs several organisations at once.
    Incident,
    /// A township calls county units to it (吹哨).
    Whistle,
    /// An exercise (演练): marked everywhere, and in no figure.
    Drill,
}

/// What a township whistles for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whistle {
    /// 群众反映突出: many people complain of it.
    Complaint,
    /// 综合执法: enforcement by several departments.
    Enforcement,
    /// 应急处置: an emergency.
    Emergency,
}

/// Where a session stands. Ordered: it never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Set up; nobody is ordered yet.
    Created,
    /// Every order is sent: T0.
    Ordered,
    /// The first has answered.
    Mobilising,
    /// Every unit moves.
    AllOut,
    /// The lead is at the scene.
    OnScene,
    /// The commander says that it is under control.
    UnderControl,
    /// The lead closed it.
    Ended,
    /// Every unit was rated.
    Reviewed,
    /// Called off.
    Aborted,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Ordered,
        Self::Mobilising,
        Self::AllOut,
        Self::OnScene,
        Self::UnderControl,
        Self::Ended,
        Self::Reviewed,
        Self::Aborted,
    ];

    /// Whether anybody still owes anything.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Ended | Self::Reviewed | Self::Aborted)
    }

    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Created => "已建立",
            Self::Ordered => "已下令",
            Self::Mobilising => "集结中",
            Self::AllOut => "全部出动",
            Self::OnScene => "已到场",
            Self::UnderControl => "已控制",
            Self::Ended => "已结束",
            Self::Reviewed => "已评价",
            Self::Aborted => "已取消",
        }
    }

    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Created => "set up",
            Self::Ordered => "ordered",
            Self::Mobilising => "mobilising",
            Self::AllOut => "all out",
            Self::OnScene => "on scene",
            Self::UnderControl => "under control",
            Self::Ended => "ended",
            Self::Reviewed => "reviewed",
            Self::Aborted => "called off",
        }
    }
}

/// Who commands, since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Commander {
    /// The person, by id; empty where that is not shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// For which organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Since when.
    pub since: Timestamp,
}

/// What an organisation owes in a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Leads, reports and closes.
    Lead,
    /// Helps, and signs off its own part.
    Cooperate,
}

/// What a seat goes through, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The order left.
    Sent,
    /// It reached a device.
    Delivered,
    /// Somebody opened it.
    Read,
    /// 收到.
    Acknowledged,
    /// 出动.
    Moving,
    /// 到场.
    Arrived,
    /// At work.
    Working,
    /// Its part is done and signed off.
    Done,
    /// Let go before that.
    Released,
}

/// What a mark rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Evidence {
    /// Gridlamp itself sent or delivered it.
    System,
    /// Somebody of the organisation pressed a button.
    Button,
    /// The duty officer's word, over some channel.
    Word {
        /// Over which.
        channel: Channel,
        /// Who said it; empty where that is not shown.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        officer: String,
    },
    /// What positions show.
    Position {
        /// The unit whose positions they are.
        unit: UnitId,
        /// How far nearer to the scene it came, or how far from it it is, in metres.
        metres: u32,
    },
}

impl Evidence {
    /// Whether positions show it, rather than somebody saying so.
    pub const fn is_observed(&self) -> bool {
        matches!(self, Self::Position { .. })
    }

    /// How far a unit came or was, if positions show it, in metres.
    pub const fn metres(&self) -> Option<u32> {
        match self {
            Self::Position { metres, .. } => Some(*metres),
            Self::System | Self::Button | Self::Word { .. } => None,
        }
    }
}

/// A way to reach an organisation. In the order in which they are tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The app.
    App,
    /// A short message.
    Sms,
    /// A call with a voice.
    Voice,
    /// Whoever deputises.
    Deputy,
    /// The phone that is answered round the clock.
    DutyPhone,
    /// By radio; nobody is called that way by Gridlamp itself.
    Radio,
}

impl Channel {
    /// The channels of an order, in order.
    pub const CHAIN: [Self; 5] = [
        Self::App,
        Self::Sms,
        Self::Voice,
        Self::Deputy,
        Self::DutyPhone,
    ];
}

/// One thing a seat did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// What.
    pub step: Step,
    /// When it was recorded, by the server's clock.
    pub at: Timestamp,
    /// When it happened, as the device that told it says: it may have been without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Who.
    pub by: By,
}

impl Mark {
    /// When it happened: a tap made without a link counts from when it was made, which `decide` has
    /// found to lie between the order and its arrival here.
    pub fn when(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.at)
    }
}

/// An order sent once more, over another channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tried {
    /// Over which.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
}

/// A clock of a seat.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatClock {
    /// Moving.
    Muster,
    /// At the scene.
    Respond,
}

/// A clock that a seat missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Missed {
    /// Which.
    pub clock: SeatClock,
    /// When it was due.
    pub due_at: Timestamp,
    /// When that was found; later after an outage.
    pub fired_at: Timestamp,
}

/// Something about a unit that whoever orders it should know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Warning {
    /// What.
    pub why: Why,
    /// The unit, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
}

/// Why to think twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is in another session, or busy.
    Busy,
    /// It is off duty.
    OffDuty,
    /// Nobody of the organisation is on duty now.
    NobodyOnDuty,
    /// The organisation has no unit to send.
    NoUnit,
}

/// What those at the scene ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Send more.
    More,
    /// It will do.
    Enough,
    /// Let us go.
    StandDown,
}

/// A vote of one seat; its last counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// For what.
    pub call: Call,
    /// When.
    pub at: Timestamp,
    /// When it happened, as the device that told it says: it may have been without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How the asker found a unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5, the best.
    pub score: u8,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// Who.
    pub by: By,
}

/// One organisation at the table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seat {
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
    /// What whoever ordered it knew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// When it must be moving, once ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muster_due: Option<Timestamp>,
    /// When it must have reported on the spot, if it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_due: Option<Timestamp>,
    /// What it did, in the order it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Over which channels the order went.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub tried: SmallVec<[Tried; 5]>,
    /// Clocks it missed.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub missed: SmallVec<[Missed; 2]>,
    /// Since when its positions contradict what it says: it claims to move and does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted: Option<Timestamp>,
    /// Since when its positions suggest that it arrived; a person confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seems_there: Option<Timestamp>,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<Vote>,
    /// What it says of its own part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// How it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
}

impl Seat {
    /// The first mark of a step that somebody claims.
    pub fn claimed(&self, step: Step) -> Option<&Mark> {
        let mut marks = self.marks.iter();
        marks.find(|mark| mark.step == step && !mark.evidence.is_observed())
    }

    /// The first mark of a step that positions show.
    pub fn observed(&self, step: Step) -> Option<&Mark> {
        let mut marks = self.marks.iter();
        marks.find(|mark| mark.step == step && mark.evidence.is_observed())
    }

    /// When a step was first told, by whomever.
    pub fn at(&self, step: Step) -> Option<Timestamp> {
        let marks = self.marks.iter().filter(|mark| mark.step == step);
        marks.map(|mark| mark.at).min()
    }

    /// When it was at least this far, by the times at which things happened: who moves has been
    /// reached, whether they said so or not.
    pub fn reached(&self, step: Step) -> Option<Timestamp> {
        let later = |mark: &&Mark| mark.step >= step && mark.step != Step::Released;
        self.marks.iter().filter(later).map(Mark::when).min()
    }

    /// How far it is.
    pub fn step(&self) -> Option<Step> {
        self.marks.iter().map(|mark| mark.step).max()
    }

    /// Whether it was let go.
    pub fn is_released(&self) -> bool {
        self.at(Step::Released).is_some()
    }

    /// Whether it owes nothing any more.
    pub fn is_over(&self) -> bool {
        matches!(self.step(), Some(Step::Done | Step::Released))
    }
}

/// A free timer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Timer {
    /// What for.
    pub label: String,
    /// Whose; of the whole session if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Since when.
    pub start: Timestamp,
    /// When it rings.
    pub due: Timestamp,
    /// When it rang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rang: Option<Timestamp>,
    /// When it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
}

/// One session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The version of the last event folded into it.
    pub version: u64,
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
    pub place: Place,
    /// One line.
    pub title: String,
    /// Whether its incident concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Where it stands.
    pub stage: Stage,
    /// When it was set up.
    pub opened_at: Timestamp,
    /// By whom: they rate it afterwards.
    pub asker: By,
    /// Who commands.
    pub commander: Commander,
    /// Who commanded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Commander>,
    /// T0: when every order went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    /// How long an order may stay unread on one channel, in seconds.
    pub read_secs: u32,
    /// By when all must be moving, in seconds from T0.
    pub muster_secs: u32,
    /// By when all must have reported on the spot, in seconds from T0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_secs: Option<u32>,
    /// Who takes part; exactly one leads, none is there twice.
    pub seats: Vec<Seat>,
    /// What was said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// Free timers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<Timer>,
    /// What came of it, or why it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Since when nobody owes anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What happened, in order.
    pub timeline: Vec<Line>,
}

impl Session {
    /// Most organisations at one table.
    pub const MAX_SEATS: usize = 60;
    /// Most messages of one session.
    pub const MAX_MESSAGES: usize = 2_000;
    /// Most timers of one session.
    pub const MAX_TIMERS: usize = 50;
    /// The longest message, reason or result, in characters.
    pub const MAX_TEXT_CHARS: usize = 2_000;

    /// Whether it is an exercise, and in no figure.
    pub fn is_drill(&self) -> bool {
        self.kind == Kind::Drill
    }

    /// The seat of an organisation.
    pub fn seat(&self, org: &OrgId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.org == *org)
    }

    pub(crate) fn seat_mut(&mut self, org: &OrgId) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.org == *org)
    }

    /// The one that leads.
    pub fn lead(&self) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.task == Task::Lead)
    }

    /// Everyone it concerns: who takes part, who commands and who asked.
    pub fn parties(&self) -> impl Iterator<Item = &OrgId> {
        let seats = self.seats.iter().map(|seat| &seat.org);
        let heads = self.commander.org.iter().chain(self.asker.org.iter());
        seats.chain(heads)
    }
}
