//! Digits to days and back: reading and writing RFC 3339 without allocating.

use super::{Date, Span, Timestamp, UtcOffset};

/// Takes ASCII fields off the front of a text.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (field, rest) = self.0.split_at_checked(count)?;
        let value = field.iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u32::from(byte - b'0'))
        })?;
        self.0 = rest;
        Some(value)
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    pub(super) fn date(&mut self) -> Option<Date> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits(2)?;
        self.one_of(b"-")?;
        Date::from_ymd(year as i32, month, self.digits(2)?)
    }

    fn time_of_day(&mut self) -> Option<Span> {
        let hour = self.digits(2).filter(|hour| *hour < 24)?;
        self.one_of(b":")?;
        let minute = self.digits(2).filter(|minute| *minute < 60)?;
        self.one_of(b":")?;
        let second = self.digits(2).filter(|second| *second <= 60)?.min(59);
        let millis = self.fraction()?;
        Some(Span::from_millis(i64::from(
            (hour * 60 + minute) * 60_000 + second * 1000 + millis,
        )))
    }

    fn fraction(&mut self) -> Option<u32> {
        if self.one_of(b".").is_none() {
            return Some(0);
        }
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (field, rest) = self.0.split_at(count);
        self.0 = rest;
        let digit = |at: usize| field.get(at).map_or(0, |byte| u32::from(byte - b'0'));
        (count > 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    pub(super) fn offset(&mut self) -> Option<UtcOffset> {
        let sign = self.one_of(b"+-Zz")?;
        if sign.eq_ignore_ascii_case(&b'Z') {
            return Some(UtcOffset { minutes: 0 });
        }
        let hours = self.digits(2).filter(|hours| *hours < 24)? as i16;
        self.one_of(b":")?;
        let minutes = hours * 60 + self.digits(2).filter(|minutes| *minutes < 60)? as i16;
        Some(UtcOffset {
            minutes: if sign == b'-' { -minutes } else { minutes },
        })
    }
}

pub(super) fn parse_instant(text: &[u8]) -> Option<Timestamp> {
    let mut reader = Reader(text);
    let date = reader.date()?;
    reader.one_of(b"Tt ")?;
    let time = reader.time_of_day()?;
    let offset = reader.offset()?;
    reader.0.is_empty().then(|| date.at(time, offset))
}

/// Writes `value` in decimal over the whole of `out`, with leading zeros.
pub(super) fn put(out: &mut [u8], mut value: u32) {
    for byte in out.iter_mut().rev() {
        *byte = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

pub(super) fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that
/// a leap day comes last and needs no special case; an era is 400 years of 146,097 days.
pub(super) fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = ((153 * ((month + 9) % 12) + 2) / 5 + day - 1) as i32;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
pub(super) fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as u32, day as u32)
}
