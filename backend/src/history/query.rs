//! A search made into one statement of the index. It may bring too much and never too little:
//! [`Wanted`] judges each incident it brings, as it is shown to the viewer.

use std::time::{Duration, Instant};

use domain::access::Viewer;
use domain::actor::Clearance;
use domain::incident::Incident;
use domain::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::keys::{self, Key, key_of, place};
use super::wanted::{Person, Status, Wanted};
use super::write;

/// Most incidents that one search reads; the next one goes on from there.
const MAX_READ: usize = 20_000;
/// Longest that one search reads.
const MAX_TIME: Duration = Duration::from_secs(2);

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is looked for.
    pub wanted: Wanted,
    /// Who looks.
    pub viewer: Viewer,
    /// In which order.
    pub order: Order,
    /// Where the page before ended.
    pub after: Option<Key>,
    /// How many at most.
    pub limit: usize,
    /// When it is.
    pub now: Timestamp,
}

/// By when they came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

impl Order {
    /// Whether `key` stands behind `other`.
    pub fn is_behind(self, key: Key, other: Key) -> bool {
        match self {
            Self::Newest => key < other,
            Self::Oldest => key > other,
        }
    }

    /// Puts incidents in this order.
    pub fn sort<T>(self, items: &mut [T], key: impl Fn(&T) -> Key) {
        items.sort_unstable_by(|a, b| match self {
            Self::Newest => key(b).cmp(&key(a)),
            Self::Oldest => key(a).cmp(&key(b)),
        });
    }
}

/// What was found, whole, with how much of it the viewer sees: masking is the caller's.
#[derive(Debug, Default)]
pub struct Found {
    /// In order.
    pub incidents: Vec<(Incident, Clearance)>,
    /// The search ended here, and there may be more behind; none when there is not.
    pub upto: Option<Key>,
}

/// Runs a search.
pub(super) fn run(connection: &Connection, query: &Query) -> anyhow::Result<Found> {
    let statement = Statement::of(query);
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let mut rows = prepared.query(params_from_iter(statement.values))?;
    let mut found = Found::default();
    let mut reading = Reading::default();
    while let Some(row) = rows.next()? {
        let n: i64 = row.get(0)?;
        if reading.is_enough(query, &found, n) {
            found.upto = reading.last;
            break;
        }
        match write::unpack(row.get_ref(1)?.as_blob()?) {
            Ok(incident) => reading.judge(query, incident, &mut found),
            Err(error) => tracing::error!(%error, n, "unreadable row of the history passed over"),
        }
    }
    query
        .order
        .sort(&mut found.incidents, |(one, _)| key_of(one));
    if found.incidents.len() > query.limit {
        found.incidents.truncate(query.limit);
        found.upto = found.incidents.last().map(|(one, _)| key_of(one));
    }
    Ok(found)
}

/// How far a search has read.
struct Reading {
    count: usize,
    began: Instant,
    /// The one furthest behind.
    last: Option<Key>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            count: 0,
            began: Instant::now(),
            last: None,
        }
    }
}

impl Reading {
    /// Whether what is at row `n` need not be read. Those that share their first place may stand
    /// in the file in another order than in the list: they are always read together.
    fn is_enough(&self, query: &Query, found: &Found, n: i64) -> bool {
        let full = found.incidents.len() > query.limit
            || self.count >= MAX_READ
            || self.count % 64 == 63 && self.began.elapsed() >= MAX_TIME;
        let Some(last) = self.last else { return false };
        full && match query.order {
            Order::Newest => n < place(last),
            Order::Oldest => n >= place(last).saturating_add(keys::SHARED_PLACES),
        }
    }

    fn judge(&mut self, query: &Query, incident: Incident, found: &mut Found) {
        let key = key_of(&incident);
        self.count += 1;
        if self
            .last
            .is_none_or(|last| query.order.is_behind(key, last))
        {
            self.last = Some(key);
        }
        if query
            .after
            .is_some_and(|after| !query.order.is_behind(key, after))
        {
            return;
        }
        if let Some(clearance) = query.wanted.finds(&incident, &query.viewer, query.now) {
            found.incidents.push((incident, clearance));
        }
    }
}

struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    fn of(query: &Query) -> Self {
        let (low, high) = places(query);
        let mut values = vec![Value::from(low), Value::from(high)];
        let order = match query.order {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        };
        let from = if let Some(person) = &query.wanted.person {
            let (first, end) = beginning_with(person);
            values.extend([Value::from(first), Value::from(end)]);
            "incidents AS i WHERE i.n IN (SELECT n FROM persons WHERE who >= ?3 AND who < ?4) \
             AND i.n BETWEEN ?1 AND ?2 ORDER BY i.n"
        } else if let Some(expression) = expression(query) {
            values.push(Value::from(expression));
            // The planner knows nothing of how rare a word is: the index is always walked along.
            "words CROSS JOIN incidents AS i ON i.n = words.rowid WHERE words MATCH ?3 \
             AND words.rowid BETWEEN ?1 AND ?2 ORDER BY words.rowid"
        } else {
            "incidents AS i WHERE i.n BETWEEN ?1 AND ?2 ORDER BY i.n"
        };
        Self {
            sql: format!("SELECT i.n, i.body FROM {from} {order}"),
            values,
        }
    }
}

/// The first and the last place that can be on the page.
fn places(query: &Query) -> (i64, i64) {
    let wanted = &query.wanted;
    let mut low = wanted.from.map_or(0, keys::first_at);
    // A time's last place is shared with those of the next: `Wanted` looks closer.
    let mut high = wanted.to.map_or(i64::MAX, |to| {
        keys::first_at(to).saturating_add(keys::SHARED_PLACES)
    });
    if let Some(after) = query.after {
        match query.order {
            Order::Newest => high = high.min(place(after).saturating_add(keys::SHARED_PLACES)),
            Order::Oldest => low = low.max(place(after)),
        }
    }
    (low, high)
}

/// The range of names or numbers that begin so.
fn beginning_with(person: &Person) -> (String, String) {
    let first = person.beginning().to_owned();
    let end = format!("{first}\u{10FFFF}");
    (first, end)
}

/// What the index is asked for; none when every incident would do.
fn expression(query: &Query) -> Option<String> {
    let mut groups = Vec::new();
    groups.extend(sight(&query.viewer));
    groups.extend(terms(&query.wanted).into_iter().map(|term| vec![term]));
    groups.extend(query.wanted.area.as_ref().and_then(keys::Area::cells));
    let mut parts: Vec<String> = groups.iter().map(|group| any_of(group)).collect();
    if let Some(words) = &query.wanted.words {
        let columns = if query.viewer.clearance == Clearance::Wall {
            "shown"
        } else {
            "shown kept guarded"
        };
        parts.push(format!("({{{columns}}} : ({}))", words.expression()));
    }
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

fn any_of(terms: &[String]) -> String {
    if terms.is_empty() {
        // A term that no incident has.
        return "(keys : \"nobody\")".to_owned();
    }
    let terms: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
    format!("(keys : ({}))", terms.join(" OR "))
}

/// What an incident must have, one of these, to be seen; none for who sees everything.
fn sight(viewer: &Viewer) -> Option<Vec<String>> {
    let party = viewer
        .party
        .as_ref()
        .map(|org| keys::of_party(org.as_str()));
    if viewer.party_only {
        return Some(party.into_iter().collect());
    }
    let region = keys::of_region(viewer.scope);
    let elsewhere = party.filter(|_| !viewer.narrowed);
    (!viewer.sees_all()).then(|| [region].into_iter().chain(elsewhere).collect())
}

fn terms(wanted: &Wanted) -> Vec<String> {
    let mut terms = Vec::new();
    terms.extend(wanted.status.map(|status| match status {
        Status::Open => keys::of_open(true),
        Status::Ended => keys::of_open(false),
        Status::Is(state) => keys::of_state(state),
    }));
    // A lamp burns only over what is open.
    let burns = wanted
        .lamp
        .is_some_and(|lamp| lamp != domain::lamp::Lamp::Off);
    terms.extend(burns.then(|| keys::of_open(true)));
    terms.extend(wanted.category.as_deref().map(keys::of_category));
    terms.extend(wanted.level.map(|level| keys::of_severity(level.into())));
    terms.extend(wanted.source.as_deref().map(keys::of_source));
    terms.extend(wanted.holder.as_deref().map(keys::of_holder));
    terms.extend(wanted.number.as_deref().map(keys::of_number));
    terms.extend(wanted.late.map(keys::of_lateness));
    terms
}
