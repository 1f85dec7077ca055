//! The only boundary to the browser's push: whether it can, subscribing, letting go. Who is told of
//! what is the server's matter.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/push/bridge.js")]
extern "C" {
    /// Whether this browser can take notices with the app closed.
    pub fn able() -> bool;
    /// Whether its reader has said no, which only they can take back.
    pub fn refused() -> bool;
    #[wasm_bindgen(js_name = on)]
    async fn ask_on() -> JsValue;
    #[wasm_bindgen(catch, js_name = subscribe)]
    async fn ask_subscribe(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = unsubscribe)]
    async fn ask_unsubscribe() -> Result<(), JsValue>;
}

/// Why a browser was not taken on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Its reader said no.
    Refused,
    /// It reaches no push service.
    Unreachable,
}

/// Whether this browser takes notices now.
pub async fn is_on() -> bool {
    ask_on().await.is_truthy()
}

/// Asks the reader and the push service; answers what the server has to know, as JSON.
///
/// # Errors
/// Why not.
pub async fn subscribe(key: &str) -> Result<String, Why> {
    let answer = ask_subscribe(key).await.map_err(|_| Why::Unreachable)?;
    let text = answer.as_string().unwrap_or_default();
    if text.is_empty() {
        Err(Why::Refused)
    } else {
        Ok(text)
    }
}

/// Lets go; what the server knows is told by its push service if this fails.
pub async fn unsubscribe() {
    let _told_later = ask_unsubscribe().await;
}
