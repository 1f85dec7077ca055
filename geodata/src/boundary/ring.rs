//! From the coordinates of one GeoJSON geometry to clean polygons: snapped, closed, wound the right
//! way, no point twice in a row. What else is wrong is reported and the geometry left out.

use serde_json::Value;

use super::fault::{Faults, Site};
use crate::crs::{Crs, Point, to_wgs84};
use crate::plane::{
    Polygon, Ring, Vertex, assemble, double_area, first_meeting, snap, split_loops, turn,
};

/// Reads a Polygon or MultiPolygon; `None` when any of it had to be left out.
pub fn polygons(
    geometry: &Value,
    crs: Crs,
    site: &Site,
    faults: &mut Faults,
) -> Option<Vec<Polygon>> {
    let kind = geometry["type"].as_str().unwrap_or("none");
    let coordinates = &geometry["coordinates"];
    let whole = std::slice::from_ref(coordinates);
    let parts = match kind {
        "Polygon" => Some(whole),
        "MultiPolygon" => coordinates.as_array().map(Vec::as_slice),
        _ => None,
    };
    let Some(parts) = parts.filter(|parts| !parts.is_empty()) else {
        let message = format!(
            "The geometry is no Polygon or MultiPolygon with coordinates (its type is {kind})."
        );
        faults.error(
            site,
            "bad_geometry",
            message,
            "Give the region's outline as a Polygon or MultiPolygon.",
        );
        return None;
    };
    let mut polygons = Vec::new();
    let mut sound = true;
    for (part, rings) in parts.iter().enumerate() {
        match polygon(rings, crs, part, site, faults) {
            Some(read) => polygons.extend(read),
            None => sound = false,
        }
    }
    sound.then_some(polygons)
}

/// Reads one polygon's rings; a ring that touches itself makes more than one polygon.
fn polygon(
    rings: &Value,
    crs: Crs,
    part: usize,
    site: &Site,
    faults: &mut Faults,
) -> Option<Vec<Polygon>> {
    let rings = rings.as_array().map_or(&[][..], Vec::as_slice);
    if rings.is_empty() {
        let message = format!("Polygon {part} has no ring.");
        faults.error(
            site,
            "invalid_ring",
            message,
            "Give at least the outer ring.",
        );
        return None;
    }
    let (mut clean, mut sound) = (Vec::new(), true);
    for (index, positions) in rings.iter().enumerate() {
        let mut reader = Reader {
            crs,
            site,
            faults,
            at: format!("Ring {index} of polygon {part}"),
        };
        match reader.ring(positions, index == 0) {
            Some(loops) => clean.extend(loops),
            None => sound = false,
        }
    }
    let count = clean.len();
    let polygons = assemble(clean);
    if sound && polygons.iter().flat_map(Polygon::rings).count() < count {
        let message = format!("Polygon {part} has a hole that is not inside its outer ring.");
        faults.error(
            site,
            "hole_outside",
            message,
            "Move the hole inside, or make it a polygon of its own.",
        );
        sound = false;
    }
    sound.then_some(polygons)
}

/// Reads one ring and says what it finds.
struct Reader<'a> {
    crs: Crs,
    site: &'a Site,
    faults: &'a mut Faults,
    /// Which ring, for messages.
    at: String,
}

impl Reader<'_> {
    fn ring(&mut self, positions: &Value, outer: bool) -> Option<Vec<Ring>> {
        let mut ring = self.vertices(positions)?;
        self.close(&mut ring)?;
        self.drop_repeats(&mut ring);
        let loops = self.loops(ring)?;
        Some(self.wind(loops, outer))
    }

    fn invalid<T>(&mut self, what: &str, remedy: &str) -> Option<T> {
        let message = format!("{} {what}.", self.at);
        self.faults
            .error(self.site, "invalid_ring", message, remedy);
        None
    }

    fn vertices(&mut self, positions: &Value) -> Option<Ring> {
        let positions = positions.as_array().map_or(&[][..], Vec::as_slice);
        let mut ring = Vec::with_capacity(positions.len());
        for (index, position) in positions.iter().enumerate() {
            let (lon, lat) = (position[0].as_f64(), position[1].as_f64());
            let point = lon
                .zip(lat)
                .map(|(lon, lat)| Point { lon, lat })
                .filter(|point| point.is_valid());
            let Some(point) = point else {
                let message = format!(
                    "{}, position {index}: {position} is no longitude and latitude.",
                    self.at
                );
                let remedy =
                    "Give degrees as [longitude, latitude], within ±180 and ±90, longitude first.";
                self.faults
                    .error(self.site, "bad_coordinate", message, remedy);
                return None;
            };
            ring.push(snap(to_wgs84(point, self.crs)));
        }
        Some(ring)
    }

    fn close(&mut self, ring: &mut Ring) -> Option<()> {
        let closed = ring.len() > 1 && ring.first() == ring.last();
        if ring.len() < if closed { 4 } else { 3 } {
            let what = format!("has {} positions, too few for an area", ring.len());
            return self.invalid(
                &what,
                "A ring has at least four positions, the last like the first.",
            );
        }
        if closed {
            ring.pop();
        } else {
            let message = format!("{} was not closed; it was closed.", self.at);
            self.faults.repaired(
                self.site,
                "unclosed_ring",
                message,
                "Repeat the first position at the end.",
            );
        }
        Some(())
    }

    fn drop_repeats(&mut self, ring: &mut Ring) {
        let before = ring.len();
        ring.dedup();
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() < before {
            let message = format!(
                "{} had {} positions twice in a row; one of each was kept.",
                self.at,
                before - ring.len()
            );
            self.faults.repaired(
                self.site,
                "duplicate_points",
                message,
                "Write each position once.",
            );
        }
    }

    /// Parts a ring that passes a vertex twice; it may touch itself, never cross.
    fn loops(&mut self, ring: Ring) -> Option<Vec<Ring>> {
        let before = ring.len();
        let at = ring.first().copied();
        let mut loops = split_loops(ring);
        if loops.iter().map(Vec::len).sum::<usize>() < before {
            let message = format!("{} had spikes without width; they were cut off.", self.at);
            self.faults.repaired(
                self.site,
                "spike",
                message,
                "Remove lines that go out and back the same way.",
            );
        }
        // A bow tie may have areas that cancel, yet it is no line.
        let bow = loops.iter().all(|part| {
            double_area(part) == 0 && part.iter().any(|v| turn(part[0], part[1], *v) != 0)
        });
        if let Some(meeting) = first_meeting(&loops).filter(|_| bow) {
            crossing(self.site, self.faults, &self.at, meeting);
            return None;
        }
        loops.retain(|part| double_area(part) != 0);
        let total: i128 = loops.iter().map(|part| double_area(part)).sum();
        if loops.is_empty() || total == 0 {
            return self.invalid("has no area", "Draw the region's outline around an area.");
        }
        if total < 0 {
            for part in &mut loops {
                part.reverse();
            }
        }
        let count = loops.len();
        let kept = assemble(loops.clone());
        if count > 1 && kept.iter().flat_map(Polygon::rings).count() < count {
            crossing(self.site, self.faults, &self.at, at.unwrap_or_default());
            return None;
        }
        if total < 0 {
            for part in &mut loops {
                part.reverse();
            }
        }
        Some(loops)
    }

    /// Outer rings run counter-clockwise, holes clockwise.
    fn wind(&mut self, mut loops: Vec<Ring>, outer: bool) -> Vec<Ring> {
        let total: i128 = loops.iter().map(|part| double_area(part)).sum();
        if (total > 0) != outer {
            for part in &mut loops {
                part.reverse();
            }
            let message = format!("{} ran the wrong way round; it was turned.", self.at);
            let remedy = "Outer rings run counter-clockwise, holes clockwise (RFC 7946).";
            self.faults
                .repaired(self.site, "winding_order", message, remedy);
        }
        loops
    }
}

/// Reports that an outline crosses itself.
pub fn crossing(site: &Site, faults: &mut Faults, what: &str, at: Vertex) {
    let place = crate::plane::place(at);
    let message = format!(
        "{what} crosses or touches itself near {:.6}, {:.6}.",
        place.lon, place.lat
    );
    faults.error(
        site,
        "self_intersection",
        message,
        "Redraw the outline there so that it never meets itself.",
    );
}
