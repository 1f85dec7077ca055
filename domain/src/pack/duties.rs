//! Who is responsible for what (职责清单): rules from category, place and severity to a lead and
//! those who cooperate. That a unit is on duty, or is not the reporter, is for the decision.

mod playbook;
mod selector;
#[cfg(test)]
mod tests;

use geodata::region::{Code, Level, RegionTree};
use serde::{Deserialize, Serialize};

use super::County;
use super::catalogue::{Catalogue, Category, CategoryCode};
use super::fault::{Check, PackFault};
use super::limits::Severity;
use super::orgs::{Org, OrgId, OrgKind, Orgs};
use crate::incident::event::Plan;
use crate::time::Timestamp;
pub use playbook::{MAX_STEPS, Playbook, StepFile};
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
    /// The duty list of the townships (属地管理事项); what the rules send there if none is written.
    township_list: Option<Vec<Prefix>>,
    playbooks: Vec<Playbook>,
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
        let mut playbooks = file.playbook;
        if file.fill {
            rules.extend(usual_rules());
            playbooks.extend(playbook::usual());
        }
        if rules.is_empty() {
            check.fault(
                "rule",
                "no rule at all",
                "add a [[rule]], or set fill = true",
            );
        }
        for (at, playbook) in playbooks.iter().enumerate() {
            if playbook.step.is_empty() || playbook.step.len() > MAX_STEPS {
                check.fault(
                    format!("playbook[{at}].step"),
                    format!("a playbook has 1 to {MAX_STEPS} steps"),
                    "add steps, or make two playbooks of it",
                );
            }
        }
        check.done(Self {
            rules,
            township_list: file.township_list,
            playbooks,
        })
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
        let Some(matter) = Matter::new(category, region, severity, orgs, catalogue) else {
            return Err(no_duty);
        };
        self.rules
            .iter()
            .find_map(|rule| rule.assign(&matter))
            .ok_or(no_duty)
    }

    /// Whether a matter is on the townships' duty list, so that the county may send it there
    /// without asking. Where no list is written, it is what the rules themselves send there.
    pub fn is_on_township_list(
        &self,
        category: CategoryCode,
        region: Code,
        severity: Severity,
        orgs: &Orgs,
        catalogue: &Catalogue,
    ) -> bool {
        if let Some(list) = &self.township_list {
            return list.iter().any(|prefix| prefix.matches(&category));
        }
        let duty = self.resolve(category, region, severity, orgs, catalogue);
        let of_township = |id: &OrgId| {
            orgs.get(id).is_some_and(|org| {
                org.kind != OrgKind::Unit && org.region.level() >= Level::Township
            })
        };
        duty.is_ok_and(|duty| of_township(&duty.lead))
    }

    /// The steps of the playbook that a matter goes by, if one applies.
    pub fn playbook(
        &self,
        category: CategoryCode,
        region: Code,
        severity: Severity,
        lead: &OrgId,
        now: Timestamp,
        county: &County,
    ) -> Option<Plan> {
        let (orgs, catalogue) = (&county.orgs, &county.catalogue);
        let matter = Matter::new(category, region, severity, orgs, catalogue)?;
        playbook::plan(&self.playbooks, &matter, lead, now, county)
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
            township_list: None,
            playbooks: playbook::usual(),
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
            township_list: duties.township_list,
            playbook: duties.playbooks,
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
    /// The duty list of the townships (属地管理事项): categories, each a code or its first digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub township_list: Option<Vec<Prefix>>,
    /// Playbooks (一件事), the first that applies counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub playbook: Vec<Playbook>,
}

impl Default for DutiesFile {
    fn default() -> Self {
        Self {
            fill: true,
            rule: Vec::new(),
            township_list: None,
            playbook: Vec::new(),
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
    /// The law or the list it rests on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
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
        if !self.basis.is_empty() {
            text = format!("{text}，依据：{}", self.basis);
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
    fn new(
        category: CategoryCode,
        region: Code,
        severity: Severity,
        orgs: &'a Orgs,
        catalogue: &'a Catalogue,
    ) -> Option<Self> {
        Some(Self {
            category: catalogue.get(category)?,
            region,
            severity,
            orgs,
            catalogue,
        })
    }

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
        basis: String::new(),
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
