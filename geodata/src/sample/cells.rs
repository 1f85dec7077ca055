//! Cuts land into cells: seeds, denser near the seat, are evened out, the borders between their
//! Voronoi cells roughened and cut at the outline, and the faces between all lines collected. Every
//! border is one line used by both sides, so neighbours fit to the last digit.

use delaunator::{EMPTY, next_halfedge, triangulate};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use rustc_hash::FxHashMap;

use super::faces::{self, Face};
use super::land::{Land, Spot, distance, wander};
use crate::plane::{EdgeSum, Polygon, Ring, Vertex, assemble, double_area, trace};

/// Seeds far outside that close the outermost cells.
const GUARDS: usize = 96;
/// Length in metres of the pieces a border is made of.
const STEP_M: f64 = 70.0;

/// One cell.
#[derive(Debug)]
pub struct Cell {
    /// About its middle.
    pub middle: Spot,
    /// Its outlines, the land on the left.
    pub rings: Vec<Ring>,
    /// Its neighbours, by place.
    pub near: Vec<usize>,
}

/// Cuts the land into `count` cells, denser near the seat.
pub fn cut(land: &Land, seat: Spot, count: usize, rng: &mut ChaCha8Rng) -> Vec<Cell> {
    let seeds = seeds(land, seat, count, rng);
    let borders = borders(land, &seeds, rng);
    let faces = faces::between(land, &borders);
    gather(land, &seeds, &faces)
}

fn seeds(land: &Land, seat: Spot, count: usize, rng: &mut ChaCha8Rng) -> Vec<Spot> {
    let town = 0.22 * land.size[0].min(land.size[1]);
    let wanted = |spot: Spot| 0.22 + 0.78 * (-(distance(spot, seat) / town).powi(2)).exp();
    let mut crowd = Vec::with_capacity(count * 12);
    while crowd.len() < count * 12 {
        let spot = land.random(rng);
        if rng.random::<f64>() < wanted(spot) {
            crowd.push(spot);
        }
    }
    let mut seeds = crowd[..count].to_vec();
    // Lloyd's relaxation, the crowd standing for the land.
    for _ in 0..2 {
        let tree = nearest(&seeds);
        let mut sums = vec![[0.0; 3]; count];
        for spot in &crowd {
            if let Some(seed) = tree.nearest_neighbor(*spot) {
                let sum = &mut sums[seed.data];
                *sum = [sum[0] + spot[0], sum[1] + spot[1], sum[2] + 1.0];
            }
        }
        for (seed, [x, y, n]) in seeds.iter_mut().zip(sums) {
            let mean = [x / n, y / n];
            if n > 0.0 && land.contains(mean) {
                *seed = mean;
            }
        }
    }
    seeds
}

fn nearest(seeds: &[Spot]) -> RTree<GeomWithData<Spot, usize>> {
    RTree::bulk_load(
        seeds
            .iter()
            .enumerate()
            .map(|(at, spot)| GeomWithData::new(*spot, at))
            .collect(),
    )
}

/// A border between the cells of two seeds; the line has `left` on its left.
#[derive(Debug)]
pub struct Border {
    pub line: Vec<Vertex>,
    pub left: usize,
    pub right: usize,
}

fn borders(land: &Land, seeds: &[Spot], rng: &mut ChaCha8Rng) -> Vec<Border> {
    let far = 1.3 * land.size[0].hypot(land.size[1]);
    let guards = (0..GUARDS).map(|at| {
        let angle = at as f64 / GUARDS as f64 * std::f64::consts::TAU;
        [far * angle.cos(), far * angle.sin()]
            .map(|side| side + 0.01 * far * (rng.random::<f64>() - 0.5))
    });
    let all: Vec<Spot> = seeds
        .iter()
        .copied()
        .chain(guards.collect::<Vec<_>>())
        .collect();
    let points: Vec<_> = all
        .iter()
        .map(|spot| delaunator::Point {
            x: spot[0],
            y: spot[1],
        })
        .collect();
    let net = triangulate(&points);
    let corners: Vec<Spot> = net
        .triangles
        .chunks_exact(3)
        .map(|t| circumcentre(all[t[0]], all[t[1]], all[t[2]]))
        .collect();
    let mut borders = Vec::new();
    for (edge, &other) in net.halfedges.iter().enumerate() {
        let (a, b) = (net.triangles[edge], net.triangles[next_halfedge(edge)]);
        if other == EMPTY || other < edge || (a >= seeds.len() && b >= seeds.len()) {
            continue;
        }
        let (from, to) = (corners[edge / 3], corners[other / 3]);
        let reach = reach(from, to, all[a], all[b]);
        let spots = wander(from, to, 0.13, reach, STEP_M, rng);
        let mut line: Vec<Vertex> = spots.into_iter().map(|spot| land.vertex(spot)).collect();
        line.dedup();
        let (left, right) = if side(from, to, all[a]) > 0.0 {
            (a, b)
        } else {
            (b, a)
        };
        borders.push(Border { line, left, right });
    }
    borders
}

fn side(from: Spot, to: Spot, spot: Spot) -> f64 {
    (to[0] - from[0]) * (spot[1] - from[1]) - (to[1] - from[1]) * (spot[0] - from[0])
}

fn circumcentre(a: Spot, b: Spot, c: Spot) -> Spot {
    let (bx, by, cx, cy) = (b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]);
    let (bl, cl) = (bx * bx + by * by, cx * cx + cy * cy);
    let d = 0.5 / (bx * cy - by * cx);
    [
        a[0] + (cy * bl - by * cl) * d,
        a[1] + (bx * cl - cx * bl) * d,
    ]
}

/// How far sideways, per length along, a border may go: within the triangles between it and its
/// two seeds, which no other border's triangles meet.
fn reach(from: Spot, to: Spot, a: Spot, b: Spot) -> f64 {
    let length = distance(from, to).max(1e-9);
    let along = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let foot = (middle[0] - from[0]) * along[0] + (middle[1] - from[1]) * along[1];
    let height = distance(a, b) / 2.0;
    let slope = |way: f64| {
        if way > 0.0 {
            height / way
        } else {
            f64::INFINITY
        }
    };
    (0.75 * slope(foot).min(slope(length - foot))).min(0.4)
}

/// Gives every face to a cell: the largest of each seed is its own, the others go to the neighbour
/// they share most border with.
fn gather(land: &Land, seeds: &[Spot], faces: &[Face]) -> Vec<Cell> {
    let mut owners: Vec<Option<usize>> = vec![None; faces.len()];
    let mut order: Vec<usize> = (0..faces.len()).collect();
    let size = |face: &Face| -> i128 { face.rings.iter().map(|ring| double_area(ring)).sum() };
    order.sort_by_key(|at| (std::cmp::Reverse(size(&faces[*at])), *at));
    let mut taken = vec![false; seeds.len()];
    for &at in &order {
        if let Some(seed) = faces[at]
            .seed
            .filter(|seed| *seed < seeds.len() && !taken[*seed])
        {
            taken[seed] = true;
            owners[at] = Some(seed);
        }
    }
    for &at in &order {
        if owners[at].is_none() {
            let by_border = faces[at]
                .near
                .iter()
                .filter_map(|(near, length)| owners[*near].map(|o| (*length, o)));
            let best = by_border
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, owner)| owner);
            owners[at] = best.or_else(|| closest(land, seeds, &taken, &faces[at]));
        }
    }
    collect(seeds, faces, &owners)
}

/// For land that no border reaches, such as an island: the nearest seed that has a cell.
fn closest(land: &Land, seeds: &[Spot], taken: &[bool], face: &Face) -> Option<usize> {
    let spot = land.spot(crate::plane::place(*face.rings.first()?.first()?));
    let free = (0..seeds.len()).filter(|seed| taken[*seed]);
    free.min_by(|a, b| distance(seeds[*a], spot).total_cmp(&distance(seeds[*b], spot)))
}

fn collect(seeds: &[Spot], faces: &[Face], owners: &[Option<usize>]) -> Vec<Cell> {
    let mut sums: FxHashMap<usize, EdgeSum> = FxHashMap::default();
    let mut near: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (face, owner) in faces.iter().zip(owners) {
        let Some(owner) = *owner else { continue };
        face.rings
            .iter()
            .for_each(|ring| sums.entry(owner).or_default().add(ring, 1));
        let others = face
            .near
            .iter()
            .filter_map(|(other, _)| owners[*other])
            .filter(|other| *other != owner);
        near.entry(owner).or_default().extend(others);
    }
    let mut kept: Vec<usize> = sums.keys().copied().collect();
    kept.sort_unstable();
    let place: FxHashMap<usize, usize> = kept
        .iter()
        .enumerate()
        .map(|(at, seed)| (*seed, at))
        .collect();
    let cell = |seed: &usize| {
        let polygons = assemble(trace(&sums[seed].rest()));
        let rings = polygons.iter().flat_map(Polygon::rings).cloned().collect();
        let mut near: Vec<usize> = near[seed].iter().map(|other| place[other]).collect();
        near.sort_unstable();
        near.dedup();
        Cell {
            middle: seeds[*seed],
            rings,
            near,
        }
    };
    kept.iter().map(cell).collect()
}
