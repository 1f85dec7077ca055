//! The sentences of notices. They name an incident by its number, its kind and its township, never
//! by what its reporter wrote; of a person in trouble not even the kind.

use super::{Kind, Text};
use crate::incident::Incident;
use crate::incident::clock::ClockKind;
use crate::pack::County;
use crate::time::{Timestamp, UtcOffset};
use geodata::region::Level;

/// What a sentence may speak of.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// Its number.
    pub number: String,
    /// Its township.
    pub place: String,
    /// What kind of thing, where that may be said.
    pub category: Option<Text>,
    /// The deadline at stake.
    pub due: Option<Timestamp>,
    /// Its clock.
    pub clock: Option<ClockKind>,
    /// When the answer to an order is owed.
    pub reply_by: Option<Timestamp>,
}

impl About {
    pub(super) fn of(incident: &Incident, county: &County) -> Self {
        let township = incident.region.at(Level::Township);
        let category = incident.category.filter(|_| !incident.sensitive);
        let category = category.and_then(|code| county.catalogue.get(code));
        Self {
            number: incident.label(),
            place: county.tree.name(township.unwrap_or(county.code)).to_owned(),
            category: category.map(|category| Text {
                zh: category.name.clone(),
                en: category.en.clone(),
            }),
            due: incident.next_due().map(|clock| clock.due),
            ..Self::default()
        }
    }
}

/// Title and body of a notice.
pub(super) fn of(kind: Kind, to_reporter: bool, about: &About) -> (Text, Text) {
    let (zh, en) = head(kind);
    let title = Text {
        zh: format!("{zh}：{}", about.number),
        en: format!("{en}: {}", about.number),
    };
    let body = if to_reporter {
        to_reporter_of(kind, about)
    } else {
        to_staff_of(kind, about)
    };
    (title, body)
}

fn to_staff_of(kind: Kind, about: &About) -> Text {
    let mut text = Text {
        zh: about.place.clone(),
        en: about.place.clone(),
    };
    let mut add = |zh: &str, en: &str| {
        text.zh.push_str(zh);
        text.en.push_str(en);
    };
    if let Some(category) = &about.category {
        add(&format!("，{}", category.zh), &format!(", {}", category.en));
    }
    if let Some(due) = about.due {
        let (zh, en) = about.clock.map_or(("", ""), clock_name);
        let at = moment(due);
        match (kind, en) {
            (Kind::Breached | Kind::BreachCopied, _) => {
                add(
                    &format!("。{zh}已超期，应于 {at}"),
                    &format!(". {en} was due {at}"),
                );
            }
            (_, "") => add(&format!("。时限 {at}"), &format!(". Due {at}")),
            _ => add(&format!("。{zh}时限 {at}"), &format!(". {en} due {at}")),
        }
    }
    if let Some(by) = about.reply_by {
        let by = moment(by);
        let zh = format!("，请于 {by} 前答复督查单");
        add(&zh, &format!("; answer the order by {by}"));
    }
    add("。", ".");
    text
}

fn to_reporter_of(kind: Kind, about: &About) -> Text {
    let number = &about.number;
    let (zh, en) = match kind {
        Kind::Accepted => ("已受理，我们将尽快处理", "has been taken on"),
        Kind::Rejected => (
            "未予受理，可凭编号查询原因并申诉一次",
            "was not taken on; look it up by its number to see why, or ask once more",
        ),
        Kind::Merged => (
            "与另一事项为同一问题，已合并办理",
            "is the same matter as another and is handled with it",
        ),
        Kind::FedBack => (
            "已有办理结果，请凭编号查看并确认",
            "has a result; please look at it and confirm",
        ),
        _ => ("已办结，感谢您的参与", "is closed; thank you"),
    };
    Text {
        zh: format!("您反映的事项 {number} {zh}。"),
        en: format!("Your report {number} {en}."),
    }
}

/// `11-23 15:30`, in the county's time.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.to_rfc3339(UtcOffset::CHINA);
    let day = text.get(5..10).unwrap_or_default();
    let time = text.get(11..16).unwrap_or_default();
    format!("{day} {time}")
}

const fn clock_name(clock: ClockKind) -> (&'static str, &'static str) {
    match clock {
        ClockKind::Accept => ("受理", "Acceptance"),
        ClockKind::Sign => ("签收", "Signing"),
        ClockKind::FirstAction => ("首次处置", "First action"),
        ClockKind::Finish => ("办结", "Finish"),
        ClockKind::Confirm => ("确认", "Confirmation"),
    }
}

pub(super) const fn head(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Dispatched => ("新派单，请签收", "Dispatched to you, please sign"),
        Kind::Cooperate => ("请配合办理", "Please help with"),
        Kind::Corrected => (
            "类别已更正，请重新派单",
            "Category corrected, dispatch anew",
        ),
        Kind::TakenAway => ("已转出，无需继续办理", "No longer yours"),
        Kind::Returned => ("部门退单，请重新派单", "Sent back, dispatch anew"),
        Kind::Escalated => ("事项升级，请处置", "Escalated to you"),
        Kind::ConsentAsked => ("请研究是否承接", "Consent asked"),
        Kind::ConsentRefused => (
            "镇街不予承接，请另行派单",
            "Consent refused, dispatch elsewhere",
        ),
        Kind::ExtensionAsked => ("申请延期，请审批", "Extension asked, please decide"),
        Kind::ExtensionGranted => ("延期已批准", "Extension granted"),
        Kind::ExtensionRefused => ("延期未批准", "Extension refused"),
        Kind::Suspended => ("事项已挂起", "Suspended"),
        Kind::Resumed => ("事项恢复办理", "Resumed"),
        Kind::FedBack => ("已反馈结果，请确认", "Result told, please confirm"),
        Kind::Reopened => ("退回重办", "Reopened, rework it"),
        Kind::CameBack => ("外部系统退回，请重新处置", "Came back from outside"),
        Kind::Voided => ("事项已作废", "Struck out"),
        Kind::Reminded => ("即将超期", "Deadline draws near"),
        Kind::Breached => ("红灯督查单", "Red light, supervision order"),
        Kind::BreachCopied => ("红灯督查单（抄送）", "Red light, copy for you"),
        Kind::BreachDigest => ("批量红灯", "Many red lights"),
        Kind::OrderAnswered => ("督查单已答复，请审核", "Order answered, please judge"),
        Kind::OrderCleared => ("督查单已销号", "Order cleared"),
        Kind::OrderRejected => (
            "督查答复被退回，请重新答复",
            "Answer rejected, answer again",
        ),
        Kind::OrderClimbed => (
            "督查单逾期未答复，已上提",
            "Order unanswered, now before you",
        ),
        Kind::RemovalAsked => ("申请剔除红灯，请审批", "Removal of a red light asked"),
        Kind::RemovalGranted => ("红灯剔除已批准", "Red light taken off the record"),
        Kind::RemovalRefused => ("红灯剔除未批准", "Red light stays on the record"),
        Kind::SessionOrdered => ("紧急指挥，请立即出动", "Command session, move at once"),
        Kind::SessionClimbed => (
            "紧急指挥未确认，请立即出动",
            "Order not acknowledged, move at once",
        ),
        Kind::Accepted => ("已受理", "Taken on"),
        Kind::Rejected => ("未予受理", "Not taken on"),
        Kind::Merged => ("已合并办理", "Merged"),
        Kind::Closed => ("已办结", "Closed"),
    }
}

/// Title and body of a digest of missed deadlines.
pub(super) fn digest(count: u32) -> (Text, Text) {
    let (zh, en) = head(Kind::BreachDigest);
    let title = Text {
        zh: format!("{zh}：{count} 项"),
        en: format!("{en}: {count}"),
    };
    let body = Text {
        zh: format!("一分钟内另有 {count} 项超期，督查单已逐项签发，请查看红灯榜。"),
        en: format!(
            "{count} more deadlines were missed within a minute; each has its order. See the red-light board."
        ),
    };
    (title, body)
}
