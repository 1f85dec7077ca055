//! `cargo xtask ci`: what the project's checks run. Cheap checks first, the README's test command
//! last; a failed check is told at the end, so that one run shows everything.

use anyhow::Result;

use crate::tools::{self, Steps};
use crate::{app, supply, test, tidy};

/// Format, lints, tidy, what others wrote, tests.
pub fn run() -> Result<()> {
    let options = test::Options::default();
    let mut steps = Steps::new(7 + test::count(&options));
    app::ensure_dist_folder()?;
    steps.must("Set-up: Rust's wasm target", tools::ensure_wasm_target)?;
    steps.try_it("Format", || cargo(&["fmt", "--all", "--check"]));
    steps.try_it("Tidy", || tidy::run(false));
    steps.try_it("Lints of the server and its crates", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--exclude",
            "frontend",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    });
    // The app depends on geodata and domain, so this also proves that they build for the browser.
    steps.try_it("Lints of the app, for the browser", || {
        cargo(&[
            "clippy",
            "--package",
            "frontend",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ])
    });
    steps.try_it("Licences and sources of every crate", supply::licences);
    steps.try_it("Known faults of what others wrote", supply::known_faults);
    test::all(&mut steps, &options)?;
    steps.finish()
}

fn cargo(args: &[&str]) -> Result<()> {
    tools::run(&mut tools::cargo(args))
}
