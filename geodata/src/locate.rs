//! From a point to its region, fast: a raster over the county whose cells know either the one
//! region they lie in or the few that meet there, with the edges that matter ready. For most points
//! it looks at no edge at all; `benches/locate.rs` compares it with a scan of all regions and with an
//! R-tree of their bounding boxes. What the regions mean is left to `region`.

mod raster;

use raster::Raster;

use crate::boundary::Boundary;
use crate::crs::Point;
use crate::region::{Code, Level};

/// Finds the region of a point.
///
/// The south-west side of a border belongs to a region, as do ties to the lowest code, so a point
/// on a shared border has exactly one region.
#[derive(Debug, Clone)]
pub struct Locator {
    /// One a level that has regions, the deepest first.
    layers: Vec<Raster>,
}

impl Locator {
    /// Prepares a boundary for questions; takes some tens of milliseconds and a few megabytes.
    pub fn new(boundary: &Boundary) -> Self {
        let levels = Level::ALL.into_iter().rev();
        let layers = levels.filter_map(|level| {
            let regions: Vec<_> = boundary
                .shapes()
                .filter(|(region, shape)| region.level == level && !shape.polygons.is_empty())
                .map(|(region, shape)| (region.code, shape))
                .collect();
            (!regions.is_empty()).then(|| Raster::new(&regions))
        });
        Self {
            layers: layers.collect(),
        }
    }

    /// The deepest region around a WGS-84 point; `None` outside the county.
    ///
    /// A point exactly on the county's outline is in.
    pub fn locate(&self, point: Point) -> Option<Code> {
        let inside = self.layers.iter().find_map(|layer| layer.locate(point));
        inside.or_else(|| self.layers.iter().find_map(|layer| layer.on_border(point)))
    }
}

#[cfg(test)]
mod tests;
