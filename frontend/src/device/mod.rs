//! The only boundary to what the browser offers a telephone or tablet: position, camera, microphone,
//! the store, the screen's light. Answers come as JSON.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/device/store.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = putItem)]
    async fn put_item_js(key: &str, json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = dropItem)]
    async fn drop_item_js(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = allItems)]
    async fn all_items_js() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = dropBlob)]
    async fn drop_blob_js(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = newKey)]
    fn new_key_js() -> String;
    #[wasm_bindgen(catch, js_name = post)]
    async fn post_js(
        url: &str,
        language: &str,
        key: &str,
        text: Option<String>,
        blob: Option<String>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = getBlob)]
    async fn get_blob_js(id: &str) -> Result<JsValue, JsValue>;
    /// Names the page's store; before anything of it is used.
    #[wasm_bindgen(js_name = useStore)]
    pub fn use_store(name: &str);
    /// Keeps the page at an address for when there is no network, by this worker; with a manifest
    /// it can be installed.
    #[wasm_bindgen(js_name = keepShell)]
    pub fn keep_shell(at: &str, worker: &str, manifest: Option<&str>);
}

#[wasm_bindgen(module = "/src/device/senses.js")]
extern "C" {
    #[wasm_bindgen(js_name = locate)]
    async fn locate_js() -> JsValue;
    #[wasm_bindgen(catch, js_name = keepPhoto)]
    async fn keep_photo_js(file: &web_sys::File) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = startVoice)]
    async fn start_voice_js(limit_secs: u32, done: &js_sys::Function) -> Result<JsValue, JsValue>;
    /// Ends a recording; who started it is told.
    #[wasm_bindgen(js_name = stopVoice)]
    pub fn stop_voice();
}

/// The browser refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Refused;

/// A position, or why there is none.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Located {
    At { lon: f64, lat: f64, accuracy: f64 },
    Not { error: String },
}

/// A photo or a voice note, as this telephone keeps it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(crate) struct Kept {
    pub id: String,
    pub secs: u32,
    pub url: String,
}

/// An answer of the server.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
pub(crate) struct Reply {
    pub status: u16,
    #[serde(default)]
    pub body: String,
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    serde_json::from_str(&value.as_string()?).ok()
}

pub(crate) async fn put_item(key: &str, json: &str) -> Result<(), Refused> {
    put_item_js(key, json)
        .await
        .map(|_| ())
        .map_err(|_| Refused)
}

/// Where this load of the page shows a kept blob from; none where it is gone.
pub(crate) async fn blob_url(id: &str) -> Option<String> {
    let blob: JsValue = get_blob_js(id).await.ok()?;
    let blob = blob.dyn_into::<web_sys::Blob>().ok()?;
    web_sys::Url::create_object_url_with_blob(&blob).ok()
}

pub(crate) async fn drop_item(key: &str) {
    let _ = drop_item_js(key).await;
}

pub(crate) async fn drop_blob(id: &str) {
    let _ = drop_blob_js(id).await;
}

pub(crate) async fn all_items<T: DeserializeOwned>() -> Result<Vec<T>, Refused> {
    let all: JsValue = all_items_js().await.map_err(|_| Refused)?;
    Ok(read(&all).unwrap_or_default())
}

pub(crate) fn new_key() -> String {
    new_key_js()
}

/// Posts a text.
pub(crate) async fn post(url: &str, language: &str, key: &str, text: String) -> Reply {
    let answer = post_js(url, language, key, Some(text), None).await;
    answer.ok().and_then(|json| read(&json)).unwrap_or_default()
}

/// Posts what is kept under an id.
pub(crate) async fn post_kept(url: &str, language: &str, id: &str) -> Reply {
    let answer = post_js(url, language, id, None, Some(id.to_owned())).await;
    answer.ok().and_then(|json| read(&json)).unwrap_or_default()
}

pub(crate) async fn locate() -> Option<Located> {
    read(&locate_js().await)
}

pub(crate) async fn keep_photo(file: &web_sys::File) -> Option<Kept> {
    read(&keep_photo_js(file).await.ok()?)
}

/// Records until told to stop, or for the limit; `done` gets what was kept.
pub(crate) async fn start_voice(
    limit_secs: u32,
    done: impl FnOnce(Option<Kept>) + 'static,
) -> Result<(), Refused> {
    let done = Closure::once_into_js(move |value: JsValue| done(read(&value)));
    let started = start_voice_js(limit_secs, done.unchecked_ref()).await;
    started.map(|_| ()).map_err(|_| Refused)
}
