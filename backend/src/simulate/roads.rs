//! The county's roads as the simulated units drive them: from wherever one is to the scene, along
//! roads where that is no detour, else straight. Who drives, and why, is the fleet's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::deployment::position::metres;

/// Degrees east and north, WGS-84.
pub type Spot = (f64, f64);

/// Ends of different roads closer than this are joined, in metres.
const JOINED_M: f64 = 350.0;
/// How much longer than a straight line a way along roads may be before one goes across country.
const DETOUR: f64 = 3.0;

/// Roads and where they meet.
#[derive(Debug, Clone, Default)]
pub struct Roads {
    spots: Vec<Spot>,
    /// From each spot to its neighbours, with the metres between.
    next: Vec<Vec<(usize, f64)>>,
}

impl Roads {
    /// Roads from their lines.
    pub fn new(lines: &[Vec<Spot>]) -> Self {
        let mut roads = Self::default();
        let mut line_of = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            for (at, spot) in line.iter().enumerate() {
                let here = roads.spots.len();
                roads.spots.push(*spot);
                roads.next.push(Vec::new());
                line_of.push(number);
                if at > 0 {
                    roads.join(here - 1, here);
                }
            }
        }
        for a in 0..roads.spots.len() {
            for b in a + 1..roads.spots.len() {
                if line_of[a] != line_of[b] && metres(roads.spots[a], roads.spots[b]) < JOINED_M {
                    roads.join(a, b);
                }
            }
        }
        roads
    }

    fn join(&mut self, a: usize, b: usize) {
        let far = metres(self.spots[a], self.spots[b]);
        self.next[a].push((b, far));
        self.next[b].push((a, far));
    }

    /// The spots of all roads.
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    fn nearest(&self, to: Spot) -> Option<usize> {
        let far = |at: &usize| metres(self.spots[*at], to);
        (0..self.spots.len()).min_by(|a, b| far(a).total_cmp(&far(b)))
    }

    /// The way from one place to another, without the first and with the last.
    pub fn way(&self, from: Spot, to: Spot) -> Vec<Spot> {
        let along = self.nearest(from).zip(self.nearest(to));
        let along = along.and_then(|(a, b)| self.shortest(a, b));
        let mut way = along.unwrap_or_default();
        way.push(to);
        if length(from, &way) > DETOUR * metres(from, to) {
            return vec![to];
        }
        way
    }

    /// Dijkstra's way from one spot to another, both ends included.
    fn shortest(&self, from: usize, to: usize) -> Option<Vec<Spot>> {
        let mut best = vec![u64::MAX; self.spots.len()];
        let mut came = vec![usize::MAX; self.spots.len()];
        let mut open = BinaryHeap::from([Reverse((0_u64, from))]);
        best[from] = 0;
        while let Some(Reverse((gone, at))) = open.pop() {
            if at == to {
                break;
            }
            if gone > best[at] {
                continue;
            }
            for (next, far) in &self.next[at] {
                let gone = gone + (far * 10.0) as u64;
                if gone < best[*next] {
                    best[*next] = gone;
                    came[*next] = at;
                    open.push(Reverse((gone, *next)));
                }
            }
        }
        if best[to] == u64::MAX {
            return None;
        }
        let mut way = vec![self.spots[to]];
        let mut at = to;
        while at != from {
            at = came[at];
            way.push(self.spots[at]);
        }
        way.reverse();
        Some(way)
    }
}

/// The metres of a way from a place on.
pub fn length(from: Spot, way: &[Spot]) -> f64 {
    let mut at = from;
    way.iter()
        .map(|next| metres(std::mem::replace(&mut at, *next), *next))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two roads that cross near 118.92.
    fn cross() -> Roads {
        let east: Vec<Spot> = (0..=40)
            .map(|n| (118.90 + 0.001 * f64::from(n), 28.90))
            .collect();
        let north: Vec<Spot> = (0..=40)
            .map(|n| (118.92, 28.88 + 0.001 * f64::from(n)))
            .collect();
        Roads::new(&[east, north])
    }

    #[test]
    fn a_way_keeps_to_the_roads_and_ends_at_the_scene() {
        let roads = cross();
        let (from, to) = ((118.901, 28.9005), (118.9205, 28.918));
        let way = roads.way(from, to);
        assert_eq!(way.last(), Some(&to));
        assert!(way.len() > 20, "{}", way.len());
        let on_road = |spot: &Spot| roads.spots().contains(spot);
        assert!(way[..way.len() - 1].iter().all(on_road));
        assert!(length(from, &way) < 1.6 * metres(from, to));
    }

    #[test]
    fn without_roads_or_near_by_one_goes_straight() {
        let to = (118.95, 28.95);
        assert_eq!(Roads::default().way((118.9, 28.9), to), vec![to]);
        let near = (118.9100, 28.9301);
        assert_eq!(cross().way((118.9101, 28.93), near), vec![near]);
    }
}
