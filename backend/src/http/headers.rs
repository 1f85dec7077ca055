//! The headers of every answer: what the page may load and do, and what others may do with it.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::state::Server;

/// The app's own files and nothing from outside; nothing written into the page runs or styles it.
/// `wasm-unsafe-eval` is what WebAssembly needs, and lets no script run. Pictures are also those the
/// app makes itself (`data:` in the map's sheet, `blob:` before a photo is sent). A live connection
/// to the same host counts as 'self'.
const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What the app never uses is off; the field screen asks for the rest itself.
const PERMISSIONS: &str = "geolocation=(self), camera=(self), microphone=(self), \
    screen-wake-lock=(self), fullscreen=(self), accelerometer=(), \
    display-capture=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), midi=(), \
    payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()";

/// A year. Not for the hosts below this one: they may be others'.
const HSTS: &str = "max-age=31536000";

const ALWAYS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
];

/// Adds what an answer does not say itself.
pub(super) async fn add(State(server): State<Server>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let holds_data = path.starts_with("/api/") || path.starts_with("/enter/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    for (name, value) in ALWAYS {
        say(name, value);
    }
    if server.secure {
        say(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if holds_data {
        say(header::CACHE_CONTROL, "no-store");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_written_into_the_page_and_no_other_host_is_let_in() {
        assert!(!CSP.contains("'unsafe-inline'") && !CSP.contains("'unsafe-eval'"));
        assert!(CSP.starts_with("default-src 'none';"));
        for source in CSP
            .split(';')
            .flat_map(|part| part.split_whitespace().skip(1))
        {
            let own = source.starts_with('\'') || ["data:", "blob:"].contains(&source);
            assert!(own, "{source}");
        }
        for (name, value) in ALWAYS {
            assert!(HeaderValue::from_str(value).is_ok(), "{name}");
        }
    }
}
