use serde_json::{Value, json};

use super::*;
use crate::crs::{Crs, from_wgs84};
use crate::plane::{Ring, double_area};

type Cell = [f64; 4];

fn ring([w, s, e, n]: Cell) -> Value {
    json!([[w, s], [e, s], [e, n], [w, n], [w, s]])
}

fn feature(code: &str, level: &str, geometry: &Value) -> Value {
    json!({ "type": "Feature", "properties": { "code": code, "name": "名", "level": level }, "geometry": geometry })
}

fn region(code: &str, cell: Cell) -> Value {
    let level = code.parse::<Code>().expect("a code").level().as_str();
    feature(
        code,
        level,
        &json!({ "type": "Polygon", "coordinates": [ring(cell)] }),
    )
}

const COUNTY: Cell = [118.0, 28.0, 118.4, 28.2];
const WEST: Cell = [118.0, 28.0, 118.2, 28.2];
const EAST: Cell = [118.2, 28.0, 118.4, 28.2];

/// A county of two townships.
fn county() -> Vec<Value> {
    vec![
        region("330899", COUNTY),
        region("330899101", WEST),
        region("330899102", EAST),
    ]
}

fn read(features: &[Value]) -> (Option<Boundary>, Vec<Fault>) {
    Boundary::read(&json!({ "type": "FeatureCollection", "features": features }).to_string())
}

/// The faults as code, severity and feature.
fn faults(features: &[Value]) -> Vec<(&'static str, Severity, Option<usize>)> {
    read(features)
        .1
        .into_iter()
        .map(|fault| (fault.code, fault.severity, fault.feature))
        .collect()
}

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

#[test]
fn a_sound_county_has_no_faults() {
    let (boundary, faults) = read(&county());
    assert!(faults.is_empty(), "{faults:?}");
    let boundary = boundary.expect("a boundary");
    assert_eq!(boundary.bbox(code("330899102")), Some(EAST));
    assert_eq!(boundary.bbox(code("330899103")), None);
    assert!(!boundary.is_synthetic(code("330899102")));
    let label = boundary.label_point(code("330899101")).expect("a label");
    assert!((label.lon - 118.1).abs() < 1e-6 && (label.lat - 28.1).abs() < 1e-6);
}

#[test]
fn files_that_are_none() {
    for (text, code) in [
        ("", "not_json"),
        ("{\"a\": NaN}", "not_json"),
        ("[]", "not_a_feature_collection"),
        ("{\"type\":\"Feature\"}", "not_a_feature_collection"),
    ] {
        let (boundary, faults) = Boundary::read(text);
        assert!(boundary.is_none());
        assert_eq!(
            faults.iter().map(|fault| fault.code).collect::<Vec<_>>(),
            [code]
        );
    }
    assert_eq!(faults(&[]), [("no_county", Severity::Error, None)]);
    assert!(faults(&[json!(3)]).contains(&("missing_code", Severity::Error, Some(0))));
}

#[test]
fn faults_of_codes_names_and_levels() {
    let mut all = county();
    all.push(region("330899102", EAST));
    all.push(region("330899109001", EAST));
    all.push(feature("33089", "county", &Value::Null));
    all.push(feature(
        "330899101001",
        "township",
        &region("330899101", WEST)["geometry"],
    ));
    all.push(region("330898", COUNTY));
    all[1]["properties"]["name"] = json!("  ");
    all.push(json!({ "type": "Feature", "properties": { "code": 330_899, "name": "名", "level": "county" }, "geometry": null }));
    let error = |code, feature| (code, Severity::Error, Some(feature));
    let wanted = [
        error("missing_name", 1),
        error("duplicate_code", 3),
        error("orphan_code", 4),
        error("bad_code", 5),
        error("bad_level", 6),
        error("two_counties", 7),
        error("missing_code", 8),
    ];
    assert_eq!(faults(&all), wanted);
    let (boundary, faults) = read(&all);
    assert!(boundary.is_some());
    assert!(
        faults
            .iter()
            .all(|fault| !fault.message.is_empty() && !fault.remedy.is_empty())
    );
    assert_eq!(faults[2].region.as_deref(), Some("330899109001"));
    let json = serde_json::to_value(&faults[1]).expect("json");
    assert_eq!(
        (&json["code"], &json["severity"]),
        (&json!("duplicate_code"), &json!("error"))
    );
}

#[test]
fn faults_of_rings() {
    let with = |coordinates| -> Vec<_> {
        let mut all = county();
        all[2]["geometry"]["coordinates"] = coordinates;
        faults(&all)
    };
    let error = |code| vec![(code, Severity::Error, Some(2))];
    assert_eq!(
        with(json!([[[118.2, 28.0], [118.4, 28.0]]])),
        error("invalid_ring")
    );
    assert_eq!(with(json!([])), error("invalid_ring"));
    assert_eq!(with(json!("x")), error("invalid_ring"));
    assert_eq!(
        with(json!([[
            [118.2, 28.0],
            [118.3, 28.0],
            [118.4, 28.0],
            [118.2, 28.0]
        ]])),
        error("invalid_ring")
    );
    assert_eq!(
        with(json!([[
            [118.2, 28.0],
            [118.4, null],
            [118.4, 28.2],
            [118.2, 28.0]
        ]])),
        error("bad_coordinate")
    );
    assert_eq!(
        with(json!([[
            [28.0, 118.2],
            [28.0, 118.4],
            [28.2, 118.4],
            [28.0, 118.2]
        ]])),
        error("bad_coordinate")
    );
    let mut bow = with(json!([[
        [118.2, 28.0],
        [118.4, 28.2],
        [118.4, 28.0],
        [118.3, 28.2],
        [118.2, 28.0]
    ]]));
    bow.retain(|fault| fault.0 == "self_intersection");
    assert_eq!(bow, error("self_intersection"));
    let hole = with(json!([ring(EAST), ring([118.0, 28.0, 118.1, 28.1])]));
    assert!(hole.contains(&error("hole_outside")[0]), "{hole:?}");
    let mut all = county();
    all[2]["geometry"] = json!({ "type": "Point", "coordinates": [118.0, 28.0] });
    assert_eq!(faults(&all), error("bad_geometry"));
    all[2]["geometry"] = Value::Null;
    assert_eq!(faults(&all), error("missing_geometry"));
}

#[test]
fn repairs_what_it_says() {
    let with = |coordinates| -> Vec<_> {
        let mut all = county();
        all[2]["geometry"]["coordinates"] = coordinates;
        let (boundary, _) = read(&all);
        assert_eq!(
            boundary.expect("a boundary").bbox(code("330899102")),
            Some(EAST)
        );
        faults(&all)
    };
    let repaired = |code| vec![(code, Severity::Repaired, Some(2))];
    let [w, s, e, n] = EAST;
    assert_eq!(
        with(json!([[[w, s], [e, s], [e, n], [w, n]]])),
        repaired("unclosed_ring")
    );
    assert_eq!(
        with(json!([[[w, s], [w, n], [e, n], [e, s], [w, s]]])),
        repaired("winding_order")
    );
    assert_eq!(
        with(json!([[[w, s], [e, s], [e, s], [e, n], [w, n], [w, s]]])),
        repaired("duplicate_points")
    );
    assert_eq!(
        with(json!([[
            [w, s],
            [e, s],
            [e + 0.1, s],
            [e, s],
            [e, n],
            [w, n],
            [w, s]
        ]])),
        repaired("spike")
    );
}

#[test]
fn gaps_overlaps_and_grids_outside() {
    let with = |at: usize, cell: Cell| {
        let mut all = county();
        let code = all[at]["properties"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        all[at] = region(&code, cell);
        faults(&all)
    };
    let error = |code, feature| vec![(code, Severity::Error, Some(feature))];
    assert_eq!(with(2, [118.21, 28.0, 118.4, 28.2]), error("gap", 0));
    assert_eq!(with(2, [118.19, 28.0, 118.4, 28.2]), error("overlap", 1));
    assert_eq!(
        with(2, [118.2, 28.0, 118.4, 28.21]),
        error("outside_parent", 2)
    );
    // A centimetre is noise, also where the neighbour has no such vertex.
    assert_eq!(with(2, [118.200_000_1, 28.0, 118.4, 28.2]), []);
    let mut all = county();
    all.push(region("330899101001", WEST));
    all.push(region("330899101001001", WEST));
    assert_eq!(faults(&all), []);
    all.push(region("330899101001002", EAST));
    assert_eq!(faults(&all), error("outside_parent", 5));
    let text = json!({ "type": "FeatureCollection", "features": [region("330899", COUNTY), region("330899101", WEST)] });
    assert!(Boundary::read_within(&text.to_string(), 1e9).1.is_empty());
}

#[test]
fn missing_outlines_are_drawn_around_children() {
    let mut all = county();
    for at in [0, 1] {
        all[at]["geometry"] = Value::Null;
    }
    all.push(region("330899101001", WEST));
    let (boundary, faults) = read(&all);
    assert!(faults.is_empty(), "{faults:?}");
    let boundary = boundary.expect("a boundary");
    assert_eq!(boundary.bbox(code("330899")), Some(COUNTY));
    assert_eq!(boundary.bbox(code("330899101")), Some(WEST));
    all.push(region("330899101002", [118.1, 28.0, 118.2, 28.2]));
    assert_eq!(read(&all).1[0].code, "overlap");
}

#[test]
fn reads_other_coordinate_systems() {
    for (crs, name) in [
        (Crs::Gcj02, json!("gcj02")),
        (
            Crs::Bd09,
            json!({ "type": "name", "properties": { "name": "BD-09" } }),
        ),
    ] {
        let mut all = county();
        for feature in &mut all {
            for position in feature["geometry"]["coordinates"][0]
                .as_array_mut()
                .expect("a ring")
            {
                let point = Point::new(
                    position[0].as_f64().expect("lon"),
                    position[1].as_f64().expect("lat"),
                );
                let there = from_wgs84(point, crs);
                *position = json!([there.lon, there.lat]);
            }
        }
        let (boundary, faults) = Boundary::read(
            &json!({ "type": "FeatureCollection", "crs": name, "features": all }).to_string(),
        );
        assert!(faults.is_empty(), "{faults:?}");
        let bbox = boundary
            .and_then(|boundary| boundary.bbox(code("330899101")))
            .expect("a box");
        assert!(
            bbox.iter().zip(WEST).all(|(a, b)| (a - b).abs() < 1e-6),
            "{bbox:?}"
        );
    }
    let odd = json!({ "type": "FeatureCollection", "crs": "EPSG:4549", "features": county() });
    assert_eq!(Boundary::read(&odd.to_string()).1[0].code, "unknown_crs");
    let old = json!({ "type": "FeatureCollection", "features": county(),
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:OGC:1.3:CRS84" } } });
    assert!(Boundary::read(&old.to_string()).1.is_empty());
}

fn area(polygons: &[Vec<Ring>]) -> i128 {
    polygons
        .iter()
        .flatten()
        .map(|ring| double_area(ring))
        .sum()
}

#[test]
fn simplifying_opens_no_gap() {
    let pack = crate::sample::county(5);
    let boundary = Boundary::read(&pack.regions_geojson).0.expect("a boundary");
    let topology = Topology::new(&boundary.shapes);
    let at = |level| {
        boundary
            .tree
            .iter()
            .enumerate()
            .filter(move |(_, r)| r.level == level)
            .map(|(at, _)| at)
    };
    let mut before = usize::MAX;
    for zoom in [18, 14, 12, 10, 8, 5] {
        let thin = topology.at_zoom(zoom);
        let shape = |at: usize| thin.polygons(at).collect::<Vec<_>>();
        let whole = area(&shape(0));
        for level in [
            crate::region::Level::Township,
            crate::region::Level::Village,
            crate::region::Level::Grid,
        ] {
            assert_eq!(
                at(level).map(|at| area(&shape(at))).sum::<i128>(),
                whole,
                "zoom {zoom}, {level}"
            );
        }
        // Every border inside is walked once each way, so that nothing but the outline is left.
        let mut sum = crate::plane::EdgeSum::default();
        at(crate::region::Level::Grid)
            .for_each(|at| shape(at).iter().flatten().for_each(|ring| sum.add(ring, 1)));
        shape(0).iter().flatten().for_each(|ring| sum.add(ring, -1));
        assert!(sum.rest().is_empty());
        assert!(
            (0..boundary.shapes.len())
                .all(|at| shape(at).iter().flatten().all(|ring| ring.len() > 2))
        );
        let vertices: usize = (0..boundary.shapes.len())
            .map(|at| shape(at).iter().flatten().map(Vec::len).sum::<usize>())
            .sum();
        assert!(vertices <= before, "{vertices} at zoom {zoom}");
        before = vertices;
    }
    let full = topology.at_zoom(18);
    assert_eq!(
        area(&full.polygons(7).collect::<Vec<_>>()),
        area(
            &boundary.shapes[7]
                .polygons
                .iter()
                .map(|p| p.rings().cloned().collect())
                .collect::<Vec<_>>()
        )
    );
}

#[test]
fn writes_the_scope_and_below() {
    let mut all = county();
    all[2]["properties"]["synthetic"] = json!(true);
    all.push(region("330899102001", EAST));
    let boundary = read(&all).0.expect("a boundary");
    let shown = |scope: &str, zoom| -> Value {
        serde_json::from_str(&boundary.to_geojson(code(scope), zoom)).expect("json")
    };
    let codes = |value: &Value| -> Vec<String> {
        let features = value["features"].as_array().expect("features");
        features
            .iter()
            .map(|f| {
                f["properties"]["code"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(codes(&shown("330899", 9)).len(), 4);
    assert_eq!(codes(&shown("330899102", 9)), ["330899102", "330899102001"]);
    assert!(codes(&shown("330899109", 9)).is_empty() && codes(&shown("330898", 9)).is_empty());
    let one = &shown("330899102", 18)["features"][0];
    assert_eq!(
        one["properties"],
        json!({ "code": "330899102", "name": "名", "level": "township", "parent": "330899", "lx": 118.3, "ly": 28.1, "synthetic": true })
    );
    assert_eq!(one["geometry"]["type"], "Polygon");
    let again = json!({ "type": "FeatureCollection", "features": shown("330899", 3)["features"] });
    assert!(Boundary::read(&again.to_string()).1.is_empty());
}
