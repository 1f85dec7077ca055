//! The tablet's map: the scene, oneself, the others, and the straight line between.

use domain::deployment::position::Source;
use domain::session::{Session, Step};
use leptos::html::Div;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::model::{distance, way};
use super::theme::Theme;
use super::{Field, field};
use crate::i18n::{Text, field as f, format};
use crate::map::field::FieldMap;
use crate::ui::icon::{Glyph, Icon};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// How near to the scene an arrival is suggested, metres; the default of the county pack.
const FENCE_METRES: u32 = 150;

type Handle = StoredValue<Option<(FieldMap, Closure<dyn FnMut(String)>)>, LocalStorage>;

/// The map with the way to the scene below it.
#[component]
pub fn MapPane() -> impl IntoView {
    let field = field();
    let theme = expect_context::<Theme>();
    view! {
        <section class="field-map" aria-label=move || field.t(f::MAP)>
            {move || { let _ = theme.dark.get(); view! { <Canvas/> } }}
            <Foot/>
        </section>
    }
}

#[component]
fn Canvas() -> impl IntoView {
    let field = field();
    let element = NodeRef::<Div>::new();
    let failed = RwSignal::new(false);
    let handle: Handle = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let told = Closure::<dyn FnMut(String)>::new(move |what: String| {
            if what == "failed" {
                failed.set(true);
            }
            let extent = handle.with_value(|map| map.as_ref().map(|(map, _)| map.extent()));
            if let Some([west, south, east, north]) = extent.as_deref() {
                field.ctx.show((*west, *south, *east, *north));
            }
        });
        let map = FieldMap::new(
            &element,
            &field.ctx.scope.to_string(),
            told.as_ref().unchecked_ref(),
        );
        handle.set_value(Some((map, told)));
    });
    let picture = Memo::new(move |_| {
        let picture = match field.session() {
            Some(session) => picture(field, &session),
            None => at_rest(field),
        };
        picture.to_string()
    });
    Effect::new(move |_| {
        element.track();
        let text = picture.get();
        handle.with_value(|map| {
            if let Some((map, _)) = map {
                map.set(&text);
            }
        });
    });
    on_cleanup(move || {
        if let Some(Some((map, _told))) = handle.try_update_value(Option::take) {
            map.destroy();
        }
    });
    let fit = move |_| {
        handle.with_value(|map| {
            if let Some((map, _)) = map {
                map.fit();
            }
        });
    };
    view! {
        <div class="canvas" node_ref=element data-testid="field-map" data-ready="false"></div>
        {move || failed.get().then(|| view! { <p class="map-failed" role="status">{field.t(f::MAP_FAILED)}</p> })}
        <button type="button" class="fit" data-testid="fit" aria-label=move || field.t(f::MAP_FIT) title=move || field.t(f::MAP_FIT) on:click=fit><Glyph icon=Icon::Locate/></button>
    }
}

/// What is drawn of a session: positions of the tablet are shown to five digits, a metre.
fn picture(field: Field, session: &Session) -> Value {
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let here = field.place.with(super::place::Whereabouts::spot);
    let own = super::place::own_unit(field, Some(session));
    let now = field.ctx.now.get() / 10_000 * 10_000;
    let old_after = Source::Tablet.stale_after().millis();
    let units: Vec<Value> = field.others.with(|others| {
        let seats = session.seats.iter().filter(|seat| !seat.is_released());
        let units = seats.flat_map(|seat| seat.units.iter().map(move |unit| (seat, unit)));
        let units =
            units.filter(|(_, unit)| here.is_none() || own.as_deref() != Some(unit.as_str()));
        units
            .filter_map(|(seat, unit)| {
                let (lon, lat, at) = others.get(unit.as_str())?.at?;
                Some(json!({
                    "id": unit, "name": short(&field.org(seat.org.as_str())),
                    "lon": round(lon), "lat": round(lat), "state": state(seat.step()),
                    "old": now > 0 && now - at > old_after,
                }))
            })
            .collect()
    });
    json!({
        "scene": session.place.lon.zip(session.place.lat),
        "fence": FENCE_METRES,
        "me": here.map(|spot| (round(spot.lon), round(spot.lat))),
        "own": field.t(f::ME),
        "units": units,
    })
}

/// Between two sessions: the tablet itself, and the other units of its organisation.
fn at_rest(field: Field) -> Value {
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let here = field.place.with(super::place::Whereabouts::spot);
    let own = super::place::own_unit(field, None);
    let org = field.actor().org;
    let now = field.ctx.now.get() / 10_000 * 10_000;
    let old_after = Source::Tablet.stale_after().millis();
    let units: Vec<Value> = field.others.with(|others| {
        let ours = others
            .iter()
            .filter(|(_, one)| org.as_ref().is_some_and(|org| one.org == org.as_str()));
        let ours = ours.filter(|(id, _)| here.is_none() || own.as_deref() != Some(id.as_str()));
        ours.filter_map(|(id, one)| {
            let (lon, lat, at) = one.at?;
            Some(json!({
                "id": id, "name": short(&one.name), "lon": round(lon), "lat": round(lat),
                "state": state(None), "old": now > 0 && now - at > old_after,
            }))
        })
        .collect()
    });
    json!({
        "me": here.map(|spot| (round(spot.lon), round(spot.lat))),
        "own": field.t(f::ME),
        "units": units,
    })
}

/// A name that fits beside a dot.
fn short(name: &str) -> String {
    let cut: String = name.chars().take(8).collect();
    if cut == name { cut } else { cut + "…" }
}

/// How far a unit is, for its colour and shape.
const fn state(step: Option<Step>) -> &'static str {
    match step {
        Some(Step::Moving) => "moving",
        Some(Step::Arrived | Step::Working | Step::Done) => "there",
        _ => "called",
    }
}

/// How far it is and how long it takes, and how many have set out.
#[component]
fn Foot() -> impl IntoView {
    let field = field();
    let far = move || {
        let session = field.session()?;
        let spot = field.place.with(super::place::Whereabouts::spot)?;
        let (metres, secs) = way(&spot, &session)?;
        let (figure, is_km) = distance(metres);
        let minutes = (secs / 60.0).ceil().max(1.0) as u64;
        Some((
            figure,
            if is_km { f::KM } else { f::METRES },
            minutes.to_string(),
        ))
    };
    let verdict = move || {
        let session = field.session()?;
        let verdict = session.verdict(field.time())?;
        let (moving, all) = (
            verdict.moving().to_string(),
            verdict.members.len().to_string(),
        );
        Some(field.tf(f::MOVING_OF, &[("n", &moving), ("all", &all)]))
    };
    let unit = move |text: Text| field.t(text);
    let has_session = Memo::new(move |_| field.session().is_some());
    let unknown = move || {
        let is_known = field.place.with(super::place::Whereabouts::spot).is_some();
        unit(if is_known {
            f::NO_PLACE
        } else {
            f::WAY_UNKNOWN
        })
    };
    let line = move || {
        view! {
            <div class="way" data-testid="way">
                <p title=move || field.t(f::WAY_WHY)>
                    {move || match far() {
                        Some((figure, words, minutes)) => view! {
                            {unit(f::WAY)}" "<b class="num">{figure}</b>" "{unit(words)}" · "{unit(f::ABOUT)}" "<b class="num">{minutes}</b>" "{unit(f::MINUTES)}
                            <small>{unit(f::WAY_WHY)}</small>
                        }.into_any(),
                        None => view! { <span class="quiet">{unknown}</span> }.into_any(),
                    }}
                </p>
                <span class="moving" data-testid="moving">{verdict}</span>
            </div>
        }
    };
    move || has_session.get().then(line)
}

/// Where a map app or website leads to the scene.
pub(super) fn leads_to(session: &Session) -> Option<(String, String)> {
    let (lon, lat) = session.place.lon.zip(session.place.lat)?;
    let (lon, lat) = (format::degrees(lon), format::degrees(lat));
    let name = crate::api::escaped(&session.title);
    let geo = format!("geo:{lat},{lon}?q={lat},{lon}({name})");
    // WGS-84: the website converts it itself.
    let amap = format!(
        "https://uri.amap.com/navigation?to={lon},{lat},{name}&mode=car&coordinate=wgs84&callnative=1"
    );
    Some((geo, amap))
}
