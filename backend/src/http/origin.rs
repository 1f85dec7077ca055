//! Whether a request comes from our own pages. A browser sends our cookie along whoever's page
//! makes it ask; it also says whose page that is. A bearer token is never sent by itself, so what
//! carries one is not asked.

use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};

use crate::problem::Problem;

/// Turns away what changes something, or listens live, for another site's page.
///
/// # Errors
/// 403 `cross_site`.
pub(super) fn check<B>(request: &Request<B>, url: &str) -> Result<(), Problem> {
    let headers = request.headers();
    let listens = headers.contains_key(header::UPGRADE);
    if (request.method().is_safe() && !listens) || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    if is_ours(headers, url) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "此请求来自其他网站，已被拒绝；请在本系统的页面中操作",
        "This request comes from another site's page; use the pages of this server",
    ))
}

pub(super) fn is_ours(headers: &HeaderMap, url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(HeaderName::from_static("sec-fetch-site")) == Some("cross-site") {
        return false;
    }
    let host = text(header::HOST).unwrap_or_default();
    match text(header::ORIGIN).or_else(|| text(header::REFERER)) {
        Some(from) => is_of(from, host, url),
        // No browser: it says neither, and it was given no cookie by one.
        None => !headers.contains_key(header::COOKIE),
    }
}

/// Whether an address is of the host that was asked, or of where people reach this server.
fn is_of(from: &str, host: &str, url: &str) -> bool {
    let (Some((scheme, place)), Some((our_scheme, our_place))) = (split(from), split(url)) else {
        return false;
    };
    let by_host = place.eq_ignore_ascii_case(host) && !(our_scheme == "https" && scheme != "https");
    by_host || (scheme == our_scheme && place.eq_ignore_ascii_case(our_place))
}

fn split(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let place = rest.split(['/', '?', '#']).next()?;
    (!place.is_empty()).then_some((scheme, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, headers: &[(&'static str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .header("host", "grid.example:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("request");
        check(&request, "https://grid.example").is_ok()
    }

    #[test]
    fn another_sites_page_may_change_nothing_and_not_listen() {
        let cookie = ("cookie", "gridlamp_session=x");
        let from = |origin| ("origin", origin);
        assert!(asked("POST", &[cookie, from("https://grid.example:8080")]));
        assert!(asked("POST", &[cookie, from("https://grid.example")]));
        for evil in [
            "https://evil.example",
            "null",
            "http://grid.example",
            "http://grid.example:8080",
            "https://grid.example.evil.example",
            "https://grid.example:8081",
            "grid.example",
        ] {
            assert!(!asked("POST", &[cookie, from(evil)]), "{evil}");
            assert!(!asked("DELETE", &[cookie, from(evil)]), "{evil}");
            assert!(!asked(
                "GET",
                &[cookie, from(evil), ("upgrade", "websocket")]
            ));
            assert!(asked("GET", &[cookie, from(evil)]));
        }
        assert!(!asked("POST", &[from("https://evil.example")]));
    }

    #[test]
    fn a_referer_stands_in_and_silence_is_for_programs() {
        let cookie = ("cookie", "gridlamp_session=x");
        assert!(asked(
            "POST",
            &[cookie, ("referer", "https://grid.example/admin?x")]
        ));
        assert!(!asked(
            "POST",
            &[cookie, ("referer", "https://evil.example/")]
        ));
        assert!(!asked("POST", &[cookie]));
        assert!(!asked("GET", &[cookie, ("upgrade", "websocket")]));
        assert!(asked("POST", &[]));
        let evil = [
            ("authorization", "Bearer x"),
            ("origin", "https://evil.example"),
        ];
        assert!(asked("POST", &evil));
        let same = ("origin", "https://grid.example");
        assert!(!asked(
            "POST",
            &[cookie, same, ("sec-fetch-site", "cross-site")]
        ));
        assert!(asked(
            "POST",
            &[cookie, same, ("sec-fetch-site", "same-origin")]
        ));
    }
}
