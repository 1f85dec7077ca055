//! Where units are, in memory: what they tell is taken in and recorded here, shown to whoever may see it at most
//! five times a second, and compared once a second with what their sessions say. None of it is in
//! the log; what matters of it becomes an event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::actor::Actor;
use domain::deployment::movement;
use domain::deployment::position::{Bounds, Fix, Ignored, Positions};
use domain::pack::units::UnitId;
use domain::time::Timestamp;
use domain::wire::view::Area;
use geodata::boundary::Boundary;
use geodata::region::Code;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::{MissedTickBehavior, interval};

use crate::http::Server;
use crate::projector::command::Wish;
use crate::track::Tracks;
use crate::ws::fanout::{AudienceId, ConnId};

/// How often a screen is told at most.
const SHOW_EVERY: Duration = Duration::from_millis(200);
/// Turns of the above between two looks at the sessions.
const LOOK_EVERY: u32 = 5;
/// How far outside the county's box a position still counts, in degrees: about 20 km.
const MARGIN: f64 = 0.2;

/// Which screens look elsewhere since the last turn: each is shown what is there.
#[derive(Clone, Debug, Default)]
pub struct Turned(Arc<Mutex<FxHashMap<ConnId, (AudienceId, Area)>>>);

impl Turned {
    /// A screen shows this part of the map now; only its last word counts.
    pub fn to(&self, conn: ConnId, audience: AudienceId, area: Area) {
        if area == Area::NOTHING {
            self.all().remove(&conn);
        } else {
            self.all().insert(conn, (audience, area));
        }
    }

    fn all(&self) -> MutexGuard<'_, FxHashMap<ConnId, (AudienceId, Area)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of all units.
#[derive(Debug)]
pub struct Board {
    state: Mutex<State>,
    /// What counts is recorded there.
    tracks: Tracks,
    /// Who is to be shown more than what is new.
    turned: Turned,
}

#[derive(Debug)]
struct State {
    positions: Positions,
    /// Units that told something since it was last shown.
    fresh: FxHashSet<UnitId>,
}

impl Board {
    /// Nothing known yet of a county.
    pub fn new(boundary: &Boundary, county: Code, tracks: Tracks, turned: Turned) -> Self {
        let bounds = boundary.bbox(county).map_or(
            Bounds {
                west: -180.0,
                south: -90.0,
                east: 180.0,
                north: 90.0,
            },
            |[west, south, east, north]| Bounds {
                west: west - MARGIN,
                south: south - MARGIN,
                east: east + MARGIN,
                north: north + MARGIN,
            },
        );
        let state = State {
            positions: Positions::new(bounds),
            fresh: FxHashSet::default(),
        };
        Self {
            state: Mutex::new(state),
            tracks,
            turned,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one position of a unit that exists.
    ///
    /// # Errors
    /// Why it counts for nothing; each reason is counted.
    pub fn take(&self, fix: Fix, now: Timestamp) -> Result<(), Ignored> {
        let mut state = self.state();
        let (unit, source) = (fix.unit.clone(), fix.source);
        state.positions.take(fix, now)?;
        let best = state
            .positions
            .track(&unit)
            .and_then(|track| track.best(now));
        // What a less trusted source says meanwhile is shown nowhere, and not recorded either.
        if let Some(best) = best.filter(|best| best.source == source) {
            self.tracks.offer(best);
        }
        state.fresh.insert(unit);
        Ok(())
    }

    /// What counts now of one unit, and whether it is old.
    pub fn of(&self, unit: &UnitId, now: Timestamp) -> Option<(Fix, bool)> {
        let state = self.state();
        let track = state.positions.track(unit)?;
        Some((track.best(now)?.clone(), track.is_stale(now)))
    }

    /// Looks at all positions; `look` must be short.
    pub fn with<T>(&self, look: impl FnOnce(&Positions) -> T) -> T {
        look(&self.state().positions)
    }

    /// What counts now of the units that told something since the last call.
    fn fresh(&self, now: Timestamp) -> Vec<Fix> {
        let mut state = self.state();
        let fresh = std::mem::take(&mut state.fresh);
        let tracks = fresh.iter().filter_map(|unit| state.positions.track(unit));
        tracks
            .filter_map(|track| track.best(now).cloned())
            .collect()
    }

    /// What counts now of the units where screens look since the last call.
    fn turned(&self, now: Timestamp) -> Vec<(ConnId, AudienceId, Vec<Fix>)> {
        let turned = std::mem::take(&mut *self.turned.all());
        if turned.is_empty() {
            return Vec::new();
        }
        let state = self.state();
        let best: Vec<&Fix> = state.positions.best(now).collect();
        let within = |area: Area| {
            let there = best.iter().filter(|fix| area.contains(fix.lon, fix.lat));
            there.map(|fix| (*fix).clone()).collect()
        };
        turned
            .into_iter()
            .map(|(conn, (audience, area))| (conn, audience, within(area)))
            .collect()
    }
}

/// Shows positions and compares them, for as long as the node runs.
pub async fn run(server: Server) {
    let mut tick = interval(SHOW_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn: u32 = 0;
    loop {
        tick.tick().await;
        let fresh = server.positions.fresh(server.clock.now());
        if !fresh.is_empty() && server.projector.positions(fresh).await.is_err() {
            return;
        }
        let turned = server.positions.turned(server.clock.now());
        if !turned.is_empty() && server.projector.fill(turned).await.is_err() {
            return;
        }
        turn = turn.wrapping_add(1);
        if turn.is_multiple_of(LOOK_EVERY) {
            look(&server).await;
        }
    }
}

/// What positions show of the sessions under way becomes events. What another event overtook is
/// looked at anew at the next turn.
async fn look(server: &Server) {
    let shared = server.clone();
    let found = server.projector.read(move |view| {
        let rules = view.county.catalogue.sessions();
        let open = view.world.sessions().filter(|one| one.stage.is_open());
        let wishes = open.filter_map(|session| {
            let check = |known: &_| movement::check(session, known, &rules, view.now);
            let bodies = shared.positions.with(check);
            (!bodies.is_empty()).then(|| Wish::Observed {
                id: session.id,
                version: session.version,
                bodies,
            })
        });
        wishes.collect::<Vec<_>>()
    });
    let Ok(wishes) = found.await else { return };
    for wish in wishes {
        let rule = Actor::rule("rule:positions", server.county.code);
        if let Err(failure) = server.projector.wish(wish, rule).await {
            tracing::debug!(?failure, "what positions show waits for the next look");
        }
    }
}
