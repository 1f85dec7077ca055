//! `cargo xtask fuzz`: random bytes for every parser that meets the outside, for as long as asked.
//! The targets themselves are in fuzz/.

use anyhow::Result;

use crate::{app, tools};

/// Builds the runner and runs it.
pub fn run(args: &[String]) -> Result<()> {
    app::ensure_dist_folder()?;
    let mut runner = tools::cargo(&["run", "--package", "fuzz", "--bin", "fuzz", "--"]);
    tools::run(runner.args(args))
}
