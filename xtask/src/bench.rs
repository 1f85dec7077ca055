//! `cargo xtask bench`: runs the benches of each crate in the `demo` profile; each prints its own
//! table of ratios. What a figure means is written beside the bench that makes it.

use anyhow::{Result, bail};

use crate::tools::{self, Steps};

/// Package and folder, in the order they are run.
const BENCHED: [(&str, &str); 3] = [
    ("geodata", "geodata"),
    ("domain", "domain"),
    ("gridlamp", "backend"),
];

/// Runs the benches of the named packages, or of all.
pub fn run(packages: &[String]) -> Result<()> {
    if let Some(unknown) = packages
        .iter()
        .find(|name| BENCHED.iter().all(|(known, _)| known != name))
    {
        bail!("no benches in {unknown}: choose among geodata, domain, gridlamp");
    }
    let chosen: Vec<_> = BENCHED
        .iter()
        .filter(|(name, _)| packages.is_empty() || packages.iter().any(|wanted| wanted == name))
        .filter(|(_, folder)| tools::root().join(folder).join("benches").is_dir())
        .collect();
    if chosen.iter().any(|(name, _)| *name == "gridlamp") {
        crate::app::ensure_dist_folder()?;
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
            ]))
        });
    }
    steps.finish()
}
