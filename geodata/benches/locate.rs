//! Point to grid over the sample county: the locator against a scan with geo's `Contains` and
//! against an R-tree of bounding boxes with `Contains`, in one run. Prints points a second.

use std::hint::black_box;
use std::time::Instant;

use geo::{BoundingRect, Contains};
use geodata::boundary::Boundary;
use geodata::crs::Point;
use geodata::locate::Locator;
use geodata::region::{Code, Level};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

type Grid = (Code, geo::MultiPolygon);

fn scan(grids: &[Grid], point: Point) -> Option<Code> {
    let point = geo::Point::new(point.lon, point.lat);
    grids
        .iter()
        .find(|(_, shape)| shape.contains(&point))
        .map(|(code, _)| *code)
}

fn boxes(grids: &[Grid]) -> RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> {
    let entry = |(at, (_, shape)): (usize, &Grid)| {
        let rect = shape.bounding_rect()?;
        Some(GeomWithData::new(
            Rectangle::from_corners(rect.min().into(), rect.max().into()),
            at,
        ))
    };
    RTree::bulk_load(grids.iter().enumerate().filter_map(entry).collect())
}

/// Points a second, and how many were found.
fn measure(points: &[Point], locate: impl Fn(Point) -> Option<Code>) -> (f64, usize) {
    let start = Instant::now();
    let found = points
        .iter()
        .filter(|point| black_box(locate(**point)).is_some())
        .count();
    (points.len() as f64 / start.elapsed().as_secs_f64(), found)
}

fn main() {
    let pack = geodata::sample::county(1);
    let start = Instant::now();
    let (Some(boundary), faults) = Boundary::read(&pack.regions_geojson) else {
        return;
    };
    println!(
        "read and validated in {:.0?}, {} faults",
        start.elapsed(),
        faults.len()
    );
    let start = Instant::now();
    let locator = Locator::new(&boundary);
    println!("locator ready in {:.0?}", start.elapsed());
    let start = Instant::now();
    let text = boundary.to_geojson(boundary.tree().county().code, 10);
    println!(
        "first drawn for zoom 10 in {:.0?}, {} kB",
        start.elapsed(),
        text.len() / 1000
    );
    let grids: Vec<Grid> = boundary
        .tree()
        .iter()
        .filter(|region| region.level == Level::Grid)
        .filter_map(|region| Some((region.code, boundary.polygons(region.code)?)))
        .collect();
    let corners: usize = grids
        .iter()
        .flat_map(|(_, shape)| &shape.0)
        .map(|p| p.exterior().0.len())
        .sum();
    println!(
        "{} grids, {} vertices each on average",
        grids.len(),
        corners / grids.len()
    );
    compare(&boundary, &locator, &grids);
}

/// Our locator against the two ways at hand, on the same points.
fn compare(boundary: &Boundary, locator: &Locator, grids: &[Grid]) {
    let Some([w, s, e, n]) = boundary.bbox(boundary.tree().county().code) else {
        return;
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut point = || {
        Point::new(
            w + (e - w) * rng.random::<f64>(),
            s + (n - s) * rng.random::<f64>(),
        )
    };
    let points: Vec<Point> = (0..2_000_000).map(|_| point()).collect();
    let tree = boxes(grids);
    let by_tree = |point: Point| {
        let here = geo::Point::new(point.lon, point.lat);
        let near = tree.locate_in_envelope_intersecting(AABB::from_point([point.lon, point.lat]));
        near.map(|entry| &grids[entry.data])
            .find(|(_, shape)| shape.contains(&here))
            .map(|(code, _)| *code)
    };
    let rows = [
        (
            "locator",
            measure(&points, |point| locator.locate(point)),
            points.len(),
        ),
        (
            "geo contains, scan",
            measure(&points[..4000], |point| scan(grids, point)),
            4000,
        ),
        (
            "R-tree of boxes + contains",
            measure(&points[..400_000], by_tree),
            400_000,
        ),
    ];
    let ours = rows[0].1.0;
    println!(
        "{:<28} {:>12} {:>10} {:>8}",
        "", "points/s", "locator x", "found"
    );
    for (name, (rate, found), tried) in rows {
        println!(
            "{name:<28} {rate:>12.0} {:>10.1} {:>7.1}%",
            ours / rate,
            100.0 * found as f64 / tried as f64
        );
    }
}
