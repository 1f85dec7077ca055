//! Map layers of the county pack, each cut to what lies in the caller's scope. A restricted one
//! names people in trouble: it is for those who look after them, asks for a purpose, and each view
//! is noted before it is answered.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use geodata::crs::Point;
use geodata::locate::Locator;
use geodata::region::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::map::{cacheable, tagged};
use super::state::Server;
use crate::audit::Detail;
use crate::county::Layer;
use crate::problem::Problem;

/// Longest purpose, in characters.
const MAX_PURPOSE_CHARS: usize = 200;
/// How deep the positions of a geometry are nested at most.
const MAX_NESTING: u8 = 6;

#[derive(Debug, Deserialize)]
pub(super) struct LayerQuery {
    scope: Option<String>,
    purpose: Option<String>,
}

/// The layers there are for this caller.
pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.scope(None, &server)?;
    let restricted = access::can(&caller.actor, Deed::ViewRestrictedLayer);
    let names: Vec<Value> = server
        .layers
        .iter()
        .filter(|layer| restricted || !layer.restricted)
        .map(|layer| json!({"name": layer.name, "restricted": layer.restricted}))
        .collect();
    Ok(axum::Json(names).into_response())
}

pub(super) async fn one(
    State(server): State<Server>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<LayerQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scope = caller.scope(query.scope.as_deref(), &server)?;
    let layer = server.layers.iter().find(|layer| layer.name == name);
    let layer = layer.ok_or_else(|| caller.problem(Problem::not_found()))?;
    if layer.restricted {
        return restricted(&server, &caller, layer, scope, query.purpose.as_deref()).await;
    }
    let key = (scope, name);
    let made = if let Some(made) = server.maps.layers.get(&key) {
        made
    } else {
        let made = tagged(cut(&server, &caller, layer, scope).await?.0);
        server.maps.layers.keep(key, made.clone());
        made
    };
    Ok(cacheable(&headers, made, "application/geo+json"))
}

async fn restricted(
    server: &Server,
    caller: &Caller,
    layer: &Layer,
    scope: Code,
    purpose: Option<&str>,
) -> Result<Response, Problem> {
    access::may_do(&caller.actor, Deed::ViewRestrictedLayer)
        .map_err(|refusal| caller.problem(refusal))?;
    let purpose = purpose.map(str::trim).filter(|purpose| {
        !purpose.is_empty()
            && purpose.chars().count() <= MAX_PURPOSE_CHARS
            && !purpose.chars().any(char::is_control)
    });
    let purpose = purpose.ok_or_else(|| caller.problem(purpose_required()))?;
    let (body, count) = cut(server, caller, layer, scope).await?;
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("application/geo+json")),
        (header::CACHE_CONTROL, fixed("no-store")),
    ];
    let mut response = (StatusCode::OK, headers, body).into_response();
    response
        .extensions_mut()
        .insert(view(layer, scope, purpose, count));
    Ok(response)
}

/// Which restricted layer of which region is seen, and what for; recorded before it is answered.
fn view(layer: &Layer, scope: Code, purpose: &str, count: usize) -> Detail {
    Detail {
        action: Some("layer.view".to_owned()),
        region: Some(scope),
        purpose: Some(purpose.to_owned()),
        after: Some(json!({ "features": count })),
        ..Detail::on(&layer.name)
    }
}

fn purpose_required() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "purpose_required",
        "此图层涉及个人信息，请填写查看事由（200 字以内），本次查看将被记录",
        "This layer names people; say what you need it for (200 characters at most). The view is recorded",
    )
}

/// What of a layer lies in `scope`, and how many features that is.
async fn cut(
    server: &Server,
    caller: &Caller,
    layer: &Layer,
    scope: Code,
) -> Result<(Bytes, usize), Problem> {
    let whole = scope == server.county.code;
    let (body, locator) = (layer.body.clone(), server.locator.clone());
    tokio::task::spawn_blocking(move || within(&body, scope, whole, &locator))
        .await
        .map_err(|_| caller.problem(Problem::unavailable(1)))
}

fn within(body: &Bytes, scope: Code, whole: bool, locator: &Locator) -> (Bytes, usize) {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(Value::Array(features)) = value.get_mut("features") else {
        // A single feature or shape is cut as a list of one would be.
        let here = whole || lies_in(&value, scope, locator);
        let nothing = || Bytes::from_static(br#"{"type":"FeatureCollection","features":[]}"#);
        return (
            if here { body.clone() } else { nothing() },
            usize::from(here),
        );
    };
    if whole {
        return (body.clone(), features.len());
    }
    features.retain(|feature| lies_in(feature, scope, locator));
    let count = features.len();
    (Bytes::from(value.to_string()), count)
}

/// Whether a feature lies in a region: by the region it names, else by any of its points.
fn lies_in(feature: &Value, scope: Code, locator: &Locator) -> bool {
    let properties = feature.get("properties");
    let named = ["grid", "region"]
        .iter()
        .find_map(|name| properties.and_then(|all| all.get(*name)))
        .and_then(|code| match code {
            Value::String(text) => text.parse::<Code>().ok(),
            Value::Number(number) => number.to_string().parse().ok(),
            _ => None,
        });
    if let Some(code) = named {
        return scope.contains(code);
    }
    let geometry = feature.get("geometry").unwrap_or(feature);
    let shapes = geometry.get("geometries").and_then(Value::as_array);
    let one = std::slice::from_ref(geometry);
    shapes
        .map_or(one, Vec::as_slice)
        .iter()
        .filter_map(|shape| shape.get("coordinates"))
        .any(|positions| touches(positions, scope, locator, MAX_NESTING))
}

fn touches(positions: &Value, scope: Code, locator: &Locator, nesting: u8) -> bool {
    let Some(list) = positions.as_array() else {
        return false;
    };
    if let (Some(lon), Some(lat)) = (
        list.first().and_then(Value::as_f64),
        list.get(1).and_then(Value::as_f64),
    ) {
        let place = locator.locate(Point { lon, lat });
        return place.is_some_and(|place| scope.contains(place));
    }
    nesting > 0
        && list
            .iter()
            .any(|inner| touches(inner, scope, locator, nesting - 1))
}
