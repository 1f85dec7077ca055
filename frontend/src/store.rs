//! The only writer of the mirrored World. Folds frames as they come, and tells the panels at
//! most once a picture frame; lamps change with time alone, so it also looks once a second.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use domain::event::{Body, Stream};
use domain::projection::{board, figures, load};
use domain::time::Timestamp;
use domain::wire::Events;
use domain::world::World;
use geodata::region::Level;
use leptos::prelude::*;

use crate::context::{Context, MapLamp};
use crate::link::clock::ServerClock;
use crate::map::model::cell_step;
use crate::net::monotonic_ms;
use crate::panels::orders::model::open_orders;
use crate::panels::ticker::model::Ticker;

/// The dearer projections are computed at most this often, real ms.
const SLOW_MS: f64 = 250.0;

/// The mirrored World and what is derived from it.
pub struct Store {
    ctx: Context,
    world: World,
    ticker: Ticker,
    clock: ServerClock,
    /// The time, where it is not the server's but that of what was recorded, ms since 1970.
    held: Option<i64>,
    ticker_changed: bool,
    scheduled: bool,
    slow_at: f64,
}

/// A store that the link and the timers share.
pub type Shared = Rc<RefCell<Store>>;

impl Store {
    /// An empty store that writes to `ctx`.
    pub fn new(ctx: Context) -> Shared {
        Rc::new(RefCell::new(Self {
            ctx,
            world: World::default(),
            ticker: Ticker::default(),
            clock: ServerClock::new(),
            held: None,
            ticker_changed: false,
            scheduled: false,
            slow_at: f64::MIN,
        }))
    }

    /// The mirrored World.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The server told its time.
    pub fn tell_time(&mut self, server: Timestamp, rate: f64) {
        self.clock
            .sample(server.millis() as f64, monotonic_ms(), Some(rate));
    }

    /// Shows this time from now on, ms since 1970, and no other.
    pub fn hold(&mut self, ms: i64) {
        self.held = Some(ms);
    }

    /// The server's time at a local time, ms since 1970; 0 when it was never told.
    pub fn server_ms(&self, local_ms: f64) -> i64 {
        self.held.unwrap_or_else(|| self.clock.at(local_ms) as i64)
    }

    /// Takes a snapshot in the place of everything.
    pub fn replace(&mut self, world: World) {
        self.world = world;
        self.ticker.refill(&self.world, self.ctx.scope);
        self.ticker_changed = true;
        self.slow_at = f64::MIN;
    }

    /// Drops the ticker's rows: their numbers belonged to another log.
    pub fn forget_ticker(&mut self) {
        self.ticker = Ticker::default();
    }

    /// Folds events, in order.
    pub fn fold(&mut self, events: &Events) {
        if let Some(last) = events.events.last() {
            self.clock.at_least(last.at.millis() as f64, monotonic_ms());
        }
        for event in &events.events {
            let number = self.world.apply(event);
            // The ticker tells of incidents alone.
            if event.stream != Stream::Incidents {
                continue;
            }
            match &event.body {
                Body::Withdrawn => {
                    self.ticker.forget(event.key);
                    continue;
                }
                Body::Shared(incident) if incident.is_veiled() => self.ticker.veil(event.key),
                _ => {}
            }
            let order = number.filter(|_| is_breach(event));
            self.ticker.add(&self.world, self.ctx.scope, event, order);
        }
        self.ticker_changed = true;
    }

    /// Writes every signal whose value changed.
    fn flush(&mut self) {
        if !self.clock.is_set() && self.held.is_none() {
            return;
        }
        let local = monotonic_ms();
        let now = Timestamp::from_millis(self.server_ms(local));
        self.flush_lamps(now);
        if std::mem::take(&mut self.ticker_changed) {
            put(self.ctx.ticker, self.ticker.clone());
            self.ctx.folds.update(|n| *n = n.wrapping_add(1));
        }
        if local - self.slow_at >= SLOW_MS {
            self.slow_at = local;
            self.flush_figures(now);
        }
    }

    fn flush_lamps(&mut self, now: Timestamp) {
        let board = board::board(&self.world, now);
        put(self.ctx.board, board);
        let mut lamps: Vec<MapLamp> = self
            .world
            .incidents()
            .filter(|incident| incident.state.is_open())
            .map(|incident| MapLamp {
                id: incident.id.to_string(),
                at: incident.place.lon.zip(incident.place.lat),
                region: incident.region,
                lamp: incident.lamp(now),
            })
            .collect();
        lamps.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        put(self.ctx.lamps, lamps);
    }

    fn flush_figures(&mut self, now: Timestamp) {
        let ctx = self.ctx;
        put(ctx.figures, figures::figures(&self.world, now));
        put(ctx.orders, open_orders(&self.world));
        let level = ranking_level(ctx.scope.level());
        let mut ranking: Vec<_> = load::load(&self.world, level, now).into_iter().collect();
        ranking.sort_unstable_by_key(|(code, load)| {
            (std::cmp::Reverse((load.weight, load.open)), *code)
        });
        put(ctx.ranking, ranking);
        let grids = load::load(&self.world, Level::Grid, now);
        let villages = load::load(&self.world, Level::Village, now);
        let cells = ctx
            .words
            .with_untracked(|words| words.below(ctx.scope, Level::Grid));
        let cells = cells
            .into_iter()
            .map(|code| {
                let own = grids.get(&code).map_or(0, |l| l.weight);
                let village = code
                    .at(Level::Village)
                    .and_then(|v| villages.get(&v))
                    .map_or(0, |l| l.weight);
                (code, cell_step(own, village))
            })
            .collect();
        put(ctx.cells, cells);
    }
}

/// The level whose regions a screen of this scope ranks.
pub fn ranking_level(scope: Level) -> Level {
    match scope {
        Level::County => Level::Township,
        Level::Township => Level::Village,
        _ => Level::Grid,
    }
}

fn is_breach(event: &domain::event::Event) -> bool {
    use domain::incident::event::IncidentEvent;
    matches!(event.body, Body::Incident(IncidentEvent::Breached(_)))
}

/// Sets a signal if that changes it.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// How long changes are gathered before the panels are told: below what an eye notices.
const GATHERED: Duration = Duration::from_millis(20);

/// Has the panels told soon; any number of calls make one. By a timer, not at the next picture
/// frame: a machine that draws slowly must not also learn late, nor a tab that is not seen.
pub fn schedule(store: &Shared) {
    if std::mem::replace(&mut store.borrow_mut().scheduled, true) {
        return;
    }
    let store = Rc::clone(store);
    let flush = move || {
        let mut store = store.borrow_mut();
        store.scheduled = false;
        store.flush();
    };
    set_timeout(flush, GATHERED);
}

/// A second or so passed: the clock moves, and lamps with it.
pub fn tick(store: &Shared) {
    let ctx = store.borrow().ctx;
    let now = store.borrow().server_ms(monotonic_ms()) / 1_000 * 1_000;
    if ctx.now.get_untracked() != now {
        ctx.now.set(now);
        schedule(store);
    }
}
