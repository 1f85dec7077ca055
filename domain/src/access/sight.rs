//! Who sees an incident, and how much of it. A region sees what lies in it and what is shared with
//! it; a party sees its own cases in full, wherever they lie. The masking itself is `privacy`.

use geodata::region::{Code, Level};
use smallvec::SmallVec;

use crate::actor::Clearance;
use crate::incident::{Incident, OrderState};
use crate::pack::orgs::OrgId;
use crate::session::Session;

/// As whom somebody looks at the county. Those with equal viewers get the same bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Viewer {
    /// The region whose prefix decides what they see.
    pub scope: Code,
    /// How much of a person's data.
    pub clearance: Clearance,
    /// The organisation whose own cases they see in full.
    pub party: Option<OrgId>,
    /// Whether they see nothing but those cases.
    pub party_only: bool,
    /// Whether they asked for a smaller region than their own: cases elsewhere are then left out.
    pub narrowed: bool,
}

impl Viewer {
    /// Someone who looks at a region, of no organisation.
    pub fn of_region(scope: Code, clearance: Clearance) -> Self {
        Self {
            scope,
            clearance,
            party: None,
            party_only: false,
            narrowed: false,
        }
    }

    /// The same viewer, looking at `scope` alone; that it lies within theirs is the caller's to
    /// check.
    #[must_use]
    pub fn narrow(self, scope: Code) -> Self {
        // Without cases of their own there is nothing elsewhere to leave out.
        let narrowed = self.narrowed || self.party.is_some() && scope != self.scope;
        Self {
            scope,
            narrowed,
            ..self
        }
    }

    /// How much they see of what concerns `reach`; none if they may not know of it.
    pub fn sight(&self, reach: &Reach) -> Option<Clearance> {
        if reach.is_public {
            return Some(self.clearance);
        }
        self.judge(reach.region, &reach.shared, reach.sensitive, |party| {
            reach.parties.contains(party)
        })
    }

    /// How much they see of an incident, as [`Self::sight`] of its reach.
    pub fn sight_of(&self, incident: &Incident) -> Option<Clearance> {
        let Incident {
            region,
            shared,
            sensitive,
            ..
        } = incident;
        self.judge(*region, shared, *sensitive, |party| {
            incident.parties().any(|org| org == party)
        })
    }

    fn judge(
        &self,
        region: Code,
        shared: &[Code],
        sensitive: bool,
        is_party: impl FnOnce(&OrgId) -> bool,
    ) -> Option<Clearance> {
        let near =
            self.scope.contains(region) || shared.iter().any(|region| self.scope.contains(*region));
        if self.narrowed && !near {
            return None;
        }
        if self.party.as_ref().is_some_and(is_party) {
            return Some(Clearance::Full);
        }
        // A wall is told in which village a sensitive incident lies; one of a single grid, or one
        // that asks grid by grid, would learn more.
        let closer = sensitive && self.is_close_wall();
        (near && !self.party_only && !closer).then_some(self.clearance)
    }

    fn is_close_wall(&self) -> bool {
        self.clearance == Clearance::Wall && self.scope.level() > Level::Village
    }

    /// Whether they see all that happens in the county: its running numbers are theirs to know.
    pub fn sees_all(&self) -> bool {
        self.scope.level() == Level::County && !self.party_only
    }

    /// Whether the count of what happened in `region` is theirs to know. A wall is not told where
    /// in a village a sensitive incident lies, so it gets no count below one.
    pub fn may_count(&self, region: Code) -> bool {
        let fine = self.clearance == Clearance::Wall && region.level() > Level::Village;
        self.scope.contains(region) && !self.party_only && !fine
    }
}

/// Whom an incident concerns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    /// Where it lies.
    pub region: Code,
    /// Regions elsewhere whose organisations take part.
    pub shared: SmallVec<[Code; 2]>,
    /// Organisations that hold it or help with it now.
    pub parties: SmallVec<[OrgId; 4]>,
    /// Whether it concerns a person in trouble.
    pub sensitive: bool,
    /// Whether it concerns everybody who may look at the county at all.
    pub is_public: bool,
}

impl Reach {
    /// The reach of something in a region of which nothing more is known: shown as if it were
    /// sensitive.
    pub fn unknown(region: Code) -> Self {
        Self {
            region,
            shared: SmallVec::new(),
            parties: SmallVec::new(),
            sensitive: true,
            is_public: false,
        }
    }
}

impl Incident {
    /// Organisations that hold it or help with it now, or owe an answer for it.
    pub fn parties(&self) -> impl Iterator<Item = &OrgId> {
        let holder = self.holder().map(|hold| &hold.org);
        let open = self.breaches.iter();
        let asked = open.filter(|breach| breach.state != OrderState::Cleared);
        let answering = asked.map(|breach| &breach.order.to);
        holder.into_iter().chain(&self.cooperators).chain(answering)
    }

    /// Whom it concerns now.
    pub fn reach(&self) -> Reach {
        Reach {
            region: self.region,
            shared: self.shared.clone(),
            parties: self.parties().cloned().collect(),
            sensitive: self.sensitive,
            is_public: false,
        }
    }
}

impl Reach {
    /// What concerns a region and an organisation.
    pub fn of_org(region: Code, org: OrgId) -> Self {
        Self {
            parties: SmallVec::from_iter([org]),
            sensitive: false,
            ..Self::unknown(region)
        }
    }

    /// What concerns a region and nobody else.
    pub fn of_region(region: Code) -> Self {
        Self {
            sensitive: false,
            ..Self::unknown(region)
        }
    }

    /// What concerns everybody.
    pub fn everybody(region: Code) -> Self {
        Self {
            sensitive: false,
            is_public: true,
            ..Self::unknown(region)
        }
    }
}

impl Session {
    /// Whom it concerns now.
    pub fn reach(&self) -> Reach {
        Reach {
            region: self.region,
            shared: SmallVec::new(),
            parties: self.parties().cloned().collect(),
            sensitive: self.sensitive,
            is_public: false,
        }
    }
}
