//! What `POST /reports` takes and answers.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::lamp::Lamp;
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::time::Timestamp;

/// A region in an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegionRef {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
}

/// The answer to an accepted report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The incident's id.
    pub id: IncidentId,
    /// Its number, for people: the day it came in and its place in that day. Left out where it is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Where it lies.
    pub region: RegionRef,
    /// What it is, if known.
    pub category: Option<CategoryCode>,
    /// Ⅰ … Ⅳ, once assessed.
    pub level: Option<String>,
    /// Its lamp now.
    pub lamp: Lamp,
    /// By when it must be accepted.
    pub accept_by: Option<Timestamp>,
    /// By when it must be finished, once assessed.
    pub deadline: Option<Timestamp>,
    /// An open incident it seems to repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<IncidentId>,
}

impl Receipt {
    /// The receipt of an incident, as it stands at `now`.
    pub fn of(incident: &Incident, region_name: &str, now: Timestamp) -> Self {
        Self {
            id: incident.id,
            number: (incident.number > 0).then(|| incident.label()),
            region: RegionRef {
                code: incident.region,
                name: region_name.to_owned(),
            },
            category: incident.category,
            level: incident.severity.map(|s| s.roman().to_owned()),
            lamp: incident.lamp(now),
            accept_by: incident.clock(ClockKind::Accept).map(|clock| clock.due),
            deadline: incident.deadline(),
            duplicate_of: incident.duplicate_of,
        }
    }
}

/// The severity behind `Ⅰ`, `I`, `1` … , or a number 1 (Ⅰ) … 4 (Ⅳ).
pub fn parse_level(value: &serde_json::Value) -> Option<Severity> {
    let text = match value {
        serde_json::Value::String(text) => text.trim().to_owned(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    match text.as_str() {
        "Ⅰ" | "I" | "1" => Some(Severity::I),
        "Ⅱ" | "II" | "2" => Some(Severity::II),
        "Ⅲ" | "III" | "3" => Some(Severity::III),
        "Ⅳ" | "IV" | "4" => Some(Severity::IV),
        _ => None,
    }
}
