//! The muster clock's one verdict: the fold of the members, in one sentence.

use std::fmt::Write as _;

use super::{Seat, Session, Step};
use crate::pack::orgs::{OrgId, Orgs};
use crate::time::{Span, Timestamp};

/// How one member stands to its muster clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who.
    pub org: OrgId,
    /// How long after its order it moved; none while it has not.
    pub took: Option<Span>,
    /// How late it is, or was; zero when in time.
    pub late: Span,
    /// Whether it says that it moves and its positions do not show it.
    pub is_doubted: bool,
}

/// Whether all are out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Who was ordered and not let go, in the order of the seats.
    pub members: Vec<Member>,
    /// When the last of their clocks is due.
    pub due: Timestamp,
}

impl Verdict {
    /// How many move.
    pub fn moving(&self) -> usize {
        self.members.iter().filter(|m| m.took.is_some()).count()
    }

    /// Whether all move.
    pub fn is_all_out(&self) -> bool {
        self.moving() == self.members.len()
    }

    /// Whether all moved in time.
    pub fn is_in_time(&self) -> bool {
        self.is_all_out() && self.late().next().is_none()
    }

    /// Those who are late, or were.
    pub fn late(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.late > Span::ZERO)
    }

    /// "8 家中 7 家已出动；市场监管局 超时 02:14".
    pub fn zh(&self, orgs: &Orgs) -> String {
        let (all, moving) = (self.members.len(), self.moving());
        let mut text = format!("{all} 家中 {moving} 家已出动");
        for member in self.late() {
            let name = orgs
                .get(&member.org)
                .map_or(member.org.as_str(), |o| &o.name);
            let _ = write!(text, "；{name} 超时 {}", clock(member.late));
        }
        for member in self.members.iter().filter(|m| m.is_doubted) {
            let name = orgs
                .get(&member.org)
                .map_or(member.org.as_str(), |o| &o.name);
            let _ = write!(text, "；{name} 称已出动，位置未动");
        }
        text
    }

    /// "7 of 8 moving; market supervision 02:14 late".
    pub fn en(&self, orgs: &Orgs) -> String {
        let (all, moving) = (self.members.len(), self.moving());
        let mut text = format!("{moving} of {all} moving");
        let name = |id: &OrgId| {
            let org = orgs.get(id);
            let name = org.map(|o| if o.en.is_empty() { &o.name } else { &o.en });
            name.map_or_else(|| id.to_string(), Clone::clone)
        };
        for member in self.late() {
            let late = clock(member.late);
            let _ = write!(text, "; {} {late} late", name(&member.org));
        }
        for member in self.members.iter().filter(|m| m.is_doubted) {
            let name = name(&member.org);
            let _ = write!(text, "; {name} says it moves, and does not");
        }
        text
    }
}

/// Minutes and seconds.
fn clock(span: Span) -> String {
    let secs = span.as_secs();
    format!("{:02}:{:02}", secs / 60, secs % 60)
}

impl Session {
    /// How its members stand to the muster clock at `now`; none before the order.
    pub fn verdict(&self, now: Timestamp) -> Option<Verdict> {
        let ordered = self.ordered_at?;
        let until = self.ended_at.map_or(now, |end| end.min(now));
        let seats = self.seats.iter().filter(|seat| !seat.is_released());
        let members: Vec<Member> = seats.filter_map(|seat| member(seat, until)).collect();
        let dues = self.seats.iter().filter_map(|seat| seat.muster_due);
        Some(Verdict {
            members,
            due: dues.max().unwrap_or(ordered),
        })
    }
}

fn member(seat: &Seat, now: Timestamp) -> Option<Member> {
    let (sent, due) = (seat.at(Step::Sent)?, seat.muster_due?);
    let moved = seat.reached(Step::Moving);
    let late = moved.unwrap_or(now) - due;
    Some(Member {
        org: seat.org.clone(),
        took: moved.map(|at| at - sent),
        late: if late > Span::ZERO { late } else { Span::ZERO },
        is_doubted: seat.doubted.is_some(),
    })
}
