//! Where it is: the telephone's position with its accuracy, a tap on the map, or words.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use super::model::Spot;
use super::page;
use super::pin::PinMap;
use crate::device::{self, Located};
use crate::i18n::{Text, report as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// The part of the form that asks where.
#[component]
pub(super) fn Place(
    /// The position.
    spot: RwSignal<Option<Spot>>,
    /// The place in words.
    address: RwSignal<String>,
    /// What is wrong with it.
    error: RwSignal<Option<Text>>,
) -> impl IntoView {
    let tongue = tongue();
    let asking = RwSignal::new(false);
    let failed = RwSignal::new(None::<Text>);
    let map = RwSignal::new(false);
    let locate = move |_| {
        asking.set(true);
        failed.set(None);
        spawn_local(async move {
            match device::locate().await {
                Some(Located::At { lon, lat, accuracy }) => {
                    error.set(None);
                    spot.set(Some(Spot {
                        lon,
                        lat,
                        accuracy: Some(accuracy),
                    }));
                }
                Some(Located::Not { error }) => failed.set(Some(why(&error))),
                None => failed.set(Some(r::GPS_AWAY)),
            }
            asking.set(false);
        });
    };
    let found = move || {
        spot.get().map(|spot| match spot.accuracy {
            Some(metres) => tongue.tf(r::LOCATED, &[("m", &(metres.ceil() as i64).to_string())]),
            None => tongue.t(r::POINTED).to_owned(),
        })
    };
    view! {
        <div class="block" class:wrong=move || error.get().is_some()>
            <h2>{t(r::WHERE)}</h2>
            <div class="two">
                <button type="button" class="btn" data-testid="locate" disabled=move || asking.get() on:click=locate>
                    <Glyph icon=Icon::Locate/>{move || tongue.t(if asking.get() { r::LOCATING } else { r::BY_GPS })}
                </button>
                <button type="button" class="btn" data-testid="open-map" aria-expanded=move || map.get().to_string() on:click=move |_| map.update(|open| *open = !*open)>
                    <Glyph icon=Icon::Map/>{move || tongue.t(if map.get() { r::MAP_CLOSE } else { r::BY_MAP })}
                </button>
            </div>
            {move || map.get().then(|| view! { <Pointing spot=spot error=error/> })}
            <p class="found" data-testid="spot" aria-live="polite" hidden=move || spot.get().is_none()
                data-lon=move || spot.get().map(|s| s.lon.to_string()) data-lat=move || spot.get().map(|s| s.lat.to_string())>
                <Glyph icon=Icon::Pin/><span>{found}</span>
                <button type="button" class="btn quiet" aria-label=t(r::PLACE_CLEAR) on:click=move |_| spot.set(None)><Glyph icon=Icon::Close/></button>
            </p>
            {move || failed.get().map(|text| view! { <small class="fault" role="alert">{tongue.t(text)}</small> })}
            <label class="line"><span class="name">{t(r::ADDRESS)}</span>
                <input type="text" maxlength="300" data-testid="address" placeholder=t(r::ADDRESS_HINT) prop:value=move || address.get()
                    on:input=move |event| { error.set(None); address.set(event_target_value(&event)); }/>
            </label>
            {move || error.get().map(|text| view! { <small class="fault" role="alert" data-testid="where-wrong">{tongue.t(text)}</small> })}
        </div>
    }
}

fn why(error: &str) -> Text {
    match error {
        "denied" => r::GPS_DENIED,
        "insecure" => r::GPS_INSECURE,
        _ => r::GPS_AWAY,
    }
}

type Handle = StoredValue<Option<(PinMap, Closure<dyn FnMut(String, f64, f64)>)>, LocalStorage>;

/// The map, from when it is asked for.
#[component]
fn Pointing(spot: RwSignal<Option<Spot>>, error: RwSignal<Option<Text>>) -> impl IntoView {
    let bounds = page().form.get_untracked().map(|form| form.bounds);
    let element = NodeRef::<Div>::new();
    let words = RwSignal::new(Some(r::MAP_WAIT));
    let handle: Handle = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let on_event =
            Closure::<dyn FnMut(String, f64, f64)>::new(move |kind: String, lon, lat| {
                match kind.as_str() {
                    "ready" => words.set(Some(r::MAP_HINT)),
                    "placed" => {
                        words.set(None);
                        error.set(None);
                        spot.set(Some(Spot {
                            lon,
                            lat,
                            accuracy: None,
                        }));
                    }
                    _ => words.set(Some(r::MAP_AWAY)),
                }
            });
        let [west, south, east, north] = bounds.unwrap_or_default();
        let map = PinMap::new(
            &element,
            west,
            south,
            east,
            north,
            on_event.as_ref().unchecked_ref(),
        );
        if let Some(spot) = spot.get_untracked() {
            map.show(spot.lon, spot.lat);
        }
        handle.set_value(Some((map, on_event)));
    });
    // Its own pin is there already; a position found meanwhile is shown.
    Effect::new(move |_| {
        let Some(Spot {
            lon,
            lat,
            accuracy: Some(_),
        }) = spot.get()
        else {
            return;
        };
        handle.with_value(|held| {
            if let Some((map, _)) = held {
                map.show(lon, lat);
            }
        });
    });
    on_cleanup(move || {
        if let Some(Some((map, _on_event))) = handle.try_update_value(Option::take) {
            map.destroy();
        }
    });
    view! {
        <div class="pointing">
            <div class="plan" node_ref=element data-testid="pin-map" data-ready="false"></div>
            {move || words.get().map(|text| view! { <p class="hint">{t(text)}</p> })}
        </div>
    }
}
