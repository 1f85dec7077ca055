//! What a screen says over its live connection: which part of the map it shows, so that it is
//! sent the positions of that part alone.

use serde::Deserialize;
use serde_json::Value;

/// Parts of a degree an [`Area`] is told in: about a metre.
const PER_DEGREE: f64 = 1e5;

/// A part of the map, in whole parts of [`PER_DEGREE`], rounded outward: views that differ by less
/// than a metre are the same to the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Area {
    west: i32,
    south: i32,
    east: i32,
    north: i32,
}

/// Why a view means nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("box must be [west, south, east, north] in degrees")]
pub struct BadView;

#[derive(Deserialize)]
struct Said {
    t: String,
    #[serde(rename = "box")]
    area: Option<Value>,
}

impl Area {
    /// No place lies in it.
    pub const NOTHING: Self = Self {
        west: 1,
        south: 1,
        east: 0,
        north: 0,
    };

    /// West, south, east and north in degrees.
    ///
    /// # Errors
    /// They are no rectangle on the globe.
    pub fn new([west, south, east, north]: [f64; 4]) -> Result<Self, BadView> {
        let on_globe = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        if !on_globe || west > east || south > north {
            return Err(BadView);
        }
        Ok(Self {
            west: (west * PER_DEGREE).floor() as i32,
            south: (south * PER_DEGREE).floor() as i32,
            east: (east * PER_DEGREE).ceil() as i32,
            north: (north * PER_DEGREE).ceil() as i32,
        })
    }

    /// Whether a place, in degrees, lies in it.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        let (x, y) = (lon * PER_DEGREE, lat * PER_DEGREE);
        (f64::from(self.west)..=f64::from(self.east)).contains(&x)
            && (f64::from(self.south)..=f64::from(self.north)).contains(&y)
    }

    /// Reads what a client said: `{"t":"view","box":[w,s,e,n]}`, without `box` if it shows no
    /// positions at all. `None` for whatever else it may say, which is passed over.
    ///
    /// # Errors
    /// It is a view, but its box makes no sense.
    pub fn heard(text: &[u8]) -> Result<Option<Self>, BadView> {
        let Ok(said) = serde_json::from_slice::<Said>(text) else {
            return Ok(None);
        };
        match said.area {
            _ if said.t != "view" => Ok(None),
            None => Ok(Some(Self::NOTHING)),
            Some(area) => {
                let corners = serde_json::from_value(area).map_err(|_| BadView)?;
                Self::new(corners).map(Some)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_view_is_a_box_or_nothing_at_all() {
        let part = Area::heard(br#"{"t":"view","box":[118.5,28.5,119,29]}"#);
        let part = part.expect("well said").expect("a view");
        assert!(part.contains(118.5, 29.0) && part.contains(118.8, 28.7));
        assert!(!part.contains(118.49, 28.7) && !part.contains(118.8, 29.01));
        let none = Area::heard(br#"{"t":"view"}"#);
        assert_eq!(none, Ok(Some(Area::NOTHING)));
        assert!(!Area::NOTHING.contains(0.0, 0.0));
    }

    #[test]
    fn a_box_that_is_none_is_refused_and_other_words_passed_over() {
        for wrong in [
            "[1,2,3]",
            "[119,28,118,29]",
            "[118,29,119,28]",
            "[118,28,181,29]",
            "[-1e99,28,119,29]",
            r#"["118",28,119,29]"#,
            "7",
        ] {
            let said = format!(r#"{{"t":"view","box":{wrong}}}"#);
            assert_eq!(Area::heard(said.as_bytes()), Err(BadView), "{wrong}");
        }
        for other in ["", "hi", "[]", r#"{"t":"hello","box":7}"#, "{\"t\":7}"] {
            assert_eq!(Area::heard(other.as_bytes()), Ok(None), "{other}");
        }
        assert_eq!(Area::heard(b"\xff\xfe"), Ok(None));
    }

    proptest! {
        #[test]
        fn what_lies_in_the_box_is_in_the_area(
            (west, south) in (-180.0..179.0_f64, -90.0..89.0_f64),
            (wide, high) in (0.0..1.0_f64, 0.0..1.0_f64),
            (x, y) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        ) {
            let area = Area::new([west, south, west + wide, south + high]).unwrap();
            prop_assert!(area.contains(west + wide * x, south + high * y));
            prop_assert!(!area.contains(west - 3.0 / PER_DEGREE, south));
            prop_assert!(!area.contains(west, south + high + 3.0 / PER_DEGREE));
        }
    }
}
