//! The numbers of 1+1+X sessions. Each is a default that a county's `catalogue.toml` may change.

use serde::{Deserialize, Serialize};

use super::fault::Check;
use crate::time::Span;

/// Limits of a session, in peace and in war mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// By when every unit ordered must be moving, in seconds from the order.
    pub muster_secs: u32,
    /// The same in war mode.
    pub muster_war_secs: u32,
    /// After how many seconds an order that nobody read goes to the next channel.
    pub read_secs: u32,
    /// The same in war mode.
    pub read_war_secs: u32,
    /// By when a unit that was whistled for must have reported on the spot, in seconds.
    pub respond_secs: u32,
    /// How long after a unit says that it moves its positions must show it, in seconds.
    pub doubt_secs: u32,
    /// How much nearer to the scene counts as moving, in metres.
    pub moved_metres: u32,
    /// How near to the scene an arrival is suggested, in metres.
    pub fence_metres: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            muster_secs: 600,
            muster_war_secs: 600,
            read_secs: 60,
            read_war_secs: 30,
            respond_secs: 1_800,
            doubt_secs: 180,
            moved_metres: 100,
            fence_metres: 150,
        }
    }
}

impl SessionRules {
    /// By when all must be moving.
    pub fn muster(&self, war: bool) -> Span {
        Span::secs(i64::from(if war {
            self.muster_war_secs
        } else {
            self.muster_secs
        }))
    }

    /// How long an order may stay unread on one channel.
    pub fn read(&self, war: bool) -> Span {
        Span::secs(i64::from(if war {
            self.read_war_secs
        } else {
            self.read_secs
        }))
    }

    /// Faults what cannot be kept.
    pub(super) fn check(&self, check: &mut Check) {
        let all = [
            ("muster_secs", self.muster_secs),
            ("muster_war_secs", self.muster_war_secs),
            ("read_secs", self.read_secs),
            ("read_war_secs", self.read_war_secs),
            ("respond_secs", self.respond_secs),
            ("doubt_secs", self.doubt_secs),
            ("moved_metres", self.moved_metres),
            ("fence_metres", self.fence_metres),
        ];
        for (name, value) in all {
            if !(1..=86_400).contains(&value) {
                check.fault(
                    format!("sessions.{name}"),
                    format!("{value} is not between 1 and 86400"),
                    "correct it, or leave it out for the default",
                );
            }
        }
    }
}
