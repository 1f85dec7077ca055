//! `gridlamp sample`: the sample county as a pack, or a first pack for a real county from its
//! outline and its list of villages. Cells are synthetic either way and marked so; the sample county
//! has units too, made up like the rest of it.

mod units;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use geodata::crs::Crs;
use geodata::sample::{self, SamplePack, VillageRow};

/// The seed of the sample county, unless told otherwise.
pub(super) const SEED: u64 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write to; made if it is not there.
    folder: PathBuf,
    /// Another seed makes another county.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// A real county's outline, GeoJSON.
    #[arg(long, requires = "villages")]
    outline: Option<PathBuf>,
    /// The outline's coordinate system: wgs84, gcj02 or bd09.
    #[arg(long, default_value = "wgs84", value_parser = crs)]
    crs: Crs,
    /// Its villages, CSV: 12-digit code, name, 9-digit township code, township name.
    #[arg(long, requires = "outline")]
    villages: Option<PathBuf>,
    /// Grids in a village, on average.
    #[arg(long, default_value_t = 3.6)]
    grids_per_village: f64,
}

fn crs(text: &str) -> Result<Crs, String> {
    serde_json::from_value(text.into()).map_err(|_| "wgs84, gcj02 or bd09".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<i32> {
    let pack = match (&args.outline, &args.villages) {
        (Some(outline), Some(villages)) => {
            let text =
                fs::read_to_string(outline).with_context(|| outline.display().to_string())?;
            let rows = rows(villages)?;
            sample::from_polygon(&text, args.crs, &rows, args.grids_per_village, args.seed)?
        }
        _ => sample::county(args.seed),
    };
    write_pack(&args.folder, &pack)?;
    if args.outline.is_none() {
        put(&args.folder, "units.toml", &units::sample(&pack))?;
    }
    println!("{}", args.folder.display());
    Ok(0)
}

fn rows(path: &Path) -> anyhow::Result<Vec<VillageRow>> {
    let named = || path.display().to_string();
    let mut reader = csv::Reader::from_path(path).with_context(named)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.with_context(named)?;
        let cell = |i| record.get(i).unwrap_or_default().trim().to_owned();
        rows.push(VillageRow {
            code: cell(0),
            name: cell(1),
            township_code: cell(2),
            township: cell(3),
        });
    }
    Ok(rows)
}

/// Writes the sample county of `seed`, with the rules every pack starts from.
pub(super) fn write(folder: &Path, seed: u64) -> anyhow::Result<()> {
    let pack = sample::county(seed);
    write_pack(folder, &pack)?;
    put(folder, "units.toml", &units::sample(&pack))
}

fn write_pack(folder: &Path, pack: &SamplePack) -> anyhow::Result<()> {
    put(folder, "regions.geojson", &pack.regions_geojson)?;
    for (name, text) in &pack.layers {
        put(folder, name, text)?;
    }
    put(folder, "catalogue.toml", domain::pack::DEFAULT_CATALOGUE)?;
    put(folder, "calendar.toml", domain::pack::DEFAULT_CALENDAR)
}

fn put(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
