//! How a rule names what it is about and who is to do it.

use std::fmt;
use std::str::FromStr;

use super::Matter;
use crate::pack::orgs::{Org, OrgId, OrgKind, Orgs};
use crate::time::as_text::serde_as_text;

/// The first digits of a code. Serde as text; `*` is any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prefix(String);

impl Prefix {
    pub(super) fn of(digits: &str) -> Self {
        Self(digits.to_owned())
    }

    pub(super) fn matches(&self, code: &impl fmt::Display) -> bool {
        self.0.is_empty() || code.to_string().starts_with(&self.0)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "*" } else { &self.0 })
    }
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::default());
        }
        let plain =
            (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("{text:?} is neither digits nor *"))
    }
}

serde_as_text!(Prefix, "03, or *");

/// Names organisations by what they are to an incident. Serde as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
    /// `platform`: the township's platform for the category.
    Platform,
    /// `platform:综合执法`: the township's platform of that name.
    PlatformNamed(String),
    /// `unit`: whoever covers the category's lead department type.
    Unit,
    /// `unit:水利`: whoever covers that department type.
    UnitOf(String),
    /// `cooperating`: whoever covers the category's other department types.
    Cooperating,
    /// `village`: the village's committee.
    Village,
    /// `grid_team`: the grid's team.
    GridTeam,
    /// `command_room`: the township's command room.
    CommandRoom,
    /// `centre`: the county centre.
    Centre,
    /// `org:330899-U-fire`: that very organisation.
    Org(OrgId),
}

impl Selector {
    pub(super) fn select<'a>(&self, matter: &Matter<'a>) -> Vec<&'a Org> {
        let Matter {
            category,
            region,
            orgs,
            ..
        } = *matter;
        let department = |name: &String| orgs.department(name, region);
        match self {
            Self::Platform => matter.platform(&category.platform).into_iter().collect(),
            Self::PlatformNamed(name) => matter.platform(name).into_iter().collect(),
            Self::Unit => category
                .lead
                .iter()
                .find_map(department)
                .into_iter()
                .collect(),
            Self::UnitOf(name) => department(name).into_iter().collect(),
            Self::Cooperating => category
                .lead
                .iter()
                .skip(1)
                .chain(&category.cooperate)
                .filter_map(department)
                .collect(),
            Self::Village => orgs.nearest(OrgKind::Village, region).into_iter().collect(),
            Self::GridTeam => orgs
                .nearest(OrgKind::GridTeam, region)
                .into_iter()
                .collect(),
            Self::CommandRoom => orgs.get(orgs.room_for(region)).into_iter().collect(),
            Self::Centre => orgs.get(orgs.centre()).into_iter().collect(),
            Self::Org(id) => orgs.get(id).into_iter().collect(),
        }
    }

    /// What it names that the county doesn't have.
    pub(super) fn missing(&self, orgs: &Orgs) -> Option<String> {
        match self {
            Self::Org(id) if orgs.get(id).is_none() => {
                Some(format!("there is no organisation {id}"))
            }
            Self::UnitOf(name) if !orgs.has_department(name) => {
                Some(format!("no organisation covers the department type {name}"))
            }
            Self::PlatformNamed(name)
                if !orgs
                    .iter()
                    .any(|org| org.platform.as_deref() == Some(name.as_str())) =>
            {
                Some(format!("no township has a platform {name}"))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("platform"),
            Self::PlatformNamed(name) => write!(f, "platform:{name}"),
            Self::Unit => f.write_str("unit"),
            Self::UnitOf(name) => write!(f, "unit:{name}"),
            Self::Cooperating => f.write_str("cooperating"),
            Self::Village => f.write_str("village"),
            Self::GridTeam => f.write_str("grid_team"),
            Self::CommandRoom => f.write_str("command_room"),
            Self::Centre => f.write_str("centre"),
            Self::Org(id) => write!(f, "org:{id}"),
        }
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text
            .split_once(':')
            .map_or((text, None), |(kind, name)| (kind, Some(name.trim())));
        let selector = match (kind, name.filter(|name| !name.is_empty())) {
            ("platform", Some(name)) => Self::PlatformNamed(name.to_owned()),
            ("unit", Some(name)) => Self::UnitOf(name.to_owned()),
            ("org", Some(id)) => {
                Self::Org(id.parse().map_err(|error| format!("{text:?}: {error}"))?)
            }
            _ if name.is_some() => return Err(Self::unknown(text)),
            ("platform", None) => Self::Platform,
            ("unit", None) => Self::Unit,
            ("cooperating", None) => Self::Cooperating,
            ("village", None) => Self::Village,
            ("grid_team", None) => Self::GridTeam,
            ("command_room", None) => Self::CommandRoom,
            ("centre", None) => Self::Centre,
            _ => return Err(Self::unknown(text)),
        };
        Ok(selector)
    }
}

impl Selector {
    fn unknown(text: &str) -> String {
        format!(
            "{text:?} names nobody; write platform, platform:NAME, unit, unit:DEPARTMENT, cooperating, \
             village, grid_team, command_room, centre or org:ID"
        )
    }
}

serde_as_text!(Selector, "platform, unit or org:330899-U-fire");
