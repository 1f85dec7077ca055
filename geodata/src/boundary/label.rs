//! Where to write a region's name: its centre of mass, or, where that lies outside or hardly
//! inside, the middle of the widest stretch across it.

use crate::crs::Point;
use crate::plane::{PER_DEGREE, Polygon, Vertex, double_area, edges};

/// A point inside the largest of the polygons.
pub fn point(polygons: &[Polygon]) -> Point {
    let Some(largest) = polygons
        .iter()
        .max_by_key(|polygon| double_area(&polygon.outer))
    else {
        return Point { lon: 0.0, lat: 0.0 };
    };
    let (x, y) = centroid(&largest.outer);
    let found = if at_ease(largest, x, y) {
        (x, y)
    } else {
        widest(largest).unwrap_or((x, y))
    };
    Point {
        lon: found.0 / PER_DEGREE,
        lat: found.1 / PER_DEGREE,
    }
}

fn centroid(ring: &[Vertex]) -> (f64, f64) {
    let [ox, oy] = ring[0].map(f64::from);
    let (mut sum, mut x, mut y) = (0.0, 0.0, 0.0);
    for (a, b) in edges(ring) {
        let (ax, ay, bx, by) = (
            f64::from(a[0]) - ox,
            f64::from(a[1]) - oy,
            f64::from(b[0]) - ox,
            f64::from(b[1]) - oy,
        );
        let cross = ax * by - bx * ay;
        sum += cross;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    (ox + x / (3.0 * sum), oy + y / (3.0 * sum))
}

/// Whether the point has a good part of the width at its latitude on either side.
fn at_ease(polygon: &Polygon, x: f64, y: f64) -> bool {
    let widest = spans(polygon, y)
        .into_iter()
        .map(|(west, east)| east - west)
        .fold(0.0, f64::max);
    spans(polygon, y)
        .into_iter()
        .any(|(west, east)| x - west > widest * 0.2 && east - x > widest * 0.2)
}

/// The middle of the widest stretch at a few latitudes.
fn widest(polygon: &Polygon) -> Option<(f64, f64)> {
    let south = polygon.outer.iter().map(|v| v[1]).min()?;
    let north = polygon.outer.iter().map(|v| v[1]).max()?;
    let (south, north) = (f64::from(south), f64::from(north));
    let stretches = (1..16).flat_map(|step| {
        // An odd fraction, so that the line passes between vertices.
        let y = south + (north - south) * (f64::from(step) + 0.003) / 16.0;
        spans(polygon, y)
            .into_iter()
            .map(move |(west, east)| (east - west, f64::midpoint(west, east), y))
    });
    stretches
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, x, y)| (x, y))
}

/// The stretches of a latitude that lie inside, west to east.
fn spans(polygon: &Polygon, y: f64) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = polygon
        .rings()
        .flat_map(|ring| edges(ring))
        .filter_map(|(a, b)| {
            let (ay, by) = (f64::from(a[1]), f64::from(b[1]));
            let (ax, bx) = (f64::from(a[0]), f64::from(b[0]));
            ((ay <= y) != (by <= y)).then(|| ax + (y - ay) * (bx - ax) / (by - ay))
        })
        .collect();
    crossings.sort_by(f64::total_cmp);
    crossings
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::{Inside, snap};

    #[test]
    fn lies_inside_even_a_horseshoe() {
        let outer = vec![
            [0, 0],
            [900, 0],
            [900, 1000],
            [800, 1000],
            [800, 100],
            [100, 100],
            [100, 1000],
            [0, 1000],
        ];
        let shape = Polygon {
            outer: outer.clone(),
            holes: Vec::new(),
        };
        assert!(Inside::new([&outer]).contains(snap(point(&[shape]))));
    }
}
