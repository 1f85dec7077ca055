//! How long somebody who looks back waits, over one day of a million events on an embedded log: until a
//! time is there with the checkpoints that a node leaves as it runs (one in 20,000 events), with none, and
//! for the next stretch while it plays. A seek is the fold, what a viewer sees of the world, and its bytes.
//!
//! The target is 2 s for a seek and 100 ms for a stretch; what a first seek without checkpoints takes is
//! only reported.

#[path = "start/year.rs"]
mod year;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::access::Viewer;
use domain::actor::Clearance;
use domain::time::{Span, Timestamp, UtcOffset};
use domain::world::World;
use gridlamp::clock::Clock;
use gridlamp::county::{self, Pack};
use gridlamp::log::{EventLog, Log, OpenMode, Position};
use gridlamp::projector::record;
use gridlamp::replay::{Keyframes, Place, Replay};
use gridlamp::simulate::PER_DAY;
use tokio::sync::watch;
use year::Year;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const EVENTS: usize = 1_000_000;
/// Reports of such a day, as multiples of a usual one's.
const BUSY: u32 = 400;
/// What a running node leaves a checkpoint after.
const EVERY: usize = 20_000;
const SEEKS: i64 = 15;

fn main() -> Outcome<()> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(bench(&folder));
    // Nothing depends on it; the folder is among the build's output.
    let _ = std::fs::remove_dir_all(&folder);
    done
}

async fn bench(folder: &Path) -> Outcome<()> {
    let pack = pack(folder)?;
    let address = format!("sqlite:{}", folder.join("gridlamp.db").display());
    let log = EventLog::open(&address, &pack.county.code.to_string(), OpenMode::Serve).await?;
    let log = Arc::new(log);
    let kept = folder.join("kept");
    let keyframes = Keyframes::new(&kept, log.epoch().as_str(), 30, Clock::life());
    let (first, last) = write_log(&pack, &log, &keyframes).await?;
    println!("{:<52} {:>10}", "one day of a million events", "ms");
    let viewer = Viewer::of_region(pack.county.code, Clearance::Full);
    {
        let bare = folder.join("bare");
        let none = Keyframes::new(&bare, log.epoch().as_str(), 30, Clock::life());
        let replay = start(&bare, &log, none)?;
        row(
            "start at the end of the day, no checkpoint",
            seek(&replay.0, last, &viewer).await?,
        );
    }
    let replay = start(&kept, &log, keyframes)?.0;
    row(
        "start at noon",
        seek(&replay, middle(first, last, 1, 2), &viewer).await?,
    );
    let mut times = Vec::new();
    for n in 0..SEEKS {
        // To and fro over the whole day.
        let at = middle(first, last, (n * 7 + 3) % SEEKS, SEEKS);
        times.push(seek(&replay, at, &viewer).await?);
    }
    times.sort_unstable();
    row("seek, median of 15 over the day", times[times.len() / 2]);
    row("seek, worst", times[times.len() - 1]);
    stretches(&replay, middle(first, last, 1, 2), last).await
}

fn row(name: &str, took: Duration) {
    println!("{name:<52} {:>10.1}", took.as_secs_f64() * 1_000.0);
}

fn middle(first: Timestamp, last: Timestamp, part: i64, of: i64) -> Timestamp {
    first + Span::from_millis((last - first).millis() * part / of)
}

/// A replay, and what keeps it going while it is held.
fn start(
    folder: &Path,
    log: &Arc<EventLog>,
    keyframes: Keyframes,
) -> Outcome<(Replay, watch::Sender<bool>)> {
    let (stop, stopped) = watch::channel(false);
    let (replay, task) = Replay::start(folder, Arc::clone(log), keyframes, stopped)?;
    // The index is not what is measured, and the two processors are.
    task.abort();
    Ok((replay, stop))
}

async fn seek(replay: &Replay, at: Timestamp, viewer: &Viewer) -> Outcome<Duration> {
    let began = Instant::now();
    let own = viewer.clone();
    let look = replay.look(Place::At(at), move |world: &World, _| {
        serde_json::to_vec(&world.seen_by(&own)).map(|bytes| bytes.len())
    });
    look.await??;
    Ok(began.elapsed())
}

/// Ten minutes of the record at a time, from noon on, as a page at x60 asks for them.
async fn stretches(replay: &Replay, from: Timestamp, last: Timestamp) -> Outcome<()> {
    let at = replay.look(Place::At(from), |_, position| position).await?;
    let (mut position, mut times) = (at, Vec::new());
    let mut events = 0;
    for _ in 0..50 {
        let began = Instant::now();
        let stretch = replay.stretch(position, last, 5_000).await?;
        times.push(began.elapsed());
        events += stretch.events.len();
        position = stretch.to;
    }
    times.sort_unstable();
    row(
        "the next 5,000 events, median of 50",
        times[times.len() / 2],
    );
    row("the next 5,000 events, worst", times[times.len() - 1]);
    println!("{events} events played on");
    Ok(())
}

fn pack(folder: &Path) -> Outcome<Pack> {
    let place: PathBuf = folder.join("county");
    let made = Command::new(env!("CARGO_BIN_EXE_gridlamp"))
        .arg("sample")
        .arg(&place)
        .stdout(std::process::Stdio::null())
        .status()?;
    if !made.success() {
        return Err("the sample county could not be written".into());
    }
    let (pack, faults) = county::read(&place);
    Ok(pack.ok_or_else(|| format!("{faults:?}"))?)
}

/// Fills the log with one busy day, leaving checkpoints as a node does; answers its first and last time.
async fn write_log(
    pack: &Pack,
    log: &EventLog,
    keyframes: &Keyframes,
) -> Outcome<(Timestamp, Timestamp)> {
    let mut year = Year::new(pack, year::today(), 0);
    year.per_day = PER_DAY * BUSY;
    let mut day = year.next_day();
    let mut left = EVENTS;
    day.retain(|events| {
        let fits = events.len() <= left;
        left = left.saturating_sub(events.len());
        fits
    });
    let mut world = World::default();
    let (mut written, mut since, mut last) = (0, 0, None);
    for part in day.chunks(5_000) {
        let appends = part.iter().filter_map(|events| {
            let version = events.first()?.version - 1;
            Some(record::append_of(version, events))
        });
        log.append(appends.collect()).await?;
        for event in part.iter().flatten() {
            world.apply(event);
            written += 1;
            since += 1;
            last = Some(event.at);
        }
        if since >= EVERY {
            since = 0;
            keyframes.leave(&world, Position::from_seq(written));
        }
    }
    let first = day
        .first()
        .and_then(|events| events.first())
        .map(|one| one.at);
    let (first, last) = first.zip(last).ok_or("an empty day")?;
    println!(
        "{written} events of {} to {}, {} incidents open or recent at its end",
        first.to_rfc3339(UtcOffset::CHINA),
        last.to_rfc3339(UtcOffset::CHINA),
        world.len()
    );
    Ok((first, last))
}
