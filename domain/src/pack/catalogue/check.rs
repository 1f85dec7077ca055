//! What a catalogue must hold to: codes and names once, nothing that refers to nothing.

use std::collections::BTreeSet;

use super::{Catalogue, CatalogueFile, Category, ClassFile, MajorCode, Platform, TimeClass};
use crate::pack::fault::Check;
use crate::pack::limits::LampRules;

impl From<Catalogue> for CatalogueFile {
    fn from(catalogue: Catalogue) -> Self {
        Self {
            version: catalogue.version,
            accept: catalogue.accept,
            confirm: catalogue.confirm,
            lamps: catalogue.lamps,
            sessions: catalogue.sessions,
            notices: catalogue.notices,
            platform: catalogue.platforms,
            source: catalogue.sources,
            class: catalogue.classes,
            major: catalogue.majors,
            item: catalogue.items,
        }
    }
}

pub(super) fn file(file: &CatalogueFile, check: &mut Check) {
    lamps(&file.lamps, check);
    classes(&file.class, check);
    platforms(&file.platform, check);
    let majors: BTreeSet<_> = file.major.iter().map(|major| major.code).collect();
    let twice = "give each its own, or take one of them out";
    check.unique(
        "major",
        "code",
        file.major.iter().map(|major| major.code),
        twice,
    );
    check.unique(
        "item",
        "code",
        file.item.iter().map(|item| item.code),
        twice,
    );
    check.unique(
        "item",
        "name",
        file.item.iter().map(|item| &item.name),
        twice,
    );
    let platforms: BTreeSet<_> = file
        .platform
        .iter()
        .map(|platform| platform.name.as_str())
        .collect();
    for (at, item) in file.item.iter().enumerate() {
        check_item(at, item, &majors, &platforms, check);
    }
    if file.item.is_empty() {
        check.fault("item", "no category at all", "list at least one [[item]]");
    }
}

fn check_item(
    at: usize,
    item: &Category,
    majors: &BTreeSet<MajorCode>,
    platforms: &BTreeSet<&str>,
    check: &mut Check,
) {
    if !majors.contains(&item.major()) {
        let remedy = format!("add a [[major]] with code = \"{}\"", item.major());
        check.fault(
            format!("item[{at}].code"),
            format!("{} has no major category", item.code),
            remedy,
        );
    }
    if !platforms.contains(item.platform.as_str()) {
        let known = platforms.iter().copied().collect::<Vec<_>>().join("、");
        check.fault(
            format!("item[{at}].platform"),
            format!("there is no platform {:?}", item.platform),
            format!("use one of {known}, or add a [[platform]]"),
        );
    }
    if item.lead.iter().all(|lead| lead.trim().is_empty()) {
        let message = format!("{} {} is nobody's", item.code, item.name);
        check.fault(
            format!("item[{at}].lead"),
            message,
            "name a department type, such as lead = [\"住建\"]",
        );
    }
    if item.name.trim().is_empty() {
        check.fault(
            format!("item[{at}].name"),
            "the name is empty",
            "give the category a name",
        );
    }
}

fn classes(classes: &[ClassFile], check: &mut Check) {
    check.unique(
        "class",
        "class",
        classes.iter().map(|class| class.class),
        "keep one [[class]] for each letter",
    );
    for wanted in TimeClass::ALL {
        if !classes.iter().any(|class| class.class == wanted) {
            check.fault(
                "class",
                format!("class {wanted:?} is missing"),
                "list all of A to E",
            );
        }
    }
}

fn platforms(platforms: &[Platform], check: &mut Check) {
    check.unique(
        "platform",
        "name",
        platforms.iter().map(|platform| &platform.name),
        "keep one",
    );
    for (at, platform) in platforms.iter().enumerate() {
        let Some(host) = &platform.within else {
            continue;
        };
        if !platforms
            .iter()
            .any(|other| other.within.is_none() && other.name == *host)
        {
            check.fault(
                format!("platform[{at}].within"),
                format!("{host:?} is no platform that stands on its own"),
                "name a [[platform]] that has no `within`",
            );
        }
    }
}

fn lamps(lamps: &LampRules, check: &mut Check) {
    let percents = [
        ("amber_percent", lamps.amber_percent),
        ("amber_cap_percent", lamps.amber_cap_percent),
        ("short_reminder_percents", lamps.short_reminder_percents[0]),
        ("short_reminder_percents", lamps.short_reminder_percents[1]),
    ];
    for (name, percent) in percents.iter().filter(|(_, percent)| *percent > 100) {
        check.fault(
            format!("lamps.{name}"),
            format!("{percent} is more than the whole"),
            "write 0 to 100",
        );
    }
}
