//! What of the time line follows from the time alone: windows, steps, marks, the density's outline.

use std::fmt::Write as _;

use super::Moment;
use crate::i18n::{Text, replay as k};

/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// The county's offset from UTC: days begin at its midnight.
const OFFSET_MS: i64 = 8 * HOUR_MS;
/// How fast it can run.
pub const SPEEDS: [u32; 4] = [1, 10, 60, 300];
/// How much the time line can span, in hours.
pub const SPANS: [i64; 3] = [24, 6, 1];
/// Marks of one kind closer than this are drawn as one, in thousandths of the time line.
const NEAR: i64 = 4;

/// The stretch of so many hours that holds a time: a day of the county, or a part of one.
pub fn window(at: i64, hours: i64) -> (i64, i64) {
    let span = hours.max(1) * HOUR_MS;
    let from = (at + OFFSET_MS).div_euclid(span) * span - OFFSET_MS;
    (from, from + span)
}

/// How far one step goes, ms.
pub const fn step_ms(hours: i64) -> i64 {
    match hours {
        24.. => 300_000,
        2.. => 60_000,
        _ => 10_000,
    }
}

/// Where a time stands on the time line, in thousandths.
pub fn share(at: i64, (from, to): (i64, i64)) -> i64 {
    ((at - from) * 1_000 / (to - from).max(1)).clamp(0, 1_000)
}

/// Thousandths as a length in CSS.
pub fn percent(thousandths: i64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// How far ahead the record is read, ms of the record: some twenty seconds of life, at least a minute.
pub fn ahead_ms(speed: u32) -> i64 {
    (i64::from(speed) * 20_000).max(60_000)
}

/// A mark on the time line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Where, in thousandths.
    pub at: i64,
    /// What.
    pub kind: String,
    /// How many stand there.
    pub count: usize,
    /// Whether all of them are exercises.
    pub drill: bool,
}

/// The marks of a stretch; those of one kind that would lie over each other are one.
pub fn marks(items: &[Moment], window: (i64, i64)) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for item in items {
        let ms = item.at.millis();
        if ms < window.0 || ms >= window.1 {
            continue;
        }
        let at = share(ms, window);
        let last = marks.iter_mut().rev().find(|mark| mark.kind == item.kind);
        if let Some(last) = last.filter(|mark| at - mark.at < NEAR) {
            last.count += 1;
            last.drill &= item.drill;
            continue;
        }
        marks.push(Mark {
            at,
            kind: item.kind.clone(),
            count: 1,
            drill: item.drill,
        });
    }
    marks
}

/// The outline of the density in a box of 1000 by 100, the highest part filling it.
pub fn outline(density: &[u32]) -> String {
    let most = density.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let parts = density.len().max(1);
    let mut path = "M0 100".to_owned();
    for (n, events) in density.iter().enumerate() {
        // By the root: a quiet hour is still seen beside a storm.
        let high = (u64::from(*events) * 10_000 / u64::from(most)).isqrt();
        let top = 100_u64.saturating_sub(high);
        let (from, to) = (n * 1_000 / parts, (n + 1) * 1_000 / parts);
        // Writing to a String does not fail.
        let _ = write!(path, "L{from} {top}L{to} {top}");
    }
    path.push_str("L1000 100Z");
    path
}

/// What a kind of moment is called.
pub fn kind_name(kind: &str) -> Text {
    match kind {
        "red" => k::K_RED,
        "order" => k::K_ORDER,
        "session" => k::K_SESSION,
        "ended" => k::K_ENDED,
        _ => k::K_MODE,
    }
}

/// When a position was told, from its row as it came: the last text in it.
pub fn told_at(row: &str) -> Option<i64> {
    let text = row.trim_end().strip_suffix(']')?.trim_end();
    let text = text.strip_suffix('"')?;
    let (_, at) = text.rsplit_once('"')?;
    let at: domain::time::Timestamp = at.parse().ok()?;
    Some(at.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: i64, kind: &str) -> Moment {
        Moment {
            at: domain::time::Timestamp::from_millis(at),
            kind: kind.to_owned(),
            title: String::new(),
            incident: None,
            session: None,
            drill: false,
        }
    }

    #[test]
    fn a_window_is_a_day_of_the_county_or_a_part_of_one() {
        // 2026-11-22 14:32:08 +08:00.
        let at = 1_795_329_128_000;
        let (from, to) = window(at, 24);
        assert_eq!(crate::i18n::format::stamp(from), "2026-11-22 00:00");
        assert_eq!(to - from, 24 * HOUR_MS);
        assert_eq!(
            crate::i18n::format::stamp(window(at, 6).0),
            "2026-11-22 12:00"
        );
        assert_eq!(
            crate::i18n::format::stamp(window(at, 1).0),
            "2026-11-22 14:00"
        );
        assert_eq!(window(to, 24).0, to);
    }

    #[test]
    fn marks_that_touch_are_one() {
        let window = (0, 1_000_000);
        let items = [
            moment(0, "red"),
            moment(1_000, "red"),
            moment(2_000, "order"),
            moment(900_000, "red"),
            moment(1_000_000, "red"),
        ];
        let marks = marks(&items, window);
        let found: Vec<_> = marks.iter().map(|m| (m.at, m.count)).collect();
        assert_eq!(found, [(0, 2), (2, 1), (900, 1)]);
        assert_eq!(percent(marks[2].at), "90.0%");
    }

    #[test]
    fn the_outline_is_as_high_as_its_box() {
        assert_eq!(outline(&[]), "");
        assert_eq!(outline(&[0, 0]), "");
        assert_eq!(
            outline(&[0, 4]),
            "M0 100L0 100L500 100L500 0L1000 0L1000 100Z"
        );
    }

    #[test]
    fn a_row_tells_its_time() {
        let row = r#"["u-1",118.95,28.97,null,"2026-11-22T14:32:08+08:00"]"#;
        assert_eq!(told_at(row), Some(1_795_329_128_000));
        assert_eq!(told_at("[]"), None);
        assert_eq!(told_at(r#"["u",1,2,3,"soon"]"#), None);
    }
}
