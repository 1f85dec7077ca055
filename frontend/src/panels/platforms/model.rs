//! What each platform has open, grouped from the categories it handles.

use domain::projection::figures::{Figures, Tally};

use crate::words::Words;

/// One tally a platform, in the order of the county pack.
pub fn tallies(figures: &Figures, words: &Words) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); words.platforms.len()];
    for (category, tally) in &figures.by_category {
        let index = words.platform_of.get(category).and_then(|name| {
            words
                .platforms
                .iter()
                .position(|(zh, en)| zh == name || en == name)
        });
        let Some(sum) = index.and_then(|i| tallies.get_mut(i)) else {
            continue;
        };
        sum.open += tally.open;
        sum.amber += tally.amber;
        sum.red += tally.red;
        sum.finished += tally.finished;
        sum.finished_on_time += tally.finished_on_time;
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::pack::catalogue::CategoryCode;

    #[test]
    fn categories_add_up_to_their_platform_and_unknown_ones_to_none() {
        let code = |text: &str| -> CategoryCode { text.parse().expect("a code") };
        let mut words = Words::default();
        words.platforms.push(("综合执法".into(), "Law".into()));
        words.platform_of.insert(code("0101"), "综合执法".into());
        words.platform_of.insert(code("0102"), "综合执法".into());
        let mut figures = Figures::default();
        for (category, open) in [("0101", 3), ("0102", 4), ("0901", 50)] {
            figures.by_category.insert(
                code(category),
                Tally {
                    open,
                    ..Tally::default()
                },
            );
        }
        assert_eq!(tallies(&figures, &words)[0].open, 7);
    }
}
