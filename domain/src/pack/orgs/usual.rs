//! The organisations a county usually has, for packs that list none or only some.

use std::collections::BTreeSet;

use geodata::region::{Code, Level, RegionTree};

use super::{Org, OrgId, OrgKind, Orgs, OrgsFile, Person, PersonRole, Presence};

/// The four platforms of a township: name, English name.
const PLATFORMS: [(&str, &str); 4] = [
    ("综治工作", "Public order"),
    ("市场监管", "Market supervision"),
    ("综合执法", "Law enforcement"),
    ("便民服务", "Public services"),
];

/// County units: id suffix, name, English name, the department types each covers.
const UNITS: [(&str, &str, &str, &[&str]); 24] = [
    ("police", "公安局", "Public Security Bureau", &["公安"]),
    (
        "traffic-police",
        "公安局交通警察大队",
        "Traffic Police",
        &["公安交管"],
    ),
    ("fire", "消防救援大队", "Fire and Rescue", &["消防"]),
    (
        "emergency",
        "应急管理局",
        "Emergency Management Bureau",
        &["应急管理"],
    ),
    (
        "housing",
        "住房和城乡建设局",
        "Housing and Construction Bureau",
        &["住建"],
    ),
    (
        "market",
        "市场监督管理局",
        "Market Supervision Bureau",
        &["市场监管"],
    ),
    (
        "enforcement",
        "综合行政执法局",
        "Law Enforcement Bureau",
        &["综合执法", "城管"],
    ),
    ("water", "水利局", "Water Resources Bureau", &["水利"]),
    ("transport", "交通运输局", "Transport Bureau", &["交通"]),
    (
        "labour",
        "人力资源和社会保障局",
        "Human Resources and Social Security Bureau",
        &["人社"],
    ),
    ("civil", "民政局", "Civil Affairs Bureau", &["民政"]),
    ("health", "卫生健康局", "Health Bureau", &["卫健"]),
    (
        "ecology",
        "生态环境分局",
        "Ecology and Environment Office",
        &["生态环境"],
    ),
    (
        "agriculture",
        "农业农村局",
        "Agriculture and Rural Affairs Bureau",
        &["农业农村"],
    ),
    (
        "land",
        "自然资源和规划局",
        "Natural Resources and Planning Bureau",
        &["自然资源"],
    ),
    ("education", "教育局", "Education Bureau", &["教育"]),
    ("justice", "司法局", "Justice Bureau", &["司法行政"]),
    (
        "politics-law",
        "委政法委",
        "Political and Legal Affairs Commission",
        &["政法委"],
    ),
    ("petitions", "信访局", "Petitions Bureau", &["信访"]),
    (
        "disabled",
        "残疾人联合会",
        "Disabled Persons' Federation",
        &["残联"],
    ),
    (
        "utilities",
        "公用事业服务中心",
        "Public Utilities Centre",
        &["公用企业", "权属单位"],
    ),
    ("power", "供电公司", "Power Supply Company", &["供电"]),
    ("gas", "燃气公司", "Gas Company", &["燃气"]),
    ("waterworks", "水务公司", "Waterworks", &["供水"]),
];

/// Every usual organisation of the county.
pub(super) fn orgs(tree: &RegionTree) -> Orgs {
    let file = fill(OrgsFile::default(), tree, &platforms());
    // What stands in this file is well formed whatever the tree; a test holds it to that.
    Orgs::new(file)
        .unwrap_or_else(|faults| panic!("the usual organisations are at fault: {faults:?}"))
}

pub(in crate::pack) fn platforms() -> Vec<(String, String)> {
    PLATFORMS
        .iter()
        .map(|(name, en)| ((*name).to_owned(), (*en).to_owned()))
        .collect()
}

/// Adds the usual organisations of each kind to the places where the file has none of that kind.
/// Units are added only where it lists no unit at all: a county that lists some lists its own.
pub(in crate::pack) fn fill(
    mut file: OrgsFile,
    tree: &RegionTree,
    platforms: &[(String, String)],
) -> OrgsFile {
    let had: BTreeSet<(OrgKind, Code)> =
        file.org.iter().map(|org| (org.kind, org.region)).collect();
    let had_units = file.org.iter().any(|org| org.kind == OrgKind::Unit);
    let had_ids: BTreeSet<OrgId> = file.org.iter().map(|org| org.id.clone()).collect();
    let usual = Usual {
        tree,
        platforms,
        file: &file,
    };
    let mut all = usual.county();
    for region in tree.iter() {
        all.extend(usual.local(region.code));
    }
    all.retain(|org| match org.kind {
        OrgKind::Unit => !had_units,
        kind => !had.contains(&(kind, org.region)),
    });
    all.retain(|org| !had_ids.contains(&org.id));
    file.person.extend(all.iter().filter_map(head));
    file.org.extend(all);
    file
}

fn head(org: &Org) -> Option<Person> {
    let (id, name) = (format!("{}-head", org.id), org.head.clone()?);
    Some(Person {
        id,
        name,
        role: PersonRole::Head,
        org: org.id.clone(),
        phone: None,
    })
}

struct Usual<'a> {
    tree: &'a RegionTree,
    platforms: &'a [(String, String)],
    file: &'a OrgsFile,
}

impl Usual<'_> {
    fn county(&self) -> Vec<Org> {
        let county = self.tree.county();
        let (code, name) = (county.code, county.name.as_str());
        let leaders = org(&format!("{code}-L"), OrgKind::Leaders, code)
            .named(format!("{name}领导"), format!("Leaders of {name}"));
        let centre = org(&format!("{code}-C"), OrgKind::Centre, code)
            .named(
                format!("{name}社会治理中心"),
                format!("{name} Governance Centre"),
            )
            .under(self.id(OrgKind::Leaders, code, "-L"));
        let units = UNITS.iter().map(|(slug, unit, en, departments)| Org {
            departments: departments.iter().map(|name| (*name).to_owned()).collect(),
            ..org(&format!("{code}-U-{slug}"), OrgKind::Unit, code)
                .named(format!("{name}{unit}"), format!("{name} {en}"))
                .under(self.id(OrgKind::Centre, code, "-C"))
        });
        [leaders, centre].into_iter().chain(units).collect()
    }

    fn local(&self, code: Code) -> Vec<Org> {
        match code.level() {
            Level::Township => self.township(code),
            Level::Village => vec![self.village(code)],
            Level::Grid => vec![self.grid_team(code)],
            Level::County | Level::MicroGrid => Vec::new(),
        }
    }

    fn township(&self, code: Code) -> Vec<Org> {
        let name = self.tree.name(code);
        let room = org(&format!("{code}-T"), OrgKind::CommandRoom, code)
            .named(
                format!("{name}综合信息指挥室"),
                format!("{name} Command Room"),
            )
            .under(self.parent(code, Level::County, OrgKind::Centre, "-C"));
        let room = Org {
            departments: vec!["综合信息指挥室".to_owned()],
            ..room
        };
        let platforms = self
            .platforms
            .iter()
            .enumerate()
            .map(|(at, (platform, en))| Org {
                platform: Some(platform.clone()),
                ..org(&format!("{code}-P{}", at + 1), OrgKind::Platform, code)
                    .named(
                        format!("{name}{platform}平台"),
                        format!("{name} {en} Platform"),
                    )
                    .under(self.id(OrgKind::CommandRoom, code, "-T"))
            });
        std::iter::once(room).chain(platforms).collect()
    }

    fn village(&self, code: Code) -> Org {
        let name = self.tree.name(code);
        let full = match name {
            name if name.ends_with("委会") || name.ends_with("委员会") => name.to_owned(),
            name if name.ends_with("社区") => format!("{name}居委会"),
            name => format!("{name}村委会"),
        };
        org(&format!("{code}-V"), OrgKind::Village, code)
            .named(
                full.replace("村村委会", "村委会"),
                format!("{name} Committee"),
            )
            .under(self.parent(code, Level::Township, OrgKind::CommandRoom, "-T"))
    }

    fn grid_team(&self, code: Code) -> Org {
        let village = code
            .at(Level::Village)
            .map_or("", |village| self.tree.name(village));
        let grid = self.tree.name(code);
        let name = if grid.starts_with(village) {
            grid.to_owned()
        } else {
            format!("{village}{grid}")
        };
        let team = if name.ends_with("网格") {
            format!("{name}队")
        } else {
            format!("{name}网格队")
        };
        org(&format!("{code}-G"), OrgKind::GridTeam, code)
            .named(team, format!("{name} Grid Team"))
            .under(self.parent(code, Level::Village, OrgKind::Village, "-V"))
    }

    fn parent(&self, code: Code, level: Level, kind: OrgKind, suffix: &str) -> Option<OrgId> {
        self.id(kind, code.at(level)?, suffix)
    }

    /// The id of a kind's organisation in a region: the file's own before the usual one.
    fn id(&self, kind: OrgKind, region: Code, suffix: &str) -> Option<OrgId> {
        let own = self
            .file
            .org
            .iter()
            .find(|org| org.kind == kind && org.region == region);
        own.map(|org| org.id.clone())
            .or_else(|| format!("{region}{suffix}").parse().ok())
    }
}

fn org(id: &str, kind: OrgKind, region: Code) -> Org {
    let head = (kind != OrgKind::Leaders).then(|| made_up_name(id));
    Org {
        id: id
            .parse()
            .unwrap_or_else(|_| unreachable!("{id} is made of digits and letters")),
        name: String::new(),
        en: String::new(),
        kind,
        region,
        platform: None,
        departments: Vec::new(),
        parent: None,
        head,
        phone: None,
        presence: Presence::Always,
    }
}

impl Org {
    fn named(self, name: String, en: String) -> Self {
        Self { name, en, ..self }
    }

    fn under(self, parent: Option<OrgId>) -> Self {
        Self { parent, ..self }
    }
}

/// A name nobody in particular has, always the same for the same seed.
fn made_up_name(seed: &str) -> String {
    const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹";
    const MIDDLES: &str = "建志文国晓海永春明德秀玉丽雪庆忠立学";
    const LASTS: &str = "军华平伟峰强芳敏霞燕涛斌波宁兰英林辉";
    // FNV-1a: small, stable for ever, and good enough to spread names.
    let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let pick = |from: &str, shift: u32| {
        let at = (hash >> shift) as usize % from.chars().count();
        from.chars().nth(at)
    };
    [pick(SURNAMES, 7), pick(MIDDLES, 23), pick(LASTS, 41)]
        .into_iter()
        .flatten()
        .collect()
}
