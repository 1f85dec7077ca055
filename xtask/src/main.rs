//! `cargo xtask`: set-up and checks. Each command is one file here; what the product does lives in
//! the other crates, and nothing here is shipped.

mod app;
mod bench;
mod bundle;
mod ci;
mod demo;
mod dev;
mod families;
mod fuzz;
mod supply;
mod test;
mod tidy;
mod tools;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set-up and checks for Gridlamp")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and serve a living sample county at http://127.0.0.1:8080
    Demo {
        /// Passed on to `gridlamp demo`, for example --speed 60
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Install what the tests need and run every test, the browser's included
    Test(test::Options),
    /// What the project's checks run: format, lints, tidy, supply chain, then every test
    Ci,
    /// Edit loop: build, serve the demo, rebuild and restart on every change
    Dev {
        /// Passed on to `gridlamp demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Check import edges, purity, colours, lengths, stray tests and forbidden words
    Tidy {
        /// Write the lengths found into the ratchet file where they went down
        #[arg(long)]
        lower: bool,
    },
    /// Random bytes for every parser that meets the outside
    Fuzz {
        /// Passed on: --seconds 300, --seed 7, names of targets
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run the benchmarks and print their tables
    Bench {
        /// Only these packages (geodata, domain, gridlamp), or browser: figures in a real browser
        packages: Vec<String>,
    },
    /// Build the browser app into dist/
    App {
        /// Quick and large, with debug names; for the edit loop
        #[arg(long)]
        dev: bool,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Demo { args } => demo::run(&args),
        Task::Test(options) => test::run(&options),
        Task::Ci => ci::run(),
        Task::Dev { args } => dev::run(&args),
        Task::Tidy { lower } => tidy::run(lower),
        Task::Fuzz { args } => fuzz::run(&args),
        Task::Bench { packages } => bench::run(&packages),
        Task::App { dev } => app::run(if dev {
            app::Mode::Dev
        } else {
            app::Mode::Release
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
