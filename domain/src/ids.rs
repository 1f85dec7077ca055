//! Identifiers. They are arguments to this crate, never drawn from chance here: an incident's
//! id is derived from where it came from, so the same report always lands on the same stream.

use std::fmt;
use std::str::FromStr;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Name space of ids derived from a report's origin (a random UUID, fixed once).
const ORIGIN: Uuid = Uuid::from_u128(0x6f1d_2c0e_9b7a_4e0f_8c55_3d21_7a90_be14);

/// Identifies one incident, and its stream of events in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(Uuid);

impl IncidentId {
    /// The id of the report that `source` knows as `external_id`, in one county.
    ///
    /// Deriving it makes intake idempotent without an index: a second report of the same origin
    /// meets the first one's stream at version > 0, on whichever node it arrives.
    pub fn of_origin(county: Code, source: &str, external_id: &str) -> Self {
        let mut name = String::with_capacity(source.len() + external_id.len() + 8);
        name.push_str(&county.to_string());
        name.push('\n');
        name.push_str(source);
        name.push('\n');
        name.push_str(external_id);
        Self(Uuid::new_v5(&ORIGIN, name.as_bytes()))
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for IncidentId {
    type Err = uuid::Error;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(s).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_has_one_id_and_no_two_origins_share_it() {
        let county: Code = "330899".parse().expect("code");
        let a = IncidentId::of_origin(county, "grid", "1");
        assert_eq!(a, IncidentId::of_origin(county, "grid", "1"));
        assert_ne!(a, IncidentId::of_origin(county, "grid1", ""));
        assert_ne!(a, IncidentId::of_origin(county, "gri", "d\n1"));
        assert_eq!(a, a.to_string().parse().expect("round trip"));
    }
}
