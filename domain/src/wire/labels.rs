//! The words behind the codes: what a screen needs of the county pack, sent once.

use geodata::region::{Code, Level};
use serde::{Deserialize, Serialize};

use crate::pack::County;
use crate::pack::catalogue::CategoryCode;

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
    /// The labels a reader of `scope` needs.
    pub fn of(county: &County, scope: Code) -> Self {
        let regions = county
            .tree
            .iter()
            .filter(|region| scope.contains(region.code) || region.code.contains(scope))
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
            .filter(|org| scope.contains(org.region) || org.region.level() == Level::County)
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
