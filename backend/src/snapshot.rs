//! Checkpoints of the World, so that a start folds the log from the newest one and not from the
//! beginning. A checkpoint is a cache: a missing or damaged one costs time and nothing else.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::world::World;
use serde::{Deserialize, Serialize};

use crate::log::Position;
use crate::replay::Keyframes;

/// A checkpoint is written after this many events.
const EVERY_EVENTS: usize = 20_000;
/// Or after this long, if anything happened.
const EVERY: Duration = Duration::from_mins(1);
/// The layout of a checkpoint; another one is passed over.
const FORMAT: u32 = 5;
/// Zstandard level: fast, a tenth of the size.
const LEVEL: i32 = 1;

/// What a checkpoint says before the world.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    epoch: String,
    position: String,
}

/// Where checkpoints are kept, and when the last one was.
#[derive(Debug)]
pub struct Checkpoints {
    path: PathBuf,
    epoch: String,
    since: usize,
    last: Instant,
    /// Where some are kept for whoever looks back.
    keyframes: Option<Keyframes>,
}

impl Checkpoints {
    /// Checkpoints of the log `epoch`, in `folder`.
    pub fn new(folder: &Path, epoch: &str) -> Self {
        Self::at(&folder.join("world.checkpoint"), epoch)
    }

    /// The one checkpoint of the log `epoch` at `path`.
    pub(crate) fn at(path: &Path, epoch: &str) -> Self {
        Self {
            path: path.to_owned(),
            epoch: epoch.to_owned(),
            since: 0,
            last: Instant::now(),
            keyframes: None,
        }
    }

    /// The same, leaving some for whoever looks back.
    #[must_use]
    pub fn with_keyframes(mut self, keyframes: Keyframes) -> Self {
        self.keyframes = Some(keyframes);
        self
    }

    /// The newest checkpoint of this log, if there is a sound one.
    pub fn read(&self) -> Option<(World, Position)> {
        match self.try_read() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "checkpoint passed over");
                None
            }
        }
    }

    fn try_read(&self) -> anyhow::Result<Option<(World, Position)>> {
        let Ok(file) = File::open(&self.path) else {
            return Ok(None);
        };
        let mut text = String::new();
        zstd::Decoder::new(file)?.read_to_string(&mut text)?;
        let (head, world) = text.split_once('\n').unwrap_or_default();
        let head: Head = serde_json::from_str(head)?;
        if head.format != FORMAT || head.epoch != self.epoch {
            return Ok(None);
        }
        let world = serde_json::from_str(world)?;
        Ok(Some((world, head.position.parse()?)))
    }

    /// Counts `events`, and writes a checkpoint in the background when it is time.
    pub fn after(&mut self, events: usize, world: &World, position: Position) {
        self.since += events;
        let due = self.since >= EVERY_EVENTS || self.since > 0 && self.last.elapsed() >= EVERY;
        if !due {
            return;
        }
        self.since = 0;
        self.last = Instant::now();
        let (path, epoch, world) = (self.path.clone(), self.epoch.clone(), world.clone());
        let keyframes = self.keyframes.clone();
        tokio::task::spawn_blocking(move || {
            store(&path, &epoch, &world, position);
            if let Some(keyframes) = keyframes {
                keyframes.leave(&world, position);
            }
        });
    }

    /// Writes a checkpoint now.
    pub fn write(&self, world: &World, position: Position) {
        store(&self.path, &self.epoch, world, position);
    }
}

/// Writes a checkpoint, or says in the log why not.
pub(crate) fn store(path: &Path, epoch: &str, world: &World, position: Position) {
    if let Err(error) = try_store(path, epoch, world, position) {
        tracing::warn!(path = %path.display(), %error, "no checkpoint was written");
    }
}

/// Written beside its place and renamed into it: a crash leaves the old one whole.
fn try_store(path: &Path, epoch: &str, world: &World, position: Position) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("writing");
    let head = Head {
        format: FORMAT,
        epoch: epoch.to_owned(),
        position: position.to_string(),
    };
    let mut out = zstd::Encoder::new(File::create(&beside)?, LEVEL)?;
    serde_json::to_writer(&mut out, &head)?;
    out.write_all(b"\n")?;
    serde_json::to_writer(&mut out, world)?;
    out.finish()?.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(())
}
