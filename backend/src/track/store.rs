//! Writing tracks and reading them back.

use std::path::Path;

use domain::deployment::position::{Fix, Source};
use domain::pack::units::UnitId;
use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rustc_hash::FxHashMap;

use super::schema;

/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;
/// Ten-millionths of a degree.
const PER_DEGREE: f64 = 1e7;
/// Minutes dropped in one transaction, so that nobody waits long for the file.
const DROPPED_AT_ONCE: i64 = 60;

const INSERT: &str = "INSERT OR REPLACE INTO fixes VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const WINDOW: &str = "
SELECT units.id, at, lon, lat, heading, speed, accuracy, source
FROM fixes JOIN units ON units.n = fixes.unit
WHERE minute BETWEEN ?1 AND ?2 AND at >= ?3 AND at < ?4
ORDER BY minute, at, unit LIMIT ?5";
const OF_MINUTE: &str = "
SELECT ?6, at, lon, lat, heading, speed, accuracy, source
FROM fixes WHERE minute = ?1 AND unit = ?2 AND at >= ?3 AND at < ?4
ORDER BY at LIMIT ?5";
const NEWEST: &str = "
SELECT units.id, max(at), lon, lat, heading, speed, accuracy, source
FROM fixes JOIN units ON units.n = fixes.unit
WHERE minute BETWEEN ?1 AND ?2 AND at >= ?3 AND at <= ?4
GROUP BY unit";

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Of whom; of all if it is none.
    pub units: Option<Vec<UnitId>>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// At most so many.
    pub limit: usize,
}

/// The writing half.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    units: FxHashMap<UnitId, i64>,
}

impl Store {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            connection: schema::open(path)?,
            units: FxHashMap::default(),
        })
    }

    /// Writes a batch: all of it or nothing.
    pub fn write(&mut self, fixes: &[Fix]) -> anyhow::Result<()> {
        let Self { connection, units } = self;
        let transaction = connection.transaction()?;
        let mut met = FxHashMap::default();
        {
            let mut insert = transaction.prepare_cached(INSERT)?;
            for fix in fixes {
                let known = units.get(&fix.unit).or_else(|| met.get(&fix.unit)).copied();
                let unit = match known {
                    Some(unit) => unit,
                    None => number(&transaction, &fix.unit)?,
                };
                met.entry(fix.unit.clone()).or_insert(unit);
                let at = fix.at.millis();
                insert.execute(params![
                    at.div_euclid(MINUTE),
                    unit,
                    at,
                    degrees(fix.lon),
                    degrees(fix.lat),
                    fix.heading.map(tenths),
                    fix.speed.map(tenths),
                    fix.accuracy.map(tenths),
                    fix.source as i64,
                ])?;
            }
        }
        transaction.commit()?;
        // Numbers count only once they are written.
        units.extend(met);
        Ok(())
    }

    /// Drops what lies before the minute of `time`.
    pub fn drop_before(&mut self, time: Timestamp) -> anyhow::Result<()> {
        let before = time.millis().div_euclid(MINUTE);
        while let Some(first) = first_minute(&self.connection)? {
            if first >= before {
                break;
            }
            let end = before.min(first + DROPPED_AT_ONCE);
            self.connection
                .execute("DELETE FROM fixes WHERE minute < ?1", [end])?;
        }
        Ok(())
    }
}

/// The number of a unit, a new one if it has none.
fn number(connection: &Connection, unit: &UnitId) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO units(id) VALUES(?1)")?
        .execute([unit.as_str()])?;
    connection
        .prepare_cached("SELECT n FROM units WHERE id = ?1")?
        .query_row([unit.as_str()], |row| row.get(0))
}

fn first_minute(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT min(minute) FROM fixes", [], |row| row.get(0))
}

/// The oldest position's time.
pub(super) fn oldest(connection: &Connection) -> anyhow::Result<Option<Timestamp>> {
    let Some(minute) = first_minute(connection)? else {
        return Ok(None);
    };
    let at: Option<i64> = connection.query_row(
        "SELECT min(at) FROM fixes WHERE minute = ?1",
        [minute],
        |row| row.get(0),
    )?;
    Ok(at.map(Timestamp::from_millis))
}

/// Positions by time, then by unit.
pub(super) fn fixes(connection: &Connection, asked: &Asked) -> anyhow::Result<Vec<Fix>> {
    match &asked.units {
        None => window(connection, asked),
        Some(units) => of(connection, units, asked),
    }
}

fn window(connection: &Connection, asked: &Asked) -> anyhow::Result<Vec<Fix>> {
    let (from, to) = (asked.from.millis(), asked.to.millis());
    let mut select = connection.prepare_cached(WINDOW)?;
    let rows = select.query_map(
        params![
            from.div_euclid(MINUTE),
            to.div_euclid(MINUTE),
            from,
            to,
            asked.limit as i64,
        ],
        fix,
    )?;
    Ok(rows
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?)
}

/// Minute by minute, so that it ends where enough was found.
fn of(connection: &Connection, units: &[UnitId], asked: &Asked) -> anyhow::Result<Vec<Fix>> {
    let mut numbered = Vec::with_capacity(units.len());
    for unit in units {
        let number: Option<i64> = connection
            .prepare_cached("SELECT n FROM units WHERE id = ?1")?
            .query_row([unit.as_str()], |row| row.get(0))
            .optional()?;
        numbered.extend(number.map(|number| (number, unit.as_str())));
    }
    numbered.sort_unstable();
    let (from, to) = (asked.from.millis(), asked.to.millis());
    let mut next = connection
        .prepare_cached("SELECT min(minute) FROM fixes WHERE minute BETWEEN ?1 AND ?2")?;
    let mut select = connection.prepare_cached(OF_MINUTE)?;
    let mut found: Vec<Fix> = Vec::new();
    let mut minute = from.div_euclid(MINUTE);
    while found.len() < asked.limit {
        // Minutes in which nobody told anything are leapt over.
        let stretch = params![minute, to.div_euclid(MINUTE)];
        let there: Option<i64> = next.query_row(stretch, |row| row.get(0))?;
        let Some(there) = there else { break };
        let mut here: Vec<Fix> = Vec::new();
        for (number, id) in &numbered {
            let left = (asked.limit - found.len()) as i64;
            let rows = select.query_map(params![there, number, from, to, left, id], fix)?;
            for row in rows {
                here.extend(row?);
            }
        }
        here.sort_by_key(|fix| fix.at);
        found.append(&mut here);
        minute = there + 1;
    }
    found.truncate(asked.limit);
    Ok(found)
}

/// The newest position of each unit between two times, both inclusive.
pub(super) fn newest(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<Vec<Fix>> {
    let (from, to) = (from.millis(), to.millis());
    let mut select = connection.prepare_cached(NEWEST)?;
    let minutes = (from.div_euclid(MINUTE), to.div_euclid(MINUTE));
    let rows = select.query_map(params![minutes.0, minutes.1, from, to], fix)?;
    Ok(rows
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?)
}

/// A row; none of an id that this program does not take for one.
fn fix(row: &Row<'_>) -> rusqlite::Result<Option<Fix>> {
    let id: String = row.get(0)?;
    let Ok(unit) = id.parse() else {
        return Ok(None);
    };
    let tenth = |at: usize| -> rusqlite::Result<Option<f64>> {
        let value: Option<i64> = row.get(at)?;
        Ok(value.map(|value| value as f64 / 10.0))
    };
    Ok(Some(Fix {
        unit,
        at: Timestamp::from_millis(row.get(1)?),
        lon: row.get::<_, i64>(2)? as f64 / PER_DEGREE,
        lat: row.get::<_, i64>(3)? as f64 / PER_DEGREE,
        heading: tenth(4)?,
        speed: tenth(5)?,
        accuracy: tenth(6)?,
        source: source(row.get(7)?),
    }))
}

fn source(number: i64) -> Source {
    let all = [
        Source::System,
        Source::Vehicle,
        Source::Tablet,
        Source::Button,
    ];
    let known = all.into_iter().find(|one| *one as i64 == number);
    known.unwrap_or_default()
}

fn degrees(value: f64) -> i64 {
    (value * PER_DEGREE).round() as i64
}

fn tenths(value: f64) -> i64 {
    (value * 10.0).round() as i64
}
