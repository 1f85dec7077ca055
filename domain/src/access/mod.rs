//! Who may do what, and who sees what: pure functions that the server decides with and the
//! screens offer with, so that no screen offers what the server would refuse. Every cell of the
//! tables is decided; nothing is allowed by leaving it out. Who somebody is, is the server's.

mod deed;
mod moves;
mod session;
mod sight;
mod table;
#[cfg(test)]
mod tests;

pub use self::deed::{Deed, can, may_do};
pub use self::moves::{Move, knows, may, moves_for, state_name};
pub use self::session::{SessionMove, knows_session, may_in_session, session_moves_for};
pub use self::sight::{Reach, Viewer};

use crate::actor::{Actor, Role};
use crate::refusal::{Class, Refusal};

#[cfg(test)]
mod session_tests;

/// One cell for each role, in the order of [`Role::ALL`].
type Row<T> = [T; Role::ALL.len()];

/// A role's place in a row.
const fn column(role: Role) -> usize {
    match role {
        Role::Centre => 0,
        Role::CommandRoom => 1,
        Role::Platform => 2,
        Role::Unit => 3,
        Role::Village => 4,
        Role::Grid => 5,
        Role::Leader => 6,
        Role::Auditor => 7,
        Role::Reporter => 8,
        Role::Source => 9,
        Role::Reader => 10,
        Role::Wall => 11,
        Role::Rule => 12,
        Role::Administrator => 13,
    }
}

/// The refusal of a role, naming those who may.
fn role_may_not(actor: &Actor, who: &[Role]) -> Refusal {
    let names = |name: fn(Role) -> &'static str, between: &str| {
        who.iter()
            .filter(|role| **role != Role::Rule)
            .map(|role| name(*role))
            .collect::<Vec<_>>()
            .join(between)
    };
    let (own_zh, own_en) = (actor.role.zh(), actor.role.en());
    Refusal::new(
        Class::Forbidden,
        "role_may_not",
        format!(
            "{own_zh}无权进行此项操作，请由{}办理",
            names(Role::zh, "、")
        ),
        format!(
            "As {own_en} you may not do this; it is for: {}",
            names(Role::en, ", ")
        ),
    )
}

fn director_required() -> Refusal {
    Refusal::new(
        Class::Forbidden,
        "director_required",
        "须由本单位负责人办理",
        "Only the head of your organisation may do this",
    )
}
