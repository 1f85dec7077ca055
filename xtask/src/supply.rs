//! What others wrote and we ship: licences, sources, and faults that are publicly known. The lists of
//! known faults lie outside; where they can't be reached that is said, and nothing is called sound.

use std::env;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tools;

/// The version that the checks are known to work with.
const CARGO_DENY: &str = "0.20.2";
/// Where the Rust project keeps known faults of crates.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";
/// Names a copy of it: a folder with a git repository, or an address that git can clone.
const ADVISORIES_FROM: &str = "GRIDLAMP_ADVISORY_DB";
/// How long the list may take to answer before it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(20);

/// Licences, sources, and crates that may not be used.
pub fn licences() -> Result<()> {
    ensure_cargo_deny()?;
    tools::run(&mut cargo_deny(&["licenses", "bans", "sources"]))
}

/// Faults that are publicly known, of crates and of npm packages.
pub fn known_faults() -> Result<()> {
    let crates = crates();
    let packages = packages();
    crates.and(packages)
}

fn cargo_deny(checks: &[&str]) -> Command {
    let mut command = tools::cargo(&["deny", "--locked", "check", "--hide-inclusion-graph"]);
    command.args(checks);
    command
}

/// Builds cargo-deny where it is missing; some minutes, once a machine.
fn ensure_cargo_deny() -> Result<()> {
    let have = tools::output_of(&mut tools::cargo(&["deny", "--version"]));
    if have.is_some_and(|have| have.ends_with(CARGO_DENY)) {
        return Ok(());
    }
    println!("      building cargo-deny {CARGO_DENY}");
    let name = format!("cargo-deny@{CARGO_DENY}");
    tools::run(&mut tools::cargo(&[
        "install", "--quiet", "--locked", &name,
    ]))
    .context("cargo-deny could not be built; is the registry of crates reachable?")
}

fn crates() -> Result<()> {
    ensure_cargo_deny()?;
    let mut check = cargo_deny(&["advisories"]);
    if let Some(copy) = env::var_os(ADVISORIES_FROM) {
        let copy = copy.to_string_lossy().into_owned();
        // git reads from the copy wherever it is asked for the list itself.
        check
            .env("GIT_CONFIG_COUNT", "1")
            .env(
                "GIT_CONFIG_KEY_0",
                format!("url.{}.insteadOf", address(&copy)),
            )
            .env("GIT_CONFIG_VALUE_0", ADVISORIES);
    } else if !answers(tools::command("git").args(["ls-remote", "--exit-code", ADVISORIES, "main"]))
    {
        println!(
            "      SKIPPED: the list of known faults of crates is out of reach. Set {ADVISORIES_FROM} to a copy of it"
        );
        return Ok(());
    }
    tools::run(&mut check)
}

/// A folder as git's address.
fn address(copy: &str) -> String {
    if copy.contains("://") {
        return copy.to_owned();
    }
    let folder = std::path::absolute(copy).unwrap_or_else(|_| copy.into());
    format!("file://{}", folder.display())
}

/// Whether a command succeeds within [`PATIENCE`].
fn answers(command: &mut Command) -> bool {
    let child = command
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn packages() -> Result<()> {
    let patience = format!("--fetch-timeout={}", PATIENCE.as_millis());
    let output = tools::npm()
        .args(["audit", "--json", "--fetch-retries=0", &patience])
        .stderr(Stdio::null())
        .output()
        .context("npm could not be started")?;
    match judge(&String::from_utf8_lossy(&output.stdout)) {
        None => {
            println!("      SKIPPED: the list of known faults of npm packages is out of reach");
            Ok(())
        }
        Some(faulty) if faulty.is_empty() => Ok(()),
        Some(faulty) => bail!(
            "npm packages with grave known faults: {}",
            faulty.join(", ")
        ),
    }
}

/// The packages with faults that npm calls high or critical; none when its answer holds no list.
fn judge(answer: &str) -> Option<Vec<String>> {
    let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
    let found = answer.get("vulnerabilities")?.as_object()?;
    let is_grave = |fault: &serde_json::Value| {
        fault
            .get("severity")
            .and_then(serde_json::Value::as_str)
            .is_some_and(|severity| matches!(severity, "high" | "critical"))
    };
    let grave = found.iter().filter(|(_, fault)| is_grave(fault));
    Some(grave.map(|(name, _)| name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_is_not_a_clean_list() {
        assert_eq!(judge("{\"statusCode\":405,\"error\":{}}"), None);
        assert_eq!(judge("not json"), None);
        assert_eq!(judge("{\"vulnerabilities\":{}}"), Some(vec![]));
        let answer = r#"{"vulnerabilities":{"a":{"severity":"low"},"b":{"severity":"high"}}}"#;
        assert_eq!(judge(answer), Some(vec!["b".to_owned()]));
    }

    #[test]
    fn a_copy_is_a_folder_or_an_address() {
        assert_eq!(
            address("https://mirror.example/db"),
            "https://mirror.example/db"
        );
        assert_eq!(address("/srv/advisory-db"), "file:///srv/advisory-db");
    }
}
