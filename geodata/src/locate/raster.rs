//! One level's regions on a raster. A cell is outside, within one region, or mixed; a mixed cell
//! keeps its regions by code, each with the edges that can lie west of a point in the cell, so
//! that counting crossings to the west needs nothing else.

use rustc_hash::FxHashMap;

use crate::boundary::Shape;
use crate::crs::Point;
use crate::plane::{Extent, Polygon, edges, place};
use crate::region::Code;

/// Cells per region, so that most lie within one: finer costs memory, coarser costs edges.
const CELLS_PER_REGION: f64 = 200.0;
/// Most cells along one side; two to the power of ten keeps a layer at 4 MB.
const SIDE_MAX: usize = 1024;
/// In degrees, a hundredth of what tells two vertices apart: for rounding only.
const HAIR: f64 = 1e-9;
/// Marks a cell as mixed; the rest of its bits say where its regions are.
const MIXED: u32 = 1 << 31;
/// Marks a cell that no region reaches.
const OUTSIDE: u32 = MIXED - 1;

/// One edge, its lower end first, so that both neighbours reckon the same.
#[derive(Debug, Clone, Copy)]
struct Edge {
    south: f64,
    north: f64,
    /// Longitude at the lower end, and at the upper.
    low: f64,
    high: f64,
    /// Degrees of longitude per degree of latitude; nothing for an edge along a parallel.
    slope: f64,
}

/// A region in a mixed cell.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// Place in `codes`.
    region: u32,
    /// Place of its first edge, and of the one past its last.
    edges: (u32, u32),
    /// Whether the edges left out, which all lie west, are odd in number.
    odd: bool,
}

/// The regions of one level.
#[derive(Debug, Clone)]
pub struct Raster {
    codes: Vec<Code>,
    west: f64,
    south: f64,
    /// Cells per degree.
    per_lon: f64,
    per_lat: f64,
    columns: usize,
    rows: usize,
    cells: Vec<u32>,
    /// Where the candidates of each mixed cell start; one more at the end.
    starts: Vec<u32>,
    candidates: Vec<Candidate>,
    edges: Vec<Edge>,
}

impl Edge {
    fn new(a: Point, b: Point) -> Self {
        let (low, high) = if (a.lat, a.lon) <= (b.lat, b.lon) {
            (a, b)
        } else {
            (b, a)
        };
        let rise = high.lat - low.lat;
        let slope = if rise > 0.0 {
            (high.lon - low.lon) / rise
        } else {
            0.0
        };
        Self {
            south: low.lat,
            north: high.lat,
            low: low.lon,
            high: high.lon,
            slope,
        }
    }

    /// Whether a point walking west crosses it.
    fn is_west_of(&self, point: Point) -> bool {
        self.south <= point.lat
            && point.lat < self.north
            && self.low + (point.lat - self.south) * self.slope <= point.lon
    }

    fn holds(&self, point: Point) -> bool {
        let (west, east) = (
            self.low.min(self.high) - HAIR,
            self.low.max(self.high) + HAIR,
        );
        let near = (self.south - HAIR..=self.north + HAIR).contains(&point.lat)
            && (west..=east).contains(&point.lon);
        let level = self.north - self.south < HAIR;
        near && (level
            || (self.low + (point.lat - self.south) * self.slope - point.lon).abs() <= HAIR)
    }
}

impl Raster {
    /// Draws regions, which come by code, on a raster of their own.
    pub fn new(regions: &[(Code, &Shape)]) -> Self {
        let extent = Extent::of(
            regions
                .iter()
                .flat_map(|(_, shape)| [&shape.extent.min, &shape.extent.max]),
        );
        let (min, max) = (place(extent.min), place(extent.max));
        let side = (regions.len() as f64 * CELLS_PER_REGION).sqrt() as usize;
        let side = side.clamp(128, SIDE_MAX);
        let per = |from: f64, to: f64| side as f64 / (to - from + 2.0 * HAIR);
        let mut raster = Self {
            codes: regions.iter().map(|(code, _)| *code).collect(),
            west: min.lon - HAIR,
            south: min.lat - HAIR,
            per_lon: per(min.lon, max.lon),
            per_lat: per(min.lat, max.lat),
            columns: side,
            rows: side,
            cells: vec![OUTSIDE; side * side],
            starts: vec![0],
            candidates: Vec::new(),
            edges: Vec::new(),
        };
        let mut mixed: FxHashMap<u32, Vec<Candidate>> = FxHashMap::default();
        for (index, (_, shape)) in regions.iter().enumerate() {
            raster.draw(index as u32, shape, &mut mixed);
        }
        raster.settle(mixed);
        raster
    }

    /// The lowest code of the regions around the point.
    pub fn locate(&self, point: Point) -> Option<Code> {
        let cell = self.cells[self.cell(point)?];
        if cell & MIXED == 0 {
            return self.codes.get(cell as usize).copied();
        }
        let around = |candidate: &&Candidate| {
            let west = self
                .edges_of(candidate)
                .iter()
                .filter(|edge| edge.is_west_of(point))
                .count();
            (west % 2 == 1) != candidate.odd
        };
        self.candidates_of(cell)
            .iter()
            .find(around)
            .map(|candidate| self.codes[candidate.region as usize])
    }

    /// The lowest code of the regions on whose outline the point lies.
    pub fn on_border(&self, point: Point) -> Option<Code> {
        let cell = self.cells[self.cell(point)?];
        let touches = |candidate: &&Candidate| {
            self.edges_of(candidate)
                .iter()
                .any(|edge| edge.holds(point))
        };
        let candidates = if cell & MIXED == 0 {
            &[]
        } else {
            self.candidates_of(cell)
        };
        candidates
            .iter()
            .find(touches)
            .map(|candidate| self.codes[candidate.region as usize])
    }

    fn cell(&self, point: Point) -> Option<usize> {
        let column = (point.lon - self.west) * self.per_lon;
        let row = (point.lat - self.south) * self.per_lat;
        // Written so that NaN is outside as well.
        let inside =
            column >= 0.0 && row >= 0.0 && column < self.columns as f64 && row < self.rows as f64;
        inside.then(|| row as usize * self.columns + column as usize)
    }

    fn candidates_of(&self, cell: u32) -> &[Candidate] {
        let at = (cell & !MIXED) as usize;
        &self.candidates[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    fn edges_of(&self, candidate: &Candidate) -> &[Edge] {
        &self.edges[candidate.edges.0 as usize..candidate.edges.1 as usize]
    }

    /// The rows (or columns) that a span touches, a hair to spare.
    fn reach(from: f64, to: f64, origin: f64, per: f64, count: usize) -> (usize, usize) {
        let at = |value: f64| (((value - origin) * per).max(0.0) as usize).min(count - 1);
        (at(from - HAIR), at(to + HAIR))
    }

    /// Enters one region row by row.
    fn draw(&mut self, region: u32, shape: &Shape, mixed: &mut FxHashMap<u32, Vec<Candidate>>) {
        let all = shape
            .polygons
            .iter()
            .flat_map(Polygon::rings)
            .flat_map(|ring| edges(ring));
        let all: Vec<Edge> = all.map(|(a, b)| Edge::new(place(a), place(b))).collect();
        let (min, max) = (place(shape.extent.min), place(shape.extent.max));
        let (first, last) = Self::reach(min.lat, max.lat, self.south, self.per_lat, self.rows);
        let mut rows: Vec<Vec<Edge>> = vec![Vec::new(); last - first + 1];
        for edge in all {
            let (from, to) =
                Self::reach(edge.south, edge.north, self.south, self.per_lat, self.rows);
            rows[from - first..=to - first]
                .iter_mut()
                .for_each(|row| row.push(edge));
        }
        for (offset, row_edges) in rows.into_iter().enumerate() {
            self.draw_row(region, first + offset, &row_edges, mixed);
        }
    }

    /// Which columns each edge touches between two latitudes.
    fn touched(&self, row_edges: &[Edge], bottom: f64, top: f64) -> Vec<(usize, usize)> {
        row_edges
            .iter()
            .map(|edge| {
                let at = |lat: f64| {
                    edge.low + (lat.clamp(edge.south, edge.north) - edge.south) * edge.slope
                };
                let (mut a, mut b) = (at(bottom - HAIR), at(top + HAIR));
                if edge.north - edge.south < HAIR {
                    (a, b) = (edge.low, edge.high);
                }
                Self::reach(a.min(b), a.max(b), self.west, self.per_lon, self.columns)
            })
            .collect()
    }

    fn draw_row(
        &mut self,
        region: u32,
        row: usize,
        row_edges: &[Edge],
        mixed: &mut FxHashMap<u32, Vec<Candidate>>,
    ) {
        let bottom = self.south + row as f64 / self.per_lat;
        let top = self.south + (row + 1) as f64 / self.per_lat;
        let touched = self.touched(row_edges, bottom, top);
        let (Some(from), Some(to)) = (
            touched.iter().map(|t| t.0).min(),
            touched.iter().map(|t| t.1).max(),
        ) else {
            return;
        };
        let middle = f64::midpoint(bottom, top);
        let spans = |edge: &Edge| edge.south <= bottom - HAIR && edge.north >= top + HAIR;
        for column in from..=to {
            let cell = (row * self.columns + column) as u32;
            if touched
                .iter()
                .any(|&(first, last)| (first..=last).contains(&column))
            {
                let start = self.edges.len() as u32;
                let mut odd = false;
                for (edge, &(first, last)) in row_edges.iter().zip(&touched) {
                    if last < column && spans(edge) {
                        odd = !odd;
                    } else if first <= column {
                        self.edges.push(*edge);
                    }
                }
                let edges = (start, self.edges.len() as u32);
                mixed
                    .entry(cell)
                    .or_default()
                    .push(Candidate { region, edges, odd });
            } else {
                let centre = Point {
                    lon: self.west + (column as f64 + 0.5) / self.per_lon,
                    lat: middle,
                };
                if row_edges
                    .iter()
                    .filter(|edge| edge.is_west_of(centre))
                    .count()
                    % 2
                    == 1
                {
                    mixed.entry(cell).or_default().push(Candidate {
                        region,
                        edges: (0, 0),
                        odd: true,
                    });
                }
            }
        }
    }

    /// Turns lists of candidates into cells.
    fn settle(&mut self, mixed: FxHashMap<u32, Vec<Candidate>>) {
        let mut mixed: Vec<_> = mixed.into_iter().collect();
        mixed.sort_unstable_by_key(|(cell, _)| *cell);
        for (cell, candidates) in mixed {
            let whole =
                |candidate: &Candidate| candidate.edges.0 == candidate.edges.1 && candidate.odd;
            self.cells[cell as usize] = match candidates.first() {
                Some(first) if whole(first) => first.region,
                _ => {
                    self.candidates.extend(candidates);
                    self.starts.push(self.candidates.len() as u32);
                    MIXED | (self.starts.len() - 2) as u32
                }
            };
        }
    }
}
