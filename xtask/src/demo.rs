//! `cargo xtask demo`: from a fresh machine to a living sample county. The day itself is played by
//! the server; this only sets up, builds and starts it.

use anyhow::Result;

use crate::app;
use crate::tools::{self, Steps};

/// Sets up, builds, and becomes `gridlamp demo` with the given arguments.
pub fn run(args: &[String]) -> Result<()> {
    let mut steps = Steps::new(4);
    steps.must("Set-up: Rust's wasm target, npm packages", set_up)?;
    steps.must("Build the browser app", || app::build(app::Mode::Release))?;
    steps.must("Build the server", || build_server("demo"))?;
    steps.must("Start", || Ok(()))?;
    let mut server = tools::command(tools::server_binary("demo"));
    server.arg("demo").args(args);
    become_it(&mut server)
}

/// What both the app and the server need before they build.
pub fn set_up() -> Result<()> {
    tools::ensure_node_modules()?;
    tools::ensure_wasm_target()
}

/// Builds the server with the app embedded; `dist/` must stand.
pub fn build_server(profile: &str) -> Result<()> {
    tools::run(&mut tools::cargo(&[
        "build",
        "--package",
        "gridlamp",
        "--profile",
        profile,
    ]))
}

/// Replaces this process, so that Ctrl-C and signals reach the server itself.
#[cfg(unix)]
fn become_it(server: &mut std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(anyhow::Error::new(server.exec()).context("the built server could not be started"))
}

#[cfg(not(unix))]
fn become_it(server: &mut std::process::Command) -> Result<()> {
    tools::run(server)
}
