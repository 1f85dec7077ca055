//! Who is responsible for what (职责清单): rules from category, place and severity to a lead and
//! those who cooperate. That a unit is on duty, or is not the reporter, is for the decision.

mod selector;

use geodata::region::{Code, RegionTree};
use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, Category, CategoryCode};
use super::fault::{Check, PackFault};
use super::limits::Severity;
use super::orgs::{Org, OrgId, Orgs};
pub use selector::{Prefix, Selector};

/// Whose an incident is, and by which words of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// Who leads.
    pub lead: OrgId,
    /// Who cooperates; never the lead, none twice.
    pub cooperators: Vec<OrgId>,
    /// Why, as a sentence in Chinese.
    pub because: String,
}

/// No rule names anybody the county has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no duty covers category {category} in {region} at level {severity}")]
pub struct NoDuty {
    /// What it was about.
    pub category: CategoryCode,
    /// Where.
    pub region: Code,
    /// How bad.
    pub severity: Severity,
}

/// The list of duties. The first rule that applies and finds its lead decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "DutiesFile", into = "DutiesFile")]
pub struct Duties {
    rules: Vec<Rule>,
}

impl Duties {
    /// Checks what a county wrote; unless it says otherwise, the usual rules follow its own.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn new(file: DutiesFile) -> Result<Self, Vec<PackFault>> {
        let mut check = Check::new("duties.toml");
        for (at, rule) in file.rule.iter().enumerate() {
            rule.check(at, &mut check);
        }
        let mut rules = file.rule;
        if file.fill {
            rules.extend(usual_rules());
        }
        if rules.is_empty() {
            check.fault(
                "rule",
                "no rule at all",
                "add a [[rule]], or set fill = true",
            );
        }
        check.done(Self { rules })
    }

    /// The rules, in the order they are asked.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whose an incident is.
    ///
    /// # Errors
    /// When no rule applies, or none that applies finds its lead.
    pub fn resolve(
        &self,
        category: CategoryCode,
        region: Code,
        severity: Severity,
        orgs: &Orgs,
        catalogue: &Catalogue,
    ) -> Result<Assignment, NoDuty> {
        let no_duty = NoDuty {
            category,
            region,
            severity,
        };
        let Some(category) = catalogue.get(category) else {
            return Err(no_duty);
        };
        let matter = Matter {
            category,
            region,
            severity,
            orgs,
            catalogue,
        };
        self.rules
            .iter()
            .find_map(|rule| rule.assign(&matter))
            .ok_or(no_duty)
    }

    /// Faults every rule that names what the county doesn't have.
    pub fn check_names(
        &self,
        tree: &RegionTree,
        orgs: &Orgs,
        catalogue: &Catalogue,
    ) -> Vec<PackFault> {
        let mut check = Check::new("duties.toml");
        // The usual rules name no place and nobody; a category of theirs that a county doesn't
        // have is no fault of the county's.
        let usual = usual_rules();
        let own = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| !usual.contains(rule));
        for (at, rule) in own {
            rule.check_names(at, tree, orgs, catalogue, &mut check);
        }
        check.into_faults()
    }
}

impl Default for Duties {
    fn default() -> Self {
        Self {
            rules: usual_rules(),
        }
    }
}

impl TryFrom<DutiesFile> for Duties {
    type Error = PackFault;

    fn try_from(file: DutiesFile) -> Result<Self, PackFault> {
        Self::new(file).map_err(PackFault::first)
    }
}

impl From<Duties> for DutiesFile {
    fn from(duties: Duties) -> Self {
        Self {
            fill: false,
            rule: duties.rules,
        }
    }
}

/// `duties.toml` as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutiesFile {
    /// Whether the usual rules follow these.
    #[serde(default = "yes")]
    pub fill: bool,
    /// Rules, the first that applies decides.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

impl Default for DutiesFile {
    fn default() -> Self {
        Self {
            fill: true,
            rule: Vec::new(),
        }
    }
}

fn yes() -> bool {
    true
}

/// One rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Categories it is about: a code, or its first digits.
    #[serde(default)]
    pub category: Prefix,
    /// Places it is about: a region code, or its first digits.
    #[serde(default)]
    pub region: Prefix,
    /// The least severity it is about.
    #[serde(default = "least")]
    pub min_severity: Severity,
    /// The worst severity it is about.
    #[serde(default = "worst")]
    pub max_severity: Severity,
    /// Who leads.
    pub lead: Selector,
    /// Who cooperates; those the county doesn't have are passed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cooperators: Vec<Selector>,
    /// The words of the list.
    #[serde(default)]
    pub why: String,
}

fn least() -> Severity {
    Severity::IV
}

fn worst() -> Severity {
    Severity::I
}

impl Rule {
    fn applies(&self, matter: &Matter<'_>) -> bool {
        (self.min_severity..=self.max_severity).contains(&matter.severity)
            && self.category.matches(&matter.category.code)
            && self.region.matches(&matter.region)
    }

    fn assign(&self, matter: &Matter<'_>) -> Option<Assignment> {
        if !self.applies(matter) {
            return None;
        }
        let lead = *self.lead.select(matter).first()?;
        let mut cooperators: Vec<&Org> = Vec::new();
        for org in self
            .cooperators
            .iter()
            .flat_map(|selector| selector.select(matter))
        {
            if org.id != lead.id && cooperators.iter().all(|other| other.id != org.id) {
                cooperators.push(org);
            }
        }
        Some(Assignment {
            because: self.because(matter, lead, &cooperators),
            cooperators: cooperators.into_iter().map(|org| org.id.clone()).collect(),
            lead: lead.id.clone(),
        })
    }

    fn because(&self, matter: &Matter<'_>, lead: &Org, cooperators: &[&Org]) -> String {
        let Category { code, name, .. } = matter.category;
        let level = matter.severity;
        let mut text = format!("按职责清单：{code}{name}（{level}级）由{}牵头", lead.name);
        if !cooperators.is_empty() {
            let names: Vec<_> = cooperators.iter().map(|org| org.name.as_str()).collect();
            text = format!("{text}，{}协同", names.join("、"));
        }
        if !self.why.is_empty() {
            text = format!("{text}（{}）", self.why);
        }
        text
    }

    fn check(&self, at: usize, check: &mut Check) {
        let (min, max) = (self.min_severity, self.max_severity);
        if min > max {
            let message = format!("no severity lies between level {min} and level {max}");
            check.fault(
                format!("rule[{at}].min_severity"),
                message,
                "write 1 (Ⅳ) to 4 (Ⅰ, the worst), the lesser first",
            );
        }
    }

    fn check_names(
        &self,
        at: usize,
        tree: &RegionTree,
        orgs: &Orgs,
        catalogue: &Catalogue,
        check: &mut Check,
    ) {
        if !catalogue
            .items
            .iter()
            .any(|item| self.category.matches(&item.code))
        {
            let message = format!("no category begins with {}", self.category);
            check.fault(
                format!("rule[{at}].category"),
                message,
                "use codes of the catalogue, or \"*\"",
            );
        }
        if !tree.iter().any(|region| self.region.matches(&region.code)) {
            let message = format!("no region begins with {}", self.region);
            check.fault(
                format!("rule[{at}].region"),
                message,
                "use codes of regions.geojson, or \"*\"",
            );
        }
        let cooperators = self.cooperators.iter().enumerate();
        let all =
            cooperators.map(|(n, selector)| (format!("rule[{at}].cooperators[{n}]"), selector));
        for (path, selector) in all.chain([(format!("rule[{at}].lead"), &self.lead)]) {
            if let Some(message) = selector.missing(orgs) {
                check.fault(path, message, "correct it, or add it to orgs.toml");
            }
        }
    }
}

/// What is to be assigned.
struct Matter<'a> {
    category: &'a Category,
    region: Code,
    severity: Severity,
    orgs: &'a Orgs,
    catalogue: &'a Catalogue,
}

impl<'a> Matter<'a> {
    fn platform(&self, name: &str) -> Option<&'a Org> {
        self.orgs.platform(name, self.region).or_else(|| {
            let host = self.catalogue.platform_host(name)?;
            self.orgs.platform(host, self.region)
        })
    }
}

/// Every severity.
const ANY: [Severity; 2] = [Severity::IV, Severity::I];

fn rule(
    category: &str,
    severities: [Severity; 2],
    lead: Selector,
    cooperators: Vec<Selector>,
    why: &str,
) -> Rule {
    Rule {
        category: Prefix::of(category),
        region: Prefix::default(),
        min_severity: severities[0],
        max_severity: severities[1],
        lead,
        cooperators,
        why: why.to_owned(),
    }
}

/// Small matters next door, ordinary ones in the township, grave ones by the county's units; and
/// where the one who should lead is missing, the next best.
fn usual_rules() -> Vec<Rule> {
    use Selector::{CommandRoom, Cooperating, Platform, Unit, Village};
    let coop = || vec![Cooperating, Platform];
    vec![
        rule(
            "0201",
            [Severity::IV; 2],
            Village,
            vec![Platform],
            "邻里家庭纠纷先由村（社区）就近调解",
        ),
        rule(
            "1003",
            [Severity::IV; 2],
            Village,
            vec![],
            "一般咨询建议由村（社区）就近答复",
        ),
        rule(
            "",
            [Severity::II, Severity::I],
            Unit,
            coop(),
            "重大以上事件由县级主管部门牵头",
        ),
        rule(
            "",
            [Severity::IV, Severity::III],
            Platform,
            vec![],
            "一般、较大事件由乡镇（街道）平台就地处置",
        ),
        rule(
            "",
            ANY,
            Unit,
            vec![Cooperating],
            "当地未设对应平台，由县级主管部门牵头",
        ),
        rule(
            "",
            ANY,
            CommandRoom,
            vec![],
            "职责清单未列明承办单位，由综合信息指挥室统筹",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{county, tree};
    use super::*;

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
        let duties =
            Duties::new(toml::from_str(text).expect("well formed")).expect("no fault alone");
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
}
