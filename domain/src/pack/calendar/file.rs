//! `calendar.toml` as a county writes it: hours, years, runs of days.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::pack::fault::Check;
use crate::time::as_text::serde_as_text;
use crate::time::{Date, Span, UtcOffset};

/// `calendar.toml` as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// Names this state of the calendar; change it with every change of a date.
    pub version: String,
    /// The county's distance from UTC.
    #[serde(default)]
    pub offset: UtcOffset,
    /// Office hours of a working day.
    #[serde(default = "common_hours")]
    pub hours: Vec<OfficeHours>,
    /// The years whose holidays are announced.
    #[serde(default)]
    pub year: Vec<YearFile>,
}

/// One year's notice of holidays.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearFile {
    /// The year.
    pub year: i32,
    /// Where the notice is published.
    #[serde(default)]
    pub paper: String,
    /// Days off beyond plain weekends.
    #[serde(default)]
    pub holidays: Vec<DateRange>,
    /// Saturdays and Sundays that are worked.
    #[serde(default)]
    pub workdays: Vec<DateRange>,
}

impl YearFile {
    /// A notice may reach into the December before and the January after, no further.
    pub(super) fn check(&self, at: usize, check: &mut Check) {
        let first = Date::from_ymd(self.year - 1, 12, 1);
        let last = Date::from_ymd(self.year + 1, 1, 31);
        let (Some(first), Some(last)) = (first, last) else {
            check.fault(
                format!("year[{at}].year"),
                format!("{} is no year", self.year),
                "write a year such as 2026",
            );
            return;
        };
        for (name, ranges) in [("holidays", &self.holidays), ("workdays", &self.workdays)] {
            for (index, range) in ranges.iter().enumerate() {
                if range.first < first || range.last > last {
                    check.fault(
                        format!("year[{at}].{name}[{index}]"),
                        format!("{range} does not belong to {}", self.year),
                        "correct the date or move it to its own [[year]]",
                    );
                }
            }
        }
    }
}

/// The hours most county offices keep, when the pack does not say.
fn common_hours() -> Vec<OfficeHours> {
    let hours = |from, to| OfficeHours {
        from: Span::mins(from),
        to: Span::mins(to),
    };
    vec![hours(8 * 60 + 30, 12 * 60), hours(14 * 60, 17 * 60 + 30)]
}

pub(super) fn check_hours(hours: &mut [OfficeHours], check: &mut Check) {
    hours.sort_by_key(|hours| hours.from);
    if hours.is_empty() {
        check.fault(
            "hours",
            "no office hours at all",
            "write for example hours = [\"08:30-12:00\", \"14:00-17:30\"]",
        );
    }
    for pair in hours.windows(2) {
        if pair[1].from < pair[0].to {
            check.fault(
                "hours",
                format!("{} and {} overlap", pair[0], pair[1]),
                "let each begin after the one before has ended",
            );
        }
    }
}

/// One stretch of office hours, as time since local midnight. Serde as `08:30-12:00`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OfficeHours {
    pub(super) from: Span,
    pub(super) to: Span,
}

impl OfficeHours {
    /// When the office opens.
    pub fn from(self) -> Span {
        self.from
    }

    /// When it closes.
    pub fn to(self) -> Span {
        self.to
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.as_secs() / 60, self.to.as_secs() / 60);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

impl FromStr for OfficeHours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once('-')
            .and_then(|(from, to)| {
                Some(Self {
                    from: clock_time(from)?,
                    to: clock_time(to)?,
                })
            })
            .filter(|hours| hours.from < hours.to)
            .ok_or_else(|| format!("{text:?} are no office hours; write for example 08:30-12:00"))
    }
}

/// `08:30` since midnight; 24:00 is the end of the day.
fn clock_time(text: &str) -> Option<Span> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<i64>().ok())?
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= 24 * 60).then(|| Span::mins(hour * 60 + minute))
}

/// One day, or several in a row. Serde as `2026-02-15` or `2026-02-15/2026-02-23`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateRange {
    first: Date,
    last: Date,
}

impl DateRange {
    /// Every day of it.
    pub fn days(self) -> impl Iterator<Item = Date> {
        (self.first.epoch_days()..=self.last.epoch_days())
            .map(move |day| self.first.plus_days(day - self.first.epoch_days()))
    }
}

impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(f)
        } else {
            write!(f, "{}/{}", self.first, self.last)
        }
    }
}

impl FromStr for DateRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('/').unwrap_or((text, text));
        let read = |text: &str| {
            text.trim()
                .parse::<Date>()
                .map_err(|error| error.to_string())
        };
        let range = Self {
            first: read(first)?,
            last: read(last)?,
        };
        let length = range.last.epoch_days() - range.first.epoch_days();
        (0..=62).contains(&length).then_some(range).ok_or_else(|| {
            format!("{text:?} is no run of days; write the first and the last, such as 2026-02-15/2026-02-23")
        })
    }
}

serde_as_text!(OfficeHours, "08:30-12:00");
serde_as_text!(DateRange, "2026-02-15/2026-02-23");
