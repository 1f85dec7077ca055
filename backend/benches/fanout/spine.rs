//! The whole binary: a Redis, a sample county and `gridlamp serve`, each a child; entries go straight into
//! the log and come out at the clients.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::crowd::MARKER;
use crate::process::{Guard, now_ns, pace};
use crate::{Sent, Subject};

const COUNTY: &str = "330899";
/// Incidents that the progress notes are spread over.
const INCIDENTS: usize = 50;
const ACTOR: &str = r#"{"id":"bench","role":"grid","scope":"330899"}"#;
/// Appends in one call of the function.
const CALL_MAX: usize = 64;
const START_LIMIT: Duration = Duration::from_secs(30);

/// The binary with all it needs.
pub struct Spine {
    // Ends before the Redis it works on.
    server: Guard,
    _redis: Guard,
    _folder: Folder,
    redis_address: SocketAddr,
    address: SocketAddr,
    token: String,
    /// Notes sent so far.
    notes: u64,
}

/// A temporary folder that ends with its owner.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays of it is in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Spine {
    pub fn start() -> io::Result<Self> {
        let folder =
            Folder(std::env::temp_dir().join(format!("gridlamp-bench-{}", std::process::id())));
        std::fs::create_dir_all(&folder.0)?;
        let (redis_address, address) = (free_address()?, free_address()?);
        let redis = start_redis(&folder.0, redis_address)?;
        wait_for("Redis", || TcpStream::connect(redis_address).is_ok())?;
        let county = folder.0.join("county");
        let gridlamp = |arguments: &[&str]| {
            let mut command = Command::new(binary());
            command
                .args(arguments)
                .current_dir(&folder.0)
                .env("GRIDLAMP_LISTEN", address.to_string())
                .env("GRIDLAMP_PUBLIC_URL", format!("http://{address}"))
                .env("GRIDLAMP_LOG", format!("redis://{redis_address}/"))
                .env("GRIDLAMP_COUNTY", &county)
                // All clients come with one token, which in life is one script's.
                .env("GRIDLAMP_LIMITS__TOKEN__PER_MINUTE", "10000000")
                .env("GRIDLAMP_LIMITS__TOKEN__BURST", "1000000")
                .stdin(Stdio::null());
            command
        };
        finish(&mut gridlamp(&["sample", &county.to_string_lossy()]))?;
        let token = finish(&mut gridlamp(&["token", "create", "--reader"]))?;
        let server = Guard(
            gridlamp(&["serve"])
                .stdout(Stdio::null())
                .env("RUST_LOG", "warn")
                .spawn()?,
        );
        wait_for("/readyz", || is_ready(address).unwrap_or(false))?;
        let spine = Self {
            server,
            _redis: redis,
            _folder: folder,
            redis_address,
            address,
            token,
            notes: 0,
        };
        let mut redis = Redis::connect(spine.redis_address)?;
        redis.add((0..INCIDENTS).map(reported))?;
        Ok(spine)
    }
}

impl Subject for Spine {
    fn name(&self) -> String {
        "gridlamp, from XADD".to_owned()
    }

    fn pid(&self) -> u32 {
        self.server.0.id()
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn handshake(&self) -> String {
        format!(
            "GET /api/v1/live?scope={COUNTY} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: gridlamp.v1\r\n\r\n",
            self.address, self.token
        )
    }

    fn send(&mut self, rate: u64, seconds: u64) -> io::Result<mpsc::Receiver<Sent>> {
        let mut redis = Redis::connect(self.redis_address)?;
        let mut next = self.notes;
        self.notes += rate * seconds;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let sent = pace(rate, seconds, |count| {
                let first = next;
                next += count;
                redis.add((first..next).map(progressed))
            });
            match sent {
                // The bench may have given up; then nobody wants to know.
                Ok(sent) => drop(tell.send(sent)),
                Err(error) => eprintln!("sending failed: {error}"),
            }
        });
        Ok(told)
    }
}

/// Whether there is a Redis to start.
pub fn has_redis() -> bool {
    Command::new("redis-server")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn binary() -> PathBuf {
    std::env::var_os("GRIDLAMP_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_gridlamp").into(), PathBuf::from)
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn start_redis(folder: &Path, address: SocketAddr) -> io::Result<Guard> {
    let port = address.port().to_string();
    Command::new("redis-server")
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
            "--save",
            "",
            "--appendonly",
            "yes",
        ])
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .map(Guard)
}

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) -> io::Result<()> {
    let start = Instant::now();
    while !is_there() {
        if start.elapsed() > START_LIMIT {
            return Err(io::Error::other(format!("{what} did not come up")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Runs a command to its end; the last line it printed.
fn finish(command: &mut Command) -> io::Result<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?} failed")));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    Ok(printed.lines().last().unwrap_or_default().trim().to_owned())
}

fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}

/// What is to be appended to an incident.
struct Entry {
    incident: usize,
    kind: &'static str,
    data: String,
}

fn key(incident: usize) -> String {
    format!("0198c5f2-6a51-7c3e-9d2b-{incident:012x}")
}

fn at(seconds_ahead: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds_ahead);
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    at.to_zoned(zone)
        .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

fn reported(incident: usize) -> Entry {
    let day = 86_400;
    let (start, amber, due, deep) = (at(0), at(day), at(2 * day), at(3 * day));
    let data = format!(
        r#"{{"source":"bench","external_id":"{incident}","title":"路灯不亮","place":{{}},"holder":"{COUNTY}","accept":{{"kind":"accept","start":"{start}","due":"{due}","amber_at":"{amber}","deep_at":"{deep}","calendar":"bench"}}}}"#
    );
    Entry {
        incident,
        kind: "reported",
        data,
    }
}

fn progressed(number: u64) -> Entry {
    Entry {
        incident: (number % INCIDENTS as u64) as usize,
        kind: "progressed",
        data: format!(r#"{{"note":"{MARKER}{} ok"}}"#, now_ns()),
    }
}

/// As much of a Redis client as appending to the log takes: through Gridlamp's own function, for only
/// what that writes is part of the log.
struct Redis {
    reader: BufReader<TcpStream>,
    out: String,
    epoch: String,
    versions: Vec<u64>,
}

impl Redis {
    fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut redis = Self {
            reader: BufReader::new(stream),
            out: String::new(),
            epoch: String::new(),
            versions: vec![0; INCIDENTS],
        };
        redis.command(&["HGET", &name("meta"), "epoch"]);
        redis.flush()?;
        redis.line()?;
        redis.epoch = redis.line()?;
        Ok(redis)
    }

    fn command(&mut self, words: &[&str]) {
        // Writing into a string cannot fail.
        let _ = write!(self.out, "*{}\r\n", words.len());
        for word in words {
            let _ = write!(self.out, "${}\r\n{word}\r\n", word.len());
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.reader.get_mut().write_all(self.out.as_bytes())?;
        self.out.clear();
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        if line.is_empty() || line.starts_with('-') {
            return Err(io::Error::other(format!("Redis said {line:?}")));
        }
        Ok(line.trim_end().to_owned())
    }

    /// Appends all; what somebody else was faster at is tried again on the version there is.
    fn add(&mut self, entries: impl Iterator<Item = Entry>) -> io::Result<()> {
        let mut left: Vec<Entry> = entries.collect();
        while !left.is_empty() {
            let now = at(0);
            for call in left.chunks(CALL_MAX) {
                self.call(call, &now);
            }
            self.flush()?;
            let mut refused = Vec::new();
            let counts: Vec<usize> = left.chunks(CALL_MAX).map(<[Entry]>::len).collect();
            let mut appended = left.into_iter();
            for count in counts {
                self.line()?;
                for entry in appended.by_ref().take(count) {
                    let done = self.line()? == ":1";
                    let version = self.line()?;
                    self.versions[entry.incident] = version[1..].parse().unwrap_or(0);
                    if !done {
                        refused.push(entry);
                    }
                }
            }
            left = refused;
        }
        Ok(())
    }

    fn call(&mut self, entries: &[Entry], now: &str) {
        let mut words = vec![
            "FCALL".to_owned(),
            "gridlamp_v1_append".to_owned(),
            (entries.len() + 2).to_string(),
            name("head"),
            name("incidents"),
        ];
        words.extend(
            entries
                .iter()
                .map(|e| name(&format!("index:incidents/{}", key(e.incident)))),
        );
        words.push(self.epoch.clone());
        for entry in entries {
            let expected = self.versions[entry.incident];
            // Hoped for; the answer tells.
            self.versions[entry.incident] += 1;
            words.extend([key(entry.incident), expected.to_string(), "1".to_owned()]);
            words.extend([now.to_owned(), ACTOR.to_owned(), COUNTY.to_owned()]);
            words.extend([entry.kind.to_owned(), entry.data.clone()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.command(&words);
    }
}

fn name(key: &str) -> String {
    format!("gridlamp:{{{COUNTY}}}:{key}")
}
