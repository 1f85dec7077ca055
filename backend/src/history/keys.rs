//! What stands in the index for an incident besides its words: short terms for each thing it can be
//! looked for by, and its place in the order of arrival.

use domain::ids::IncidentId;
use domain::incident::{Incident, State};
use domain::time::Timestamp;
use geodata::region::Code;

/// 2000-01-01, in milliseconds since 1970: places count from here.
const SINCE_MS: i64 = 946_684_800_000;
/// Bits of a place that are its time: 69 years of milliseconds.
const TIME_BITS: u32 = 41;
/// Bits of a place that come from the id.
const ID_BITS: u32 = 63 - TIME_BITS;
/// Places that incidents of the same beginnings of their ids and the same millisecond share.
pub(super) const SHARED_PLACES: i64 = 64;
/// Sides of the cells that positions are kept by, in millionths of a degree, widest first.
const CELLS: [i64; 4] = [200_000, 40_000, 8_000, 1_600];
/// Most cells that a box is looked for by.
const MAX_CELLS: i64 = 48;

/// Where an incident stands in a list: when it came in, then its id.
pub type Key = (Timestamp, IncidentId);

/// An incident's key.
pub fn key_of(incident: &Incident) -> Key {
    (incident.received_at, incident.id)
}

/// The first place in the order of arrival that an incident may have in the file. Of two keys the
/// lower one's place is never the higher one.
pub(super) fn place((at, id): Key) -> i64 {
    let bytes = id.to_bytes();
    let head = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    first_at(at) | i64::from(head >> (32 - ID_BITS))
}

/// The first place of a time.
pub(super) fn first_at(at: Timestamp) -> i64 {
    let since = at.millis().saturating_sub(SINCE_MS);
    since.clamp(0, (1 << TIME_BITS) - 1) << ID_BITS
}

/// A part of the map, in degrees WGS-84; its edges belong to it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// West and south.
    pub min: (f64, f64),
    /// East and north.
    pub max: (f64, f64),
}

impl Area {
    /// Whether a position lies in it.
    pub fn holds(&self, lon: f64, lat: f64) -> bool {
        (self.min.0..=self.max.0).contains(&lon) && (self.min.1..=self.max.1).contains(&lat)
    }

    /// The cells that cover it, one of which must be an incident's; none when they are too many.
    pub(super) fn cells(&self) -> Option<Vec<String>> {
        (0..CELLS.len()).rev().find_map(|level| {
            let (west, south) = cell(level, self.min);
            let (east, north) = cell(level, self.max);
            let count = (east - west + 1) * (north - south + 1);
            (1..=MAX_CELLS).contains(&count).then(|| {
                (west..=east)
                    .flat_map(|x| (south..=north).map(move |y| cell_term(level, x, y)))
                    .collect()
            })
        })
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "degrees; what lies beyond them ends at the edge"
)]
fn cell(level: usize, (lon, lat): (f64, f64)) -> (i64, i64) {
    let side = CELLS[level];
    let index = |degrees: f64| ((degrees + 180.0) * 1e6).floor() as i64 / side;
    (index(lon), index(lat))
}

fn cell_term(level: usize, x: i64, y: i64) -> String {
    format!("g{level}x{x}y{y}")
}

/// A term of one kind for any value; only letters and digits, whatever the value holds.
fn term(kind: char, value: &str) -> String {
    format!("{kind}{}", crate::log::hex(value.as_bytes()))
}

/// The term of everyone who looks at a region.
pub(super) fn of_region(region: Code) -> String {
    format!("r{region}")
}

/// The term of an organisation that is a party.
pub(super) fn of_party(org: &str) -> String {
    term('o', org)
}

/// The term of the organisation that holds it, or held it last.
pub(super) fn of_holder(org: &str) -> String {
    term('h', org)
}

/// The term of the system it came through.
pub(super) fn of_source(source: &str) -> String {
    term('x', source)
}

/// The term of a state.
pub(super) fn of_state(state: State) -> String {
    term('s', &name(state))
}

/// The term of all that are open, or of all that are not.
pub(super) fn of_open(open: bool) -> String {
    format!("z{}", u8::from(open))
}

/// The term of a category, or of a major one.
pub(super) fn of_category(code: &str) -> String {
    term('c', code)
}

/// The term of a severity.
pub(super) fn of_severity(severity: u8) -> String {
    format!("v{severity}")
}

/// The term of those that missed a deadline, or never did.
pub(super) fn of_lateness(late: bool) -> String {
    format!("l{}", u8::from(late))
}

/// The term of a number, whole or its day alone.
pub(super) fn of_number(label: &str) -> String {
    term('n', label)
}

/// A state's name, as it goes over the wire.
pub fn name(state: State) -> String {
    let name = serde_json::to_value(state).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// All terms of an incident.
pub(super) fn of(incident: &Incident) -> String {
    let reach = incident.reach();
    let mut terms: Vec<String> = reach.region.ancestors().map(of_region).collect();
    for shared in &reach.shared {
        terms.extend(shared.ancestors().map(of_region));
    }
    terms.extend(reach.parties.iter().map(|org| of_party(org.as_str())));
    terms.extend(incident.holder().map(|hold| of_holder(hold.org.as_str())));
    terms.push(of_source(&incident.source));
    terms.push(of_state(incident.state));
    terms.push(of_open(incident.state.is_open()));
    terms.push(of_lateness(incident.was_red()));
    if let Some(category) = incident.category {
        terms.push(of_category(&category.to_string()));
        terms.push(of_category(&category.major().to_string()));
    }
    terms.extend(
        incident
            .severity
            .map(|severity| of_severity(severity.into())),
    );
    let label = incident.label();
    terms.extend(label.split('-').next().map(of_number));
    terms.push(of_number(&label));
    if let Some(at) = incident.place.lon.zip(incident.place.lat) {
        terms.extend((0..CELLS.len()).map(|level| {
            let (x, y) = cell(level, at);
            cell_term(level, x, y)
        }));
    }
    terms.sort_unstable();
    terms.dedup();
    terms.join(" ")
}

/// What somebody who reported can be looked for by: the name as it is, the digits of the phone.
pub(super) fn persons(incident: &Incident) -> Vec<String> {
    let Some(reporter) = &incident.reporter else {
        return Vec::new();
    };
    let phone = reporter.phone.as_deref().map(digits);
    let name = reporter.name.as_deref().map(|name| name.trim().to_owned());
    let mut persons: Vec<String> = [name, phone].into_iter().flatten().collect();
    persons.retain(|person| !person.is_empty());
    persons
}

/// The digits of a phone number, however it is written.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_keys() {
        let county = "330899".parse().expect("code");
        let mut keys: Vec<Key> = (0..500)
            .map(|n| {
                let at = Timestamp::from_millis(1_795_000_000_000 + n % 7);
                (at, IncidentId::of_origin(county, "grid", &n.to_string()))
            })
            .collect();
        keys.push((Timestamp::from_millis(i64::MIN), keys[0].1));
        keys.push((Timestamp::from_millis(i64::MAX), keys[0].1));
        keys.sort_unstable();
        let places: Vec<i64> = keys.iter().map(|key| place(*key)).collect();
        assert!(places.is_sorted() && places.iter().all(|place| *place >= 0));
        assert!(place(keys[1]) >= first_at(keys[1].0));
    }

    #[test]
    fn a_box_is_covered_by_the_cells_of_what_lies_in_it() {
        let (lon, lat) = (118.934_21, 28.911_7);
        for side in [0.0, 0.0004, 0.004, 0.03, 0.3, 2.0] {
            let area = Area {
                min: (lon - side, lat - side / 2.0),
                max: (lon + side / 3.0, lat + side),
            };
            let Some(cells) = area.cells() else {
                assert!(side > 1.0);
                continue;
            };
            for (x, y) in [area.min, area.max, (lon, lat)] {
                let own = (0..CELLS.len()).map(|level| {
                    let (x, y) = cell(level, (x, y));
                    cell_term(level, x, y)
                });
                assert!(own.into_iter().any(|own| cells.contains(&own)), "{side}");
            }
        }
    }
}
