//! How long a node takes from the start of its process until it says that it is ready, on an embedded log
//! of a million events: with a checkpoint as old as one gets, and without any. Prints seconds.
//!
//! The target is 3 s with a checkpoint. Without one (a new machine, a checkpoint lost or of an older
//! version) the whole log is folded; how long that takes is only reported.

#[path = "start/year.rs"]
mod year;

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gridlamp::county;
use gridlamp::log::{EventLog, Log, OpenMode, Position};
use gridlamp::projector::record;
use gridlamp::snapshot::Checkpoints;
use year::Year;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const EVENTS: usize = 1_000_000;
/// A node that is killed has at most so many events after its checkpoint.
const CHECKPOINT_AGE: usize = 20_000;
const RUNS: usize = 3;
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> Outcome<()> {
    let bench = Bench::new()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(write_log(&bench))?;
    println!(
        "{:<52} {:>10}",
        "from the start of the process until ready", "seconds"
    );
    let with = format!("with a checkpoint {CHECKPOINT_AGE} events old");
    row(&with, bench.median(true)?);
    row("without a checkpoint", bench.median(false)?);
    Ok(())
}

fn row(name: &str, took: Duration) {
    println!("{name:<52} {:>10.2}", took.as_secs_f64());
}

/// Fills the log, and leaves a checkpoint of the world on the way.
async fn write_log(bench: &Bench) -> Outcome<()> {
    let (pack, faults) = county::read(&bench.county());
    let pack = pack.ok_or_else(|| format!("{faults:?}"))?;
    let address = format!("sqlite:{}", bench.log().display());
    let log = EventLog::open(&address, &pack.county.code.to_string(), OpenMode::Serve).await?;
    let mut checkpoint = Some(Checkpoints::new(&bench.spare(), log.epoch().as_str()));
    let mut year = Year::new(&pack, year::today(), EVENTS);
    let mut written = 0;
    while written < EVENTS {
        let decisions = year.next_day();
        let appends = decisions.iter().filter_map(|events| {
            let version = events.first()?.version - 1;
            Some(record::append_of(version, events))
        });
        written += decisions.iter().map(Vec::len).sum::<usize>();
        log.append(appends.collect()).await?;
        if written >= EVENTS - CHECKPOINT_AGE
            && let Some(checkpoint) = checkpoint.take()
        {
            checkpoint.write(&year.world, Position::from_seq(written as u64));
        }
    }
    if year.refused > 0 {
        return Err(format!("the domain refused {} of the handlers' steps", year.refused).into());
    }
    let bytes = std::fs::metadata(bench.log())?.len();
    println!(
        "a log of {written} events ({} MB), {} incidents open or recent",
        bytes / 1_000_000,
        year.world.len()
    );
    Ok(())
}

/// A folder with a county, its log and the node that is started on it.
struct Bench {
    folder: PathBuf,
    address: SocketAddr,
}

impl Bench {
    fn new() -> Outcome<Self> {
        let name = format!("start-{}", std::process::id());
        let bench = Self {
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
            address: TcpListener::bind("127.0.0.1:0")?.local_addr()?,
        };
        std::fs::create_dir_all(bench.spare())?;
        let made = bench.gridlamp(&["sample"]).arg(bench.county()).status()?;
        if !made.success() {
            return Err("the sample county could not be written".into());
        }
        Ok(bench)
    }

    fn county(&self) -> PathBuf {
        self.folder.join("county")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("gridlamp.db")
    }

    /// Where the checkpoint waits between the runs.
    fn spare(&self) -> PathBuf {
        self.folder.join("spare")
    }

    fn gridlamp(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gridlamp"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("GRIDLAMP_LISTEN", self.address.to_string())
            .env("GRIDLAMP_LOG", format!("sqlite:{}", self.log().display()))
            .env("GRIDLAMP_DATA", self.folder.join("data"))
            .env("GRIDLAMP_COUNTY", self.county())
            .env(
                "RUST_LOG",
                std::env::var("RUST_LOG").unwrap_or("warn".to_owned()),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    fn median(&self, with_checkpoint: bool) -> Outcome<Duration> {
        let mut times = (0..RUNS)
            .map(|_| self.start(with_checkpoint))
            .collect::<Outcome<Vec<_>>>()?;
        times.sort_unstable();
        Ok(times[RUNS / 2])
    }

    /// Starts a node, waits until it is ready, and kills it.
    fn start(&self, with_checkpoint: bool) -> Outcome<Duration> {
        let data = self.folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        std::fs::create_dir_all(&data)?;
        if with_checkpoint {
            let name = "world.checkpoint";
            std::fs::copy(self.spare().join(name), data.join(name))?;
        }
        let began = Instant::now();
        let _node = Node(self.gridlamp(&["serve"]).spawn()?);
        while !is_ready(self.address) {
            if began.elapsed() > PATIENCE {
                return Err("the node did not become ready".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(began.elapsed())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Nothing depends on it; the folder is among the build's output.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A node that is killed when it is dropped.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
