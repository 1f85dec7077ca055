//! Plane geometry on whole numbers: a vertex is a position in units of 1e-7° (about a centimetre),
//! so that equal places are equal bits and turns are exact. What the shapes mean is left to others.

mod inside;
mod meet;
mod trace;

use crate::crs::Point;

pub use inside::Inside;
pub use meet::{crossing_point, first_meeting, mend};
pub use trace::{EdgeSum, assemble, split_loops, trace};

/// Longitude and latitude in units of 1e-7°.
pub type Vertex = [i32; 2];
/// A closed line, its first vertex not repeated; the inside lies to the left.
pub type Ring = Vec<Vertex>;

/// Units of a vertex per degree.
pub const PER_DEGREE: f64 = 1e7;
/// Metres per degree of latitude.
pub const METRES_PER_DEGREE: f64 = 111_195.08;

/// One outer ring and the holes in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polygon {
    /// Counter-clockwise.
    pub outer: Ring,
    /// Each clockwise.
    pub holes: Vec<Ring>,
}

impl Polygon {
    /// The outer ring, then the holes.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outer).chain(&self.holes)
    }
}

/// The vertex nearest to a position, which must be a valid one.
pub fn snap(point: Point) -> Vertex {
    [
        (point.lon * PER_DEGREE).round() as i32,
        (point.lat * PER_DEGREE).round() as i32,
    ]
}

/// The position of a vertex, in degrees.
pub fn place(vertex: Vertex) -> Point {
    Point {
        lon: f64::from(vertex[0]) / PER_DEGREE,
        lat: f64::from(vertex[1]) / PER_DEGREE,
    }
}

/// The directed edges of a ring.
pub fn edges(ring: &[Vertex]) -> impl Iterator<Item = (Vertex, Vertex)> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

/// Twice the signed area of a ring in square units; counter-clockwise is positive.
pub fn double_area(ring: &[Vertex]) -> i128 {
    // Relative to one vertex the terms stay small and the sum fits as long as the ring is a county.
    let Some(&[x, y]) = ring.first() else {
        return 0;
    };
    let at = |v: Vertex| {
        (
            i128::from(v[0]) - i128::from(x),
            i128::from(v[1]) - i128::from(y),
        )
    };
    edges(ring)
        .map(|(a, b)| {
            let ((ax, ay), (bx, by)) = (at(a), at(b));
            ax * by - bx * ay
        })
        .sum()
}

/// On which side of a -> b the vertex c lies: positive for left, zero for in line.
pub fn turn(a: Vertex, b: Vertex, c: Vertex) -> i128 {
    let d = |p: i32, q: i32| i128::from(q) - i128::from(p);
    d(a[0], b[0]) * d(a[1], c[1]) - d(a[1], b[1]) * d(a[0], c[0])
}

/// Square metres of `double_area` square units near this latitude (in units of a vertex).
pub fn square_metres(double_area: i128, lat: i32) -> f64 {
    let metre_lat = METRES_PER_DEGREE / PER_DEGREE;
    let metre_lon = metre_lat * (f64::from(lat) / PER_DEGREE).to_radians().cos();
    double_area as f64 / 2.0 * metre_lat * metre_lon
}

/// West, south, east and north of some vertices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Least longitude and latitude.
    pub min: Vertex,
    /// Greatest longitude and latitude.
    pub max: Vertex,
}

impl Extent {
    /// Of nothing: any vertex grows it.
    pub const EMPTY: Self = Self {
        min: [i32::MAX; 2],
        max: [i32::MIN; 2],
    };

    /// The extent of these vertices.
    pub fn of<'a>(vertices: impl IntoIterator<Item = &'a Vertex>) -> Self {
        let mut extent = Self::EMPTY;
        for v in vertices {
            extent.min = [extent.min[0].min(v[0]), extent.min[1].min(v[1])];
            extent.max = [extent.max[0].max(v[0]), extent.max[1].max(v[1])];
        }
        extent
    }

    /// Whether they share a point.
    pub fn meets(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.max[axis] && other.min[axis] <= self.max[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_and_turns() {
        let square = vec![[0, 0], [10, 0], [10, 10], [0, 10]];
        assert_eq!(double_area(&square), 200);
        assert_eq!(
            double_area(&square.iter().rev().copied().collect::<Vec<_>>()),
            -200
        );
        assert_eq!(double_area(&[]), 0);
        assert!(turn([0, 0], [10, 0], [5, 1]) > 0);
        assert_eq!(turn([0, 0], [10, 0], [20, 0]), 0);
        let degree = 10_000_000;
        let cell = vec![[0, 0], [degree, 0], [degree, degree], [0, degree]];
        assert!((square_metres(double_area(&cell), 0) / 1e6 - 12_364.0).abs() < 2.0);
    }

    #[test]
    fn a_place_comes_back_as_its_vertex() {
        let vertex = [1_189_512_345, 289_700_001];
        assert_eq!(snap(place(vertex)), vertex);
    }
}
