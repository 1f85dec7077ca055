//! Time as the county writes it: instants in milliseconds, plain dates, and one fixed offset.
//! Nothing here knows what time it is now, and nothing here knows a holiday: see `pack::calendar`.

pub(crate) mod as_text;
mod text;

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use as_text::{deserialize_text, serde_as_text};
use text::{Reader, civil_from_days, days_from_civil, days_in_month, parse_instant, put};

const MS_PER_DAY: i64 = 86_400_000;
/// 0000-01-02T00:00:00Z, so that any offset still writes a year of four digits.
const MIN_MS: i64 = -62_167_132_800_000;
/// 9999-12-30T23:59:59.999Z, for the same reason.
const MAX_MS: i64 = 253_402_214_399_999;
/// `2026-02-13T09:00:00.000+08:00`
const TEXT_LEN: usize = 29;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 at +08:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant that can be written.
    pub const MIN: Self = Self(MIN_MS);
    /// The latest instant that can be written.
    pub const MAX: Self = Self(MAX_MS);

    /// The instant `millis` after the epoch, held within years 0000 and 9999.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < MIN_MS {
            Self::MIN
        } else if millis > MAX_MS {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds from `earlier` to here, rounded down; negative when `earlier` is later.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1000)
    }

    /// The time from `earlier` to here; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }

    /// The date a calendar on the wall shows at this instant.
    pub fn date(self, offset: UtcOffset) -> Date {
        Date((self.local_ms(offset).div_euclid(MS_PER_DAY)) as i32)
    }

    /// How far into its local day this instant is.
    pub fn time_of_day(self, offset: UtcOffset) -> Span {
        Span(self.local_ms(offset).rem_euclid(MS_PER_DAY))
    }

    /// RFC 3339 text with milliseconds, at a given offset.
    pub fn to_rfc3339(self, offset: UtcOffset) -> String {
        let mut buffer = [0; TEXT_LEN];
        self.write(offset, &mut buffer).to_owned()
    }

    fn local_ms(self, offset: UtcOffset) -> i64 {
        self.0 + i64::from(offset.seconds()) * 1000
    }

    fn write(self, offset: UtcOffset, out: &mut [u8; TEXT_LEN]) -> &str {
        let ms = self.time_of_day(offset).millis();
        let (year, month, day) = self.date(offset).ymd();
        out[..10].copy_from_slice(b"0000-00-00");
        put(&mut out[0..4], year.unsigned_abs());
        put(&mut out[5..7], month);
        put(&mut out[8..10], day);
        out[10..23].copy_from_slice(b"T00:00:00.000");
        put(&mut out[11..13], (ms / 3_600_000) as u32);
        put(&mut out[14..16], (ms / 60_000 % 60) as u32);
        put(&mut out[17..19], (ms / 1000 % 60) as u32);
        put(&mut out[20..23], (ms % 1000) as u32);
        out[23..29].copy_from_slice(&offset.text());
        // Only ASCII was written, so the fallback can't be reached.
        std::str::from_utf8(out).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.write(UtcOffset::CHINA, &mut [0; TEXT_LEN]))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads any RFC 3339 instant; fractions beyond the millisecond are dropped, a leap second is
    /// read as the second before it.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        parse_instant(text.as_bytes()).ok_or_else(|| TimeError::instant(text))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.write(UtcOffset::CHINA, &mut [0; TEXT_LEN]))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a time such as 2026-02-13T09:00:00+08:00")
    }
}

/// A length of time in milliseconds; may be negative. Arithmetic saturates.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// So many seconds.
    pub const fn secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// So many minutes.
    pub const fn mins(minutes: i64) -> Self {
        Self::secs(minutes.saturating_mul(60))
    }

    /// So many hours.
    pub const fn hours(hours: i64) -> Self {
        Self::secs(hours.saturating_mul(3600))
    }

    /// So many days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }

    /// Milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This share of the span, in percent, rounded down to the millisecond.
    #[must_use]
    pub const fn percent(self, percent: u32) -> Self {
        Self(((self.0 as i128 * percent as i128) / 100) as i64)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self::from_millis(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self::from_millis(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        self.since(earlier)
    }
}

/// A day of the calendar, without a place. Serde as `2026-02-13`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The date of a year, month (1-12) and day (1-31), or none when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let real = (0..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        real.then(|| Self(days_from_civil(year, month, day)))
    }

    /// Year, month and day.
    pub fn ymd(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// Days from Monday (0) to Sunday (6).
    pub const fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }

    /// The date so many days later, or earlier when negative.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days since 1970-01-01.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// The instant at which a clock on the wall shows `time_of_day` on this date.
    pub fn at(self, time_of_day: Span, offset: UtcOffset) -> Timestamp {
        let local = i64::from(self.0) * MS_PER_DAY + time_of_day.0;
        Timestamp::from_millis(local - i64::from(offset.seconds()) * 1000)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut reader = Reader(text.as_bytes());
        reader
            .date()
            .filter(|_| reader.0.is_empty())
            .ok_or_else(|| TimeError::date(text))
    }
}

serde_as_text!(Date, "2026-02-13");

/// A fixed distance from UTC. A county keeps one all year. Serde as `+08:00`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct UtcOffset {
    minutes: i16,
}

impl UtcOffset {
    /// +08:00, the one zone of China.
    pub const CHINA: Self = Self { minutes: 480 };

    /// The offset in seconds, east positive.
    pub const fn seconds(self) -> i32 {
        self.minutes as i32 * 60
    }

    fn text(self) -> [u8; 6] {
        let mut out = *b"+00:00";
        if self.minutes < 0 {
            out[0] = b'-';
        }
        let minutes = u32::from(self.minutes.unsigned_abs());
        put(&mut out[1..3], minutes / 60);
        put(&mut out[4..6], minutes % 60);
        out
    }
}

impl Default for UtcOffset {
    fn default() -> Self {
        Self::CHINA
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl FromStr for UtcOffset {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut reader = Reader(text.as_bytes());
        reader
            .offset()
            .filter(|_| reader.0.is_empty())
            .ok_or_else(|| TimeError::offset(text))
    }
}

serde_as_text!(UtcOffset, "+08:00");

/// A text that should have been a time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct TimeError {
    text: String,
    expected: &'static str,
}

impl TimeError {
    fn new(text: &str, expected: &'static str) -> Self {
        // What came from outside may be of any length; an error message may not.
        Self {
            text: text.chars().take(40).collect(),
            expected,
        }
    }

    fn instant(text: &str) -> Self {
        Self::new(
            text,
            "a time with its offset, such as 2026-02-13T09:00:00+08:00",
        )
    }

    fn date(text: &str) -> Self {
        Self::new(text, "a date such as 2026-02-13")
    }

    fn offset(text: &str) -> Self {
        Self::new(text, "an offset such as +08:00")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn every_way_of_writing_one_instant_is_the_same() {
        let instant = at("2026-02-13T09:00:00.000+08:00");
        for text in [
            "2026-02-13T01:00:00Z",
            "2026-02-13t01:00:00z",
            "2026-02-13 09:00:00+08:00",
            "2026-02-12T20:30:00.000999-04:30",
            "2026-02-13T09:00:00.0+08:00",
        ] {
            assert_eq!(at(text), instant, "{text}");
        }
        assert_eq!(instant.millis(), 1_770_944_400_000);
        assert_eq!(instant.to_string(), "2026-02-13T09:00:00.000+08:00");
        assert_eq!(
            at("2016-12-31T23:59:60Z").to_string(),
            "2017-01-01T07:59:59.000+08:00"
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-02-13",
            "2026-02-13T09:00:00",
            "2026-02-13T09:00+08:00",
            "2026-02-30T09:00:00Z",
            "2025-02-29T09:00:00Z",
            "2026-13-01T09:00:00Z",
            "2026-02-13T24:00:00Z",
            "2026-02-13T09:60:00Z",
            "2026-02-13T09:00:00.Z",
            "2026-02-13T09:00:00Zz",
            "2026-02-13T09:00:00+0800",
            "２026-02-13T09:00:00Z",
            "+026-02-13T09:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_is_the_text() {
        let instant = at("2026-02-13T09:00:00.123+08:00");
        let json = serde_json::to_string(&instant).expect("json");
        assert_eq!(json, r#""2026-02-13T09:00:00.123+08:00""#);
        assert_eq!(
            serde_json::from_str::<Timestamp>(&json).expect("json"),
            instant
        );
        assert!(serde_json::from_str::<Timestamp>("17").is_err());
    }

    #[test]
    fn weekdays_and_differences() {
        let friday: Date = "2026-02-13".parse().expect("date");
        assert_eq!(friday.weekday(), 4);
        assert_eq!(
            at("1969-12-31T23:59:59.500Z").seconds_since(at("1970-01-01T00:00:00Z")),
            -1
        );
        assert_eq!(
            at("1970-01-01T00:00:01Z") - at("1970-01-01T00:00:00Z"),
            Span::secs(1)
        );
        assert_eq!(Timestamp::MAX + Span::days(9), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.to_rfc3339(UtcOffset::CHINA).len(), TEXT_LEN);
        assert_eq!(at("0000-01-01T00:00:00Z"), Timestamp::MIN);
    }

    proptest! {
        #[test]
        fn text_round_trips(millis in MIN_MS..=MAX_MS, minutes in -1439i16..=1439) {
            let instant = Timestamp::from_millis(millis);
            let text = instant.to_rfc3339(UtcOffset { minutes });
            prop_assert_eq!(at(&text), instant, "{}", text);
        }

        #[test]
        fn dates_round_trip_and_agree_with_jiff(days in -719_000i32..2_932_000) {
            let date = Date(days);
            let (year, month, day) = date.ymd();
            prop_assert_eq!(Date::from_ymd(year, month, day), Some(date));
            let other = jiff::civil::date(year as i16, month as i8, day as i8);
            prop_assert_eq!(other.weekday().to_monday_zero_offset() as u8, date.weekday());
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
