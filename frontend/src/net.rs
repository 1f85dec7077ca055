//! The few requests the app makes over HTTP, and what the page's address says.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response, UrlSearchParams};

/// An answer: the status and the body. Status 0 means that no server answered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// HTTP status; 0 when the request failed on the way.
    pub status: u16,
    /// The body, empty on failure.
    pub body: String,
}

impl Answer {
    /// Reads the body of a 2xx answer.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        if (200..300).contains(&self.status) {
            serde_json::from_str(&self.body).ok()
        } else {
            None
        }
    }
}

/// Gets `url` with the session's cookie, telling the language of the reader.
pub async fn get(url: &str, language: &str) -> Answer {
    try_get(url, language).await.unwrap_or_default()
}

async fn try_get(url: &str, language: &str) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    let headers = web_sys::Headers::new()?;
    headers.set("accept-language", language)?;
    init.set_headers(&headers);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &init))
        .await?
        .dyn_into()?;
    let body = JsFuture::from(response.text()?)
        .await?
        .as_string()
        .unwrap_or_default();
    Ok(Answer {
        status: response.status(),
        body,
    })
}

/// Waits.
pub async fn wait(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        }
    });
    let _ = JsFuture::from(promise).await;
}

/// Milliseconds of a local clock that never jumps.
pub fn monotonic_ms() -> f64 {
    web_sys::window()
        .and_then(|w| w.performance())
        .map_or(0.0, |p| p.now())
}

/// The path of the page's address, without a trailing slash.
pub fn path() -> String {
    let path = web_sys::window()
        .and_then(|w| w.location().pathname().ok())
        .unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// One parameter of the page's address.
pub fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search)
        .ok()?
        .get(name)
        .filter(|v| !v.is_empty())
}

/// The content of one of the page's `meta` elements.
pub fn meta(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let element = document
        .query_selector(&format!("meta[name=\"{name}\"]"))
        .ok()??;
    element.get_attribute("content")
}

/// What this browser remembers under `key`.
pub fn recall(key: &str) -> Option<String> {
    web_sys::window()?
        .local_storage()
        .ok()??
        .get_item(key)
        .ok()?
}

/// Remembers `value` under `key`, where the browser allows it.
pub fn remember(key: &str, value: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|w| w.local_storage()) {
        let _ = storage.set_item(key, value);
    }
}

/// The address of the live connection.
pub fn live_url(scope: &str, from: Option<&str>) -> String {
    let location = web_sys::window().map(|w| w.location());
    let secure = location
        .as_ref()
        .and_then(|l| l.protocol().ok())
        .is_some_and(|p| p == "https:");
    let host = location.and_then(|l| l.host().ok()).unwrap_or_default();
    let scheme = if secure { "wss" } else { "ws" };
    let mut url = format!("{scheme}://{host}/api/v1/live?scope={scope}");
    if let Some(from) = from {
        url.push_str("&from=");
        url.push_str(&String::from(js_sys::encode_uri_component(from)));
    }
    url
}
