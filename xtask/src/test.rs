//! `cargo xtask test`: everything a fresh machine needs to test, then every test. Failures of one
//! kind do not hide the others: all run, and the end says which failed.

use anyhow::{Context, Result};
use clap::Args;

use crate::tools::{self, Steps};
use crate::{app, demo};

/// Tests the server and the crates it stands on.
const SERVER: [&str; 4] = ["test", "--workspace", "--exclude", "frontend"];

/// Which tests to run.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Leave the browser's journeys out
    #[arg(long, conflicts_with = "only_e2e")]
    pub no_e2e: bool,
    /// Only the browser's journeys
    #[arg(long)]
    pub only_e2e: bool,
    /// Passed on to the journeys' runner, for example a file name
    #[arg(last = true)]
    pub playwright: Vec<String>,
}

/// Installs, builds, tests.
pub fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::new(count(options));
    all(&mut steps, options)?;
    steps.finish()
}

/// How many steps these options make.
pub fn count(options: &Options) -> usize {
    2 + if options.only_e2e { 0 } else { 2 } + if options.no_e2e { 0 } else { 3 }
}

/// The steps themselves, for a caller that adds its own before them.
pub fn all(steps: &mut Steps, options: &Options) -> Result<()> {
    steps.must(
        "Set-up: Redis, Chromium, a Chinese face",
        tools::ensure_system_packages,
    )?;
    steps.must("Set-up: Rust's wasm target, npm packages", demo::set_up)?;
    if !options.only_e2e {
        app::ensure_dist_folder()?;
        steps.try_it("Tests of the server and its crates", || {
            tools::run(tools::cargo(&SERVER).arg("--no-fail-fast"))
        });
        steps.try_it("Tests of the app's pure parts", || {
            tools::run(&mut tools::cargo(&[
                "test",
                "--package",
                "frontend",
                // The families' programs only list their screens.
                "--lib",
                "--no-fail-fast",
            ]))
        });
    }
    if !options.no_e2e {
        steps.must("Build the browser app", || app::build(app::Mode::Release))?;
        // The server that the tests above made, by the same command: its checks on overflow stay
        // on, it reads the app from dist/, and building it alone would build its crates anew,
        // without what tests ask of them.
        steps.must("Build the server", || {
            tools::run(tools::cargo(&SERVER).arg("--no-run"))
        })?;
        steps.try_it(
            "Journeys: a real browser, the real server, a real Redis",
            || playwright("e2e/playwright.config.ts", "debug", &options.playwright),
        );
    }
    Ok(())
}

/// Runs what a configuration of Playwright names, on the server in this folder of the target.
pub fn playwright(config: &str, build: &str, args: &[String]) -> Result<()> {
    let browser = tools::browser().context("no Chromium found")?;
    let mut runner = tools::command("node");
    runner
        .args(["node_modules/@playwright/test/cli.js", "test", "--config"])
        .arg(config)
        .args(args)
        .env("CHROMIUM", browser)
        .env("GRIDLAMP_BIN", tools::server_binary(build));
    tools::run(&mut runner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_by_what_runs() {
        assert_eq!(count(&Options::default()), 7);
        assert_eq!(
            count(&Options {
                no_e2e: true,
                ..Options::default()
            }),
            4
        );
        assert_eq!(
            count(&Options {
                only_e2e: true,
                ..Options::default()
            }),
            5
        );
    }
}
