//! Units and session sites above the map. What is drawn and how it glides is in `units.js`; here
//! the frames are handed over, and what the World says of units and sessions.

use domain::deployment::{self, Status};
use domain::pack::units::UnitId;
use domain::session::Session;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::context::Context;
use crate::i18n::Lang;
use crate::map::view::View;
use crate::net;
use crate::panels::muster::model;

#[wasm_bindgen(module = "/src/map/units.js")]
extern "C" {
    /// What is drawn above a map.
    type UnitLayer;

    #[wasm_bindgen(constructor)]
    fn new(grid: &JsValue) -> UnitLayer;
    #[wasm_bindgen(method)]
    fn roster(this: &UnitLayer, units: &str);
    #[wasm_bindgen(method)]
    fn take(this: &UnitLayer, frame: &str);
    #[wasm_bindgen(method)]
    fn rewind(this: &UnitLayer);
    #[wasm_bindgen(method)]
    fn recall(this: &UnitLayer, page: &str);
    #[wasm_bindgen(method)]
    fn tick(this: &UnitLayer, now: f64);
    #[wasm_bindgen(method)]
    fn site(this: &UnitLayer, sites: &str);
    #[wasm_bindgen(method)]
    fn show(this: &UnitLayer, west: f64, south: f64, east: f64, north: f64);
    #[wasm_bindgen(method)]
    fn extent(this: &UnitLayer) -> Vec<f64>;
    #[wasm_bindgen(method)]
    fn watch(this: &UnitLayer, moved: &js_sys::Function);
    #[wasm_bindgen(method)]
    fn destroy(this: &UnitLayer);
}

/// How often the list of units is asked for anew, ms: frames and the World keep it true between.
const ASK_EVERY_MS: i32 = 60_000;
/// How long a trail is from the beginning, ms.
const TRAIL_MS: i64 = 15 * 60_000;
/// How often statuses are derived from the World, ms.
const LOOK_EVERY_MS: i64 = 2_000;
/// How far around a site a view of it reaches, degrees east and north.
pub const AROUND: (f64, f64) = (0.032, 0.022);

/// A unit as `GET /units` lists it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct UnitRow {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub org: String,
    /// Where it was last seen.
    #[serde(default)]
    pub place: Option<Place>,
}

/// Where a unit was last seen.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Place {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// When.
    pub at: Timestamp,
    /// Where it heads, degrees clockwise from north.
    #[serde(default)]
    pub heading: Option<f64>,
}

/// The units of a screen. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Units {
    ctx: Context,
    /// Every unit one may see.
    pub rows: RwSignal<Vec<UnitRow>>,
    /// What each does, by id.
    pub statuses: Memo<Vec<(UnitId, Status)>>,
    /// When a position was last heard, ms since 1970; 0 before the first.
    pub heard: RwSignal<i64>,
    layer: StoredValue<Option<UnitLayer>, LocalStorage>,
    /// Called whenever the map shows another part.
    moved: StoredValue<Option<Closure<dyn FnMut()>>, LocalStorage>,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<UnitRow>,
}

/// Follows the units of this screen's county and provides them to what stands below.
pub fn provide(ctx: Context) -> Units {
    follow(ctx, false)
}

/// The units of a screen that looks back: where they are now is not told, and each leaves a trail.
pub fn provide_recorded(ctx: Context) -> Units {
    follow(ctx, true)
}

fn follow(ctx: Context, recorded: bool) -> Units {
    let rows = RwSignal::new(Vec::<UnitRow>::new());
    let look = Memo::new(move |_| ctx.now.get() / LOOK_EVERY_MS);
    let statuses = Memo::new(move |_| {
        // A memo that is only tracked never runs, and so never changes.
        let _ = look.get();
        let ids = rows.with(|rows| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>());
        ctx.peek(|world| deployment::statuses(world, &ids))
            .unwrap_or_default()
    });
    let units = Units {
        ctx,
        rows,
        statuses,
        heard: RwSignal::new(0),
        layer: StoredValue::new_local(None),
        moved: StoredValue::new_local(None),
    };
    provide_context(units);
    units.listen();
    spawn_local(async move {
        loop {
            let url = format!("/api/v1/units?scope={}", ctx.scope);
            if let Some(mut listed) = net::get(&url, "zh-CN").await.json::<Listed>() {
                if recorded {
                    listed.items.iter_mut().for_each(|row| row.place = None);
                }
                if rows.try_set(listed.items).is_some() {
                    return;
                }
                net::wait(ASK_EVERY_MS).await;
            } else {
                net::wait(3_000).await;
            }
        }
    });
    units
}

/// The units of this screen.
pub fn units() -> Units {
    expect_context::<Units>()
}

impl Units {
    fn with(self, act: impl FnOnce(&UnitLayer)) {
        self.layer.with_value(|layer| {
            if let Some(layer) = layer {
                act(layer);
            }
        });
    }

    fn listen(self) {
        let ctx = self.ctx;
        ctx.positions.set_value(Some(Box::new(move |frame: &str| {
            self.with(|layer| layer.take(frame));
            let now = ctx.now.get_untracked();
            if self.heard.get_untracked() != now {
                self.heard.set(now);
            }
        })));
        let moved = Closure::new(move || self.ask());
        self.moved.set_value(Some(moved));
        Effect::new(move |_| {
            ctx.map_made.track();
            self.layer.update_value(|layer| {
                if let Some(old) = layer.take() {
                    old.destroy();
                }
                let grid = ctx.map.get_value();
                *layer = grid.map(|grid| UnitLayer::new(&grid));
            });
            self.moved.with_value(|moved| {
                if let Some(moved) = moved {
                    self.with(|layer| layer.watch(moved.as_ref().unchecked_ref()));
                }
            });
            self.ask();
        });
        Effect::new(move |_| {
            ctx.map_made.track();
            let text = self.roster();
            self.with(|layer| layer.roster(&text));
        });
        Effect::new(move |_| {
            let now = ctx.now.get();
            self.with(|layer| layer.tick(now as f64));
        });
    }

    /// Asks for the positions of what the map shows now.
    fn ask(self) {
        if let Some(shown) = self.extent() {
            self.ctx.show(shown);
        }
    }

    fn roster(self) -> String {
        let statuses = self.statuses.get();
        self.rows.with(|rows| {
            let all = rows.iter().zip(&statuses).map(|(row, (_, status))| {
                let place = row.place.as_ref();
                let at = place.map_or(0, |place| place.at.millis());
                json!([
                    row.id,
                    status,
                    place.map(|place| place.lon),
                    place.map(|place| place.lat),
                    at,
                    place.and_then(|place| place.heading),
                ])
            });
            Value::Array(all.collect()).to_string()
        })
    }

    /// Draws the sites of these sessions, and the trails of the foremost one's units.
    pub fn mark(self, sessions: Signal<Vec<Session>>, foremost: Signal<Option<String>>) {
        let ctx = self.ctx;
        Effect::new(move |_| {
            ctx.map_made.track();
            let (now, lang) = (Timestamp::from_millis(ctx.now.get()), ctx.lang.get());
            let first = foremost.get();
            let text = sessions.with(|all| sites(all, first.as_deref(), lang, now));
            self.with(|layer| layer.site(&text));
        });
    }

    /// Has trails begin where units came from, as it was recorded; for those who may look back.
    pub fn recall(self) {
        let ctx = self.ctx;
        Effect::new(move |done: Option<bool>| {
            ctx.map_made.track();
            let known = ctx.loaded.get() && self.rows.with(|rows| !rows.is_empty());
            let has_map = ctx.map.with_value(Option::is_some);
            if done == Some(true) || !known || !has_map {
                return done == Some(true) && has_map;
            }
            let now = ctx.now.get_untracked();
            let text = |ms| Timestamp::from_millis(ms).to_string().replace('+', "%2B");
            let (from, to, scope) = (text(now - TRAIL_MS), text(now), ctx.scope);
            let url = format!("/api/v1/positions?scope={scope}&from={from}&to={to}&limit=20000");
            spawn_local(async move {
                let page = net::get(&url, "zh-CN").await;
                if page.is_good() {
                    self.with(|layer| layer.recall(&page.body));
                }
            });
            true
        });
    }

    /// Forgets every position and trail: another time is shown.
    pub fn rewind(self) {
        self.heard.set(0);
        self.with(UnitLayer::rewind);
    }

    /// Shows a part of the map; the whole where there is none.
    pub fn show(self, view: Option<View>) {
        let (west, south, east, north) = view.unwrap_or((f64::NAN, 0.0, 0.0, 0.0));
        self.with(|layer| layer.show(west, south, east, north));
    }

    /// What the map shows now.
    pub fn extent(self) -> Option<View> {
        let mut found = None;
        self.with(|layer| found = Some(layer.extent()));
        match found?.as_slice() {
            [west, south, east, north] => Some((*west, *south, *east, *north)),
            _ => None,
        }
    }

    /// A unit's name.
    pub fn name(self, id: &UnitId) -> String {
        self.rows.with(|rows| {
            let found = rows.iter().find(|row| row.id == *id);
            found.map_or_else(|| id.to_string(), |row| row.name.clone())
        })
    }
}

/// The part of the map around a place.
pub fn around(lon: f64, lat: f64) -> View {
    (
        lon - AROUND.0,
        lat - AROUND.1,
        lon + AROUND.0,
        lat + AROUND.1,
    )
}

fn sites(all: &[Session], foremost: Option<&str>, lang: Lang, now: Timestamp) -> String {
    let open = all.iter().filter(|one| one.stage.is_open());
    let sites: Vec<Value> = open
        .filter_map(|one| {
            let (lon, lat) = one.place.lon.zip(one.place.lat)?;
            let id = one.id.to_string();
            let clock = model::clock(one, now);
            let is_first = foremost == Some(id.as_str());
            let title = model::title(one, lang);
            Some(json!([
                id,
                lon,
                lat,
                title,
                clock.text(),
                clock.is_late,
                is_first
            ]))
        })
        .collect();
    let first = all
        .iter()
        .find(|one| foremost == Some(one.id.to_string().as_str()));
    let trails: Vec<&UnitId> = first
        .iter()
        .flat_map(|one| one.seats.iter())
        .flat_map(|seat| seat.units.iter())
        .collect();
    json!({ "sites": sites, "trails": trails }).to_string()
}
