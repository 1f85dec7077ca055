//! Who is closest: the nearest few of many places, by the great circle. What the ids stand for,
//! and who of them is free, is left to the caller.

use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use crate::crs::{EARTH_RADIUS_M, Point};

/// Places by id, ready to be asked for the nearest.
#[derive(Debug, Clone)]
pub struct Nearest<T> {
    /// On the unit sphere, where the straight line orders like the great circle, also across the
    /// date line and at the poles.
    tree: RTree<GeomWithData<[f64; 3], (T, Point)>>,
}

impl<T: Clone> Nearest<T> {
    /// Takes in places; those that are no valid position are left out.
    pub fn new(places: impl IntoIterator<Item = (T, Point)>) -> Self {
        let valid = places.into_iter().filter(|(_, point)| point.is_valid());
        let entries = valid.map(|(id, point)| GeomWithData::new(on_sphere(point), (id, point)));
        Self {
            tree: RTree::bulk_load(entries.collect()),
        }
    }

    /// The `count` nearest to a point, the nearest first, each with its distance in metres.
    pub fn nearest(&self, point: Point, count: usize) -> Vec<(T, f64)> {
        if !point.is_valid() {
            return Vec::new();
        }
        let near = self
            .tree
            .nearest_neighbor_iter(on_sphere(point))
            .take(count);
        near.map(|entry| (entry.data.0.clone(), point.distance_m(entry.data.1)))
            .collect()
    }

    /// All within some metres of a point, in no particular order, each with its distance in metres.
    pub fn within(&self, point: Point, metres: f64) -> Vec<(T, f64)> {
        if !point.is_valid() {
            return Vec::new();
        }
        let chord = 2.0
            * (metres / EARTH_RADIUS_M / 2.0)
                .clamp(0.0, std::f64::consts::FRAC_PI_2)
                .sin();
        let here = on_sphere(point);
        let reach = chord * chord * (1.0 + 1e-9) + 1e-18;
        let near = self
            .tree
            .locate_within_distance(here, reach)
            .filter(|entry| entry.distance_2(&here) <= reach);
        near.map(|entry| (entry.data.0.clone(), point.distance_m(entry.data.1)))
            .collect()
    }
}

fn on_sphere(point: Point) -> [f64; 3] {
    let (lon, lat) = (point.lon.to_radians(), point.lat.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn across_the_date_line() {
        let places = [
            ("east", Point::new(179.9, 0.0)),
            ("far", Point::new(170.0, 0.0)),
            ("bad", Point::new(f64::NAN, 0.0)),
        ];
        let nearest = Nearest::new(places);
        assert_eq!(nearest.nearest(Point::new(-179.9, 0.0), 1)[0].0, "east");
        assert_eq!(nearest.nearest(Point::new(-179.9, 0.0), 9).len(), 2);
        assert!(nearest.nearest(Point::new(f64::NAN, 0.0), 1).is_empty());
        assert!(
            Nearest::<u8>::new([])
                .nearest(Point::new(0.0, 0.0), 3)
                .is_empty()
        );
    }

    proptest! {
        #[test]
        fn agrees_with_measuring_all(places in prop::collection::vec((118.0..119.0, 28.0..29.0), 1..60), k in 1usize..8) {
            let places: Vec<Point> = places.into_iter().map(|(lon, lat)| Point::new(lon, lat)).collect();
            let here = Point::new(118.5, 28.5);
            let nearest = Nearest::new(places.iter().copied().enumerate());
            let mut all: Vec<f64> = places.iter().map(|place| here.distance_m(*place)).collect();
            all.sort_by(f64::total_cmp);
            let found = nearest.nearest(here, k);
            prop_assert_eq!(found.len(), k.min(all.len()));
            for ((_, metres), wanted) in found.iter().zip(&all) {
                prop_assert!((metres - wanted).abs() < 1e-3);
            }
            let within = all.iter().filter(|metres| **metres < 20_000.0).count();
            prop_assert_eq!(nearest.within(here, 20_000.0).len(), within);
        }
    }
}
