//! The moves of the closed loop: who makes each, from which states, and in what relation to the
//! incident. What else a move asks for (a category, a reason, a unit that exists) is `decide`'s.

use super::{Deed, column, director_required, may_do, role_may_not};
use crate::actor::{Actor, Role};
use crate::incident::clock::ClockKind;
use crate::incident::{Breach, Incident, OrderState, State, What};
use crate::refusal::{Class, Refusal};
use crate::time::{Span, Timestamp};

/// How long after the close an incident may be evaluated.
const EVALUATED_WITHIN: Span = Span::days(30);

/// One move of the closed loop. The number is its row in the rules of the trade; a row that two
/// sides make is two moves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Move {
    /// 1, 上报.
    Report,
    /// 2, 自办: settle it on the spot.
    SelfHandle,
    /// 3, 受理.
    Accept,
    /// 4, 不予受理.
    Reject,
    /// 5, 并案.
    Merge,
    /// 6, 研判.
    Assess,
    /// 7, 派单.
    Dispatch,
    /// 8, 退单.
    Return,
    /// 9, 签收.
    Start,
    /// 9, 处置: tell what was done so far.
    Progress,
    /// 10, 提级.
    Escalate,
    /// 11, 申请延期.
    AskExtension,
    /// 11, 批准延期.
    GrantExtension,
    /// 12, 挂起.
    Suspend,
    /// 12, 恢复.
    Resume,
    /// 13, 反馈.
    Feedback,
    /// 14, 重办.
    Reopen,
    /// 15, 办结: whoever reported confirms.
    Close,
    /// 16, 代办结: confirmed by call-back.
    CloseByProxy,
    /// 17, 评价.
    Evaluate,
    /// 18, 转出.
    TransferOut,
    /// 19, 作废.
    Void,
    /// 4, 申诉: ask once more.
    Appeal,
    /// 6, 改派类别: it was something else.
    Correct,
    /// 7, 同意承接: take on what is not on the duty list.
    Consent,
    /// 7, 不予承接.
    RefuseConsent,
    /// 7, 撤回派单: before anybody signed.
    Recall,
    /// 9, 完成步骤: a step of the playbook.
    Step,
    /// 11, 不予延期.
    RefuseExtension,
    /// 16, 回访: try to reach the reporter.
    Contact,
    /// The reporter asks to hurry.
    Urge,
    /// 18, 退回: the system outside refused it.
    TakeBack,
    /// 督查单签收.
    SignOrder,
    /// 督查单回复.
    AnswerOrder,
    /// 督查单销号.
    ClearOrder,
    /// 督查单退回.
    RejectOrder,
    /// 申请销红灯.
    AskRemoval,
    /// 批准销红灯.
    GrantRemoval,
    /// 不予销红灯.
    RefuseRemoval,
}

/// In what relation to the incident a role may make a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    /// In none.
    Never,
    /// It lies in their region.
    Area,
    /// In their region, and they head their organisation.
    Director,
    /// In their region, and their organisation does not handle it.
    Outsider,
    /// Their organisation holds it.
    Handler,
    /// Their organisation holds it or helps.
    Party,
    /// They reported it and do not handle it.
    Reporter,
    /// It lies in their region and was settled on the spot by the grid worker.
    Checker,
    /// As a reporter; the head of a grid team also as a checker.
    ReporterOrHead,
    /// A supervision order of it asks their organisation.
    Addressee,
}

impl Move {
    /// Every move, in the order of the rules of the trade.
    pub const ALL: [Self; 39] = [
        Self::Report,
        Self::SelfHandle,
        Self::Accept,
        Self::Reject,
        Self::Merge,
        Self::Assess,
        Self::Dispatch,
        Self::Return,
        Self::Start,
        Self::Progress,
        Self::Escalate,
        Self::AskExtension,
        Self::GrantExtension,
        Self::Suspend,
        Self::Resume,
        Self::Feedback,
        Self::Reopen,
        Self::Close,
        Self::CloseByProxy,
        Self::Evaluate,
        Self::TransferOut,
        Self::Void,
        Self::Appeal,
        Self::Correct,
        Self::Consent,
        Self::RefuseConsent,
        Self::Recall,
        Self::Step,
        Self::RefuseExtension,
        Self::Contact,
        Self::Urge,
        Self::TakeBack,
        Self::SignOrder,
        Self::AnswerOrder,
        Self::ClearOrder,
        Self::RejectOrder,
        Self::AskRemoval,
        Self::GrantRemoval,
        Self::RefuseRemoval,
    ];

    /// Its name, stable, in snake_case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::SelfHandle => "self_handle",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Merge => "merge",
            Self::Assess => "assess",
            Self::Dispatch => "dispatch",
            Self::Return => "return",
            Self::Start => "start",
            Self::Progress => "progress",
            Self::Escalate => "escalate",
            Self::AskExtension => "ask_extension",
            Self::GrantExtension => "grant_extension",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Feedback => "feedback",
            Self::Reopen => "reopen",
            Self::Close => "close",
            Self::CloseByProxy => "close_by_proxy",
            Self::Evaluate => "evaluate",
            Self::TransferOut => "transfer_out",
            Self::Void => "void",
            Self::Appeal => "appeal",
            Self::Correct => "correct",
            Self::Consent => "consent",
            Self::RefuseConsent => "refuse_consent",
            Self::Recall => "recall",
            Self::Step => "step",
            Self::RefuseExtension => "refuse_extension",
            Self::Contact => "contact",
            Self::Urge => "urge",
            Self::TakeBack => "take_back",
            Self::SignOrder => "sign_order",
            Self::AnswerOrder => "answer_order",
            Self::ClearOrder => "clear_order",
            Self::RejectOrder => "reject_order",
            Self::AskRemoval => "ask_removal",
            Self::GrantRemoval => "grant_removal",
            Self::RefuseRemoval => "refuse_removal",
        }
    }

    fn roles(self) -> Vec<Role> {
        let row = self.row();
        Role::ALL
            .into_iter()
            .filter(|role| row[column(*role)] != N)
            .collect()
    }
}

use Cell::{
    Addressee as E, Area as A, Checker as K, Director as D, Handler as H, Never as N,
    Outsider as O, Party as P, Reporter as R, ReporterOrHead as X,
};

/// Whether an actor may make a move on an incident as it stands; a report is made on none.
///
/// # Errors
/// Why not, in a sentence. What they may not know of is not found.
pub fn may(actor: &Actor, one: Move, incident: Option<&Incident>) -> Result<(), Refusal> {
    let Some(incident) = incident else {
        return match one {
            Move::Report => may_do(actor, Deed::PostReports),
            _ => Err(not_found()),
        };
    };
    if !knows(actor, incident) {
        return Err(not_found());
    }
    let subject = Subject { actor, incident };
    match one.row()[column(actor.role)] {
        N => Err(role_may_not(actor, &one.roles())),
        A => subject.area(),
        D => subject.area().and_then(|()| subject.director()),
        O => subject.area().and_then(|()| subject.outsider(one)),
        H => subject.handler(),
        P => subject.party(),
        R => subject.reporter(),
        K => subject.checker(),
        E => subject.addressee(),
        X if subject.is_own() => subject.reporter(),
        X => subject.director().and_then(|()| subject.checker()),
    }?;
    if one.states().contains(&incident.state) {
        Ok(())
    } else {
        Err(wrong_state(incident.state))
    }
}

/// The moves a screen offers an actor on an incident at `now`.
pub fn moves_for<'a>(
    actor: &'a Actor,
    incident: &'a Incident,
    now: Timestamp,
) -> impl Iterator<Item = Move> + 'a {
    Move::ALL
        .into_iter()
        .filter(move |one| may(actor, *one, Some(incident)).is_ok() && in_time(*one, incident, now))
}

/// Whether it is not too late for a move.
fn in_time(one: Move, incident: &Incident, now: Timestamp) -> bool {
    let before_due = |kind| {
        incident
            .clock(kind)
            .is_none_or(|clock| !clock.runs() || now < clock.due)
    };
    match one {
        Move::Return => before_due(ClockKind::Sign),
        Move::AskExtension => incident.extension.is_none() && before_due(ClockKind::Finish),
        Move::GrantExtension => incident.extension.is_some() && before_due(ClockKind::Finish),
        Move::Evaluate => incident
            .closed_at
            .is_some_and(|at| now.since(at) <= EVALUATED_WITHIN),
        Move::Report
        | Move::SelfHandle
        | Move::Accept
        | Move::Reject
        | Move::Merge
        | Move::Assess
        | Move::Dispatch
        | Move::Start
        | Move::Progress
        | Move::Escalate
        | Move::Suspend
        | Move::Resume
        | Move::Feedback
        | Move::Reopen
        | Move::Close
        | Move::CloseByProxy
        | Move::TransferOut
        | Move::Void
        | Move::Correct
        | Move::Recall
        | Move::Contact
        | Move::Urge
        | Move::TakeBack => true,
        Move::Appeal => !incident.appealed,
        Move::Consent | Move::RefuseConsent => incident.consent.is_some(),
        Move::Step => incident.plan.is_some(),
        Move::RefuseExtension => incident.extension.is_some(),
        Move::SignOrder => any_order(incident, |order| order.state == OrderState::Issued),
        Move::AnswerOrder => any_order(incident, |order| order.state.is_owed()),
        Move::ClearOrder | Move::RejectOrder => {
            any_order(incident, |order| order.state == OrderState::Answered)
        }
        Move::AskRemoval => any_order(incident, |order| order.removal.is_none()),
        Move::GrantRemoval | Move::RefuseRemoval => any_order(incident, |order| {
            let removal = order.removal.as_ref();
            removal.is_some_and(|removal| removal.granted.is_none())
        }),
    }
}

fn any_order(incident: &Incident, holds: impl Fn(&Breach) -> bool) -> bool {
    incident.breaches.iter().any(holds)
}

/// Whether an actor may know of an incident at all: they see it, it is theirs, or it is the
/// standing rules' to look at. To anybody else it must not be told from one that is not there.
pub fn knows(actor: &Actor, incident: &Incident) -> bool {
    match actor.role {
        Role::Rule => actor.covers(incident.region),
        Role::Source | Role::Reporter => incident.is_reported_by(actor),
        Role::Centre
        | Role::CommandRoom
        | Role::Platform
        | Role::Unit
        | Role::Village
        | Role::Grid
        | Role::Leader
        | Role::Auditor
        | Role::Reader
        | Role::Wall
        | Role::Administrator => {
            let viewer = actor.viewer();
            viewer.is_some_and(|viewer| viewer.sight_of(incident).is_some())
        }
    }
}

/// Who, on what.
struct Subject<'a> {
    actor: &'a Actor,
    incident: &'a Incident,
}

impl Subject<'_> {
    fn area(&self) -> Result<(), Refusal> {
        ensure(self.actor.covers(self.incident.region), || {
            Refusal::new(
                Class::Forbidden,
                "outside_scope",
                "此事件不在本辖区内，请由属地办理",
                "It lies outside your region; that region's command room must do this",
            )
        })
    }

    fn director(&self) -> Result<(), Refusal> {
        ensure(self.actor.director, director_required)
    }

    /// Whoever acts for no organisation in particular acts for whoever holds what lies in their
    /// region: a token of another system does.
    fn holds(&self) -> bool {
        match &self.actor.org {
            Some(org) => self.incident.holder().is_some_and(|hold| hold.org == *org),
            None => self.actor.covers(self.incident.region),
        }
    }

    fn helps(&self) -> bool {
        let org = self.actor.org.as_ref();
        org.is_some_and(|org| self.incident.cooperators.contains(org))
    }

    fn handler(&self) -> Result<(), Refusal> {
        ensure(self.holds(), || {
            if self.helps() {
                Refusal::new(
                    Class::Forbidden,
                    "lead_must",
                    "本单位为配合单位，此项操作由牵头单位办理",
                    "You help with this one; the unit that holds it must do this",
                )
            } else {
                not_your_incident()
            }
        })
    }

    fn party(&self) -> Result<(), Refusal> {
        ensure(self.holds() || self.helps(), not_your_incident)
    }

    fn is_handler(&self) -> bool {
        let handler = self.incident.holder().map(|hold| &hold.org);
        self.actor.org.is_some() && self.actor.org.as_ref() == handler
    }

    fn outsider(&self, one: Move) -> Result<(), Refusal> {
        ensure(!self.is_handler(), || {
            if one == Move::GrantExtension {
                Refusal::new(
                    Class::Forbidden,
                    "asker_may_not_grant",
                    "延期不能由申请单位自行批准，请报上级批准",
                    "Whoever asks for an extension may not grant it; ask the tier above",
                )
            } else {
                handler_may_not_close()
            }
        })
    }

    fn addressee(&self) -> Result<(), Refusal> {
        let org = self.actor.org.as_ref();
        let asked = |breach: &Breach| Some(&breach.order.to) == org;
        ensure(self.incident.breaches.iter().any(asked), || {
            Refusal::new(
                Class::Forbidden,
                "not_your_order",
                "督查单未下达给本单位",
                "No supervision order of this incident asks your organisation",
            )
        })
    }

    fn is_own(&self) -> bool {
        self.incident.is_reported_by(self.actor)
    }

    fn reporter(&self) -> Result<(), Refusal> {
        ensure(self.is_own(), || {
            Refusal::new(
                Class::Forbidden,
                "not_your_report",
                "只能由上报人本人办理",
                "Only whoever reported it may do this",
            )
        })?;
        ensure(!self.is_handler(), handler_may_not_close)
    }

    fn checker(&self) -> Result<(), Refusal> {
        self.area()?;
        let sent = |entry: &crate::incident::Entry| entry.what == What::Dispatched;
        ensure(!self.incident.timeline.iter().any(sent), || {
            Refusal::new(
                Class::Forbidden,
                "not_self_handled",
                "此事件已派单，请由上报人或指挥室确认",
                "It was sent to a unit; the reporter or a command room must confirm it",
            )
        })
    }
}

fn ensure(holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal()) }
}

fn not_found() -> Refusal {
    Refusal::new(
        Class::NotFound,
        "not_found",
        "没有这个事件",
        "There is no such incident",
    )
}

fn not_your_incident() -> Refusal {
    Refusal::new(
        Class::Forbidden,
        "not_your_incident",
        "此事件未派给本单位",
        "This incident is with another unit",
    )
}

fn handler_may_not_close() -> Refusal {
    Refusal::new(
        Class::Refused,
        "handler_may_not_close",
        "承办单位不能自行确认结案，请由上报人或指挥室确认",
        "Whoever handled it may not confirm it; the reporter or a command room must",
    )
}

fn wrong_state(state: State) -> Refusal {
    let name = state_name(state);
    Refusal::new(
        Class::Refused,
        "wrong_state",
        format!("事件当前状态为“{name}”，不能进行此项操作，请刷新后再试"),
        format!("The incident is {state:?}; this does not apply to it now"),
    )
}

/// A state's name in Chinese.
pub const fn state_name(state: State) -> &'static str {
    match state {
        State::Reported => "已上报",
        State::SelfHandled => "自行处置",
        State::Accepted => "已受理",
        State::Assessed => "已研判",
        State::Dispatched => "已派单",
        State::InProgress => "处置中",
        State::Suspended => "挂起",
        State::Feedback => "待确认",
        State::Closed => "已办结",
        State::Rejected => "不予受理",
        State::Merged => "已并案",
        State::TransferredOut => "已转出",
        State::Void => "已作废",
    }
}
