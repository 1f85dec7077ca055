//! Coordinate systems of positions in China: WGS-84 (taken as CGCS2000 here; they differ by
//! centimetres), GCJ-02 and BD-09. The forward formulas are the published ones; the inverses are
//! iterated until they agree with them. Everything inside Gridlamp is WGS-84.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// A coordinate system of longitude and latitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crs {
    /// WGS-84, here the same as CGCS2000.
    #[default]
    Wgs84,
    /// GCJ-02, of most Chinese map services.
    Gcj02,
    /// BD-09, of Baidu.
    Bd09,
}

/// A position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Longitude in degrees, east positive.
    pub lon: f64,
    /// Latitude in degrees, north positive.
    pub lat: f64,
}

impl Point {
    /// A position from degrees.
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// Whether both are finite and within ±180° and ±90°.
    pub fn is_valid(self) -> bool {
        (-180.0..=180.0).contains(&self.lon) && (-90.0..=90.0).contains(&self.lat)
    }

    /// Great-circle distance in metres, on a sphere of the mean radius.
    pub fn distance_m(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((b - a) / 2.0).sin();
        let half_lon = ((other.lon - self.lon).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + a.cos() * b.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// Mean radius of the earth in metres.
pub(crate) const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Krasovsky ellipsoid of the GCJ-02 formula: semi-major axis in metres and eccentricity squared.
const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY2: f64 = 0.006_693_421_622_965_943;
/// The constant of the BD-09 formula.
const BD_PI: f64 = PI * 3000.0 / 180.0;

/// Brings a position of `crs` into WGS-84. What lies outside China passes GCJ-02 unchanged.
pub fn to_wgs84(point: Point, crs: Crs) -> Point {
    match crs {
        Crs::Wgs84 => point,
        Crs::Gcj02 => gcj_to_wgs(point),
        Crs::Bd09 => gcj_to_wgs(bd_to_gcj(point)),
    }
}

/// Brings a position of WGS-84 into `crs`. What lies outside China passes GCJ-02 unchanged.
pub fn from_wgs84(point: Point, crs: Crs) -> Point {
    match crs {
        Crs::Wgs84 => point,
        Crs::Gcj02 => wgs_to_gcj(point),
        Crs::Bd09 => gcj_to_bd(wgs_to_gcj(point)),
    }
}

/// The box in which GCJ-02 shifts anything.
fn in_china(point: Point) -> bool {
    (72.004..=137.8347).contains(&point.lon) && (0.8293..=55.8271).contains(&point.lat)
}

fn wgs_to_gcj(point: Point) -> Point {
    if in_china(point) {
        shifted(point)
    } else {
        point
    }
}

fn gcj_to_wgs(point: Point) -> Point {
    // Close to the edge of the box only the answer tells on which side the question was.
    let found = inverse(shifted, point);
    if in_china(found) { found } else { point }
}

/// GCJ-02 of a WGS-84 position, whether in China or not.
fn shifted(point: Point) -> Point {
    let (x, y) = (point.lon - 105.0, point.lat - 35.0);
    let root = x.abs().sqrt();
    let short = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + short
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + short
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let lat = point.lat.to_radians();
    let magic = 1.0 - ECCENTRICITY2 * lat.sin() * lat.sin();
    let per_lat = AXIS_M * (1.0 - ECCENTRICITY2) / (magic * magic.sqrt());
    let per_lon = AXIS_M / magic.sqrt() * lat.cos();
    Point {
        lon: point.lon + (east / per_lon).to_degrees(),
        lat: point.lat + (north / per_lat).to_degrees(),
    }
}

fn gcj_to_bd(point: Point) -> Point {
    let (x, y) = (point.lon, point.lat);
    let z = x.hypot(y) + 0.000_02 * (y * BD_PI).sin();
    let theta = y.atan2(x) + 0.000_003 * (x * BD_PI).cos();
    Point {
        lon: z * theta.cos() + 0.0065,
        lat: z * theta.sin() + 0.006,
    }
}

fn bd_to_gcj(point: Point) -> Point {
    inverse(gcj_to_bd, point)
}

/// What `forward` maps to `target`: both shifts vary slowly, so correcting by the error left
/// converges at once; 1e-10° is a hundredth of a millimetre.
fn inverse(forward: impl Fn(Point) -> Point, target: Point) -> Point {
    let mut guess = target;
    for _ in 0..12 {
        let there = forward(guess);
        let (east, north) = (target.lon - there.lon, target.lat - there.lat);
        guess = Point {
            lon: guess.lon + east,
            lat: guess.lat + north,
        };
        if east.abs() < 1e-10 && north.abs() < 1e-10 {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: Point = Point::new(118.95, 28.97);

    #[test]
    fn known_shift_of_gcj() {
        // Tiananmen, as published beside the formula.
        let gcj = from_wgs84(Point::new(116.391_349, 39.907_375), Crs::Gcj02);
        assert!(
            gcj.distance_m(Point::new(116.397_593, 39.908_778)) < 2.0,
            "{gcj:?}"
        );
        let shift = from_wgs84(HERE, Crs::Gcj02).distance_m(HERE);
        assert!((300.0..800.0).contains(&shift), "{shift}");
    }

    #[test]
    fn abroad_nothing_moves() {
        for point in [
            Point::new(-0.12, 51.5),
            Point::new(151.2, -33.9),
            Point::new(f64::NAN, 1.0),
        ] {
            let there = from_wgs84(point, Crs::Gcj02);
            assert_eq!(there.lat.to_bits(), point.lat.to_bits());
            assert_eq!(
                to_wgs84(there, Crs::Gcj02).lon.to_bits(),
                point.lon.to_bits()
            );
        }
    }

    #[test]
    fn names_are_those_of_the_pack() {
        let names = ["\"wgs84\"", "\"gcj02\"", "\"bd09\""];
        for (crs, name) in [Crs::Wgs84, Crs::Gcj02, Crs::Bd09].into_iter().zip(names) {
            assert_eq!(serde_json::to_string(&crs).expect("json"), name);
        }
    }

    #[test]
    fn distance_of_a_degree() {
        let metres = Point::new(119.0, 28.0).distance_m(Point::new(119.0, 29.0));
        assert!((metres - 111_195.0).abs() < 10.0, "{metres}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn there_and_back_within_a_decimetre(lon in 72.004..137.8347, lat in 0.8293..55.8271) {
            let point = Point::new(lon, lat);
            for crs in [Crs::Wgs84, Crs::Gcj02, Crs::Bd09] {
                prop_assert!(to_wgs84(from_wgs84(point, crs), crs).distance_m(point) < 0.1);
            }
        }
    }
}
