//! The faces between borders and outline: lines are cut where they meet, loose ends dropped, and
//! the smallest rings walked with the land on the left.

use rustc_hash::{FxHashMap, FxHashSet};

use super::cells::Border;
use super::land::Land;
use crate::plane::{Inside, Polygon, Ring, Vertex, crossing_point, double_area, edges, turn};

/// A piece of land with no line through it.
#[derive(Debug)]
pub struct Face {
    /// The outer ring first, then holes; the land on the left.
    pub rings: Vec<Ring>,
    /// Whose cell it is part of; `None` when no border touches it.
    pub seed: Option<usize>,
    /// The faces beside it, by place, and the length of the border they share in units of a vertex.
    pub near: Vec<(usize, f64)>,
}

type Edge = (Vertex, Vertex);

/// All pieces of all lines.
#[derive(Default)]
struct Net {
    near: FxHashMap<Vertex, Vec<Vertex>>,
    /// The outline's pieces, the land on the left.
    shore: FxHashSet<Edge>,
    /// Whose cell lies to the left of a piece of border.
    seeds: FxHashMap<Edge, usize>,
}

/// Collects the faces of the land.
pub fn between(land: &Land, borders: &[Border]) -> Vec<Face> {
    let mut net = Net::default();
    net.cut(land, borders);
    net.drop_loose_ends();
    net.sort_round();
    let (faces, holes): (Vec<Ring>, Vec<Ring>) = net
        .walk()
        .into_iter()
        .partition(|ring| double_area(ring) > 0);
    let is_land = |ring: &Ring| !edges(ring).any(|(a, b)| net.shore.contains(&(b, a)));
    let has_shore = |ring: &Ring| edges(ring).any(|edge| net.shore.contains(&edge));
    let mut faces: Vec<Vec<Ring>> = faces
        .into_iter()
        .filter(is_land)
        .map(|ring| vec![ring])
        .collect();
    // The far side of a component without links, such as a lake's shore, is a hole in some face.
    for hole in holes
        .into_iter()
        .filter(|ring| is_land(ring) && has_shore(ring))
    {
        let around = |rings: &&mut Vec<Ring>| Inside::new([&rings[0]]).contains(hole[0]);
        if let Some(face) = faces
            .iter_mut()
            .filter(around)
            .min_by_key(|rings| double_area(&rings[0]))
        {
            face.push(hole);
        }
    }
    net.faces(faces)
}

impl Net {
    fn add(&mut self, a: Vertex, b: Vertex) {
        for (from, to) in [(a, b), (b, a)] {
            let near = self.near.entry(from).or_default();
            if a != b && !near.contains(&to) {
                near.push(to);
            }
        }
    }

    /// Cuts borders and outline where they meet, and keeps what lies on land.
    fn cut(&mut self, land: &Land, borders: &[Border]) {
        let mut cuts: FxHashMap<Edge, Vec<Vertex>> = FxHashMap::default();
        for border in borders {
            for pair in border.line.windows(2) {
                let mut at = vec![pair[0], pair[1]];
                let (south, north) = (pair[0][1].min(pair[1][1]), pair[0][1].max(pair[1][1]));
                for shore in land.inside.edges_near(south, north) {
                    if let Some(vertex) = crossing_point((pair[0], pair[1]), shore) {
                        at.push(vertex);
                        cuts.entry(shore).or_default().push(vertex);
                    }
                }
                for (a, b) in pieces(at, pair[0]) {
                    let middle = [i32::midpoint(a[0], b[0]), i32::midpoint(a[1], b[1])];
                    if land.inside.contains(middle) {
                        self.add(a, b);
                        self.seeds.insert((a, b), border.left);
                        self.seeds.insert((b, a), border.right);
                    }
                }
            }
        }
        for (a, b) in land
            .polygons
            .iter()
            .flat_map(Polygon::rings)
            .flat_map(|ring| edges(ring))
        {
            let key = if a[1] <= b[1] { (a, b) } else { (b, a) };
            let mut at = cuts.get(&key).cloned().unwrap_or_default();
            at.extend([a, b]);
            for (a, b) in pieces(at, a) {
                self.add(a, b);
                self.shore.insert((a, b));
            }
        }
    }

    fn drop_loose_ends(&mut self) {
        let mut loose: Vec<Vertex> = self
            .near
            .iter()
            .filter(|(_, near)| near.len() < 2)
            .map(|(v, _)| *v)
            .collect();
        while let Some(vertex) = loose.pop() {
            for other in self.near.remove(&vertex).unwrap_or_default() {
                if let Some(near) = self.near.get_mut(&other) {
                    near.retain(|v| *v != vertex);
                    if near.len() < 2 {
                        loose.push(other);
                    }
                }
            }
        }
    }

    /// Puts the neighbours of each vertex in order, counter-clockwise.
    fn sort_round(&mut self) {
        for (at, near) in self.near.iter_mut().filter(|(_, near)| near.len() > 2) {
            let lower = |v: &Vertex| (v[1], v[0]) < (at[1], at[0]);
            near.sort_by(|a, b| {
                lower(a)
                    .cmp(&lower(b))
                    .then_with(|| 0.cmp(&turn(*at, *a, *b)))
            });
        }
    }

    /// Every ring that keeps to the face on its left, each edge walked once either way.
    fn walk(&self) -> Vec<Ring> {
        let mut starts: Vec<Edge> = self
            .near
            .iter()
            .flat_map(|(a, near)| near.iter().map(|b| (*a, *b)))
            .collect();
        starts.sort_unstable();
        let mut walked: FxHashSet<Edge> = FxHashSet::default();
        let mut rings = Vec::new();
        for start in starts {
            let mut ring = Ring::new();
            let mut edge = start;
            while walked.insert(edge) {
                ring.push(edge.0);
                edge = self.after(edge);
            }
            if ring.len() > 2 {
                rings.push(ring);
            }
        }
        rings
    }

    /// The next edge around the face to the left: from the way back, the first one clockwise.
    fn after(&self, (from, at): Edge) -> Edge {
        let near = &self.near[&at];
        let back = near.iter().position(|v| *v == from).unwrap_or(0);
        (at, near[(back + near.len() - 1) % near.len()])
    }

    fn faces(&self, faces: Vec<Vec<Ring>>) -> Vec<Face> {
        let mut owner: FxHashMap<Edge, usize> = FxHashMap::default();
        for (at, rings) in faces.iter().enumerate() {
            rings.iter().flat_map(|ring| edges(ring)).for_each(|edge| {
                owner.insert(edge, at);
            });
        }
        let face = |rings: Vec<Ring>| {
            let mut near: FxHashMap<usize, f64> = FxHashMap::default();
            let mut seed = None;
            for (a, b) in rings.iter().flat_map(|ring| edges(ring)) {
                seed = seed.or_else(|| self.seeds.get(&(a, b)).copied());
                if let Some(other) = owner.get(&(b, a)) {
                    *near.entry(*other).or_default() +=
                        f64::from(b[0] - a[0]).hypot(f64::from(b[1] - a[1]));
                }
            }
            let mut near: Vec<_> = near.into_iter().collect();
            near.sort_by_key(|(face, _)| *face);
            Face { rings, seed, near }
        };
        faces.into_iter().map(face).collect()
    }
}

/// The pieces between cuts, in order from one end.
fn pieces(mut at: Vec<Vertex>, from: Vertex) -> impl Iterator<Item = Edge> {
    let away = |v: &Vertex| {
        let (x, y) = (
            i64::from(v[0]) - i64::from(from[0]),
            i64::from(v[1]) - i64::from(from[1]),
        );
        x * x + y * y
    };
    at.sort_by_key(away);
    at.dedup();
    (1..at.len()).map(move |index| (at[index - 1], at[index]))
}
