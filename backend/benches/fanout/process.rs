//! Processes under measurement: what they use, and that none outlives the bench.

use std::collections::BTreeMap;
use std::io;
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

use crate::Sent;

/// Linux counts CPU time for programs in hundredths of a second.
const TICKS_PER_SEC: f64 = 100.0;

/// What a process has used so far.
pub struct Usage {
    pub cpu_secs: f64,
    pub rss_bytes: u64,
}

impl Usage {
    pub fn of(pid: u32) -> io::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: f64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let rss_kib: u64 = status
            .lines()
            .find_map(|line| {
                line.strip_prefix("VmRSS:")?
                    .split_whitespace()
                    .next()?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        Ok(Self {
            cpu_secs: ticks / TICKS_PER_SEC,
            rss_bytes: rss_kib * 1024,
        })
    }
}

/// CPU seconds that the threads of a process have used so far, those of one name together.
pub fn cpu_by_thread(pid: u32) -> io::Result<BTreeMap<String, f64>> {
    let mut used = BTreeMap::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let folder = task?.path();
        // A thread may end between the listing and the look.
        let (Ok(name), Ok(times)) = (
            std::fs::read_to_string(folder.join("comm")),
            std::fs::read_to_string(folder.join("schedstat")),
        ) else {
            continue;
        };
        let nanos: f64 = times
            .split_whitespace()
            .next()
            .and_then(|field| field.parse().ok())
            .unwrap_or(0.0);
        *used.entry(name.trim().to_owned()).or_default() += nanos / 1e9;
    }
    Ok(used)
}

/// A child process that ends with its owner.
pub struct Guard(pub Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Nanoseconds of the clock that all processes of the machine share.
pub fn now_ns() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |elapsed| elapsed.as_nanos() as u64)
}

/// Sends at a rate: each time it is behind, `send` gets how many to send at once.
pub fn pace(
    rate: u64,
    seconds: u64,
    mut send: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<Sent> {
    let total = rate * seconds;
    let start = Instant::now();
    let mut sent = 0;
    let mut last_ns = now_ns();
    while sent < total {
        let due = ((start.elapsed().as_secs_f64() * rate as f64) as u64 + 1).min(total);
        if due > sent {
            last_ns = now_ns();
            send(due - sent)?;
            sent = due;
        }
        let next = start + Duration::from_secs_f64(sent as f64 / rate as f64);
        let wait = next.saturating_duration_since(Instant::now());
        std::thread::sleep(wait.max(Duration::from_micros(200)));
    }
    Ok(Sent {
        messages: total,
        took: start.elapsed(),
        last_ns,
    })
}
