//! Random weeks of a small county: what the file answers is what filtering the folded incidents by
//! hand gives, for every kind of viewer; however the log was cut into batches, and whatever broke.

use std::collections::BTreeMap;

use domain::access::Viewer;
use domain::actor::{Actor, Clearance, Role};
use domain::event::{Body, Event, Stream};
use domain::ids::IncidentId;
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::{Place, Reporter};
use domain::incident::{Incident, plan};
use domain::privacy;
use domain::time::{Span, Timestamp};
use domain::world::{Numbers, World};
use proptest::prelude::*;

use super::*;
use crate::hub::tests::{COUNTY, viewers};
use crate::log::testing::Folder;
use crate::log::{Batch, Position, Record};
use crate::projector::record;

const GRIDS: [&str; 3] = ["330899101001001", "330899101002001", "330899102002001"];
const TITLES: [&str; 4] = ["路灯不亮", "井盖缺失 LED", "联系13800001234", "噪音扰民"];

/// A log, and all that follows from it, folded by hand.
pub(crate) struct Weeks {
    now: Timestamp,
    world: World,
    numbers: Numbers,
    folded: BTreeMap<IncidentId, Incident>,
    pub(crate) records: Vec<Record>,
    ids: Vec<IncidentId>,
}

impl Weeks {
    fn new() -> Self {
        Self {
            now: "2026-11-02T09:00:00+08:00".parse().expect("time"),
            world: World::default(),
            numbers: Numbers::default(),
            folded: BTreeMap::new(),
            records: Vec::new(),
            ids: Vec::new(),
        }
    }

    pub(crate) fn of(steps: &[(u8, usize)]) -> Self {
        let mut weeks = Self::new();
        for (what, which) in steps {
            weeks.step(*what, *which);
        }
        weeks
    }

    fn context(&self) -> Context<'static> {
        Context::new(&COUNTY, self.now)
    }

    fn step(&mut self, what: u8, which: usize) {
        match what {
            0..=3 => {
                let report = report(self.ids.len(), which);
                let source = Actor::new("hotline", Role::Source, COUNTY.code);
                let events = plan::report(report, &source, self.context());
                self.ids.extend(events.first().map(|event| event.key));
                self.tell(&events);
            }
            4..=11 => self.work(which),
            12 => {
                self.now = self.now + Span::hours(1 + (which % 40) as i64);
                let context = self.context();
                let due: Vec<_> = self
                    .world
                    .due(self.now)
                    .map(|incident| plan::due(incident, context))
                    .collect();
                for events in due {
                    self.tell(&events);
                }
            }
            _ => self.something_newer(which),
        }
    }

    /// The next step of some incident.
    fn work(&mut self, which: usize) {
        let id = self.ids.get(which % self.ids.len().max(1));
        let Some(incident) = id.and_then(|id| self.world.incident(*id)) else {
            return;
        };
        let result = format!("已修好，结果{}", which % 7);
        for (role, command) in [
            (Role::Unit, Command::Start {}),
            (
                Role::Unit,
                Command::Feedback {
                    result,
                    evidence: Vec::new(),
                },
            ),
            // Whoever reported confirms.
            (
                Role::Source,
                Command::Close {
                    satisfied: true,
                    note: None,
                },
            ),
            (
                Role::Centre,
                Command::Accept {
                    category: Some(COUNTY.catalogue.items[which % 42].code),
                },
            ),
        ] {
            let org = incident.holder().map(|hold| hold.org.clone());
            let org = org.filter(|_| role == Role::Unit);
            let actor = Actor {
                org: org.or_else(|| Some(COUNTY.orgs.centre().clone())),
                ..Actor::new(incident.source.clone(), role, COUNTY.code)
            };
            if let Ok(events) = plan::command(incident, &command, &actor, self.context()) {
                return self.tell(&events);
            }
        }
    }

    /// An event of a kind that this version does not know, to any incident, gone or not.
    fn something_newer(&mut self, which: usize) {
        let id = self.ids.get(which % self.ids.len().max(1));
        let Some(incident) = id.and_then(|id| self.folded.get(id)) else {
            return;
        };
        let event = Event {
            stream: Stream::Incidents,
            key: incident.id,
            version: incident.version + 1,
            at: self.now,
            actor: Actor::new("desk", Role::Centre, COUNTY.code),
            region: incident.region,
            number: None,
            body: Body::Unknown {
                kind: "praised".to_owned(),
                data: "{}".to_owned(),
            },
        };
        self.tell(&[event]);
    }

    fn tell(&mut self, events: &[Event]) {
        for event in events {
            self.world.apply(event);
            let number = self.numbers.give(event).unwrap_or_default();
            let before = self.folded.remove(&event.key);
            if let Some(after) = Incident::folded(before, event, number) {
                self.folded.insert(event.key, after);
            }
        }
        let Some(first) = events.first() else { return };
        let append = record::append_of(first.version - 1, events);
        for (new, event) in append.records.into_iter().zip(events) {
            self.records.push(Record {
                position: Position::from_seq(self.records.len() as u64 + 1),
                stream: append.stream,
                key: append.key.clone(),
                version: event.version,
                at: new.at,
                actor: new.actor,
                region: new.region,
                kind: new.kind,
                data: new.data,
            });
        }
    }

    /// A batch of what stands after `from`.
    fn batch(&self, from: Position, count: usize) -> Batch {
        let rest = &self.records[from.seq() as usize..];
        let records = rest[..count.min(rest.len())].to_vec();
        Batch {
            from,
            to: records.last().map_or(from, |record| record.position),
            records,
        }
    }

    /// Folds all that is not folded yet.
    fn fold_into(&self, writer: &mut Writer, stride: usize) {
        while writer.position().seq() < self.records.len() as u64 {
            let batch = self.batch(writer.position(), stride);
            writer.fold(&batch).expect("folds");
        }
    }

    /// What a search must find, by hand, the newest first.
    fn by_hand(&self, viewer: &Viewer, is: &ByHand) -> Vec<Incident> {
        let gone = self.folded.values();
        let gone = gone.filter(|incident| self.world.incident(incident.id).is_none());
        let mut found: Vec<Incident> = gone
            .filter_map(|incident| {
                let clearance = viewer.sight_of(incident)?;
                let shown = privacy::incident(incident, clearance);
                is(&shown, clearance).then_some(shown)
            })
            .collect();
        found.sort_unstable_by_key(|one| std::cmp::Reverse((one.received_at, one.id)));
        found
    }
}

fn report(n: usize, which: usize) -> Report {
    let category = [Some("0703"), Some("0903"), None][which % 3];
    Report {
        source: ["hotline", "grid"][which % 2].to_owned(),
        external_id: format!("外{n}"),
        title: TITLES[which % 4].to_owned(),
        description: Some(format!("夜间积水很深，第{n}次")),
        category: category.map(|c| COUNTY.catalogue.find(c).expect("category").code),
        claimed: None,
        region: GRIDS[which % 3].parse().expect("code"),
        place: Place {
            // As a report's text has it: a sum may not come through JSON to its last bit.
            lon: format!("118.{:02}", 90 + which % 10)
                .parse()
                .ok()
                .filter(|_| !which.is_multiple_of(5)),
            lat: (!which.is_multiple_of(5)).then_some(28.9),
            original: None,
            address: Some(format!("莲花路 {n} 号")),
        },
        reporter: Some(Reporter {
            name: Some(["赵一明", "钱二", "赵一鸣"][which % 3].to_owned()),
            phone: Some(format!("138-0000-{:04}", which % 20)),
        }),
        occurred_at: None,
        attachments: Vec::new(),
        duplicate_of: None,
    }
}

type ByHand = dyn Fn(&Incident, Clearance) -> bool;

fn has(shown: &Incident, text: &str) -> bool {
    let texts = [
        Some(shown.title.clone()),
        shown.description.clone(),
        shown.result.clone(),
        shown.place.address.clone(),
    ];
    texts.into_iter().flatten().any(|t| t.contains(text))
}

/// Searches, and what each must find.
type Search = (Wanted, Box<ByHand>);

fn searches() -> Vec<Search> {
    let mut all = by_words();
    all.extend(by_what_everyone_sees());
    all.extend(by_place_and_person());
    all
}

fn by_words() -> Vec<Search> {
    fn words(text: &'static str) -> (Wanted, Box<ByHand>) {
        let wanted = Wanted {
            words: Needles::read(text),
            ..Wanted::default()
        };
        (wanted, Box::new(move |i, _| has(i, text)))
    }
    vec![
        (Wanted::default(), Box::new(|_, _| true)),
        words("路灯"),
        words("灯"),
        words("积水很深"),
        words("已修好"),
        words("13800001234"),
        words("莲花路"),
    ]
}

fn by_what_everyone_sees() -> Vec<Search> {
    let all = Wanted::default;
    let noon: Timestamp = "2026-11-03T12:00:00+08:00".parse().expect("time");
    vec![
        (
            Wanted {
                status: Some(Status::Ended),
                late: Some(true),
                ..all()
            },
            Box::new(|i, _| !i.state.is_open() && !i.breaches.is_empty()),
        ),
        (
            Wanted {
                status: Some(Status::Open),
                ..all()
            },
            Box::new(|i, _| i.state.is_open()),
        ),
        (
            Wanted {
                category: Some("07".to_owned()),
                source: Some("grid".to_owned()),
                ..all()
            },
            Box::new(|i, _| {
                i.source == "grid" && i.category.is_some_and(|c| c.to_string().starts_with("07"))
            }),
        ),
        (
            Wanted {
                number: Some("20261103".to_owned()),
                ..all()
            },
            Box::new(|i, _| i.label().starts_with("20261103-")),
        ),
        (
            Wanted {
                from: Some(noon),
                to: Some(noon + Span::hours(60)),
                ..all()
            },
            Box::new(move |i, _| i.received_at >= noon && i.received_at < noon + Span::hours(60)),
        ),
    ]
}

fn by_place_and_person() -> Vec<Search> {
    let all = Wanted::default;
    let phone = |i: &Incident| i.reporter.clone().and_then(|r| r.phone).unwrap_or_default();
    let name = |i: &Incident| i.reporter.clone().and_then(|r| r.name).unwrap_or_default();
    let area = Area {
        min: (118.93, 28.5),
        max: (118.97, 29.0),
    };
    vec![
        (
            Wanted {
                area: Some(area),
                ..all()
            },
            Box::new(|i, _| {
                i.place
                    .lon
                    .is_some_and(|lon| (118.93..=118.97).contains(&lon))
            }),
        ),
        (
            Wanted {
                person: Person::read("赵一"),
                ..all()
            },
            Box::new(move |i, c| c == Clearance::Full && name(i).starts_with("赵一")),
        ),
        (
            Wanted {
                person: Person::read("138 0000 0003"),
                words: Needles::read("路"),
                ..all()
            },
            Box::new(move |i, c| {
                c == Clearance::Full && phone(i) == "138-0000-0003" && has(i, "路")
            }),
        ),
    ]
}

/// Everything a search finds, page by page.
fn paged(
    connection: &Connection,
    wanted: &Wanted,
    viewer: &Viewer,
    order: Order,
    now: Timestamp,
) -> Vec<Incident> {
    let mut query = Query {
        wanted: wanted.clone(),
        viewer: viewer.clone(),
        order,
        after: None,
        limit: 3,
        now,
    };
    let mut all = Vec::new();
    loop {
        let found = query::run(connection, &query).expect("searches");
        let shown = found
            .incidents
            .iter()
            .map(|(one, c)| privacy::incident(one, *c));
        all.extend(shown);
        query.after = found.upto;
        if query.after.is_none() {
            return all;
        }
    }
}

fn opened(folder: &Folder) -> (Writer, Connection) {
    let path = path(folder.path());
    let writer = Writer::open(&path, "epoch").expect("opens");
    let reader = schema::reader(&path).expect("reads");
    (writer, reader)
}

/// All that the tables hold of incidents, the places aside.
fn content(connection: &Connection) -> Vec<(Vec<u8>, String)> {
    let sql = "SELECT body, 'current' FROM current UNION ALL SELECT body, coalesce( \
               (SELECT group_concat(who) FROM persons AS p WHERE p.n = i.n), '') FROM incidents AS i";
    let mut rows = connection.prepare(sql).expect("sql");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let mut all: Vec<_> = rows.expect("rows").map(|row| row.expect("row")).collect();
    all.sort();
    all
}

fn steps() -> impl Strategy<Value = Vec<(u8, usize)>> {
    prop::collection::vec((0_u8..14, 0_usize..1_000), 20..160)
}

/// Asks everything as every kind of viewer; answers how much each search found in all.
fn ask_all(weeks: &Weeks, stride: usize) -> Vec<usize> {
    let folder = Folder::new();
    let (mut writer, reader) = opened(&folder);
    weeks.fold_into(&mut writer, stride);
    let mut found = vec![0; searches().len()];
    for viewer in viewers().iter().step_by(3) {
        for ((wanted, is), found) in searches().iter().zip(&mut found) {
            let mut expected = weeks.by_hand(viewer, is);
            let newest = paged(&reader, wanted, viewer, Order::Newest, weeks.now);
            assert_eq!(newest, expected, "{wanted:?} as {viewer:?}");
            expected.reverse();
            let oldest = paged(&reader, wanted, viewer, Order::Oldest, weeks.now);
            assert_eq!(oldest, expected, "{wanted:?} as {viewer:?}");
            *found += oldest.len();
        }
    }
    found
}

#[test]
fn every_search_finds_something_in_busy_weeks() {
    let found = ask_all(&busy(), 100);
    for ((wanted, _), found) in searches().iter().zip(found) {
        // Nothing that left is open.
        let none = wanted.status == Some(Status::Open);
        assert_eq!(found == 0, none, "{wanted:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_file_answers_what_filtering_by_hand_gives(steps in steps(), stride in 1_usize..60) {
        ask_all(&Weeks::of(&steps), stride);
    }

    #[test]
    fn however_it_is_cut_one_file_comes_of_it(
        steps in steps(), strides in prop::collection::vec(1_usize..40, 1..20),
    ) {
        let weeks = Weeks::of(&steps);
        let (piecemeal, whole) = (Folder::new(), Folder::new());
        for stride in strides {
            // A new process each time.
            let (mut writer, _) = opened(&piecemeal);
            let batch = weeks.batch(writer.position(), stride);
            writer.fold(&batch).expect("folds");
        }
        let (mut writer, one) = opened(&piecemeal);
        weeks.fold_into(&mut writer, 7);
        let (mut writer, other) = opened(&whole);
        weeks.fold_into(&mut writer, usize::MAX);
        prop_assert_eq!(content(&one), content(&other));
    }
}

/// Weeks in which a good deal was closed and has left.
fn busy() -> Weeks {
    let mut weeks = Weeks::new();
    for round in 0..40_usize {
        weeks.step(0, round);
        weeks.step(0, round * 7 + 1);
        (0..12).for_each(|n| weeks.step(5, round * 3 + n));
        weeks.step(12, 5 + round % 9);
    }
    weeks
}

#[test]
fn what_broke_in_the_middle_of_a_batch_goes_on_where_it_stood() {
    let weeks = busy();
    let (folder, whole) = (Folder::new(), Folder::new());
    let (mut writer, reader) = opened(&folder);
    let first = weeks.batch(Position::START, 50);
    writer.fold(&first).expect("folds");
    let before = content(&reader);
    // The disk is full in the middle of the next batch.
    writer.limit_pages(Some(40)).expect("limit");
    let rest = weeks.batch(first.to, usize::MAX);
    assert!(writer.fold(&rest).is_err());
    assert_eq!(writer.position(), first.to);
    assert_eq!(content(&reader), before);
    drop(writer);
    let (mut writer, reader) = opened(&folder);
    assert_eq!(writer.position(), first.to);
    weeks.fold_into(&mut writer, 33);
    let (mut writer, other) = opened(&whole);
    weeks.fold_into(&mut writer, usize::MAX);
    let left = |connection: &Connection| -> i64 {
        let sql = "SELECT count(*) FROM incidents";
        connection
            .query_row(sql, [], |row| row.get(0))
            .expect("count")
    };
    assert!(left(&other) > 20);
    assert_eq!(content(&reader), content(&other));
}

#[test]
fn what_does_not_fit_is_folded_anew() {
    let weeks = busy();
    let folder = Folder::new();
    let file = path(folder.path());
    let (mut writer, _) = opened(&folder);
    weeks.fold_into(&mut writer, 100);
    let end = writer.position();
    drop(writer);
    let position = |epoch: &str| Writer::open(&file, epoch).expect("opens").position();
    assert_eq!(position("epoch"), end);
    // Another log.
    assert_eq!(position("other"), Position::START);
    // A later version can read what this one could not.
    let (mut writer, reader) = opened(&folder);
    weeks.fold_into(&mut writer, 100);
    schema::put(&Connection::open(&file).expect("opens"), "format", "1").expect("put");
    drop((writer, reader));
    assert_eq!(position("epoch"), Position::START);
    let other = Connection::open(&file).expect("opens");
    schema::put(&other, "position", "9").expect("put");
    schema::put(&other, "at", "9").expect("put");
    schema::put(
        &other,
        "numbers",
        "{\"day\":1,\"incident\":1,\"year\":1,\"order\":1}",
    )
    .expect("put");
    drop(other);
    assert_eq!(position("epoch"), Position::from_seq(9));
    let other = Connection::open(&file).expect("opens");
    other
        .execute("INSERT INTO unknown VALUES('accepted')", [])
        .expect("put");
    drop(other);
    assert_eq!(position("epoch"), Position::START);
    // No database at all.
    std::fs::write(&file, "a shopping list, long enough to be looked at").expect("written");
    assert!(matches!(inspect(folder.path(), "epoch"), Looked::Unfit(_)));
    assert_eq!(position("epoch"), Position::START);
    assert!(matches!(
        inspect(folder.path(), "epoch"),
        Looked::Sound { .. }
    ));
}
