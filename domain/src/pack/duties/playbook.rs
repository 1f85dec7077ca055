//! Playbooks ("一件事"): what is done in which order, by whom and by when, for one kind of matter
//! that crosses departments.

use serde::{Deserialize, Serialize};

use super::{Matter, Prefix, Selector, least};
use crate::incident::event::{Plan, Step};
use crate::pack::County;
use crate::pack::limits::{Limit, Severity};
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// Most steps of one playbook.
pub const MAX_STEPS: usize = 30;

/// One playbook.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its name, such as 城镇燃气管理一件事.
    pub name: String,
    /// Categories it is for: a code, or its first digits.
    pub category: Prefix,
    /// The least severity it is for.
    #[serde(default = "least")]
    pub min_severity: Severity,
    /// Its steps, in order.
    pub step: Vec<StepFile>,
}

/// One step as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// What is to be done.
    pub text: String,
    /// Whose it is; the lead's if left out or not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<Selector>,
    /// How long after the order it may take.
    pub limit: Limit,
}

impl Playbook {
    fn applies(&self, matter: &Matter<'_>) -> bool {
        matter.severity >= self.min_severity && self.category.matches(&matter.category.code)
    }

    /// Its steps for one matter that `lead` is ordered to handle at `now`.
    fn plan(&self, matter: &Matter<'_>, lead: &OrgId, now: Timestamp, county: &County) -> Plan {
        let step = |step: &StepFile| {
            let found = step.org.as_ref().map(|org| org.select(matter));
            let org = found.and_then(|orgs| orgs.first().map(|org| org.id.clone()));
            Step {
                text: step.text.clone(),
                org: org.unwrap_or_else(|| lead.clone()),
                due: step.limit.due(now, &county.calendar).at,
                done: None,
            }
        };
        Plan {
            name: self.name.clone(),
            steps: self.step.iter().map(step).collect(),
        }
    }
}

/// The plan of the first playbook that applies.
pub(super) fn plan(
    playbooks: &[Playbook],
    matter: &Matter<'_>,
    lead: &OrgId,
    now: Timestamp,
    county: &County,
) -> Option<Plan> {
    let playbook = playbooks.iter().find(|playbook| playbook.applies(matter))?;
    Some(playbook.plan(matter, lead, now, county))
}

/// The matters that a county's list of "一件事" usually begins with: parking, gas, dust and waste.
pub(super) fn usual() -> Vec<Playbook> {
    let unit = |name: &str| Some(Selector::UnitOf(name.to_owned()));
    vec![
        gas(),
        playbook(
            "城区机动车违停治理一件事",
            "0503",
            vec![
                (
                    "到场劝离或拖移，恢复通行",
                    unit("公安交管"),
                    Limit::hours(2),
                ),
                ("取证处罚", unit("综合执法"), Limit::working_days(1)),
                (
                    "核查周边泊位与标志标线",
                    unit("住建"),
                    Limit::working_days(3),
                ),
            ],
        ),
        playbook(
            "扬尘处置一件事",
            "0602",
            vec![
                ("到场制止，责令覆盖、喷淋或熄灭", None, Limit::hours(2)),
                ("核查工地扬尘防治措施", unit("住建"), Limit::working_days(1)),
                ("空气质量复测", unit("生态环境"), Limit::working_days(2)),
            ],
        ),
        playbook(
            "固体废物处置一件事",
            "0603",
            vec![
                ("现场取证，查明倾倒来源", None, Limit::hours(4)),
                ("鉴别废物性质", unit("生态环境"), Limit::working_days(2)),
                (
                    "清运并恢复现场",
                    Some(Selector::Platform),
                    Limit::working_days(3),
                ),
                ("立案查处", unit("综合执法"), Limit::working_days(5)),
            ],
        ),
    ]
}

fn gas() -> Playbook {
    let unit = |name: &str| Some(Selector::UnitOf(name.to_owned()));
    playbook(
        "城镇燃气管理一件事",
        "0303",
        vec![
            (
                "疏散人员、划定警戒区、切断气源",
                unit("消防"),
                Limit::hours(1),
            ),
            ("检测浓度，确认险情解除", unit("住建"), Limit::hours(4)),
            (
                "查处违规经营、储存、使用行为",
                unit("综合执法"),
                Limit::working_days(2),
            ),
            (
                "核查气瓶来源与充装单位",
                unit("市场监管"),
                Limit::working_days(3),
            ),
            (
                "村（社区）入户宣传并登记整改",
                Some(Selector::Village),
                Limit::working_days(3),
            ),
        ],
    )
}

fn playbook(name: &str, category: &str, steps: Vec<(&str, Option<Selector>, Limit)>) -> Playbook {
    let step = |(text, org, limit): (&str, Option<Selector>, Limit)| StepFile {
        text: text.to_owned(),
        org,
        limit,
    };
    Playbook {
        name: name.to_owned(),
        category: Prefix::of(category),
        min_severity: least(),
        step: steps.into_iter().map(step).collect(),
    }
}
