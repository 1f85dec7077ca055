//! Duplicate hints: the same category within 200 m and 72 hours of an open incident; and, for whoever
//! takes a call down, what open incidents look like the same matter, and by what.

use std::collections::BTreeSet;

use geodata::region::{Code, Level};

use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::command::Report;
use crate::pack::catalogue::CategoryCode;
use crate::time::{Span, Timestamp};
use crate::world::World;

/// How near, in metres.
pub const WITHIN_METRES: f64 = 200.0;
/// How recent.
pub const WITHIN: Span = Span::hours(72);
/// Most that are hinted at.
const LISTED: usize = 5;
/// How much of the shorter text's pairs of letters must be in the other.
const ALIKE: f64 = 0.34;
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

/// What is known of a report that somebody is still writing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Draft {
    /// Degrees east and north, WGS-84.
    pub at: Option<(f64, f64)>,
    /// The smallest region known.
    pub region: Option<Code>,
    /// What it is.
    pub category: Option<CategoryCode>,
    /// Title and text.
    pub text: String,
}

/// An open incident that may be the same matter.
#[derive(Clone, PartialEq, Debug)]
pub struct Similar {
    /// Which.
    pub id: IncidentId,
    /// How far off, in metres, where both have a position.
    pub metres: Option<u32>,
    /// Whether it is of the same category.
    pub same_category: bool,
    /// Whether the words are alike.
    pub alike: bool,
    score: u32,
}

/// Open incidents of the last 72 hours near by, or of the same village, that are of the category or
/// read alike; the likeliest first. Nothing without a place: a whole county has many alike.
pub fn similar(world: &World, draft: &Draft, now: Timestamp) -> Vec<Similar> {
    let pairs = pairs(&draft.text);
    let mut found: Vec<Similar> = world
        .incidents()
        .filter(|one| one.state.is_open() && now.since(one.received_at) <= WITHIN)
        .filter_map(|one| compare(draft, &pairs, one))
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.score), one.id));
    found.truncate(LISTED);
    found
}

fn compare(draft: &Draft, pairs: &BTreeSet<[char; 2]>, one: &Incident) -> Option<Similar> {
    let metres = draft
        .at
        .zip(one.place.lon.zip(one.place.lat))
        .map(|(a, b)| metres(a, b));
    let village = |code: Code| code.at(Level::Village);
    let is_near = match metres {
        Some(metres) => metres <= WITHIN_METRES,
        None => draft.region.is_some_and(|region| {
            village(region).is_some() && village(region) == village(one.region)
        }),
    };
    let same_category = draft.category.is_some() && draft.category == one.category;
    let alike = share(pairs, &self::pairs(&one.title)) >= ALIKE;
    (is_near && (same_category || alike)).then(|| Similar {
        id: one.id,
        metres: metres.map(|metres| metres.round() as u32),
        same_category,
        alike,
        score: u32::from(same_category) * 2 + u32::from(alike) * 2 + u32::from(metres.is_some()),
    })
}

fn metres((lon, lat): (f64, f64), (x, y): (f64, f64)) -> f64 {
    let metres_per_lon = METRES_PER_DEGREE * lat.to_radians().cos();
    ((x - lon) * metres_per_lon).hypot((y - lat) * METRES_PER_DEGREE)
}

/// The pairs of neighbouring letters of a text: what Chinese is compared by without a dictionary.
fn pairs(text: &str) -> BTreeSet<[char; 2]> {
    let letters: Vec<char> = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    letters.windows(2).map(|two| [two[0], two[1]]).collect()
}

fn share(a: &BTreeSet<[char; 2]>, b: &BTreeSet<[char; 2]>) -> f64 {
    let shorter = a.len().min(b.len());
    if shorter < 2 {
        return 0.0;
    }
    a.intersection(b).count() as f64 / shorter as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::decide::Context;
    use crate::incident::plan;
    use crate::walk_tests::{actor, county, report, start};

    fn world() -> (World, Incident) {
        let county = county();
        let mut sent = report(1, Some("0703"), &county);
        sent.title = "人民路井盖缺失".to_owned();
        sent.place.lon = Some(118.9);
        sent.place.lat = Some(28.9);
        let ctx = Context::new(&county, start());
        let events = plan::report(sent, &actor(crate::actor::Role::Source), ctx);
        let mut world = World::default();
        for event in &events {
            world.apply(event);
        }
        let one = world.incidents().next().expect("one").clone();
        (world, one)
    }

    #[test]
    fn what_is_near_and_alike_is_hinted_at_and_says_by_what() {
        let (world, one) = world();
        let mut draft = Draft {
            at: Some((118.9005, 28.9)),
            text: "路边井盖缺失一个".to_owned(),
            ..Draft::default()
        };
        let found = similar(&world, &draft, start());
        assert_eq!(found.len(), 1);
        assert!(found[0].alike && !found[0].same_category);
        assert!(
            found[0]
                .metres
                .is_some_and(|metres| (40..60).contains(&metres))
        );
        draft.category = one.category;
        draft.text.clear();
        assert!(similar(&world, &draft, start())[0].same_category);
    }

    #[test]
    fn what_is_far_old_or_nowhere_is_not() {
        let (world, one) = world();
        let near = Draft {
            region: Some(one.region),
            category: one.category,
            ..Draft::default()
        };
        assert_eq!(similar(&world, &near, start()).len(), 1);
        let nowhere = Draft {
            region: None,
            ..near.clone()
        };
        assert!(similar(&world, &nowhere, start()).is_empty());
        let far = Draft {
            at: Some((118.91, 28.9)),
            ..near.clone()
        };
        assert!(similar(&world, &far, start()).is_empty());
        let late = start() + WITHIN + Span::mins(1);
        assert!(similar(&world, &near, late).is_empty());
    }
}
