//! Doors for the fuzz targets to parsers that nobody else may call by themselves. Each takes what
//! could come from outside, must end, and answers only what a target compares.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::account::cookie;
use crate::config::Config;
use crate::http::{self, Gate};
use crate::intake::batch;
use crate::jt808::frame;
use crate::problem::Language;
use crate::{log, ws};

/// Reads a client's websocket bytes in pieces cut after `cut` bytes each; answers what was heard.
pub fn live_frames(bytes: &[u8], cut: usize) -> String {
    ws::hear_all(bytes.chunks(cut.max(1)))
}

/// Reads a vehicle terminal's bytes in pieces cut after `cut` bytes each; answers what was heard.
pub fn terminal_frames(bytes: &[u8], cut: usize) -> String {
    let mut cutter = frame::Cutter::default();
    let pieces = bytes.chunks(cut.max(1));
    let frames: Vec<_> = pieces.flat_map(|piece| cutter.take(piece)).collect();
    for body in frames.iter().flatten().map(|frame| &frame.body) {
        let _ = (frame::position(body), frame::positions(body));
    }
    format!("{frames:?}")
}

/// Reads the addresses that queries come in.
pub fn queries(text: &str) {
    http::outside::queries(text);
}

/// Reads a file of people.
pub fn people(body: &[u8]) {
    http::outside::people(body);
}

/// Reads a body of reports; answers how many there are, if it is JSON.
pub fn reports(body: &[u8]) -> Option<usize> {
    match batch::read(body, 100).ok()? {
        batch::Sent::One(_) => Some(1),
        batch::Sent::Many { count, .. } => Some(count),
    }
}

/// Reads a reply of Redis to the reading of the log's streams.
pub fn stream_reply(bytes: &[u8]) {
    log::read_reply(bytes);
}

/// Reads the headers that name a language, an address and a caller.
pub fn request_headers(bytes: &[u8]) -> IpAddr {
    const NAMES: [HeaderName; 6] = [
        header::ACCEPT_LANGUAGE,
        HeaderName::from_static("x-forwarded-for"),
        header::FORWARDED,
        header::COOKIE,
        header::ORIGIN,
        header::HOST,
    ];
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(50) {
        let Some((which, value)) = line.split_first() else {
            continue;
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(NAMES[usize::from(*which) % NAMES.len()].clone(), value);
        }
    }
    let _ = Language::of(&headers);
    for value in headers.get_all(header::COOKIE) {
        let _ = value.to_str().ok().and_then(cookie::read);
    }
    http::outside::is_ours(&headers);
    let mut config = Config::default();
    config.trusted_proxies = crate::config::Proxies::default();
    Gate::new(&config).address(Ipv4Addr::LOCALHOST.into(), &headers)
}
