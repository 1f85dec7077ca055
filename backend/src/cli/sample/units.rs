//! `units.toml` of the sample county: the patrols, engines, ambulances and repair crews that a
//! county of half a million has, under made-up names and terminals.

use std::fmt::Write as _;

use geodata::boundary::Boundary;
use geodata::region::{Level, RegionTree};
use geodata::sample::SamplePack;

/// County units: organisation, what each of theirs is called with its number as `#`, kind, how many.
const FLEETS: [(&str, &str, &str, usize); 22] = [
    ("police", "巡特警#号车", "vehicle", 4),
    ("traffic-police", "交警铁骑#组", "vehicle", 4),
    ("traffic-police", "交警巡逻车#号", "vehicle", 2),
    ("fire", "水罐消防车#号", "vehicle", 4),
    ("fire", "云梯消防车", "vehicle", 1),
    ("fire", "抢险救援车", "vehicle", 1),
    ("emergency", "应急指挥车", "vehicle", 1),
    ("emergency", "综合救援队#分队", "team", 2),
    ("health", "120急救车#号", "vehicle", 6),
    ("health", "疾控流调组", "team", 1),
    ("market", "食品药品稽查组#", "team", 2),
    ("market", "特种设备检查车", "vehicle", 1),
    ("enforcement", "执法巡查车#号", "vehicle", 6),
    ("housing", "房屋安全排查组", "team", 2),
    ("utilities", "市政抢修车#号", "vehicle", 3),
    ("power", "供电抢修车#号", "vehicle", 4),
    ("gas", "燃气抢险车#号", "vehicle", 2),
    ("waterworks", "供水抢修车#号", "vehicle", 2),
    ("water", "防汛巡查车", "vehicle", 1),
    ("transport", "公路养护车#号", "vehicle", 2),
    ("ecology", "环境监测车", "vehicle", 1),
    ("land", "地质灾害巡查组", "team", 1),
];

/// The file of a sample county.
pub(super) fn sample(pack: &SamplePack) -> String {
    let (boundary, _) = Boundary::read(&pack.regions_geojson);
    boundary.map_or_else(String::new, |boundary| file(boundary.tree()))
}

fn file(tree: &RegionTree) -> String {
    let mut text = String::from(
        "# 示例力量，名称与终端号均为虚构 / made-up units; a county lists its own.\n\
         # 未列出力量的部门和平台自动有一个值班组 / whoever has none here gets a duty team.\n\
         fill = true\n",
    );
    let county = tree.county().code;
    let mut number = 0;
    let mut add = |id: &str, name: &str, kind: &str, org: &str| {
        number += 1;
        let _ = write!(
            text,
            "\n[[unit]]\nid = \"{id}\"\nname = \"{name}\"\nkind = \"{kind}\"\norg = \"{org}\"\n"
        );
        if kind == "vehicle" {
            let _ = writeln!(text, "terminal = \"0139{:08}\"", 89_900_000 + number);
        }
    };
    for (at, (org, name, kind, count)) in FLEETS.iter().enumerate() {
        for n in 1..=*count {
            let id = format!("{org}-{}{n:02}", char::from(b'a' + at as u8));
            let name = if *count > 1 && !name.contains('#') {
                format!("{name}{n}")
            } else {
                name.replace('#', &n.to_string())
            };
            add(&id, &name, kind, &format!("{county}-U-{org}"));
        }
    }
    let townships = tree.iter().filter(|region| region.level == Level::Township);
    for (at, township) in townships.enumerate() {
        let id = format!("police-z{:02}", at + 1);
        let name = format!("{}派出所巡逻车", township.name);
        add(&id, &name, "vehicle", &format!("{county}-U-police"));
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::pack::units::UnitKind;
    use domain::pack::{County, PackTexts};

    use super::*;

    #[test]
    fn every_unit_of_the_sample_is_somebodys() {
        let pack = geodata::sample::county(7);
        let text = sample(&pack);
        let (boundary, _) = Boundary::read(&pack.regions_geojson);
        let texts = PackTexts {
            units: Some(&text),
            ..PackTexts::default()
        };
        let tree = boundary.expect("boundary").tree().clone();
        let county = County::from_toml(tree, texts).expect("a sound file");
        let vehicles = county
            .units
            .iter()
            .filter(|unit| unit.kind == UnitKind::Vehicle);
        assert!((60..=120).contains(&vehicles.count()));
        let patrol = county.units.by_terminal("13989900001").expect("terminal");
        assert_eq!(patrol.name, "巡特警1号车");
    }
}
