//! Wishes about sessions, units and the county's mode: decided between two events like everything
//! else, on the World that holds all open sessions.

use domain::actor::Actor;
use domain::alarm::{self, Alarm};
use domain::deployment::{self, Status};
use domain::event::Event;
use domain::ids::{IncidentId, SessionId};
use domain::mode;
use domain::pack::units::UnitId;
use domain::refusal::{Class, Refusal};
use domain::session::command::{Command, Open};
use domain::session::decide::Context;
use domain::session::event::SessionEvent;
use domain::session::plan;
use domain::time::Timestamp;
use domain::wall;
use domain::world::World;
use rustc_hash::FxHashSet;

use super::batch::{Job, Round};
use super::handle::{Failure, Moved};
use super::{Parts, record};
use crate::log::Position;

/// What is wished.
#[derive(Debug)]
pub enum Wish {
    /// A session.
    Open {
        /// Its id, which derives from the wish.
        id: SessionId,
        /// What it is to be.
        wish: Box<Open>,
    },
    /// A move in a session.
    Command {
        /// Which.
        id: SessionId,
        /// What.
        command: Command,
        /// The version it was seen at, to insist.
        expected_version: Option<u64>,
    },
    /// What positions show of a session at a version; of another version it is looked at anew.
    Observed {
        /// Which.
        id: SessionId,
        /// The version they were compared with.
        version: u64,
        /// What they show.
        bodies: Vec<SessionEvent>,
    },
    /// A unit says what it does.
    Status {
        /// Which.
        unit: UnitId,
        /// What it does.
        status: Status,
    },
    /// Peace or war.
    Mode {
        /// War.
        war: bool,
        /// Why.
        reason: String,
    },
    /// Somebody takes note of what sounds.
    Alarms {
        /// Of which; of all in their region if none is named.
        wanted: Vec<Alarm>,
    },
    /// A wall is sent something, or back to rotation.
    Wall(wall::Wish),
}

impl Wish {
    /// The version that it insists on.
    pub(super) fn expected_version(&self) -> Option<u64> {
        match self {
            Self::Command {
                expected_version, ..
            } => *expected_version,
            Self::Observed { version, .. } => Some(*version),
            Self::Open { .. }
            | Self::Status { .. }
            | Self::Mode { .. }
            | Self::Alarms { .. }
            | Self::Wall(_) => None,
        }
    }
}

/// The version of a wish's subject as the World has it.
pub(super) fn version_of(wish: &Wish, world: &World) -> Option<u64> {
    match wish {
        Wish::Open { id, .. } | Wish::Command { id, .. } | Wish::Observed { id, .. } => {
            world.session(*id).map(|session| session.version)
        }
        Wish::Status { unit, .. } => world.unit(unit).map(|own| own.version),
        Wish::Mode { .. } => Some(world.mode().version),
        Wish::Alarms { .. } => Some(alarm::version(world)),
        Wish::Wall(wish) => {
            let county = wish.scope.ancestors().last().unwrap_or(wish.scope);
            wall::steering(world, county, &wish.wall).map(|one| one.version)
        }
    }
}

/// The answer to a wish that the World has folded.
pub(super) fn moved(wish: &Wish, world: &World, position: Position, existed: bool) -> Moved {
    let session = match wish {
        Wish::Open { id, .. } | Wish::Command { id, .. } | Wish::Observed { id, .. } => {
            world.session(*id)
        }
        Wish::Status { .. } | Wish::Mode { .. } | Wish::Alarms { .. } | Wish::Wall(_) => None,
    };
    Moved {
        session: session.cloned().map(Box::new),
        version: version_of(wish, world).unwrap_or_default(),
        position,
        existed,
    }
}

/// What the rules of time bring about in sessions.
pub(super) fn due(
    parts: &Parts,
    now: Timestamp,
    most: usize,
    touched: &mut FxHashSet<IncidentId>,
    round: &mut Round,
) {
    let ctx = context(parts, now);
    for session in parts.world.due_sessions(now).take(most) {
        let events = plan::due(session, ctx);
        let id = session.id.key();
        if !events.is_empty() && touched.insert(id) {
            push(&events, round);
            let actor = Actor::rule("rule:muster", parts.county.code);
            round.jobs.push(Job::rule(id, actor));
        }
    }
}

/// Decides one wish.
pub(super) fn decide(job: Job, parts: &Parts, now: Timestamp, round: &mut Round) {
    let Some(wish) = job.wish() else { return };
    if let Wish::Open { id, .. } = wish
        && parts.world.session(*id).is_some()
    {
        let moved = moved(wish, &parts.world, Position::START, true);
        return job.moved(moved);
    }
    match events(wish, &job.actor, parts, now) {
        Ok(events) => {
            push(&events, round);
            round.jobs.push(job);
        }
        Err(failure) => job.answer(Err(failure)),
    }
}

fn push(events: &[Event], round: &mut Round) {
    let first = events.first().map_or(1, |event| event.version);
    let append = record::append_of(first.saturating_sub(1), events);
    round.appends.push(append);
}

fn context(parts: &Parts, now: Timestamp) -> Context<'_> {
    Context {
        county: &parts.county,
        world: &parts.world,
        now,
    }
}

fn events(
    wish: &Wish,
    actor: &Actor,
    parts: &Parts,
    now: Timestamp,
) -> Result<Vec<Event>, Failure> {
    let ctx = context(parts, now);
    let refused = Failure::Refused;
    match wish {
        Wish::Open { id, wish } => plan::open(*id, wish, actor, ctx).map_err(refused),
        Wish::Command {
            id,
            command,
            expected_version,
        } => {
            let session = parts.world.session(*id).ok_or(Failure::NotFound)?;
            if let Some(expected) = expected_version.filter(|one| *one != session.version) {
                return Err(refused(plan::conflict(expected, session.version)));
            }
            plan::command(session, command, actor, ctx).map_err(refused)
        }
        Wish::Observed {
            id,
            version,
            bodies,
        } => {
            let session = parts.world.session(*id).ok_or(Failure::NotFound)?;
            if session.version != *version {
                return Err(refused(plan::conflict(*version, session.version)));
            }
            Ok(plan::observed(session, bodies.clone(), ctx))
        }
        Wish::Status { unit, status } => set_status(unit, *status, actor, ctx),
        Wish::Mode { war, reason } => {
            let mode = ctx.world.mode();
            let event = mode::switch(mode, *war, reason, actor, ctx.county, now);
            Ok(vec![event.map_err(refused)?])
        }
        Wish::Alarms { wanted } => {
            alarm::acknowledge(wanted, actor, ctx.world, ctx.county, now).map_err(refused)
        }
        Wish::Wall(wish) => {
            let event = wall::steer(wish, actor, ctx.world, ctx.county, now);
            Ok(vec![event.map_err(refused)?])
        }
    }
}

fn set_status(
    unit: &UnitId,
    status: Status,
    actor: &Actor,
    ctx: Context<'_>,
) -> Result<Vec<Event>, Failure> {
    let unit = ctx.county.units.get(unit).ok_or(Failure::NotFound)?;
    match deployment::set_status(unit, status, actor, ctx).map_err(Failure::Refused)? {
        deployment::Wish::Event(event) => Ok(vec![*event]),
        // The session moved between the question and this decision.
        deployment::Wish::Session(..) => Err(Failure::Refused(Refusal::new(
            Class::Refused,
            "in_session",
            "该力量刚被调派，请在指挥中报告",
            "It was ordered just now; report in its session",
        ))),
    }
}
