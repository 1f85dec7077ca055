//! The state of one incident: a fold of its events and nothing else.

pub mod clock;
pub mod command;
pub mod decide;
pub mod event;
mod evolve;
pub mod plan;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use self::clock::{Clock, ClockKind};
use self::event::{Place, Reporter, SupervisionOrder};
use crate::actor::{Actor, Role};
use crate::ids::IncidentId;
use crate::lamp::{self, Lamp};
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::{Timestamp, UtcOffset};

/// Where an incident stands in the closed loop. Lateness is a lamp, never a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Came in; nobody has taken it on.
    Reported,
    /// Handled on the spot by the grid worker who found it.
    SelfHandled,
    /// Taken on, with category and region.
    Accepted,
    /// Its level and its deadlines stand.
    Assessed,
    /// A unit is ordered and has not signed yet.
    Dispatched,
    /// A unit works on it.
    InProgress,
    /// Waits by decision, with a date to look again.
    Suspended,
    /// The result is told and waits for confirmation.
    Feedback,
    /// Confirmed.
    Closed,
    /// Not taken on.
    Rejected,
    /// Follows another incident.
    Merged,
    /// Handed to a system outside.
    TransferredOut,
    /// Struck out, never deleted.
    Void,
}

impl State {
    /// Whether somebody still owes something.
    pub fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Closed | Self::Rejected | Self::Merged | Self::TransferredOut | Self::Void
        )
    }
}

/// One org's time with an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// The org.
    pub org: OrgId,
    /// Since when.
    pub from: Timestamp,
}

/// One line of an incident's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What, by the event's name.
    pub what: What,
    /// For a breach: the running number of its supervision order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
}

/// The kinds of line in a history; the names of the events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum What {
    Reported,
    Accepted,
    Assessed,
    Dispatched,
    Started,
    Progressed,
    FedBack,
    Closed,
    Breached,
    Other,
}

/// A missed deadline and its supervision order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Breach {
    /// The clock.
    pub clock: ClockKind,
    /// 1 red, 2 deep red.
    pub tier: u8,
    /// The order's running number in its year.
    pub number: u32,
    /// When it was due.
    pub due_at: Timestamp,
    /// When the order was issued.
    pub fired_at: Timestamp,
    /// The order.
    pub order: SupervisionOrder,
}

/// A person who sent an incident in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sender {
    /// Whom the log knows them as.
    pub id: String,
    /// As what they sent it.
    pub role: Role,
}

impl Sender {
    /// The person behind a first event; none when a system or a rule is, or when who it was is
    /// not shown.
    pub(crate) fn of(actor: &Actor) -> Option<Self> {
        let is_person = !matches!(actor.role, Role::Source | Role::Rule) && !actor.id.is_empty();
        is_person.then(|| Self {
            id: actor.id.clone(),
            role: actor.role,
        })
    }
}

/// One incident.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The version of the last event folded into it.
    pub version: u64,
    /// Its running number on the day it came in.
    pub number: u32,
    /// The grid, or the smallest region known.
    pub region: Code,
    /// Where it stands.
    pub state: State,
    /// The system it came through.
    pub source: String,
    /// What that system calls it.
    pub external_id: String,
    /// One line.
    pub title: String,
    /// The whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryCode>,
    /// 1 (Ⅳ) to 4 (Ⅰ), once assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The level the reporter claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Severity>,
    /// Where.
    pub place: Place,
    /// By whom, for those who may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// Who sent it in, where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Sender>,
    /// Whether it concerns a person in trouble: those who do not handle it see less of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// When it came in.
    pub received_at: Timestamp,
    /// When it happened, if told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Photos and voice, by content hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// An incident it seems to repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<IncidentId>,
    /// Who held it, since when; the last one holds it now.
    pub holds: SmallVec<[Hold; 2]>,
    /// Units that help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cooperators: Vec<OrgId>,
    /// Regions elsewhere that it is shared with, as long as their units take part.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub shared: SmallVec<[Code; 2]>,
    /// Why it went where it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Its clocks, running and stopped.
    pub clocks: SmallVec<[Clock; 4]>,
    /// Deadlines missed, with their orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breach>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// When it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// What happened, in order.
    pub timeline: Vec<Entry>,
}

impl Incident {
    /// Its number for people: the day it came in and its place in that day, `20261122-0481`.
    pub fn label(&self) -> String {
        let (year, month, day) = self.received_at.date(UtcOffset::CHINA).ymd();
        format!("{year:04}{month:02}{day:02}-{:04}", self.number)
    }

    /// Whether an actor is who reported it: the person who sent it in, or the system it came
    /// through.
    pub fn is_reported_by(&self, actor: &Actor) -> bool {
        if actor.role == Role::Source {
            return actor.id == self.source && actor.covers(self.region);
        }
        let sender = self.sent_by.as_ref();
        sender.is_some_and(|sender| sender.id == actor.id && sender.role == actor.role)
    }

    /// Whether whoever was sent this may know that it is there, and not what it is.
    pub fn is_veiled(&self) -> bool {
        self.sensitive && self.title.is_empty()
    }

    /// The colour of its lamp at `now`.
    pub fn lamp(&self, now: Timestamp) -> Lamp {
        if self.state.is_open() {
            lamp::of_clocks(&self.clocks, now)
        } else {
            Lamp::Off
        }
    }

    /// The clock of a kind, the newest if it started more than once.
    pub fn clock(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| clock.kind == kind)
    }

    /// The running clock that is due first.
    pub fn next_due(&self) -> Option<&Clock> {
        self.clocks
            .iter()
            .filter(|clock| clock.runs())
            .min_by_key(|clock| clock.due)
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<&Hold> {
        self.holds.last()
    }

    /// When its whole work was due, once assessed.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.clock(ClockKind::Finish).map(|clock| clock.due)
    }

    /// Whether its work was finished in time; nothing while that is open.
    pub fn on_time(&self) -> Option<bool> {
        let finish = self.clock(ClockKind::Finish)?;
        finish.stopped.map(|stopped| stopped < finish.due)
    }

    /// The level that counts now: assessed, or claimed, or the lowest.
    pub fn severity_or_lowest(&self) -> Severity {
        self.severity.or(self.claimed).unwrap_or(Severity::IV)
    }

    /// Whether the breach of a clock's tier is on record.
    pub fn has_breach(&self, clock: ClockKind, tier: u8) -> bool {
        self.breaches
            .iter()
            .any(|b| b.clock == clock && b.tier == tier)
    }

    /// The newest supervision order.
    pub fn last_order(&self) -> Option<&Breach> {
        self.breaches.last()
    }
}
