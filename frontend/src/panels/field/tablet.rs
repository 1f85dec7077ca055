//! The only boundary to what the browser gives a tablet besides its store.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::model::Spot;

#[wasm_bindgen(module = "/src/panels/field/tablet.js")]
extern "C" {
    #[wasm_bindgen(js_name = watchPlace)]
    fn watch_place_js(on_place: &js_sys::Function);
    /// Watches no longer.
    #[wasm_bindgen(js_name = unwatchPlace)]
    pub(super) fn unwatch_place();
    /// Keeps the screen lit, or no longer.
    #[wasm_bindgen(js_name = keepLit)]
    pub(super) fn keep_lit(wanted: bool);
    /// Has somebody look: felt and heard.
    #[wasm_bindgen(js_name = attract)]
    pub(super) fn attract();
}

/// A position, or why there is none.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Told {
    At(Spot),
    Not { error: String },
}

/// Watches where the tablet is for as long as the page lives.
pub(super) fn watch_place(mut told: impl FnMut(Told) + 'static) {
    let told = Closure::<dyn FnMut(String)>::new(move |text: String| {
        if let Ok(place) = serde_json::from_str(&text) {
            told(place);
        }
    });
    watch_place_js(told.as_ref().unchecked_ref());
    told.forget();
}
