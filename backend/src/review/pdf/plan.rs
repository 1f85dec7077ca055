//! The map on paper: outlines of the county's regions, each unit's way, the scene.

use serde_json::Value;

use super::super::Track;
use super::Paper;
use super::sheet::{AMBER, EDGE, INK, INNER, Ink, MARGIN, Mark, QUIET, Shape, Sheets};
use crate::problem::Language;

/// How high the map is.
const HEIGHT: f32 = 300.0;
/// The least that is shown, in degrees of latitude: about 1.4 km.
const LEAST: f64 = 0.0125;
/// Metres of one degree of latitude.
const DEGREE: f64 = 111_195.0;
/// The colours of ways; none is that of a lamp.
const WAYS: [Ink; 8] = [
    [0x0b, 0x57, 0x9f],
    [0x8a, 0x4b, 0x12],
    [0x6a, 0x3f, 0xa0],
    [0x0c, 0x7c, 0x84],
    [0xa0, 0x2f, 0x7a],
    [0x4d, 0x6b, 0x0f],
    [0x3b, 0x4b, 0x63],
    [0xb0, 0x6a, 0x00],
];

/// Outlines to draw a map on.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    regions: Vec<Region>,
}

#[derive(Clone, Debug)]
struct Region {
    name: String,
    /// Tier: 6, 9, 12 or 15 digits.
    digits: usize,
    /// Where its name goes.
    label: Option<(f64, f64)>,
    rings: Vec<Vec<(f64, f64)>>,
}

impl Ground {
    /// From a collection of regions as the map of the screens is drawn from; grids are left out.
    pub fn read(geojson: &str) -> Self {
        let value: Value = serde_json::from_str(geojson).unwrap_or_default();
        let features = value["features"].as_array().into_iter().flatten();
        let regions = features.filter_map(|feature| {
            let properties = &feature["properties"];
            let digits = properties["code"].as_str()?.len();
            let label = properties["lx"].as_f64().zip(properties["ly"].as_f64());
            (digits < 15).then(|| Region {
                name: properties["name"].as_str().unwrap_or_default().to_owned(),
                digits,
                label,
                rings: rings(&feature["geometry"]),
            })
        });
        Self {
            regions: regions.collect(),
        }
    }
}

fn rings(geometry: &Value) -> Vec<Vec<(f64, f64)>> {
    let coordinates = geometry["coordinates"].as_array();
    let polygons: Vec<&Value> = match geometry["type"].as_str() {
        Some("Polygon") => vec![&geometry["coordinates"]],
        Some("MultiPolygon") => coordinates.into_iter().flatten().collect(),
        _ => Vec::new(),
    };
    let rings = polygons.into_iter().filter_map(Value::as_array).flatten();
    let ring = |ring: &Value| {
        let points = ring.as_array().into_iter().flatten();
        let points = points.filter_map(|one| Some((one[0].as_f64()?, one[1].as_f64()?)));
        points.collect::<Vec<_>>()
    };
    rings.map(ring).collect()
}

/// What of the world is on the map, and where on the sheet.
struct View {
    middle: (f64, f64),
    /// Points of the sheet a degree of latitude.
    scale: f64,
    /// How much shorter a degree of longitude is.
    squeeze: f64,
    area: [f32; 4],
}

impl View {
    fn around(points: &[(f64, f64)], area: [f32; 4]) -> Self {
        let least = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::MAX, f64::min);
        let most = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).fold(f64::MIN, f64::max);
        let (west, east) = (least(|one| one.0), most(|one| one.0));
        let (south, north) = (least(|one| one.1), most(|one| one.1));
        let middle = (f64::midpoint(west, east), f64::midpoint(south, north));
        let squeeze = middle.1.to_radians().cos().max(0.1);
        let (width, height) = (f64::from(area[2]), f64::from(area[3]));
        let tall = ((north - south) * 1.25).max(LEAST);
        let wide = ((east - west) * squeeze * 1.25).max(LEAST);
        Self {
            middle,
            scale: (height / tall).min(width / wide),
            squeeze,
            area,
        }
    }

    fn place(&self, (lon, lat): (f64, f64)) -> (f32, f32) {
        let (x, y) = (
            (lon - self.middle.0) * self.squeeze * self.scale,
            (self.middle.1 - lat) * self.scale,
        );
        let [left, top, width, height] = self.area;
        (left + width / 2.0 + x as f32, top + height / 2.0 + y as f32)
    }

    fn holds(&self, (x, y): (f32, f32), room: f32) -> bool {
        let [left, top, width, height] = self.area;
        x > left + room && x < left + width - room && y > top + 10.0 && y < top + height - 10.0
    }
}

impl Paper<'_> {
    /// The map, or why there is none.
    pub(super) fn map(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let scene = review.place.lon.zip(review.place.lat);
        let tracks = &self.report.tracks;
        let ways = tracks.iter().flat_map(|track| &track.points);
        let mut points: Vec<(f64, f64)> = ways.map(|one| (one.0, one.1)).collect();
        points.extend(scene);
        let title = self.of("三、现场与行进轨迹", "3. The scene, and everybody's way");
        if points.is_empty() {
            sheets.heading(title, 20.0);
            let why = if review.sensitive {
                self.of(
                    "涉及敏感对象，您的权限内不显示位置。",
                    "It concerns a person in trouble: with your clearance no position is shown.",
                )
            } else {
                self.of(
                    "没有现场坐标，也没有轨迹记录。",
                    "No position of the scene and no tracks are known.",
                )
            };
            return sheets.paragraph(why, 9.0, QUIET);
        }
        sheets.heading(title, HEIGHT + 20.0);
        let area = [MARGIN, sheets.y, INNER, HEIGHT];
        let view = View::around(&points, area);
        sheets.fill(area, [0xf8, 0xfa, 0xfc]);
        sheets.put(Mark::Clip(area));
        self.regions(sheets, &view);
        for (n, track) in tracks.iter().enumerate() {
            way(sheets, &view, track, WAYS[n % WAYS.len()]);
        }
        if let Some(scene) = scene {
            star(sheets, view.place(scene));
        }
        self.scale(sheets, &view);
        sheets.put(Mark::Unclip);
        sheets.frame(area, EDGE, 0.8);
        sheets.y += HEIGHT + 8.0;
        self.ways(sheets);
    }

    fn regions(&self, sheets: &mut Sheets<'_>, view: &View) {
        for region in self.ground.regions.iter().filter(|one| one.digits > 6) {
            let (ink, width) = if region.digits == 9 {
                ([0x8f, 0xa3, 0xb8], 1.1)
            } else {
                (EDGE, 0.5)
            };
            for ring in &region.rings {
                let points: Vec<(f32, f32)> = ring.iter().map(|one| view.place(*one)).collect();
                sheets.put(Mark::Shape(Shape {
                    points,
                    is_closed: true,
                    edge: Some((ink, width)),
                    opacity: 1.0,
                    ..Shape::default()
                }));
            }
        }
        let villages = self.ground.regions.iter().filter(|one| one.digits == 12);
        let seen = |one: &&Region| one.label.is_some_and(|at| view.holds(view.place(at), 20.0));
        // Too many names would hide the ways.
        let tier = if villages.clone().filter(seen).count() <= 16 {
            12
        } else {
            9
        };
        for region in self.ground.regions.iter().filter(|one| one.digits == tier) {
            let Some(at) = region.label.map(|at| view.place(at)) else {
                continue;
            };
            let width = sheets.face.width(&region.name, 7.5);
            if view.holds(at, width / 2.0) {
                sheets.text(
                    at.0 - width / 2.0,
                    at.1 + 3.0,
                    7.5,
                    [0x8a, 0x99, 0xab],
                    &region.name,
                );
            }
        }
    }

    /// A bar of a round length.
    fn scale(&self, sheets: &mut Sheets<'_>, view: &View) {
        let of = |metres: f64| (metres / DEGREE * view.scale) as f32;
        let rounds = [50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4];
        let metres = rounds.into_iter().rev().find(|metres| of(*metres) <= 110.0);
        let metres = metres.unwrap_or(50.0);
        let name = match (metres >= 1e3, self.language) {
            (true, Language::Zh) => format!("{} 公里", metres / 1e3),
            (true, Language::En) => format!("{} km", metres / 1e3),
            (false, Language::Zh) => format!("{metres} 米"),
            (false, Language::En) => format!("{metres} m"),
        };
        let [left, top, _, height] = view.area;
        let (x, y) = (left + 12.0, top + height - 12.0);
        let end = x + of(metres);
        sheets.fill(
            [x - 6.0, y - 16.0, end - x + 12.0, 24.0],
            [0xf8, 0xfa, 0xfc],
        );
        sheets.rule((x, y), (end, y), INK, 1.2);
        sheets.rule((x, y - 4.0), (x, y), INK, 1.2);
        sheets.rule((end, y - 4.0), (end, y), INK, 1.2);
        sheets.text(x, y - 6.0, 7.5, INK, &name);
    }

    /// Whose way is which, and how long it was.
    fn ways(&self, sheets: &mut Sheets<'_>) {
        let tracks = &self.report.tracks;
        if tracks.is_empty() {
            let none = self.of(
                "没有这些单位的轨迹记录（未上报位置，或已超过保存期）。",
                "No tracks of these units: they told no positions, or those are kept no longer.",
            );
            return sheets.paragraph(none, 8.5, QUIET);
        }
        let half = INNER / 2.0;
        for (n, track) in tracks.iter().enumerate() {
            if n.is_multiple_of(2) {
                sheets.need(14.0);
            }
            let x = MARGIN + (n % 2) as f32 * half;
            let ink = WAYS[n % WAYS.len()];
            let y = sheets.y;
            sheets.rule((x, y + 5.0), (x + 16.0, y + 5.0), ink, 2.2);
            let kilometres = format!(
                "{:.1} {}",
                f64::from(track.metres) / 1e3,
                self.of("公里", "km")
            );
            let org = self.report.org(&track.org, self.language);
            let unit = self.report.unit(&track.unit);
            // A duty team bears its organisation's name.
            let name = match unit.strip_prefix(org) {
                Some(rest) => format!("{org}{rest}"),
                None => format!("{org} · {unit}"),
            };
            let room = sheets.face.width(&kilometres, 8.5) + 6.0;
            let name = sheets.face.clipped(&name, 8.5, half - 34.0 - room);
            sheets.text(x + 22.0, y + 8.5, 8.5, INK, &name);
            let after = x + 28.0 + sheets.face.width(&name, 8.5);
            sheets.text(after, y + 8.5, 8.5, QUIET, &kilometres);
            if n % 2 == 1 || n + 1 == tracks.len() {
                sheets.y += 14.0;
            }
        }
    }
}

fn way(sheets: &mut Sheets<'_>, view: &View, track: &Track, ink: Ink) {
    let points: Vec<(f32, f32)> = track
        .points
        .iter()
        .map(|one| view.place((one.0, one.1)))
        .collect();
    let begin = points.first().copied();
    sheets.put(Mark::Shape(Shape {
        points,
        edge: Some((ink, 1.8)),
        opacity: 0.9,
        ..Shape::default()
    }));
    if let Some(begin) = begin {
        sheets.disc(begin, 3.0, [255, 255, 255], ink);
    }
    if let Some(arrival) = track.arrival {
        sheets.disc(
            view.place((arrival.lon, arrival.lat)),
            3.6,
            ink,
            [255, 255, 255],
        );
    }
}

/// The scene: a ring and a star, above all.
fn star(sheets: &mut Sheets<'_>, (x, y): (f32, f32)) {
    let corner = |n: usize| {
        let radius = if n.is_multiple_of(2) { 8.0 } else { 3.4 };
        let angle = n as f32 * std::f32::consts::PI / 5.0 - std::f32::consts::FRAC_PI_2;
        (x + radius * angle.cos(), y + radius * angle.sin())
    };
    sheets.put(Mark::Shape(Shape {
        points: (0..10).map(corner).collect(),
        is_closed: true,
        fill: Some(AMBER),
        edge: Some(([255, 255, 255], 1.0)),
        opacity: 1.0,
        ..Shape::default()
    }));
}
