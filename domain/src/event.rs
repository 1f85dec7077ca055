//! The envelope every event travels in: in the log, to other systems and to the browser.

use geodata::region::Code;
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::actor::Actor;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::event::IncidentEvent;
use crate::time::Timestamp;

/// One of the three streams of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// What happens to incidents.
    Incidents,
    /// What happens in 1+1+X sessions.
    Sessions,
    /// What happens to units.
    Deployments,
}

/// One thing that happened, and by whom and when.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// The stream it stands in.
    pub stream: Stream,
    /// What it happened to.
    pub key: IncidentId,
    /// The version of its subject after it, from 1.
    pub version: u64,
    /// When it was recorded, by the server's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Where it belongs; decides who sees it.
    pub region: Code,
    /// The running number the fold gave it (an incident's of the day, a supervision order's of
    /// the year). Empty in the log, set on its way to a browser that holds only a part.
    pub number: Option<u32>,
    /// What happened.
    pub body: Body,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all are of the large kind"
)]
pub enum Body {
    /// To an incident.
    Incident(IncidentEvent),
    /// An incident as its viewer sees it from now on. Never in the log: the server sends it in the
    /// place of an event that changed who sees how much.
    Shared(Box<Incident>),
    /// Its viewer sees it no longer. Never in the log, as above.
    Withdrawn,
    /// Something this version does not know: it counts as a version and changes nothing else.
    Unknown {
        /// The event's name.
        kind: String,
        /// Its data, JSON.
        data: String,
    },
}

impl Body {
    /// Reads the `type` and `data` of a log entry. What is not understood is kept as it is, so
    /// that nodes of two versions can share one log.
    pub fn read(stream: Stream, kind: &str, data: &str) -> Self {
        let known = match stream {
            Stream::Incidents => IncidentEvent::parse(kind, data).ok(),
            Stream::Sessions | Stream::Deployments => None,
        };
        known.map_or_else(
            || Self::Unknown {
                kind: kind.to_owned(),
                data: data.to_owned(),
            },
            Self::Incident,
        )
    }

    /// Reads the `type` and `data` of a frame: what stands in the log, and what only a viewer is
    /// sent.
    fn read_frame(stream: Stream, kind: &str, data: &str) -> Self {
        match (stream, kind) {
            (Stream::Incidents, "withdrawn") => Self::Withdrawn,
            (Stream::Incidents, "shared") => {
                if let Ok(incident) = serde_json::from_str(data) {
                    return Self::Shared(incident);
                }
                Self::read(stream, kind, data)
            }
            _ => Self::read(stream, kind, data),
        }
    }

    /// The event's name.
    pub fn kind(&self) -> &str {
        match self {
            Self::Incident(event) => event.name(),
            Self::Shared(_) => "shared",
            Self::Withdrawn => "withdrawn",
            Self::Unknown { kind, .. } => kind,
        }
    }
}

/// `{}`
#[derive(Serialize)]
struct Nothing {}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Event", 9)?;
        out.serialize_field("stream", &self.stream)?;
        out.serialize_field("key", &self.key)?;
        out.serialize_field("version", &self.version)?;
        out.serialize_field("at", &self.at)?;
        out.serialize_field("actor", &self.actor)?;
        out.serialize_field("region", &self.region)?;
        if let Some(number) = self.number {
            out.serialize_field("number", &number)?;
        }
        out.serialize_field("type", self.body.kind())?;
        match &self.body {
            Body::Incident(event) => out.serialize_field("data", event)?,
            Body::Shared(incident) => out.serialize_field("data", incident)?,
            Body::Withdrawn => out.serialize_field("data", &Nothing {})?,
            Body::Unknown { data, .. } => {
                let raw: &RawValue = serde_json::from_str(data).unwrap_or(RawValue::NULL);
                out.serialize_field("data", raw)?;
            }
        }
        out.end()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            stream: Stream,
            key: IncidentId,
            version: u64,
            at: Timestamp,
            actor: Actor,
            region: Code,
            #[serde(default)]
            number: Option<u32>,
            #[serde(rename = "type")]
            kind: String,
            data: Box<RawValue>,
        }
        let wire = Wire::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Self {
            body: Body::read_frame(wire.stream, &wire.kind, wire.data.get()),
            stream: wire.stream,
            key: wire.key,
            version: wire.version,
            at: wire.at,
            actor: wire.actor,
            region: wire.region,
            number: wire.number,
        })
    }
}
