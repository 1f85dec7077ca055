//! Simplifies outlines for a zoom. Borders are cut into arcs at the vertices where more than two
//! meet; each arc is thinned once (Visvalingam-Whyatt) and used by both neighbours, so that no gap
//! can open and areas still add up.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::Shape;
use crate::plane::{METRES_PER_DEGREE, PER_DEGREE, Polygon, Ring, Vertex, turn};

/// The zoom from which nothing is left out.
const FULL_ZOOM: u8 = 17;
/// Metres per pixel at zoom 0 on the equator, with tiles of 512 pixels.
const PIXEL_M: f64 = 78_271.5;
/// A corner smaller than the triangle over this many pixels is not seen.
const PIXELS: f64 = 1.2;

/// A border between two junctions, or a whole ring that meets none.
#[derive(Debug, Clone)]
struct Arc {
    /// A whole ring ends where it starts.
    vertices: Vec<Vertex>,
    /// Of each vertex the double area, in square units, of the corner it makes; ends are infinite.
    weights: Vec<f64>,
}

/// Part of a ring: which arc, and whether it is walked backwards.
type Step = (u32, bool);

/// The borders of all regions, each once.
#[derive(Debug, Clone)]
pub struct Topology {
    arcs: Vec<Arc>,
    /// Per region, per polygon, per ring (the outer first).
    regions: Vec<Vec<Vec<Vec<Step>>>>,
    /// Of the county's middle, in degrees.
    lat: f64,
}

/// Borders thinned for one zoom.
pub struct Thinned<'a> {
    topology: &'a Topology,
    arcs: Vec<Vec<Vertex>>,
}

impl Topology {
    /// Finds the borders that the shapes share; the first shape is the county's.
    pub fn new(shapes: &[Shape]) -> Self {
        let rings = || {
            shapes
                .iter()
                .flat_map(|shape| &shape.polygons)
                .flat_map(Polygon::rings)
        };
        let mut cutter = Cutter {
            junctions: junctions(rings()),
            known: FxHashMap::default(),
            arcs: Vec::new(),
        };
        let cut = |cutter: &mut Cutter, polygon: &Polygon| {
            polygon.rings().map(|ring| cutter.cut(ring)).collect()
        };
        let regions: Vec<Vec<Vec<Vec<Step>>>> = shapes
            .iter()
            .map(|shape| {
                shape
                    .polygons
                    .iter()
                    .map(|polygon| cut(&mut cutter, polygon))
                    .collect()
            })
            .collect();
        let keep = keeps(&regions, cutter.arcs.len());
        let arcs = cutter
            .arcs
            .into_iter()
            .zip(keep)
            .map(|(vertices, keep)| Arc::new(vertices, keep))
            .collect();
        let lat = shapes.first().map_or(0.0, |county| county.label.lat);
        Self { arcs, regions, lat }
    }

    /// Thins every border for a zoom.
    pub fn at_zoom(&self, zoom: u8) -> Thinned<'_> {
        let pixel_m = PIXEL_M * self.lat.to_radians().cos() / f64::from(zoom).exp2();
        let side = PIXELS * pixel_m * PER_DEGREE / METRES_PER_DEGREE;
        // In units a degree of longitude is as long as one of latitude, hence the cosine.
        let threshold = side * side / self.lat.to_radians().cos();
        let threshold = if zoom >= FULL_ZOOM { 0.0 } else { threshold };
        Thinned {
            topology: self,
            arcs: self.arcs.iter().map(|arc| arc.thinned(threshold)).collect(),
        }
    }
}

impl Thinned<'_> {
    /// The polygons of a region, by its place in the tree: per polygon its rings, the outer first.
    pub fn polygons(&self, region: usize) -> impl Iterator<Item = Vec<Ring>> {
        self.topology.regions[region]
            .iter()
            .map(|rings| rings.iter().map(|steps| self.ring(steps)).collect())
    }

    fn ring(&self, steps: &[Step]) -> Ring {
        let mut ring = Ring::new();
        for &(arc, backwards) in steps {
            // The last vertex is the next arc's first.
            let vertices = &self.arcs[arc as usize];
            let but_last = vertices.len() - 1;
            if backwards {
                ring.extend(vertices.iter().rev().take(but_last));
            } else {
                ring.extend(vertices.iter().take(but_last));
            }
        }
        ring
    }
}

/// The vertices that have other neighbours in one ring than in another.
fn junctions<'a>(rings: impl Iterator<Item = &'a Ring>) -> FxHashMap<Vertex, bool> {
    let mut first: FxHashMap<Vertex, (Vertex, Vertex)> = FxHashMap::default();
    let mut junctions = FxHashMap::default();
    for ring in rings {
        let count = ring.len();
        for at in 0..count {
            let (before, after) = (ring[(at + count - 1) % count], ring[(at + 1) % count]);
            let pair = (before.min(after), before.max(after));
            if *first.entry(ring[at]).or_insert(pair) != pair {
                junctions.insert(ring[at], true);
            }
        }
    }
    junctions
}

/// Cuts rings into arcs and knows an arc again, whichever way it is walked.
struct Cutter {
    junctions: FxHashMap<Vertex, bool>,
    /// By the first two vertices of the arc in its own direction.
    known: FxHashMap<(Vertex, Vertex), u32>,
    arcs: Vec<Vec<Vertex>>,
}

impl Cutter {
    fn cut(&mut self, ring: &Ring) -> Vec<Step> {
        let least = || (0..ring.len()).min_by_key(|at| ring[*at]).unwrap_or(0);
        let start = (0..ring.len())
            .find(|at| self.junctions.contains_key(&ring[*at]))
            .unwrap_or_else(least);
        let mut steps = Vec::new();
        let mut arc = vec![ring[start]];
        for offset in 1..=ring.len() {
            let vertex = ring[(start + offset) % ring.len()];
            arc.push(vertex);
            if offset == ring.len() || self.junctions.contains_key(&vertex) {
                steps.push(self.step(std::mem::replace(&mut arc, vec![vertex])));
            }
        }
        steps
    }

    fn step(&mut self, mut arc: Vec<Vertex>) -> Step {
        let last = arc.len() - 1;
        let backwards = (arc[last], arc[last - 1]) < (arc[0], arc[1]);
        if backwards {
            arc.reverse();
        }
        let next = self.arcs.len() as u32;
        let id = *self.known.entry((arc[0], arc[1])).or_insert(next);
        if id == next {
            self.arcs.push(arc);
        }
        (id, backwards)
    }
}

/// How many inner vertices each arc must keep so that no ring collapses.
fn keeps(regions: &[Vec<Vec<Vec<Step>>>], arcs: usize) -> Vec<usize> {
    let mut keep = vec![0; arcs];
    for steps in regions.iter().flatten().flatten() {
        let least = match steps.len() {
            1 => 2,
            2 => 1,
            _ => 0,
        };
        for (arc, _) in steps {
            keep[*arc as usize] = keep[*arc as usize].max(least);
        }
    }
    keep
}

impl Arc {
    fn new(vertices: Vec<Vertex>, keep: usize) -> Self {
        let weights = weights(&vertices, keep);
        Self { vertices, weights }
    }

    fn thinned(&self, threshold: f64) -> Vec<Vertex> {
        let seen = |(_, weight): &(&Vertex, &f64)| **weight >= threshold;
        self.vertices
            .iter()
            .zip(&self.weights)
            .filter(seen)
            .map(|(vertex, _)| *vertex)
            .collect()
    }
}

/// The effective areas of Visvalingam and Whyatt: what the corner measures when its turn to be
/// removed comes, never less than the one removed before. The last `keep` stay for good.
fn weights(vertices: &[Vertex], keep: usize) -> Vec<f64> {
    let count = vertices.len();
    let mut weights = vec![f64::INFINITY; count];
    let (mut before, mut after): (Vec<usize>, Vec<usize>) =
        (0..count).map(|at| (at.saturating_sub(1), at + 1)).unzip();
    let corner =
        |a: usize, b: usize, c: usize| turn(vertices[a], vertices[b], vertices[c]).unsigned_abs();
    let mut heap: BinaryHeap<Reverse<(u128, usize, usize, usize)>> = (1..count.saturating_sub(1))
        .map(|at| Reverse((corner(at - 1, at, at + 1), at, at - 1, at + 1)))
        .collect();
    let (mut least, mut left) = (0, count.saturating_sub(2));
    while let Some(Reverse((area, at, a, c))) = heap.pop() {
        if left <= keep {
            break;
        }
        if weights[at].is_finite() || before[at] != a || after[at] != c {
            continue;
        }
        least = least.max(area);
        weights[at] = least as f64;
        left -= 1;
        after[a] = c;
        before[c] = a;
        for near in [a, c] {
            if near > 0 && near + 1 < count {
                heap.push(Reverse((
                    corner(before[near], near, after[near]),
                    near,
                    before[near],
                    after[near],
                )));
            }
        }
    }
    weights
}
