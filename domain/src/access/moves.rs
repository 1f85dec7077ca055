//! The moves of the closed loop: who makes each, from which states, and in what relation to the
//! incident. What else a move asks for (a category, a reason, a unit that exists) is `decide`'s.

use super::{Deed, Row, column, director_required, may_do, role_may_not};
use crate::actor::{Actor, Role};
use crate::incident::clock::ClockKind;
use crate::incident::{Incident, State, What};
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
}

/// In what relation to the incident a role may make a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
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
}

use Cell::{
    Area as A, Checker as K, Director as D, Handler as H, Never as N, Outsider as O, Party as P,
    Reporter as R, ReporterOrHead as X,
};

impl Move {
    /// Every move, in the order of the rules of the trade.
    pub const ALL: [Self; 22] = [
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
        }
    }

    /// A grid team starts what is sent to it: an alarm goes to the nearest grid worker with nobody
    /// in between. R is whoever reported: a person, a grid worker or another system.
    const fn row(self) -> Row<Cell> {
        match self {
            // Columns: C, T, P, U, V, G, L, A, R, source, reader, wall, rule, administrator.
            Self::Report => [N, N, N, N, N, A, N, N, A, A, N, N, N, N],
            Self::SelfHandle => [N, N, N, N, N, A, N, N, N, N, N, N, N, N],
            Self::Accept | Self::Assess | Self::Dispatch => {
                [A, A, N, N, N, N, N, N, N, N, N, N, A, N]
            }
            Self::Reject | Self::Merge | Self::TransferOut => {
                [A, A, N, N, N, N, N, N, N, N, N, N, N, N]
            }
            Self::Return => [N, N, H, H, H, N, N, N, N, N, N, N, N, N],
            Self::Start | Self::Feedback => [N, N, H, H, H, H, N, N, N, N, N, N, N, N],
            Self::Progress => [N, N, P, P, P, P, N, N, N, N, N, N, N, N],
            Self::Escalate => [N, H, H, H, N, N, N, N, N, N, N, N, N, N],
            Self::AskExtension => [N, N, H, H, N, N, N, N, N, N, N, N, N, N],
            Self::GrantExtension | Self::CloseByProxy => [O, O, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::Suspend | Self::Resume => [A, N, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::Reopen => [A, A, N, N, N, R, N, N, R, R, N, N, N, N],
            Self::Close => [N, N, N, N, K, X, N, N, R, R, N, N, N, N],
            Self::Evaluate => [A, A, N, N, N, R, N, N, R, N, N, N, N, N],
            Self::Void => [D, D, N, N, N, N, N, N, N, N, N, N, N, N],
        }
    }

    /// The states it starts from; none for a report, which makes the incident.
    const fn states(self) -> &'static [State] {
        match self {
            Self::Report => &[],
            Self::SelfHandle | Self::Accept | Self::Reject => &[State::Reported],
            Self::Merge => &[
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
            ],
            Self::Assess => &[State::Accepted],
            Self::Dispatch => &[State::Assessed],
            Self::Return | Self::Start => &[State::Dispatched],
            Self::Progress
            | Self::Escalate
            | Self::AskExtension
            | Self::GrantExtension
            | Self::Suspend => &[State::InProgress],
            Self::Resume => &[State::Suspended],
            Self::Feedback => &[State::InProgress, State::SelfHandled],
            Self::Reopen | Self::Close | Self::CloseByProxy => &[State::Feedback],
            Self::Evaluate => &[State::Closed],
            Self::TransferOut => &[
                State::Reported,
                State::SelfHandled,
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
                State::Suspended,
                State::Feedback,
            ],
            Self::Void => &[State::Reported, State::Accepted, State::Assessed],
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
        Move::AskExtension | Move::GrantExtension => before_due(ClockKind::Finish),
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
        | Move::Void => true,
    }
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
