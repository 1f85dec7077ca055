//! What a desk sends to a wall: a session, an incident or a part of the map, for a time. It stands
//! in the log, so that a wall that comes back shows it too; afterwards, or when told, the wall is
//! in rotation again. Pairing a wall is `account`'s.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::access::{Deed, Viewer, may_do};
use crate::actor::{Actor, Clearance};
use crate::event::{Body, Event, Stream};
use crate::ids::{IncidentId, SessionId};
use crate::incident::By;
use crate::pack::County;
use crate::refusal::{Class, Refusal};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// How long a wall shows what it was sent, in minutes, where nothing else is said.
pub const USUAL_MINS: u32 = 10;
/// The longest, in minutes.
pub const LONGEST_MINS: u32 = 240;

/// Millionths of a degree in one.
const MICRO: f64 = 1e6;

/// What a wall shows. As text `session:ID`, `incident:ID` or `view:W,S,E,N`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Show {
    /// A session: large, with its site on the map.
    Session(SessionId),
    /// An incident: its facts, and its place on the map.
    Incident(IncidentId),
    /// A part of the map: west, south, east, north in millionths of a degree of WGS-84.
    View([i32; 4]),
}

impl From<Show> for String {
    fn from(show: Show) -> Self {
        match show {
            Show::Session(id) => format!("session:{id}"),
            Show::Incident(id) => format!("incident:{id}"),
            Show::View([west, south, east, north]) => format!("view:{west},{south},{east},{north}"),
        }
    }
}

/// A text that names nothing a wall shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a wall shows session:ID, incident:ID or view:W,S,E,N")]
pub struct ShowError;

impl TryFrom<String> for Show {
    type Error = ShowError;

    fn try_from(text: String) -> Result<Self, ShowError> {
        let (what, rest) = text.split_once(':').ok_or(ShowError)?;
        match what {
            "session" => rest.parse().map(Self::Session).map_err(|_| ShowError),
            "incident" => rest.parse().map(Self::Incident).map_err(|_| ShowError),
            "view" => {
                let mut edges = rest.split(',').map(|edge| edge.parse().ok());
                let mut next = || edges.next().flatten().ok_or(ShowError);
                Ok(Self::View([next()?, next()?, next()?, next()?]))
            }
            _ => Err(ShowError),
        }
    }
}

/// What somebody wants a wall to show, as other systems say it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// A session.
    Session {
        /// Which.
        id: SessionId,
    },
    /// An incident.
    Incident {
        /// Which.
        id: IncidentId,
    },
    /// A part of the map, in degrees of WGS-84.
    View {
        /// Its western edge.
        west: f64,
        /// Its southern edge.
        south: f64,
        /// Its eastern edge.
        east: f64,
        /// Its northern edge.
        north: f64,
    },
}

impl From<&Asked> for Show {
    fn from(asked: &Asked) -> Self {
        // Far outside the globe is refused later; here it only must not wrap.
        let micro = |degrees: f64| (degrees * MICRO).round() as i32;
        match asked {
            Asked::Session { id } => Self::Session(*id),
            Asked::Incident { id } => Self::Incident(*id),
            Asked::View {
                west,
                south,
                east,
                north,
            } => Self::View([*west, *south, *east, *north].map(micro)),
        }
    }
}

impl From<&Show> for Asked {
    fn from(show: &Show) -> Self {
        match show {
            Show::Session(id) => Self::Session { id: *id },
            Show::Incident(id) => Self::Incident { id: *id },
            Show::View(edges) => {
                let [west, south, east, north] = edges.map(|edge| f64::from(edge) / MICRO);
                Self::View {
                    west,
                    south,
                    east,
                    north,
                }
            }
        }
    }
}

/// The event: a wall was sent something, or back to rotation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WallSteered {
    /// Which wall, by id.
    pub wall: String,
    /// What it shows; none for rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Show>,
    /// Until when; none for rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How a wall is steered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Steering {
    /// Which wall, by id.
    pub wall: String,
    /// The region it shows.
    pub region: Code,
    /// What it was sent; none for rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Show>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Since when.
    pub since: Timestamp,
    /// Who sent it.
    pub by: By,
    /// How often it was steered.
    pub version: u64,
}

impl Steering {
    /// How the event steers its wall; none of another event.
    pub fn of(event: &Event) -> Option<Self> {
        let Body::Wall(data) = &event.body else {
            return None;
        };
        let WallSteered { wall, show, until } = serde_json::from_str(data).ok()?;
        Some(Self {
            wall,
            region: event.region,
            show,
            until,
            since: event.at,
            by: By::of(&event.actor),
            version: event.version,
        })
    }

    /// What it shows at `now`; none while it is in rotation.
    pub fn shown(&self, now: Timestamp) -> Option<&Show> {
        let lasts = self.until.is_some_and(|until| now < until);
        self.show.as_ref().filter(|_| lasts)
    }
}

/// How a wall of a county is steered, if it ever was.
pub fn steering(world: &World, county: Code, wall: &str) -> Option<Steering> {
    let key = SessionId::of_wall(county, wall).key();
    world.steered(key).and_then(Steering::of)
}

/// What somebody wants a wall to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Which wall, by id.
    pub wall: String,
    /// The region it shows.
    pub scope: Code,
    /// What; none for rotation.
    pub show: Option<Show>,
    /// For how many minutes.
    pub minutes: u32,
}

/// Decides what a wall shows from now on.
///
/// # Errors
/// Who may, and what a wall of that region can't show.
pub fn steer(
    wish: &Wish,
    actor: &Actor,
    world: &World,
    county: &County,
    now: Timestamp,
) -> Result<Event, Refusal> {
    may_do(actor, Deed::SteerWall)?;
    if !actor.covers(wish.scope) {
        return Err(Refusal::new(
            Class::Forbidden,
            "outside_scope",
            "这块大屏不在本辖区内",
            "This wall shows a region outside yours",
        ));
    }
    if !(1..=LONGEST_MINS).contains(&wish.minutes) {
        return Err(Refusal::field(
            "/minutes",
            "out_of_range",
            format!("请填 1 到 {LONGEST_MINS} 分钟"),
            format!("Give 1 to {LONGEST_MINS} minutes"),
        ));
    }
    if let Some(show) = &wish.show {
        can_show(show, wish.scope, world)?;
    }
    let lasts = Span::mins(i64::from(wish.minutes));
    let data = WallSteered {
        wall: wish.wall.clone(),
        until: wish.show.as_ref().map(|_| now + lasts),
        show: wish.show.clone(),
    };
    Ok(Event {
        stream: Stream::Sessions,
        key: SessionId::of_wall(county.code, &wish.wall).key(),
        version: steering(world, county.code, &wish.wall).map_or(0, |one| one.version) + 1,
        at: now,
        actor: actor.clone(),
        region: wish.scope,
        number: None,
        body: Body::Wall(serde_json::to_string(&data).unwrap_or_default()),
    })
}

/// Whether a wall of a region may know of what it is to show.
fn can_show(show: &Show, scope: Code, world: &World) -> Result<(), Refusal> {
    let wall = Viewer::of_region(scope, Clearance::Wall);
    let is_seen = match show {
        Show::Session(id) => world
            .session(*id)
            .is_some_and(|one| wall.sight(&one.reach()).is_some()),
        Show::Incident(id) => world
            .incident(*id)
            .is_some_and(|one| wall.sight_of(one).is_some()),
        Show::View(edges) => return is_view(*edges),
    };
    if is_seen {
        return Ok(());
    }
    Err(Refusal::field(
        "/show",
        "not_on_this_wall",
        "这块大屏的范围内没有此项内容",
        "This wall's region does not hold it",
    ))
}

fn is_view([west, south, east, north]: [i32; 4]) -> Result<(), Refusal> {
    const ROUND: i32 = 180_000_000;
    const UP: i32 = 90_000_000;
    let is_degrees = west >= -ROUND && east <= ROUND && south >= -UP && north <= UP;
    if is_degrees && west < east && south < north {
        return Ok(());
    }
    Err(Refusal::field(
        "/show",
        "not_a_view",
        "地图范围应为经纬度，西小于东、南小于北",
        "A part of the map is in degrees, west before east and south before north",
    ))
}
