//! The regions of one county, found by code. Ordered by level, then code, so that the children of
//! a region lie side by side and need no links.

use serde::{Deserialize, Serialize};

use super::{Code, Level, Region};

/// Why a list of regions is no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Nothing of level county.
    #[error("no county among the regions")]
    NoCounty,
    /// More than one county.
    #[error("two counties, {0} and {1}")]
    TwoCounties(Code, Code),
    /// A code that stands twice.
    #[error("the code {0} stands twice")]
    Duplicate(Code),
    /// A region whose parent is missing.
    #[error("{0} has no parent among the regions")]
    Orphan(Code),
    /// A region whose level is not its code's.
    #[error("{0} cannot be a {1}: its code has the length of a {level}", level = .0.level())]
    Level(Code, Level),
}

/// The regions of one county.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Region>", into = "Vec<Region>")]
pub struct RegionTree {
    /// By level, then code; the first is the county.
    regions: Vec<Region>,
}

impl RegionTree {
    /// Makes a tree of regions in any order.
    ///
    /// # Errors
    /// When there is not exactly one county, a code stands twice, a parent is missing, or a level
    /// is not its code's.
    pub fn new(mut regions: Vec<Region>) -> Result<Self, TreeError> {
        regions.sort_by_key(|region| (region.code.level(), region.code));
        let county = regions
            .first()
            .filter(|first| first.code.level() == Level::County)
            .ok_or(TreeError::NoCounty)?;
        for pair in regions.windows(2) {
            if pair[0].code == pair[1].code {
                return Err(TreeError::Duplicate(pair[0].code));
            }
            if pair[1].code.level() == Level::County {
                return Err(TreeError::TwoCounties(county.code, pair[1].code));
            }
        }
        let tree = Self { regions };
        for region in &tree.regions {
            if region.level != region.code.level() {
                return Err(TreeError::Level(region.code, region.level));
            }
            if region
                .code
                .parent()
                .is_some_and(|parent| tree.get(parent).is_none())
            {
                return Err(TreeError::Orphan(region.code));
            }
        }
        Ok(tree)
    }

    /// The county itself.
    pub fn county(&self) -> &Region {
        &self.regions[0]
    }

    /// The region with this code.
    pub fn get(&self, code: Code) -> Option<&Region> {
        self.position(code).map(|at| &self.regions[at])
    }

    /// The regions one tier below, by code.
    pub fn children(&self, code: Code) -> impl Iterator<Item = &Region> {
        let below = code.level().below();
        let children = below.map_or(&[][..], |level| {
            let start = self
                .regions
                .partition_point(|r| (r.level, r.code) < (level, code));
            let rest = &self.regions[start..];
            &rest[..rest.partition_point(|r| r.level == level && code.contains(r.code))]
        });
        children.iter()
    }

    /// The region's name, or nothing when the tree does not know it.
    pub fn name(&self, code: Code) -> &str {
        self.get(code).map_or("", |region| &region.name)
    }

    /// How many regions the county has at this level.
    pub fn len_at(&self, level: Level) -> usize {
        let end = self.regions.partition_point(|r| r.level <= level);
        end - self.regions.partition_point(|r| r.level < level)
    }

    /// Every region: the county, then townships, villages, grids, each by code.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// Where the region stands in [`Self::iter`].
    pub fn position(&self, code: Code) -> Option<usize> {
        self.regions
            .binary_search_by_key(&(code.level(), code), |r| (r.level, r.code))
            .ok()
    }
}

impl TryFrom<Vec<Region>> for RegionTree {
    type Error = TreeError;

    fn try_from(regions: Vec<Region>) -> Result<Self, TreeError> {
        Self::new(regions)
    }
}

impl From<RegionTree> for Vec<Region> {
    fn from(tree: RegionTree) -> Self {
        tree.regions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        let code: Code = code.parse().expect("a code");
        Region {
            code,
            name: format!("n{code}"),
            level: code.level(),
        }
    }

    fn tree(codes: &[&str]) -> Result<RegionTree, TreeError> {
        RegionTree::new(codes.iter().map(|code| region(code)).collect())
    }

    const CODES: [&str; 7] = [
        "330899101002",
        "330899101001001",
        "330899",
        "330899101",
        "330899102",
        "330899101001",
        "330899102001",
    ];

    #[test]
    fn finds_regions_and_children() {
        let tree = tree(&CODES).expect("a tree");
        assert_eq!(tree.county().name, "n330899");
        let children = |code: &str| -> Vec<String> {
            tree.children(code.parse().expect("a code"))
                .map(|r| r.code.to_string())
                .collect()
        };
        assert_eq!(children("330899"), ["330899101", "330899102"]);
        assert_eq!(children("330899101"), ["330899101001", "330899101002"]);
        assert_eq!(children("330899101001"), ["330899101001001"]);
        assert!(children("330899101001001").is_empty());
        assert_eq!(
            (tree.len_at(Level::Village), tree.len_at(Level::MicroGrid)),
            (3, 0)
        );
        assert_eq!(tree.name("330899103".parse().expect("a code")), "");
        assert_eq!(tree.iter().count(), 7);
    }

    #[test]
    fn refuses_what_is_no_tree() {
        assert_eq!(tree(&[]), Err(TreeError::NoCounty));
        assert!(matches!(
            tree(&["330899", "330898"]),
            Err(TreeError::TwoCounties(..))
        ));
        assert!(matches!(
            tree(&["330899", "330899101", "330899101"]),
            Err(TreeError::Duplicate(_))
        ));
        assert!(matches!(
            tree(&["330899", "330899101001"]),
            Err(TreeError::Orphan(_))
        ));
        let mut wrong = region("330899101");
        wrong.level = Level::Grid;
        assert!(matches!(
            RegionTree::new(vec![region("330899"), wrong]),
            Err(TreeError::Level(..))
        ));
    }

    #[test]
    fn travels_as_a_list() {
        let tree = tree(&CODES).expect("a tree");
        let json = serde_json::to_string(&tree).expect("json");
        assert_eq!(
            serde_json::from_str::<RegionTree>(&json).expect("a tree"),
            tree
        );
        assert!(serde_json::from_str::<RegionTree>("[]").is_err());
    }
}
