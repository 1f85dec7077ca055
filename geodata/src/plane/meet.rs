//! Whether the edges of a shape meet anywhere but at their ends: a sweep over longitude, exact.

use super::{Ring, Vertex, edges, turn};

/// A place where two edges cross, overlap, or one ends within the other; `None` when the rings are
/// simple and meet each other at vertices at most.
pub fn first_meeting<'a>(rings: impl IntoIterator<Item = &'a Ring>) -> Option<Vertex> {
    let mut all: Vec<(Vertex, Vertex)> =
        rings.into_iter().flat_map(|ring| edges(ring)).map(|(a, b)| if a <= b { (a, b) } else { (b, a) }).collect();
    all.sort_unstable();
    for (index, first) in all.iter().enumerate() {
        let near = all[index + 1..].iter().take_while(|second| second.0[0] <= first.1[0]);
        for second in near {
            if apart(first.0[1], first.1[1], second.0[1], second.1[1]) {
                continue;
            }
            if let Some(at) = meeting(*first, *second) {
                return Some(at);
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
fn meeting((a, b): (Vertex, Vertex), (c, d): (Vertex, Vertex)) -> Option<Vertex> {
    if (a, b) == (c, d) {
        return Some(a);
    }
    let shared = [(a, b, c, d), (a, b, d, c), (b, a, c, d), (b, a, d, c)].into_iter().find(|(p, _, q, _)| p == q);
    if let Some((corner, p, _, q)) = shared {
        return (turn(corner, p, q) == 0 && same_way(corner, p, q)).then_some(corner);
    }
    let (c_side, d_side) = (turn(a, b, c).signum(), turn(a, b, d).signum());
    let (a_side, b_side) = (turn(c, d, a).signum(), turn(c, d, b).signum());
    if c_side * d_side < 0 && a_side * b_side < 0 {
        return Some(a);
    }
    let on = |side: i128, v: Vertex, from: Vertex, to: Vertex| side == 0 && between(v, from, to);
    [(c_side, c, a, b), (d_side, d, a, b), (a_side, a, c, d), (b_side, b, c, d)]
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
}
