//! The panels of the administration. What is shown is what the server would allow: both ask the
//! same functions of the domain.

pub mod audit;
pub mod choose;
pub mod csv;
pub mod orgs;
pub mod people;
pub mod place;
pub mod sign_ins;
pub mod tokens;
pub mod walls;
pub mod work;

use domain::access::Deed;

use crate::i18n::{Text, admin as a, desk as d};
use crate::session::Session;
use crate::ui::icon::Icon;

/// A section of the administration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// People, their posts and grants.
    People,
    /// For a director: posts of their own organisation lent to its people.
    StandIns,
    /// Organisations.
    Orgs,
    /// Bearer tokens of other systems.
    Tokens,
    /// Wall screens.
    Walls,
    /// Who is signed in.
    SignIns,
    /// Who did what.
    Audit,
    /// One's own account.
    Account,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::People,
        Self::StandIns,
        Self::Orgs,
        Self::Walls,
        Self::Tokens,
        Self::SignIns,
        Self::Audit,
        Self::Account,
    ];

    /// The sections open to whoever is looking, in the order of the rail.
    pub fn all_for(session: Session) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|section| section.is_open(|deed| session.can(deed)))
            .collect()
    }

    /// The first section that is more than one's own account.
    pub fn first_for(session: Session) -> Option<Self> {
        Self::all_for(session)
            .into_iter()
            .find(|section| *section != Self::Account)
    }

    fn is_open(self, can: impl Fn(Deed) -> bool) -> bool {
        match self {
            Self::People | Self::Orgs => can(Deed::ManagePeople),
            Self::StandIns => can(Deed::Grant) && !can(Deed::ManagePeople),
            Self::Tokens => can(Deed::ManageTokens),
            Self::Walls => can(Deed::PairWall),
            Self::SignIns => can(Deed::SignInList),
            Self::Audit => can(Deed::ViewAudit),
            Self::Account => true,
        }
    }

    /// Its name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::StandIns => "stand-ins",
            Self::Orgs => "orgs",
            Self::Tokens => "tokens",
            Self::Walls => "walls",
            Self::SignIns => "sign-ins",
            Self::Audit => "audit",
            Self::Account => "account",
        }
    }

    /// The section of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Its title.
    pub fn title(self) -> Text {
        match self {
            Self::People => a::PEOPLE,
            Self::StandIns => a::STAND_INS,
            Self::Orgs => a::ORGS,
            Self::Tokens => a::TOKENS,
            Self::Walls => a::WALLS,
            Self::SignIns => a::SIGN_INS,
            Self::Audit => a::AUDIT,
            Self::Account => d::MY_ACCOUNT,
        }
    }

    /// Its sign.
    pub fn icon(self) -> Icon {
        match self {
            Self::People => Icon::Admin,
            Self::StandIns => Icon::StandIn,
            Self::Orgs => Icon::Orgs,
            Self::Tokens => Icon::Key,
            Self::Walls => Icon::Monitor,
            Self::SignIns => Icon::Sessions,
            Self::Audit => Icon::Audit,
            Self::Account => Icon::Person,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::access::can;
    use domain::actor::{Actor, Role};

    use super::*;

    fn open_to(role: Role, director: bool) -> Vec<&'static str> {
        let mut actor = Actor::new("x", role, "330899".parse().expect("code"));
        actor.director = director;
        Section::ALL
            .into_iter()
            .filter(|section| section.is_open(|deed| can(&actor, deed)))
            .map(Section::name)
            .collect()
    }

    #[test]
    fn each_role_sees_the_sections_that_are_its_own() {
        assert_eq!(
            open_to(Role::Administrator, false),
            ["people", "orgs", "walls", "tokens", "sign-ins", "account"]
        );
        assert_eq!(
            open_to(Role::CommandRoom, true),
            ["stand-ins", "walls", "account"]
        );
        assert_eq!(open_to(Role::CommandRoom, false), ["account"]);
        assert_eq!(open_to(Role::Auditor, false), ["audit", "account"]);
        assert_eq!(open_to(Role::Grid, true), ["account"]);
    }
}
