//! `units.toml`: the teams and vehicles that can be sent. A county that writes none gets one duty
//! team for each of its units and platforms. Where they are and what they do is `deployment`'s.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fault::{Check, PackFault};
use super::orgs::{OrgId, OrgIdError, OrgKind, Orgs};

/// Most units of a county.
pub const MAX_UNITS: usize = 20_000;
/// Most members of one unit.
const MAX_MEMBERS: usize = 200;

/// Identifies a unit, in the form of an organisation's id. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(OrgId);

impl UnitId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UnitId {
    type Err = OrgIdError;

    fn from_str(text: &str) -> Result<Self, OrgIdError> {
        text.parse().map(Self)
    }
}

/// What a unit is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// People on foot or in whatever car is there.
    #[default]
    Team,
    /// A vehicle with a terminal.
    Vehicle,
    /// A boat.
    Boat,
    /// A drone.
    Drone,
}

/// A team or a vehicle.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: UnitKind,
    /// Whose it is.
    pub org: OrgId,
    /// Who belongs to it, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Its phone; shown to those with full clearance alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The phone number its vehicle terminal signs on with (JT/T 808), 12 or 20 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
}

/// `units.toml` as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsFile {
    /// Whether every unit and platform without one of its own gets a duty team.
    #[serde(default = "yes")]
    pub fill: bool,
    /// The units.
    #[serde(default)]
    pub unit: Vec<Unit>,
}

fn yes() -> bool {
    true
}

impl Default for UnitsFile {
    fn default() -> Self {
        Self {
            fill: true,
            unit: Vec::new(),
        }
    }
}

/// The units of a county, by id.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(Vec<Unit>);

impl Units {
    /// Checks what a county wrote and fills up what it left out.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn new(file: UnitsFile, orgs: &Orgs) -> Result<Self, Vec<PackFault>> {
        let mut check = Check::new("units.toml");
        check_all(&file, orgs, &mut check);
        let mut all = file.unit;
        if file.fill {
            fill(&mut all, orgs);
        }
        all.sort_by(|a, b| a.id.cmp(&b.id));
        check.done(Self(all))
    }

    /// One unit.
    pub fn get(&self, id: &UnitId) -> Option<&Unit> {
        self.0.get(self.place_of(id)?)
    }

    /// Its place in the list.
    pub fn place_of(&self, id: &UnitId) -> Option<usize> {
        self.0.binary_search_by(|unit| unit.id.cmp(id)).ok()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.0.iter()
    }

    /// Those of one organisation.
    pub fn of<'a>(&'a self, org: &'a OrgId) -> impl Iterator<Item = &'a Unit> {
        self.0.iter().filter(move |unit| unit.org == *org)
    }

    /// Whose vehicle terminal has this number.
    pub fn by_terminal(&self, terminal: &str) -> Option<&Unit> {
        let digits = |text: &str| text.trim_start_matches('0').to_owned();
        let wanted = digits(terminal);
        let mut all = self.0.iter();
        all.find(|unit| unit.terminal.as_deref().map(digits).as_ref() == Some(&wanted))
    }
}

fn check_all(file: &UnitsFile, orgs: &Orgs, check: &mut Check) {
    let (mut ids, mut terminals) = (HashSet::new(), HashSet::new());
    if file.unit.len() > MAX_UNITS {
        check.fault(
            "unit".to_owned(),
            format!("{} units are more than {MAX_UNITS}", file.unit.len()),
            "leave out those that are never sent",
        );
        return;
    }
    for (at, unit) in file.unit.iter().enumerate() {
        let path = |field: &str| format!("unit[{at}].{field}");
        if !ids.insert(&unit.id) {
            let message = format!("{} is there twice", unit.id);
            check.fault(path("id"), message, "give each unit an id of its own");
        }
        if orgs.get(&unit.org).is_none() {
            let message = format!("there is no organisation {}", unit.org);
            check.fault(path("org"), message, "correct it, or add it to orgs.toml");
        }
        if unit.name.trim().is_empty() || unit.name.chars().count() > 60 {
            let message = "a name has 1 to 60 characters".to_owned();
            check.fault(path("name"), message, "give it one");
        }
        if unit.members.len() > MAX_MEMBERS {
            let message = format!("at most {MAX_MEMBERS} members");
            check.fault(path("members"), message, "make two units of it");
        }
        if let Some(terminal) = &unit.terminal {
            let digits = terminal.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !(1..=20).contains(&terminal.len()) || !terminals.insert(terminal) {
                let message = format!("{terminal:?} is no terminal number, or is there twice");
                check.fault(path("terminal"), message, "at most 20 digits, one for each");
            }
        }
    }
}

/// A duty team for every unit and platform that has nobody to send.
fn fill(all: &mut Vec<Unit>, orgs: &Orgs) {
    let has: HashSet<OrgId> = all.iter().map(|unit| unit.org.clone()).collect();
    for org in orgs.iter() {
        let sends = matches!(org.kind, OrgKind::Unit | OrgKind::Platform);
        if !sends || has.contains(&org.id) {
            continue;
        }
        let Ok(id) = format!("{}-duty", org.id).parse() else {
            continue;
        };
        all.push(Unit {
            id,
            name: format!("{}值班组", org.name),
            kind: UnitKind::Team,
            org: org.id.clone(),
            members: Vec::new(),
            phone: org.phone.clone(),
            terminal: None,
        });
    }
}
