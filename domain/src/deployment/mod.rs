//! Units: what each does and where it is. A unit in a session does what its seat does, so that one
//! event moves person, unit and session, and they cannot disagree. What a unit does besides stands
//! in events of its own. Positions are no events: `position` keeps them, `movement` says what of
//! them matters.

pub mod movement;
pub mod position;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::access::{Deed, may_do};
use crate::actor::{Actor, Role};
use crate::event::{Body, Event, Stream};
use crate::ids::{SessionId, key_of_unit};
use crate::incident::event::EventError;
use crate::pack::orgs::OrgId;
use crate::pack::units::{Unit, UnitId};
use crate::refusal::{Class, Refusal};
use crate::session::command::Command;
use crate::session::decide::Context;
use crate::session::{Seat, Session, Step};
use crate::time::Timestamp;
use crate::world::World;

/// What a unit does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ready.
    #[default]
    Standby,
    /// Ordered, not moving yet.
    Assigned,
    /// On its way.
    Moving,
    /// At the scene.
    OnScene,
    /// At work.
    Working,
    /// On its way back; can be ordered.
    Returning,
    /// Off duty.
    Off,
}

/// What a unit last said of itself, outside any session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Own {
    /// Which.
    pub unit: UnitId,
    /// Whose.
    pub org: OrgId,
    /// Where it belongs.
    pub region: geodata::region::Code,
    /// What it does.
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
    /// The version of its last event.
    pub version: u64,
}

/// A unit said what it does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatusSet {
    /// Which.
    pub unit: UnitId,
    /// Whose.
    pub org: OrgId,
    /// What it does.
    pub status: Status,
}

/// Something that happened to a unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum UnitEvent {
    /// It says what it does.
    StatusSet(StatusSet),
}

impl UnitEvent {
    /// The event's name, the `type` of a log entry.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::StatusSet(_) => "status_set",
        }
    }

    /// Reads an event from the `type` and `data` of a log entry.
    ///
    /// # Errors
    /// The name is not known, or the data is not of its shape.
    pub fn parse(name: &str, data: &str) -> Result<Self, EventError> {
        if name != "status_set" {
            return Err(EventError::Unknown(name.to_owned()));
        }
        let data = serde_json::from_str(data);
        data.map(Self::StatusSet)
            .map_err(|source| EventError::Data {
                name: name.to_owned(),
                source,
            })
    }
}

/// How a unit stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// What it does.
    pub status: Status,
    /// Since when; none where nobody ever said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// For which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// How a unit stands, by the session it was ordered to last and by its own word, whichever is
/// newer.
pub fn standing(world: &World, unit: &UnitId) -> Standing {
    let own = world.unit(unit);
    let seats = world.sessions().flat_map(|session| {
        let mine = session
            .seats
            .iter()
            .filter(|seat| seat.units.contains(unit));
        mine.filter_map(move |seat| Some((seat.at(Step::Sent)?, session, seat)))
    });
    let newest = seats.max_by_key(|(sent, session, _)| (*sent, session.id));
    stands(own, newest)
}

/// What each of these units does, in their order: as [`standing`], in one walk through the
/// sessions however many units there are.
pub fn statuses(world: &World, units: &[UnitId]) -> Vec<(UnitId, Status)> {
    let mut newest: FxHashMap<&UnitId, Ordered<'_>> = FxHashMap::default();
    for session in world.sessions() {
        for seat in &session.seats {
            let Some(sent) = seat.at(Step::Sent) else {
                continue;
            };
            for unit in &seat.units {
                let held = newest.entry(unit).or_insert((sent, session, seat));
                if (held.0, held.1.id) < (sent, session.id) {
                    *held = (sent, session, seat);
                }
            }
        }
    }
    let of = |unit: &UnitId| stands(world.unit(unit), newest.get(unit).copied()).status;
    units.iter().map(|unit| (unit.clone(), of(unit))).collect()
}

/// When a unit was ordered, to which session, in which seat.
type Ordered<'a> = (Timestamp, &'a Session, &'a Seat);

fn stands(own: Option<&Own>, newest: Option<Ordered<'_>>) -> Standing {
    let own_since = own.map(|own| own.since);
    if let Some((sent, session, seat)) = newest {
        let (status, since) = in_seat(session, seat, sent);
        // What it said after its task was over counts; while it lasts, the task does.
        let over = status == Status::Returning;
        if !over || own_since.is_none_or(|own| own <= since) {
            return Standing {
                status,
                since: Some(since),
                session: Some(session.id).filter(|_| !over),
            };
        }
    }
    Standing {
        status: own.map_or(Status::Standby, |own| own.status),
        since: own_since,
        session: None,
    }
}

fn in_seat(session: &Session, seat: &Seat, sent: Timestamp) -> (Status, Timestamp) {
    if let Some(ended) = session.ended_at {
        let over = seat.at(Step::Done).or(seat.at(Step::Released));
        return (Status::Returning, over.unwrap_or(ended));
    }
    let step = seat.step().unwrap_or(Step::Sent);
    let since = seat.at(step).unwrap_or(sent);
    let status = match step {
        Step::Sent | Step::Delivered | Step::Read | Step::Acknowledged => Status::Assigned,
        Step::Moving => Status::Moving,
        Step::Arrived => Status::OnScene,
        Step::Working => Status::Working,
        Step::Done | Step::Released => Status::Returning,
    };
    (status, since)
}

/// What a wish to set a unit's status comes to.
#[derive(Debug)]
pub enum Wish {
    /// An event of its own.
    Event(Box<Event>),
    /// Its session moves, and it with it.
    Session(SessionId, Command),
}

/// Decides what a unit says of itself.
///
/// # Errors
/// Why it may not be, and what to do.
pub fn set_status(
    unit: &Unit,
    status: Status,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Wish, Refusal> {
    may_set(unit, actor, ctx)?;
    let stands = standing(ctx.world, &unit.id);
    if let Some(session) = stands.session {
        let command = match status {
            Status::Moving => Command::Move { occurred_at: None },
            Status::OnScene => Command::Arrive { occurred_at: None },
            Status::Working => Command::Work { occurred_at: None },
            Status::Assigned => Command::Acknowledge { occurred_at: None },
            Status::Standby | Status::Returning | Status::Off => return Err(in_session()),
        };
        return Ok(Wish::Session(session, command));
    }
    if !matches!(status, Status::Standby | Status::Returning | Status::Off) {
        return Err(Refusal::field(
            "/status",
            "no_session",
            "该力量未被调派，只能报待命、返回或离岗",
            "It is ordered nowhere; it can say standby, returning or off",
        ));
    }
    let region = ctx
        .county
        .orgs
        .get(&unit.org)
        .map_or(ctx.county.code, |org| org.region);
    Ok(Wish::Event(Box::new(Event {
        stream: Stream::Deployments,
        key: key_of_unit(ctx.county.code, unit.id.as_str()),
        version: ctx.world.unit(&unit.id).map_or(0, |own| own.version) + 1,
        at: ctx.now,
        actor: actor.clone(),
        region,
        number: None,
        body: Body::Unit(UnitEvent::StatusSet(StatusSet {
            unit: unit.id.clone(),
            org: unit.org.clone(),
            status,
        })),
    })))
}

fn in_session() -> Refusal {
    Refusal::new(
        Class::Refused,
        "in_session",
        "该力量正在执行指挥任务，请先销号或由指挥长撤出",
        "It is in a session; sign off, or have the commander let it go first",
    )
}

/// Its own organisation may, and the rooms above it.
fn may_set(unit: &Unit, actor: &Actor, ctx: Context<'_>) -> Result<(), Refusal> {
    let region = ctx.county.orgs.get(&unit.org).map(|org| org.region);
    let own = actor.org.as_ref() == Some(&unit.org);
    let room = matches!(actor.role, Role::Centre | Role::CommandRoom)
        && region.is_some_and(|region| actor.covers(region));
    if room {
        return Ok(());
    }
    may_do(actor, Deed::PostPositions)?;
    if own {
        return Ok(());
    }
    Err(Refusal::new(
        Class::Forbidden,
        "not_your_unit",
        "只能由该力量所属单位或上级指挥室设置",
        "Its own organisation or a room above it must do this",
    ))
}
