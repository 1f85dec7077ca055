//! A county for demos, tests and benches, the same for the same seed: outline, townships, villages,
//! grids, roads and a river, all marked synthetic. Also cuts synthetic cells out of a real outline
//! for real townships and villages, whose outlines are nowhere public.

mod cells;
mod divide;
mod faces;
mod land;
mod layers;
mod names;
mod write;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use cells::Cell;
use land::{Land, Spot};

use crate::boundary::outline_of;
use crate::crs::{Crs, Point};
use crate::plane::Polygon;
use crate::region::{Code, CodeError, Region, RegionTree, TreeError};

/// The code of the sample county; no real county has it.
pub const COUNTY_CODE: &str = "330899";
/// The name of the sample county.
pub const COUNTY_NAME: &str = "青溪县";
/// How many grids the sample county has.
pub const GRIDS: usize = 1100;
/// How many villages the sample county has.
pub const VILLAGES: usize = 300;

/// What a county pack says about places.
#[derive(Debug, Clone)]
pub struct SamplePack {
    /// The content of `regions.geojson`.
    pub regions_geojson: String,
    /// Name within the pack, such as `layers/roads.geojson`, and content.
    pub layers: Vec<(String, String)>,
    /// The regions in `regions_geojson`.
    pub tree: RegionTree,
}

/// One village of a real county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VillageRow {
    /// Its code, 12 digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of its township, 9 digits.
    pub township_code: String,
    /// The name of its township.
    pub township: String,
}

/// Why no county could be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The outline cannot be read; what is wrong with it.
    #[error("the outline cannot be used: {0}")]
    Outline(String),
    /// A row with a code that is none.
    #[error("the code {0:?} cannot be used: {1}")]
    Code(String, CodeError),
    /// A row whose codes do not fit each other or the other rows.
    #[error(
        "{0} does not fit: a village needs 12 digits that begin with its township's 9, all in one county"
    )]
    Row(String),
    /// Codes that make no tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// No rows, or fewer cells than villages.
    #[error("there must be villages, at least one grid for each, and at most 999")]
    Count,
}

/// A township to be, with its villages.
#[derive(Debug)]
struct TownshipPlan {
    code: Code,
    name: String,
    villages: Vec<(Code, String)>,
}

/// The sample county: 20 townships, 300 villages and 1,100 grids under 330899, from a seed.
///
/// # Panics
/// Never: its own codes make a tree.
pub fn county(seed: u64) -> SamplePack {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let outline = Polygon {
        outer: land::invented(&mut rng),
        holes: Vec::new(),
    };
    let land = Land::new(vec![outline]);
    let seat = land.spot(Point::new(118.957, 28.975));
    let county = Code::parse(COUNTY_CODE).expect("six digits");
    let plan = names::plan(county, VILLAGES, &mut rng);
    build(&land, seat, (county, COUNTY_NAME), &plan, GRIDS, &mut rng).expect("a sound plan")
}

/// Cuts synthetic cells out of a real county's outline for its real townships and villages.
///
/// `outline_geojson` is the first Polygon or MultiPolygon of a GeoJSON text in `crs`, its `name`
/// the county's; `grids_per_village` is a mean (at least 1), larger villages have more.
///
/// Public outlines are often rounded until they touch or overlap themselves. Such a one is cut apart
/// there first, and pieces below a thousandth of the largest are left out; one that still crosses
/// itself then is refused.
///
/// # Errors
/// When the outline or the rows cannot be used.
pub fn from_polygon(
    outline_geojson: &str,
    crs: Crs,
    villages: &[VillageRow],
    grids_per_village: f64,
    seed: u64,
) -> Result<SamplePack, SampleError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (polygons, name) = outline_of(outline_geojson, crs).map_err(SampleError::Outline)?;
    let (county, plan) = names::from_rows(villages)?;
    let count = (villages.len() as f64 * grids_per_village).round();
    if villages.is_empty() || !(villages.len() as f64..=100_000.0).contains(&count) {
        return Err(SampleError::Count);
    }
    let seat = crate::boundary::label_of(&polygons);
    let land = Land::new(polygons);
    let seat = land.spot(seat);
    build(
        &land,
        seat,
        (county, &name),
        &plan,
        count as usize,
        &mut rng,
    )
}

/// A village with its cells.
struct Village<'a> {
    code: Code,
    name: &'a str,
    cells: Vec<usize>,
}

fn build(
    land: &Land,
    seat: Spot,
    county: (Code, &str),
    plan: &[TownshipPlan],
    grids: usize,
    rng: &mut ChaCha8Rng,
) -> Result<SamplePack, SampleError> {
    let mut cells = cells::cut(land, seat, grids, rng);
    divide::link(&mut cells);
    let everything: Vec<usize> = (0..cells.len()).collect();
    let quotas: Vec<usize> = plan
        .iter()
        .map(|township| township.villages.len())
        .collect();
    let parts = divide::share(&cells, &everything, seat, &quotas);
    let mut villages = Vec::new();
    let mut centres = Vec::new();
    for (township, part) in plan.iter().zip(parts) {
        let centre = divide::centre(&cells, &part);
        centres.push((cells[centre].middle, township.name.as_str()));
        let shares = divide::share(
            &cells,
            &part,
            cells[centre].middle,
            &vec![1; township.villages.len()],
        );
        if shares.len() < township.villages.len() || shares.iter().any(|share| share.len() > 999) {
            return Err(SampleError::Count);
        }
        for ((code, name), cells_of) in township.villages.iter().zip(shares) {
            villages.push(Village {
                code: *code,
                name,
                cells: in_reading_order(&cells, cells_of),
            });
        }
    }
    let regions = regions(county, plan, &villages)?;
    let regions_geojson = write::regions(&regions, land, &cells, &villages);
    let layers = layers::all(land, seat, &centres, rng);
    Ok(SamplePack {
        regions_geojson,
        layers,
        tree: RegionTree::new(regions)?,
    })
}

/// Cells numbered as one reads: from the north, then from the west.
fn in_reading_order(cells: &[Cell], mut these: Vec<usize>) -> Vec<usize> {
    these.sort_by(|a, b| {
        let ([ax, ay], [bx, by]) = (cells[*a].middle, cells[*b].middle);
        by.total_cmp(&ay).then(ax.total_cmp(&bx))
    });
    these
}

fn regions(
    county: (Code, &str),
    plan: &[TownshipPlan],
    villages: &[Village],
) -> Result<Vec<Region>, SampleError> {
    let region = |code: Code, name: &str| Region {
        code,
        name: name.to_owned(),
        level: code.level(),
    };
    let mut regions = vec![region(county.0, county.1)];
    regions.extend(
        plan.iter()
            .map(|township| region(township.code, &township.name)),
    );
    for village in villages {
        regions.push(region(village.code, village.name));
        for number in 1..=village.cells.len() as u16 {
            let code = village.code.child(number).ok_or(SampleError::Count)?;
            regions.push(region(code, &names::grid(usize::from(number))));
        }
    }
    Ok(regions)
}

#[cfg(test)]
mod tests;
