//! What may be done that is no move of an incident: watching, exporting, administering. Where it
//! may be done (inside one's scope) is asked by whoever does it.

use super::{Row, column, director_required, role_may_not};
use crate::actor::{Actor, Role};
use crate::refusal::Refusal;

/// Something a role may or may not do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// Look at the map, the board and the incidents.
    Watch,
    /// Look at the county as it was, and at where units were.
    Replay,
    /// Take lists away as a file.
    Export,
    /// See a restricted layer: key persons, patients, minors.
    ViewRestrictedLayer,
    /// Search by a person's name or phone.
    SearchPersonal,
    /// Pair, rename, re-scope and revoke walls.
    PairWall,
    /// Take people in and give them posts.
    ManagePeople,
    /// Issue and revoke tokens.
    ManageTokens,
    /// Lend a post for a time.
    Grant,
    /// Search the audit.
    ViewAudit,
    /// See and end others' sign-ins.
    SignInList,
    /// Switch between peace and war mode.
    SwitchMode,
    /// Open a 1+1+X session.
    OpenSession,
    /// Take note of what sounds in a room.
    AcknowledgeAlarm,
    /// Send something to a wall, and the wall back to rotation.
    SteerWall,
    /// Report an incident; the rooms do so on behalf of a caller.
    PostReports,
    /// Tell where units are.
    PostPositions,
}

/// What a role may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
    Never,
    May,
    Director,
}

use Cell::{Director as D, May as Y, Never as N};

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 17] = [
        Self::Watch,
        Self::Replay,
        Self::Export,
        Self::ViewRestrictedLayer,
        Self::SearchPersonal,
        Self::PairWall,
        Self::ManagePeople,
        Self::ManageTokens,
        Self::Grant,
        Self::ViewAudit,
        Self::SignInList,
        Self::SwitchMode,
        Self::OpenSession,
        Self::AcknowledgeAlarm,
        Self::SteerWall,
        Self::PostReports,
        Self::PostPositions,
    ];

    /// Its name, stable, in snake_case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Replay => "replay",
            Self::Export => "export",
            Self::ViewRestrictedLayer => "view_restricted_layer",
            Self::SearchPersonal => "search_personal",
            Self::PairWall => "pair_wall",
            Self::ManagePeople => "manage_people",
            Self::ManageTokens => "manage_tokens",
            Self::Grant => "grant",
            Self::ViewAudit => "view_audit",
            Self::SignInList => "sign_in_list",
            Self::SwitchMode => "switch_mode",
            Self::OpenSession => "open_session",
            Self::AcknowledgeAlarm => "acknowledge_alarm",
            Self::SteerWall => "steer_wall",
            Self::PostReports => "post_reports",
            Self::PostPositions => "post_positions",
        }
    }

    /// Handling, administrating and auditing stay apart; what names people in trouble is for
    /// those who look after them in place.
    const fn row(self) -> Row<Cell> {
        match self {
            // Columns: C, T, P, U, V, G, L, A, R, source, reader, wall, rule, administrator.
            Self::Watch => [Y, Y, Y, Y, Y, Y, Y, Y, N, N, Y, Y, N, N],
            // A wall shows the present; where somebody was all day is not for a room.
            Self::Replay => [Y, Y, Y, Y, Y, Y, Y, Y, N, N, Y, N, N, N],
            Self::Export => [Y, Y, Y, Y, N, N, Y, Y, N, N, Y, N, N, N],
            Self::ViewRestrictedLayer => [Y, Y, Y, N, Y, Y, N, N, N, N, N, N, N, N],
            Self::SearchPersonal | Self::OpenSession => [Y, Y, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::PairWall | Self::Grant => [D, D, N, N, N, N, N, N, N, N, N, N, Y, Y],
            Self::ManagePeople | Self::ManageTokens | Self::SignInList => {
                [N, N, N, N, N, N, N, N, N, N, N, N, Y, Y]
            }
            Self::ViewAudit => [N, N, N, N, N, N, N, Y, N, N, N, N, N, N],
            Self::SwitchMode => [Y, N, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::AcknowledgeAlarm => [Y, Y, N, N, N, N, Y, N, N, N, N, N, N, N],
            Self::SteerWall => [Y, Y, N, N, N, N, N, N, N, N, N, N, N, Y],
            Self::PostReports => [Y, Y, N, N, N, Y, N, N, Y, Y, N, N, N, N],
            Self::PostPositions => [N, N, Y, Y, Y, Y, N, N, N, Y, N, N, N, N],
        }
    }
}

/// Whether an actor may do this somewhere in their scope.
///
/// # Errors
/// Why not, and who may.
pub fn may_do(actor: &Actor, deed: Deed) -> Result<(), Refusal> {
    let row = deed.row();
    match row[column(actor.role)] {
        Cell::May => Ok(()),
        Cell::Director if actor.director => Ok(()),
        Cell::Director => Err(director_required()),
        Cell::Never => {
            let who: Vec<Role> = Role::ALL
                .into_iter()
                .filter(|role| row[column(*role)] != Cell::Never)
                .collect();
            Err(role_may_not(actor, &who))
        }
    }
}

/// As [`may_do`], for those who need no reason.
pub fn can(actor: &Actor, deed: Deed) -> bool {
    may_do(actor, deed).is_ok()
}
