//! The boundary to the map of an after-action report.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/map/review.js")]
extern "C" {
    /// A map in an element of the page.
    pub type ReviewMap;

    /// A map of a region with what a report, as JSON, says of scene and ways.
    #[wasm_bindgen(constructor)]
    pub fn new(element: &web_sys::HtmlElement, scope: &str, report: &str) -> ReviewMap;
    /// Takes the map away.
    #[wasm_bindgen(method)]
    pub fn destroy(this: &ReviewMap);
}
