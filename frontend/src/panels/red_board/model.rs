//! The board's rows in words.

use domain::lamp::Lamp;
use domain::projection::board::{Board, Row};

use crate::i18n::{Lang, catalogue as c, fill, format};
use crate::words::Words;

/// One row as it is read.
#[derive(Clone, PartialEq, Debug)]
pub struct RowView {
    /// The incident.
    pub id: String,
    /// Its lamp.
    pub lamp: Lamp,
    /// Township and what it is.
    pub title: String,
    /// Who holds it, how long, under which order.
    pub who: String,
    /// How late, `+H:MM`, or how long is left, `-H:MM`.
    pub late: String,
}

/// The first `count` rows: overdue ones, the oldest first, then the soonest due.
pub fn rows(board: &Board, words: &Words, lang: Lang, now: i64, count: usize) -> Vec<RowView> {
    board
        .red
        .iter()
        .chain(&board.amber)
        .take(count)
        .map(|row| view(row, words, lang, now))
        .collect()
}

fn view(row: &Row, words: &Words, lang: Lang, now: i64) -> RowView {
    let left = row.due.millis() - now;
    let late = if left > 0 {
        format!("\u{2212}{}", format::late(left))
    } else {
        format!("+{}", format::late(-left))
    };
    RowView {
        id: row.id.to_string(),
        lamp: row.lamp,
        title: title(row, words, lang),
        who: who(row, words, lang, now),
        late,
    }
}

/// What it is, in one line: the report's own words in Chinese, its category in English.
fn title(row: &Row, words: &Words, lang: Lang) -> String {
    let what = match (
        lang,
        row.category.and_then(|code| words.category(lang, code)),
    ) {
        _ if row.veiled => lang.of(c::SENSITIVE),
        (Lang::En, Some(name)) => name,
        _ => &row.title,
    };
    format!("{} · {what}", words.township(row.region))
}

fn who(row: &Row, words: &Words, lang: Lang, now: i64) -> String {
    let mut text = match &row.holder {
        Some((org, since)) => {
            let org = org.to_string();
            let held = format::span(lang, now - since.millis());
            fill(
                lang.of(c::HELD_BY),
                &[("org", words.org(lang, &org, row.region)), ("t", &held)],
            )
        }
        None => fill(
            lang.of(c::HELD_NOBODY),
            &[("t", &format::span(lang, now - row.due.millis()))],
        ),
    };
    if let Some(order) = row.order {
        text.push_str(" · ");
        text.push_str(&fill(lang.of(c::ORDER_NO), &[("n", &order.to_string())]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::IncidentId;
    use domain::incident::clock::ClockKind;
    use domain::time::Timestamp;

    fn row(external: &str, lamp: Lamp, due: i64) -> Row {
        let region: geodata::region::Code = "330899101001001".parse().expect("code");
        Row {
            id: IncidentId::of_origin(region, "t", external),
            lamp,
            region,
            category: None,
            title: "井盖缺失".to_owned(),
            veiled: false,
            holder: None,
            clock: ClockKind::Accept,
            due: Timestamp::from_millis(due),
            order: Some(128),
            severity: domain::pack::limits::Severity::IV,
        }
    }

    #[test]
    fn late_counts_up_and_left_counts_down() {
        let board = Board {
            red: vec![row("1", Lamp::Red, 1_000_000)],
            amber: vec![row("2", Lamp::Amber, 9_000_000)],
            orders: 1,
        };
        let words = Words::default();
        let rows = rows(&board, &words, Lang::Zh, 1_540_000, 9);
        assert_eq!(rows[0].late, "+0:09");
        assert_eq!(rows[1].late, "−2:04");
        assert_eq!(rows[0].who, "待受理 9 分 · 督 128");
        assert!(rows[0].title.ends_with("井盖缺失"));
    }

    #[test]
    fn what_is_veiled_is_not_named() {
        let mut veiled = row("1", Lamp::Red, 0);
        veiled.title.clear();
        veiled.veiled = true;
        let board = Board {
            red: vec![veiled],
            ..Board::default()
        };
        let words = Words::default();
        let title = |lang| rows(&board, &words, lang, 0, 1)[0].title.clone();
        assert!(title(Lang::Zh).ends_with("敏感事件"));
        assert!(title(Lang::En).ends_with("Sensitive incident"));
    }

    #[test]
    fn no_more_rows_than_fit() {
        let board = Board {
            red: vec![row("1", Lamp::Red, 0); 9],
            ..Board::default()
        };
        assert_eq!(rows(&board, &Words::default(), Lang::En, 0, 4).len(), 4);
    }
}
