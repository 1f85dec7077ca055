//! The five clocks of an incident: what each counts from, when it turns amber, red and deep red.
//! The thresholds are fixed when the clock starts, so that a later change of the pack cannot
//! recolour the past, and a lamp is three comparisons.

use serde::{Deserialize, Serialize};

use crate::pack::calendar::WorkCalendar;
use crate::pack::limits::Severity;
use crate::pack::limits::{LampRules, Limit};
use crate::time::Timestamp;

/// Which obligation a clock measures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// From the report until somebody accepts it.
    Accept,
    /// From the order until the unit signs for it.
    Sign,
    /// From signing until the first action on the spot.
    FirstAction,
    /// From the assessment until the result is fed back.
    Finish,
    /// From the feedback until it is confirmed.
    Confirm,
}

/// One clock, running or stopped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Clock {
    /// What it measures.
    pub kind: ClockKind,
    /// When it began.
    pub start: Timestamp,
    /// When it turns red.
    pub due: Timestamp,
    /// When it turns amber.
    pub amber_at: Timestamp,
    /// When it turns deep red.
    pub deep_at: Timestamp,
    /// Whether the limit reaches into a year whose holidays are not announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// The version of the working calendar it was computed with.
    pub calendar: String,
    /// When it stopped; it runs while this is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
}

impl Clock {
    /// Starts a clock of `limit` at `start`; `severity` decides how early it warns.
    pub fn start(
        kind: ClockKind,
        start: Timestamp,
        limit: Limit,
        severity: Severity,
        calendar: &WorkCalendar,
        rules: &LampRules,
    ) -> Self {
        let due = limit.due(start, calendar);
        Self {
            kind,
            start,
            due: due.at,
            amber_at: rules.amber_at(severity, start, due.at),
            deep_at: rules.deep_red_at(start, due.at),
            provisional: due.provisional,
            calendar: calendar.version.clone(),
            stopped: None,
        }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.stopped.is_none()
    }

    /// How far past due it is at `now`, or was when it stopped, in seconds; 0 when in time.
    pub fn late_secs(&self, now: Timestamp) -> i64 {
        self.stopped.unwrap_or(now).seconds_since(self.due).max(0)
    }
}
