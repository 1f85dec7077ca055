//! An escalation chain: ways to reach somebody, one after the other, until they acknowledge. What
//! was tried is a fold of facts; who is tried, and how, is left to whoever holds the chain.

use serde::{Deserialize, Serialize};

use crate::pack::notices::NoticeRules;
use crate::time::{Span, Timestamp};

/// A way to reach somebody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The app.
    App,
    /// A short message.
    Sms,
    /// A call.
    Voice,
    /// Their deputy.
    Deputy,
    /// The unit's duty phone.
    DutyPhone,
}

/// One step of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// How.
    pub way: Way,
    /// How long to wait for an acknowledgement before the next step.
    pub wait: Span,
}

/// What is tried for whoever must not be missed: the app, a message, a call, the deputy, the duty
/// phone. A message that went out at once is not sent again.
pub fn usual(rules: NoticeRules, sms_at_once: bool) -> Vec<Step> {
    let (read, call_back) = (rules.read(), rules.call_back());
    let steps = [
        (Way::App, read),
        (Way::Sms, read),
        (Way::Voice, call_back),
        (Way::Deputy, call_back),
        (Way::DutyPhone, call_back),
    ];
    steps
        .into_iter()
        .filter(|(way, _)| !(sms_at_once && *way == Way::Sms))
        .map(|(way, wait)| Step { way, wait })
        .collect()
}

/// Something that happened along a chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A step was made.
    Tried {
        /// Which, from 0.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// Somebody said that they have it.
    Acknowledged {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// What is to be done about a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// Nothing, ever: it is acknowledged.
    Stopped,
    /// Make this step now.
    Try(usize),
    /// Nothing before then.
    Wait(Timestamp),
    /// All was tried and nobody acknowledged: they were missed.
    Missed,
}

/// How far a chain has come: a fold of its facts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The last step made, and when.
    pub tried: Option<(usize, Timestamp)>,
    /// Who acknowledged, and when.
    pub acknowledged: Option<(String, Timestamp)>,
}

impl Progress {
    /// Takes a fact in. The first acknowledgement counts; a step told twice is one step.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::Tried { step, at } => {
                if self.tried.is_none_or(|(last, _)| *step > last) {
                    self.tried = Some((*step, *at));
                }
            }
            Fact::Acknowledged { by, at } => {
                if self.acknowledged.is_none() {
                    self.acknowledged = Some((by.clone(), *at));
                }
            }
        }
    }

    /// What is to be done at `now`.
    pub fn due(&self, steps: &[Step], now: Timestamp) -> Due {
        if self.acknowledged.is_some() {
            return Due::Stopped;
        }
        let Some((last, at)) = self.tried else {
            return if steps.is_empty() {
                Due::Missed
            } else {
                Due::Try(0)
            };
        };
        let wait = steps.get(last).map_or(Span::secs(0), |step| step.wait);
        let next = at + wait;
        if now < next {
            Due::Wait(next)
        } else if last + 1 < steps.len() {
            Due::Try(last + 1)
        } else {
            Due::Missed
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(waits: &[u8]) -> Vec<Step> {
        let ways = [Way::App, Way::Sms, Way::Voice, Way::Deputy, Way::DutyPhone];
        let step = |(n, wait): (usize, &u8)| Step {
            way: ways[n % ways.len()],
            wait: Span::secs(i64::from(*wait)),
        };
        waits.iter().enumerate().map(step).collect()
    }

    /// Runs a chain; `acknowledged` is the second at which somebody does. A restart in every
    /// second folds the facts anew and may make the last step a second time.
    fn run(steps: &[Step], acknowledged: Option<i64>) -> (Vec<(usize, i64)>, Due) {
        let mut facts: Vec<Fact> = Vec::new();
        let mut tried = Vec::new();
        for second in 0..2_000 {
            let now = Timestamp::from_millis(second * 1000);
            if acknowledged == Some(second) {
                let by = "p".to_owned();
                facts.push(Fact::Acknowledged { by, at: now });
            }
            let mut progress = Progress::default();
            for fact in facts.iter().chain(facts.last()) {
                progress.apply(fact);
            }
            if let Due::Try(step) = progress.due(steps, now) {
                tried.push((step, second));
                facts.push(Fact::Tried { step, at: now });
            }
        }
        let mut progress = Progress::default();
        for fact in &facts {
            progress.apply(fact);
        }
        let end = progress.due(steps, Timestamp::from_millis(2_000_000));
        (tried, end)
    }

    proptest! {
        #[test]
        fn every_step_is_made_once_in_order_until_somebody_acknowledges(
            waits in prop::collection::vec(1_u8..100, 1..6),
            acknowledged in prop::option::of(0_i64..700),
        ) {
            let steps = steps(&waits);
            let (tried, end) = run(&steps, acknowledged);
            prop_assert!(tried.iter().map(|(step, _)| *step).eq(0..tried.len()));
            let mut from = 0;
            for ((_, at), wait) in tried.iter().zip(&waits) {
                prop_assert!(acknowledged.is_none_or(|ack| *at < ack));
                prop_assert_eq!(*at, from);
                from = at + i64::from(*wait);
            }
            if acknowledged.is_some() {
                prop_assert_eq!(end, Due::Stopped);
            } else {
                prop_assert_eq!(tried.len(), steps.len());
                prop_assert_eq!(end, Due::Missed);
            }
        }
    }

    #[test]
    fn an_empty_chain_misses_and_a_running_one_says_when_to_look() {
        let now = Timestamp::from_millis(0);
        let mut progress = Progress::default();
        assert_eq!(progress.due(&[], now), Due::Missed);
        let steps = steps(&[60, 1]);
        assert_eq!(progress.due(&steps, now), Due::Try(0));
        progress.apply(&Fact::Tried { step: 0, at: now });
        let next = now + Span::secs(60);
        assert_eq!(progress.due(&steps, now), Due::Wait(next));
        assert_eq!(progress.due(&steps, next), Due::Try(1));
    }
}
