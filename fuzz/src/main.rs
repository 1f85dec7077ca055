//! `cargo xtask fuzz`: the targets one after the other, for as long as asked.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use fuzz::runner::{self, Told};
use fuzz::targets::TARGETS;

#[derive(Parser)]
#[command(
    name = "fuzz",
    about = "Random bytes for every parser that meets the outside"
)]
struct Cli {
    /// For how long in all
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Another seed tries other bytes; the same one tries the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only these targets
    targets: Vec<String>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|target| cli.targets.is_empty() || cli.targets.iter().any(|t| t == target.name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("no such target; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let each = Duration::from_secs(cli.seconds) / chosen.len() as u32;
    let mut failed = false;
    for target in chosen {
        match runner::run(target, each, cli.seed) {
            Ok(tried) => println!("{:18} {tried} inputs", target.name),
            Err(Told { why, input }) => {
                failed = true;
                println!("{:18} FAILED: {why}", target.name);
                println!("  input ({} bytes): {}", input.len(), input.escape_ascii());
            }
        }
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
