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

    /// Its 16 bytes, in the order in which ids compare.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
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

/// Identifies one 1+1+X session, and its stream of events in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(Uuid);

impl SessionId {
    /// The id of the session that one wish opens: whoever sends that wish again, with the same
    /// key, meets the same session.
    pub fn of_wish(county: Code, who: &str, key: &str) -> Self {
        Self::named(&format!("{county}\nsession\n{who}\n{key}"))
    }

    /// The subject of the county's peace and war switch, which stands in the same stream.
    pub fn of_mode(county: Code) -> Self {
        Self::named(&format!("{county}\nmode"))
    }

    /// The subject of what was acknowledged of the county's alarms.
    pub fn of_alarms(county: Code) -> Self {
        Self::named(&format!("{county}\nalarms"))
    }

    /// The subject of what one wall is sent.
    pub fn of_wall(county: Code, wall: &str) -> Self {
        Self::named(&format!("{county}\nwall\n{wall}"))
    }

    fn named(name: &str) -> Self {
        Self(Uuid::new_v5(&ORIGIN, name.as_bytes()))
    }

    /// The session that an envelope in the stream of sessions is about.
    pub const fn of_key(key: IncidentId) -> Self {
        Self(key.0)
    }

    /// How it stands in an envelope, whose key is of one form in all three streams.
    pub const fn key(self) -> IncidentId {
        IncidentId(self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(s).map(Self)
    }
}

/// How the events of a unit are keyed in the log: units have names, envelopes have ids.
pub fn key_of_unit(county: Code, unit: &str) -> IncidentId {
    SessionId::named(&format!("{county}\nunit\n{unit}")).key()
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
