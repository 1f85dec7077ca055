//! The only boundary to MapLibre: typed calls out, typed events in. What is drawn and when the
//! view moves is in `bridge.js`; what is to be drawn comes from the store.

pub mod field;
pub mod model;
pub mod review;
pub mod units;
pub mod view;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use crate::context::{Context, MapLamp, Mark, context};
use crate::i18n::{Lang, catalogue as c};
use crate::ui::icon::{Glyph, Icon};
use domain::lamp::Lamp;

#[wasm_bindgen(module = "/src/map/bridge.js")]
extern "C" {
    /// A map in an element of the page.
    type GridMap;

    #[wasm_bindgen(constructor)]
    fn new(element: &web_sys::HtmlElement, scope: &str, on_event: &js_sys::Function) -> GridMap;
    #[wasm_bindgen(method, js_name = setCells)]
    fn set_cells(this: &GridMap, cells: &str);
    #[wasm_bindgen(method, js_name = setLamps)]
    fn set_lamps(this: &GridMap, diff: &str);
    #[wasm_bindgen(method)]
    fn select(this: &GridMap, id: Option<String>, title: &str, note: &str);
    #[wasm_bindgen(method)]
    fn mark(this: &GridMap, lon: f64, lat: f64, region: &str);
    #[wasm_bindgen(method)]
    fn follow(this: &GridMap);
    #[wasm_bindgen(method)]
    fn refit(this: &GridMap);
    #[wasm_bindgen(method)]
    fn destroy(this: &GridMap);
}

/// How far the map has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Loading,
    Ready,
    Failed,
}

type Handle = StoredValue<Option<(GridMap, Closure<dyn FnMut(String, JsValue)>)>, LocalStorage>;

/// The grid map with its legend and its star.
#[component]
pub fn MapPanel(
    /// Whether the view goes after what is chosen.
    #[prop(optional)]
    follows: bool,
) -> impl IntoView {
    let ctx = context();
    let element = NodeRef::<Div>::new();
    let stage = RwSignal::new(Stage::Loading);
    let locked = RwSignal::new(false);
    let handle: Handle = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let on_event =
            Closure::<dyn FnMut(String, JsValue)>::new(move |kind: String, value: JsValue| {
                match kind.as_str() {
                    "ready" => {
                        stage.set(Stage::Ready);
                        handle.with_value(|h| {
                            let made = h.as_ref().map(|(map, _)| JsValue::from(map));
                            ctx.map.set_value(made);
                        });
                        ctx.map_made.update(|n| *n += 1);
                    }
                    "failed" => stage.set(Stage::Failed),
                    "locked" => locked.set(value.is_truthy()),
                    "select" => ctx.selected.set(value.as_string()),
                    "point" => ctx.pointed.set(point_of(&value)),
                    _ => {}
                }
            });
        let map = GridMap::new(
            &element,
            &ctx.scope.to_string(),
            on_event.as_ref().unchecked_ref(),
        );
        if follows {
            map.follow();
        }
        handle.set_value(Some((map, on_event)));
        feed(ctx, handle, follows);
    });
    on_cleanup(move || {
        ctx.map.try_set_value(None);
        ctx.map_made.try_update(|n| *n += 1);
        if let Some(Some((map, _on_event))) = handle.try_update_value(Option::take) {
            map.destroy();
        }
    });
    let star = move |_| {
        handle.with_value(|h| {
            if let Some((map, _)) = h {
                map.refit();
            }
        });
    };
    view! {
        <section class="map" class:stale=move || ctx.stale.get().is_some() aria-label=move || ctx.t(c::MAP)>
            <div class="canvas" node_ref=element data-testid="map" data-scope=ctx.scope.to_string()
                data-ready="false" data-lamps="0" data-red="0"></div>
            <Notice stage=stage/>
            <div class="tools">
                <button class="tool" data-testid="refit" aria-pressed=move || (!locked.get()).to_string() on:click=star>
                    <Glyph icon=Icon::Star/>
                    {move || ctx.t(if locked.get() { c::REFIT_LOCKED } else { c::REFIT })}
                </button>
            </div>
            <Legend/>
        </section>
    }
}

/// Tells the map every change of cells, lamps and selection.
fn feed(ctx: Context, handle: Handle, follows: bool) {
    let tell = move |f: &dyn Fn(&GridMap)| {
        handle.with_value(|h| {
            if let Some((map, _)) = h {
                f(map);
            }
        });
    };
    Effect::new(move |_| {
        let cells = ctx.cells.with(|cells| {
            let cells: Vec<(String, u8)> = cells
                .iter()
                .map(|(c, step)| (c.to_string(), *step))
                .collect();
            serde_json::to_string(&cells).unwrap_or_default()
        });
        tell(&|map| map.set_cells(&cells));
    });
    Effect::new(move |before: Option<Vec<MapLamp>>| {
        let lamps = ctx.lamps.get();
        let before = before.unwrap_or_default();
        let diff = model::diff(&before, &lamps);
        if !diff.is_empty() {
            let diff = serde_json::to_string(&diff).unwrap_or_default();
            tell(&|map| map.set_lamps(&diff));
        }
        lamps
    });
    Effect::new(move |_| {
        let id = ctx.selected.get();
        let (title, note) = id
            .as_deref()
            .map_or_else(Default::default, |id| callout(ctx, id));
        // A desk tells the rest beside the map, and to the minute.
        let note = if follows { String::new() } else { note };
        tell(&|map| map.select(id.clone(), &title, &note));
    });
    Effect::new(move |_| {
        let marked = ctx.marked.get();
        tell(&|map| match marked {
            Some(Mark::At(lon, lat)) => map.mark(lon, lat, ""),
            Some(Mark::In(region)) => map.mark(f64::NAN, f64::NAN, &region.to_string()),
            None => map.mark(f64::NAN, f64::NAN, ""),
        });
    });
}

/// Degrees east and north, as the map tells them.
fn point_of(value: &JsValue) -> Option<(f64, f64)> {
    let pair = value.dyn_ref::<js_sys::Array>()?;
    pair.get(0).as_f64().zip(pair.get(1).as_f64())
}

/// What the selection's callout says, from the board's own rows.
fn callout(ctx: Context, id: &str) -> (String, String) {
    let (words, lang, now) = (ctx.words.get(), ctx.lang.get(), ctx.now.get_untracked());
    ctx.board.with_untracked(|board| {
        let mut rows =
            crate::panels::red_board::model::rows(board, &words, lang, now, usize::MAX).into_iter();
        rows.find(|row| row.id == id)
            .map(|row| (row.title, format!("{} · {}", row.late, row.who)))
            .unwrap_or_default()
    })
}

#[component]
fn Notice(stage: RwSignal<Stage>) -> impl IntoView {
    let ctx = context();
    move || {
        match stage.get() {
        Stage::Ready => None,
        Stage::Loading => Some(view! { <div class="notice">{ctx.t(c::MAP_LOADING)}</div> }.into_any()),
        Stage::Failed => Some(
            view! { <div class="notice"><b>{ctx.t(c::MAP_FAILED)}</b><span>{ctx.t(c::MAP_FAILED_WHY)}</span></div> }
                .into_any(),
        ),
    }
    }
}

#[component]
fn Legend() -> impl IntoView {
    let ctx = context();
    let colon = move || if ctx.lang.get() == Lang::Zh { "" } else { " " };
    let count = move |wanted: fn(Lamp) -> bool| {
        ctx.lamps
            .with(|lamps| lamps.iter().filter(|l| wanted(l.lamp)).count())
    };
    let item = move |lamp: &'static str, text, wanted: fn(Lamp) -> bool| {
        view! {
            <span>
                <b class="lamp" data-lamp=lamp></b>
                {move || ctx.t(text)}{colon}
                <span class="num">{move || count(wanted)}</span>
            </span>
        }
    };
    view! {
        <div class="legend">
            {item("red", c::LEGEND_RED, Lamp::is_red)}
            {item("amber", c::LEGEND_AMBER, |l| l == Lamp::Amber)}
            {item("green", c::LEGEND_GREEN, |l| l == Lamp::Green)}
            <span>{move || ctx.t(c::LEGEND_LOAD)}<span class="steps"><i></i><i></i><i></i><i></i><i></i></span></span>
        </div>
    }
}
