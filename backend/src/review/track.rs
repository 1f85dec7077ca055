//! Where the units of a session went: fixes made into one line a unit, and where each was when its
//! organisation arrived.

use std::collections::BTreeMap;

use domain::deployment::position::{Fix, metres};
use domain::pack::orgs::OrgId;
use domain::pack::units::UnitId;
use domain::session::Step;
use domain::session::review::Review;
use domain::time::Timestamp;
use serde::Serialize;

/// Most points of one track; longer ones are thinned evenly, their ends kept.
const MAX_POINTS: usize = 2_000;

/// The way of one unit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Track {
    /// Which unit.
    pub unit: UnitId,
    /// For which organisation.
    pub org: OrgId,
    /// Longitude and latitude in degrees, WGS-84, and when, by time.
    pub points: Vec<(f64, f64, Timestamp)>,
    /// How far it went, in metres, along the points.
    pub metres: u32,
    /// Where it was when its organisation arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
}

/// Where a unit was when its organisation arrived.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Arrival {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// When it arrived.
    pub at: Timestamp,
}

/// The tracks of a session from the fixes of its units, in the order of its members. Fixes of other
/// units are passed over.
pub fn tracks(review: &Review, fixes: Vec<Fix>) -> Vec<Track> {
    let mut by_unit: BTreeMap<UnitId, Vec<(f64, f64, Timestamp)>> = BTreeMap::new();
    for fix in fixes {
        let points = by_unit.entry(fix.unit).or_default();
        points.push((fix.lon, fix.lat, fix.at));
    }
    let mut found = Vec::new();
    for member in &review.members {
        let arrived = member.point(Step::Arrived).map(|point| point.at);
        for unit in &member.units {
            let Some(mut points) = by_unit.remove(unit) else {
                continue;
            };
            points.sort_by_key(|(_, _, at)| *at);
            let length: f64 = points
                .windows(2)
                .map(|two| metres((two[0].0, two[0].1), (two[1].0, two[1].1)))
                .sum();
            found.push(Track {
                unit: unit.clone(),
                org: member.org.clone(),
                metres: length as u32,
                arrival: arrived.and_then(|at| place_at(&points, at)),
                points: thinned(points),
            });
        }
    }
    found
}

/// The last place known at `at`; where none was known then, the first one afterwards.
fn place_at(points: &[(f64, f64, Timestamp)], at: Timestamp) -> Option<Arrival> {
    let known = points.iter().rev().find(|point| point.2 <= at);
    let (lon, lat, _) = known.or_else(|| points.first())?;
    Some(Arrival {
        lon: *lon,
        lat: *lat,
        at,
    })
}

fn thinned(points: Vec<(f64, f64, Timestamp)>) -> Vec<(f64, f64, Timestamp)> {
    let count = points.len();
    if count <= MAX_POINTS {
        return points;
    }
    let last = MAX_POINTS - 1;
    let at = |n: usize| n * (count - 1) / last;
    (0..MAX_POINTS).map(|n| points[at(n)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_track_is_thinned_and_keeps_its_ends() {
        let point = |n: i64| (118.0, 28.0, Timestamp::from_millis(n));
        let all: Vec<_> = (0..12_345).map(point).collect();
        let thin = thinned(all.clone());
        assert_eq!(thin.len(), MAX_POINTS);
        assert_eq!((thin[0], thin[MAX_POINTS - 1]), (all[0], all[12_344]));
        assert!(thin.windows(2).all(|two| two[0].2 < two[1].2));
    }

    #[test]
    fn an_arrival_lies_where_the_unit_was_then() {
        let point = |n: i64| (118.0 + n as f64, 28.0, Timestamp::from_millis(n));
        let all = [point(10), point(20), point(30)];
        let place = |at| place_at(&all, Timestamp::from_millis(at)).map(|one| one.lon as i64);
        assert_eq!(
            (place(5), place(25), place(99)),
            (Some(128), Some(138), Some(148))
        );
        assert!(place_at(&[], Timestamp::from_millis(1)).is_none());
    }
}
