//! The map of a report: the scene and everybody's way, with whose is which.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;

use super::model::Report;
use crate::i18n::{fill, review as r};
use crate::map::review::ReviewMap;
use crate::panels::desk::theme::Dark;
use crate::session::session;
use crate::ui::tongue::{t, tongue};

/// Colours there are for ways; then they begin anew.
const COLOURS: usize = 6;

/// The map, or why there is none.
#[component]
pub fn MapPart(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let place = &report.review.place;
    let has_scene = place.lon.is_some() && place.lat.is_some();
    let has_ways = !report.names.tracks.is_empty();
    let sensitive = report.review.sensitive;
    let why = if sensitive {
        r::NO_MAP_SENSITIVE
    } else {
        r::NO_MAP
    };
    let text = StoredValue::new(report.text.clone());
    let dark = expect_context::<Dark>();
    view! {
        <section class="part map-part" data-testid="map-part">
            <h2>{t(r::MAP)}</h2>
            {(!has_scene && !has_ways).then(|| view! { <p class="quiet">{t(why)}</p> })}
            {(has_scene || has_ways).then(|| view! {
                {move || { dark.0.track(); view! { <Canvas text=text/> } }}
            })}
            {(has_scene && !has_ways).then(|| view! { <p class="quiet small">{t(r::NO_TRACKS)}</p> })}
            <Ways report=report/>
        </section>
    }
}

#[component]
fn Canvas(text: StoredValue<String>) -> impl IntoView {
    let element = NodeRef::<Div>::new();
    let scope = session().scope().to_string();
    let handle: StoredValue<Option<ReviewMap>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let map = text.with_value(|text| ReviewMap::new(&element, &scope, text));
        handle.set_value(Some(map));
    });
    on_cleanup(move || {
        if let Some(Some(map)) = handle.try_update_value(Option::take) {
            map.destroy();
        }
    });
    view! { <div class="canvas" node_ref=element data-testid="map" data-ready="false" data-ways="0"></div> }
}

#[component]
fn Ways(report: Arc<Report>) -> impl IntoView {
    let tongue = tongue();
    let rows = move || {
        let lang = tongue.0.get();
        let rows = report.names.tracks.iter().enumerate().map(|(n, way)| {
            let org = report.names.orgs.get(&way.org).map_or(way.org.as_str(), |name| name.of(lang));
            let tenths = way.metres / 100;
            let length = format!("{}.{}", tenths / 10, tenths % 10);
            let length = fill(lang.of(r::KILOMETRES), &[("n", &length)]);
            let colour = format!("var(--series-{})", n % COLOURS + 1);
            view! {
                <li data-testid="way"><i style:background=colour></i><b>{org.to_owned()}</b><span>{report.unit(&way.unit)}</span><span class="num">{length}</span></li>
            }
        });
        rows.collect_view()
    };
    view! { <ul class="ways">{rows}</ul> }
}
