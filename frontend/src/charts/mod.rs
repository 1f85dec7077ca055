//! The only boundary to ECharts: what to plot goes out; colours come from the page's tokens.

use leptos::html::Div;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::context::context;
use crate::i18n::Text;

#[wasm_bindgen(module = "/src/charts/bridge.js")]
extern "C" {
    /// A plot in an element of the page.
    type Plot;

    #[wasm_bindgen(constructor)]
    fn new(element: &web_sys::HtmlElement) -> Plot;
    #[wasm_bindgen(method)]
    fn draw(this: &Plot, spec: &str);
    #[wasm_bindgen(method)]
    fn destroy(this: &Plot);
}

/// What to plot.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Spec {
    /// Counts by hour: today as an area up to now, yesterday as a line over the whole day.
    Hours {
        /// Today's hours so far.
        today: Vec<u32>,
        /// All of yesterday's.
        yesterday: Vec<u32>,
        /// What the two are called.
        names: [String; 2],
    },
    /// Parts of a whole as a ring.
    Ring {
        /// Name and count of each.
        parts: Vec<(String, u32)>,
    },
}

/// A plot that is redrawn when its spec changes.
#[component]
pub fn Chart(
    /// What to plot.
    #[prop(into)]
    spec: Signal<Spec>,
    /// What it shows, for those who hear the page.
    label: Text,
) -> impl IntoView {
    let ctx = context();
    let element = NodeRef::<Div>::new();
    let plot = StoredValue::new_local(None::<Plot>);
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            plot.set_value(Some(Plot::new(&element)));
        }
    });
    Effect::new(move |_| {
        let _ = element.get();
        let spec = serde_json::to_string(&spec.get()).unwrap_or_default();
        plot.with_value(|plot| {
            if let Some(plot) = plot {
                plot.draw(&spec);
            }
        });
    });
    on_cleanup(move || {
        if let Some(Some(plot)) = plot.try_update_value(Option::take) {
            plot.destroy();
        }
    });
    view! { <div class="chart" role="img" aria-label=move || ctx.t(label) node_ref=element></div> }
}
