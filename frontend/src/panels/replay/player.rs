//! The player: reads the record ahead, folds what has happened by the time that is shown, and moves
//! that time on. A seek begins anew from the world at that time.

use std::collections::VecDeque;
use std::time::Duration;

use domain::event::Event;
use domain::ids::SessionId;
use domain::time::Timestamp;
use domain::wire::Events;
use domain::world::World;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::value::RawValue;
use wasm_bindgen::JsValue;

use super::fetch::{Page, Sought, Then};
use super::model::{self, SPANS, SPEEDS, told_at, window};
use super::{Moment, Overview, Replay, State, Told};
use crate::api;
use crate::context::{Context, LinkView};
use crate::i18n::Text;
use crate::map::units::{Units, around};
use crate::net;
use crate::store::{self, Shared, Store};

/// How often the time moves on, ms of life.
const TICK_MS: u64 = 100;
/// A pause longer than this is a page that slept, and no time that passed; ms of life.
const SLEPT_MS: f64 = 1_000.0;
/// How long a trail is from the beginning, ms of the record.
const TRAIL_MS: i64 = 15 * 60_000;
/// Above so many units only those of the session that is followed have one from the beginning.
const MANY_UNITS: usize = 80;
/// How far a jump looks, ms of the record.
const FAR_MS: i64 = 30 * 24 * model::HOUR_MS;
/// How long to wait for a time that is still being reached, ms of life, and how often.
const AGAIN_MS: i32 = 1_500;
const TRIES: usize = 40;
/// Where one begins if nothing else is asked, ms of the record before now.
const AGO_MS: i64 = 15 * 60_000;
/// The address is kept up at most this often, ticks.
const NOTE_EVERY: u32 = 50;

/// What is not yet shown, and how far it is known.
pub(super) struct Core {
    store: Shared,
    queue: VecDeque<Event>,
    fixes: VecDeque<(i64, String)>,
    /// Where units were when the last seek ended, for a map that comes later.
    placed: Vec<String>,
    /// Where the record was read to.
    position: String,
    /// Everything until then is known, ms since 1970.
    until: i64,
    /// The time shown, ms since 1970, finer than what is told.
    clock: f64,
    ticked: f64,
    is_fetching: bool,
    /// Whether the record ended where it was read to.
    is_end: bool,
    /// Counts seeks, so that the answer to an old one is not taken for the new one's.
    generation: u32,
    ticks: u32,
}

impl Replay {
    /// A replay on `ctx`; it shows nothing before [`Self::begin`].
    pub fn new(ctx: Context, units: Units) -> Self {
        let store = Store::new(ctx);
        ctx.keep(&store);
        let hours = net::query("hours").and_then(|text| text.parse().ok());
        let speed = net::query("speed").and_then(|text| text.parse().ok());
        let core = Core {
            store,
            queue: VecDeque::new(),
            fixes: VecDeque::new(),
            placed: Vec::new(),
            position: String::new(),
            until: 0,
            clock: 0.0,
            ticked: 0.0,
            is_fetching: false,
            is_end: false,
            generation: 0,
            ticks: 0,
        };
        Self {
            ctx,
            units,
            at: RwSignal::new(0),
            playing: RwSignal::new(false),
            speed: RwSignal::new(speed.filter(|one| SPEEDS.contains(one)).unwrap_or(10)),
            state: RwSignal::new(State::Starting),
            hours: RwSignal::new(hours.filter(|one| SPANS.contains(one)).unwrap_or(24)),
            overview: RwSignal::new(Overview::default()),
            session: RwSignal::new(None),
            told: RwSignal::new(None),
            core: StoredValue::new_local(core),
        }
    }

    /// Goes to what the address asks for, and runs for as long as the page lives.
    pub fn begin(self) {
        spawn_local(async move {
            let asked = net::query("at").and_then(|text| {
                let at = text.parse::<Timestamp>().ok()?;
                Some(at.millis())
            });
            let session = net::query("session").and_then(|text| text.parse::<SessionId>().ok());
            let opened = match session {
                Some(id) => self.opened(id).await,
                None => None,
            };
            if session.is_some() && opened.is_none() {
                self.told.set(Some(Told::NoSession));
            }
            if let Some(at) = opened {
                self.session.set(session);
                if net::query("hours").is_none() {
                    self.hours.set(1);
                }
                return self.seek(asked.unwrap_or(at));
            }
            match asked {
                Some(at) => self.seek(at),
                None => self.seek(self.now().await - AGO_MS),
            }
        });
        let _ = set_interval_with_handle(move || self.tick(), Duration::from_millis(TICK_MS));
        Effect::new(move |_| {
            self.ctx.map_made.track();
            // After the layer of units was made.
            set_timeout(move || self.place(), Duration::ZERO);
        });
        self.follow_overview();
        self.follow_session();
    }

    /// When a session was opened, ms since 1970.
    async fn opened(self, id: SessionId) -> Option<i64> {
        #[derive(serde::Deserialize)]
        struct Opened {
            opened_at: Timestamp,
        }
        let lang = self.ctx.lang.get_untracked();
        // What ended long ago is known by its report alone.
        for end in ["", "/report"] {
            let url = format!("/api/v1/sessions/{id}{end}");
            let found: Result<Opened, _> = api::get(&url, lang).await;
            if let Ok(one) = found {
                return Some(one.opened_at.millis());
            }
        }
        None
    }

    /// The server's time, ms since 1970.
    async fn now(self) -> i64 {
        #[derive(serde::Deserialize)]
        struct Now {
            now: Timestamp,
        }
        let lang = self.ctx.lang.get_untracked();
        loop {
            let url = format!("/api/v1/sessions?open=true&scope={}", self.ctx.scope);
            let found: Result<Now, _> = api::get(&url, lang).await;
            match found {
                Ok(found) => return found.now.millis(),
                Err(_) => net::wait(AGAIN_MS).await,
            }
        }
    }

    /// Goes to a time. Within what is known already it folds on; else it begins anew there.
    pub fn seek(self, to: i64) {
        self.told.set(None);
        let known = self.overview.with_untracked(|one| one.now);
        let to = known.map_or(to, |now| to.min(now.millis()));
        let is_near = self.core.with_value(|core| {
            let is_ready = self.state.with_untracked(|state| *state != State::Starting);
            is_ready && to as f64 >= core.clock && to <= core.until && !core.position.is_empty()
        });
        if is_near && !matches!(self.state.get_untracked(), State::Seeking(_)) {
            self.core.update_value(|core| core.clock = to as f64);
            self.show();
            self.note();
            return;
        }
        self.state.set(State::Seeking(to));
        let Some(generation) = self.core.try_update_value(|core| {
            core.generation += 1;
            core.generation
        }) else {
            return;
        };
        spawn_local(async move {
            match self.reach(to, generation).await {
                Ok(Some(then)) => self.take_up(then, to, generation).await,
                Err(failed) if self.is_now(generation) => {
                    self.playing.set(false);
                    self.state.set(State::Refused(failed.detail));
                }
                Ok(None) | Err(_) => {}
            }
        });
    }

    fn is_now(self, generation: u32) -> bool {
        self.core.with_value(|core| core.generation == generation)
    }

    /// The world at a time; none if another time is wanted meanwhile.
    async fn reach(self, to: i64, generation: u32) -> Result<Option<Then>, api::Failed> {
        for _ in 0..TRIES {
            match self.then(to).await {
                _ if !self.is_now(generation) => return Ok(None),
                Err(failed) if failed.status == 503 => net::wait(AGAIN_MS).await,
                answer => return answer.map(Some),
            }
        }
        self.then(to).await.map(Some)
    }

    async fn take_up(self, then: Then, to: i64, generation: u32) {
        let trails = self.trails(&then.world, to).await;
        let newest = self.newest(to + 1).await;
        if !self.is_now(generation) {
            return;
        }
        self.core.update_value(|core| {
            core.queue.clear();
            core.fixes.clear();
            core.position = then.position;
            core.until = to;
            core.clock = to as f64;
            core.is_end = false;
            core.is_fetching = false;
            let rows = trails.iter().chain(&newest);
            core.placed = rows.map(|row| row.get().to_owned()).collect();
            let mut store = core.store.borrow_mut();
            store.forget_ticker();
            store.replace(then.world);
        });
        self.ctx.loaded.set(true);
        self.ctx.link.set(LinkView::Live);
        self.state.set(State::Ready);
        self.show();
        self.place();
        self.note();
    }

    /// Where units came from: all of a small county, those of the session that is followed of a
    /// large one.
    async fn trails(self, world: &World, to: i64) -> Vec<Box<RawValue>> {
        let from = to - TRAIL_MS;
        if self.units.rows.with_untracked(Vec::len) <= MANY_UNITS {
            return self.fixes(from, to, None).await;
        }
        let followed = self.session.get_untracked();
        let Some(session) = followed.and_then(|id| world.session(id)) else {
            return Vec::new();
        };
        let units = session.seats.iter().flat_map(|seat| &seat.units);
        let ids: Vec<&str> = units.map(domain::pack::units::UnitId::as_str).collect();
        self.fixes(from, to, Some(&ids.join(","))).await
    }

    /// Draws units where they were when the last seek ended.
    fn place(self) {
        self.units.rewind();
        let placed = self.core.try_update_value(|core| core.placed.clone());
        let placed = placed.unwrap_or_default();
        self.draw(placed.iter().map(String::as_str));
    }

    /// Hands positions to whoever draws them, in the form in which they come live.
    fn draw<'a>(self, rows: impl Iterator<Item = &'a str>) {
        let mut frame = String::from(r#"{"p":["#);
        for (n, row) in rows.enumerate() {
            if n > 0 {
                frame.push(',');
            }
            frame.push_str(row);
        }
        frame.push_str("]}");
        self.ctx.positions.with_value(|take| {
            if let Some(take) = take {
                take(&frame);
            }
        });
    }

    /// Some time of life passed.
    fn tick(self) {
        let local = net::monotonic_ms();
        let playing = self.playing.get_untracked();
        let speed = f64::from(self.speed.get_untracked());
        let is_ready = !matches!(
            self.state.get_untracked(),
            State::Starting | State::Seeking(_) | State::Refused(_)
        );
        let moved = self.core.try_update_value(|core| {
            let passed = (local - std::mem::replace(&mut core.ticked, local)).min(SLEPT_MS);
            core.ticks = core.ticks.wrapping_add(1);
            if !playing || !is_ready {
                return None;
            }
            let wanted = core.clock + passed * speed;
            core.clock = wanted.min(core.until as f64).max(core.clock);
            Some((wanted > core.until as f64, core.is_end, core.ticks))
        });
        let Some(Some((is_short, is_end, ticks))) = moved else {
            return;
        };
        let state = match (is_short, is_end) {
            (true, true) => State::AtEnd,
            (true, false) => State::Buffering,
            (false, _) => State::Ready,
        };
        if state == State::AtEnd {
            self.playing.set(false);
            self.note();
        }
        if self.state.get_untracked() != state {
            self.state.set(state);
        }
        self.show();
        self.read_on();
        if ticks.is_multiple_of(NOTE_EVERY) {
            self.note();
        }
    }

    /// Folds and draws what has happened by the time that is shown.
    fn show(self) {
        let due = self.core.try_update_value(|core| {
            let now = core.clock as i64;
            let is_past = |event: &Event| event.at.millis() <= now;
            let mut events = Vec::new();
            while core.queue.front().is_some_and(is_past) {
                events.extend(core.queue.pop_front());
            }
            let mut rows = Vec::new();
            while core.fixes.front().is_some_and(|(at, _)| *at <= now) {
                rows.extend(core.fixes.pop_front());
            }
            if !events.is_empty() {
                let (from, to) = (String::new(), String::new());
                core.store.borrow_mut().fold(&Events { from, to, events });
            }
            core.store.borrow_mut().hold(now);
            (rows, now, core.store.clone())
        });
        let Some((rows, now, store)) = due else {
            return;
        };
        self.at.set(now);
        store::tick(&store);
        store::schedule(&store);
        if !rows.is_empty() {
            self.draw(rows.iter().map(|(_, row)| row.as_str()));
        }
    }

    /// Reads the record on, if what is known will not last.
    fn read_on(self) {
        let ahead = model::ahead_ms(self.speed.get_untracked());
        let wanted = self.core.try_update_value(|core| {
            let left = core.until - core.clock as i64;
            let wants = !core.is_fetching && !core.is_end && left < ahead / 2;
            wants.then(|| {
                core.is_fetching = true;
                (core.position.clone(), core.until, core.generation)
            })
        });
        let Some(Some((position, until, generation))) = wanted else {
            return;
        };
        spawn_local(async move {
            let page = self.page(&position, until + ahead).await;
            let page = page.ok().filter(|_| self.is_now(generation));
            if let Some(page) = page {
                self.take_in(page, until, ahead, generation).await;
            } else {
                net::wait(AGAIN_MS).await;
            }
            if self.is_now(generation) {
                self.core.update_value(|core| core.is_fetching = false);
            }
        });
    }

    async fn take_in(self, page: Page, since: i64, ahead: i64, generation: u32) {
        let until = page.until.map_or(since, Timestamp::millis).max(since);
        let rows = if until > since {
            self.fixes(since + 1, until + 1, None).await
        } else {
            Vec::new()
        };
        if !self.is_now(generation) {
            return;
        }
        self.core.update_value(|core| {
            core.queue.extend(page.events);
            let rows = rows.iter().map(|row| row.get());
            core.fixes
                .extend(rows.filter_map(|row| Some((told_at(row)?, row.to_owned()))));
            core.position = page.to;
            core.until = until;
            core.is_end = !page.more && until < since + ahead;
        });
    }

    /// Starts or stops.
    pub fn toggle(self) {
        let starts = !self.playing.get_untracked();
        if starts {
            // What was the end may be it no longer.
            self.core.update_value(|core| core.is_end = false);
        }
        self.playing.set(starts);
        self.note();
    }

    /// Goes some way back or on, ms of the record.
    pub fn step(self, ms: i64) {
        self.seek(self.at.get_untracked() + ms);
    }

    /// Goes to the next or the last moment of these kinds.
    pub fn jump(self, kinds: &'static str, forward: bool, what: Text) {
        let at = self.at.get_untracked();
        // Who jumps back while it runs means the one before the one just passed.
        let slack = i64::from(self.playing.get_untracked()) * i64::from(self.speed.get_untracked());
        let (from, to) = if forward {
            (at + 1, at + FAR_MS)
        } else {
            (at - FAR_MS, at - slack * 1_500)
        };
        spawn_local(async move {
            let sought = Sought {
                from,
                to,
                kinds,
                last_first: !forward,
            };
            match self.first(sought).await {
                Ok(Some(moment)) => self.land(moment),
                Ok(None) => self.told.set(Some(Told::NoMore(what))),
                Err(failed) if failed.code == "out_of_range" => {
                    self.told.set(Some(Told::NoMore(what)));
                }
                Err(failed) => self.state.set(State::Refused(failed.detail)),
            }
        });
    }

    fn land(self, moment: Moment) {
        if moment.session.is_some() {
            self.session.set(moment.session);
        }
        self.seek(moment.at.millis());
        self.ctx.selected.set(moment.incident.clone());
        self.told.set(Some(Told::Moment(moment)));
    }

    /// Asks for the time line whenever it shows another stretch.
    fn follow_overview(self) {
        let shown = Memo::new(move |_| window(self.at.get(), self.hours.get()));
        Effect::new(move |_| {
            let (from, to) = shown.get();
            if self.at.get_untracked() == 0 {
                return;
            }
            spawn_local(async move {
                let found = self.overview(from, to).await;
                if let Some(found) = found.filter(|_| shown.get_untracked() == (from, to)) {
                    self.overview.set(found);
                }
            });
        });
    }

    /// The map looks at the site of the session that is followed.
    fn follow_session(self) {
        let ctx = self.ctx;
        let site = Memo::new(move |_| {
            let id = self.session.get()?;
            let place = ctx.read(|world| world.session(id).map(|one| one.place.clone()))??;
            place.lon.zip(place.lat)
        });
        Effect::new(move |before: Option<Option<(f64, f64)>>| {
            ctx.map_made.track();
            let site = site.get();
            if site.is_some() || before.flatten().is_some() {
                self.units.show(site.map(|(lon, lat)| around(lon, lat)));
            }
            site
        });
    }

    /// The address says what is shown.
    pub fn note(self) {
        let at = Timestamp::from_millis(self.at.get_untracked() / 1_000 * 1_000);
        let mut url = format!(
            "{}?scope={}&at={}&speed={}&hours={}",
            net::path(),
            self.ctx.scope,
            at.to_string().replace('+', "%2B"),
            self.speed.get_untracked(),
            self.hours.get_untracked(),
        );
        if let Some(id) = self.session.get_untracked() {
            url.push_str("&session=");
            url.push_str(&id.to_string());
        }
        if let Ok(history) = window_history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
        }
    }
}

fn window_history() -> Result<web_sys::History, JsValue> {
    leptos::prelude::window().history()
}
