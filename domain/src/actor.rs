//! Who acts and who looks: roles, scope and clearance, and what each may do and see.
//! How a person or a machine proves who they are is the server's matter.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::access::{self, Deed, Viewer};
use crate::pack::orgs::OrgId;

/// What a person or a machine is to the county. The letters are those of the rules of the trade.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// C, the county centre.
    Centre,
    /// T, a township command room.
    CommandRoom,
    /// P, a platform of a township.
    Platform,
    /// U, a county unit.
    Unit,
    /// V, a village.
    Village,
    /// G, a grid team.
    Grid,
    /// L, a county leader.
    Leader,
    /// A, an auditor.
    Auditor,
    /// R, whoever reported.
    Reporter,
    /// A system that posts reports and positions: a hotline, a sensor network.
    Source,
    /// A token or a script that reads everything in its scope.
    Reader,
    /// A wall screen: reads, never acts, never sees personal data.
    Wall,
    /// A standing rule of Gridlamp itself.
    Rule,
    /// Takes people in and gives them their posts; sees no incident. National classified
    /// protection (GB/T 22239) keeps administrating, handling and auditing apart.
    Administrator,
}

impl Role {
    /// Every role, in the order of the rules of the trade.
    pub const ALL: [Self; 14] = [
        Self::Centre,
        Self::CommandRoom,
        Self::Platform,
        Self::Unit,
        Self::Village,
        Self::Grid,
        Self::Leader,
        Self::Auditor,
        Self::Reporter,
        Self::Source,
        Self::Reader,
        Self::Wall,
        Self::Rule,
        Self::Administrator,
    ];

    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Centre => "县中心",
            Self::CommandRoom => "镇街指挥室",
            Self::Platform => "平台",
            Self::Unit => "部门",
            Self::Village => "村社",
            Self::Grid => "网格",
            Self::Leader => "领导",
            Self::Auditor => "督查员",
            Self::Reporter => "上报人",
            Self::Source => "接入系统",
            Self::Reader => "只读账号",
            Self::Wall => "大屏",
            Self::Rule => "系统规则",
            Self::Administrator => "系统管理员",
        }
    }

    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Centre => "county centre",
            Self::CommandRoom => "command room",
            Self::Platform => "platform",
            Self::Unit => "county unit",
            Self::Village => "village",
            Self::Grid => "grid team",
            Self::Leader => "county leader",
            Self::Auditor => "auditor",
            Self::Reporter => "reporter",
            Self::Source => "source",
            Self::Reader => "reader",
            Self::Wall => "wall",
            Self::Rule => "standing rule",
            Self::Administrator => "administrator",
        }
    }
}

/// How much of a person's data a viewer may see. Ordered: more is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clearance {
    /// A wall: no name, no phone, a street and not a door.
    Wall,
    /// Those who handle: places in full, reporters without their phone.
    Staff,
    /// Everything.
    Full,
}

impl Clearance {
    /// Every clearance, least first.
    pub const ALL: [Self; 3] = [Self::Wall, Self::Staff, Self::Full];
}

/// Who stands behind a command or a subscription.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// Stable id: a person's, a token's name, or the rule's.
    pub id: String,
    /// What they act as.
    pub role: Role,
    /// The organisation they act for; a source or a reader has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// The region whose prefix bounds all they see and do.
    pub scope: Code,
    /// Whether they head the organisation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub director: bool,
    /// For whom they stand in, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

impl Actor {
    /// An actor of a role in a region, of no organisation.
    pub fn new(id: impl Into<String>, role: Role, scope: Code) -> Self {
        Self {
            id: id.into(),
            role,
            org: None,
            scope,
            director: false,
            on_behalf_of: None,
        }
    }

    /// The actor behind what Gridlamp does by itself.
    pub fn rule(name: &str, county: Code) -> Self {
        Self::new(name, Role::Rule, county)
    }

    /// How much of a person's data this actor may see.
    pub fn clearance(&self) -> Clearance {
        match self.role {
            Role::Wall | Role::Source | Role::Reporter | Role::Administrator => Clearance::Wall,
            Role::Centre | Role::CommandRoom | Role::Reader | Role::Rule => Clearance::Full,
            Role::Platform
            | Role::Unit
            | Role::Village
            | Role::Grid
            | Role::Leader
            | Role::Auditor => Clearance::Staff,
        }
    }

    /// Whether this actor may look at the map, the board and the incidents at all.
    pub fn may_watch(&self) -> bool {
        access::can(self, Deed::Watch)
    }

    /// As whom this actor looks at the county; none for those who may not watch.
    pub fn viewer(&self) -> Option<Viewer> {
        let has_cases = match self.role {
            Role::Platform | Role::Unit | Role::Village | Role::Grid => true,
            Role::Centre
            | Role::CommandRoom
            | Role::Leader
            | Role::Auditor
            | Role::Reporter
            | Role::Source
            | Role::Reader
            | Role::Wall
            | Role::Rule
            | Role::Administrator => false,
        };
        let party = self.org.clone().filter(|_| has_cases);
        self.may_watch().then(|| Viewer {
            scope: self.scope,
            clearance: self.clearance(),
            party_only: self.role == Role::Unit && party.is_some(),
            party,
            narrowed: false,
        })
    }

    /// Whether `region` lies within what this actor may see and do.
    pub fn covers(&self, region: Code) -> bool {
        self.scope.contains(region)
    }
}
