//! Scenario (a) of several servers in turn, some times each: medians, ratios to the first, and which
//! threads the CPU time is of.

use std::collections::BTreeMap;
use std::io;

use crate::crowd::Crowd;
use crate::process::cpu_by_thread;
use crate::{Run, Start, Subject, run};

const RUNS: usize = 5;
const RUN_SECS: u64 = 6;

/// How many listen, and how many messages a second they get.
#[derive(Clone, Copy)]
pub struct Load {
    subscribers: usize,
    rate: u64,
}

impl Load {
    /// As the command line says: subscribers, then rate.
    pub fn of(words: &[&str]) -> io::Result<Self> {
        let number = |at: usize, default: u64| {
            words.get(at).map_or(Ok(default), |word| {
                word.parse()
                    .map_err(|_| io::Error::other(format!("{word} is no number")))
            })
        };
        Ok(Self {
            subscribers: number(0, 200)? as usize,
            rate: number(1, 500)?,
        })
    }
}

/// Medians of a server's runs.
struct Row {
    name: String,
    latency_ms_p50: f64,
    latency_ms_p99: f64,
    cpu_secs_per_million: f64,
    /// By thread name, of all runs together, per million deliveries.
    threads: BTreeMap<String, f64>,
    lost: u64,
}

/// Measures each and prints a table.
pub fn compare(starts: &[Start], load: Load) -> io::Result<()> {
    println!(
        "| {} subscribers, {}/s | p50 / p99 ms | CPU s/M | of the floor | lost | by thread |",
        load.subscribers, load.rate
    );
    println!("|---|---|---|---|---|---|");
    let mut floor = None;
    for start in starts {
        let row = measure(&mut *start()?, load)?;
        let base = *floor.get_or_insert(row.cpu_secs_per_million);
        let threads: Vec<String> = row
            .threads
            .iter()
            .filter(|(_, used)| **used >= 0.005)
            .map(|(name, used)| format!("{name} {used:.2}"))
            .collect();
        println!(
            "| {} | {:.2} / {:.2} | {:.2} | {:.2} | {} | {} |",
            row.name,
            row.latency_ms_p50,
            row.latency_ms_p99,
            row.cpu_secs_per_million,
            row.cpu_secs_per_million / base,
            row.lost,
            threads.join(", ")
        );
    }
    Ok(())
}

fn measure(subject: &mut dyn Subject, load: Load) -> io::Result<Row> {
    let (address, handshake) = (subject.address(), subject.handshake());
    let mut crowd = Crowd::connect(address, &handshake, load.subscribers, 0, 1)?;
    // Not measured: whatever is only done the first time.
    run(subject, &mut crowd, load.rate, 1)?;
    let before = cpu_by_thread(subject.pid())?;
    let runs = (0..RUNS)
        .map(|_| run(subject, &mut crowd, load.rate, RUN_SECS))
        .collect::<io::Result<Vec<Run>>>()?;
    let deliveries = load.subscribers as u64 * load.rate * RUN_SECS * RUNS as u64;
    let mut threads = cpu_by_thread(subject.pid())?;
    for (name, used) in &mut threads {
        *used -= before.get(name).copied().unwrap_or(0.0);
        *used *= 1e6 / deliveries as f64;
    }
    Ok(Row {
        name: subject.name(),
        latency_ms_p50: median(&runs, |run| run.latency_ms_p50),
        latency_ms_p99: median(&runs, |run| run.latency_ms_p99),
        cpu_secs_per_million: median(&runs, |run| run.cpu_secs_per_million),
        threads,
        lost: runs.iter().map(|run| run.lost).sum(),
    })
}

fn median(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
