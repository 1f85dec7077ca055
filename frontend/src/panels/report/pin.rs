//! The only boundary to the map on which a place is pointed at.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/panels/report/pin.js")]
extern "C" {
    /// The map on which a place is pointed at.
    pub type PinMap;

    /// A map in an element, over these bounds.
    #[wasm_bindgen(constructor)]
    pub fn new(
        element: &web_sys::HtmlElement,
        west: f64,
        south: f64,
        east: f64,
        north: f64,
        on_event: &js_sys::Function,
    ) -> PinMap;
    /// Shows a place.
    #[wasm_bindgen(method)]
    pub fn show(this: &PinMap, lon: f64, lat: f64);
    /// Takes the map away.
    #[wasm_bindgen(method)]
    pub fn destroy(this: &PinMap);
}
