//! The moves of a session: who makes each, at which stages, and in what relation to it.

use super::{Row, column, role_may_not};
use crate::actor::{Actor, Role};
use crate::refusal::{Class, Refusal};
use crate::session::{Seat, Session, Stage, Step, Task};

/// One move of a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SessionMove {
    /// 一键下令.
    Order,
    /// 增派.
    Add,
    /// 撤出.
    Release,
    /// 更换牵头.
    Lead,
    /// 移交指挥权.
    HandOver,
    /// 接管指挥权.
    TakeOver,
    /// 送达.
    Deliver,
    /// 已阅.
    Read,
    /// 收到.
    Acknowledge,
    /// 出动.
    Move,
    /// 到场.
    Arrive,
    /// 处置中.
    Work,
    /// 销号.
    SignOff,
    /// 口头报告.
    Word,
    /// 增援、足够、撤离.
    Vote,
    /// 发消息.
    Say,
    /// 确认消息.
    AcknowledgeMessage,
    /// 计时.
    SetTimer,
    /// 停止计时.
    StopTimer,
    /// 已控制.
    Control,
    /// 结束.
    Close,
    /// 取消.
    Abort,
    /// 评价.
    Rate,
}

/// In what relation to the session a role may make a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    /// In none.
    Never,
    /// It lies in their region.
    Area,
    /// They command it.
    Commander,
    /// They command it, or their organisation opened it.
    Desk,
    /// Their organisation takes part.
    Member,
    /// Their organisation leads.
    Leads,
    /// Their organisation helps.
    Helps,
    /// Their organisation takes part and is at the scene.
    OnScene,
    /// They command it, or their organisation takes part or opened it.
    Party,
    /// Their organisation opened it.
    Asker,
}

use Cell::{
    Area as A, Asker as K, Commander as C, Desk as B, Helps as X, Leads as L, Member as M,
    Never as N, OnScene as S, Party as P,
};

impl SessionMove {
    /// Every move.
    pub const ALL: [Self; 23] = [
        Self::Order,
        Self::Add,
        Self::Release,
        Self::Lead,
        Self::HandOver,
        Self::TakeOver,
        Self::Deliver,
        Self::Read,
        Self::Acknowledge,
        Self::Move,
        Self::Arrive,
        Self::Work,
        Self::SignOff,
        Self::Word,
        Self::Vote,
        Self::Say,
        Self::AcknowledgeMessage,
        Self::SetTimer,
        Self::StopTimer,
        Self::Control,
        Self::Close,
        Self::Abort,
        Self::Rate,
    ];

    /// A county leader commands like anybody who was given the command; the centre's desk acts for
    /// whoever commands in the county, a room's for the sessions it opened. Each act bears its
    /// actor's name.
    pub(super) const fn row(self) -> Row<Cell> {
        match self {
            // Columns: C, T, P, U, V, G, L, A, R, source, reader, wall, rule, administrator.
            Self::Order
            | Self::Add
            | Self::Release
            | Self::Lead
            | Self::HandOver
            | Self::Word
            | Self::Control
            | Self::Abort => [A, B, C, C, C, C, C, N, N, N, N, N, N, N],
            Self::TakeOver => [A, K, N, N, N, N, A, N, N, N, N, N, N, N],
            Self::Deliver => [M, M, M, M, M, M, M, N, N, N, N, N, A, N],
            Self::Read | Self::Acknowledge | Self::Move | Self::Arrive | Self::Work => {
                [M, M, M, M, M, M, M, N, N, N, N, N, N, N]
            }
            Self::SignOff => [X, X, X, X, X, X, X, N, N, N, N, N, N, N],
            Self::Vote => [S, S, S, S, S, S, S, N, N, N, N, N, N, N],
            Self::Say | Self::AcknowledgeMessage => [A, P, P, P, P, P, A, N, N, N, N, N, N, N],
            Self::SetTimer | Self::StopTimer => [A, P, P, P, P, P, P, N, N, N, N, N, N, N],
            Self::Close => [L, L, L, L, L, L, L, N, N, N, N, N, N, N],
            Self::Rate => [K, K, N, N, N, N, N, N, N, N, N, N, N, N],
        }
    }

    /// The stages it is made at.
    pub(super) const fn stages(self) -> &'static [Stage] {
        const ORDERED: &[Stage] = &[
            Stage::Ordered,
            Stage::Mobilising,
            Stage::AllOut,
            Stage::OnScene,
            Stage::UnderControl,
        ];
        const OPEN: &[Stage] = &[
            Stage::Created,
            Stage::Ordered,
            Stage::Mobilising,
            Stage::AllOut,
            Stage::OnScene,
            Stage::UnderControl,
        ];
        match self {
            Self::Order => &[Stage::Created],
            Self::Add
            | Self::Release
            | Self::Lead
            | Self::HandOver
            | Self::TakeOver
            | Self::Say
            | Self::AcknowledgeMessage
            | Self::SetTimer
            | Self::StopTimer
            | Self::Abort => OPEN,
            Self::Deliver
            | Self::Read
            | Self::Acknowledge
            | Self::Move
            | Self::Arrive
            | Self::Work
            | Self::SignOff
            | Self::Word
            | Self::Vote
            | Self::Control => ORDERED,
            Self::Close => &[Stage::UnderControl],
            Self::Rate => &[Stage::Ended],
        }
    }
}

/// Whether an actor may make a move in a session as it stands.
///
/// # Errors
/// Why not, in a sentence. What they may not know of is not found.
pub fn may_in_session(actor: &Actor, one: SessionMove, session: &Session) -> Result<(), Refusal> {
    if !knows_session(actor, session) {
        return Err(Refusal::new(
            Class::NotFound,
            "not_found",
            "没有这次指挥",
            "There is no such session",
        ));
    }
    let row = one.row();
    let cell = row[column(actor.role)];
    if cell == N {
        let mut who = Role::ALL.into_iter();
        let who: Vec<Role> = who
            .by_ref()
            .filter(|role| row[column(*role)] != N)
            .collect();
        return Err(role_may_not(actor, &who));
    }
    if !stands(actor, cell, session) {
        return Err(wrong_relation(cell));
    }
    if one.stages().contains(&session.stage) {
        return Ok(());
    }
    let (zh, en) = (session.stage.zh(), session.stage.en());
    Err(Refusal::new(
        Class::Refused,
        "wrong_stage",
        format!("指挥当前为“{zh}”，不能进行此项操作，请刷新后再试"),
        format!("The session is {en}; this does not apply to it now"),
    ))
}

/// The moves a screen offers an actor in a session.
pub fn session_moves_for<'a>(
    actor: &'a Actor,
    session: &'a Session,
) -> impl Iterator<Item = SessionMove> + 'a {
    let all = SessionMove::ALL.into_iter();
    all.filter(move |one| may_in_session(actor, *one, session).is_ok())
}

/// Whether an actor may know of a session: they see it, command it, or are the standing rules.
pub fn knows_session(actor: &Actor, session: &Session) -> bool {
    if actor.role == Role::Rule {
        return actor.covers(session.region);
    }
    let commands = !actor.id.is_empty() && actor.id == session.commander.id;
    let viewer = actor.viewer();
    viewer.is_some_and(|viewer| commands || viewer.sight(&session.reach()).is_some())
}

fn stands(actor: &Actor, cell: Cell, session: &Session) -> bool {
    let org = actor.org.as_ref();
    let seat = org.and_then(|org| session.seat(org));
    let seat = seat.filter(|seat| !seat.is_released());
    let commands = !actor.id.is_empty() && actor.id == session.commander.id;
    let asked = org.is_some() && org == session.asker.org.as_ref();
    let has = |task| seat.is_some_and(|seat: &Seat| seat.task == task);
    match cell {
        Cell::Never => false,
        Cell::Area => actor.covers(session.region),
        Cell::Commander => commands,
        Cell::Desk => commands || asked,
        Cell::Member => seat.is_some(),
        Cell::Leads => has(Task::Lead),
        Cell::Helps => has(Task::Cooperate),
        Cell::OnScene => seat.is_some_and(|seat| seat.reached(Step::Arrived).is_some()),
        Cell::Party => commands || asked || seat.is_some(),
        Cell::Asker => asked,
    }
}

fn wrong_relation(cell: Cell) -> Refusal {
    let (code, zh, en) = match cell {
        Cell::Never | Cell::Area => (
            "outside_scope",
            "此次指挥不在本辖区内，请由属地或县中心办理",
            "It lies outside your region; that region's room or the county centre must do this",
        ),
        Cell::Commander | Cell::Desk => (
            "commander_must",
            "此项操作由指挥长办理",
            "The commander must do this",
        ),
        Cell::Member | Cell::Party => (
            "not_a_member",
            "本单位未参与此次指挥",
            "Your organisation takes no part in this session",
        ),
        Cell::Leads => (
            "lead_must",
            "此项操作由牵头单位办理",
            "The unit that leads must do this",
        ),
        Cell::Helps => (
            "cooperator_must",
            "此项操作由协同单位办理",
            "A cooperating unit must do this",
        ),
        Cell::OnScene => (
            "not_on_scene",
            "到场后才能表决，请先报到场",
            "Only those at the scene vote; say first that you arrived",
        ),
        Cell::Asker => (
            "asker_must",
            "此项操作由发起单位办理",
            "Whoever opened the session must do this",
        ),
    };
    Refusal::new(Class::Forbidden, code, zh, en)
}
