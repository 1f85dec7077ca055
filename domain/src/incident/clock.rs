//! The five clocks of an incident: what each counts from, when it turns amber, red and deep red.
//! The thresholds are fixed when the clock starts, so that a later change of the pack cannot
//! recolour the past, and a lamp is three comparisons.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::pack::calendar::{Due, WorkCalendar};
use crate::pack::limits::Severity;
use crate::pack::limits::{LampRules, Limit};
use crate::time::{Span, Timestamp};

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

/// One clock: running, paused or stopped.
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
    /// The limit it was set by; a clock of an older log does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// When it is reminded of; only when it turns amber, where this is empty.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub remind_at: SmallVec<[Timestamp; 1]>,
    /// How many of these reminders went out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reminded: u8,
    /// Deadlines it had before they were put off, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was_due: Vec<Timestamp>,
    /// When it stood still, from and to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<(Timestamp, Timestamp)>,
    /// Since when it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Timestamp>,
    /// When it stopped; it runs or pauses while this is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(count: &u8) -> bool {
    *count == 0
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
        let mut clock = Self {
            kind,
            start,
            due: due.at,
            amber_at: due.at,
            deep_at: due.at,
            provisional: due.provisional,
            calendar: calendar.version.clone(),
            limit: Some(limit),
            remind_at: SmallVec::new(),
            reminded: 0,
            was_due: Vec::new(),
            pauses: Vec::new(),
            paused: None,
            stopped: None,
        };
        clock.arm(severity, rules, start);
        clock
    }

    /// The same clock with another deadline, from `now` on: its warnings are set anew, those whose
    /// time is over left out.
    #[must_use]
    pub fn put_off(
        &self,
        due: Due,
        severity: Severity,
        calendar: &WorkCalendar,
        rules: &LampRules,
        now: Timestamp,
    ) -> Self {
        let mut clock = self.clone();
        if clock.due != due.at {
            clock.was_due.push(clock.due);
        }
        clock.due = due.at;
        clock.provisional = due.provisional;
        clock.calendar.clone_from(&calendar.version);
        clock.arm(severity, rules, now);
        clock
    }

    /// The same clock going on after a pause, with what was left.
    #[must_use]
    pub fn go_on(
        &self,
        severity: Severity,
        calendar: &WorkCalendar,
        rules: &LampRules,
        now: Timestamp,
    ) -> Self {
        let Some(paused) = self.paused else {
            return self.clone();
        };
        // What was overdue stays overdue by as much.
        let due = match self.limit {
            Some(limit) if paused < self.due => limit.go_on(paused, self.due, now, calendar),
            _ => Due::firm(now + (self.due - paused)),
        };
        let mut clock = self.put_off(due, severity, calendar, rules, now);
        clock.paused = None;
        clock.pauses.push((paused, now));
        clock
    }

    fn arm(&mut self, severity: Severity, rules: &LampRules, from: Timestamp) {
        self.amber_at = rules.amber_at(severity, self.start, self.due);
        self.deep_at = rules.deep_red_at(self.start, self.due);
        let all = rules.reminders_at(severity, self.start, self.due);
        let ahead: SmallVec<[Timestamp; 1]> = all.into_iter().filter(|at| *at >= from).collect();
        self.reminded = 0;
        self.remind_at = if ahead[..] == [self.amber_at] {
            SmallVec::new()
        } else if ahead.is_empty() {
            // Too late to warn of: it counts as done.
            self.reminded = 1;
            SmallVec::new()
        } else {
            ahead
        };
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.stopped.is_none() && self.paused.is_none()
    }

    /// When it must be reminded of next, while it runs.
    pub fn next_reminder(&self) -> Option<Timestamp> {
        let nth = usize::from(self.reminded);
        if !self.runs() {
            None
        } else if self.remind_at.is_empty() {
            (nth == 0).then_some(self.amber_at)
        } else {
            self.remind_at.get(nth).copied()
        }
    }

    /// How long it ran between `from` and `to`, pauses left out.
    pub fn ran(&self, from: Timestamp, to: Timestamp) -> Span {
        let end = self.stopped.or(self.paused).map_or(to, |end| end.min(to));
        let begin = self.start.max(from);
        let whole = (end - begin).max(Span::ZERO);
        let still = self
            .pauses
            .iter()
            .map(|(stop, on)| ((*on).min(end) - (*stop).max(begin)).max(Span::ZERO))
            .fold(Span::ZERO, |sum, one| sum + one);
        whole - still
    }

    /// How far past due it is at `now`, or was when it stopped or paused, in seconds; 0 when in
    /// time.
    pub fn late_secs(&self, now: Timestamp) -> i64 {
        let at = self.stopped.or(self.paused).unwrap_or(now);
        at.seconds_since(self.due).max(0)
    }
}
