//! Whether the children of a region cover it exactly: their edges, less its own, must cancel.
//! Where they do not, what is left bounds precisely the places covered twice, outside or never.

use geo::bool_ops::{FillRule, OpType};
use geo::{BooleanOps, InteriorPoint, LineString, MultiPolygon};

use crate::plane::{
    EdgeSum, Extent, Inside, METRES_PER_DEGREE, PER_DEGREE, Polygon, Ring, Vertex, assemble,
    double_area, first_meeting, square_metres, trace,
};

/// Mean width in metres up to which a sliver is the noise of rounding, however long it is.
const NOISE_M: f64 = 0.05;

/// What is wrong with one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// No child has it.
    Gap,
    /// These children (by place in the list) have it at once.
    Overlap(Vec<usize>),
    /// This child (by place in the list) has it, its parent has not.
    Outside(usize),
}

/// A place that is not covered exactly once.
#[derive(Debug, Clone)]
pub struct Piece {
    pub kind: Kind,
    /// A vertex inside it.
    pub at: Vertex,
    /// Its size in square metres.
    pub area_m2: f64,
}

/// Every place larger than the tolerance that the children do not cover exactly once.
pub fn pieces(parent: &[Polygon], children: &[&[Polygon]], tolerance_m2: f64) -> Vec<Piece> {
    let mut sum = EdgeSum::default();
    children
        .iter()
        .copied()
        .flatten()
        .flat_map(Polygon::rings)
        .for_each(|ring| sum.add(ring, 1));
    parent
        .iter()
        .flat_map(Polygon::rings)
        .for_each(|ring| sum.add(ring, -1));
    let rings = trace(&sum.rest());
    if rings.is_empty() {
        return Vec::new();
    }
    let over = filled(&rings, FillRule::Positive)
        .into_iter()
        .map(|shape| (shape, true));
    let under = filled(&rings, FillRule::Negative)
        .into_iter()
        .map(|shape| (shape, false));
    let candidates = over.chain(under).filter_map(|(shape, over)| {
        let area_m2 = area(&shape);
        let at = shape
            .interior_point()
            .map(|p| [p.x().round() as i32, p.y().round() as i32])?;
        (area_m2 > tolerance_m2 && area_m2 > NOISE_M * length(&shape) / 2.0)
            .then_some((at, area_m2, over))
    });
    let mut found: Vec<Piece> = candidates
        .map(|(at, area_m2, over)| {
            let kind = if over {
                doubled(children, at)
            } else {
                Kind::Gap
            };
            Piece { kind, at, area_m2 }
        })
        .collect();
    found.sort_by_key(|piece| piece.at);
    found
}

/// Who holds a place that is held once too often.
fn doubled(children: &[&[Polygon]], at: Vertex) -> Kind {
    let mut holders: Vec<usize> = (0..children.len())
        .filter(|index| holds(children[*index], at))
        .collect();
    if holders.len() == 1 {
        Kind::Outside(holders.remove(0))
    } else {
        Kind::Overlap(holders)
    }
}

fn holds(shape: &[Polygon], at: Vertex) -> bool {
    let here = Extent { min: at, max: at };
    let near = Extent::of(shape.iter().flat_map(|polygon| &polygon.outer)).meets(&here);
    near && Inside::new(&rings_of(shape)).contains(at)
}

fn rings_of(shape: &[Polygon]) -> Vec<Ring> {
    shape.iter().flat_map(Polygon::rings).cloned().collect()
}

fn area(shape: &geo::Polygon) -> f64 {
    let rings = std::iter::once(shape.exterior()).chain(shape.interiors());
    let (mut sum, mut lat) = (0i128, 0);
    for (index, ring) in rings.enumerate() {
        let ring = ring_of(ring);
        lat = ring.first().map_or(lat, |v| v[1]);
        let size = double_area(&ring).abs();
        sum += if index == 0 { size } else { -size };
    }
    square_metres(sum, lat)
}

/// The length of the outer ring in metres.
fn length(shape: &geo::Polygon) -> f64 {
    let metre = METRES_PER_DEGREE / PER_DEGREE;
    let lat = shape.exterior().0.first().map_or(0.0, |c| c.y / PER_DEGREE);
    let lines = shape.exterior().lines();
    lines
        .map(|line| metre * (line.dx() * lat.to_radians().cos()).hypot(line.dy()))
        .sum()
}

fn ring_of(line: &LineString) -> Ring {
    let mut ring: Ring = line
        .0
        .iter()
        .map(|c| [c.x.round() as i32, c.y.round() as i32])
        .collect();
    ring.pop();
    ring.dedup();
    ring
}

/// The places around which the rings run more often one way (counter-clockwise for
/// [`FillRule::Positive`]) than the other.
fn filled(rings: &[Ring], rule: FillRule) -> MultiPolygon {
    let outer = |ring: &Ring| {
        let line = ring
            .iter()
            .map(|v| (f64::from(v[0]), f64::from(v[1])))
            .collect();
        geo::Polygon::new(line, Vec::new())
    };
    let all = MultiPolygon::new(rings.iter().map(outer).collect());
    all.boolean_op_with_fill_rule(&MultiPolygon::new(Vec::new()), OpType::Union, rule)
}

/// The outline of the children together; the borders between them fall away.
pub fn outline(children: &[&[Polygon]]) -> Vec<Polygon> {
    let mut sum = EdgeSum::default();
    children
        .iter()
        .copied()
        .flatten()
        .flat_map(Polygon::rings)
        .for_each(|ring| sum.add(ring, 1));
    let rings = trace(&sum.rest());
    let polygons = assemble(rings.clone());
    if is_plain(&polygons, rings.len()) {
        return polygons;
    }
    // The children overlap: only then are edges cut anew.
    let shapes = filled(&rings, FillRule::Positive);
    let rings = shapes.iter().flat_map(|shape| {
        let wind = |line: &LineString, ccw: bool| {
            let mut ring = ring_of(line);
            if (double_area(&ring) > 0) != ccw {
                ring.reverse();
            }
            ring
        };
        std::iter::once(wind(shape.exterior(), true))
            .chain(shape.interiors().iter().map(move |line| wind(line, false)))
            .collect::<Vec<_>>()
    });
    assemble(rings.collect())
}

/// Whether no outline crosses another or lies within it.
fn is_plain(polygons: &[Polygon], rings: usize) -> bool {
    let all: Vec<&Ring> = polygons.iter().flat_map(Polygon::rings).collect();
    if all.len() < rings || first_meeting(all.iter().copied()).is_some() {
        return false;
    }
    let inside: Vec<Inside> = polygons
        .iter()
        .map(|p| Inside::new(p.rings().collect::<Vec<_>>()))
        .collect();
    let nested = |index: usize| {
        let others = inside
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        let probe = &polygons[index].outer;
        others
            .into_iter()
            .any(|(_, other)| probe.iter().all(|v| other.contains(*v)))
    };
    !(0..polygons.len()).any(nested)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: i32 = 100_000;

    fn cell(west: i32, south: i32, east: i32, north: i32) -> Vec<Polygon> {
        let [w, s, e, n] = [west * SIDE, south * SIDE, east * SIDE, north * SIDE];
        vec![Polygon {
            outer: vec![[w, s], [e, s], [e, n], [w, n]],
            holes: Vec::new(),
        }]
    }

    fn kinds(parent: &[Polygon], children: &[Vec<Polygon>]) -> Vec<Kind> {
        let children: Vec<&[Polygon]> = children.iter().map(Vec::as_slice).collect();
        pieces(parent, &children, 1.0)
            .into_iter()
            .map(|piece| piece.kind)
            .collect()
    }

    #[test]
    fn exact_cover_is_silent() {
        let parent = cell(0, 0, 4, 2);
        assert!(kinds(&parent, &[cell(0, 0, 2, 2), cell(2, 0, 4, 2)]).is_empty());
        assert!(
            kinds(
                &parent,
                &[cell(0, 0, 4, 1), cell(0, 1, 1, 2), cell(1, 1, 4, 2)]
            )
            .is_empty()
        );
    }

    #[test]
    fn tells_gaps_overlaps_and_what_lies_outside() {
        let parent = cell(0, 0, 4, 2);
        assert_eq!(
            kinds(&parent, &[cell(0, 0, 2, 2), cell(3, 0, 4, 2)]),
            [Kind::Gap]
        );
        assert_eq!(
            kinds(&parent, &[cell(0, 0, 3, 2), cell(2, 0, 4, 2)]),
            [Kind::Overlap(vec![0, 1])]
        );
        assert_eq!(
            kinds(&parent, &[cell(0, 0, 2, 2), cell(2, 0, 4, 3)]),
            [Kind::Outside(1)]
        );
        let same = [cell(0, 0, 2, 2), cell(2, 0, 4, 2), cell(2, 0, 4, 2)];
        assert_eq!(kinds(&parent, &same), [Kind::Overlap(vec![1, 2])]);
    }

    #[test]
    fn sizes_in_square_metres() {
        let found = pieces(&cell(0, 0, 2, 1), &[&cell(0, 0, 1, 1)], 1.0);
        assert!((found[0].area_m2 - 1_236_434.0).abs() < 100.0, "{found:?}");
    }

    #[test]
    fn outlines_even_of_children_that_overlap() {
        let size = |shape: &[Polygon]| -> i128 {
            shape
                .iter()
                .flat_map(Polygon::rings)
                .map(|r| double_area(r))
                .sum()
        };
        let unit = 2 * i128::from(SIDE) * i128::from(SIDE);
        let of = |children: &[Vec<Polygon>]| {
            outline(&children.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        assert_eq!(size(&of(&[cell(0, 0, 2, 2), cell(2, 0, 4, 2)])), 8 * unit);
        assert_eq!(size(&of(&[cell(0, 0, 3, 2), cell(2, 0, 4, 2)])), 8 * unit);
        assert_eq!(size(&of(&[cell(0, 0, 4, 4), cell(1, 1, 2, 2)])), 16 * unit);
        assert_eq!(size(&of(&[cell(0, 0, 1, 1), cell(2, 0, 3, 1)])), 2 * unit);
    }
}
