//! The one boundary to GeoJSON: reads `regions.geojson`, reports every fault, repairs only what it
//! says it repairs, and writes outlines simplified for a zoom without opening gaps. Which region a
//! point lies in is left to `locate`; caching is the caller's.

mod cover;
mod fault;
mod label;
mod read;
mod ring;
mod simplify;
mod validate;
mod write;

use std::sync::OnceLock;

pub use fault::{Fault, Severity};
pub(crate) use label::point as label_of;
pub(crate) use read::outline as outline_of;
use simplify::Topology;
pub(crate) use write::exact_geometry;

use crate::crs::Point;
use crate::plane::{Extent, Polygon, place};
use crate::region::{Code, Region, RegionTree};

/// Gaps and overlaps up to this size in square metres are taken for the noise of digitising, and so
/// is any up to 5 cm wide.
pub const TOLERANCE_M2: f64 = 100.0;

/// The regions of a county with their outlines in WGS-84.
#[derive(Debug, Clone)]
pub struct Boundary {
    tree: RegionTree,
    /// In the order of the tree.
    shapes: Vec<Shape>,
    /// Shared borders, found when first asked to draw.
    topology: OnceLock<Topology>,
}

/// The outline of one region.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Empty when the file gave none that could be used.
    pub polygons: Vec<Polygon>,
    pub extent: Extent,
    /// Where to write its name: inside.
    pub label: Point,
    pub synthetic: bool,
}

impl Boundary {
    /// Reads a county's `regions.geojson`, with the usual tolerance for gaps and overlaps.
    ///
    /// Every fault comes back. The boundary does as well whenever the county itself can be used,
    /// without the features that cannot; whether to go on in spite of a [`Severity::Error`] is the
    /// caller's choice.
    pub fn read(geojson: &str) -> (Option<Self>, Vec<Fault>) {
        Self::read_within(geojson, TOLERANCE_M2)
    }

    /// As [`Self::read`], with a tolerance of its own in square metres.
    pub fn read_within(geojson: &str, tolerance_m2: f64) -> (Option<Self>, Vec<Fault>) {
        let mut faults = fault::Faults::default();
        let mut drafts = read::drafts(geojson, &mut faults);
        let readable = faults.0.iter().all(|fault| !fault.code.starts_with("not_"));
        if readable {
            validate::sort_out(&mut drafts, &mut faults);
            validate::fit(&mut drafts, tolerance_m2, &mut faults);
        }
        faults.0.sort_by_key(|fault| fault.feature);
        (Self::build(drafts.all), faults.0)
    }

    /// Puts drafts, in the order of the tree, together; `None` when the county has no outline.
    fn build(drafts: Vec<read::Draft>) -> Option<Self> {
        let mut regions = Vec::with_capacity(drafts.len());
        let mut shapes = Vec::with_capacity(drafts.len());
        for draft in drafts {
            regions.push(Region {
                code: draft.code,
                name: draft.name,
                level: draft.code.level(),
            });
            shapes.push(Shape::new(draft.shape.unwrap_or_default(), draft.synthetic));
        }
        let tree = RegionTree::new(regions).ok()?;
        let usable = shapes
            .first()
            .is_some_and(|county| !county.polygons.is_empty());
        usable.then(|| Self {
            tree,
            shapes,
            topology: OnceLock::new(),
        })
    }

    /// The regions without their outlines.
    pub fn tree(&self) -> &RegionTree {
        &self.tree
    }

    /// West, south, east and north of a region in degrees; `None` when it is unknown or has no
    /// outline.
    pub fn bbox(&self, code: Code) -> Option<[f64; 4]> {
        let shape = self.shape(code)?;
        let (min, max) = (place(shape.extent.min), place(shape.extent.max));
        Some([min.lon, min.lat, max.lon, max.lat])
    }

    /// A point inside the region, near its middle; `None` when it is unknown or has no outline.
    pub fn label_point(&self, code: Code) -> Option<Point> {
        self.shape(code).map(|shape| shape.label)
    }

    /// The region's outline in degrees; `None` when it is unknown or has none.
    pub fn polygons(&self, code: Code) -> Option<geo::MultiPolygon> {
        let line = |ring: &crate::plane::Ring| {
            ring.iter()
                .map(|v| (place(*v).lon, place(*v).lat))
                .collect()
        };
        let polygon =
            |p: &Polygon| geo::Polygon::new(line(&p.outer), p.holes.iter().map(line).collect());
        Some(geo::MultiPolygon::new(
            self.shape(code)?.polygons.iter().map(polygon).collect(),
        ))
    }

    /// Whether the region's outline is drawn, not surveyed.
    pub fn is_synthetic(&self, code: Code) -> bool {
        self.shape(code).is_some_and(|shape| shape.synthetic)
    }

    /// The region and all below it as a GeoJSON FeatureCollection, outlines simplified for a zoom
    /// of web maps (0 to 22, tiles of 512 pixels), neighbours with the same border.
    ///
    /// Properties: `code`, `name`, `level`, `parent`, `lx` and `ly` (where to write the name),
    /// `synthetic` when it is. An unknown region gives an empty collection.
    pub fn to_geojson(&self, scope: Code, zoom: u8) -> String {
        let topology = self.topology.get_or_init(|| Topology::new(&self.shapes));
        write::collection(self, &topology.at_zoom(zoom), scope)
    }

    /// Every region with its outline, the county first.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&Region, &Shape)> {
        self.tree.iter().zip(&self.shapes)
    }

    fn shape(&self, code: Code) -> Option<&Shape> {
        let shape = &self.shapes[self.tree.position(code)?];
        (!shape.polygons.is_empty()).then_some(shape)
    }
}

impl Shape {
    fn new(polygons: Vec<Polygon>, synthetic: bool) -> Self {
        let extent = Extent::of(polygons.iter().flat_map(|polygon| &polygon.outer));
        let label = label::point(&polygons);
        Self {
            polygons,
            extent,
            label,
            synthetic,
        }
    }
}

#[cfg(test)]
mod tests;
