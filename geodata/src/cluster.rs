//! Where reports pile up: points that reach each other in steps of at most so many metres.
//! What they report, and when that makes a surge, is left to the caller.

use crate::crs::Point;
use crate::nearest::Nearest;

/// Groups of points: two are together when steps of at most `metres` from point to point lead from
/// one to the other. Gives groups of at least `least` members, as places in `points`, the largest
/// first (then the one with the first member); members ascend. Invalid points are alone.
pub fn clusters(points: &[Point], metres: f64, least: usize) -> Vec<Vec<usize>> {
    let index = Nearest::new(points.iter().copied().enumerate());
    let mut leaders: Vec<usize> = (0..points.len()).collect();
    for (at, point) in points.iter().enumerate() {
        for (near, _) in index.within(*point, metres) {
            join(&mut leaders, at, near);
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
    for at in 0..points.len() {
        groups[leader(&mut leaders, at)].push(at);
    }
    groups.retain(|group| group.len() >= least.max(1));
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
    groups
}

fn leader(leaders: &mut [usize], mut at: usize) -> usize {
    while leaders[at] != at {
        leaders[at] = leaders[leaders[at]];
        at = leaders[at];
    }
    at
}

fn join(leaders: &mut [usize], a: usize, b: usize) {
    let (a, b) = (leader(leaders, a), leader(leaders, b));
    leaders[a.max(b)] = a.min(b);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A point so many metres north of a middle.
    fn north(metres: f64) -> Point {
        Point::new(118.95, 28.97 + metres / 111_195.08)
    }

    #[test]
    fn chains_hold_together() {
        let points = [0.0, 5000.0, 400.0, 800.0, 5100.0, 1200.0, 20_000.0].map(north);
        assert_eq!(clusters(&points, 500.0, 2), [vec![0, 2, 3, 5], vec![1, 4]]);
        assert_eq!(clusters(&points, 500.0, 3).len(), 1);
        assert_eq!(clusters(&points, 500.0, 0).len(), 3);
        assert!(clusters(&[], 500.0, 1).is_empty());
        assert_eq!(
            clusters(&[Point::new(f64::NAN, 0.0), north(0.0)], 500.0, 1),
            [vec![0], vec![1]]
        );
    }

    proptest! {
        #[test]
        fn every_point_is_in_one_group(at in prop::collection::vec(0.0..50_000.0, 0..50)) {
            let points: Vec<Point> = at.into_iter().map(north).collect();
            let mut members: Vec<usize> = clusters(&points, 500.0, 1).into_iter().flatten().collect();
            members.sort_unstable();
            prop_assert_eq!(members, (0..points.len()).collect::<Vec<_>>());
        }
    }
}
