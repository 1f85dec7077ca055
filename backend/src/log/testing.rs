//! For tests: a folder that goes away, a real Redis that can be killed, short ways to make records.

pub(crate) mod sets;

use std::{
    env, fs,
    io::{BufRead, BufReader, ErrorKind},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::mpsc;

pub(crate) use sets::{Cluster, Sentinels};

use super::{
    Append, AppendOutcome, EventLog, Log, LogHealth, NewRecord, OpenMode, Record, StreamName, Tail,
};

/// Longer than anything takes on a busy machine; reaching it is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// The county of all tests.
pub(crate) const COUNTY: &str = "330899";

/// A folder of its own, removed at the end.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("gridlamp-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A real redis-server, killed when dropped.
#[derive(Debug)]
pub(crate) struct RedisServer {
    folder: Folder,
    port: u16,
    process: Process,
    arguments: Vec<String>,
}

/// A process and what it says.
#[derive(Debug)]
struct Process {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl RedisServer {
    /// With an append-only file.
    pub(crate) fn start() -> Self {
        Self::start_with(true)
    }

    pub(crate) fn start_with(append_only: bool) -> Self {
        let append_only = if append_only { "yes" } else { "no" };
        Self::start_as(|_, _| {
            ["--save", "", "--appendonly", append_only]
                .map(str::to_owned)
                .to_vec()
        })
    }

    /// With arguments for its folder and port.
    pub(crate) fn start_as(arguments: impl Fn(&Path, u16) -> Vec<String>) -> Self {
        let folder = Folder::new();
        // A port found free may be taken before Redis binds it: then another one is tried.
        for _ in 0..10 {
            let port = free_port();
            let arguments = arguments(folder.path(), port);
            if let Some(process) = launch(folder.path(), port, &arguments) {
                return Self {
                    folder,
                    port,
                    process,
                    arguments,
                };
            }
        }
        panic!("redis-server does not start; run it by hand to see why");
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        let child = &mut self.process.child;
        child.kill().expect("redis-server can be killed");
        child.wait().expect("redis-server ends");
    }

    /// Stops it without ending it, as a machine that hangs would.
    pub(crate) fn hang(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub(crate) fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .arg(signal)
            .arg(self.process.child.id().to_string())
            .status();
        assert!(status.expect("kill can be run").success());
    }

    /// Starts it again on the same files and port.
    pub(crate) fn restart(&mut self) {
        self.process = launch(self.folder.path(), self.port, &self.arguments)
            .expect("redis-server starts again");
    }

    /// Waits until it has written a line that contains `text`, later than those waited for before.
    pub(crate) async fn says(&mut self, text: &str) {
        let lines = &mut self.process.lines;
        let said = async {
            while let Some(line) = lines.recv().await {
                if line.contains(text) {
                    return;
                }
            }
            panic!("redis-server ended before it said {text:?}");
        };
        within(said).await;
    }

    pub(crate) async fn connect(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).expect("a good address");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("a connection")
    }

    /// Asks it something; the words stand apart by spaces.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, words: &str) -> T {
        let mut command = redis::Cmd::new();
        for word in words.split(' ') {
            command.arg(word);
        }
        let answer = command.query_async(&mut self.connect().await).await;
        answer.unwrap_or_else(|e| panic!("{words}: {e}"))
    }

    /// Waits until a replica has all that was written so far.
    pub(crate) async fn replicated(&self) {
        let mut connection = self.connect().await;
        let mut write = redis::cmd("SET");
        // WAIT looks back from what its own connection has written.
        let write = write.arg(format!("written:{{{COUNTY}}}")).arg("1");
        let () = write.query_async(&mut connection).await.expect("written");
        let mut wait = redis::cmd("WAIT");
        let wait = wait.arg(1).arg(PATIENCE.as_millis() as u64);
        let confirmed: u32 = wait.query_async(&mut connection).await.expect("an answer");
        assert_eq!(confirmed, 1, "a replica follows");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
    }
}

/// A port that is free now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
        .port()
}

fn launch(folder: &Path, port: u16, arguments: &[String]) -> Option<Process> {
    let mut child = Command::new("redis-server")
        .args(arguments)
        .args(["--bind", "127.0.0.1", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| match e.kind() {
            ErrorKind::NotFound => panic!(
                "redis-server is not installed, and the log is tested against the real one: run `cargo xtask test`, which installs it"
            ),
            _ => panic!("redis-server does not start: {e}"),
        });
    let output = child.stdout.take().expect("its output is piped");
    let mut output = BufReader::new(output).lines();
    let ready = output.by_ref().map_while(Result::ok).any(|line| {
        line.contains("Ready to accept connections") || line.contains("Sentinel ID is")
    });
    if !ready {
        let _ = child.wait();
        return None;
    }
    let (tell, lines) = mpsc::unbounded_channel();
    // Read on, or Redis would one day wait for room in the pipe.
    thread::spawn(move || {
        output.map_while(Result::ok).for_each(|line| {
            let _nobody_listens = tell.send(line);
        });
    });
    Some(Process { child, lines })
}

/// Where a log of some kind lives, so that it can be opened again.
#[derive(Debug)]
pub(crate) enum Place {
    Embedded(Folder),
    Redis(RedisServer),
    /// One of the counties there.
    Sentinels(Arc<Sentinels>, String),
    /// One of the counties there.
    Cluster(Arc<Cluster>, String),
}

impl Place {
    pub(crate) fn embedded() -> Self {
        Self::Embedded(Folder::new())
    }

    pub(crate) fn redis() -> Self {
        Self::Redis(RedisServer::start())
    }

    pub(crate) async fn sentinels() -> Self {
        Self::Sentinels(Sentinels::shared().await, new_county())
    }

    pub(crate) async fn cluster() -> Self {
        Self::Cluster(Cluster::shared().await, new_county())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Embedded(folder) => format!(
                "sqlite:{}",
                folder.path().join("data/gridlamp.db").display()
            ),
            Self::Redis(server) => server.url(),
            Self::Sentinels(set, _) => set.url(),
            Self::Cluster(set, _) => set.url(),
        }
    }

    pub(crate) fn county(&self) -> &str {
        match self {
            Self::Embedded(_) | Self::Redis(_) => COUNTY,
            Self::Sentinels(_, county) | Self::Cluster(_, county) => county,
        }
    }

    pub(crate) async fn open(&self) -> EventLog {
        EventLog::open(&self.url(), self.county(), OpenMode::Serve)
            .await
            .expect("the log opens")
    }
}

fn new_county() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(100_000);
    NUMBER.fetch_add(1, Ordering::Relaxed).to_string()
}

/// A record whose payload is `data`.
pub(crate) fn record(data: &str) -> NewRecord {
    NewRecord {
        at: "2026-03-02T08:15:00.000+08:00".to_owned(),
        actor: r#"{"role":"system"}"#.to_owned(),
        region: "330899101".to_owned(),
        kind: "reported".to_owned(),
        data: data.to_owned(),
    }
}

/// One append to the incidents.
pub(crate) fn append(key: &str, expected: u64, data: &[&str]) -> Append {
    append_to(StreamName::Incidents, key, expected, data)
}

/// One append to any stream.
pub(crate) fn append_to(stream: StreamName, key: &str, expected: u64, data: &[&str]) -> Append {
    Append {
        stream,
        key: key.to_owned(),
        expected,
        records: data.iter().map(|text| record(text)).collect(),
    }
}

/// Appends and insists that it is done.
pub(crate) async fn put(log: &impl Log, append: Append) -> u64 {
    match log
        .append(vec![append])
        .await
        .expect("the log answers")
        .as_slice()
    {
        [AppendOutcome::Done { version }] => *version,
        other => panic!("not appended: {other:?}"),
    }
}

/// The next records of a tail, at least `count` of them, checked to follow each other.
pub(crate) async fn follow(tail: &mut Tail, count: usize) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    while records.len() < count {
        let batch = within(tail.next()).await.expect("the tail goes on");
        assert!(!batch.records.is_empty(), "a tail never hands back nothing");
        assert_eq!(batch.to, batch.records[batch.records.len() - 1].position);
        assert!(
            records
                .last()
                .is_none_or(|last| last.position == batch.from),
            "a batch follows the one before"
        );
        records.extend(batch.records);
    }
    records
}

/// Waits for something that must happen.
pub(crate) async fn within<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event)
        .await
        .expect("what was waited for never came")
}

/// Waits until the log is up (or down).
pub(crate) async fn health(log: &impl Log, up: bool) -> LogHealth {
    within(log.health().wait_for(|health| health.is_up() == up))
        .await
        .expect("the log is watched")
        .clone()
}

/// The payloads, for comparing.
pub(crate) fn data(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.data.as_str()).collect()
}
