//! The envelope every event travels in: in the log, to other systems and to the browser.

use geodata::region::Code;
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::actor::Actor;
use crate::deployment::UnitEvent;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::event::IncidentEvent;
use crate::mode::ModeSwitched;
use crate::session::Session;
use crate::session::event::SessionEvent;
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

/// The name of the event of [`crate::mode`].
const MODE_SWITCHED: &str = "mode_switched";
/// The name of the event of [`crate::alarm`].
const ALARM_ACKNOWLEDGED: &str = "alarm_acknowledged";
/// The name of the event of [`crate::wall`].
const WALL_STEERED: &str = "wall_steered";

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
    /// To a session.
    Session(Box<SessionEvent>),
    /// To a unit.
    Unit(UnitEvent),
    /// The county went to war mode, or back.
    Mode(ModeSwitched),
    /// Somebody took note of what sounds.
    /// Its data, JSON: read by those screens alone that sound, see [`crate::alarm`].
    Alarm(String),
    /// A wall was sent something, or back to rotation.
    /// Its data, JSON: read by walls and by who steers them, see [`crate::wall`].
    Wall(String),
    /// An incident as its viewer sees it from now on. Never in the log: the server sends it in the
    /// place of an event that changed who sees how much.
    Shared(Box<Incident>),
    /// The same of a session.
    SharedSession(Box<Session>),
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
            Stream::Incidents => IncidentEvent::parse(kind, data).ok().map(Self::Incident),
            Stream::Sessions if kind == MODE_SWITCHED => {
                serde_json::from_str(data).ok().map(Self::Mode)
            }
            Stream::Sessions if kind == ALARM_ACKNOWLEDGED => Some(Self::Alarm(data.to_owned())),
            Stream::Sessions if kind == WALL_STEERED => Some(Self::Wall(data.to_owned())),
            Stream::Sessions => {
                let event = SessionEvent::parse(kind, data).ok();
                event.map(|event| Self::Session(Box::new(event)))
            }
            Stream::Deployments => UnitEvent::parse(kind, data).ok().map(Self::Unit),
        };
        known.unwrap_or_else(|| Self::Unknown {
            kind: kind.to_owned(),
            data: data.to_owned(),
        })
    }

    /// Reads the `type` and `data` of a frame: what stands in the log, and what only a viewer is
    /// sent.
    fn read_frame(stream: Stream, kind: &str, data: &str) -> Self {
        match (stream, kind) {
            (_, "withdrawn") => Self::Withdrawn,
            (Stream::Incidents, "shared") => {
                if let Ok(incident) = serde_json::from_str(data) {
                    return Self::Shared(incident);
                }
                Self::read(stream, kind, data)
            }
            (Stream::Sessions, "shared") => serde_json::from_str(data)
                .map_or_else(|_| Self::read(stream, kind, data), Self::SharedSession),
            _ => Self::read(stream, kind, data),
        }
    }

    /// The event's name.
    pub fn kind(&self) -> &str {
        match self {
            Self::Incident(event) => event.name(),
            Self::Session(event) => event.name(),
            Self::Unit(event) => event.name(),
            Self::Mode(_) => MODE_SWITCHED,
            Self::Alarm(_) => ALARM_ACKNOWLEDGED,
            Self::Wall(_) => WALL_STEERED,
            Self::Shared(_) | Self::SharedSession(_) => "shared",
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
            Body::Session(event) => out.serialize_field("data", event)?,
            Body::Unit(event) => out.serialize_field("data", event)?,
            Body::Mode(data) => out.serialize_field("data", data)?,
            Body::Shared(incident) => out.serialize_field("data", incident)?,
            Body::SharedSession(session) => out.serialize_field("data", session)?,
            Body::Withdrawn => out.serialize_field("data", &Nothing {})?,
            Body::Alarm(data) | Body::Wall(data) | Body::Unknown { data, .. } => {
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
