//! Doors for the fuzz targets to what this room reads.

use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use serde::de::DeserializeOwned;

use super::{import, incidents, live, map, origin};

/// Reads `text` as the query of every resource that has one.
pub fn queries(text: &str) {
    fn read<T: DeserializeOwned>(uri: &Uri) -> Option<T> {
        Query::<T>::try_from_uri(uri).ok().map(|query| query.0)
    }
    incidents::parse_cursor(text);
    live::place(text, "abc");
    let Ok(uri) = format!("/x?{text}").parse::<Uri>() else {
        return;
    };
    let _ = read::<incidents::Filter>(&uri);
    let _ = read::<live::Live>(&uri);
    let _ = read::<map::MapQuery>(&uri);
    let _ = read::<import::Mode>(&uri);
}

/// Reads a file of people.
pub fn people(body: &[u8]) {
    if let Ok(mut lines) = import::lines_of(body) {
        let _ = import::people_of(&mut lines);
    }
}

/// Whether these headers are of our own pages.
pub fn is_ours(headers: &HeaderMap) -> bool {
    origin::is_ours(headers, "https://grid.example")
}
