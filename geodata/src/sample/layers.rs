//! Roads and a river for the eye: arterials through the seat, county roads that join the townships,
//! a river that passes the seat and one that joins it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::land::{Land, Spot, distance, wander};
use crate::plane::place;

/// Every layer: name within the pack, and content.
pub fn all(
    land: &Land,
    seat: Spot,
    townships: &[(Spot, &str)],
    rng: &mut ChaCha8Rng,
) -> Vec<(String, String)> {
    let river = rivers(land, seat, rng);
    let roads = arterials(land, seat, rng)
        .into_iter()
        .chain(county_roads(land, townships, rng));
    let file = |name: &str, features: Vec<Value>| {
        let text = json!({ "type": "FeatureCollection", "synthetic": true, "features": features })
            .to_string();
        (format!("layers/{name}.geojson"), text)
    };
    vec![file("roads", roads.collect()), file("river", river)]
}

fn feature(land: &Land, line: &[Spot], name: &str, class: &str) -> Value {
    let position = |spot: &Spot| {
        let point = place(land.vertex(*spot));
        [
            (point.lon * 1e6).round() / 1e6,
            (point.lat * 1e6).round() / 1e6,
        ]
    };
    let line: Vec<_> = line.iter().map(position).collect();
    json!({
        "type": "Feature",
        "properties": { "name": name, "class": class, "synthetic": true },
        "geometry": { "type": "LineString", "coordinates": line },
    })
}

/// Walks until the land ends, swaying as told.
fn walk(
    land: &Land,
    from: Spot,
    heading: f64,
    step_m: f64,
    mut sway: impl FnMut(f64) -> f64,
) -> Vec<Spot> {
    let longest = 2.0 * land.size[0].hypot(land.size[1]);
    let (mut line, mut at, mut gone) = (vec![from], from, 0.0);
    while gone < longest {
        let towards = heading + sway(gone);
        at = [
            at[0] + step_m * towards.cos(),
            at[1] + step_m * towards.sin(),
        ];
        gone += step_m;
        if !land.contains(at) {
            break;
        }
        line.push(at);
    }
    line
}

/// One line from shore to shore through a spot: two walks, end to end.
fn through(
    land: &Land,
    spot: Spot,
    heading: f64,
    step_m: f64,
    mut sway: impl FnMut(f64) -> f64,
) -> Vec<Spot> {
    let mut line = walk(
        land,
        spot,
        heading + std::f64::consts::PI,
        step_m,
        &mut sway,
    );
    line.reverse();
    line.extend(walk(land, spot, heading, step_m, sway).into_iter().skip(1));
    line
}

fn rivers(land: &Land, seat: Spot, rng: &mut ChaCha8Rng) -> Vec<Value> {
    let bends = [(9000.0, 0.5), (4100.0, 0.45), (1500.0, 0.3)]
        .map(|(length, turn)| (length, turn, rng.random::<f64>() * 6.3));
    let sway = |gone: f64| {
        bends
            .iter()
            .map(|(length, turn, phase)| turn * (gone / length * 6.3 + phase).sin())
            .sum::<f64>()
    };
    let ford = [seat[0] + 700.0, seat[1] - 1300.0];
    let ford = if land.contains(ford) { ford } else { seat };
    let river = through(land, ford, 0.55, 220.0, sway);
    let mouth = river[river.len() * 2 / 3];
    let other = walk(land, mouth, 2.2, 200.0, |gone| sway(gone * 1.3 + 5000.0));
    let upstream: Vec<Spot> = other.into_iter().rev().collect();
    vec![
        feature(land, &river, "青溪", "river"),
        feature(land, &upstream, "莲溪", "stream"),
    ]
}

fn arterials(land: &Land, seat: Spot, rng: &mut ChaCha8Rng) -> Vec<Value> {
    let lines = [
        ("国道 G999", 0.15),
        ("省道 S998", 1.35),
        ("省道 S997", 2.35),
    ];
    let mut line = |(name, heading): (&str, f64)| {
        let phase = rng.random::<f64>() * 6.3;
        let line = through(land, seat, heading, 300.0, |gone| {
            0.28 * (gone / 2600.0 + phase).sin() - 0.28 * phase.sin()
        });
        feature(land, &line, name, "arterial")
    };
    lines.map(&mut line).into()
}

/// The shortest net that joins all townships, and each with its nearest besides.
fn county_roads(land: &Land, townships: &[(Spot, &str)], rng: &mut ChaCha8Rng) -> Vec<Value> {
    let apart = |&(a, b): &(usize, usize)| distance(townships[a].0, townships[b].0);
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut joined = vec![0];
    while joined.len() < townships.len() {
        let free = (0..townships.len()).filter(|at| !joined.contains(at));
        let pairs = free.flat_map(|a| joined.iter().map(move |b| (a, *b)));
        let Some(link) = pairs.min_by(|x, y| apart(x).total_cmp(&apart(y))) else {
            break;
        };
        joined.push(link.0);
        links.push(link);
    }
    for a in 0..townships.len() {
        let fresh = (0..townships.len())
            .filter(|b| *b != a && !links.contains(&(a, *b)) && !links.contains(&(*b, a)));
        let nearest = fresh
            .map(|b| (a, b))
            .min_by(|x, y| apart(x).total_cmp(&apart(y)));
        links.extend(nearest.filter(|_| a % 2 == 0));
    }
    let mut road = |(number, (a, b)): (usize, (usize, usize))| {
        let line = wander(townships[a].0, townships[b].0, 0.07, 0.3, 250.0, rng);
        let inside = line.iter().all(|spot| land.contains(*spot));
        inside.then(|| feature(land, &line, &format!("县道 X{}", 901 + number), "county"))
    };
    links
        .into_iter()
        .enumerate()
        .filter_map(&mut road)
        .collect()
}
