//! Duplicate hints: the same category within 200 m and 72 hours of an open incident.

use crate::ids::IncidentId;
use crate::incident::command::Report;
use crate::time::{Span, Timestamp};
use crate::world::World;

/// How near, in metres.
pub const WITHIN_METRES: f64 = 200.0;
/// How recent.
pub const WITHIN: Span = Span::hours(72);
/// Metres in a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_195.0;

/// The oldest open incident that `report` seems to repeat.
pub fn hint(world: &World, report: &Report, now: Timestamp) -> Option<IncidentId> {
    let (lon, lat) = (report.place.lon?, report.place.lat?);
    let category = report.category?;
    let metres_per_lon = METRES_PER_DEGREE * lat.to_radians().cos();
    world
        .incidents()
        .filter(|i| i.category == Some(category) && i.state.is_open())
        .filter(|i| now.since(i.received_at) <= WITHIN)
        .filter(|i| {
            let (Some(x), Some(y)) = (i.place.lon, i.place.lat) else {
                return false;
            };
            let (dx, dy) = ((x - lon) * metres_per_lon, (y - lat) * METRES_PER_DEGREE);
            dx.hypot(dy) <= WITHIN_METRES
        })
        .min_by_key(|i| (i.received_at, i.id))
        .map(|i| i.id)
}
