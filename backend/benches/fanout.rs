//! How fast and how cheaply what happened reaches those who listen.
//!
//! `sending` measures the sending half alone, beside a task and a channel for each connection, which is
//! what a websocket library under axum does by default (`sending fan-out` leaves those out). `spine`
//! measures the whole binary, from an entry in the Redis stream to the client; `GRIDLAMP_BIN` names
//! another binary than the one built with this bench, and `redis-server` must be on the path. The server
//! is a process of its own; all clients are one thread of this.
//!
//! Scenarios: (a) 200 subscribers, 500 messages a second; (b) 1,000 subscribers, stepped up to the highest
//! rate that loses nothing and is drained within 100 ms; (c) 5,000 idle connections; (d) as (a) while one in
//! twenty reads nothing; (e) 1,000 clients that come back one after the other.
//!
//! `steady [subscribers] [rate]` is (a) alone, several times, of three servers: the floor (bare sockets,
//! nothing else), the sending half and the whole binary. The medians are shown as ratios to the floor's,
//! with the CPU of each thread: what is above the floor is Gridlamp's own. Without a word it is `sending`
//! and then `steady`.
//!
//! `audiences [subscribers] [rate]` is the same load with all clients in one audience, and spread over
//! four that differ in what they may see; "of the floor" is then four as a ratio to one.

#[path = "fanout/audiences.rs"]
mod audiences;
#[path = "fanout/crowd.rs"]
mod crowd;
#[path = "fanout/floor.rs"]
mod floor;
#[path = "fanout/process.rs"]
mod process;
#[path = "fanout/sending.rs"]
mod sending;
#[path = "fanout/spine.rs"]
mod spine;
#[path = "fanout/steady.rs"]
mod steady;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crowd::Crowd;
use process::Usage;

/// Rates of scenario (b), in messages a second.
const STEPS: [u64; 14] = [
    100, 200, 400, 800, 1500, 2500, 3500, 4500, 5000, 5500, 6000, 6500, 7000, 8000,
];
const STEP_SECS: u64 = 3;
const DRAIN_LIMIT_MS: f64 = 100.0;

/// What a sender did.
#[derive(Clone, Copy, Debug)]
struct Sent {
    messages: u64,
    took: Duration,
    /// When the last was sent, in nanoseconds of the machine's clock.
    last_ns: u64,
}

/// A server under measurement and whoever makes it send.
trait Subject {
    fn name(&self) -> String;
    fn pid(&self) -> u32;
    fn address(&self) -> SocketAddr;
    /// The head of the handshake request.
    fn handshake(&self) -> String;
    /// Starts sending at a rate; the answer comes when all is sent.
    fn send(&mut self, rate: u64, seconds: u64) -> io::Result<mpsc::Receiver<Sent>>;
}

/// What one run of a rate showed.
struct Run {
    lost: u64,
    drain_ms: f64,
    /// Sending took this many times as long as planned.
    stretch: f64,
    deliveries_per_sec: f64,
    cpu_secs_per_million: f64,
    latency_ms_p50: f64,
    latency_ms_p99: f64,
}

impl Run {
    fn is_good(&self) -> bool {
        self.lost == 0 && self.drain_ms <= DRAIN_LIMIT_MS && self.stretch < 1.05
    }
}

fn run(subject: &mut dyn Subject, crowd: &mut Crowd, rate: u64, seconds: u64) -> io::Result<Run> {
    crowd.settle(Duration::from_millis(300))?;
    crowd.reset();
    let before = Usage::of(subject.pid())?;
    let sent = crowd.listen_until(&subject.send(rate, seconds)?)?;
    let after = Usage::of(subject.pid())?;
    let expected = sent.messages * crowd.hearing() as u64;
    let deliveries = crowd.received.max(1);
    crowd.latencies_us.sort_unstable();
    let drain_ns = crowd.last_received_ns.saturating_sub(sent.last_ns);
    Ok(Run {
        lost: expected.saturating_sub(crowd.received),
        drain_ms: drain_ns as f64 / 1e6,
        stretch: sent.took.as_secs_f64() / seconds as f64,
        deliveries_per_sec: deliveries as f64 / sent.took.as_secs_f64(),
        cpu_secs_per_million: (after.cpu_secs - before.cpu_secs) / deliveries as f64 * 1e6,
        latency_ms_p50: quantile_ms(&crowd.latencies_us, 0.50),
        latency_ms_p99: quantile_ms(&crowd.latencies_us, 0.99),
    })
}

fn quantile_ms(sorted_us: &[u32], quantile: f64) -> f64 {
    let index = (sorted_us.len().saturating_sub(1) as f64 * quantile).round() as usize;
    sorted_us
        .get(index)
        .map_or(f64::NAN, |us| f64::from(*us) / 1e3)
}

fn steady(subject: &mut dyn Subject, deaf: usize) -> io::Result<Run> {
    let mut crowd = Crowd::connect(subject.address(), &subject.handshake(), 200, deaf, 1)?;
    run(subject, &mut crowd, 500, 10)
}

/// The highest rate of 1,000 subscribers that is good. A rate that is not is tried once more, for the
/// machine may have been busy with something else.
fn stepped(subject: &mut dyn Subject) -> io::Result<Option<Run>> {
    let mut crowd = Crowd::connect(subject.address(), &subject.handshake(), 1000, 0, 16)?;
    let mut best = None;
    for rate in STEPS {
        let mut this = run(subject, &mut crowd, rate, STEP_SECS)?;
        tell(rate, &this);
        if !this.is_good() {
            this = run(subject, &mut crowd, rate, STEP_SECS)?;
            tell(rate, &this);
        }
        if !this.is_good() {
            break;
        }
        best = Some(this);
    }
    Ok(best)
}

fn tell(rate: u64, run: &Run) {
    println!(
        "    {rate:>5}/s: {:.2} M deliveries/s, lost {}, drained in {:.0} ms, p99 {:.1} ms, {:.3} CPU s/M, sending took {:.2}x",
        run.deliveries_per_sec / 1e6,
        run.lost,
        run.drain_ms,
        run.latency_ms_p99,
        run.cpu_secs_per_million,
        run.stretch,
    );
}

fn idle_bytes(subject: &dyn Subject) -> io::Result<f64> {
    const CONNECTIONS: usize = 5000;
    // A first few, so that what the server sets up once does not count.
    let mut first = Crowd::connect(subject.address(), &subject.handshake(), 50, 0, 1)?;
    first.settle(Duration::from_millis(500))?;
    let before = Usage::of(subject.pid())?;
    let mut crowd = Crowd::connect(subject.address(), &subject.handshake(), CONNECTIONS, 0, 1)?;
    crowd.settle(Duration::from_secs(3))?;
    let after = Usage::of(subject.pid())?;
    Ok((after.rss_bytes as f64 - before.rss_bytes as f64) / CONNECTIONS as f64)
}

fn comeback(subject: &dyn Subject) -> io::Result<Duration> {
    let start = Instant::now();
    Crowd::connect(subject.address(), &subject.handshake(), 1000, 0, 1)?;
    Ok(start.elapsed())
}

fn measure(mut subject: Box<dyn Subject>) -> io::Result<String> {
    let name = subject.name();
    println!("{name}");
    let idle = idle_bytes(&*subject)?;
    println!("  (c) {idle:.0} bytes a connection");
    let a = steady(&mut *subject, 0)?;
    println!(
        "  (a) p50 {:.2} ms, p99 {:.2} ms, {:.2} CPU s/M, lost {}",
        a.latency_ms_p50, a.latency_ms_p99, a.cpu_secs_per_million, a.lost
    );
    let d = steady(&mut *subject, 10)?;
    println!("  (d) p99 {:.2} ms, lost {}", d.latency_ms_p99, d.lost);
    let e = comeback(&*subject)?;
    println!("  (e) {:.0} ms", e.as_secs_f64() * 1e3);
    println!("  (b)");
    let b = stepped(&mut *subject)?;
    let b = b.map_or("none".to_owned(), |b| {
        format!(
            "{:.2} M | {:.1}, {:.3}",
            b.deliveries_per_sec / 1e6,
            b.latency_ms_p99,
            b.cpu_secs_per_million
        )
    });
    Ok(format!(
        "| {name} | {:.2} / {:.2} | {:.2} | {b} | {idle:.0} | {:.2} | {:.0} |",
        a.latency_ms_p50,
        a.latency_ms_p99,
        a.cpu_secs_per_million,
        d.latency_ms_p99,
        e.as_secs_f64() * 1e3
    ))
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", kind] => sending::serve_here(kind),
        ["spine"] => report(vec![spine()]),
        ["sending"] => report(vec![sending(sending::FANOUT), sending(sending::TASKS)]),
        ["sending", sending::FANOUT] => report(vec![sending(sending::FANOUT)]),
        ["steady", ref load @ ..] => beside_the_floor(load),
        ["audiences", ref load @ ..] => steady::compare(
            &[sending(audiences::ONE), sending(audiences::FOUR)],
            steady::Load::of(load)?,
        ),
        [] => {
            report(vec![sending(sending::FANOUT), sending(sending::TASKS)])?;
            beside_the_floor(&[])
        }
        _ => Err(io::Error::other(
            "say `sending`, `sending fan-out`, `spine`, `steady [subscribers] [rate]` or `audiences [subscribers] [rate]`",
        )),
    }
}

fn sending(kind: &'static str) -> Start {
    Box::new(move || Ok(Box::new(sending::Sending::start(kind)?)))
}

fn beside_the_floor(load: &[&str]) -> io::Result<()> {
    let mut starts = vec![sending(sending::FLOOR), sending(sending::FANOUT)];
    if spine::has_redis() {
        starts.push(spine());
    } else {
        println!("redis-server is not installed: `cargo xtask test` installs it");
    }
    steady::compare(&starts, steady::Load::of(load)?)
}

fn spine() -> Start {
    Box::new(|| Ok(Box::new(spine::Spine::start()?)))
}

type Start = Box<dyn Fn() -> io::Result<Box<dyn Subject>>>;

fn report(starts: Vec<Start>) -> io::Result<()> {
    let mut rows = Vec::new();
    for start in starts {
        rows.push(measure(start()?)?);
    }
    println!();
    println!(
        "| server | (a) p50 / p99 ms | (a) CPU s/M | (b) deliveries/s | (b) p99 ms, CPU s/M | (c) bytes/connection | (d) p99 ms | (e) ms |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        println!("{row}");
    }
    Ok(())
}
