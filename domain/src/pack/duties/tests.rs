//! Whose a matter is, by rules a county wrote and by the usual ones.

use super::*;
use crate::pack::testing::{county, tree};

fn resolve(category: &str, region: &str, severity: u8) -> Option<(String, Vec<String>)> {
    let severity = Severity::new(severity)?;
    let county = county();
    let (category, region) = (
        category.parse().expect("code"),
        region.parse().expect("code"),
    );
    let duties = &county.duties;
    let found = duties
        .resolve(category, region, severity, &county.orgs, &county.catalogue)
        .ok()?;
    Some((
        found.lead.to_string(),
        found.cooperators.iter().map(OrgId::to_string).collect(),
    ))
}

#[test]
fn the_usual_rules_follow_severity_and_place() {
    let grid = "330899101001001";
    for (category, region, severity, lead, cooperators) in [
        ("0701", grid, 1, "330899101-P4", &[] as &[&str]),
        ("0501", grid, 2, "330899101-P3", &[]),
        ("0301", grid, 2, "330899101-P1", &[]),
        ("0301", grid, 3, "330899-U-fire", &["330899101-P1"]),
        (
            "0302",
            grid,
            4,
            "330899-U-emergency",
            &["330899-U-water", "330899-U-land", "330899101-P1"],
        ),
        (
            "0503",
            grid,
            3,
            "330899-U-enforcement",
            &["330899-U-traffic-police", "330899101-P3"],
        ),
        ("1003", grid, 1, "330899101001-V", &[]),
        ("1003", "330899101", 1, "330899101-P4", &[]),
        ("1003", grid, 3, "330899101-T", &["330899101-P4"]),
        ("0701", "330899", 1, "330899-U-enforcement", &[]),
        ("1003", "330899", 1, "330899-C", &[]),
    ] {
        let expected = (
            lead.to_owned(),
            cooperators.iter().map(|id| (*id).to_owned()).collect(),
        );
        assert_eq!(
            resolve(category, region, severity),
            Some(expected),
            "{category} {region} {severity}"
        );
    }
    assert_eq!(resolve("0399", grid, 1), None);
}

#[test]
fn every_category_has_a_lead_everywhere_at_every_severity() {
    let county = county();
    for item in &county.catalogue.items {
        for region in county.tree.iter() {
            for severity in Severity::ALL {
                let found = county.duties.resolve(
                    item.code,
                    region.code,
                    severity,
                    &county.orgs,
                    &county.catalogue,
                );
                let found = found.expect("a lead");
                assert!(!found.cooperators.contains(&found.lead));
            }
        }
        for department in item.lead.iter().chain(&item.cooperate) {
            assert!(county.orgs.has_department(department), "{department}");
        }
    }
}

#[test]
fn the_reason_is_a_sentence() {
    let county = county();
    let (fire, grid) = (
        "0301".parse().expect("code"),
        "330899101001".parse().expect("code"),
    );
    let found = county
        .duties
        .resolve(fire, grid, Severity::II, &county.orgs, &county.catalogue)
        .expect("a lead");
    assert_eq!(
        found.because,
        "按职责清单：0301火情火灾（Ⅱ级）由样例县消防救援大队牵头，城东街道综治工作平台协同（重大以上事件由县级主管部门牵头）"
    );
}

#[test]
fn a_countys_own_rules_come_first() {
    let text = "[[rule]]\ncategory = \"03\"\nregion = \"330899101\"\nlead = \"platform:综合执法\"\n\
        cooperators = [\"unit:消防\", \"org:330899-U-fire\", \"centre\"]\nwhy = \"试点\"\n\
        [[rule]]\ncategory = \"0701\"\nlead = \"grid_team\"\n";
    let duties = Duties::new(toml::from_str(text).expect("well formed")).expect("no fault");
    let county = county();
    let lead = |category: &str, region: &str| {
        let (category, region) = (
            category.parse().expect("code"),
            region.parse().expect("code"),
        );
        let found = duties
            .resolve(
                category,
                region,
                Severity::II,
                &county.orgs,
                &county.catalogue,
            )
            .expect("a lead");
        (found.lead.to_string(), found.cooperators.len())
    };
    assert_eq!(lead("0301", "330899101001"), ("330899101-P3".to_owned(), 2));
    assert_eq!(lead("0301", "330899102"), ("330899-U-fire".to_owned(), 1));
    assert_eq!(
        lead("0701", "330899101001001"),
        ("330899101001001-G".to_owned(), 0)
    );
    assert_eq!(
        lead("0701", "330899102"),
        ("330899-U-enforcement".to_owned(), 1)
    );
    assert!(
        duties
            .check_names(&tree(), &county.orgs, &county.catalogue)
            .is_empty()
    );
    let json = serde_json::to_string(&duties).expect("json");
    assert_eq!(serde_json::from_str::<Duties>(&json).expect("json"), duties);
}

#[test]
fn every_fault_is_named() {
    let text = "fill = false\n[[rule]]\ncategory = \"99\"\nregion = \"44\"\nlead = \"org:nobody\"\n\
        cooperators = [\"unit:航天\", \"platform:航天\"]\n";
    let county = county();
    let duties = Duties::new(toml::from_str(text).expect("well formed")).expect("no fault alone");
    let faults = duties.check_names(&county.tree, &county.orgs, &county.catalogue);
    let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    let expected = [
        "rule[0].category",
        "rule[0].region",
        "rule[0].cooperators[0]",
        "rule[0].cooperators[1]",
        "rule[0].lead",
    ];
    assert_eq!(paths, expected);
    let range = "[[rule]]\nlead = \"unit\"\nmin_severity = 3\nmax_severity = 2\n";
    assert!(Duties::new(toml::from_str(range).expect("well formed")).is_err());
    assert!(Duties::new(toml::from_str("fill = false").expect("well formed")).is_err());
    for text in ["", "unit:", "village:x", "mayor", "org:a b"] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
}
