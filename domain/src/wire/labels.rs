//! The words behind the codes: what a screen needs of the county pack, sent once.

use std::collections::BTreeSet;

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::access::Viewer;
use crate::incident::Incident;
use crate::pack::County;
use crate::pack::catalogue::CategoryCode;
use crate::pack::orgs::OrgId;
use crate::world::World;

/// The county in words.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Labels {
    /// The county's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Regions in the reader's scope and those above it: code, name.
    pub regions: Vec<(Code, String)>,
    /// Categories.
    pub categories: Vec<CategoryLabel>,
    /// Organisations: id, name, English name.
    pub orgs: Vec<(String, String, String)>,
    /// Platforms, in the order to show them: name, English name.
    pub platforms: Vec<(String, String)>,
}

/// A category in words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CategoryLabel {
    /// Its code.
    pub code: CategoryCode,
    /// Its name.
    pub name: String,
    /// Its English name.
    pub en: String,
    /// The platform that handles it.
    pub platform: String,
}

impl Labels {
    /// The labels a viewer needs: of their own regions and organisations and those above, and of
    /// the cases elsewhere that they see in `world`.
    pub fn of(county: &County, viewer: &Viewer, world: &World) -> Self {
        let scope = viewer.scope;
        let mut codes: BTreeSet<Code> = BTreeSet::new();
        let mut units: BTreeSet<OrgId> = BTreeSet::new();
        let elsewhere = |incident: &&Incident| {
            !scope.contains(incident.region) && viewer.sight_of(incident).is_some()
        };
        for incident in world.incidents().filter(elsewhere) {
            codes.extend(incident.region.ancestors());
            units.extend(incident.holds.iter().map(|hold| hold.org.clone()));
            units.extend(incident.cooperators.iter().cloned());
        }
        let near = |code: Code| scope.contains(code) || code.contains(scope);
        let regions = county
            .tree
            .iter()
            .filter(|region| near(region.code) || codes.contains(&region.code))
            .map(|region| (region.code, region.name.clone()))
            .collect();
        let categories = county
            .catalogue
            .items
            .iter()
            .map(|item| CategoryLabel {
                code: item.code,
                name: item.name.clone(),
                en: item.en.clone(),
                platform: item.platform.clone(),
            })
            .collect();
        let orgs = county
            .orgs
            .iter()
            .filter(|org| near(org.region) || units.contains(&org.id))
            .map(|org| (org.id.to_string(), org.name.clone(), org.en.clone()))
            .collect();
        Self {
            code: county.code.to_string(),
            name: county.name.clone(),
            regions,
            categories,
            orgs,
            platforms: county.catalogue.platforms(),
        }
    }
}
