//! Figures over the reports of many sessions (考核): of each organisation how often it was called,
//! how fast it acknowledged, moved and arrived, how often in time, how it was rated. Drills, what
//! was called off and what is not over are in no figure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pack::orgs::OrgId;
use crate::session::review::{Judgement, Member, Outcome, Review};
use crate::session::{Step, Task};

/// The figures of a period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ReviewFigures {
    /// Real sessions that were ordered and are over.
    pub sessions: u32,
    /// Drills, and what was called off or never ordered: in no other figure.
    pub left_out: u32,
    /// Of the sessions, those in which all moved in time: the muster rate.
    pub muster: Share,
    /// Of all organisations together.
    pub all: OrgFigures,
    /// Of each organisation, those called most often first.
    pub orgs: Vec<Row>,
}

/// The figures of one organisation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub org: OrgId,
    /// What.
    pub figures: OrgFigures,
}

/// What is counted of an organisation, or of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OrgFigures {
    /// How often it was ordered and not let go.
    pub orders: u32,
    /// How often it led.
    pub led: u32,
    /// How long it took to acknowledge.
    pub acknowledged: Spread,
    /// How long it took to move.
    pub moving: Spread,
    /// How long it took to arrive.
    pub arrived: Spread,
    /// Moving in time.
    pub muster: Share,
    /// Reporting on the spot in time, where it was whistled for.
    pub respond: Share,
    /// How often positions contradicted what it said.
    pub doubted: u32,
    /// How often its order had to go beyond the app.
    pub chased: u32,
    /// How it was rated.
    pub rating: Marks,
}

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// Judged.
    pub of: u32,
    /// In time.
    pub in_time: u32,
}

/// How long something took, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    /// How many there are; without any the others are 0.
    pub count: u32,
    /// Half of them took no longer.
    pub median_secs: u32,
    /// Nine of ten took no longer.
    pub p90_secs: u32,
    /// None took longer.
    pub max_secs: u32,
}

/// Ratings, 1 to 5 each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Marks {
    /// How many there are.
    pub count: u32,
    /// All together: the mean is this by `count`.
    pub sum: u32,
}

impl Share {
    fn add(&mut self, judgement: &Judgement) {
        let is_judged = matches!(
            judgement.outcome,
            Outcome::InTime | Outcome::Late | Outcome::Missing
        );
        self.of += u32::from(is_judged);
        self.in_time += u32::from(judgement.outcome == Outcome::InTime);
    }

    /// In percent, rounded down, so that only all is 100; none of none.
    pub fn percent(self) -> Option<u32> {
        (self.in_time * 100).checked_div(self.of)
    }
}

impl Spread {
    /// Of times in any order, in seconds.
    pub fn of(mut secs: Vec<u32>) -> Self {
        secs.sort_unstable();
        let count = secs.len();
        // The smallest that `percent` of them don't exceed.
        let rank = |percent: usize| {
            let at = (count * percent).div_ceil(100).saturating_sub(1);
            secs.get(at).copied().unwrap_or_default()
        };
        Self {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            median_secs: rank(50),
            p90_secs: rank(90),
            max_secs: rank(100),
        }
    }
}

#[derive(Default)]
struct Tally {
    figures: OrgFigures,
    acknowledged: Vec<u32>,
    moving: Vec<u32>,
    arrived: Vec<u32>,
}

impl Tally {
    fn add(&mut self, member: &Member) {
        let figures = &mut self.figures;
        figures.orders += 1;
        figures.led += u32::from(member.task == Task::Lead);
        figures.muster.add(&member.muster);
        if let Some(respond) = &member.respond {
            figures.respond.add(respond);
        }
        figures.doubted += u32::from(member.doubted_at.is_some());
        figures.chased += u32::from(member.chain.len() > 1);
        if let Some(rating) = &member.rating {
            figures.rating.count += 1;
            figures.rating.sum += u32::from(rating.score);
        }
        self.acknowledged.extend(member.secs(Step::Acknowledged));
        self.moving.extend(member.secs(Step::Moving));
        self.arrived.extend(member.secs(Step::Arrived));
    }

    fn done(self) -> OrgFigures {
        OrgFigures {
            acknowledged: Spread::of(self.acknowledged),
            moving: Spread::of(self.moving),
            arrived: Spread::of(self.arrived),
            ..self.figures
        }
    }
}

/// The figures of these reports.
pub fn review_figures<'a>(reviews: impl IntoIterator<Item = &'a Review>) -> ReviewFigures {
    let mut found = ReviewFigures::default();
    let mut all = Tally::default();
    let mut orgs: BTreeMap<&OrgId, Tally> = BTreeMap::new();
    for review in reviews {
        if !review.counts() {
            found.left_out += 1;
            continue;
        }
        found.sessions += 1;
        found.muster.of += 1;
        found.muster.in_time += u32::from(review.verdict.is_some_and(|one| one.all_in_time));
        let ordered = review
            .members
            .iter()
            .filter(|member| member.ordered_at.is_some() && member.released_at.is_none());
        for member in ordered {
            all.add(member);
            orgs.entry(&member.org).or_default().add(member);
        }
    }
    let rows = orgs.into_iter().map(|(org, tally)| Row {
        org: org.clone(),
        figures: tally.done(),
    });
    found.orgs = rows.collect();
    found
        .orgs
        .sort_by_key(|row| std::cmp::Reverse(row.figures.orders));
    found.all = all.done();
    found
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_spread_of_none_one_and_ten() {
        assert_eq!(Spread::of(Vec::new()), Spread::default());
        let one = Spread::of(vec![7]);
        assert_eq!((one.median_secs, one.p90_secs, one.max_secs), (7, 7, 7));
        let ten = Spread::of((1..=10).rev().collect());
        assert_eq!((ten.median_secs, ten.p90_secs, ten.max_secs), (5, 9, 10));
    }
}
