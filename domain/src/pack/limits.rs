//! How long something may take, and when its lamp turns: limits such as `3WD` and the thresholds
//! of amber and deep red. Which limit applies to which matter is `catalogue`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::calendar::{Due, WorkCalendar};
use crate::time::as_text::serde_as_text;
use crate::time::{Span, Timestamp};

/// How bad a matter is: 4 is level Ⅰ, the worst, 1 is level Ⅳ. Greater is worse. Serde as the
/// number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Severity(u8);

impl Severity {
    /// Level Ⅳ, 一般.
    pub const IV: Self = Self(1);
    /// Level Ⅲ, 较大.
    pub const III: Self = Self(2);
    /// Level Ⅱ, 重大.
    pub const II: Self = Self(3);
    /// Level Ⅰ, 特别重大.
    pub const I: Self = Self(4);
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::IV, Self::III, Self::II, Self::I];

    /// The severity of a number from 1 (Ⅳ) to 4 (Ⅰ).
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=4) {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number, from 1 (Ⅳ) to 4 (Ⅰ).
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The level's Roman numeral.
    pub const fn roman(self) -> &'static str {
        match self.0 {
            4 => "Ⅰ",
            3 => "Ⅱ",
            2 => "Ⅲ",
            _ => "Ⅳ",
        }
    }

    /// The level's name in Chinese.
    pub const fn name(self) -> &'static str {
        match self.0 {
            4 => "特别重大",
            3 => "重大",
            2 => "较大",
            _ => "一般",
        }
    }
}

impl TryFrom<u8> for Severity {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| {
            format!("{number} is no severity; it goes from 1 (Ⅳ) to 4 (Ⅰ, the worst)")
        })
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> u8 {
        severity.0
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.roman())
    }
}

/// What a limit is counted in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// `S`, calendar seconds: drills and tests.
    Seconds,
    /// `M`, calendar minutes.
    Minutes,
    /// `H`, calendar hours.
    Hours,
    /// `WH`, hours in which offices are open.
    WorkingHours,
    /// `WD`, working days, the first not counted, due at the close of office.
    WorkingDays,
}

impl Unit {
    const ALL: [(Self, &'static str); 5] = [
        (Self::WorkingHours, "WH"),
        (Self::WorkingDays, "WD"),
        (Self::Seconds, "S"),
        (Self::Minutes, "M"),
        (Self::Hours, "H"),
    ];

    fn suffix(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(unit, _)| *unit == self)
            .map_or("", |(_, suffix)| suffix)
    }

    /// The most of this unit that a limit may have: about ten years.
    const fn max(self) -> u32 {
        match self {
            Self::Seconds => 315_360_000,
            Self::Minutes => 5_256_000,
            Self::Hours => 87_600,
            Self::WorkingHours => 10_000,
            Self::WorkingDays => 2_500,
        }
    }
}

/// How long something may take. Serde as text: `30S`, `5M`, `2H`, `1WH`, `3WD`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limit {
    amount: u32,
    unit: Unit,
}

impl Limit {
    /// How many.
    pub const fn amount(self) -> u32 {
        self.amount
    }

    /// Of what.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// A limit of calendar minutes.
    pub const fn minutes(amount: u32) -> Self {
        Self {
            amount,
            unit: Unit::Minutes,
        }
    }

    /// A limit of calendar hours.
    pub const fn hours(amount: u32) -> Self {
        Self {
            amount,
            unit: Unit::Hours,
        }
    }

    /// A limit of working days.
    pub const fn working_days(amount: u32) -> Self {
        Self {
            amount,
            unit: Unit::WorkingDays,
        }
    }

    /// The deadline of something that started at `start`.
    pub fn due(self, start: Timestamp, calendar: &WorkCalendar) -> Due {
        let amount = i64::from(self.amount);
        match self.unit {
            Unit::Seconds => Due::firm(start + Span::secs(amount)),
            Unit::Minutes => Due::firm(start + Span::mins(amount)),
            Unit::Hours => Due::firm(start + Span::hours(amount)),
            Unit::WorkingHours => calendar.add_working_hours(start, self.amount),
            Unit::WorkingDays => calendar.add_working_days(start, self.amount),
        }
    }
}

impl Limit {
    /// When a quarter of it has gone since `start`; of working days a part of one counts whole.
    /// Rework gets at least that much (rules of the trade, row 14).
    pub fn quarter(self, start: Timestamp, calendar: &WorkCalendar) -> Due {
        let amount = i64::from(self.amount);
        match self.unit {
            Unit::Seconds => Due::firm(start + Span::secs(amount).percent(25)),
            Unit::Minutes => Due::firm(start + Span::mins(amount).percent(25)),
            Unit::Hours => Due::firm(start + Span::hours(amount).percent(25)),
            Unit::WorkingHours => calendar.add_working_time(start, Span::hours(amount).percent(25)),
            Unit::WorkingDays => calendar.add_working_days(start, self.amount.div_ceil(4)),
        }
    }

    /// When what was left at `then` of a limit due at `due` will have gone, counted on from `since`;
    /// at once where nothing was left.
    pub fn go_on(
        self,
        then: Timestamp,
        due: Timestamp,
        since: Timestamp,
        calendar: &WorkCalendar,
    ) -> Due {
        match self.unit {
            Unit::Seconds | Unit::Minutes | Unit::Hours => {
                Due::firm(since + (due - then).max(Span::ZERO))
            }
            Unit::WorkingHours => {
                calendar.add_working_time(since, calendar.working_time(then, due))
            }
            Unit::WorkingDays => {
                let left = calendar.working_time(then, due);
                let on = calendar.add_working_time(since, left);
                if left == Span::ZERO {
                    return on;
                }
                Due {
                    at: calendar.close_of_day(on.at),
                    ..on
                }
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.suffix())
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        Unit::ALL
            .iter()
            .find_map(|(unit, suffix)| Some((unit, text.strip_suffix(suffix)?)))
            .filter(|(_, digits)| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|(unit, digits)| {
                Some(Self {
                    amount: digits.parse().ok()?,
                    unit: *unit,
                })
            })
            .filter(|limit| (1..=limit.unit.max()).contains(&limit.amount))
            .ok_or_else(|| LimitError(text.chars().take(20).collect()))
    }
}

serde_as_text!(Limit, "3WD");

/// A text that should have been a limit.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} is no limit; write a number from 1 and S, M, H, WH or WD: 30S, 5M, 2H, 1WH, 3WD \
     (seconds, minutes, hours, working hours, working days; ten years at most)"
)]
pub struct LimitError(String);

/// When a lamp turns. Lengths are calendar time, also for limits in working days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LampRules {
    /// From this severity on a long limit turns amber `long_amber_mins` before it is due.
    pub long_amber_severity: Severity,
    /// A limit is long when it is over this many minutes.
    pub long_limit_mins: u32,
    /// How long before it is due a long limit of that severity turns amber.
    pub long_amber_mins: u32,
    /// Any other limit turns amber when this share of it is left, in percent.
    pub amber_percent: u32,
    /// But no later than this many minutes before it is due,
    pub amber_floor_mins: u32,
    /// and never while more than this share of it is left, in percent: a limit of a few minutes
    /// would else be amber from its first second, and amber would say nothing.
    pub amber_cap_percent: u32,
    /// Deep red comes when it is overdue by this share of the limit, in percent,
    pub deep_red_percent: u32,
    /// but not before it is overdue by this many minutes.
    pub deep_red_floor_mins: u32,
    /// Shares of a short limit, in percent gone, at which a matter of `long_amber_severity` or
    /// worse is reminded of, beside the moment it was dispatched.
    pub short_reminder_percents: [u32; 2],
}

impl Default for LampRules {
    fn default() -> Self {
        Self {
            long_amber_severity: Severity::II,
            long_limit_mins: 24 * 60,
            long_amber_mins: 24 * 60,
            amber_percent: 20,
            amber_floor_mins: 10,
            amber_cap_percent: 50,
            deep_red_percent: 50,
            deep_red_floor_mins: 24 * 60,
            short_reminder_percents: [50, 80],
        }
    }
}

impl LampRules {
    /// When a clock from `start` to `due` turns amber: never before it starts nor after it is due.
    pub fn amber_at(&self, severity: Severity, start: Timestamp, due: Timestamp) -> Timestamp {
        let limit = (due - start).max(Span::ZERO);
        let left = if severity >= self.long_amber_severity && self.is_long(limit) {
            minutes(self.long_amber_mins)
        } else {
            let share = limit.percent(self.amber_percent);
            share
                .max(minutes(self.amber_floor_mins))
                .min(limit.percent(self.amber_cap_percent))
        };
        due - left.min(limit)
    }

    /// When a clock from `start` to `due` turns deep red: never before it is due.
    pub fn deep_red_at(&self, start: Timestamp, due: Timestamp) -> Timestamp {
        let share = (due - start).max(Span::ZERO).percent(self.deep_red_percent);
        due + share.max(minutes(self.deep_red_floor_mins))
    }

    /// When handler and head are reminded, in order. A matter that is serious and short is
    /// reminded of at its start and along the way; any other once, when it turns amber.
    pub fn reminders_at(
        &self,
        severity: Severity,
        start: Timestamp,
        due: Timestamp,
    ) -> Vec<Timestamp> {
        let limit = (due - start).max(Span::ZERO);
        if severity < self.long_amber_severity || self.is_long(limit) {
            return vec![self.amber_at(severity, start, due)];
        }
        let shares = self
            .short_reminder_percents
            .map(|percent| start + limit.percent(percent));
        let mut all = vec![start];
        all.extend(shares);
        all.sort_unstable();
        all.dedup();
        all
    }

    fn is_long(&self, limit: Span) -> bool {
        limit > minutes(self.long_limit_mins)
    }
}

fn minutes(count: u32) -> Span {
    Span::mins(i64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn limit(text: &str) -> Limit {
        text.parse().expect(text)
    }

    #[test]
    fn limits_read_as_they_are_written() {
        for text in ["30S", "5M", "2H", "1WH", "3WD", "87600H"] {
            assert_eq!(limit(text).to_string(), text);
            assert_eq!(
                serde_json::to_string(&limit(text)).expect("json"),
                format!("\"{text}\"")
            );
        }
        for text in [
            "",
            "5",
            "M",
            "0M",
            "-5M",
            "+5M",
            "5m",
            "5 M",
            "5D",
            "1.5H",
            "87601H",
            "99999999999H",
            "５M",
        ] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_unit_counts_its_own_way() {
        let calendar = WorkCalendar::default();
        let friday = at("2026-02-13T17:00:00+08:00");
        for (text, due) in [
            ("30S", "2026-02-13T17:00:30+08:00"),
            ("45M", "2026-02-13T17:45:00+08:00"),
            ("24H", "2026-02-14T17:00:00+08:00"),
            ("1WH", "2026-02-14T09:00:00+08:00"),
            ("3WD", "2026-02-25T17:30:00+08:00"),
        ] {
            assert_eq!(
                limit(text).due(friday, &calendar),
                Due::firm(at(due)),
                "{text}"
            );
        }
    }

    #[test]
    fn amber_follows_severity_and_length() {
        let rules = LampRules::default();
        let start = at("2026-03-02T09:00:00+08:00");
        for (severity, mins, left) in [
            (3, 48 * 60, 24 * 60), // serious and long: 24 h before
            (3, 24 * 60 + 1, 24 * 60),
            (3, 24 * 60, 288), // 24 h is not over 24 h: a fifth
            (2, 48 * 60, 576), // not serious: a fifth
            (4, 120, 24),
            (1, 30, 10), // a fifth is 6 min: 10 min before
            (1, 20, 10),
            (4, 10, 5), // 10 min before would be at once: half
        ] {
            let due = start + Span::mins(mins);
            let severity = Severity(severity);
            assert_eq!(
                due - rules.amber_at(severity, start, due),
                Span::mins(left),
                "{severity} {mins}"
            );
        }
    }

    #[test]
    fn deep_red_is_a_day_or_half_the_limit_late() {
        let rules = LampRules::default();
        let start = at("2026-03-02T09:00:00+08:00");
        for (mins, late) in [(10, 1440), (2880, 1440), (2882, 1441), (5760, 2880)] {
            let due = start + Span::mins(mins);
            assert_eq!(
                rules.deep_red_at(start, due) - due,
                Span::mins(late),
                "{mins}"
            );
        }
    }

    #[test]
    fn serious_and_short_is_reminded_of_three_times() {
        let rules = LampRules::default();
        let start = at("2026-03-02T09:00:00+08:00");
        let after = |severity, mins| {
            let all = rules.reminders_at(Severity(severity), start, start + Span::mins(mins));
            all.into_iter()
                .map(|at| (at - start).as_secs() / 60)
                .collect::<Vec<_>>()
        };
        assert_eq!(after(3, 240), [0, 120, 192]);
        assert_eq!(after(2, 240), [192]);
        assert_eq!(after(4, 2880), [1440]);
    }

    proptest! {
        #[test]
        fn lamps_turn_in_order(severity in 1u8..=4, start in 0i64..2_000_000_000_000, length in 0i64..10_000_000_000) {
            let rules = LampRules::default();
            let start = Timestamp::from_millis(start);
            let due = start + Span::from_millis(length);
            let severity = Severity(severity);
            let amber = rules.amber_at(severity, start, due);
            prop_assert!(start <= amber && amber <= due && due <= rules.deep_red_at(start, due));
            let reminders = rules.reminders_at(severity, start, due);
            prop_assert!(reminders.iter().all(|at| start <= *at && *at <= due));
        }

        #[test]
        fn any_limit_round_trips_and_no_text_panics(amount in 1u32..2_500, text in "[0-9]{0,12}(S|M|H|WH|WD|\\PC)?") {
            for unit in [Unit::Seconds, Unit::Minutes, Unit::Hours, Unit::WorkingHours, Unit::WorkingDays] {
                let limit = Limit { amount, unit };
                prop_assert_eq!(limit.to_string().parse(), Ok(limit));
            }
            let _ = text.parse::<Limit>();
        }
    }
}
