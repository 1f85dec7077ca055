//! What may be asked of an incident.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use super::event::{Ground, Outcome, Place, Reporter};
use crate::access::Move;
use crate::actor::Role;
use crate::ids::IncidentId;
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// A report that passed intake: checked, located, its region known.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The system it came through.
    pub source: String,
    /// What that system calls it.
    pub external_id: String,
    /// One line.
    pub title: String,
    /// The whole text.
    pub description: Option<String>,
    /// What it is, if told.
    pub category: Option<CategoryCode>,
    /// The severity claimed, 1 (Ⅳ) to 4 (Ⅰ).
    pub claimed: Option<Severity>,
    /// The smallest region it lies in.
    pub region: Code,
    /// Where.
    pub place: Place,
    /// By whom.
    pub reporter: Option<Reporter>,
    /// When it happened, if told.
    pub occurred_at: Option<Timestamp>,
    /// Photos and voice, by content hash.
    pub attachments: Vec<String>,
    /// An open incident it seems to repeat.
    pub duplicate_of: Option<IncidentId>,
}

/// A command on an incident that exists, by its name on the wire.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Settle it on the spot.
    SelfHandle {
        /// What it is; the reported category if left out.
        #[serde(default)]
        category: Option<CategoryCode>,
        /// What was done.
        note: String,
        /// Photos from before, by content hash.
        before: Vec<String>,
        /// Photos from after, by content hash.
        after: Vec<String>,
    },
    /// Take it on, under a category.
    Accept {
        /// The category; the reported one if left out.
        #[serde(default)]
        category: Option<CategoryCode>,
    },
    /// Do not take it on.
    Reject {
        /// Why.
        reason: String,
    },
    /// Ask once more.
    Appeal {
        /// Why it is to be taken on after all.
        reason: String,
    },
    /// Let it follow another, which is the same matter.
    Merge {
        /// The other.
        into: IncidentId,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// It is something else: find its owner anew.
    Correct {
        /// What it is.
        category: CategoryCode,
        /// Why.
        reason: String,
    },
    /// Set its level.
    Assess {
        /// 1 one household … 4 county-wide.
        #[serde(default)]
        breadth: Option<Severity>,
        /// 1 a grid can … 4 needs county leaders.
        #[serde(default)]
        difficulty: Option<Severity>,
    },
    /// Order a unit to handle it.
    Dispatch {
        /// The unit; whoever the duties name if left out.
        #[serde(default)]
        to: Option<OrgId>,
        /// Units that help; whoever the duties name if both are left out.
        #[serde(default)]
        cooperators: Vec<OrgId>,
        /// Why this unit, where a person chose it.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Take on what is not on the township's duty list.
    Consent {},
    /// Do not take it on.
    RefuseConsent {
        /// Why.
        reason: String,
    },
    /// Send it back: not theirs.
    Return {
        /// Why.
        reason: String,
    },
    /// Take an order back that nobody has signed for.
    Recall {
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Sign for it and begin.
    Start {},
    /// Tell what has been done so far.
    Progress {
        /// What.
        note: String,
        /// Photos and voice, by content hash.
        #[serde(default)]
        evidence: Vec<String>,
    },
    /// Tell that a step of its playbook is done.
    Step {
        /// Which, from 0.
        step: u8,
        /// What was done.
        #[serde(default)]
        note: Option<String>,
    },
    /// Send it a tier up.
    Escalate {
        /// Why it can't be handled here.
        reason: String,
        /// A higher level, if it is worse than thought.
        #[serde(default)]
        severity: Option<Severity>,
    },
    /// Ask for more time.
    AskExtension {
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// Give more time.
    GrantExtension {
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Give no more time.
    RefuseExtension {
        /// Why.
        reason: String,
    },
    /// Let it wait.
    Suspend {
        /// On which ground.
        ground: Ground,
        /// Why.
        reason: String,
        /// When it wakes by itself.
        review_at: Timestamp,
    },
    /// Let it go on.
    Resume {
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Tell the result.
    Feedback {
        /// What came of it.
        result: String,
        /// Proof, by content hash.
        #[serde(default)]
        evidence: Vec<String>,
    },
    /// The result does not satisfy: have it reworked.
    Reopen {
        /// What is not right yet.
        reason: String,
    },
    /// Note an attempt to reach the reporter.
    Contact {
        /// How it went.
        outcome: Outcome,
        /// What was said.
        #[serde(default)]
        note: Option<String>,
    },
    /// Ask to hurry.
    Urge {
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Confirm the result.
    Close {
        /// Whether the reporter is satisfied.
        #[serde(default = "yes")]
        satisfied: bool,
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Say how it was handled.
    Evaluate {
        /// How fast: 1 to 5, the best.
        speed: u8,
        /// How well the units worked together: 1 to 5, the best.
        cooperation: u8,
        /// A word with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Hand it to a system outside.
    TransferOut {
        /// Whose it is: 110, 12345, a court, another county.
        to: String,
        /// Why.
        reason: String,
        /// What that side calls it.
        receipt: String,
    },
    /// Take it back from the system outside, which refused it.
    TakeBack {
        /// Why it was refused.
        reason: String,
    },
    /// Strike it out.
    Void {
        /// Why.
        reason: String,
    },
    /// Sign for a supervision order.
    SignOrder {
        /// Which of the incident's, from 0.
        order: u8,
    },
    /// Answer a supervision order.
    AnswerOrder {
        /// Which of the incident's, from 0.
        order: u8,
        /// Why it was late, and what is done about it.
        text: String,
    },
    /// Find the answer to a supervision order good.
    ClearOrder {
        /// Which of the incident's, from 0.
        order: u8,
        /// A word with it.
        #[serde(default)]
        text: Option<String>,
    },
    /// Find the answer to a supervision order wanting.
    RejectOrder {
        /// Which of the incident's, from 0.
        order: u8,
        /// What it lacks.
        reason: String,
    },
    /// Ask to take a red light off the record.
    AskRemoval {
        /// Which, by its supervision order, from 0.
        order: u8,
        /// Why it is not their delay.
        reason: String,
    },
    /// Take a red light off the record.
    GrantRemoval {
        /// Which, by its supervision order, from 0.
        order: u8,
        /// Why it is granted.
        reason: String,
        /// The new deadline, owed where the clock still runs.
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// Leave a red light on the record.
    RefuseRemoval {
        /// Which, by its supervision order, from 0.
        order: u8,
        /// Why.
        reason: String,
    },
}

fn yes() -> bool {
    true
}

impl Command {
    /// The names of all commands, as they stand in a path.
    pub const NAMES: [&'static str; 37] = [
        "self_handle",
        "accept",
        "reject",
        "appeal",
        "merge",
        "correct",
        "assess",
        "dispatch",
        "consent",
        "refuse_consent",
        "return",
        "recall",
        "start",
        "progress",
        "step",
        "escalate",
        "ask_extension",
        "grant_extension",
        "refuse_extension",
        "suspend",
        "resume",
        "feedback",
        "reopen",
        "contact",
        "urge",
        "close",
        "evaluate",
        "transfer_out",
        "take_back",
        "void",
        "sign_order",
        "answer_order",
        "clear_order",
        "reject_order",
        "ask_removal",
        "grant_removal",
        "refuse_removal",
    ];

    /// The move it is, made by this role: the rooms close by call-back.
    pub const fn as_move(&self, role: Role) -> Move {
        match self {
            Self::SelfHandle { .. } => Move::SelfHandle,
            Self::Accept { .. } => Move::Accept,
            Self::Reject { .. } => Move::Reject,
            Self::Appeal { .. } => Move::Appeal,
            Self::Merge { .. } => Move::Merge,
            Self::Correct { .. } => Move::Correct,
            Self::Assess { .. } => Move::Assess,
            Self::Dispatch { .. } => Move::Dispatch,
            Self::Consent {} => Move::Consent,
            Self::RefuseConsent { .. } => Move::RefuseConsent,
            Self::Return { .. } => Move::Return,
            Self::Recall { .. } => Move::Recall,
            Self::Start {} => Move::Start,
            Self::Progress { .. } => Move::Progress,
            Self::Step { .. } => Move::Step,
            Self::Escalate { .. } => Move::Escalate,
            Self::AskExtension { .. } => Move::AskExtension,
            Self::GrantExtension { .. } => Move::GrantExtension,
            Self::RefuseExtension { .. } => Move::RefuseExtension,
            Self::Suspend { .. } => Move::Suspend,
            Self::Resume { .. } => Move::Resume,
            Self::Feedback { .. } => Move::Feedback,
            Self::Reopen { .. } => Move::Reopen,
            Self::Contact { .. } => Move::Contact,
            Self::Urge { .. } => Move::Urge,
            Self::Close { .. } => match role {
                Role::Centre | Role::CommandRoom => Move::CloseByProxy,
                _ => Move::Close,
            },
            Self::Evaluate { .. } => Move::Evaluate,
            Self::TransferOut { .. } => Move::TransferOut,
            Self::TakeBack { .. } => Move::TakeBack,
            Self::Void { .. } => Move::Void,
            Self::SignOrder { .. } => Move::SignOrder,
            Self::AnswerOrder { .. } => Move::AnswerOrder,
            Self::ClearOrder { .. } => Move::ClearOrder,
            Self::RejectOrder { .. } => Move::RejectOrder,
            Self::AskRemoval { .. } => Move::AskRemoval,
            Self::GrantRemoval { .. } => Move::GrantRemoval,
            Self::RefuseRemoval { .. } => Move::RefuseRemoval,
        }
    }

    /// The other incident it names.
    pub const fn other(&self) -> Option<IncidentId> {
        match self {
            Self::Merge { into, .. } => Some(*into),
            _ => None,
        }
    }

    /// The longest free text a command may carry, in characters.
    pub const MAX_TEXT_CHARS: usize = 4_000;
}
