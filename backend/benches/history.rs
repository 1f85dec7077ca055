//! How long the first page of a search takes among a million closed incidents, and how long it takes
//! to fold them all anew from an embedded log. Prints milliseconds and seconds.
//!
//! The target is 100 ms a page at the worst of the runs. `GRIDLAMP_BENCH_INCIDENTS` sets another
//! number of incidents.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::access::Viewer;
use domain::actor::{Actor, Clearance, Role};
use domain::event::Event;
use domain::incident::clock::{Clock, ClockKind};
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::{Place, Reporter};
use domain::incident::{Incident, plan};
use domain::pack::County;
use domain::time::{Span, Timestamp};
use geodata::region::Code;
use gridlamp::county::{self, Pack};
use gridlamp::history::{Area, History, Needles, Order, Person, Query, Wanted};
use gridlamp::log::{Append, EventLog, Log, OpenMode};
use gridlamp::projector::record;
use gridlamp::simulate::{DayPlan, PER_DAY, PlannedReport};
use tokio::sync::watch;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const INCIDENTS: usize = 1_000_000;
/// How often each search is asked.
const RUNS: usize = 15;
const PAGE: usize = 100;

fn main() -> Outcome<()> {
    let wanted = std::env::var("GRIDLAMP_BENCH_INCIDENTS");
    let wanted = wanted.map_or(Ok(INCIDENTS), |text| text.parse())?;
    let folder = Folder::new()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(&folder, wanted))
}

async fn measure(folder: &Folder, wanted: usize) -> Outcome<()> {
    let pack = folder.county()?;
    let address = format!("sqlite:{}", folder.0.join("gridlamp.db").display());
    let log = EventLog::open(&address, "330899", OpenMode::Serve).await?;
    let mut years = Years::new(&pack);
    while years.made < wanted {
        log.append(years.next_day()?).await?;
    }
    let head = log.head().await?;
    println!(
        "{} incidents, {} events, log {} MB",
        years.made,
        head.seq(),
        size(&folder.0.join("gridlamp.db"))?
    );
    let (_stop, shutdown) = watch::channel(false);
    let began = Instant::now();
    let (history, _task) = History::start(&folder.0, Arc::new(log), shutdown).await?;
    while !history.reaches(head).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed().as_secs_f64();
    let bytes = size(&folder.0.join("history.db"))?;
    println!("folded anew in {took:.1} s, {bytes} MB\n");
    println!(
        "{:<52} {:>7} {:>10} {:>10}",
        "first page", "found", "median ms", "worst ms"
    );
    for (name, viewer, wanted) in searches(&pack, &years)? {
        row(&history, name, viewer, wanted).await?;
    }
    Ok(())
}

async fn row(history: &History, name: &str, viewer: Viewer, wanted: Wanted) -> Outcome<()> {
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..RUNS {
        let query = Query {
            wanted: wanted.clone(),
            viewer: viewer.clone(),
            order: Order::Newest,
            after: None,
            limit: PAGE,
            now: gridlamp::clock::Clock::life().now(),
        };
        let began = Instant::now();
        found = history.search(query).await?.incidents.len();
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{name:<52} {found:>7} {:>10.1} {:>10.1}",
        ms(times[RUNS / 2]),
        ms(times[RUNS - 1])
    );
    Ok(())
}

type Search = (&'static str, Viewer, Wanted);

/// A box of some 2 km.
fn around(lon: f64, lat: f64) -> Area {
    let side = 0.01;
    Area {
        min: (lon - side, lat - side),
        max: (lon + side, lat + side),
    }
}

fn searches(pack: &Pack, years: &Years<'_>) -> Outcome<Vec<Search>> {
    let county = &pack.county;
    let centre = Viewer::of_region(county.code, Clearance::Full);
    let staff = Viewer::of_region(county.code, Clearance::Staff);
    let (grid, lon, lat) = years.points[years.points.len() / 2];
    let township = grid
        .at(geodata::region::Level::Township)
        .ok_or("a township")?;
    let room = Viewer::of_region(township, Clearance::Full);
    let mut all = by_words(&centre, &room, staff);
    let old = years.begins + Span::hours(24 * 30);
    let area = around(lon, lat);
    all.extend([
        (
            "number",
            centre.clone(),
            Wanted {
                number: Some(years.number.clone()),
                ..Wanted::default()
            },
        ),
        (
            "holder and late",
            centre.clone(),
            Wanted {
                holder: Some(years.holder.clone()),
                late: Some(true),
                ..Wanted::default()
            },
        ),
        (
            "a township in a month long ago",
            room.clone(),
            Wanted {
                from: Some(old),
                to: Some(old + Span::hours(24 * 30)),
                ..Wanted::default()
            },
        ),
        (
            "box of 2 km",
            centre.clone(),
            Wanted {
                area: Some(area),
                ..Wanted::default()
            },
        ),
        (
            "box, words and late",
            centre.clone(),
            Wanted {
                area: Some(area),
                late: Some(true),
                ..words("漏水")
            },
        ),
        (
            "phone",
            centre,
            Wanted {
                person: Person::read(&years.phone),
                ..Wanted::default()
            },
        ),
    ]);
    Ok(all)
}

fn words(text: &str) -> Wanted {
    Wanted {
        words: Needles::read(text),
        ..Wanted::default()
    }
}

fn by_words(centre: &Viewer, room: &Viewer, staff: Viewer) -> Vec<Search> {
    vec![
        ("all", centre.clone(), Wanted::default()),
        ("2 characters, common: 路灯", centre.clone(), words("路灯")),
        ("4 characters: 路灯不亮", centre.clone(), words("路灯不亮")),
        ("2 characters in a township", room.clone(), words("积水")),
        (
            "4 characters that nothing has",
            centre.clone(),
            words("珊瑚白化"),
        ),
        ("2 characters, as staff", staff, words("噪音")),
    ]
}

/// The work of years, each incident from its report to its close; one in fourteen late.
struct Years<'a> {
    pack: &'a Pack,
    points: Vec<(Code, f64, f64)>,
    day: domain::time::Date,
    begins: Timestamp,
    made: usize,
    number: String,
    holder: String,
    phone: String,
}

impl<'a> Years<'a> {
    fn new(pack: &'a Pack) -> Self {
        let grids = pack.county.tree.iter().map(|region| region.code);
        let points = grids.filter(|code| code.len() == 15).filter_map(|code| {
            let point = pack.boundary.label_point(code)?;
            Some((code, point.lon, point.lat))
        });
        let today = gridlamp::clock::Clock::life().now();
        let begins = today + Span::hours(-24 * 365 * 6);
        Self {
            pack,
            points: points.collect(),
            day: begins.date(domain::time::UtcOffset::CHINA),
            begins,
            made: 0,
            number: String::new(),
            holder: String::new(),
            phone: String::new(),
        }
    }

    /// The appends of a day; every incident of it is closed within its own append.
    fn next_day(&mut self) -> Outcome<Vec<Append>> {
        let tree = &self.pack.county.tree;
        let reports = DayPlan::new(7, self.day, tree, &self.points, PER_DAY);
        let mut appends = Vec::new();
        for planned in reports {
            let events = self.life(planned)?;
            appends.push(record::append_of(0, &events));
            self.made += 1;
        }
        self.day = self.day.plus_days(1);
        Ok(appends)
    }

    fn life(&mut self, planned: PlannedReport) -> Outcome<Vec<Event>> {
        let county = &self.pack.county;
        let mut now = Timestamp::from_millis(planned.at_ms);
        let source = Actor::new(planned.source.id(), Role::Source, county.code);
        let report = report(planned, county);
        let phone = report
            .reporter
            .as_ref()
            .and_then(|person| person.phone.clone());
        let mut events = plan::report(report, &source, Context::new(county, now));
        let mut incident = Incident::alone(&events).ok_or("an incident")?;
        let is_late = self.made.is_multiple_of(14);
        while incident.state.is_open() {
            if is_late && let Some(due) = incident.next_due().map(|clock: &Clock| clock.due) {
                now = now.max(due);
            } else {
                now = now + Span::mins(7);
            }
            let ctx = Context::new(county, now);
            let breaches = plan::due(&incident, ctx);
            events.extend(breaches);
            incident = Incident::alone(&events).ok_or("an incident")?;
            let step = step(&incident, ctx).ok_or("a step that may be done")?;
            events.extend(step);
            incident = Incident::alone(&events).ok_or("an incident")?;
        }
        if is_late && incident.clock(ClockKind::Finish).is_some() {
            let holder = incident.holder().map(|hold| hold.org.to_string());
            self.holder = holder.unwrap_or_default();
            self.phone = phone.unwrap_or_else(|| self.phone.clone());
            let day = incident.label();
            self.number = format!("{}-0007", day.split('-').next().unwrap_or_default());
        }
        Ok(events)
    }
}

fn step(incident: &Incident, ctx: Context<'_>) -> Option<Vec<Event>> {
    let result = "已处置完毕，现场恢复正常".to_owned();
    let feedback = Command::Feedback {
        result,
        evidence: Vec::new(),
    };
    let close = Command::Close {
        satisfied: true,
        note: None,
    };
    let category = incident
        .category
        .or_else(|| ctx.county.catalogue.items.first().map(|item| item.code));
    [
        (Role::Unit, Command::Start {}),
        (Role::Unit, feedback),
        // Whoever reported confirms.
        (Role::Source, close),
        (Role::Centre, Command::Accept { category }),
    ]
    .into_iter()
    .find_map(|(role, command)| {
        let org = incident.holder().map(|hold| hold.org.clone());
        let org = org.filter(|_| role == Role::Unit);
        let actor = Actor {
            org: org.or_else(|| Some(ctx.county.orgs.centre().clone())),
            ..Actor::new(incident.source.clone(), role, ctx.county.code)
        };
        plan::command(incident, &command, &actor, ctx).ok()
    })
}

fn report(planned: PlannedReport, county: &County) -> Report {
    let category = planned
        .category
        .and_then(|code| county.catalogue.find(code))
        .map(|category| category.code);
    Report {
        source: planned.source.id().to_owned(),
        external_id: format!("{}-{}", planned.at_ms, planned.external_id),
        title: planned.title,
        description: Some(planned.description),
        category,
        claimed: None,
        region: planned.grid,
        place: Place {
            lon: Some(planned.lon),
            lat: Some(planned.lat),
            address: Some(planned.address),
            ..Place::default()
        },
        reporter: planned.reporter.map(|person| Reporter {
            name: Some(person.name),
            phone: Some(person.phone),
        }),
        occurred_at: None,
        attachments: Vec::new(),
        duplicate_of: None,
    }
}

fn size(path: &std::path::Path) -> Outcome<u64> {
    Ok(std::fs::metadata(path)?.len() / 1_000_000)
}

/// A folder among the build's output, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Outcome<Self> {
        let name = format!("history-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn county(&self) -> Outcome<Pack> {
        let path = self.0.join("county");
        std::fs::create_dir_all(&path)?;
        let sample = geodata::sample::county(7);
        std::fs::write(path.join("regions.geojson"), sample.regions_geojson)?;
        let (pack, faults) = county::read(&path);
        pack.ok_or_else(|| format!("{faults:?}").into())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
