//! What happens while an incident finds its way to whoever handles it, and while they do.

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::super::clock::Clock;
use crate::ids::IncidentId;
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// See [`super::IncidentEvent::SelfHandled`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SelfHandled {
    /// What it was.
    pub category: CategoryCode,
    /// Whether that concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// What was done.
    pub note: String,
    /// Photos from before, by content hash.
    pub before: Vec<String>,
    /// Photos from after, by content hash.
    pub after: Vec<String>,
    /// The grid team that settled it, who holds it from here on.
    pub by: OrgId,
    /// The *finish* clock, until the result is told.
    pub finish: Clock,
}

/// See [`super::IncidentEvent::Rejected`], [`super::IncidentEvent::Appealed`] and others that say
/// nothing but why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Why.
    pub reason: String,
}

/// See [`super::IncidentEvent::Appealed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appealed {
    /// Why it is to be taken on after all.
    pub reason: String,
    /// The *accept* clock, anew.
    pub accept: Clock,
}

/// See [`super::IncidentEvent::Merged`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Merged {
    /// The incident it follows from here on.
    pub into: IncidentId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// See [`super::IncidentEvent::Joined`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joined {
    /// The incident that follows this one.
    pub child: IncidentId,
    /// Where that lies, if outside this one's own region and those above it: it is shared there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Code>,
}

/// See [`super::IncidentEvent::Followed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Followed {
    /// How the incident it follows ended.
    pub state: super::super::State,
    /// What came of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// See [`super::IncidentEvent::Corrected`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Corrected {
    /// What it was taken for.
    pub from: CategoryCode,
    /// What it is.
    pub category: CategoryCode,
    /// Whether that concerns a person in trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Why.
    pub reason: String,
    /// The room that holds it until it is dispatched again.
    pub holder: OrgId,
}

/// See [`super::IncidentEvent::ConsentAsked`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConsentAsked {
    /// The command room that is asked.
    pub of: OrgId,
    /// The unit that is to handle it.
    pub to: OrgId,
    /// Why the county sends it there.
    pub reason: String,
}

/// See [`super::IncidentEvent::Returned`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Returned {
    /// Why it is not theirs.
    pub reason: String,
    /// The unit that sends it back.
    pub by: OrgId,
    /// The room that decides now: the county centre from the second time on.
    pub holder: OrgId,
}

/// See [`super::IncidentEvent::Recalled`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recalled {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The room that decides now.
    pub holder: OrgId,
}

/// See [`super::IncidentEvent::Escalated`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Escalated {
    /// Why the tier below can't.
    pub reason: String,
    /// The organisation a tier up.
    pub to: OrgId,
    /// Its level from here on.
    pub severity: Severity,
    /// Whether it goes to the leaders as a special report (专报).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub special_report: bool,
}

/// One step of a playbook (一件事), as ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What is to be done.
    pub text: String,
    /// Whose it is.
    pub org: OrgId,
    /// By when.
    pub due: Timestamp,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
}

/// See [`super::IncidentEvent::Stepped`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stepped {
    /// Which step of its playbook, from 0.
    pub step: u8,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A playbook's part in a dispatch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The playbook's name.
    pub name: String,
    /// Its steps.
    pub steps: SmallVec<[Step; 1]>,
}
