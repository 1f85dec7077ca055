//! Whether the edges of a shape meet anywhere but at their ends, by an exact sweep over longitude,
//! and how to mend an outline that touches itself.

use rustc_hash::FxHashMap;

use super::{EdgeSum, Ring, Vertex, edges, trace, turn};

type Edge = (Vertex, Vertex);

/// A place where two edges cross, overlap, or one ends within the other; `None` when the rings are
/// simple and meet each other at vertices at most.
pub fn first_meeting<'a>(rings: impl IntoIterator<Item = &'a Ring>) -> Option<Vertex> {
    sweep(rings, meeting)
}

/// Puts a vertex wherever edges meet and drops what is then walked both ways, until the rings are
/// simple; gives up after some rounds on rings that overlap more than by touching.
pub fn mend(mut rings: Vec<Ring>) -> Vec<Ring> {
    for _ in 0..16 {
        let mut cuts: FxHashMap<Edge, Vec<Vertex>> = FxHashMap::default();
        sweep(&rings, |first, second| {
            for (edge, at) in crossings(first, second) {
                cuts.entry(edge).or_default().push(at);
            }
            None::<()>
        });
        if cuts.is_empty() {
            break;
        }
        let mut sum = EdgeSum::default();
        for ring in &rings {
            sum.add(&cut(ring, &cuts), 1);
        }
        rings = trace(&sum.rest());
    }
    rings
}

fn cut(ring: &Ring, cuts: &FxHashMap<Edge, Vec<Vertex>>) -> Ring {
    let mut all = Ring::new();
    for (a, b) in edges(ring) {
        all.push(a);
        let mut at = cuts.get(&(a.min(b), a.max(b))).cloned().unwrap_or_default();
        at.sort_unstable();
        if a > b {
            at.reverse();
        }
        all.extend(at);
    }
    all.dedup();
    all
}

/// Where to cut which of two edges that meet.
fn crossings((a, b): Edge, (c, d): Edge) -> Vec<(Edge, Vertex)> {
    let sides = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
    let ends = [((a, b), c), ((a, b), d), ((c, d), a), ((c, d), b)];
    let within =
        |(edge, v): &(Edge, Vertex)| *v != edge.0 && *v != edge.1 && between(*v, edge.0, edge.1);
    let touching = ends
        .into_iter()
        .zip(sides)
        .filter(|(_, side)| *side == 0)
        .map(|(end, _)| end);
    let mut found: Vec<(Edge, Vertex)> = touching.filter(within).collect();
    if sides[0].signum() * sides[1].signum() < 0 && sides[2].signum() * sides[3].signum() < 0 {
        let at = along((a, b), sides[2] as f64 / (sides[2] - sides[3]) as f64);
        found.extend(
            [((a, b), at), ((c, d), at)]
                .into_iter()
                .filter(|(edge, v)| *v != edge.0 && *v != edge.1),
        );
    }
    found
}

/// The vertex nearest to the place a part of the way along an edge.
fn along((a, b): Edge, part: f64) -> Vertex {
    let at = |axis: usize| f64::from(a[axis]) + part * (f64::from(b[axis]) - f64::from(a[axis]));
    [at(0).round() as i32, at(1).round() as i32]
}

/// Where two edges cross or one ends on the other, to the nearest vertex; `None` when they do not,
/// or lie in line.
pub fn crossing_point((a, b): Edge, (c, d): Edge) -> Option<Vertex> {
    if apart(a[0], b[0], c[0], d[0]) || apart(a[1], b[1], c[1], d[1]) {
        return None;
    }
    let (c_side, d_side) = (turn(a, b, c), turn(a, b, d));
    let (a_side, b_side) = (turn(c, d, a), turn(c, d, b));
    let across = c_side.signum() * d_side.signum() <= 0 && a_side.signum() * b_side.signum() <= 0;
    (across && c_side != d_side).then(|| along((a, b), a_side as f64 / (a_side - b_side) as f64))
}

/// Shows every two edges that come near each other, lesser ends first, until one says something.
fn sweep<'a, T>(
    rings: impl IntoIterator<Item = &'a Ring>,
    mut look: impl FnMut(Edge, Edge) -> Option<T>,
) -> Option<T> {
    let mut all: Vec<Edge> = rings
        .into_iter()
        .flat_map(|ring| edges(ring))
        .map(|(a, b)| (a.min(b), a.max(b)))
        .collect();
    all.sort_unstable();
    for (index, first) in all.iter().enumerate() {
        let near = all[index + 1..]
            .iter()
            .take_while(|second| second.0[0] <= first.1[0]);
        for second in near.filter(|second| !apart(first.0[1], first.1[1], second.0[1], second.1[1]))
        {
            let said = look(*first, *second);
            if said.is_some() {
                return said;
            }
        }
    }
    None
}

/// Whether two spans, ends in any order, have nothing in common.
fn apart(a: i32, b: i32, c: i32, d: i32) -> bool {
    a.max(b) < c.min(d) || c.max(d) < a.min(b)
}

/// Where two edges meet, except that they share one end.
fn meeting((a, b): Edge, (c, d): Edge) -> Option<Vertex> {
    if (a, b) == (c, d) {
        return Some(a);
    }
    let shared = [(a, b, c, d), (a, b, d, c), (b, a, c, d), (b, a, d, c)]
        .into_iter()
        .find(|(p, _, q, _)| p == q);
    if let Some((corner, p, _, q)) = shared {
        return (turn(corner, p, q) == 0 && same_way(corner, p, q)).then_some(corner);
    }
    let (c_side, d_side) = (turn(a, b, c).signum(), turn(a, b, d).signum());
    let (a_side, b_side) = (turn(c, d, a).signum(), turn(c, d, b).signum());
    if c_side * d_side < 0 && a_side * b_side < 0 {
        return Some(a);
    }
    let on = |side: i128, v: Vertex, from: Vertex, to: Vertex| side == 0 && between(v, from, to);
    [
        (c_side, c, a, b),
        (d_side, d, a, b),
        (a_side, a, c, d),
        (b_side, b, c, d),
    ]
    .into_iter()
    .find(|&(side, v, from, to)| on(side, v, from, to))
    .map(|(_, v, ..)| v)
}

/// Whether p and q, in line with the corner, lie on the same side of it.
fn same_way(corner: Vertex, p: Vertex, q: Vertex) -> bool {
    let along = |axis: usize, v: Vertex| i64::from(v[axis]) - i64::from(corner[axis]);
    (0..2).any(|axis| along(axis, p).signum() * along(axis, q).signum() > 0)
}

/// Whether a vertex in line with two others lies between them.
fn between(v: Vertex, from: Vertex, to: Vertex) -> bool {
    (0..2).all(|axis| v[axis] >= from[axis].min(to[axis]) && v[axis] <= from[axis].max(to[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_crossings_and_touches() {
        let simple = vec![[0, 0], [10, 0], [10, 10], [0, 10]];
        assert_eq!(first_meeting([&simple]), None);
        assert!(first_meeting([&vec![[0, 0], [10, 10], [10, 0], [0, 10]]]).is_some());
        assert!(first_meeting([&vec![[0, 0], [10, 0], [10, 10], [5, 0], [0, 10]]]).is_some());
        assert!(first_meeting([&vec![[0, 0], [10, 0], [5, 0], [5, 10]]]).is_some());
        let hole = vec![[0, 0], [2, 5], [5, 2]];
        assert_eq!(first_meeting([&simple, &hole]), None);
        assert!(first_meeting([&simple, &vec![[5, 5], [5, 15], [7, 5]]]).is_some());
    }

    #[test]
    fn mends_what_touches_itself() {
        let area = |rings: &[Ring]| {
            rings
                .iter()
                .map(|ring| crate::plane::double_area(ring))
                .sum::<i128>()
        };
        // A bay whose tip touches the far side, and a spike that comes back another way.
        let bay = vec![[0, 0], [10, 0], [10, 10], [5, 0], [0, 10]];
        let spike = vec![[0, 0], [20, 0], [15, 0], [10, 0], [10, 10], [0, 10]];
        for (ring, size) in [(bay, 100), (spike, 200)] {
            let mended = mend(vec![ring]);
            assert_eq!((first_meeting(&mended), area(&mended)), (None, size));
        }
    }
}
