//! What a list of organisations must hold to, alone and against the county's regions.

use geodata::region::RegionTree;
use rustc_hash::FxHashSet;

use super::{MAX_TIERS, Org, OrgKind, Orgs, OrgsFile};
use crate::pack::fault::{Check, PackFault};

impl Orgs {
    /// Faults every organisation whose region the county doesn't have or that does not suit it.
    pub fn check_regions(&self, tree: &RegionTree) -> Vec<PackFault> {
        let mut check = Check::new("orgs.toml");
        for (at, org) in self.list.iter().enumerate() {
            let path = format!("org[{at}].region");
            if tree.get(org.region).is_none() {
                let message = format!(
                    "{} works for {}, which regions.geojson does not have",
                    org.name, org.region
                );
                check.fault(path, message, "correct the code, or add the region");
            } else if org
                .kind
                .level()
                .is_some_and(|level| level != org.region.level())
            {
                let message = format!("{} can't work for a region like {}", org.name, org.region);
                check.fault(path, message, "give the code of a region of its own level");
            }
        }
        check.into_faults()
    }

    pub(super) fn check_parents(&self, check: &mut Check) {
        for (at, org) in self.list.iter().enumerate() {
            let path = format!("org[{at}].parent");
            let Some(parent) = &org.parent else { continue };
            if self.get(parent).is_none() {
                check.fault(
                    path,
                    format!("there is no organisation {parent}"),
                    "correct the id, or leave the parent out",
                );
                continue;
            }
            let mut tier = Some(org);
            for _ in 0..MAX_TIERS {
                tier = tier.and_then(|org| self.parent(&org.id));
            }
            if tier.is_some() {
                check.fault(
                    path,
                    format!("the parents of {} go round in a ring", org.id),
                    "let the topmost have no parent",
                );
            }
        }
    }
}

pub(super) fn file(file: &OrgsFile, check: &mut Check) {
    check.unique(
        "org",
        "id",
        file.org.iter().map(|org| &org.id),
        "give each its own id",
    );
    check.unique(
        "person",
        "id",
        file.person.iter().map(|person| &person.id),
        "give each their own id",
    );
    match file
        .org
        .iter()
        .filter(|org| org.kind == OrgKind::Centre)
        .count()
    {
        1 => {}
        0 => check.fault(
            "org",
            "there is no centre",
            "add an [[org]] with kind = \"centre\", or set fill = true",
        ),
        _ => check.fault(
            "org",
            "there is more than one centre",
            "keep one [[org]] with kind = \"centre\"",
        ),
    }
    for (at, org) in file.org.iter().enumerate() {
        org_alone(at, org, check);
    }
    let ids: FxHashSet<_> = file.org.iter().map(|org| &org.id).collect();
    for (at, person) in file.person.iter().enumerate() {
        if !ids.contains(&person.org) {
            let message = format!(
                "{} works at {}, which is not listed",
                person.name, person.org
            );
            check.fault(
                format!("person[{at}].org"),
                message,
                "correct the id, or add the [[org]]",
            );
        }
    }
}

fn org_alone(at: usize, org: &Org, check: &mut Check) {
    if org.name.trim().is_empty() {
        check.fault(
            format!("org[{at}].name"),
            "the name is empty",
            "give it a name",
        );
    }
    let is_platform = org.kind == OrgKind::Platform;
    if is_platform != org.platform.is_some() {
        let message = if is_platform {
            "a platform must say which one it is"
        } else {
            "only a platform is one"
        };
        let remedy = if is_platform {
            "write for example platform = \"综合执法\""
        } else {
            "take `platform` out"
        };
        check.fault(
            format!("org[{at}].platform"),
            format!("{}: {message}", org.name),
            remedy,
        );
    }
    if org.kind == OrgKind::Unit && org.departments.is_empty() {
        let message = format!(
            "{} covers no department type, so nothing would ever reach it",
            org.name
        );
        check.fault(
            format!("org[{at}].departments"),
            message,
            "write for example departments = [\"住建\"]",
        );
    }
}
