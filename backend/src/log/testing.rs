//! For tests: a folder that goes away, a real Redis that can be killed, short ways to make records.

use std::{
    env, fs,
    io::{BufRead, BufReader, ErrorKind},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

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

/// A Redis with an append-only file, killed when dropped.
#[derive(Debug)]
pub(crate) struct RedisServer {
    folder: Folder,
    port: u16,
    child: Child,
    append_only: bool,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::start_with(true)
    }

    pub(crate) fn start_with(append_only: bool) -> Self {
        let folder = Folder::new();
        // A port found free may be taken before Redis binds it: then another one is tried.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|l| l.local_addr())
                .expect("a free port")
                .port();
            if let Some(child) = launch(folder.path(), port, append_only) {
                return Self {
                    folder,
                    port,
                    child,
                    append_only,
                };
            }
        }
        panic!("redis-server does not start; run it by hand to see why");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("redis-server can be killed");
        self.child.wait().expect("redis-server ends");
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
            .arg(self.child.id().to_string())
            .status();
        assert!(status.expect("kill can be run").success());
    }

    /// Starts it again on the same files and port.
    pub(crate) fn restart(&mut self) {
        self.child = launch(self.folder.path(), self.port, self.append_only)
            .expect("redis-server starts again");
    }

    pub(crate) async fn connect(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).expect("a good address");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("a connection")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(folder: &Path, port: u16, append_only: bool) -> Option<Child> {
    let mut child = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", if append_only { "yes" } else { "no" }])
        .arg("--port")
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
    let mut lines = BufReader::new(output).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("Ready to accept connections"));
    if !ready {
        let _ = child.wait();
        return None;
    }
    // Read on, or Redis would one day wait for room in the pipe.
    thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some(child)
}

/// Where a log of either kind lives, so that it can be opened again.
#[derive(Debug)]
pub(crate) enum Place {
    Embedded(Folder),
    Redis(RedisServer),
}

impl Place {
    pub(crate) fn embedded() -> Self {
        Self::Embedded(Folder::new())
    }

    pub(crate) fn redis() -> Self {
        Self::Redis(RedisServer::start())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Embedded(folder) => format!(
                "sqlite:{}",
                folder.path().join("data/gridlamp.db").display()
            ),
            Self::Redis(server) => server.url(),
        }
    }

    pub(crate) async fn open(&self) -> EventLog {
        EventLog::open(&self.url(), COUNTY, OpenMode::Serve)
            .await
            .expect("the log opens")
    }
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
