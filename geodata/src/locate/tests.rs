use std::sync::OnceLock;

use geo::{Contains, Intersects};
use proptest::prelude::*;

use super::*;
use crate::region::Region;

struct Sample {
    boundary: Boundary,
    locator: Locator,
    /// Each with its box: west, south, east, north.
    grids: Vec<(Code, geo::MultiPolygon, [f64; 4])>,
}

fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let pack = crate::sample::county(3);
        let boundary = Boundary::read(&pack.regions_geojson).0.expect("a boundary");
        let is_grid = |region: &&Region| region.level == Level::Grid;
        let grid = |region: &Region| {
            Some((
                region.code,
                boundary.polygons(region.code)?,
                boundary.bbox(region.code)?,
            ))
        };
        let grids = boundary
            .tree()
            .iter()
            .filter(is_grid)
            .filter_map(grid)
            .collect();
        Sample {
            locator: Locator::new(&boundary),
            boundary,
            grids,
        }
    })
}

fn boundary(features: &[(&str, [f64; 4])]) -> Boundary {
    let feature = |(code, [w, s, e, n]): &(&str, [f64; 4])| {
        let level = code.parse::<Code>().expect("a code").level();
        serde_json::json!({ "type": "Feature", "properties": { "code": code, "name": "名", "level": level },
            "geometry": { "type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]] } })
    };
    let features: Vec<_> = features.iter().map(feature).collect();
    let text = serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string();
    Boundary::read(&text).0.expect("a boundary")
}

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

#[test]
fn the_deepest_region_there_is() {
    let boundary = boundary(&[
        ("330899", [118.0, 28.0, 119.0, 29.0]),
        ("330899101", [118.0, 28.0, 118.5, 29.0]),
        ("330899101001", [118.0, 28.0, 118.5, 28.5]),
        ("330899101001001", [118.0, 28.0, 118.25, 28.25]),
    ]);
    let locator = Locator::new(&boundary);
    let at = |lon, lat| locator.locate(Point::new(lon, lat));
    assert_eq!(at(118.1, 28.1), Some(code("330899101001001")));
    assert_eq!(at(118.4, 28.1), Some(code("330899101001")));
    assert_eq!(at(118.4, 28.9), Some(code("330899101")));
    assert_eq!(at(118.9, 28.9), Some(code("330899")));
    for (lon, lat) in [
        (117.9, 28.5),
        (119.1, 28.5),
        (118.5, 29.1),
        (f64::NAN, 28.5),
        (f64::INFINITY, 28.5),
        (0.0, 0.0),
    ] {
        assert_eq!(at(lon, lat), None, "{lon} {lat}");
    }
    // The outline itself is in, on all four sides.
    for (lon, lat) in [(119.0, 29.0), (118.0, 28.0), (119.0, 28.5), (118.7, 29.0)] {
        assert!(at(lon, lat).is_some(), "{lon} {lat}");
    }
}

#[test]
fn ties_go_to_the_lowest_code() {
    let cell = [118.0, 28.0, 119.0, 29.0];
    let boundary = boundary(&[("330899", cell), ("330899102", cell), ("330899101", cell)]);
    assert_eq!(
        Locator::new(&boundary).locate(Point::new(118.5, 28.5)),
        Some(code("330899101"))
    );
}

#[test]
fn vertices_and_middles_of_edges_have_exactly_one_grid() {
    let Sample { locator, grids, .. } = sample();
    for (at, (_, shape, _)) in grids.iter().enumerate().step_by(7) {
        for line in shape
            .0
            .iter()
            .flat_map(|polygon| polygon.exterior().lines())
        {
            let middle = (
                f64::midpoint(line.start.x, line.end.x),
                f64::midpoint(line.start.y, line.end.y),
            );
            for (lon, lat) in [(line.start.x, line.start.y), middle] {
                let found = locator.locate(Point::new(lon, lat));
                let Some(found) = found else {
                    // Halving may have rounded a middle of the outline to the outside.
                    assert!((lon, lat) == middle, "vertex {lon} {lat} of grid {at}");
                    continue;
                };
                assert_eq!(found.level(), Level::Grid);
            }
        }
    }
}

#[test]
fn half_open_rasters_share_no_point() {
    let Sample {
        boundary, grids, ..
    } = sample();
    let extent = boundary
        .shapes()
        .find(|(region, _)| region.code == grids[500].0)
        .map(|(_, shape)| shape.extent);
    let alone: Vec<Raster> = boundary
        .shapes()
        .filter(|(region, shape)| {
            region.level == Level::Grid && extent.is_some_and(|extent| shape.extent.meets(&extent))
        })
        .map(|(region, shape)| Raster::new(&[(region.code, shape)]))
        .collect();
    assert!(alone.len() > 3);
    let shape = &grids[500].1;
    for line in shape
        .0
        .iter()
        .flat_map(|polygon| polygon.exterior().lines())
    {
        let point = Point::new(line.start.x, line.start.y);
        let holders = alone
            .iter()
            .filter(|raster| raster.locate(point).is_some())
            .count();
        assert!(holders <= 1, "{point:?} lies in {holders}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn agrees_with_geo_off_the_edges(x in 0.0..1.0f64, y in 0.0..1.0f64) {
        let Sample { boundary, locator, grids } = sample();
        let [w, s, e, n] = boundary.bbox(boundary.tree().county().code).expect("a county");
        let (lon, lat) = (w + (e - w) * x, s + (n - s) * y);
        let point = geo::Point::new(lon, lat);
        let near = grids.iter().filter(|(_, _, [w, s, e, n])| *w <= lon && lon <= *e && *s <= lat && lat <= *n);
        let holders: Vec<Code> = near.clone().filter(|(_, shape, _)| shape.contains(&point)).map(|(code, ..)| *code).collect();
        let on_edge = near.into_iter().any(|(_, shape, _)| shape.intersects(&point) && !shape.contains(&point));
        if !on_edge {
            prop_assert_eq!(locator.locate(Point::new(lon, lat)), holders.first().copied());
        }
    }
}
