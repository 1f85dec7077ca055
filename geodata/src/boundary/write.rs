//! Writes regions as GeoJSON by hand: a county is half a megabyte of digits, and they are whole
//! numbers already.

use std::fmt::Write;

use super::Boundary;
use super::simplify::Thinned;
use crate::plane::{Polygon, Ring, Vertex, place, snap};
use crate::region::Code;

/// The regions within `scope` as a FeatureCollection.
pub fn collection(boundary: &Boundary, borders: &Thinned, scope: Code) -> String {
    let mut text = String::from(r#"{"type":"FeatureCollection","features":["#);
    let mut first = true;
    for (at, (region, shape)) in boundary.shapes().enumerate() {
        if !scope.contains(region.code) || boundary.tree.get(scope).is_none() {
            continue;
        }
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        let name = serde_json::to_string(&region.name).unwrap_or_default();
        let (code, level) = (region.code, region.level);
        let _ = write!(
            text,
            r#"{{"type":"Feature","properties":{{"code":"{code}","name":{name},"level":"{level}""#
        );
        if let Some(parent) = code.parent() {
            let _ = write!(text, r#","parent":"{parent}""#);
        }
        if !shape.polygons.is_empty() {
            let [x, y] = snap(shape.label);
            text.push_str(r#","lx":"#);
            degrees(&mut text, x);
            text.push_str(r#","ly":"#);
            degrees(&mut text, y);
        }
        if shape.synthetic {
            text.push_str(r#","synthetic":true"#);
        }
        text.push_str(r#"},"geometry":"#);
        geometry(&mut text, borders.polygons(at));
        text.push('}');
    }
    text.push_str("]}");
    text
}

fn geometry(text: &mut String, polygons: impl Iterator<Item = Vec<Ring>>) {
    let polygons: Vec<Vec<Ring>> = polygons.collect();
    match polygons.as_slice() {
        [] => text.push_str("null"),
        [one] => {
            text.push_str(r#"{"type":"Polygon","coordinates":"#);
            rings(text, one);
            text.push('}');
        }
        many => {
            text.push_str(r#"{"type":"MultiPolygon","coordinates":"#);
            list(text, many, |text, one| rings(text, one));
            text.push('}');
        }
    }
}

fn rings(text: &mut String, all: &[Ring]) {
    list(text, all, |text, ring| {
        let mut ring: Vec<Vertex> = ring.iter().map(|v| v.map(micro)).collect();
        // What fell together in rounding is written once, as long as a ring is left.
        let mut short = ring.clone();
        short.dedup();
        if short.len() > 2 {
            ring = short;
        }
        ring.extend(ring.first().copied());
        list(text, &ring, |text, [x, y]| {
            text.push('[');
            micro_degrees(text, *x);
            text.push(',');
            micro_degrees(text, *y);
            text.push(']');
        });
    });
}

fn list<T>(text: &mut String, all: &[T], mut one: impl FnMut(&mut String, &T)) {
    text.push('[');
    for (at, item) in all.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        one(text, item);
    }
    text.push(']');
}

/// From units of 1e-7° to 1e-6°, rounded.
fn micro(unit: i32) -> i32 {
    (unit + 5).div_euclid(10)
}

fn degrees(text: &mut String, unit: i32) {
    micro_degrees(text, micro(unit));
}

/// A number of 1e-6° as degrees, without needless zeros.
fn micro_degrees(text: &mut String, micro: i32) {
    if micro < 0 {
        text.push('-');
    }
    let all = micro.unsigned_abs();
    let (mut part, mut width) = (all % 1_000_000, 6);
    let _ = write!(text, "{}", all / 1_000_000);
    if part > 0 {
        while part % 10 == 0 {
            part /= 10;
            width -= 1;
        }
        let _ = write!(text, ".{part:0width$}");
    }
}

/// Polygons in full (1e-7°) as a GeoJSON geometry.
pub fn exact_geometry(text: &mut String, polygons: &[Polygon]) {
    text.push_str(r#"{"type":"MultiPolygon","coordinates":"#);
    list(text, polygons, |text, polygon| {
        let rings: Vec<&Ring> = polygon.rings().collect();
        list(text, &rings, |text, ring| {
            let closed: Vec<Vertex> = ring.iter().chain(ring.first()).copied().collect();
            list(text, &closed, |text, vertex| {
                let point = place(*vertex);
                let _ = write!(text, "[{},{}]", point.lon, point.lat);
            });
        });
    });
    text.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let show = |unit| {
            let mut text = String::new();
            degrees(&mut text, unit);
            text
        };
        let units = [1_189_500_000, 1_189_512_346, 5, 4, -123_456_789, 0, -15];
        let texts = [
            "118.95",
            "118.951235",
            "0.000001",
            "0",
            "-12.345679",
            "0",
            "-0.000001",
        ];
        assert_eq!(units.map(show), texts);
    }
}
