//! What travels about the shifts of rooms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::shift::{HandOver, Matter, Offer};
use crate::ids::IncidentId;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// A person by id and name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name; the id where the person is no longer known.
    pub name: String,
}

/// A room and who answers for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomView {
    /// The room's organisation.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// Who answers for it; nobody if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Named>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What was laid before the next shift and waits for a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// A room with what is owed and what was signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomDetail {
    /// The room.
    #[serde(flatten)]
    pub room: RoomView,
    /// What is owed now: red lamps, unanswered orders, promises, what waits.
    pub matters: Vec<Matter>,
    /// How many more.
    pub left_out: u32,
    /// The county's time: what lateness is counted by.
    #[serde(default)]
    pub now: Timestamp,
    /// What those of `matters` and of the offer are about, as far as the caller is shown it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<IncidentId, String>,
    /// Hand-overs that both have signed, the newest first.
    pub past: Vec<HandOver>,
    /// Who works there now and may come, and whoever `past` and the offer name.
    #[serde(default)]
    pub people: Vec<Named>,
    /// How many of `people`, from the first, work there now.
    #[serde(default)]
    pub staff: usize,
}

/// `offer`: what whoever goes has to say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShiftOffer {
    /// Who is to come.
    pub to: Option<String>,
    /// What else there is to know, 1 to 2,000 characters.
    pub note: Option<String>,
}

/// `take`: what whoever comes has to say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShiftTaking {
    /// A remark, 1 to 2,000 characters; the reason, when nobody has signed.
    pub remark: Option<String>,
}
