//! From edges to rings to polygons: adding up the edges of neighbours leaves the outline of their
//! union, since every border they share is walked once each way.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Inside, Polygon, Ring, Vertex, double_area, edges, turn};

/// Directed edges added up: an edge and its opposite cancel.
#[derive(Debug, Clone, Default)]
pub struct EdgeSum {
    /// How often the edge from the lesser to the greater vertex is walked, less its opposite.
    sums: FxHashMap<(Vertex, Vertex), i32>,
}

impl EdgeSum {
    /// Adds a ring `times` over; minus one takes it away.
    pub fn add(&mut self, ring: &[Vertex], times: i32) {
        for (a, b) in edges(ring) {
            let (key, sign) = if a < b {
                ((a, b), times)
            } else {
                ((b, a), -times)
            };
            *self.sums.entry(key).or_default() += sign;
        }
    }

    /// The edges that did not cancel, in a fixed order.
    pub fn rest(&self) -> Vec<(Vertex, Vertex)> {
        let mut rest = Vec::new();
        for (&(a, b), &sum) in &self.sums {
            let edge = if sum > 0 { (a, b) } else { (b, a) };
            rest.extend(std::iter::repeat_n(edge, sum.unsigned_abs() as usize));
        }
        rest.sort_unstable();
        rest
    }
}

/// Joins directed edges, of which as many end as begin at each vertex, into rings that pass each
/// of their vertices once. `edges` must be sorted.
pub fn trace(edges: &[(Vertex, Vertex)]) -> Vec<Ring> {
    let mut used = vec![false; edges.len()];
    let mut rings = Vec::new();
    for first in 0..edges.len() {
        if used[first] {
            continue;
        }
        let mut walk = Vec::new();
        let mut at = first;
        loop {
            used[at] = true;
            walk.push(edges[at].0);
            match next(edges, &used, edges[at]) {
                Some(next) => at = next,
                None => break,
            }
        }
        split(walk, &mut rings);
    }
    rings
}

/// The unused edge that goes on from the end of `edge`: at a vertex where shapes touch, the one
/// that turns most to the left, which keeps to the shape on the left.
fn next(edges: &[(Vertex, Vertex)], used: &[bool], (from, via): (Vertex, Vertex)) -> Option<usize> {
    let start = edges.partition_point(|edge| edge.0 < via);
    let here = edges[start..]
        .iter()
        .take_while(|edge| edge.0 == via)
        .count();
    let free = (start..start + here).filter(|at| !used[*at]);
    free.reduce(|best, at| {
        if more_left(from, via, edges[at].1, edges[best].1) {
            at
        } else {
            best
        }
    })
}

/// Whether going on to `a` turns further to the left than going on to `b`.
fn more_left(from: Vertex, via: Vertex, a: Vertex, b: Vertex) -> bool {
    let (side_a, side_b) = (turn(from, via, a), turn(from, via, b));
    match (side_a > 0, side_b > 0) {
        (true, false) => true,
        (false, true) => false,
        _ => turn(via, b, a) > 0,
    }
}

/// Cuts a walk where it comes back to a vertex.
fn split(walk: Vec<Vertex>, rings: &mut Vec<Ring>) {
    let mut place: FxHashMap<Vertex, usize> = FxHashMap::default();
    let mut open: Ring = Vec::new();
    for vertex in walk {
        if let Some(&start) = place.get(&vertex) {
            let ring = open.split_off(start);
            for v in &ring {
                place.remove(v);
            }
            rings.extend((ring.len() > 2).then_some(ring));
        }
        place.insert(vertex, open.len());
        open.push(vertex);
    }
    rings.extend((open.len() > 2).then_some(open));
}

/// The simple loops of a ring that may pass a vertex more than once.
pub fn split_loops(ring: Ring) -> Vec<Ring> {
    let mut loops = Vec::new();
    split(ring, &mut loops);
    loops
}

/// Sorts rings into polygons: the counter-clockwise ones hold the clockwise ones as holes, each in
/// the smallest that contains it.
pub fn assemble(rings: Vec<Ring>) -> Vec<Polygon> {
    let (mut outers, holes): (Vec<_>, Vec<_>) = rings
        .into_iter()
        .map(|ring| (double_area(&ring), ring))
        .filter(|(area, _)| *area != 0)
        .partition(|(area, _)| *area > 0);
    outers.sort();
    let mut polygons: Vec<Polygon> = outers
        .into_iter()
        .map(|(_, outer)| Polygon {
            outer,
            holes: Vec::new(),
        })
        .collect();
    for (_, hole) in holes {
        let holder = polygons
            .iter_mut()
            .find(|polygon| holds(&polygon.outer, &hole));
        if let Some(polygon) = holder {
            polygon.holes.push(hole);
        }
    }
    polygons
}

/// Whether the outer ring has the hole in it; they may touch at vertices.
fn holds(outer: &Ring, hole: &Ring) -> bool {
    let inside = Inside::new([outer]);
    let own: FxHashSet<&Vertex> = outer.iter().collect();
    match hole.iter().find(|v| !own.contains(v)) {
        Some(vertex) => inside.contains(*vertex),
        None => -double_area(hole) < double_area(outer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: i32, y: i32, side: i32) -> Ring {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    fn union(rings: &[Ring]) -> Vec<Polygon> {
        let mut sum = EdgeSum::default();
        for ring in rings {
            sum.add(ring, 1);
        }
        assemble(trace(&sum.rest()))
    }

    fn area(polygons: &[Polygon]) -> i128 {
        polygons
            .iter()
            .flat_map(Polygon::rings)
            .map(|ring| double_area(ring))
            .sum()
    }

    #[test]
    fn neighbours_become_one() {
        let both = union(&[square(0, 0, 10), square(10, 0, 10)]);
        assert_eq!((both.len(), both[0].outer.len(), area(&both)), (1, 6, 400));
        assert!(EdgeSum::default().rest().is_empty());
    }

    #[test]
    fn a_ring_of_squares_has_a_hole() {
        let ring: Vec<Ring> = (0..9)
            .filter(|i| *i != 4)
            .map(|i| square(i % 3 * 10, i / 3 * 10, 10))
            .collect();
        let shape = union(&ring);
        assert_eq!(
            (shape.len(), shape[0].holes.len(), area(&shape)),
            (1, 1, 1600)
        );
    }

    #[test]
    fn squares_that_touch_at_a_corner_stay_two() {
        let shape = union(&[
            square(0, 0, 10),
            square(10, 10, 10),
            square(0, 20, 10),
            square(-10, 10, 10),
        ]);
        assert_eq!(area(&shape), 800);
        assert!(
            shape
                .iter()
                .flat_map(Polygon::rings)
                .all(|ring| ring.len() >= 4)
        );
    }
}
