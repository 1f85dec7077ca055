//! The boundary to the tablet's map.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/map/field.js")]
extern "C" {
    /// A map in an element of the page.
    pub type FieldMap;

    /// A map of a region; what becomes of it is told.
    #[wasm_bindgen(constructor)]
    pub fn new(
        element: &web_sys::HtmlElement,
        scope: &str,
        on_event: &js_sys::Function,
    ) -> FieldMap;
    /// What is drawn, as JSON.
    #[wasm_bindgen(method)]
    pub fn set(this: &FieldMap, picture: &str);
    /// Shows all that matters at once.
    #[wasm_bindgen(method)]
    pub fn fit(this: &FieldMap);
    /// What shows now: west, south, east, north in degrees; empty before there is a map.
    #[wasm_bindgen(method)]
    pub fn extent(this: &FieldMap) -> Vec<f64>;
    /// Takes the map away.
    #[wasm_bindgen(method)]
    pub fn destroy(this: &FieldMap);
}
