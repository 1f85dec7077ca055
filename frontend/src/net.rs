//! Requests over HTTP, and what the page's address says. What a refusal means is `api`'s.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response, UrlSearchParams};

/// An answer: the status and the body. Status 0 means that no server answered.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// HTTP status; 0 when the request failed on the way.
    pub status: u16,
    /// The body, empty on failure.
    pub body: String,
    /// When trying again makes sense, in seconds.
    pub retry_after_secs: Option<u32>,
    /// The server's time as the answer says it, ms since 1970, to the second.
    pub server_ms: Option<i64>,
}

impl Answer {
    /// Whether the server did what was asked.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Reads the body of a 2xx answer.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        if self.is_good() {
            serde_json::from_str(&self.body).ok()
        } else {
            None
        }
    }
}

/// Something to ask of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'static str,
    /// The address.
    pub url: &'a str,
    /// The language of the reader.
    pub language: &'a str,
    /// What is sent, with its media type.
    pub body: Option<(&'static str, &'a str)>,
}

/// Gets `url` with the session's cookie, telling the language of the reader.
pub async fn get(url: &str, language: &str) -> Answer {
    send(Request {
        method: "GET",
        url,
        language,
        body: None,
    })
    .await
}

/// Sends a request with the session's cookie.
pub async fn send(request: Request<'_>) -> Answer {
    try_send(request).await.unwrap_or_default()
}

async fn try_send(request: Request<'_>) -> Result<Answer, JsValue> {
    let text = request
        .body
        .map(|(kind, body)| (kind, JsValue::from_str(body)));
    let body = text.as_ref().map(|(kind, body)| (*kind, body));
    fetch(request.method, request.url, request.language, body, None).await
}

/// As [`send`], of something that must be done once however often it is sent: `key` names it.
pub async fn send_once(request: Request<'_>, key: &str) -> Answer {
    let text = request
        .body
        .map(|(kind, body)| (kind, JsValue::from_str(body)));
    let body = text.as_ref().map(|(kind, body)| (*kind, body));
    let header = Some(("idempotency-key", key));
    fetch(request.method, request.url, request.language, body, header)
        .await
        .unwrap_or_default()
}

async fn fetch(
    method: &str,
    url: &str,
    language: &str,
    body: Option<(&str, &JsValue)>,
    header: Option<(&str, &str)>,
) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    let headers = web_sys::Headers::new()?;
    headers.set("accept-language", language)?;
    if let Some((name, value)) = header {
        headers.set(name, value)?;
    }
    if let Some((kind, body)) = body {
        headers.set("content-type", kind)?;
        init.set_body(body);
    }
    init.set_headers(&headers);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &init))
        .await?
        .dyn_into()?;
    let told = |name: &str| response.headers().get(name).ok().flatten();
    let retry_after_secs = told("retry-after").and_then(|text| text.trim().parse().ok());
    let server_ms = told("date").and_then(|text| {
        let ms = js_sys::Date::parse(&text);
        // A date that cannot be read is no number.
        ms.is_finite().then_some(ms as i64)
    });
    let status = response.status();
    let body = JsFuture::from(response.text()?)
        .await?
        .as_string()
        .unwrap_or_default();
    Ok(Answer {
        status,
        body,
        retry_after_secs,
        server_ms,
    })
}

/// Sends a file as it is, with the session's cookie.
pub async fn upload(url: &str, language: &str, file: &web_sys::File) -> Answer {
    let kind = file.type_();
    fetch("POST", url, language, Some((&kind, file.as_ref())), None)
        .await
        .unwrap_or_default()
}

/// Gets `url` as a media type of the caller's choice.
pub async fn get_as(url: &str, language: &str, accept: &str) -> Answer {
    fetch("GET", url, language, None, Some(("accept", accept)))
        .await
        .unwrap_or_default()
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

/// Forgets what this browser remembers under `key`.
pub fn forget(key: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|w| w.local_storage()) {
        let _ = storage.remove_item(key);
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

/// What stands behind the `#` of the page's address: it never leaves this browser.
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|w| w.location().hash().ok());
    hash.unwrap_or_default().trim_start_matches('#').to_owned()
}

/// The page's address from the path on, without the fragment.
pub fn here() -> String {
    let search = web_sys::window()
        .and_then(|w| w.location().search().ok())
        .unwrap_or_default();
    format!("{}{search}", path())
}

/// Leaves for another page of this server; the browser's back button does not return.
pub fn go(path: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().replace(path);
    }
}

/// The place of this server that a link names, if it names one: never another host's.
pub fn own_path(asked: &str) -> Option<&str> {
    let inside = asked.starts_with('/') && !asked[1..].starts_with(['/', '\\']);
    let plain = !asked.chars().any(|c| c.is_control() || c == '\\');
    (inside && plain).then_some(asked)
}

/// Where to sign in and come back from.
pub fn sign_in_path(back_to: &str) -> String {
    let back = String::from(js_sys::encode_uri_component(back_to));
    format!("/sign-in?next={back}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leads_to_another_host() {
        assert_eq!(own_path("/admin/people?q=a"), Some("/admin/people?q=a"));
        assert_eq!(own_path("/"), Some("/"));
        for evil in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "admin",
        ] {
            assert_eq!(own_path(evil), None, "{evil:?}");
        }
    }
}
