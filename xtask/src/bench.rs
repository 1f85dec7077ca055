//! `cargo xtask bench`: runs the benches of each crate in the `demo` profile; each prints its own
//! table of ratios. What a figure means is written beside the bench that makes it.

use anyhow::{Result, bail};

use crate::tools::{self, Steps};
use crate::{app, demo};

/// Package and folder, in the order they are run.
const BENCHED: [(&str, &str); 3] = [
    ("geodata", "geodata"),
    ("domain", "domain"),
    ("gridlamp", "backend"),
];

/// What is measured in a real browser, beside the packages.
const BROWSER: &str = "browser";

/// Runs the benches of the named packages, or of all; `browser` among them takes its figures in a
/// real browser, which the rest do without.
pub fn run(packages: &[String]) -> Result<()> {
    if let Some(unknown) = packages
        .iter()
        .filter(|name| *name != BROWSER)
        .find(|name| BENCHED.iter().all(|(known, _)| known != name))
    {
        bail!("no benches in {unknown}: choose among geodata, domain, gridlamp, browser");
    }
    if packages.iter().any(|name| name == BROWSER) {
        browser()?;
        if packages.len() == 1 {
            return Ok(());
        }
    }
    let chosen: Vec<_> = BENCHED
        .iter()
        .filter(|(name, _)| packages.is_empty() || packages.iter().any(|wanted| wanted == name))
        .filter(|(_, folder)| tools::root().join(folder).join("benches").is_dir())
        .collect();
    if chosen.iter().any(|(name, _)| *name == "gridlamp") {
        app::ensure_dist_folder()?;
    }
    let mut steps = Steps::new(chosen.len());
    for (name, _) in chosen {
        steps.try_it(&format!("Benches of {name}"), || {
            tools::run(&mut tools::cargo(&[
                "bench",
                "--package",
                name,
                "--profile",
                "demo",
                "--benches",
                // A bench whose feature is off is passed over without a word.
                "--all-features",
            ]))
        });
    }
    steps.finish()
}

/// From XADD to a painted lamp, and the page's memory over a simulated day.
fn browser() -> Result<()> {
    let mut steps = Steps::new(5);
    steps.must(
        "Set-up: Redis, Chromium, a Chinese face",
        tools::ensure_system_packages,
    )?;
    steps.must("Set-up: Rust's wasm target, npm packages", demo::set_up)?;
    steps.must("Build the browser app", || app::build(app::Mode::Release))?;
    steps.must("Build the server", || demo::build_server("demo"))?;
    steps.try_it("Figures in a real browser", || {
        crate::test::playwright("e2e/figures.config.ts", "demo", &[])
    });
    steps.finish()
}
