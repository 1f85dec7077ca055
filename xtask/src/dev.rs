//! `cargo xtask dev`: the edit loop. Builds quickly, serves the demo from `dist/` on disk, and on a
//! change rebuilds only what it touches and starts the server anew; the page reloads by itself when
//! it meets a server of another version. A build that fails leaves the last good one running.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::{EventKind, RecursiveMode, Watcher};

use crate::app::{self, Mode};
use crate::demo;
use crate::tools;

const WATCHED: [&str; 5] = ["frontend", "style", "domain", "geodata", "backend"];

/// An editor writes in bursts: a change counts once it has been quiet for this long.
const QUIET_MS: u64 = 200;

/// What a change asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    app: bool,
    server: bool,
}

impl Work {
    const ALL: Work = Work {
        app: true,
        server: true,
    };

    fn of(path: &Path) -> Self {
        let is_source = path
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|ext| {
                ["rs", "toml", "css", "html", "js", "mjs", "svg", "json"].contains(&ext)
            });
        let room = path
            .components()
            .next()
            .and_then(|part| part.as_os_str().to_str())
            .unwrap_or_default();
        match room {
            _ if !is_source => Work::default(),
            "frontend" | "style" => Work {
                app: true,
                server: false,
            },
            "domain" | "geodata" => Work::ALL,
            "backend" => Work {
                app: false,
                server: true,
            },
            _ => Work::default(),
        }
    }

    fn and(self, other: Self) -> Self {
        Work {
            app: self.app || other.app,
            server: self.server || other.server,
        }
    }

    fn is_none(self) -> bool {
        self == Work::default()
    }
}

/// Builds, serves and watches until interrupted.
pub fn run(args: &[String]) -> Result<()> {
    demo::set_up()?;
    app::ensure_dist_folder()?;
    let (sender, changes) = channel();
    let root = tools::root();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too; only writing counts.
        if let Ok(event) = event
            && !matches!(event.kind, EventKind::Access(_))
        {
            event
                .paths
                .into_iter()
                .for_each(|path| drop(sender.send(path)));
        }
    })?;
    for room in WATCHED {
        watcher
            .watch(&root.join(room), RecursiveMode::Recursive)
            .with_context(|| format!("{room}/ cannot be watched"))?;
    }
    let mut server: Option<Child> = None;
    let mut work = Work::ALL;
    loop {
        match make(work) {
            Ok(()) => {
                stop(server.take());
                server = Some(start(args)?);
            }
            Err(error) => eprintln!(
                "xtask: {error:#}\n       the last good build goes on; waiting for the next change"
            ),
        }
        work = next_change(&changes, &root)?;
    }
}

fn make(work: Work) -> Result<()> {
    if work.app {
        app::build(Mode::Dev)?;
    }
    if work.server {
        demo::build_server("dev")?;
    }
    Ok(())
}

/// A server of the dev profile reads `dist/` from disk, so a change of the app needs no new server
/// binary, only a new start that tells the page its version.
fn start(args: &[String]) -> Result<Child> {
    tools::command(tools::server_binary("debug"))
        .arg("demo")
        .args(args)
        .spawn()
        .context("the built server could not be started")
}

/// kill -9 is fair: the server promises to survive it.
fn stop(server: Option<Child>) {
    if let Some(mut server) = server {
        let _ = server.kill();
        let _ = server.wait();
    }
}

/// Waits for a change that asks for work, and for the burst it belongs to.
fn next_change(changes: &Receiver<PathBuf>, root: &Path) -> Result<Work> {
    let work_of = |path: &Path| Work::of(path.strip_prefix(root).unwrap_or(path));
    let mut work = Work::default();
    while work.is_none() {
        work = work_of(&changes.recv().context("the watcher ended")?);
    }
    loop {
        match changes.recv_timeout(Duration::from_millis(QUIET_MS)) {
            Ok(path) => work = work.and(work_of(&path)),
            Err(RecvTimeoutError::Timeout) => return Ok(work),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the watcher ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_rebuilds_only_what_it_touches() {
        assert_eq!(
            Work::of(Path::new("style/wall.css")),
            Work {
                app: true,
                server: false
            }
        );
        assert_eq!(Work::of(Path::new("domain/src/lamp.rs")), Work::ALL);
        assert_eq!(
            Work::of(Path::new("backend/src/hub.rs")),
            Work {
                app: false,
                server: true
            }
        );
        assert!(Work::of(Path::new("backend/src/.hub.rs.swp")).is_none());
    }
}
