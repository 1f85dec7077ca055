//! Who there is in a county: the centre, command rooms, platforms, county units, villages, grid
//! teams, and their people. Who is responsible for what is `duties`; who may sign in is the server's.

mod check;
pub(super) mod usual;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use geodata::region::{Code, Level, RegionTree};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::calendar::WorkCalendar;
use super::fault::{Check, PackFault};
use crate::time::Timestamp;
use crate::time::as_text::serde_as_text;

/// Longer chains of parents than this are a ring.
const MAX_TIERS: usize = 8;

/// Identifies an organisation, such as `330899101-T`. Cheap to clone. Serde as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(Arc<str>);

impl OrgId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Borrow<str> for OrgId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrgId {
    type Err = OrgIdError;

    fn from_str(text: &str) -> Result<Self, OrgIdError> {
        let plain = text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'));
        if plain && (1..=64).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(OrgIdError)
        }
    }
}

serde_as_text!(OrgId, "330899101-T");

/// A text that can't be an organisation's id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an organisation's id is 1 to 64 bytes of letters, digits, '-', '_', '.' and ':'")]
pub struct OrgIdError;

/// What an organisation is. The letters are those of the rules of the trade.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgKind {
    /// C, the county centre.
    Centre,
    /// T, the command room of a township.
    CommandRoom,
    /// P, a platform of a township.
    Platform,
    /// U, a county unit: a department or a public utility.
    Unit,
    /// V, the committee of a village.
    Village,
    /// G, the team of a grid.
    GridTeam,
    /// L, the county's leaders.
    Leaders,
}

impl OrgKind {
    /// The level of region that it works for; a unit may work for any.
    const fn level(self) -> Option<Level> {
        match self {
            Self::Centre | Self::Leaders => Some(Level::County),
            Self::CommandRoom | Self::Platform => Some(Level::Township),
            Self::Village => Some(Level::Village),
            Self::GridTeam => Some(Level::Grid),
            Self::Unit => None,
        }
    }
}

/// An organisation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Org {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default)]
    pub en: String,
    /// What it is.
    pub kind: OrgKind,
    /// The region it works for.
    pub region: Code,
    /// The platform it is, for a platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The department types it covers, as the catalogue names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
    /// The organisation a tier up, to whom it escalates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrgId>,
    /// Who heads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The duty phone, answered round the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// When somebody is there.
    #[serde(default, skip_serializing_if = "Presence::is_always")]
    pub presence: Presence,
}

/// When somebody of an organisation is on duty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Round the clock.
    #[default]
    Always,
    /// In office hours.
    Office,
}

impl Presence {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn is_always(&self) -> bool {
        *self == Self::Always
    }
}

impl Org {
    /// Whether somebody is on duty at this instant.
    pub fn is_on_duty(&self, at: Timestamp, calendar: &WorkCalendar) -> bool {
        match self.presence {
            Presence::Always => true,
            Presence::Office => calendar.is_office_time(at),
        }
    }
}

/// What a person is within their organisation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// Heads it; directs it where the rules ask for a director.
    Head,
    /// Stands in for the head.
    Deputy,
    /// On duty: answers orders.
    Duty,
    /// Works there.
    Member,
}

/// A person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their id, unique in the county.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they are there.
    pub role: PersonRole,
    /// Where they work.
    pub org: OrgId,
    /// Their phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// `orgs.toml` as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgsFile {
    /// Whether the usual organisations stand in for kinds and places the file says nothing of.
    #[serde(default = "yes")]
    pub fill: bool,
    /// Organisations.
    #[serde(default)]
    pub org: Vec<Org>,
    /// People.
    #[serde(default)]
    pub person: Vec<Person>,
}

impl Default for OrgsFile {
    fn default() -> Self {
        Self {
            fill: true,
            org: Vec::new(),
            person: Vec::new(),
        }
    }
}

fn yes() -> bool {
    true
}

/// Every organisation of a county and its people. There is always exactly one centre.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "OrgsFile", into = "OrgsFile")]
pub struct Orgs {
    list: Vec<Org>,
    people: Vec<Person>,
    centre: usize,
    by_id: FxHashMap<OrgId, usize>,
    by_place: BTreeMap<(OrgKind, Code), Vec<usize>>,
    by_department: FxHashMap<String, Vec<usize>>,
}

impl Orgs {
    /// Checks what a county wrote and indexes it; [`Self::check_regions`] looks at its places.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn new(file: OrgsFile) -> Result<Self, Vec<PackFault>> {
        let mut check = Check::new("orgs.toml");
        check::file(&file, &mut check);
        let OrgsFile {
            org: list,
            person: people,
            ..
        } = file;
        let centre = list
            .iter()
            .position(|org| org.kind == OrgKind::Centre)
            .unwrap_or_default();
        let mut orgs = Self {
            by_id: list
                .iter()
                .enumerate()
                .map(|(at, org)| (org.id.clone(), at))
                .collect(),
            by_place: BTreeMap::new(),
            by_department: FxHashMap::default(),
            centre,
            people,
            list,
        };
        for (at, org) in orgs.list.iter().enumerate() {
            orgs.by_place
                .entry((org.kind, org.region))
                .or_default()
                .push(at);
            for department in &org.departments {
                orgs.by_department
                    .entry(department.clone())
                    .or_default()
                    .push(at);
            }
        }
        orgs.check_parents(&mut check);
        check.done(orgs)
    }

    /// The usual organisations of a county: a centre, its leaders and units, a command room and
    /// four platforms in each township, a committee in each village, a team in each grid. Heads
    /// have made-up names. The same tree gives the same organisations.
    pub fn default_for(tree: &RegionTree) -> Self {
        usual::orgs(tree)
    }

    /// The organisation of an id.
    pub fn get(&self, id: &OrgId) -> Option<&Org> {
        self.find(id.as_str())
    }

    /// The organisation of an id given as text.
    pub fn find(&self, id: &str) -> Option<&Org> {
        self.list.get(*self.by_id.get(id)?)
    }

    /// Every organisation, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Org> {
        self.list.iter()
    }

    /// The county centre.
    pub fn centre(&self) -> &OrgId {
        // Construction made sure that there is one.
        &self.list[self.centre].id
    }

    /// The county's leaders, if the county has them in.
    pub fn leaders(&self) -> Option<&Org> {
        self.iter().find(|org| org.kind == OrgKind::Leaders)
    }

    /// The command room that a region belongs to; the centre for what lies above the townships.
    pub fn room_for(&self, region: Code) -> &OrgId {
        self.nearest(OrgKind::CommandRoom, region)
            .map_or(self.centre(), |room| &room.id)
    }

    /// The organisation of a kind that works for this region, or for the closest one above it.
    pub fn nearest(&self, kind: OrgKind, region: Code) -> Option<&Org> {
        region
            .ancestors()
            .find_map(|region| self.at(kind, region).next())
    }

    /// The organisations of a kind that work for exactly this region.
    pub fn at(&self, kind: OrgKind, region: Code) -> impl Iterator<Item = &Org> {
        let found = self.by_place.get(&(kind, region));
        found
            .into_iter()
            .flatten()
            .filter_map(|at| self.list.get(*at))
    }

    /// The platform of this name that works for a region.
    pub fn platform(&self, name: &str, region: Code) -> Option<&Org> {
        region.ancestors().find_map(|region| {
            self.at(OrgKind::Platform, region)
                .find(|org| org.platform.as_deref() == Some(name))
        })
    }

    /// The organisation that covers a department type for a region: of several the one that
    /// works closest to it, and there a unit before any other.
    pub fn department(&self, name: &str, region: Code) -> Option<&Org> {
        let all = self
            .by_department
            .get(name)?
            .iter()
            .filter_map(|at| self.list.get(*at));
        all.filter(|org| org.region.contains(region))
            .min_by_key(|org| {
                (
                    std::cmp::Reverse(org.region.level()),
                    org.kind != OrgKind::Unit,
                )
            })
    }

    /// Whether anybody covers this department type.
    pub fn has_department(&self, name: &str) -> bool {
        self.by_department.contains_key(name)
    }

    /// The organisation a tier up.
    pub fn parent(&self, id: &OrgId) -> Option<&Org> {
        self.get(self.get(id)?.parent.as_ref()?)
    }

    /// Everybody of the county.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// The people of one organisation, its head first.
    pub fn people_of(&self, id: &OrgId) -> Vec<&Person> {
        let mut people: Vec<_> = self
            .people
            .iter()
            .filter(|person| person.org == *id)
            .collect();
        people.sort_by_key(|person| person.role);
        people
    }
}

impl TryFrom<OrgsFile> for Orgs {
    type Error = PackFault;

    fn try_from(file: OrgsFile) -> Result<Self, PackFault> {
        Self::new(file).map_err(PackFault::first)
    }
}

impl From<Orgs> for OrgsFile {
    fn from(orgs: Orgs) -> Self {
        Self {
            fill: false,
            org: orgs.list,
            person: orgs.people,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::tree;
    use super::*;

    fn code(text: &str) -> Code {
        text.parse().expect(text)
    }

    fn file(text: &str) -> OrgsFile {
        toml::from_str(text).expect("well formed")
    }

    #[test]
    fn every_place_has_its_usual_organisations() {
        let orgs = Orgs::default_for(&tree());
        assert_eq!(orgs.iter().count(), 2 + 24 + 2 * 5 + 2 + 2);
        assert_eq!(orgs.centre().as_str(), "330899-C");
        let name = |id: &str| orgs.find(id).map(|org| org.name.as_str());
        assert_eq!(name("330899101-T"), Some("城东街道综合信息指挥室"));
        assert_eq!(name("330899101-P3"), Some("城东街道综合执法平台"));
        assert_eq!(name("330899101001-V"), Some("高塘村委会"));
        assert_eq!(name("330899101002-V"), Some("兴东社区居委会"));
        assert_eq!(name("330899101001001-G"), Some("高塘村第一网格队"));
        assert_eq!(name("330899101002001-G"), Some("兴东社区第一网格队"));
        assert_eq!(orgs, Orgs::default_for(&tree()));
        assert!(orgs.check_regions(&tree()).is_empty());
        let heads = orgs
            .people()
            .iter()
            .filter(|person| person.role == PersonRole::Head);
        assert_eq!(heads.count(), orgs.iter().count() - 1);
        assert!(
            orgs.iter()
                .filter_map(|org| org.head.as_ref())
                .all(|name| name.chars().count() == 3)
        );
    }

    #[test]
    fn a_matter_climbs_from_grid_to_leaders() {
        let orgs = Orgs::default_for(&tree());
        let mut tiers = vec!["330899101001001-G".parse::<OrgId>().expect("id")];
        while let Some(parent) = tiers.last().and_then(|id| orgs.parent(id)) {
            tiers.push(parent.id.clone());
        }
        let ids: Vec<_> = tiers.iter().map(OrgId::as_str).collect();
        assert_eq!(
            ids,
            [
                "330899101001001-G",
                "330899101001-V",
                "330899101-T",
                "330899-C",
                "330899-L"
            ]
        );
    }

    #[test]
    fn each_region_finds_its_room_platform_and_department() {
        let orgs = Orgs::default_for(&tree());
        assert_eq!(
            orgs.room_for(code("330899101001001")).as_str(),
            "330899101-T"
        );
        assert_eq!(orgs.room_for(code("330899")).as_str(), "330899-C");
        let id = |org: Option<&Org>| org.map(|org| org.id.to_string());
        let village = code("330899102001");
        assert_eq!(
            id(orgs.platform("便民服务", village)),
            Some("330899102-P4".to_owned())
        );
        assert_eq!(id(orgs.platform("应急管理", village)), None);
        assert_eq!(
            id(orgs.department("消防", village)),
            Some("330899-U-fire".to_owned())
        );
        assert_eq!(
            id(orgs.department("综合信息指挥室", village)),
            Some("330899102-T".to_owned())
        );
        assert_eq!(id(orgs.nearest(OrgKind::Village, code("330899101"))), None);
    }

    #[test]
    fn the_usual_ones_fill_what_a_file_leaves_out() {
        let own = file(
            "[[org]]\nid = \"room\"\nname = \"城东指挥室\"\nkind = \"command_room\"\nregion = \"330899101\"\n\
             [[org]]\nid = \"fire\"\nname = \"消防站\"\nkind = \"unit\"\nregion = \"330899\"\ndepartments = [\"消防\"]\n",
        );
        let platforms = usual::platforms();
        let orgs = Orgs::new(usual::fill(own, &tree(), &platforms)).expect("no fault");
        assert_eq!(orgs.room_for(code("330899101")).as_str(), "room");
        assert_eq!(
            orgs.iter().filter(|org| org.kind == OrgKind::Unit).count(),
            1
        );
        let platform = orgs.find("330899101-P1").expect("platform");
        assert_eq!(platform.parent.as_ref().map(OrgId::as_str), Some("room"));
        assert_eq!(orgs.room_for(code("330899102")).as_str(), "330899102-T");
    }

    #[test]
    fn every_fault_is_named() {
        let text = "fill = false\n\
            [[org]]\nid = \"a\"\nname = \"甲\"\nkind = \"unit\"\nregion = \"330899\"\nparent = \"b\"\n\
            [[org]]\nid = \"b\"\nname = \"\"\nkind = \"platform\"\nregion = \"330899\"\nparent = \"a\"\n\
            [[org]]\nid = \"a\"\nname = \"丙\"\nkind = \"village\"\nregion = \"330899\"\nparent = \"z\"\n\
            [[person]]\nid = \"p\"\nname = \"丁\"\nrole = \"head\"\norg = \"y\"\n";
        let faults = Orgs::new(file(text)).expect_err("at fault");
        let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
        let expected = [
            "org[2].id",
            "org",
            "org[0].departments",
            "org[1].name",
            "org[1].platform",
            "person[0].org",
            "org[2].parent",
        ];
        assert_eq!(
            paths.iter().filter(|path| expected.contains(path)).count(),
            expected.len(),
            "{paths:?}"
        );
    }

    #[test]
    fn a_ring_of_parents_and_a_wrong_region_are_faults() {
        let ring = "fill = false\n\
            [[org]]\nid = \"c\"\nname = \"中心\"\nkind = \"centre\"\nregion = \"330899\"\nparent = \"v\"\n\
            [[org]]\nid = \"v\"\nname = \"村\"\nkind = \"village\"\nregion = \"330899\"\nparent = \"c\"\n";
        let faults = Orgs::new(file(ring)).expect_err("at fault");
        assert_eq!(faults.len(), 2);
        let orgs = Orgs::new(file(&ring.replace("parent = \"v\"\n", "").replace(
            "village\"\nregion = \"330899\"",
            "village\"\nregion = \"330888101001\"",
        )))
        .expect("no fault");
        assert_eq!(orgs.check_regions(&tree()).len(), 1);
    }

    #[test]
    fn json_round_trips() {
        let orgs = Orgs::default_for(&tree());
        let json = serde_json::to_string(&orgs).expect("json");
        assert_eq!(serde_json::from_str::<Orgs>(&json).expect("json"), orgs);
        for text in ["", "a b", "a\n", "a/b", &"x".repeat(65)] {
            assert!(text.parse::<OrgId>().is_err(), "{text}");
        }
    }
}
