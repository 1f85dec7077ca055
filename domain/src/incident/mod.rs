//! The state of one incident: a fold of its events and nothing else.

pub mod clock;
pub mod command;
pub mod decide;
pub mod event;
mod evolve;
mod fold;
pub mod plan;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use self::clock::{Clock, ClockKind};
pub use self::event::What;
use self::event::{
    ConsentAsked, Joined, Place, Plan, Proxy, Reporter, SupervisionOrder, Suspended, TransferredOut,
};
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

/// Who did something, as a history tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct By {
    /// Whom the log knows them as; empty where that is not shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// As what.
    pub role: Role,
    /// For which organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// For whom they stood in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

impl By {
    pub(crate) fn of(actor: &Actor) -> Self {
        Self {
            id: actor.id.clone(),
            role: actor.role,
            org: actor.org.clone(),
            on_behalf_of: actor.on_behalf_of.clone(),
        }
    }
}

/// One line of an incident's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What, by the event's name.
    pub what: What,
    /// Who.
    pub by: By,
    /// What was said with it: a reason, a note, a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// For a breach: the running number of its supervision order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
}

/// More time, as asked for and not yet decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extension {
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
    /// Who asks.
    pub by: OrgId,
}

/// How somebody found the handling.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// Who.
    pub by: By,
    /// 1 to 5, the best.
    pub speed: u8,
    /// 1 to 5, the best.
    pub cooperation: u8,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where a supervision order stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Sent out.
    Issued,
    /// Whom it asks has read it.
    Signed,
    /// They have answered.
    Answered,
    /// The answer will do.
    Cleared,
    /// The answer will not do; a better one is owed.
    Rejected,
}

impl OrderState {
    /// Whether an answer is owed.
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::Issued | Self::Signed | Self::Rejected)
    }
}

/// A wish to take a red light off the record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Removal {
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: OrgId,
    /// Whether it was granted; nothing while nobody has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<bool>,
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
    /// The order, as it stands: rejecting an answer sets a later time for the next.
    pub order: SupervisionOrder,
    /// Where it stands.
    #[serde(default = "issued")]
    pub state: OrderState,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The tiers above that it was laid before, unanswered.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub climbed: SmallVec<[OrgId; 1]>,
    /// Whether the red light is to come off the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal: Option<Removal>,
}

fn issued() -> OrderState {
    OrderState::Issued
}

impl Breach {
    /// Whether it stands on the record: figures leave out what was granted to come off.
    pub fn counts(&self) -> bool {
        let removal = self.removal.as_ref();
        removal.and_then(|removal| removal.granted) != Some(true)
    }
}

/// A person who sent an incident in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sender {
    /// Whom the log knows them as.
    pub id: String,
    /// As what they sent it.
    pub role: Role,
    /// For which organisation: it may not handle what it reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
}

impl Sender {
    /// The person behind a first event; none when a system or a rule is, or when who it was is
    /// not shown.
    pub(crate) fn of(actor: &Actor) -> Option<Self> {
        let is_person = !matches!(actor.role, Role::Source | Role::Rule) && !actor.id.is_empty();
        is_person.then(|| Self {
            id: actor.id.clone(),
            role: actor.role,
            org: actor.org.clone(),
        })
    }
}

/// One incident.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
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
    /// Since when nobody owes anything: closed, rejected, void, handed out, or its case over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Who confirmed was satisfied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfied: Option<bool>,
    /// Why somebody else confirmed in the reporter's stead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// The incident it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<IncidentId>,
    /// Incidents that follow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followers: Vec<Joined>,
    /// Units that sent it back.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub returned_by: SmallVec<[OrgId; 1]>,
    /// Whether it may not be sent back any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binding: bool,
    /// What a township is asked to take that is not on its duty list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentAsked>,
    /// The playbook it goes by, and how far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Whether it was laid before the leaders as a special report (专报).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub special_report: bool,
    /// Time asked for and not yet decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// How often it was given more time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extensions: u8,
    /// Why and until when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspended>,
    /// How often its reporter had it reworked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u8,
    /// How often somebody tried to reach the reporter since the last feedback.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contacts: u8,
    /// Whether the reporter has asked once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub appealed: bool,
    /// Where it was handed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferredOut>,
    /// How people found the handling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evaluations: Vec<Evaluation>,
    /// What happened, in order.
    pub timeline: Vec<Entry>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(count: &u8) -> bool {
    *count == 0
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

    /// Whether the breach of this clock's tier is on record. A clock of the same kind that began
    /// later has breaches of its own.
    pub fn has_breach(&self, clock: &Clock, tier: u8) -> bool {
        self.breaches
            .iter()
            .any(|b| b.clock == clock.kind && b.tier == tier && b.fired_at >= clock.start)
    }

    /// Whether anything happened to it by this name.
    pub fn was(&self, what: What) -> bool {
        self.timeline.iter().any(|entry| entry.what == what)
    }

    /// Whether a deadline was ever missed that stands on the record.
    pub fn was_red(&self) -> bool {
        self.breaches.iter().any(Breach::counts)
    }

    /// The clocks that stand still, as they go on from `now`.
    pub(crate) fn paused_clocks(&self) -> impl Iterator<Item = &Clock> {
        self.clocks
            .iter()
            .filter(|clock| clock.stopped.is_none() && clock.paused.is_some())
    }

    /// The newest supervision order.
    pub fn last_order(&self) -> Option<&Breach> {
        self.breaches.last()
    }
}
