//! `gridlamp sample`: the sample county as a pack.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use geodata::sample;

/// The seed of the sample county, unless told otherwise.
pub(super) const SEED: u64 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write to; made if it is not there.
    folder: PathBuf,
    /// Another seed makes another county.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

pub(super) fn run(args: &Args) -> anyhow::Result<i32> {
    write(&args.folder, args.seed)?;
    println!("{}", args.folder.display());
    Ok(0)
}

/// Writes the sample county of `seed`, with the rules every pack starts from.
pub(super) fn write(folder: &Path, seed: u64) -> anyhow::Result<()> {
    let pack = sample::county(seed);
    put(folder, "regions.geojson", &pack.regions_geojson)?;
    for (name, text) in &pack.layers {
        put(folder, name, text)?;
    }
    put(folder, "catalogue.toml", domain::pack::DEFAULT_CATALOGUE)?;
    put(folder, "calendar.toml", domain::pack::DEFAULT_CALENDAR)?;
    Ok(())
}

fn put(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
