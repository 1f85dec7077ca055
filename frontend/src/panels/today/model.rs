//! Today's figures as tiles.

use domain::projection::figures::Figures;

use crate::i18n::{Text, catalogue as c, format};

/// One tile.
#[derive(Clone, PartialEq, Debug)]
pub struct Tile {
    /// The hook for checks.
    pub testid: &'static str,
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: String,
    /// What follows the value, smaller.
    pub unit: &'static str,
    /// The difference to yesterday up to this time of day, where yesterday is known.
    pub change: Option<String>,
    /// Whether it counts what is overdue.
    pub is_red: bool,
}

/// The six tiles.
pub fn tiles(figures: &Figures) -> Vec<Tile> {
    let (today, before) = (&figures.today, &figures.yesterday);
    let known = before.reported > 0;
    let change = |a: u32, b: u32| known.then(|| format::change(i64::from(a) - i64::from(b)));
    let counted = |testid, name, value: u32, change| Tile {
        testid,
        name,
        value: format::count(u64::from(value)),
        unit: "",
        change,
        is_red: false,
    };
    let rate = today.on_time_rate();
    vec![
        counted(
            "figure-reported",
            c::REPORTED,
            today.reported,
            change(today.reported, before.reported),
        ),
        counted(
            "figure-accepted",
            c::ACCEPTED,
            today.accepted,
            change(today.accepted, before.accepted),
        ),
        counted(
            "figure-closed",
            c::CLOSED,
            today.closed,
            change(today.closed, before.closed),
        ),
        counted("figure-open", c::OPEN, figures.open, None),
        Tile {
            is_red: figures.overdue > 0,
            ..counted("figure-overdue", c::OVERDUE, figures.overdue, None)
        },
        Tile {
            testid: "figure-on-time",
            name: c::ON_TIME,
            value: rate.map_or_else(|| "–".to_owned(), format::percent),
            unit: if rate.is_some() { "%" } else { "" },
            change: None,
            is_red: false,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_no_number_and_an_unknown_yesterday_no_change() {
        let mut figures = Figures {
            open: 1_200,
            ..Figures::default()
        };
        figures.today.reported = 5;
        let tiles_before = tiles(&figures);
        assert_eq!(tiles_before[5].value, "–");
        assert_eq!(tiles_before[0].change, None);
        assert_eq!(tiles_before[3].value, "1,200");
        figures.yesterday.reported = 8;
        assert_eq!(tiles(&figures)[0].change.as_deref(), Some("−3"));
    }
}
