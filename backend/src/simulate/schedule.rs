//! The plan of one simulated day: which reports come in, when, from whom, about what and where.
//! A pure function of seed, day and county; posting them is left to the driver.

use domain::time::{Date, Span, Timestamp, UtcOffset};
use geodata::region::{Code, Level, RegionTree};
use serde_json::{Value, json};

use super::dice::{Dice, hash};
use super::handlers::{DAY_MS, HOUR_MS, MINUTE_MS, Plan};
use super::kinds::{KINDS, Kind, TimeClass};
use super::texts::{self, Scene, Text, Voice};

/// Reports a day if nobody says otherwise.
pub const PER_DAY: u32 = 500;

/// Metres in a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;
/// The farthest a report lies from its grid's label point, in metres.
const SCATTER_METRES: f64 = 60.0;
/// The farthest a repeated report lies from the first, in metres.
const REPEAT_METRES: f64 = 30.0;

/// Where reports come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Grid workers on patrol.
    Grid,
    /// The 12345 hotline.
    Hotline,
    /// The 110 desk.
    Police,
    /// Sensors.
    Sensor,
    /// Cameras with recognition.
    Camera,
    /// Citizens by themselves.
    Citizen,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 6] = [
        Self::Grid,
        Self::Hotline,
        Self::Police,
        Self::Sensor,
        Self::Camera,
        Self::Citizen,
    ];

    /// Shares of the day's reports, in the order of [`Source::ALL`].
    pub const SHARES: [f64; 6] = [0.45, 0.25, 0.08, 0.06, 0.04, 0.12];

    /// Its name on the wire, and the name of its token.
    pub fn id(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Hotline => "hotline12345",
            Self::Police => "police110",
            Self::Sensor => "sensor",
            Self::Camera => "camera",
            Self::Citizen => "citizen",
        }
    }

    /// Whether no person stands behind it.
    pub fn is_device(self) -> bool {
        matches!(self, Self::Sensor | Self::Camera)
    }

    fn voice(self) -> Voice {
        match self {
            Self::Grid => Voice::Grid,
            Self::Hotline => Voice::Hotline,
            Self::Police => Voice::Police,
            Self::Citizen => Voice::Citizen,
            Self::Sensor | Self::Camera => Voice::Device,
        }
    }
}

/// A made-up person who reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// A number of the reserved form 1380000xxxx.
    pub phone: String,
}

/// One report of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedReport {
    /// Milliseconds since the day's midnight.
    pub at: i64,
    /// The same moment in Unix milliseconds.
    pub at_ms: i64,
    /// Where it comes from.
    pub source: Source,
    /// What that source calls it; the same seed and day give the same.
    pub external_id: String,
    /// One line.
    pub title: String,
    /// The whole text.
    pub description: String,
    /// The category, if the report names one.
    pub category: Option<&'static str>,
    /// The level claimed, Ⅰ … Ⅳ; mostly none.
    pub level: Option<&'static str>,
    /// The grid it lies in.
    pub grid: Code,
    /// Degrees east, WGS84.
    pub lon: f64,
    /// Degrees north, WGS84.
    pub lat: f64,
    /// Township, village and landmark.
    pub address: String,
    /// By whom, if by a person who gave a name.
    pub reporter: Option<Person>,
    /// When it happened, Unix milliseconds; never after the report.
    pub occurred_at: i64,
    /// What its handlers will do.
    pub handling: Plan,
}

impl PlannedReport {
    /// The body of `POST /reports`.
    pub fn body(&self) -> Value {
        let occurred = Timestamp::from_millis(self.occurred_at).to_rfc3339(UtcOffset::CHINA);
        let mut body = json!({
            "source": self.source.id(),
            "external_id": self.external_id,
            "title": self.title,
            "description": self.description,
            "lon": self.lon,
            "lat": self.lat,
            "address": self.address,
            "occurred_at": occurred,
        });
        if let Some(category) = self.category {
            body["category"] = json!(category);
        }
        if let Some(level) = self.level {
            body["level"] = json!(level);
        }
        if let Some(person) = &self.reporter {
            body["reporter"] = json!({ "name": person.name, "phone": person.phone });
        }
        body
    }
}

/// The reports of one day, in the order of their times.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    reports: Vec<PlannedReport>,
}

impl DayPlan {
    /// Plans `day` for the grids of `points` (code, lon, lat of a point well inside each); about
    /// `per_day` reports. Without grids the day is empty.
    pub fn new(
        seed: u64,
        day: Date,
        tree: &RegionTree,
        points: &[(Code, f64, f64)],
        per_day: u32,
    ) -> Self {
        if points.is_empty() || per_day == 0 {
            return Self {
                reports: Vec::new(),
            };
        }
        let mut planner = Planner::new(seed, day, tree, points);
        planner.ordinary(per_day);
        planner.bursts(per_day);
        planner.repeats(per_day);
        Self {
            reports: planner.finish(),
        }
    }

    /// All reports of the day.
    pub fn reports(&self) -> &[PlannedReport] {
        &self.reports
    }

    /// The reports that were due before `until_ms`, milliseconds since midnight.
    pub fn backlog(&self, until_ms: i64) -> &[PlannedReport] {
        &self.reports[..self.reports.partition_point(|report| report.at < until_ms)]
    }
}

impl IntoIterator for DayPlan {
    type Item = PlannedReport;
    type IntoIter = std::vec::IntoIter<PlannedReport>;

    fn into_iter(self) -> Self::IntoIter {
        self.reports.into_iter()
    }
}

/// Reports by hour on an ordinary day: a quiet night, peaks at 9 and from 15 to 16.
const BY_DAY: [f64; 24] = [
    2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 6.0, 14.0, 26.0, 34.0, 30.0, 22.0, 14.0, 18.0, 28.0, 33.0, 32.0,
    24.0, 16.0, 14.0, 12.0, 9.0, 6.0, 4.0,
];
/// Emergencies by hour: at night too.
const BY_NIGHT: [f64; 24] = [
    12.0, 10.0, 9.0, 9.0, 9.0, 10.0, 13.0, 16.0, 19.0, 21.0, 20.0, 18.0, 17.0, 17.0, 19.0, 21.0,
    21.0, 20.0, 20.0, 20.0, 19.0, 18.0, 15.0, 13.0,
];

type Said = (&'static str, &'static str, &'static str);

struct Planner<'a> {
    seed: u64,
    day: Date,
    midnight_ms: i64,
    tree: &'a RegionTree,
    points: &'a [(Code, f64, f64)],
    weights: Vec<f64>,
    wet: Vec<usize>,
    dice: Dice,
    reports: Vec<PlannedReport>,
}

impl<'a> Planner<'a> {
    fn new(seed: u64, day: Date, tree: &'a RegionTree, points: &'a [(Code, f64, f64)]) -> Self {
        let midnight_ms = day.at(Span::ZERO, UtcOffset::CHINA).millis();
        let hot = hot_townships(seed, points);
        let wet = (0..points.len())
            .filter(|index| hot.first() == points[*index].0.at(Level::Township).as_ref())
            .collect();
        let weights = points
            .iter()
            .map(|(code, ..)| grid_weight(seed, *code, &hot))
            .collect();
        let dice = Dice::new(seed, &format!("day {}", day.epoch_days()));
        Self {
            seed,
            day,
            midnight_ms,
            tree,
            points,
            weights,
            wet,
            dice,
            reports: Vec::new(),
        }
    }

    fn ordinary(&mut self, per_day: u32) {
        let count = f64::from(per_day) * 0.9 * self.dice.between(0.96, 1.04);
        for _ in 0..count.round() as usize {
            let source = Source::ALL[self.dice.weighted(&Source::SHARES)];
            let weights = KINDS.map(|kind| kind.weight(source));
            let kind = &KINDS[self.dice.weighted(&weights)];
            let at = self.time_of(kind, source);
            let place = self.dice.weighted(&self.weights);
            self.add(at, source, kind, place, None);
        }
    }

    /// One or two surges: a rainstorm after 14:00 in one township, a festival in the evening.
    fn bursts(&mut self, per_day: u32) {
        let turn = (i64::from(self.day.epoch_days()) + (self.seed % 3) as i64).rem_euclid(3);
        if turn != 2 {
            let count = (f64::from(per_day) * 0.055).round() as usize;
            let wet = self.wet.clone();
            self.burst(texts::rain(), count, 14 * HOUR_MS, 80 * MINUTE_MS, &wet);
        }
        if turn != 1 {
            let count = (f64::from(per_day) * 0.03).round() as usize;
            let centre = self.dice.weighted(&self.weights);
            let village = self.points[centre].0.at(Level::Village);
            let around: Vec<usize> = (0..self.points.len())
                .filter(|index| self.points[*index].0.at(Level::Village) == village)
                .collect();
            self.burst(
                texts::festival(),
                count,
                19 * HOUR_MS + 20 * MINUTE_MS,
                150 * MINUTE_MS,
                &around,
            );
        }
    }

    fn burst(&mut self, said: &[Said], count: usize, from: i64, lasts: i64, places: &[usize]) {
        for _ in 0..count {
            let at = from + (self.dice.lognormal(0.3, 0.6).min(0.99) * lasts as f64) as i64;
            let (category, title, description) = said[self.dice.index(said.len())];
            let Some(kind) = KINDS.iter().find(|kind| kind.code == category) else {
                continue;
            };
            let source = match self.dice.weighted(&[0.4, 0.32, 0.1, 0.18]) {
                0 => Source::Grid,
                1 => Source::Hotline,
                2 => Source::Police,
                _ => Source::Citizen,
            };
            let place = places
                .get(self.dice.index(places.len()))
                .copied()
                .unwrap_or(0);
            self.add(at, source, kind, place, Some((title, description)));
        }
    }

    /// The same thing told again by somebody else, a little later and a few steps away.
    fn repeats(&mut self, per_day: u32) {
        let originals: Vec<usize> = (0..self.reports.len())
            .filter(|index| !self.reports[*index].source.is_device())
            .collect();
        for _ in 0..(f64::from(per_day) * 0.035).round() as usize {
            let Some(index) = originals.get(self.dice.index(originals.len())) else {
                return;
            };
            let first = self.reports[*index].clone();
            let at = first.at + self.dice.whole(5 * MINUTE_MS, 90 * MINUTE_MS);
            let place = self
                .points
                .iter()
                .position(|(code, ..)| *code == first.grid);
            let kind = KINDS
                .iter()
                .find(|kind| kind.code == first.handling.category);
            if let (Some(place), Some(kind), true) = (place, kind, at < DAY_MS) {
                let sources = [Source::Grid, Source::Grid, Source::Hotline, Source::Citizen];
                let source = sources[self.dice.index(sources.len())];
                self.add(at, source, kind, place, None);
                let (lon, lat) = self.scatter(first.lon, first.lat, REPEAT_METRES);
                let words = texts::again(&first.title, &mut self.dice);
                if let Some(last) = self.reports.last_mut() {
                    last.description = words;
                    last.handling.result = first.handling.result;
                    (last.lon, last.lat) = (lon, lat);
                    last.title.clone_from(&first.title);
                    last.address = first.address;
                }
            }
        }
    }

    fn time_of(&mut self, kind: &Kind, source: Source) -> i64 {
        let curve = if kind.class == TimeClass::A || source == Source::Sensor {
            &BY_NIGHT
        } else {
            &BY_DAY
        };
        let hour = self.dice.weighted(curve) as i64;
        hour * HOUR_MS + self.dice.whole(0, HOUR_MS - 1)
    }

    fn add(
        &mut self,
        at: i64,
        source: Source,
        kind: &Kind,
        place: usize,
        said: Option<(&'static str, &'static str)>,
    ) {
        let (grid, lon, lat) = self.points[place];
        let site = Site::new(self.seed, self.tree, grid, source);
        let text = self.text(source, kind, &site, said);
        let (lon, lat) = self.position(source, grid, lon, lat);
        let uncategorised = match source {
            Source::Hotline | Source::Citizen => self.dice.chance(0.1),
            Source::Police => self.dice.chance(0.06),
            _ => false,
        };
        let at_ms = self.midnight_ms + at;
        let before = if source.is_device() {
            0
        } else {
            self.dice.whole(2, 25) * MINUTE_MS
        };
        let reporter = self.reporter(source);
        let level = self.level(kind);
        let handling = self.handling(kind, &site, &text, confirms(source, reporter.is_some()));
        self.reports.push(PlannedReport {
            at,
            at_ms,
            source,
            external_id: String::new(),
            title: text.title,
            description: text.description,
            category: (!uncategorised).then_some(kind.code),
            level,
            grid,
            lon,
            lat,
            address: format!("{}{}{}", site.township, site.village, site.spot),
            reporter,
            occurred_at: at_ms - before,
            handling,
        });
    }

    fn text(
        &mut self,
        source: Source,
        kind: &Kind,
        site: &Site,
        said: Option<(&'static str, &'static str)>,
    ) -> Text {
        let (scene, dice) = (site.scene(), &mut self.dice);
        match said {
            Some((title, words)) => texts::compose(title, words, source.voice(), &scene, dice),
            None => texts::write(kind.code, source.voice(), &scene, dice),
        }
    }

    fn handling(&mut self, kind: &Kind, site: &Site, text: &Text, confirms: bool) -> Plan {
        let result = texts::result(kind.code, text, &site.scene(), &mut self.dice);
        let note = texts::progress(&mut self.dice);
        let mut plan = Plan::draw(kind.code, note, result, &mut self.dice);
        plan.reporter_confirms = confirms;
        plan
    }

    fn level(&mut self, kind: &Kind) -> Option<&'static str> {
        match kind.class {
            TimeClass::A if self.dice.chance(0.015) => Some("Ⅰ"),
            TimeClass::B if self.dice.chance(0.03) => Some("Ⅱ"),
            _ => None,
        }
    }

    fn reporter(&mut self, source: Source) -> Option<Person> {
        let share = match source {
            Source::Grid => 1.0,
            Source::Hotline => 0.9,
            Source::Citizen => 0.8,
            Source::Police => 0.6,
            Source::Sensor | Source::Camera => 0.0,
        };
        self.dice.chance(share).then(|| {
            let (name, phone) = texts::person(&mut self.dice);
            Person { name, phone }
        })
    }

    /// People report from anywhere near; a device stands where it stands.
    fn position(&mut self, source: Source, grid: Code, lon: f64, lat: f64) -> (f64, f64) {
        if !source.is_device() {
            return self.scatter(lon, lat, SCATTER_METRES);
        }
        let mut fixed = Dice::new(self.seed, &format!("{} {grid}", source.id()));
        offset(&mut fixed, lon, lat, SCATTER_METRES)
    }

    fn scatter(&mut self, lon: f64, lat: f64, metres: f64) -> (f64, f64) {
        offset(&mut self.dice, lon, lat, metres)
    }

    fn finish(self) -> Vec<PlannedReport> {
        let mut reports = self.reports;
        reports.sort_by_key(|report| report.at);
        let (year, month, day) = self.day.ymd();
        let prefix = prefix(self.seed);
        for (index, report) in reports.iter_mut().enumerate() {
            report.external_id = format!("{prefix}{year:04}{month:02}{day:02}-{:04}", index + 1);
        }
        reports
    }
}

/// Whether whoever reported confirms the result; where nobody can, the command room does.
fn confirms(source: Source, named: bool) -> bool {
    named && matches!(source, Source::Grid | Source::Citizen)
}

/// What every external id of this seed begins with.
pub fn prefix(seed: u64) -> String {
    format!("sim{seed:x}-")
}

/// The names around one grid.
struct Site {
    township: String,
    village: String,
    spot: &'static str,
    device: String,
}

impl Site {
    fn new(seed: u64, tree: &RegionTree, grid: Code, source: Source) -> Self {
        let name = |level| {
            grid.at(level)
                .map(|code| tree.name(code).to_owned())
                .unwrap_or_default()
        };
        let number = hash(seed, grid.to_string().as_bytes());
        let device = match source {
            Source::Sensor => format!("SN-{:05}", number % 100_000),
            Source::Camera => format!("CAM-{:05}", number % 100_000),
            _ => String::new(),
        };
        Self {
            township: name(Level::Township),
            village: name(Level::Village),
            spot: texts::spot(number),
            device,
        }
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            village: &self.village,
            township: &self.township,
            spot: self.spot,
            device: &self.device,
        }
    }
}

fn offset(dice: &mut Dice, lon: f64, lat: f64, metres: f64) -> (f64, f64) {
    let angle = dice.between(0.0, std::f64::consts::TAU);
    let distance = metres * dice.unit().sqrt();
    let dlat = distance * angle.sin() / METRES_PER_DEGREE;
    let dlon = distance * angle.cos() / (METRES_PER_DEGREE * lat.to_radians().cos().max(0.01));
    (micro(lon + dlon), micro(lat + dlat))
}

/// Six decimals: about a hand's breadth.
fn micro(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

/// The three townships where most happens; the same on every day of a seed.
fn hot_townships(seed: u64, points: &[(Code, f64, f64)]) -> Vec<Code> {
    let mut townships: Vec<Code> = points
        .iter()
        .filter_map(|(code, ..)| code.at(Level::Township))
        .collect();
    townships.sort_unstable();
    townships.dedup();
    townships.sort_by_key(|code| hash(seed, code.to_string().as_bytes()));
    townships.truncate(3);
    townships
}

fn grid_weight(seed: u64, grid: Code, hot: &[Code]) -> f64 {
    let own = Dice::new(seed, &format!("weight {grid}")).lognormal(1.0, 0.6);
    let Some(rank) = hot.iter().position(|code| code.contains(grid)) else {
        return own;
    };
    let village = grid
        .at(Level::Village)
        .map_or(0, |code| hash(seed, code.to_string().as_bytes()));
    let pile = if village.is_multiple_of(4) { 3.0 } else { 1.0 };
    own * pile * [4.0, 3.0, 2.5].get(rank).copied().unwrap_or(1.0)
}
