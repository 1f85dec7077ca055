//! Appending: group commit against one transaction each on the same disk, and the Redis append path
//! against plain pipelined XADD on the same server. Prints rates and their ratios.

use std::{
    error::Error,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Instant,
};

use futures_util::future::try_join_all;
use gridlamp::log::{Append, EventLog, Log, NewRecord, OpenMode, StreamName};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Appends that wait for each other's commit.
const ALONE: usize = 1_000;
/// Appends that share commits, and how many callers make them.
const TOGETHER: usize = 50_000;
const CALLERS: usize = 500;
/// Appends to Redis, and how many go in one pipeline.
const PIPELINED: usize = 100_000;
const PIPELINE: usize = 256;
/// Like the median event of an incident.
const DATA: &str = r#"{"title":"人民路与解放街交叉口井盖破损","category":"0304","level":3,"lon":118.9587,"lat":28.9702,"source":"12345","external_id":"2026030200123","address":"人民路118号门前"}"#;

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = Folder::new()?;
    let each = transactions_each(&folder.0)?;
    let alone = embedded(&folder.0.join("alone.db"), ALONE, 1).await?;
    let together = embedded(&folder.0.join("together.db"), TOGETHER, CALLERS).await?;
    println!("{:<52} {:>12} {:>8}", "append", "records/s", "ratio");
    row("sqlite, one transaction each", each, each);
    row("sqlite log, one caller", alone, each);
    row(
        &format!("sqlite log, {CALLERS} callers (group commit)"),
        together,
        each,
    );
    let Some(redis) = Redis::start(&folder.0)? else {
        println!("redis-server is not installed: `cargo xtask test` installs it");
        return Ok(());
    };
    let plain = plain_xadd(&redis).await?;
    let checked = redis_log(&redis).await?;
    row(
        &format!("redis, plain XADD, {PIPELINE} in a pipeline"),
        plain,
        plain,
    );
    row(
        &format!("redis log, {PIPELINE} appends at once"),
        checked,
        plain,
    );
    Ok(())
}

fn row(name: &str, rate: f64, base: f64) {
    println!("{name:<52} {rate:>12.0} {:>8.2}", rate / base);
}

fn rate(count: usize, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

fn append(n: usize) -> Append {
    let record = NewRecord {
        at: "2026-03-02T08:15:00.000+08:00".to_owned(),
        actor: r#"{"role":"operator","id":"u17"}"#.to_owned(),
        region: "330899101003".to_owned(),
        kind: "reported".to_owned(),
        data: DATA.to_owned(),
    };
    let key = format!("0195551e-7c00-7000-8000-{n:012x}");
    Append {
        stream: StreamName::Incidents,
        key,
        expected: 0,
        records: vec![record],
    }
}

fn transactions_each(folder: &Path) -> Outcome<f64> {
    let mut connection = rusqlite::Connection::open(folder.join("each.db"))?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE events(seq INTEGER PRIMARY KEY, stream INTEGER, key TEXT, version INTEGER, at TEXT,
         actor TEXT, region TEXT, type TEXT, data TEXT, UNIQUE(stream, key, version))",
    )?;
    let start = Instant::now();
    for n in 0..ALONE {
        let append = append(n);
        let record = &append.records[0];
        let transaction = connection.transaction()?;
        transaction
            .prepare_cached("INSERT INTO events VALUES(NULL, 0, ?1, 1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((
                &append.key,
                &record.at,
                &record.actor,
                &record.region,
                &record.kind,
                &record.data,
            ))?;
        transaction.commit()?;
    }
    Ok(rate(ALONE, start))
}

async fn embedded(path: &Path, count: usize, callers: usize) -> Outcome<f64> {
    let log = EventLog::open(
        &format!("sqlite:{}", path.display()),
        "330899",
        OpenMode::Serve,
    )
    .await?;
    let log = Arc::new(log);
    let start = Instant::now();
    let tasks = (0..callers).map(|caller| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            for n in (caller..count).step_by(callers) {
                log.append(vec![append(n)]).await?;
            }
            Outcome::Ok(())
        })
    });
    for done in try_join_all(tasks).await? {
        done?;
    }
    Ok(rate(count, start))
}

async fn redis_log(redis: &Redis) -> Outcome<f64> {
    let log = EventLog::open(&redis.url, "330899", OpenMode::Serve).await?;
    let start = Instant::now();
    for from in (0..PIPELINED).step_by(PIPELINE) {
        log.append(
            (from..(from + PIPELINE).min(PIPELINED))
                .map(append)
                .collect(),
        )
        .await?;
    }
    Ok(rate(PIPELINED, start))
}

async fn plain_xadd(redis: &Redis) -> Outcome<f64> {
    let mut connection = redis::Client::open(redis.url.as_str())?
        .get_multiplexed_async_connection()
        .await?;
    let start = Instant::now();
    for from in (0..PIPELINED).step_by(PIPELINE) {
        let mut pipeline = redis::pipe();
        for append in (from..(from + PIPELINE).min(PIPELINED)).map(append) {
            let record = &append.records[0];
            let command = pipeline
                .cmd("XADD")
                .arg("plain")
                .arg("*")
                .arg("key")
                .arg(&append.key);
            command
                .arg("version")
                .arg(1)
                .arg("at")
                .arg(&record.at)
                .arg("actor")
                .arg(&record.actor);
            command
                .arg("region")
                .arg(&record.region)
                .arg("type")
                .arg(&record.kind)
                .arg("data")
                .arg(&record.data);
        }
        let _: Vec<String> = pipeline.query_async(&mut connection).await?;
    }
    Ok(rate(PIPELINED, start))
}

/// Beside the build's output, so that it is a disk and not memory.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Outcome<Self> {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("append-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it; the folder is among the build's output.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A Redis with an append-only file.
struct Redis {
    url: String,
    child: Child,
}

impl Redis {
    fn start(folder: &Path) -> Outcome<Option<Self>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let spawned = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--port",
                &port.to_string(),
                "--dir",
            ])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = spawned else {
            return Ok(None);
        };
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("Ready to accept"));
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let redis = Self {
            url: format!("redis://127.0.0.1:{port}"),
            child,
        };
        if ready {
            Ok(Some(redis))
        } else {
            Err("redis-server did not become ready".into())
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
