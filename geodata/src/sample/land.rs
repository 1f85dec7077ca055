//! The land to divide: an outline, and the plane of metres in which it is divided.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::crs::Point;
use crate::plane::{Extent, Inside, METRES_PER_DEGREE, Polygon, Ring, Vertex, place, snap};

/// A place in metres east and north of the middle of the land.
pub type Spot = [f64; 2];

/// The land.
#[derive(Debug)]
pub struct Land {
    pub polygons: Vec<Polygon>,
    pub inside: Inside,
    /// Its extent in metres.
    pub size: Spot,
    origin: Point,
    per_lon: f64,
}

impl Land {
    pub fn new(polygons: Vec<Polygon>) -> Self {
        let inside = Inside::new(
            &polygons
                .iter()
                .flat_map(Polygon::rings)
                .cloned()
                .collect::<Vec<_>>(),
        );
        let Extent { min, max } = inside.extent;
        let (a, b) = (place(min), place(max));
        let origin = Point {
            lon: f64::midpoint(a.lon, b.lon),
            lat: f64::midpoint(a.lat, b.lat),
        };
        let per_lon = METRES_PER_DEGREE * origin.lat.to_radians().cos();
        let size = [
            (b.lon - a.lon) * per_lon,
            (b.lat - a.lat) * METRES_PER_DEGREE,
        ];
        Self {
            polygons,
            inside,
            size,
            origin,
            per_lon,
        }
    }

    pub fn spot(&self, point: Point) -> Spot {
        [
            (point.lon - self.origin.lon) * self.per_lon,
            (point.lat - self.origin.lat) * METRES_PER_DEGREE,
        ]
    }

    pub fn vertex(&self, spot: Spot) -> Vertex {
        let lon = self.origin.lon + spot[0] / self.per_lon;
        let lat = self.origin.lat + spot[1] / METRES_PER_DEGREE;
        snap(Point { lon, lat })
    }

    pub fn contains(&self, spot: Spot) -> bool {
        self.inside.contains(self.vertex(spot))
    }

    /// A random spot of the land.
    pub fn random(&self, rng: &mut ChaCha8Rng) -> Spot {
        loop {
            let spot = self.size.map(|side| (rng.random::<f64>() - 0.5) * side);
            if self.contains(spot) {
                return spot;
            }
        }
    }
}

pub fn distance(a: Spot, b: Spot) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// An outline like a county's: lobes and bays of several sizes around a middle, about 0.35° wide.
pub fn invented(rng: &mut ChaCha8Rng) -> Ring {
    const MIDDLE: Point = Point::new(118.95, 28.97);
    const CORNERS: usize = 900;
    // Lobes first, bays last; a little play in each so that seeds differ.
    let waves = [
        (2.0, 0.18, 0.6),
        (3.0, 0.11, 2.0),
        (7.0, 0.05, 1.0),
        (17.0, 0.025, 0.0),
        (41.0, 0.011, 0.0),
        (97.0, 0.005, 0.0),
    ];
    let waves = waves.map(|(turns, height, phase)| {
        let play = if turns < 5.0 {
            0.35
        } else {
            std::f64::consts::TAU
        };
        (
            turns,
            height * (0.85 + 0.3 * rng.random::<f64>()),
            phase + play * (rng.random::<f64>() - 0.5),
        )
    });
    let corner = |at: usize| {
        let angle = at as f64 / CORNERS as f64 * std::f64::consts::TAU;
        let swell: f64 = waves
            .iter()
            .map(|(turns, height, phase)| height * (turns * angle + phase).sin())
            .sum();
        let radius = 1.0 + swell + 0.002 * (rng.random::<f64>() - 0.5);
        snap(Point {
            lon: MIDDLE.lon + 0.17 * radius * angle.cos(),
            lat: MIDDLE.lat + 0.135 * radius * angle.sin(),
        })
    };
    (0..CORNERS).map(corner).collect()
}

/// A line between two spots that wanders like something grown: the middle is displaced, then the
/// middle of each half, and so on. `reach` bounds the sideways way at a distance from either end.
pub fn wander(
    from: Spot,
    to: Spot,
    rough: f64,
    reach: f64,
    step_m: f64,
    rng: &mut ChaCha8Rng,
) -> Vec<Spot> {
    let length = distance(from, to);
    let halvings = (length / step_m).max(1.0).log2().ceil().clamp(0.0, 7.0) as u32;
    let mut sideways = vec![0.0, 0.0];
    let mut height = rough;
    for _ in 0..halvings {
        let mut finer = Vec::with_capacity(sideways.len() * 2);
        for pair in sideways.windows(2) {
            finer.push(pair[0]);
            finer
                .push(f64::midpoint(pair[0], pair[1]) + height * (rng.random::<f64>() - 0.5) * 2.0);
        }
        finer.push(0.0);
        sideways = finer;
        height *= 0.52;
    }
    let parts = (sideways.len() - 1) as f64;
    let along = [to[0] - from[0], to[1] - from[1]];
    let spot = |(at, aside): (usize, &f64)| {
        let t = at as f64 / parts;
        let limit = reach * t.min(1.0 - t);
        let aside = aside.clamp(-limit, limit);
        [
            from[0] + along[0] * t - along[1] * aside,
            from[1] + along[1] * t + along[0] * aside,
        ]
    };
    sideways.iter().enumerate().map(spot).collect()
}
