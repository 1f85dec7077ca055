//! Numbers, dates and spans as a person reads them. Times are ms since 1970, shown in the
//! county's own offset whatever this machine believes.

use super::{Lang, fill};

/// The county's offset from UTC, ms (+08:00).
const OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A civil date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Date {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day, 1 to 31.
    pub day: i64,
    /// Day of the week, 0 = Sunday.
    pub weekday: usize,
}

/// The civil date in the county at `ms`.
pub fn date(ms: i64) -> Date {
    let days = (ms + OFFSET_MS).div_euclid(DAY_MS);
    // Days to a civil date, counting eras of 400 years from 0000-03-01.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    Date {
        year: yoe + era * 400 + i64::from(month <= 2),
        month,
        day: doy - (153 * mp + 2) / 5 + 1,
        weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
    }
}

/// The date with its weekday.
pub fn long_date(lang: Lang, ms: i64) -> String {
    const ZH: [&str; 7] = ["日", "一", "二", "三", "四", "五", "六"];
    const EN: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let d = date(ms);
    match lang {
        Lang::Zh => format!(
            "{}-{:02}-{:02} 星期{}",
            d.year, d.month, d.day, ZH[d.weekday]
        ),
        Lang::En => {
            let month = usize::try_from(d.month - 1)
                .ok()
                .and_then(|m| MONTHS.get(m))
                .unwrap_or(&"");
            format!("{} {} {month} {}", EN[d.weekday], d.day, d.year)
        }
    }
}

/// The time of day, `14:32:08`.
pub fn time(ms: i64) -> String {
    let s = (ms + OFFSET_MS).rem_euclid(DAY_MS) / 1_000;
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// The time of day to the minute, `14:32`.
pub fn minute(ms: i64) -> String {
    time(ms)[..5].to_owned()
}

/// Date and time to the minute, `2026-11-23 14:32`.
pub fn stamp(ms: i64) -> String {
    let d = date(ms);
    format!("{}-{:02}-{:02} {}", d.year, d.month, d.day, minute(ms))
}

/// The value of a `datetime-local` input, `2026-11-23T14:32`.
pub fn local_input(ms: i64) -> String {
    stamp(ms).replace(' ', "T")
}

/// Reads the value of a `datetime-local` input; none when it is empty or half filled.
pub fn from_local_input(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T')?;
    let mut day = day.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (day.next()??, day.next()??, day.next()??);
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (time.next()??, time.next()??);
    let date = domain::time::Date::from_ymd(i32::try_from(year).ok()?, month, day)?;
    let in_day = (0..24).contains(&hour) && (0..60).contains(&minute);
    let ms = i64::from(date.epoch_days()) * DAY_MS + (hour * 60 + minute) * 60_000 - OFFSET_MS;
    in_day.then_some(ms)
}

/// The hour of the day, 0 to 23.
pub fn hour(ms: i64) -> usize {
    usize::try_from((ms + OFFSET_MS).rem_euclid(DAY_MS) / 3_600_000).unwrap_or(0)
}

/// How late, `H:MM`.
pub fn late(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Minutes and seconds of a running clock, `06:42`; from an hour on `1:06:42`.
pub fn clock(ms: i64) -> String {
    let secs = ms.max(0) / 1_000;
    let (minutes, secs) = (secs / 60, secs % 60);
    if minutes < 60 {
        format!("{minutes:02}:{secs:02}")
    } else {
        format!("{}:{:02}:{secs:02}", minutes / 60, minutes % 60)
    }
}

/// A rough span: minutes, hours or days.
pub fn span(lang: Lang, ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    let (n, zh, en) = match minutes {
        0..60 => (minutes, "{n} 分", "{n} min"),
        60..2_880 => (minutes / 60, "{n} 小时", "{n} h"),
        _ => (minutes / 1_440, "{n} 天", "{n} d"),
    };
    let pattern = match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    fill(pattern, &[("n", &n.to_string())])
}

/// A count with thousands marked, `48,213`. Both languages write it so.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Degrees to six decimals, a tenth of a metre: `118.873021`. Without `core`'s formatting of
/// fractions, which weighs more than what it writes.
pub fn degrees(value: f64) -> String {
    let micro = (value * 1e6).round() as i64;
    let sign = if micro < 0 { "-" } else { "" };
    let micro = micro.unsigned_abs();
    format!("{sign}{}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

/// Reads what [`degrees`] wrote; of more decimals the first six.
pub fn from_degrees(text: &str) -> Option<f64> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "0"));
    let part = part.get(..part.len().min(6))?;
    let whole: u16 = whole.parse().ok()?;
    let digits: u32 = part.parse().ok()?;
    let scale = 10_u32.pow(part.len() as u32);
    let value = f64::from(whole) + f64::from(digits) / f64::from(scale);
    Some(if text.len() == plain.len() {
        value
    } else {
        -value
    })
}

/// A share of 1 as per cent with one decimal; exactly 1 has none.
pub fn percent(share: f64) -> String {
    let tenths = (share.clamp(0.0, 1.0) * 1_000.0).floor() as u32;
    if tenths == 1_000 {
        "100".to_owned()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// A difference with its sign, `+12`, `−3`, `0`.
pub fn change(n: i64) -> String {
    match n {
        0 => "0".to_owned(),
        1.. => format!("+{}", count(n.unsigned_abs())),
        _ => format!("\u{2212}{}", count(n.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 14:32:08 +08:00.
    const AT: i64 = 1_795_329_128_000;

    #[test]
    fn degrees_come_back_to_a_tenth_of_a_metre() {
        for value in [118.873_021, -0.5, 0.000_001, 180.0, 28.999_999_6] {
            let back = from_degrees(&degrees(value)).expect("degrees");
            assert!((back - value).abs() < 1e-6, "{value} came back as {back}");
        }
        assert_eq!(degrees(-0.5), "-0.500000");
        assert_eq!(from_degrees("118"), Some(118.0));
        for wrong in ["", "x", "1.x", "1.-5", "--1", "1e9", "70000.1"] {
            assert_eq!(from_degrees(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_the_countys_own() {
        assert_eq!(long_date(Lang::Zh, AT), "2026-11-22 星期日");
        assert_eq!(long_date(Lang::En, AT), "Sun 22 Nov 2026");
        assert_eq!(time(AT), "14:32:08");
        assert_eq!(minute(AT), "14:32");
        assert_eq!(hour(AT), 14);
        assert_eq!(
            date(951_753_600_000),
            Date {
                year: 2000,
                month: 2,
                day: 29,
                weekday: 2
            }
        );
        assert_eq!(date(-1).year, 1970);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(48_213), "48,213");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(percent(0.9649), "96.4");
        assert_eq!(percent(1.0), "100");
        assert_eq!(percent(0.9999), "99.9");
        assert_eq!(change(-3), "−3");
        assert_eq!(change(1_200), "+1,200");
    }

    #[test]
    fn spans_are_rough_and_lateness_exact() {
        assert_eq!(late(20_520_000), "5:42");
        assert_eq!(late(-5), "0:00");
        assert_eq!(span(Lang::Zh, 540_000), "9 分");
        assert_eq!(span(Lang::Zh, 9 * 3_600_000), "9 小时");
        assert_eq!(span(Lang::En, 3 * DAY_MS), "3 d");
    }

    #[test]
    fn a_local_time_is_read_as_it_was_written() {
        let ms = 1_795_400_040_000;
        assert_eq!(from_local_input(&local_input(ms)), Some(ms));
        assert_eq!(
            from_local_input("2026-11-23T14:32:08"),
            from_local_input("2026-11-23T14:32")
        );
        for wrong in [
            "",
            "2026-11-23",
            "2026-13-01T10:00",
            "2026-11-23T24:00",
            "x",
        ] {
            assert_eq!(from_local_input(wrong), None, "{wrong}");
        }
    }
}
