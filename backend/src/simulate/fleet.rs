//! The simulated units on the map: patrols that drive about their own part of the county, teams
//! that wait, and all that a session calls on their way there. What they say is `members`' to tell;
//! here they only move.

use std::collections::VecDeque;

use domain::deployment::position::metres;
use domain::time::{Timestamp, UtcOffset};
use serde_json::{Value, json};

use super::dice::Dice;
use super::handlers::MINUTE_MS;
use super::roads::{Roads, Spot};

/// How far from its home a patrol drives, in metres.
const BEAT_M: f64 = 6_000.0;
/// Metres a second on patrol, and with lights on.
const PATROL_SPEED: f64 = 8.0;
const CALLED_SPEED: f64 = 17.0;
/// A unit that stands tells so this often, in milliseconds.
const STANDS_MS: i64 = 90_000;
/// So near counts as there, in metres.
const THERE_M: f64 = 40.0;

/// A unit, as `GET /units` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// Whose.
    pub org: String,
    /// Whether it is a vehicle with a terminal.
    pub is_vehicle: bool,
}

impl Known {
    /// Reads one item of the list.
    pub fn read(item: &Value) -> Option<Self> {
        Some(Self {
            id: item["id"].as_str()?.to_owned(),
            org: item["org"].as_str()?.to_owned(),
            is_vehicle: item["kind"] == "vehicle",
        })
    }
}

#[derive(Debug)]
struct Car {
    known: Known,
    home: Spot,
    at: Spot,
    heading: f64,
    way: VecDeque<Spot>,
    /// The scene it is called to.
    called: Option<Spot>,
    /// Whether it is on its way back from there.
    returns: bool,
    /// Until when it stands, in milliseconds.
    rests_until: i64,
    told_at: i64,
    has_moved: bool,
    dice: Dice,
}

/// All units and the roads they drive.
#[derive(Debug)]
pub struct Fleet {
    roads: Roads,
    cars: Vec<Car>,
    now_ms: i64,
}

impl Fleet {
    /// Every unit at its home: near the places of its organisation's region, by `home_of`.
    pub fn new(
        seed: u64,
        roads: Roads,
        units: Vec<Known>,
        now_ms: i64,
        home_of: impl Fn(&str, &mut Dice) -> Spot,
    ) -> Self {
        let car = |known: Known| {
            let mut dice = Dice::new(seed, &format!("unit-{}", known.id));
            let home = home_of(&known.org, &mut dice);
            Car {
                home,
                at: home,
                heading: 0.0,
                way: VecDeque::new(),
                called: None,
                returns: false,
                rests_until: now_ms + dice.whole(0, 12 * MINUTE_MS),
                told_at: i64::MIN,
                has_moved: false,
                dice,
                known,
            }
        };
        let cars = units.into_iter().map(car).collect();
        Self {
            roads,
            cars,
            now_ms,
        }
    }

    /// Sends a unit to a scene, or home when it is called nowhere any more.
    pub fn call(&mut self, unit: &str, scene: Option<Spot>) {
        let Some(car) = self.cars.iter_mut().find(|car| car.known.id == unit) else {
            return;
        };
        if car.called == scene {
            return;
        }
        car.called = scene;
        car.returns = scene.is_none();
        let to = match scene {
            // Nobody parks on top of anybody else.
            Some((lon, lat)) => (
                lon + car.dice.between(-0.0004, 0.0004),
                lat + car.dice.between(-0.0003, 0.0003),
            ),
            None => car.home,
        };
        car.way = self.roads.way(car.at, to).into();
        car.rests_until = self.now_ms;
    }

    /// Units that are called somewhere.
    pub fn called(&self) -> Vec<String> {
        let called = self.cars.iter().filter(|car| car.called.is_some());
        called.map(|car| car.known.id.clone()).collect()
    }

    /// Units that have come back from where they were called, each once, with their organisations.
    pub fn came_home(&mut self) -> Vec<(String, String)> {
        let back = |car: &&mut Car| car.returns && car.way.is_empty();
        let all = self.cars.iter_mut().filter(back);
        all.map(|car| {
            car.returns = false;
            (car.known.id.clone(), car.known.org.clone())
        })
        .collect()
    }

    /// Whether a unit stands where it was called to.
    pub fn is_there(&self, unit: &str) -> bool {
        let mut cars = self.cars.iter();
        cars.any(|car| car.known.id == unit && car.called.is_some() && car.way.is_empty())
    }

    /// Lets time pass.
    pub fn pass(&mut self, to_ms: i64) {
        let secs = (to_ms - self.now_ms).max(0) as f64 / 1_000.0;
        self.now_ms = self.now_ms.max(to_ms);
        for car in &mut self.cars {
            if car.way.is_empty() {
                car.wander(&self.roads, self.now_ms);
            }
            car.drive(secs, self.now_ms);
        }
    }

    /// What there is to tell, as `POST /positions` takes it: who moved, and now and then who stands.
    pub fn tell(&mut self) -> Vec<Value> {
        let now = self.now_ms;
        let due = |car: &&mut Car| car.has_moved || now >= car.told_at.saturating_add(STANDS_MS);
        let all = self.cars.iter_mut().filter(due);
        all.filter(|car| now > car.told_at)
            .map(|car| {
                car.told_at = now;
                let moves = std::mem::take(&mut car.has_moved);
                car.fix(now, moves)
            })
            .collect()
    }
}

impl Car {
    /// A vehicle that has rested drives to another spot of its beat.
    fn wander(&mut self, roads: &Roads, now_ms: i64) {
        if !self.known.is_vehicle || self.called.is_some() || now_ms < self.rests_until {
            return;
        }
        let near = |spot: &&Spot| metres(**spot, self.home) < BEAT_M;
        let beat: Vec<Spot> = roads.spots().iter().filter(near).copied().collect();
        let to = beat.get(self.dice.index(beat.len())).copied();
        self.way = roads.way(self.at, to.unwrap_or(self.home)).into();
        // A beat ends in a stop of some minutes.
        self.rests_until = now_ms + self.dice.whole(8, 30) * MINUTE_MS;
    }

    fn drive(&mut self, secs: f64, now_ms: i64) {
        if self.called.is_none() && self.way.is_empty() && now_ms < self.rests_until {
            return;
        }
        let speed = if self.called.is_some() {
            CALLED_SPEED
        } else {
            PATROL_SPEED
        };
        let mut left = speed * secs;
        while let Some(next) = self.way.front().copied() {
            let far = metres(self.at, next);
            if far > THERE_M {
                self.heading = bearing(self.at, next);
            }
            self.has_moved |= far > 0.0 && left > 0.0;
            if far > left {
                let share = left / far;
                self.at.0 += (next.0 - self.at.0) * share;
                self.at.1 += (next.1 - self.at.1) * share;
                return;
            }
            left -= far;
            self.at = next;
            self.way.pop_front();
        }
    }

    fn fix(&self, now_ms: i64, moves: bool) -> Value {
        let speed = match (moves, self.called) {
            (false, _) => 0.0,
            (true, Some(_)) => CALLED_SPEED,
            (true, None) => PATROL_SPEED,
        };
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        json!({
            "unit": self.known.id,
            "lon": round(self.at.0),
            "lat": round(self.at.1),
            "at": Timestamp::from_millis(now_ms).to_rfc3339(UtcOffset::CHINA),
            "heading": self.heading.round(),
            "speed": speed,
            "accuracy": 8,
            "source": if self.known.is_vehicle { "vehicle" } else { "tablet" },
        })
    }
}

/// Degrees from north, clockwise.
fn bearing(from: Spot, to: Spot) -> f64 {
    let east = (to.0 - from.0) * from.1.to_radians().cos();
    let north = to.1 - from.1;
    east.atan2(north).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_406_400_000;

    fn fleet() -> Fleet {
        let road = (0..=60)
            .map(|n| (118.90 + 0.001 * f64::from(n), 28.90))
            .collect();
        let known = |id: &str, is_vehicle| Known {
            id: id.to_owned(),
            org: "o".to_owned(),
            is_vehicle,
        };
        let units = vec![known("car", true), known("team", false)];
        Fleet::new(7, Roads::new(&[road]), units, NOON, |_, _| (118.91, 28.9))
    }

    #[test]
    fn who_is_called_comes_no_faster_than_it_drives_and_goes_home_again() {
        let mut fleet = fleet();
        let scene = (118.955, 28.901);
        fleet.call("team", Some(scene));
        let (mut last, mut now) = ((118.91, 28.9), NOON);
        while !fleet.is_there("team") {
            now += 20_000;
            fleet.pass(now);
            let told = fleet.tell();
            let mine = told.iter().find(|fix| fix["unit"] == "team").expect("told");
            let at = (
                mine["lon"].as_f64().expect("lon"),
                mine["lat"].as_f64().expect("lat"),
            );
            assert!(metres(last, at) <= CALLED_SPEED * 20.0 + 1.0);
            last = at;
            assert!(now < NOON + 60 * MINUTE_MS, "it never arrives");
        }
        assert!(metres(last, scene) < 100.0);
        fleet.call("team", None);
        assert!(!fleet.is_there("team") && fleet.called().is_empty());
        assert_eq!(fleet.came_home(), []);
        fleet.pass(now + 60 * MINUTE_MS);
        let home = ("team".to_owned(), "o".to_owned());
        assert_eq!((fleet.came_home(), fleet.came_home()), (vec![home], vec![]));
        let told = fleet.tell();
        let mine = told.iter().find(|fix| fix["unit"] == "team").expect("told");
        assert_eq!(mine["lon"], 118.91);
    }

    #[test]
    fn a_patrol_drives_about_and_a_team_waits() {
        let mut fleet = fleet();
        let mut seen = Vec::new();
        for minute in 1..=180 {
            fleet.pass(NOON + minute * MINUTE_MS);
            seen.extend(fleet.tell());
        }
        let places = |unit: &str| {
            let mine = seen.iter().filter(|fix| fix["unit"] == unit);
            let mut all: Vec<String> = mine.map(|fix| fix["lon"].to_string()).collect();
            all.sort();
            all.dedup();
            all.len()
        };
        assert!(places("car") > 10, "{}", places("car"));
        assert_eq!(places("team"), 1);
    }
}
