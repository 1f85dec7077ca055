//! When the county's offices are open: hours, statutory holidays and the weekends worked for them.
//! It counts working hours and days. What limit a matter has is `limits` and `catalogue`.

mod file;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fault::{Check, PackFault};
use crate::time::{Date, Span, Timestamp, UtcOffset};
pub use file::{CalendarFile, DateRange, OfficeHours, YearFile};

/// More than any limit; keeps a nonsense count from walking through millennia.
const MAX_WORKING_DAYS: u32 = 10_000;

/// When something has to be done by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// The instant of the deadline; at exactly this instant it has passed.
    pub at: Timestamp,
    /// True while it rests on a year whose holidays are not announced: weekends alone were
    /// left out, and it is to be computed again when they are.
    #[serde(default)]
    pub provisional: bool,
}

impl Due {
    /// A deadline that no holiday can move.
    pub const fn firm(at: Timestamp) -> Self {
        Self {
            at,
            provisional: false,
        }
    }
}

/// Office hours and working days of one county.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "CalendarFile", into = "CalendarFile")]
pub struct WorkCalendar {
    /// Names this state of the calendar; recorded with every deadline computed from it.
    pub version: String,
    offset: UtcOffset,
    hours: Vec<OfficeHours>,
    years: Vec<YearFile>,
    announced: BTreeSet<i32>,
    holidays: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
}

impl WorkCalendar {
    /// Checks what a county wrote and indexes it.
    ///
    /// # Errors
    /// Every fault of the file: no or overlapping hours, a year twice, a date twice or far from
    /// its year.
    pub fn new(mut file: CalendarFile) -> Result<Self, Vec<PackFault>> {
        let mut check = Check::new("calendar.toml");
        file::check_hours(&mut file.hours, &mut check);
        let mut calendar = Self {
            version: file.version,
            offset: file.offset,
            hours: file.hours,
            years: file.year,
            announced: BTreeSet::new(),
            holidays: BTreeSet::new(),
            workdays: BTreeSet::new(),
        };
        for (at, year) in calendar.years.iter().enumerate() {
            year.check(at, &mut check);
            if !calendar.announced.insert(year.year) {
                check.fault(
                    format!("year[{at}].year"),
                    format!("{} stands here twice", year.year),
                    "keep one [[year]] for each year",
                );
            }
            calendar
                .holidays
                .extend(year.holidays.iter().flat_map(|range| range.days()));
            calendar
                .workdays
                .extend(year.workdays.iter().flat_map(|range| range.days()));
        }
        for date in calendar.holidays.intersection(&calendar.workdays) {
            check.fault(
                "year",
                format!("{date} is both a holiday and a workday"),
                "take it out of one of the two",
            );
        }
        check.done(calendar)
    }

    /// The county's fixed distance from UTC.
    pub fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// Office hours of a working day, in order.
    pub fn hours(&self) -> &[OfficeHours] {
        &self.hours
    }

    /// The years whose holidays are announced.
    pub fn announced_years(&self) -> impl Iterator<Item = i32> + '_ {
        self.announced.iter().copied()
    }

    /// Whether the holidays of a year are known.
    pub fn is_announced(&self, year: i32) -> bool {
        self.announced.contains(&year)
    }

    /// Whether offices open on this day at all.
    pub fn is_working_day(&self, date: Date) -> bool {
        (date.weekday() < 5 && !self.holidays.contains(&date)) || self.workdays.contains(&date)
    }

    /// Whether an office is open at this instant.
    pub fn is_office_time(&self, at: Timestamp) -> bool {
        let time = at.time_of_day(self.offset());
        self.is_working_day(at.date(self.offset()))
            && self
                .hours()
                .iter()
                .any(|hours| hours.from <= time && time < hours.to)
    }

    /// The close of office on the `count`-th working day after the day of `start`, which itself
    /// is not counted. A count of 0 is due at once.
    pub fn add_working_days(&self, start: Timestamp, count: u32) -> Due {
        let mut left = count.min(MAX_WORKING_DAYS);
        if left == 0 {
            return Due::firm(start);
        }
        let mut walk = Walk::new(self, start.date(self.offset()).plus_days(1));
        loop {
            let date = walk.next_working_day();
            left -= 1;
            if left == 0 {
                let close = self.hours().last().map_or(Span::days(1), |hours| hours.to);
                return Due {
                    at: date.at(close, self.offset()),
                    provisional: walk.provisional,
                };
            }
        }
    }

    /// The instant by which offices will have been open for so many hours since `start`.
    /// A count of 0 is due at once.
    pub fn add_working_hours(&self, start: Timestamp, count: u32) -> Due {
        let hours = i64::from(count.min(MAX_WORKING_DAYS));
        self.add_working_time(start, Span::hours(hours))
    }

    /// The instant by which offices will have been open for `span` since `start`; at once where
    /// that is nothing.
    pub fn add_working_time(&self, start: Timestamp, span: Span) -> Due {
        let mut left = span.min(Span::hours(i64::from(MAX_WORKING_DAYS)));
        if left <= Span::ZERO {
            return Due::firm(start);
        }
        let mut walk = Walk::new(self, start.date(self.offset()));
        loop {
            let date = walk.next_working_day();
            for hours in self.hours() {
                let from = date.at(hours.from, self.offset()).max(start);
                let open = (date.at(hours.to, self.offset()) - from).max(Span::ZERO);
                if open >= left {
                    return Due {
                        at: from + left,
                        provisional: walk.provisional,
                    };
                }
                left = left - open;
            }
        }
    }

    /// For how long offices are open from `from` until `to`; nothing if that is before.
    pub fn working_time(&self, from: Timestamp, to: Timestamp) -> Span {
        let mut open = Span::ZERO;
        let mut walk = Walk::new(self, from.date(self.offset()));
        for _ in 0..MAX_WORKING_DAYS {
            let date = walk.next_working_day();
            if date.at(Span::ZERO, self.offset()) >= to {
                break;
            }
            for hours in self.hours() {
                let begin = date.at(hours.from, self.offset()).max(from);
                let end = date.at(hours.to, self.offset()).min(to);
                open = open + (end - begin).max(Span::ZERO);
            }
        }
        open
    }

    /// When offices close on the day of `at`; `at` itself where that is earlier.
    pub fn close_of_day(&self, at: Timestamp) -> Timestamp {
        let close = self.hours().last().map_or(Span::days(1), |hours| hours.to);
        at.date(self.offset()).at(close, self.offset()).max(at)
    }
}

impl TryFrom<CalendarFile> for WorkCalendar {
    type Error = PackFault;

    fn try_from(file: CalendarFile) -> Result<Self, PackFault> {
        Self::new(file).map_err(PackFault::first)
    }
}

impl From<WorkCalendar> for CalendarFile {
    fn from(calendar: WorkCalendar) -> Self {
        let WorkCalendar {
            version,
            offset,
            hours,
            years,
            ..
        } = calendar;
        Self {
            version,
            offset,
            hours,
            year: years,
        }
    }
}

/// Goes from working day to working day and remembers whether it had to guess.
struct Walk<'a> {
    calendar: &'a WorkCalendar,
    next: Date,
    provisional: bool,
}

impl<'a> Walk<'a> {
    fn new(calendar: &'a WorkCalendar, from: Date) -> Self {
        Self {
            calendar,
            next: from,
            provisional: false,
        }
    }

    fn next_working_day(&mut self) -> Date {
        loop {
            let date = self.next;
            self.next = date.plus_days(1);
            self.provisional |= !self.calendar.is_announced(date.year());
            if self.calendar.is_working_day(date) {
                return date;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn nine(date: &str) -> Timestamp {
        at(&format!("{date}T09:00:00+08:00"))
    }

    fn end_of(date: &str) -> Timestamp {
        at(&format!("{date}T17:30:00+08:00"))
    }

    #[test]
    fn working_days_cross_holidays_and_worked_weekends() {
        let calendar = WorkCalendar::default();
        for (start, count, due) in [
            ("2026-02-13", 3, "2026-02-25"),
            ("2026-02-14", 5, "2026-02-28"),
            ("2026-04-30", 5, "2026-05-11"),
            ("2026-09-30", 1, "2026-10-08"),
            ("2026-09-30", 5, "2026-10-13"),
            ("2025-09-30", 5, "2025-10-14"),
            ("2024-09-30", 15, "2024-10-25"),
        ] {
            let expected = Due::firm(end_of(due));
            assert_eq!(
                calendar.add_working_days(nine(start), count),
                expected,
                "{start} + {count}"
            );
        }
    }

    #[test]
    fn a_year_not_announced_makes_it_provisional() {
        let calendar = WorkCalendar::default();
        let due = calendar.add_working_days(nine("2026-12-31"), 1);
        assert_eq!(
            due,
            Due {
                at: end_of("2027-01-01"),
                provisional: true
            }
        );
        assert!(
            calendar
                .add_working_hours(at("2026-12-31T17:00:00+08:00"), 1)
                .provisional
        );
        assert!(
            !calendar
                .add_working_hours(at("2026-12-31T16:00:00+08:00"), 1)
                .provisional
        );
        assert!(!calendar.add_working_days(nine("2026-12-30"), 1).provisional);
        assert_eq!(
            calendar.announced_years().collect::<Vec<_>>(),
            [2024, 2025, 2026]
        );
    }

    #[test]
    fn every_published_day_off_and_make_up_day_counts() {
        let calendar = WorkCalendar::default();
        let count = |year: i32, worked: bool| {
            let days = (0..366).map(|day| Date::from_ymd(year, 1, 1).expect("date").plus_days(day));
            let unusual = days.filter(|date| date.year() == year && (date.weekday() < 5) != worked);
            unusual
                .filter(|date| calendar.is_working_day(*date) == worked)
                .count()
        };
        // Weekdays off and weekends worked, as the notices of each year add up.
        assert_eq!([2024, 2025, 2026].map(|year| count(year, true)), [8, 5, 6]);
        assert_eq!(
            [2024, 2025, 2026].map(|year| count(year, false)),
            [19, 18, 19]
        );
    }

    #[test]
    fn working_hours_stop_over_lunch_night_and_weekend() {
        let calendar = WorkCalendar::default();
        for (start, hours, due) in [
            ("2026-03-02T09:00:00+08:00", 2, "2026-03-02T11:00:00+08:00"),
            ("2026-03-02T11:30:00+08:00", 1, "2026-03-02T14:30:00+08:00"),
            ("2026-03-02T11:00:00+08:00", 1, "2026-03-02T12:00:00+08:00"),
            ("2026-03-02T12:30:00+08:00", 1, "2026-03-02T15:00:00+08:00"),
            ("2026-03-02T03:00:00+08:00", 1, "2026-03-02T09:30:00+08:00"),
            ("2026-03-06T17:00:00+08:00", 4, "2026-03-09T12:00:00+08:00"),
            ("2026-03-07T10:00:00+08:00", 1, "2026-03-09T09:30:00+08:00"),
            ("2026-02-13T17:30:00+08:00", 8, "2026-02-24T09:30:00+08:00"),
        ] {
            // 2026-02-14 is a worked Saturday of 7 hours.
            assert_eq!(
                calendar.add_working_hours(at(start), hours).at,
                at(due),
                "{start} + {hours}"
            );
        }
    }

    #[test]
    fn office_time_ends_as_the_office_closes() {
        let calendar = WorkCalendar::default();
        let open = |text| calendar.is_office_time(at(text));
        assert!(open("2026-03-02T08:30:00+08:00") && open("2026-02-14T16:00:00+08:00"));
        assert!(!open("2026-03-02T12:00:00+08:00") && !open("2026-02-16T09:00:00+08:00"));
    }

    fn faults(text: &str) -> Vec<String> {
        let file: CalendarFile = toml::from_str(text).expect("well formed");
        let faults = WorkCalendar::new(file).expect_err("at fault");
        faults.into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn every_fault_is_named() {
        let text = "version = \"x\"\nhours = [\"14:00-17:30\", \"08:30-14:30\"]\n\
            [[year]]\nyear = 2026\nholidays = [\"2026-01-01\", \"2025-11-30\"]\nworkdays = [\"2026-01-01\"]\n\
            [[year]]\nyear = 2026\n[[year]]\nyear = 20260\n";
        let expected = [
            "hours",
            "year[0].holidays[1]",
            "year[1].year",
            "year[2].year",
            "year",
        ];
        assert_eq!(faults(text), expected);
        assert_eq!(faults("version = \"x\"\nhours = []"), ["hours"]);
    }

    #[test]
    fn json_is_what_was_written() {
        let calendar = WorkCalendar::default();
        let json = serde_json::to_string(&calendar).expect("json");
        assert!(json.contains("\"08:30-12:00\"") && json.contains("\"2026-02-15/2026-02-23\""));
        assert_eq!(
            serde_json::from_str::<WorkCalendar>(&json).expect("json"),
            calendar
        );
        for text in [
            "8.30-12",
            "12:00-08:30",
            "08:30-24:01",
            "-",
            "+8:30-12:00",
            "",
        ] {
            assert!(text.parse::<OfficeHours>().is_err(), "{text}");
        }
        for text in [
            "2026-02-23/2026-02-15",
            "2026-01-01/2026-12-31",
            "2026-02-30",
            "/",
        ] {
            assert!(text.parse::<DateRange>().is_err(), "{text}");
        }
    }

    /// Some instant from 2024 to 2027.
    fn instants() -> impl Strategy<Value = Timestamp> {
        (1_704_038_400_000i64..1_830_268_800_000).prop_map(Timestamp::from_millis)
    }

    proptest! {
        #[test]
        fn a_later_start_is_never_due_earlier(a in instants(), b in instants(), count in 0u32..40) {
            let calendar = WorkCalendar::default();
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(calendar.add_working_days(a, count).at <= calendar.add_working_days(b, count).at);
            prop_assert!(calendar.add_working_hours(a, count).at <= calendar.add_working_hours(b, count).at);
        }

        #[test]
        fn hours_end_while_an_office_is_open(start in instants(), count in 1u32..60) {
            let calendar = WorkCalendar::default();
            let due = calendar.add_working_hours(start, count).at;
            // The close of office is the last instant that still belongs to it.
            prop_assert!(calendar.is_office_time(due - Span::from_millis(1)), "{} is outside office hours", due);
            prop_assert!(due >= start + Span::hours(i64::from(count)));
        }

        #[test]
        fn days_end_at_the_close_of_a_working_day(start in instants(), count in 1u32..40) {
            let calendar = WorkCalendar::default();
            let due = calendar.add_working_days(start, count).at;
            prop_assert!(calendar.is_office_time(due - Span::from_millis(1)));
            prop_assert_eq!(due.time_of_day(calendar.offset()), Span::mins(17 * 60 + 30));
            prop_assert!(due > start);
        }

        #[test]
        fn hours_add_up(start in instants(), a in 1u32..30, b in 1u32..30) {
            let calendar = WorkCalendar::default();
            let there = calendar.add_working_hours(calendar.add_working_hours(start, a).at, b).at;
            prop_assert_eq!(there, calendar.add_working_hours(start, a + b).at);
        }
    }
}
