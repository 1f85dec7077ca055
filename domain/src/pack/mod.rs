//! The county pack: what is different from county to county, read once, checked in full, and from
//! then on only looked at. Reading files is the server's; drawing boundaries is `geodata`.

pub mod calendar;
pub mod catalogue;
pub mod duties;
mod fault;
pub mod limits;
pub mod notices;
pub mod orgs;
#[cfg(any(test, feature = "pack-toml"))]
mod read;
pub mod sessions;
#[cfg(test)]
pub(crate) mod testing;
pub mod units;

use geodata::region::{Code, RegionTree};
use serde::{Deserialize, Serialize};

use calendar::{CalendarFile, WorkCalendar};
use catalogue::{Catalogue, CatalogueFile};
use duties::{Duties, DutiesFile};
pub use fault::PackFault;
use limits::LampRules;
use orgs::{Orgs, OrgsFile, usual};
#[cfg(any(test, feature = "pack-toml"))]
pub use read::{DEFAULT_CALENDAR, DEFAULT_CATALOGUE, PackTexts};
use units::{Units, UnitsFile};

/// One county and its rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct County {
    /// Its region code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// Its regions.
    pub tree: RegionTree,
    /// Its organisations and people.
    pub orgs: Orgs,
    /// What can be reported.
    pub catalogue: Catalogue,
    /// Who is responsible for what.
    pub duties: Duties,
    /// When its offices are open.
    pub calendar: WorkCalendar,
    /// When lamps turn.
    pub lamp_rules: LampRules,
    /// Who can be sent.
    pub units: Units,
}

/// The files of a pack, as values. What a county has no file for is its file's `Default`.
#[derive(Clone, PartialEq, Debug)]
pub struct PackFiles {
    /// `orgs.toml`.
    pub orgs: OrgsFile,
    /// `catalogue.toml`.
    pub catalogue: CatalogueFile,
    /// `duties.toml`.
    pub duties: DutiesFile,
    /// `calendar.toml`.
    pub calendar: CalendarFile,
    /// `units.toml`.
    pub units: UnitsFile,
}

/// The same, with nothing where a file could not be read.
struct Parts {
    orgs: Option<OrgsFile>,
    catalogue: Option<CatalogueFile>,
    duties: Option<DutiesFile>,
    calendar: Option<CalendarFile>,
    units: Option<UnitsFile>,
}

impl County {
    /// Puts a county together.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn from_parts(tree: RegionTree, files: PackFiles) -> Result<Self, Vec<PackFault>> {
        let parts = Parts {
            orgs: Some(files.orgs),
            catalogue: Some(files.catalogue),
            duties: Some(files.duties),
            calendar: Some(files.calendar),
            units: Some(files.units),
        };
        Self::assemble(tree, parts, Vec::new())
    }

    /// Checks all that could be read, each file alone and then against the others.
    fn assemble(
        tree: RegionTree,
        parts: Parts,
        mut faults: Vec<PackFault>,
    ) -> Result<Self, Vec<PackFault>> {
        let catalogue = keep(parts.catalogue.map(Catalogue::new), &mut faults);
        let calendar = keep(parts.calendar.map(WorkCalendar::new), &mut faults);
        let duties = keep(parts.duties.map(Duties::new), &mut faults);
        let platforms = catalogue.as_ref().map(Catalogue::platforms);
        let orgs = parts.orgs.map(|file| check_orgs(file, &tree, platforms));
        let orgs = keep(orgs, &mut faults);
        if let (Some(orgs), Some(duties), Some(catalogue)) = (&orgs, &duties, &catalogue) {
            faults.extend(duties.check_names(&tree, orgs, catalogue));
        }
        let units = orgs.as_ref().zip(parts.units);
        let units = keep(
            units.map(|(orgs, file)| Units::new(file, orgs)),
            &mut faults,
        );
        match (catalogue, calendar, duties, orgs, units) {
            (Some(catalogue), Some(calendar), Some(duties), Some(orgs), Some(units))
                if faults.is_empty() =>
            {
                let (code, name) = (tree.county().code, tree.county().name.clone());
                let lamp_rules = catalogue.lamps();
                Ok(Self {
                    code,
                    name,
                    tree,
                    orgs,
                    catalogue,
                    duties,
                    calendar,
                    lamp_rules,
                    units,
                })
            }
            _ => Err(faults),
        }
    }
}

fn check_orgs(
    file: OrgsFile,
    tree: &RegionTree,
    platforms: Option<Vec<(String, String)>>,
) -> Result<Orgs, Vec<PackFault>> {
    let platforms = platforms.unwrap_or_else(usual::platforms);
    let file = if file.fill {
        usual::fill(file, tree, &platforms)
    } else {
        file
    };
    let orgs = Orgs::new(file)?;
    let faults = orgs.check_regions(tree);
    if faults.is_empty() {
        Ok(orgs)
    } else {
        Err(faults)
    }
}

fn keep<T>(read: Option<Result<T, Vec<PackFault>>>, faults: &mut Vec<PackFault>) -> Option<T> {
    read?.map_err(|new| faults.extend(new)).ok()
}
