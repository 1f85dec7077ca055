//! What the commands share: the root, running programs, numbered steps, and installing what a fresh
//! machine lacks. Knows nothing of what is built.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The oldest Node that builds the app.
const NODE_AT_LEAST: u32 = 20;

/// The workspace's folder.
pub fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent()
        .map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Cargo's target folder.
pub fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The server binary of the `demo` profile, whether or not it is built yet.
pub fn server_binary(profile_dir: &str) -> PathBuf {
    target_dir()
        .join(profile_dir)
        .join(format!("gridlamp{}", env::consts::EXE_SUFFIX))
}

/// An empty folder at this place, whatever stood there.
pub fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

/// A command started in the workspace's folder.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the same one that runs this.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs to the end; a failure names the command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line_of(command);
    let status = command
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a command prints, trimmed; `None` when it cannot run or fails.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where the first of these programs stands on PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// The first 12 hex digits of the content's SHA-256: enough to name a file by.
pub fn short_hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))[..12].to_owned()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `1.2 s`, `1 min 04 s`.
pub fn elapsed(time: Duration) -> String {
    let secs = time.as_secs();
    if secs < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", secs / 60, secs % 60)
    }
}

/// Numbered steps with the time each took, so that a long set-up shows where it is.
pub struct Steps {
    total: usize,
    started: Instant,
    done: Vec<(String, Duration, Option<String>)>,
}

impl Steps {
    /// Begins a run of `total` steps.
    pub fn new(total: usize) -> Self {
        Self {
            total,
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// A step that the rest depends on: its failure ends the run.
    pub fn must(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let result = self.time(name, work);
        result.with_context(|| format!("step “{name}” failed"))
    }

    /// A step whose failure is told at the end, after the others had their turn.
    pub fn try_it(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = self.time(name, work) {
            eprintln!("      FAILED: {error:#}");
        }
    }

    fn time(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("[{}/{}] {name}", self.done.len() + 1, self.total);
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        println!(
            "      {} (total {})",
            elapsed(took),
            elapsed(self.started.elapsed())
        );
        let why = result.as_ref().err().map(|error| format!("{error:#}"));
        self.done.push((name.to_owned(), took, why));
        result
    }

    /// One line a step, and an error when any failed.
    pub fn finish(&self) -> Result<()> {
        println!();
        for (name, took, why) in &self.done {
            let took = elapsed(*took);
            match why {
                None => println!("ok      {name} ({took})"),
                Some(why) => println!("FAILED  {name} ({took}): {why}"),
            }
        }
        println!("total   {}", elapsed(self.started.elapsed()));
        let failed = self.done.iter().filter(|(_, _, why)| why.is_some()).count();
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.done.len());
        }
        Ok(())
    }
}

/// The wasm target, by rustup where it is missing.
pub fn ensure_wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot =
        output_of(command(rustc).args(["--print", "sysroot"])).context("rustc did not answer")?;
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    if find(&["rustup"]).is_none() {
        bail!(
            "Rust's {TARGET} target is missing and rustup is not on PATH: install Rust by rustup (https://rustup.rs)"
        );
    }
    run(command("rustup").args(["target", "add", TARGET]))
}

/// Node and npm, new enough; a sentence with the remedy otherwise.
pub fn ensure_node() -> Result<()> {
    let Some(version) = output_of(command("node").arg("--version")) else {
        bail!(
            "Node.js is not on PATH: install Node {NODE_AT_LEAST} or newer (https://nodejs.org) and run this again"
        );
    };
    if major(&version).is_none_or(|major| major < NODE_AT_LEAST) {
        bail!(
            "Node {version} is too old: install Node {NODE_AT_LEAST} or newer (https://nodejs.org) and run this again"
        );
    }
    if output_of(npm().arg("--version")).is_none() {
        bail!(
            "npm is not on PATH though node is: install the npm that comes with Node {NODE_AT_LEAST}"
        );
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// npm, by the name it has here.
pub fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// `npm ci`, unless node_modules was already made from this very lock file.
pub fn ensure_node_modules() -> Result<()> {
    ensure_node()?;
    let lock =
        fs::read(root().join("package-lock.json")).context("package-lock.json is missing")?;
    let want = short_hash(&lock);
    let mark = root().join("node_modules/.gridlamp-lock");
    if fs::read_to_string(&mark).is_ok_and(|have| have == want) {
        return Ok(());
    }
    let quiet = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];
    run(npm().args(quiet))
        .context("the npm packages could not be installed; is the npm registry reachable?")?;
    fs::write(mark, want)?;
    Ok(())
}

/// One thing that the tests need from the system.
struct SystemNeed {
    package: &'static str,
    present: fn() -> bool,
}

const SYSTEM_NEEDS: [SystemNeed; 3] = [
    SystemNeed {
        package: "redis-server",
        present: || find(&["redis-server"]).is_some(),
    },
    SystemNeed {
        package: "chromium",
        present: || browser().is_some(),
    },
    SystemNeed {
        package: "fonts-noto-cjk",
        present: has_chinese_face,
    },
];

/// The browser the journeys drive: `CHROMIUM`, or a Chromium or Chrome on PATH.
pub fn browser() -> Option<PathBuf> {
    env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| {
        find(&[
            "chromium",
            "chromium-browser",
            "google-chrome-stable",
            "google-chrome",
        ])
    })
}

fn has_chinese_face() -> bool {
    // Without fontconfig there is nobody to ask; then the system's own faces must do.
    find(&["fc-list"]).is_none()
        || output_of(command("fc-list").arg(":lang=zh")).is_some_and(|list| !list.is_empty())
}

/// Redis, Chromium and a Chinese face: installed by apt where that may be, else the command to run.
pub fn ensure_system_packages() -> Result<()> {
    let missing: Vec<&str> = SYSTEM_NEEDS
        .iter()
        .filter(|need| !(need.present)())
        .map(|need| need.package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y {}",
        missing.join(" ")
    );
    let Some(prefix) = find(&["apt-get"]).and_then(|_| root_prefix()) else {
        if cfg!(target_os = "macos") {
            bail!(
                "the tests need {}: run `brew install redis chromium`",
                missing.join(", ")
            );
        }
        bail!(
            "the tests need {}: run `{by_hand}` (or your system's equivalent), then this again",
            missing.join(", ")
        );
    };
    println!("      installing {}", missing.join(", "));
    apt(prefix, &["update", "-qq"])?;
    let install: Vec<&str> = ["install", "-y", "-qq", "--no-install-recommends"]
        .into_iter()
        .chain(missing.iter().copied())
        .collect();
    apt(prefix, &install).with_context(|| format!("run `{by_hand}` by hand"))?;
    if let Some(still) = SYSTEM_NEEDS.iter().find(|need| !(need.present)()) {
        bail!(
            "{} was installed but is still not found; run `{by_hand}` by hand and look at its output",
            still.package
        );
    }
    Ok(())
}

/// How to become root without asking anybody: not at all, or by a sudo that needs no password.
fn root_prefix() -> Option<&'static [&'static str]> {
    if output_of(command("id").arg("-u")).is_some_and(|id| id == "0") {
        return Some(&[]);
    }
    output_of(command("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

fn apt(prefix: &[&str], args: &[&str]) -> Result<()> {
    let line: Vec<&str> = prefix
        .iter()
        .copied()
        .chain(["apt-get"])
        .chain(args.iter().copied())
        .collect();
    let mut command = command(line[0]);
    command
        .args(&line[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!(elapsed(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(elapsed(Duration::from_secs(64)), "1 min 04 s");
    }

    #[test]
    fn node_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }

    #[test]
    fn a_failed_step_fails_the_run_but_not_the_next_step() {
        let mut steps = Steps::new(2);
        steps.try_it("one", || bail!("no"));
        steps.try_it("two", || Ok(()));
        assert_eq!(steps.done.len(), 2);
        assert!(steps.finish().is_err());
    }
}
