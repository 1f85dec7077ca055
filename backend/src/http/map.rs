//! What the map is drawn from: regions simplified for a zoom, and labels; and the snapshot. Layers
//! are next door.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{Deed, Viewer, can};
use domain::wire::labels::Labels;
use domain::world::World;
use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::replay;
use super::state::Server;
use crate::log::Log;
use crate::problem::Problem;

/// Zooms are those of web maps; beyond these nothing changes any more.
const ZOOMS: std::ops::RangeInclusive<u8> = 5..=16;
/// The zoom for a whole county on a wall.
const DEFAULT_ZOOM: u8 = 10;
/// Simplified maps kept.
const MAX_MAPS: usize = 256;

#[derive(Debug, Deserialize)]
pub(super) struct MapQuery {
    scope: Option<String>,
    zoom: Option<f64>,
    at: Option<String>,
}

/// Simplified maps by scope and zoom, and layers by scope, each with its tag.
#[derive(Debug, Default)]
pub struct MapCache {
    maps: Kept<(Code, u8)>,
    pub(super) layers: Kept<(Code, String)>,
}

pub(super) type Tagged = (Bytes, HeaderValue);

/// What was made once, until there is too much of it.
#[derive(Debug)]
pub(super) struct Kept<K>(Mutex<FxHashMap<K, Tagged>>);

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Kept<K> {
    pub fn get(&self, key: &K) -> Option<Tagged> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    pub fn keep(&self, key: K, map: Tagged) {
        let mut maps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if maps.len() >= MAX_MAPS {
            maps.clear();
        }
        maps.insert(key, map);
    }
}

pub(super) async fn regions(
    State(server): State<Server>,
    caller: Caller,
    Query(query): Query<MapQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scope = caller.scope(query.scope.as_deref(), &server)?;
    let zoom = query.zoom.map_or(DEFAULT_ZOOM, |zoom| zoom as u8);
    of(&server, scope, zoom, &headers)
        .await
        .map_err(|problem| caller.problem(problem))
}

/// The regions of a scope, simplified for a zoom, made once.
pub(super) async fn of(
    server: &Server,
    scope: Code,
    zoom: u8,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let key = (scope, zoom.clamp(*ZOOMS.start(), *ZOOMS.end()));
    let map = if let Some(map) = server.maps.maps.get(&key) {
        map
    } else {
        let boundary = server.boundary.clone();
        let made = tokio::task::spawn_blocking(move || {
            tagged(Bytes::from(boundary.to_geojson(key.0, key.1)))
        });
        let map = made.await.map_err(|_| Problem::unavailable(1))?;
        server.maps.maps.keep(key, map.clone());
        map
    };
    Ok(cacheable(headers, map, "application/geo+json"))
}

pub(super) async fn labels(
    State(server): State<Server>,
    caller: Caller,
    Query(query): Query<MapQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = if can(&caller.actor, Deed::ManagePeople) {
        // They look at no incident, but give people posts in these regions and organisations.
        let viewer = Viewer::of_region(caller.actor.scope, caller.actor.clearance());
        Labels::of(&server.county, &viewer, &World::default())
    } else {
        let viewer = caller.viewer(query.scope.as_deref(), &server)?;
        server
            .projector
            .read(move |view| Labels::of(view.county, &viewer, view.world))
            .await
            .map_err(|failure| caller.problem(failure))?
    };
    let labels = serde_json::to_vec(&labels).unwrap_or_default();
    Ok(cacheable(
        &headers,
        tagged(Bytes::from(labels)),
        "application/json",
    ))
}

pub(super) async fn snapshot(
    State(server): State<Server>,
    caller: Caller,
    Query(query): Query<MapQuery>,
) -> Result<Response, Problem> {
    if let Some(at) = query.at.as_deref() {
        return replay::snapshot(&server, &caller, query.scope.as_deref(), at).await;
    }
    let viewer = caller.viewer(query.scope.as_deref(), &server)?;
    let epoch = server.log.epoch().to_string();
    let (world, position, now) = server
        .projector
        .read(move |view| (view.world.seen_by(&viewer), view.position, view.now))
        .await
        .map_err(|failure| caller.problem(failure))?;
    let body = json!({
        "epoch": epoch, "position": position.to_string(), "now": now, "world": world,
    });
    Ok(axum::Json(body).into_response())
}

pub(super) fn tagged(body: Bytes) -> Tagged {
    let hash = Sha256::digest(&body);
    let tag = crate::account::secret::hex(&hash[..12]);
    // Weak: the same map travels compressed and not.
    let tag = HeaderValue::from_str(&format!("W/\"{tag}\""));
    (body, tag.unwrap_or(HeaderValue::from_static("W/\"0\"")))
}

pub(super) fn cacheable(headers: &HeaderMap, (body, tag): Tagged, kind: &'static str) -> Response {
    let cache = (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    let etag = (header::ETAG, tag.clone());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|one| tag == *one.trim()))
    });
    if known {
        return (StatusCode::NOT_MODIFIED, [cache, etag]).into_response();
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    (StatusCode::OK, [cache, etag, kind], body).into_response()
}
