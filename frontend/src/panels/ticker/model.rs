//! The ticker's rows: numbered by what the scope has seen, in order, with its gaps.

use std::collections::VecDeque;

use domain::event::Event;
use domain::ids::IncidentId;
use domain::incident::clock::Clock;
use domain::incident::{Incident, What};
use domain::lamp::{self, Lamp};
use domain::pack::catalogue::CategoryCode;
use domain::projection::ticker::{self, Line};
use domain::time::Timestamp;
use domain::world::World;
use geodata::region::Code;

/// How many rows are kept; more than any wall shows.
const KEPT: usize = 60;

/// One row. What it says of its incident is as it was when the row appeared.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its number in the scope.
    pub n: u64,
    /// When, ms since 1970.
    pub at: i64,
    /// The incident.
    pub id: String,
    /// The lamp at that time.
    pub lamp: Lamp,
    /// What happened.
    pub what: What,
    /// The number of a supervision order.
    pub order: Option<u32>,
    /// The system the report came through.
    pub source: String,
    /// Where.
    pub region: Code,
    /// What it is.
    pub category: Option<CategoryCode>,
    /// One line.
    pub title: String,
    /// Whether what it is must not be told here.
    pub veiled: bool,
    /// A street, if known.
    pub address: Option<String>,
    /// The unit that holds it.
    pub holder: Option<String>,
}

/// What stands in one line of the ticker.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// Something that happened.
    Row(Row),
    /// So many entries that this screen never saw, after number `after`.
    Gap {
        /// The last number before the hole.
        after: u64,
        /// How many are missing.
        missing: u64,
    },
}

/// The newest rows, newest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ticker {
    rows: VecDeque<Row>,
}

impl Ticker {
    /// Takes up what a snapshot holds, keeping what was already seen before it.
    pub fn refill(&mut self, world: &World, scope: Code) {
        let last = self.last();
        let seen = world.seen(scope);
        if last.is_some_and(|last| last > seen) {
            self.rows.clear();
        }
        for line in ticker::newest(world, scope, KEPT) {
            if self.last().is_none_or(|last| line.n > last) {
                self.push(row(world, &line, scope));
            }
        }
    }

    /// Adds the line of an event that the World has just folded.
    pub fn add(&mut self, world: &World, scope: Code, event: &Event, order: Option<u32>) {
        let line = ticker::line(world, scope, event, order);
        if self.last().is_none_or(|last| line.n > last) {
            self.push(row(world, &line, event.region));
        }
    }

    /// What an incident was is told no longer: the rows stay, without words of their own.
    pub fn veil(&mut self, id: IncidentId) {
        let id = id.to_string();
        for row in self.rows.iter_mut().filter(|row| row.id == id) {
            row.veiled = true;
            row.title.clear();
            row.address = None;
        }
    }

    /// An incident is none of this screen's any more: neither are its rows.
    pub fn forget(&mut self, id: IncidentId) {
        let id = id.to_string();
        self.rows.retain(|row| row.id != id);
    }

    fn push(&mut self, row: Row) {
        self.rows.push_front(row);
        self.rows.truncate(KEPT);
    }

    /// The newest number.
    pub fn last(&self) -> Option<u64> {
        self.rows.front().map(|row| row.n)
    }

    /// The newest `count` lines, newest first, with holes between numbers as lines of their own.
    pub fn items(&self, count: usize) -> Vec<Item> {
        let mut items = Vec::with_capacity(count);
        let mut above: Option<u64> = None;
        for row in &self.rows {
            if let Some(missing) = above
                .and_then(|n| n.checked_sub(row.n + 1))
                .filter(|m| *m > 0)
            {
                items.push(Item::Gap {
                    after: row.n,
                    missing,
                });
            }
            above = Some(row.n);
            items.push(Item::Row(row.clone()));
        }
        items.truncate(count);
        items
    }
}

fn row(world: &World, line: &Line, region: Code) -> Row {
    let incident = world.incident(line.id);
    let at = line.at.millis();
    let lamp = match line.what {
        What::Breached => Lamp::Red,
        _ => incident.map_or(Lamp::Off, |incident| lamp_then(incident, line)),
    };
    Row {
        n: line.n,
        at,
        id: line.id.to_string(),
        lamp,
        what: line.what,
        order: line.order,
        source: incident.map(|i| i.source.clone()).unwrap_or_default(),
        region: incident.map_or(region, |i| i.region),
        category: incident.and_then(|i| i.category),
        title: incident.map(|i| i.title.clone()).unwrap_or_default(),
        veiled: incident.is_some_and(Incident::is_veiled),
        address: incident
            .and_then(|i| i.place.address.clone())
            .filter(|a| !a.is_empty()),
        holder: incident.and_then(|i| holder_then(i, line.at)),
    }
}

/// The lamp as it was when the line happened: clocks that were stopped later ran then.
fn lamp_then(incident: &Incident, line: &Line) -> Lamp {
    if line.what == What::Closed {
        return Lamp::Off;
    }
    let running: Vec<Clock> = incident
        .clocks
        .iter()
        .filter(|c| c.start <= line.at && c.stopped.is_none_or(|stopped| stopped > line.at))
        .map(|c| Clock {
            stopped: None,
            ..c.clone()
        })
        .collect();
    lamp::of_clocks(&running, line.at)
}

fn holder_then(incident: &Incident, at: Timestamp) -> Option<String> {
    incident
        .holds
        .iter()
        .rev()
        .find(|hold| hold.from <= at)
        .map(|hold| hold.org.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u64) -> Row {
        Row {
            n,
            at: 0,
            id: String::new(),
            lamp: Lamp::Green,
            what: What::Reported,
            order: None,
            source: String::new(),
            region: "330899".parse().expect("code"),
            category: None,
            title: String::new(),
            veiled: false,
            address: None,
            holder: None,
        }
    }

    fn numbers(ticker: &Ticker, count: usize) -> Vec<i64> {
        let signed = |n: u64| i64::try_from(n).expect("small");
        ticker
            .items(count)
            .iter()
            .map(|item| match item {
                Item::Row(row) => signed(row.n),
                Item::Gap { missing, .. } => -signed(*missing),
            })
            .collect()
    }

    #[test]
    fn rows_stand_newest_first_and_a_hole_is_a_line_of_its_own() {
        let mut ticker = Ticker::default();
        for n in [4, 5, 9, 10] {
            ticker.push(row(n));
        }
        assert_eq!(numbers(&ticker, 9), [10, 9, -3, 5, 4]);
        assert_eq!(numbers(&ticker, 3), [10, 9, -3]);
        assert_eq!(ticker.last(), Some(10));
    }

    #[test]
    fn what_is_veiled_later_loses_its_words_in_older_rows_too() {
        let mut ticker = Ticker::default();
        let id = IncidentId::of_origin("330899".parse().expect("code"), "t", "1");
        for n in 1..=2 {
            ticker.push(Row {
                id: id.to_string(),
                title: "张三".to_owned(),
                ..row(n)
            });
        }
        ticker.veil(id);
        assert!(ticker.rows.iter().all(|r| r.veiled && r.title.is_empty()));
        ticker.forget(id);
        assert_eq!(ticker.last(), None);
    }

    #[test]
    fn it_forgets_the_oldest() {
        let mut ticker = Ticker::default();
        for n in 1..=100 {
            ticker.push(row(n));
        }
        assert_eq!(ticker.items(1_000).len(), KEPT);
    }

    #[test]
    fn a_log_that_begins_anew_clears_what_was_seen() {
        let mut ticker = Ticker::default();
        ticker.push(row(50));
        ticker.refill(&World::default(), "330899".parse().expect("code"));
        assert_eq!(ticker.last(), None);
    }
}
