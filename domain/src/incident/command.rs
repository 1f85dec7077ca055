//! What may be asked of an incident.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use super::event::{Place, Reporter};
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
    /// Take it on, under a category.
    Accept {
        /// The category; the reported one if left out.
        #[serde(default)]
        category: Option<CategoryCode>,
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
    },
    /// Sign for it and begin.
    Start {},
    /// Tell what has been done so far.
    Progress {
        /// What.
        note: String,
    },
    /// Tell the result.
    Feedback {
        /// What came of it.
        result: String,
        /// Proof, by content hash.
        #[serde(default)]
        evidence: Vec<String>,
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
}

fn yes() -> bool {
    true
}

impl Command {
    /// The names of all commands, as they stand in a path.
    pub const NAMES: [&'static str; 7] = [
        "accept", "assess", "dispatch", "start", "progress", "feedback", "close",
    ];

    /// The move it is, made by this role: the rooms close by call-back.
    pub const fn as_move(&self, role: Role) -> Move {
        match self {
            Self::Accept { .. } => Move::Accept,
            Self::Assess { .. } => Move::Assess,
            Self::Dispatch { .. } => Move::Dispatch,
            Self::Start {} => Move::Start,
            Self::Progress { .. } => Move::Progress,
            Self::Feedback { .. } => Move::Feedback,
            Self::Close { .. } => match role {
                Role::Centre | Role::CommandRoom => Move::CloseByProxy,
                _ => Move::Close,
            },
        }
    }

    /// The longest free text a command may carry, in characters.
    pub const MAX_TEXT_CHARS: usize = 4_000;
}
