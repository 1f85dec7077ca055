//! Names and codes: those of the sample county, and those of a real one put in order.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashSet;

use super::{SampleError, TownshipPlan, VillageRow};
use crate::region::{Code, Level};

/// The sample county's townships; the last character says which kind each is.
const TOWNSHIPS: [&str; 20] = [
    "樟潭街道",
    "莲溪镇",
    "双桥乡",
    "湖南镇",
    "全旺镇",
    "杜泽镇",
    "高家镇",
    "大洲镇",
    "航埠镇",
    "周家乡",
    "岭洋乡",
    "举村乡",
    "黄坛镇",
    "云溪乡",
    "廿里镇",
    "后溪镇",
    "峡川镇",
    "灰坪乡",
    "太真乡",
    "浮石街道",
];
/// First and last characters of village names along rivers and in hills.
const FIRST: [&str; 36] = [
    "上", "下", "前", "后", "大", "小", "东", "西", "里", "外", "新", "石", "金", "白", "清", "龙",
    "凤", "竹", "松", "樟", "莲", "青", "高", "长", "双", "古", "板", "荷", "枫", "沙", "横", "桐",
    "梅", "云", "银", "寺",
];
const LAST: [&str; 30] = [
    "溪", "坑", "坞", "塘", "田", "垅", "桥", "源", "坪", "畈", "岭", "湾", "山", "洲", "埠", "潭",
    "岩", "墩", "井", "坂", "川", "岗", "峰", "林", "泉", "头", "口", "底", "厅", "圩",
];
const FAMILIES: [&str; 30] = [
    "徐", "郑", "吴", "姜", "余", "周", "叶", "王", "李", "张", "陈", "祝", "毛", "方", "程", "何",
    "胡", "汪", "江", "朱", "杨", "刘", "黄", "童", "蓝", "雷", "邵", "严", "占", "舒",
];
const FAMILY_ENDS: [&str; 6] = ["家", "村", "宅", "坞", "家源", "家畈"];
const QUARTERS: [&str; 24] = [
    "东门", "西门", "南湖", "北苑", "新华", "和平", "城中", "文昌", "春江", "府山", "青年", "滨江",
    "桥头", "学院", "花园", "金桂", "翠竹", "书院", "码头", "钟楼", "百合", "望江", "沿河", "站前",
];

/// The sample county's townships, the most urban first, with `villages` villages in all.
pub fn plan(county: Code, villages: usize, rng: &mut ChaCha8Rng) -> Vec<TownshipPlan> {
    let kind = |name: &str| {
        if name.ends_with("街道") {
            0
        } else {
            1 + u16::from(name.ends_with('乡'))
        }
    };
    let mut counts = [0u16; 3];
    let mut taken = FxHashSet::default();
    let mut plan: Vec<TownshipPlan> = shares(villages, TOWNSHIPS.len(), rng)
        .into_iter()
        .zip(TOWNSHIPS)
        .filter_map(|(count, name)| {
            let kind = kind(name);
            counts[usize::from(kind)] += 1;
            let code = county.child(kind * 100 + counts[usize::from(kind)])?;
            let villages = (1..=count).filter_map(|number| {
                // A street is made of quarters, a town's middle as well.
                let urban = kind == 0 || (kind == 1 && number == 1);
                Some((code.child(number)?, village(urban, &mut taken, rng)))
            });
            Some(TownshipPlan {
                code,
                name: name.to_owned(),
                villages: villages.collect(),
            })
        })
        .collect();
    plan.sort_by_key(|township| township.code);
    plan
}

/// How many villages each township has: alike, not equal.
fn shares(villages: usize, townships: usize, rng: &mut ChaCha8Rng) -> Vec<u16> {
    let mut shares = vec![villages / townships; townships];
    shares[..villages % townships]
        .iter_mut()
        .for_each(|share| *share += 1);
    for at in (1..townships).step_by(2) {
        let moved = rng.random_range(0..=shares[at] / 4);
        shares[at] -= moved;
        shares[at - 1] += moved;
    }
    shares.into_iter().map(|share| share as u16).collect()
}

/// A name that no other village has.
fn village(urban: bool, taken: &mut FxHashSet<String>, rng: &mut ChaCha8Rng) -> String {
    let mut pick = |from: &[&'static str]| from[rng.random_range(0..from.len())];
    for _ in 0..1000 {
        let name = if urban && taken.len() % 3 < 2 {
            format!("{}社区居委会", pick(&QUARTERS))
        } else if pick(&["家", "地", "地"]) == "家" {
            format!("{}{}村", pick(&FAMILIES), pick(&FAMILY_ENDS)).replace("村村", "村")
        } else {
            format!("{}{}村", pick(&FIRST), pick(&LAST))
        };
        if taken.insert(name.clone()) {
            return name;
        }
    }
    let name = format!("新村{}村", taken.len());
    taken.insert(name.clone());
    name
}

/// The name of a village's grid, from 1.
pub fn grid(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let ones = DIGITS[number % 10];
    match number {
        0..=9 => format!("第{ones}网格"),
        10..=19 => format!("第十{ones}网格"),
        20..=99 => format!("第{}十{ones}网格", DIGITS[number / 10]),
        _ => format!("第{number}网格"),
    }
}

/// The county and townships of a real county's villages, in the order of their codes.
pub fn from_rows(rows: &[VillageRow]) -> Result<(Code, Vec<TownshipPlan>), SampleError> {
    let code = |text: &str| {
        Code::parse(text.trim()).map_err(|error| SampleError::Code(text.to_owned(), error))
    };
    let mut plan: Vec<TownshipPlan> = Vec::new();
    for row in rows {
        let (village, township) = (code(&row.code)?, code(&row.township_code)?);
        let fits = village.level() == Level::Village && village.parent() == Some(township);
        let county = plan
            .first()
            .map_or(township.parent(), |first| first.code.parent());
        if !fits || township.parent() != county {
            return Err(SampleError::Row(row.code.clone()));
        }
        let entry = (village, row.name.trim().to_owned());
        match plan.iter_mut().find(|plan| plan.code == township) {
            Some(plan) => plan.villages.push(entry),
            None => plan.push(TownshipPlan {
                code: township,
                name: row.township.trim().to_owned(),
                villages: vec![entry],
            }),
        }
    }
    plan.sort_by_key(|township| township.code);
    for township in &mut plan {
        township.villages.sort();
    }
    let county = plan
        .first()
        .and_then(|first| first.code.parent())
        .ok_or(SampleError::Count)?;
    Ok((county, plan))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_counted_in_chinese() {
        let names = [1, 10, 12, 20, 35, 100].map(grid);
        assert_eq!(
            names,
            [
                "第一网格",
                "第十网格",
                "第十二网格",
                "第二十网格",
                "第三十五网格",
                "第100网格"
            ]
        );
    }

    #[test]
    fn rows_must_fit() {
        let row = |code: &str, township: &str| VillageRow {
            code: code.into(),
            name: "村".into(),
            township_code: township.into(),
            township: "镇".into(),
        };
        let (county, plan) = from_rows(&[
            row("330803001002", "330803001"),
            row("330803001001", "330803001"),
        ])
        .expect("rows");
        assert_eq!(
            (
                county.to_string().as_str(),
                plan.len(),
                plan[0].villages.len()
            ),
            ("330803", 1, 2)
        );
        assert!(matches!(from_rows(&[]), Err(SampleError::Count)));
        assert!(matches!(
            from_rows(&[row("x", "330803001")]),
            Err(SampleError::Code(..))
        ));
        assert!(matches!(
            from_rows(&[row("330803002001", "330803001")]),
            Err(SampleError::Row(_))
        ));
        let foreign = [
            row("330803001001", "330803001"),
            row("330804001001", "330804001"),
        ];
        assert!(matches!(from_rows(&foreign), Err(SampleError::Row(_))));
    }
}
