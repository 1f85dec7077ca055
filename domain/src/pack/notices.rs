//! How long an escalation chain waits at each step. Each is a default that a county's `catalogue.toml`
//! may change.

use serde::{Deserialize, Serialize};

use super::fault::Check;
use crate::time::Span;

/// `[notices]` of `catalogue.toml`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeRules {
    /// How long what lies in the app or in a message is waited for, in seconds.
    pub read_secs: u32,
    /// How long it is waited after a call, in seconds.
    pub call_back_secs: u32,
}

impl Default for NoticeRules {
    fn default() -> Self {
        Self {
            read_secs: 60,
            call_back_secs: 120,
        }
    }
}

impl NoticeRules {
    /// How long what lies in the app or in a message is waited for.
    pub fn read(self) -> Span {
        Span::secs(i64::from(self.read_secs))
    }

    /// How long it is waited after a call.
    pub fn call_back(self) -> Span {
        Span::secs(i64::from(self.call_back_secs))
    }

    /// Faults what cannot be kept.
    pub(super) fn check(self, check: &mut Check) {
        let all = [
            ("read_secs", self.read_secs),
            ("call_back_secs", self.call_back_secs),
        ];
        for (name, value) in all {
            if !(1..=86_400).contains(&value) {
                check.fault(
                    format!("notices.{name}"),
                    format!("{value} is not between 1 and 86400"),
                    "correct it, or leave it out for the default",
                );
            }
        }
    }
}
