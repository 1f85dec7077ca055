//! The queue's rows: what is open, the worst and soonest first, and whose turn it is.

use domain::access::Move;
use domain::actor::Actor;
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::lamp::Lamp;
use domain::projection::turn;
use domain::time::Timestamp;
use domain::world::World;
use geodata::region::Code;

use crate::i18n::{Lang, case as s, catalogue as c, fill, format};
use crate::words::Words;

use super::moves;

/// Most rows that are drawn.
pub const DRAWN: usize = 200;
/// From here on a span is told in days, ms.
const IN_DAYS: i64 = 48 * 3_600_000;

/// One of the queue's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    /// What waits for me.
    #[default]
    Turn,
    /// What is overdue.
    Red,
    /// What is due soon.
    Amber,
    /// All that is open.
    All,
}

impl View {
    /// Every list, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Turn, Self::Red, Self::Amber, Self::All];

    /// Its name in the address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Red => "red",
            Self::Amber => "amber",
            Self::All => "all",
        }
    }

    /// The list of this name; the first if there is none.
    pub fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|view| view.name() == name);
        found.unwrap_or_default()
    }

    fn holds(self, entry: &Entry) -> bool {
        match self {
            Self::Turn => entry.owed.is_some(),
            Self::Red => entry.lamp.is_red(),
            Self::Amber => entry.lamp == Lamp::Amber,
            Self::All => entry.is_open,
        }
    }
}

/// An open incident as the queue sorts it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Which.
    pub id: IncidentId,
    /// Its version: a row is written anew when it changes.
    pub version: u64,
    /// Its lamp.
    pub lamp: Lamp,
    /// When its next clock is due.
    pub due: Option<Timestamp>,
    /// Whether somebody still owes its work; an order outlives that.
    pub is_open: bool,
    /// What it waits for from whoever is looking.
    pub owed: Option<Move>,
}

/// The whole queue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Queue {
    /// What is open, the worst and soonest first, and what else waits for me.
    pub entries: Vec<Entry>,
}

impl Queue {
    /// What an actor sees open at `now`.
    pub fn of(world: &World, actor: &Actor, now: Timestamp) -> Self {
        let mut entries: Vec<Entry> = world
            .incidents()
            .filter_map(|one| {
                let owed = turn::owed(actor, one, now);
                (one.state.is_open() || owed.is_some()).then(|| Entry {
                    id: one.id,
                    version: one.version,
                    lamp: one.lamp(now),
                    due: one.next_due().map(|clock| clock.due),
                    is_open: one.state.is_open(),
                    owed,
                })
            })
            .collect();
        entries.sort_unstable_by_key(|one| {
            let due = one.due.map_or(i64::MAX, Timestamp::millis);
            (std::cmp::Reverse(one.lamp.min(Lamp::Red)), due, one.id)
        });
        Self { entries }
    }

    /// How many are in a list.
    pub fn count(&self, view: View) -> usize {
        self.entries.iter().filter(|one| view.holds(one)).count()
    }

    /// A list, at most [`DRAWN`].
    pub fn list(&self, view: View) -> Vec<Entry> {
        let held = self.entries.iter().filter(|one| view.holds(one));
        held.take(DRAWN).cloned().collect()
    }
}

/// A row in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What it is.
    pub title: String,
    /// Where, and who holds it.
    pub place: String,
    /// How late, or how long is left.
    pub time: String,
    /// Its state, or what it waits for.
    pub state: String,
}

/// Writes an incident's row; `owed` is what it waits for from whoever is looking.
pub fn row(
    one: &Incident,
    owed: Option<Move>,
    words: &Words,
    lang: Lang,
    now: i64,
    scope: Code,
) -> Row {
    let holder = one.holder().map(|hold| hold.org.to_string());
    let holder = holder.map(|org| words.org(lang, &org, one.region).to_owned());
    let mut place = where_in(one, words, scope);
    if let Some(holder) = holder {
        place = if place.is_empty() {
            holder
        } else {
            format!("{place} · {holder}")
        };
    }
    Row {
        title: title(one, words, lang),
        place,
        time: one
            .next_due()
            .map_or_else(String::new, |clock| short(lang, clock.due.millis() - now)),
        state: lang
            .of(owed.map_or(moves::state(one.state), moves::name))
            .to_owned(),
    }
}

/// What it is in one line: a veiled one has no words of its own.
pub fn title(one: &Incident, words: &Words, lang: Lang) -> String {
    if one.is_veiled() {
        return lang.of(c::SENSITIVE).to_owned();
    }
    if one.title.is_empty() {
        let category = one.category.and_then(|code| words.category(lang, code));
        return category.unwrap_or(lang.of(s::NO_CATEGORY)).to_owned();
    }
    one.title.clone()
}

/// The smallest places that the screen's own region does not tell already.
pub fn where_in(one: &Incident, words: &Words, scope: Code) -> String {
    let mut parts: Vec<String> = one
        .region
        .ancestors()
        .filter(|code| *code != scope && scope.contains(*code) || !scope.contains(one.region))
        .filter(|code| code.level() > geodata::region::Level::County)
        .map(|code| words.region(code))
        .collect();
    parts.truncate(2);
    // A grid is usually called after its village.
    if parts.len() == 2 && parts[0].starts_with(parts[1].trim_end_matches(['村', '社', '区'])) {
        parts.pop();
    }
    parts.reverse();
    parts.join(" ")
}

/// How late, `+5:42`, or how long is left, `1:20`; in days when it is long.
pub fn short(lang: Lang, left: i64) -> String {
    let sign = if left <= 0 { "+" } else { "" };
    let span = left.abs();
    if span >= IN_DAYS {
        let days = (span / 86_400_000).to_string();
        format!("{sign}{}", fill(lang.of(s::DAYS), &[("n", &days)]))
    } else {
        format!("{sign}{}", format::late(span))
    }
}

/// A span to the minute, in words.
pub fn precise(lang: Lang, ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    let (d, h, m) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let text = if d > 0 {
        s::SPAN_DAYS
    } else if h > 0 {
        s::SPAN_HOURS
    } else {
        s::SPAN_MINUTES
    };
    let (d, h, m) = (d.to_string(), h.to_string(), m.to_string());
    fill(lang.of(text), &[("d", &d), ("h", &h), ("m", &m)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u8, lamp: Lamp, due: i64, owed: Option<Move>) -> Entry {
        let region: Code = "330899".parse().expect("code");
        Entry {
            id: IncidentId::of_origin(region, "t", &n.to_string()),
            version: 1,
            lamp,
            due: Some(Timestamp::from_millis(due)),
            is_open: true,
            owed,
        }
    }

    #[test]
    fn a_list_holds_what_its_tab_counts() {
        let queue = Queue {
            entries: vec![
                entry(1, Lamp::DeepRed, 1, None),
                entry(2, Lamp::Red, 2, Some(Move::Start)),
                entry(3, Lamp::Amber, 3, Some(Move::Accept)),
                entry(4, Lamp::Green, 4, None),
            ],
        };
        let mut queue = queue;
        queue.entries[1].is_open = false;
        let counts = View::ALL.map(|view| queue.count(view));
        assert_eq!(
            counts,
            [2, 2, 1, 3],
            "what is closed is not open, also where it waits for me"
        );
        for view in View::ALL {
            assert_eq!(queue.list(view).len(), queue.count(view));
            assert_eq!(View::named(view.name()), view);
        }
        assert_eq!(View::named("nonsense"), View::Turn);
    }

    #[test]
    fn time_is_told_in_hours_then_in_days() {
        let hour = 3_600_000;
        assert_eq!(short(Lang::Zh, -(5 * hour + 42 * 60_000)), "+5:42");
        assert_eq!(short(Lang::Zh, hour + 20 * 60_000), "1:20");
        assert_eq!(short(Lang::En, 50 * hour), "2 d");
        assert_eq!(short(Lang::Zh, 0), "+0:00", "at exactly due it is late");
        assert_eq!(precise(Lang::Zh, 5 * hour + 42 * 60_000), "5 小时 42 分");
        assert_eq!(precise(Lang::En, 49 * hour), "2 d 1 h");
        assert_eq!(precise(Lang::En, 59_000), "0 min");
    }
}
