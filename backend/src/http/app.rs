//! The app: files built by `cargo xtask`, carried inside the binary, sent as they were compressed
//! at build time. A screen's path answers with the page of its family, which loads no other's code.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::EmbeddedFile;

use crate::dist::Dist;
use crate::problem::Problem;

/// The screens.
const SCREENS: [&str; 13] = [
    "/", "/wall", "/desk", "/field", "/replay", "/admin", "/report", "/sign-in", "/welcome",
    "/account", "/shift", "/command", "/review",
];
/// A screen whose sections stand in the address below it.
const ADMIN: &str = "/admin/";

/// The version of the app inside, from its page's name for it; none before the app is built.
pub fn version() -> Option<String> {
    let version = Dist::get("version")?;
    Some(String::from_utf8_lossy(&version.data).trim().to_owned())
}

pub(super) async fn get(request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Problem::not_found().into_response();
    }
    let path = request.uri().path();
    if SCREENS.contains(&path) || path.starts_with(ADMIN) {
        return page(path, request.headers());
    }
    file(path.trim_start_matches('/'), request.headers())
        .or_else(|| strayed(request.headers()))
        .unwrap_or_else(|| Problem::not_found().into_response())
}

/// To a person who mistyped an address, a page that says so and leads back.
fn strayed(headers: &HeaderMap) -> Option<Response> {
    let accepts = headers.get(header::ACCEPT)?.to_str().ok()?;
    let wants_page = accepts.split(',').any(|one| one.starts_with("text/html"));
    let mut page = wants_page.then(|| file("index.html", headers))??;
    *page.status_mut() = StatusCode::NOT_FOUND;
    let vary = HeaderValue::from_static("accept, accept-encoding");
    page.headers_mut().insert(header::VARY, vary);
    Some(page)
}

/// The page in the folder of the path's first part; else the start page, which says so where there
/// is no such screen yet.
fn page(path: &str, headers: &HeaderMap) -> Response {
    let first = path.split('/').nth(1).unwrap_or_default();
    let own = format!("{first}/index.html");
    let own = file(own.trim_start_matches('/'), headers);
    own.or_else(|| file("index.html", headers))
        .unwrap_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "app_not_built",
                "程序中没有界面文件，请先运行 cargo xtask app",
                "This binary carries no app; build it with cargo xtask app first",
            )
            .into_response()
        })
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let accepts = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let accepts = |coding: &str| {
        accepts.is_some_and(|all| all.split(',').any(|one| one.trim().starts_with(coding)))
    };
    let (found, coding) = [("br", "br"), ("gz", "gzip")]
        .into_iter()
        .filter(|(_, coding)| accepts(coding))
        .find_map(|(end, coding)| Some((Dist::get(&format!("{path}.{end}"))?, Some(coding))))
        .or_else(|| Some((Dist::get(path)?, None)))?;
    Some(answer(path, found, coding))
}

fn answer(path: &str, found: EmbeddedFile, coding: Option<&'static str>) -> Response {
    let mut response = found.data.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Names under assets/ carry a hash of their content and never change.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
