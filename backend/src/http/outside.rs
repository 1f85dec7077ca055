//! Doors for the fuzz targets to what this room reads.

use std::sync::LazyLock;

use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use domain::pack::County;
use geodata::region::{Level, Region, RegionTree};
use serde::de::DeserializeOwned;

use super::{import, incidents, live, map, origin};

/// A county without regions below it.
static COUNTY: LazyLock<Option<County>> = LazyLock::new(|| {
    let county = Region {
        code: "330899".parse().ok()?,
        name: "县".to_owned(),
        level: Level::County,
    };
    Some(County::default_for(RegionTree::new(vec![county]).ok()?))
});

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
    if let Some(county) = &*COUNTY {
        let _ = incidents::Filter::read(&uri, county);
    }
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
