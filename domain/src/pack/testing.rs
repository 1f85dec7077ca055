//! A small county for the tests of this crate.

use geodata::region::{Level, Region, RegionTree};

use super::County;

/// Two townships, two villages in the first, a grid in each village.
pub(crate) fn tree() -> RegionTree {
    let regions = [
        ("330899", "样例县", Level::County),
        ("330899101", "城东街道", Level::Township),
        ("330899102", "溪口镇", Level::Township),
        ("330899101001", "高塘村", Level::Village),
        ("330899101002", "兴东社区", Level::Village),
        ("330899101001001", "第一网格", Level::Grid),
        ("330899101002001", "兴东社区第一网格", Level::Grid),
    ];
    let region = |(code, name, level): (&str, &str, Level)| Region {
        code: code.parse().expect("code"),
        name: name.to_owned(),
        level,
    };
    RegionTree::new(regions.into_iter().map(region).collect()).expect("tree")
}

/// The county of that tree with every default.
pub(crate) fn county() -> County {
    County::default_for(tree())
}
