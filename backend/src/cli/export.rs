//! `gridlamp export`: events or incidents of a time, straight from the log, beside a running node or
//! without one. It holds what it must count and never a whole log; what is written is complete.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use domain::access::Viewer;
use domain::actor::Clearance;
use domain::event::{Body, Event};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::event::IncidentEvent;
use domain::pack::County;
use domain::time::Timestamp;
use domain::world::Numbers;
use geodata::region::Code;
use rustc_hash::FxHashMap;

use super::token;
use crate::config::Config;
use crate::log::{EventLog, Log, Position, StreamName};
use crate::projector::record;
use crate::table::{Format, csv_line, harmless};

/// Records read at once.
const STRIDE: usize = 5_000;
/// The columns of a file of events.
const COLUMNS: [&str; 9] = [
    "stream", "key", "version", "at", "actor", "region", "number", "type", "data",
];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// From when on: `2026-11-01`, or a time with its offset. Of incidents, when they came in.
    #[arg(long, value_parser = time)]
    from: Timestamp,
    /// Until before when.
    #[arg(long, value_parser = time)]
    to: Timestamp,
    /// The region to look at alone; the whole county if left out.
    #[arg(long)]
    scope: Option<Code>,
    /// What is written.
    #[arg(long, value_enum, default_value_t = What::Incidents)]
    what: What,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Kind::Ndjson)]
    format: Kind,
    /// Where to; standard output if left out.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum What {
    /// What happened, as the log has it.
    Events,
    /// What came of it until now.
    Incidents,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Kind {
    Ndjson,
    Csv,
    Geojson,
}

impl From<Kind> for Format {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Ndjson => Self::Ndjson,
            Kind::Csv => Self::Csv,
            Kind::Geojson => Self::GeoJson,
        }
    }
}

/// A time, or a day's beginning in the county.
fn time(text: &str) -> Result<Timestamp, String> {
    let day = format!("{text}T00:00:00+08:00");
    let time = text.parse().or_else(|_| day.parse());
    time.map_err(|_: domain::time::TimeError| {
        format!("{text:?} is no time; write 2026-11-01 or 2026-11-01T08:00:00+08:00")
    })
}

pub(super) async fn run(config: &Config, args: Args) -> anyhow::Result<i32> {
    anyhow::ensure!(args.from < args.to, "--from must lie before --to");
    anyhow::ensure!(
        args.what == What::Incidents || args.format != Kind::Geojson,
        "events have no place on a map: choose --format ndjson or csv for them"
    );
    let (log, rules) = token::open(config).await?;
    let scope = token::scope(&rules, args.scope)?;
    let target = format!(
        "{:?} {scope} {} {} {:?}",
        args.what, args.from, args.to, args.format
    );
    token::record(config, &log, &rules, "incident.export", &target).await?;
    let job = Job {
        log: &log,
        county: &rules.county,
        now: rules.clock.now(),
        scope,
        from: args.from,
        to: args.to,
        format: args.format.into(),
    };
    let mut out = Out::open(args.out.as_deref())?;
    let count = match args.what {
        What::Events => job.events(&mut out).await?,
        What::Incidents => job.incidents(&mut out).await?,
    };
    out.finish()?;
    eprintln!("{count} written");
    Ok(0)
}

/// Where it goes: a file appears under its name only when it is whole.
struct Out {
    to: BufWriter<Box<dyn Write>>,
    names: Option<(PathBuf, PathBuf)>,
}

impl Out {
    fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                to: BufWriter::new(Box::new(io::stdout())),
                names: None,
            });
        };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("{}", part.display()))?;
        Ok(Self {
            to: BufWriter::new(Box::new(file)),
            names: Some((part, path.to_owned())),
        })
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes())
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.to.flush()?;
        if let Some((part, path)) = self.names {
            std::fs::rename(&part, &path).with_context(|| format!("{}", path.display()))?;
        }
        Ok(())
    }
}

struct Job<'a> {
    log: &'a EventLog,
    county: &'a County,
    now: Timestamp,
    scope: Code,
    from: Timestamp,
    to: Timestamp,
    format: Format,
}

/// The numbers that only the whole log can count, of one incident: its own and its orders'.
#[derive(Default)]
struct Counted {
    number: u32,
    orders: Vec<u32>,
}

impl Job<'_> {
    fn is_in_time(&self, at: Timestamp) -> bool {
        at >= self.from && at < self.to
    }

    /// Hands every event of the log to `each`, with its running number.
    async fn walk(&self, mut each: impl FnMut(Event) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut numbers = Numbers::default();
        let mut position = Position::START;
        loop {
            let batch = self.log.read(position, STRIDE).await?;
            if batch.records.is_empty() {
                return Ok(());
            }
            for record in &batch.records {
                match record::event_of(record) {
                    Ok(mut event) => {
                        event.number = numbers.give(&event);
                        each(event)?;
                    }
                    Err(error) => tracing::error!(%error, "unreadable record passed over"),
                }
            }
            position = batch.to;
        }
    }

    async fn events(&self, out: &mut Out) -> anyhow::Result<u64> {
        let mut count = 0;
        if self.format == Format::Csv {
            out.put(&csv_line(COLUMNS))?;
        }
        self.walk(|event| {
            if self.is_in_time(event.at) && self.scope.contains(event.region) {
                count += 1;
                out.put(&self.event(&event)?)?;
            }
            Ok(())
        })
        .await?;
        Ok(count)
    }

    fn event(&self, event: &Event) -> anyhow::Result<String> {
        let value = serde_json::to_value(event)?;
        if self.format != Format::Csv {
            return Ok(format!("{value}\n"));
        }
        Ok(csv_line(COLUMNS.map(|name| match &value[name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => harmless(text.clone()),
            other => harmless(other.to_string()),
        })))
    }

    async fn incidents(&self, out: &mut Out) -> anyhow::Result<u64> {
        let (ids, mut counted) = self.counted().await?;
        out.put(&self.format.head())?;
        let mut count = 0;
        for id in ids {
            let counted = counted.remove(&id).unwrap_or_default();
            let Some(incident) = self.folded(id, counted).await? else {
                continue;
            };
            if Viewer::of_region(self.scope, Clearance::Full)
                .sight_of(&incident)
                .is_none()
            {
                continue;
            }
            let is_first = count == 0;
            out.put(&self.format.item(&incident, self.county, self.now, is_first))?;
            count += 1;
        }
        out.put(self.format.end())?;
        Ok(count)
    }

    /// The incidents of the time, in the order they came in, with what is counted of each.
    async fn counted(&self) -> anyhow::Result<(Vec<IncidentId>, FxHashMap<IncidentId, Counted>)> {
        let mut ids = Vec::new();
        let mut counted: FxHashMap<IncidentId, Counted> = FxHashMap::default();
        self.walk(|event| {
            let is_report = matches!(event.body, Body::Incident(IncidentEvent::Reported(_)));
            let number = event.number.unwrap_or_default();
            if is_report && self.is_in_time(event.at) {
                ids.push(event.key);
                counted.entry(event.key).or_default().number = number;
            } else if event.number.is_some()
                && let Some(counted) = counted.get_mut(&event.key)
            {
                counted.orders.push(number);
            }
            Ok(())
        })
        .await?;
        Ok((ids, counted))
    }

    /// One incident from its own events, up to now.
    async fn folded(&self, id: IncidentId, counted: Counted) -> anyhow::Result<Option<Incident>> {
        let key = id.to_string();
        let records = self.log.read_key(StreamName::Incidents, &key).await?;
        let mut orders = counted.orders.into_iter();
        let mut incident = None;
        for record in &records {
            let Ok(event) = record::event_of(record) else {
                continue;
            };
            let number = match &event.body {
                Body::Incident(IncidentEvent::Reported(_)) => counted.number,
                Body::Incident(IncidentEvent::Breached(_)) => orders.next().unwrap_or_default(),
                _ => 0,
            };
            incident = Incident::folded(incident, &event, number);
        }
        Ok(incident.filter(|incident| incident.version > 0))
    }
}
