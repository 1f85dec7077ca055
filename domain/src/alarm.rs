//! What a room must hear: a red lamp, a session that opened, a unit that is late. It sounds until
//! somebody acknowledges it at a desk, or an hour is over; what sounds is derived from the World,
//! only the acknowledgement is an event. How it sounds is the screen's.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::access::{Deed, Reach, may_do};
use crate::actor::Actor;
use crate::event::{Body, Event, Stream};
use crate::ids::{IncidentId, SessionId};
use crate::incident::By;
use crate::pack::County;
use crate::pack::orgs::OrgId;
use crate::projection::board::{self, Board};
use crate::refusal::{Class, Refusal};
use crate::session::SeatClock;
use crate::time::{Span, Timestamp};
use crate::world::World;

/// What is older is recorded and listed, and no longer announced: after an outage, too.
pub const ANNOUNCED: Span = Span::hours(1);
/// Most alarms in one acknowledgement.
pub const MAX_AT_ONCE: usize = 200;

/// One thing that sounds. As text a key: `red:INCIDENT:MS`, `opened:SESSION`,
/// `muster:SESSION:ORG`, `respond:SESSION:ORG`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Alarm {
    /// A lamp turned red.
    Red {
        /// Of which incident.
        incident: IncidentId,
        /// When what it missed was due.
        due: Timestamp,
    },
    /// A session was ordered.
    Opened {
        /// Which.
        session: SessionId,
    },
    /// A unit is late in a session.
    Late {
        /// Which session.
        session: SessionId,
        /// Whose unit.
        org: OrgId,
        /// For what.
        clock: SeatClock,
    },
}

impl From<Alarm> for String {
    fn from(alarm: Alarm) -> Self {
        match alarm {
            Alarm::Red { incident, due } => format!("red:{incident}:{}", due.millis()),
            Alarm::Opened { session } => format!("opened:{session}"),
            Alarm::Late {
                session,
                org,
                clock: SeatClock::Muster,
            } => format!("muster:{session}:{org}"),
            Alarm::Late {
                session,
                org,
                clock: SeatClock::Respond,
            } => format!("respond:{session}:{org}"),
        }
    }
}

/// A text that names no alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an alarm is red:INCIDENT:MS, opened:SESSION, muster:SESSION:ORG or respond:SESSION:ORG")]
pub struct AlarmError;

impl TryFrom<String> for Alarm {
    type Error = AlarmError;

    fn try_from(text: String) -> Result<Self, AlarmError> {
        let (what, rest) = text.split_once(':').ok_or(AlarmError)?;
        let (id, last) = rest.split_once(':').unwrap_or((rest, ""));
        if what == "red" {
            let incident = id.parse().map_err(|_| AlarmError)?;
            let due = last.parse().map_err(|_| AlarmError)?;
            let due = Timestamp::from_millis(due);
            return Ok(Self::Red { incident, due });
        }
        let session = id.parse().map_err(|_| AlarmError)?;
        let clock = match what {
            "opened" if last.is_empty() => return Ok(Self::Opened { session }),
            "muster" => SeatClock::Muster,
            "respond" => SeatClock::Respond,
            _ => return Err(AlarmError),
        };
        let org = last.parse().map_err(|_| AlarmError)?;
        Ok(Self::Late {
            session,
            org,
            clock,
        })
    }
}

/// An alarm with where it belongs and who took note of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sounding {
    /// What.
    pub alarm: Alarm,
    /// Where.
    pub region: Code,
    /// Since when.
    pub since: Timestamp,
    /// Who acknowledged it; none while it still sounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
}

/// Somebody took note of an alarm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Of which.
    pub alarm: Alarm,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
}

/// The event: see [`Acknowledged`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AlarmAcknowledged {
    /// Of which alarm.
    pub alarm: Alarm,
}

/// What the data of the event says.
pub fn read(data: &str) -> Option<Alarm> {
    let read: Option<AlarmAcknowledged> = serde_json::from_str(data).ok();
    read.map(|read| read.alarm)
}

/// Every acknowledgement the World holds, oldest first.
pub fn acknowledged(world: &World) -> impl Iterator<Item = Acknowledged> {
    world.noted().iter().filter_map(|event| {
        let Body::Alarm(data) = &event.body else {
            return None;
        };
        Some(Acknowledged {
            alarm: read(data)?,
            at: event.at,
            by: By::of(&event.actor),
        })
    })
}

/// Everything that sounds at `now` or was acknowledged while it did, the newest first.
pub fn sounding(world: &World, now: Timestamp) -> Vec<Sounding> {
    sounding_with(world, &board::board(world, now), now)
}

/// As [`sounding`], for who has the board at hand.
pub fn sounding_with(world: &World, board: &Board, now: Timestamp) -> Vec<Sounding> {
    let lamps = board.red.iter().map(|row| {
        let (incident, due) = (row.id, row.due);
        (Alarm::Red { incident, due }, row.region, due)
    });
    let sessions = world.sessions().filter(|one| one.stage.is_open());
    let sessions = sessions.flat_map(|one| {
        let (session, region) = (one.id, one.region);
        let opened = one
            .ordered_at
            .map(|at| (Alarm::Opened { session }, region, at));
        let seats = one.seats.iter().filter(|seat| !seat.is_released());
        let late = seats.flat_map(move |seat| {
            seat.missed.iter().map(move |missed| {
                let (org, clock) = (seat.org.clone(), missed.clock);
                let late = Alarm::Late {
                    session,
                    org,
                    clock,
                };
                (late, region, missed.fired_at)
            })
        });
        opened.into_iter().chain(late)
    });
    let noted: Vec<Acknowledged> = acknowledged(world).collect();
    let of = |alarm: &Alarm| noted.iter().find(|one| one.alarm == *alarm).cloned();
    let is_recent = |since: &Timestamp| -> bool { ANNOUNCED > now.since(*since) };
    let mut all: Vec<Sounding> = lamps
        .chain(sessions)
        .filter(|(_, _, since)| is_recent(since))
        .map(|(alarm, region, since)| Sounding {
            acknowledged: of(&alarm),
            alarm,
            region,
            since,
        })
        .collect();
    all.sort_unstable_by(|a, b| (b.since, &a.alarm).cmp(&(a.since, &b.alarm)));
    all
}

/// Decides an acknowledgement: of what still sounds among `wanted`, or of all that the actor's
/// region holds where nothing is named.
///
/// # Errors
/// Who may, that something lies elsewhere, or that nothing of it sounds any more.
pub fn acknowledge(
    wanted: &[Alarm],
    actor: &Actor,
    world: &World,
    county: &County,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    may_do(actor, Deed::AcknowledgeAlarm)?;
    let all = sounding(world, now).into_iter();
    let mut mine = Vec::new();
    for one in all.filter(|one| wanted.is_empty() || wanted.contains(&one.alarm)) {
        let is_mine = actor.covers(one.region);
        if !is_mine && !wanted.is_empty() {
            return Err(elsewhere());
        }
        if is_mine && one.acknowledged.is_none() && mine.len() < MAX_AT_ONCE {
            mine.push(one);
        }
    }
    if mine.is_empty() {
        return Err(Refusal::new(
            Class::Refused,
            "nothing_sounds",
            "没有待确认的提醒，可能已有人确认",
            "Nothing waits to be acknowledged; somebody may have done so",
        ));
    }
    let key = SessionId::of_alarms(county.code).key();
    let version = version(world);
    let events = mine.into_iter().zip(1..).map(|(one, n)| Event {
        stream: Stream::Sessions,
        key,
        version: version + n,
        at: now,
        actor: actor.clone(),
        region: one.region,
        number: None,
        body: Body::Alarm(
            serde_json::to_string(&AlarmAcknowledged { alarm: one.alarm }).unwrap_or_default(),
        ),
    });
    Ok(events.collect())
}

/// The version of the subject that acknowledgements are written to.
pub fn version(world: &World) -> u64 {
    world.noted().last().map_or(0, |event| event.version)
}

fn elsewhere() -> Refusal {
    Refusal::new(
        Class::Forbidden,
        "outside_scope",
        "此提醒不在本辖区内，请由属地或县中心确认",
        "It lies outside your region; that region's room or the county centre must do this",
    )
}

impl World {
    /// Whom an alarm concerns: those who may know of what sounds.
    pub fn reach_of_alarm(&self, alarm: &Alarm) -> Option<Reach> {
        match alarm {
            Alarm::Red { incident, .. } => self
                .incident(*incident)
                .map(crate::incident::Incident::reach),
            Alarm::Opened { session } | Alarm::Late { session, .. } => {
                self.session(*session).map(crate::session::Session::reach)
            }
        }
    }
}
