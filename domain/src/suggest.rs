//! Which categories a text speaks of, and by which words: rules over the shipped catalogue and the
//! county's own names. It suggests and says why; whoever takes the report down decides.

use std::collections::BTreeMap;

use crate::pack::catalogue::CategoryCode;

/// Words for the shipped catalogue's categories.
const WORDS: &str = include_str!("../defaults/category_words.txt");
/// What a word counts that speaks strongly for a category.
const STRONG: u32 = 3;
/// What any other word counts.
const PLAIN: u32 = 2;
/// What each letter of a word beyond the second counts: a longer word is a surer sign.
const LONGER: u32 = 1;
/// Most that are suggested.
const LISTED: usize = 3;

/// A category that a text speaks of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// Which.
    pub code: CategoryCode,
    /// The words of the text that speak for it, the strongest first.
    pub words: Vec<String>,
    /// How much they weigh together.
    pub weight: u32,
}

/// The categories a text speaks of, the likeliest first. `categories` are the county's own, with
/// their names: words for one that it does not have are passed over.
pub fn suggest<'a>(
    text: &str,
    categories: impl IntoIterator<Item = (CategoryCode, &'a str)>,
) -> Vec<Suggestion> {
    let text = text.to_lowercase();
    let shipped = shipped();
    let mut found: Vec<Suggestion> = categories
        .into_iter()
        .filter_map(|(code, name)| {
            let words = shipped.get(&code).map(Vec::as_slice).unwrap_or_default();
            weigh(&text, code, name, words)
        })
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.weight), one.code));
    found.truncate(LISTED);
    found
}

/// The shipped words, by category, each with what it counts.
fn shipped() -> BTreeMap<CategoryCode, Vec<(&'static str, u32)>> {
    WORDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.split_whitespace();
            let code = parts.next()?.parse().ok()?;
            let words = parts.map(|word| match word.strip_prefix('!') {
                Some(word) => (word, STRONG),
                None => (word, PLAIN),
            });
            Some((code, words.collect()))
        })
        .collect()
}

fn weigh(text: &str, code: CategoryCode, name: &str, words: &[(&str, u32)]) -> Option<Suggestion> {
    let name = name.to_lowercase();
    let own = parts(&name).map(|word| (word, STRONG));
    let mut hits: Vec<(&str, u32)> = Vec::new();
    for (word, weight) in words.iter().copied().chain(own) {
        let letters = u32::try_from(word.chars().count()).unwrap_or(u32::MAX);
        let weight = weight + letters.saturating_sub(2) * LONGER;
        if text.contains(&word.to_lowercase()) && !hits.iter().any(|(hit, _)| hit.contains(word)) {
            hits.retain(|(hit, _)| !word.contains(hit));
            hits.push((word, weight));
        }
    }
    hits.sort_by_key(|(word, weight)| (std::cmp::Reverse(*weight), *word));
    let weight = hits.iter().map(|(_, weight)| weight).sum();
    (weight > 0).then(|| Suggestion {
        code,
        words: hits.into_iter().map(|(word, _)| word.to_owned()).collect(),
        weight,
    })
}

/// The words of a category's name: what stands between the signs and conjunctions that join them.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric() || c == '与' || c == '和' || c == '及')
        .filter(|part| part.chars().count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk_tests::county;

    fn first(text: &str) -> (String, Vec<String>) {
        let county = county();
        let names = county.catalogue.items.iter();
        let found = suggest(text, names.map(|item| (item.code, item.name.as_str())));
        let first = found.first().expect(text);
        (first.code.to_string(), first.words.clone())
    }

    #[test]
    fn a_text_is_told_by_its_words() {
        for (text, code, word) in [
            ("人民路人行道上一个井盖不见了", "0703", "井盖"),
            ("楼下有人违规存放液化气气瓶，闻到煤气味", "0303", "气瓶"),
            ("老板拖欠三个月工资不给", "0202", "工资"),
            ("桥头三盏路灯不亮", "0704", "路灯"),
            ("独居老人两天没出门，敲门没人应", "0901", "独居老人"),
            ("夜市音响声太大，噪音扰民", "0604", "扰民"),
        ] {
            let (found, words) = first(text);
            assert_eq!(found, code, "{text}: {words:?}");
            assert!(words.iter().any(|one| one == word), "{text}: {words:?}");
        }
    }

    #[test]
    fn what_says_nothing_suggests_nothing_and_a_foreign_catalogue_goes_by_its_names() {
        let county = county();
        let names = || {
            county
                .catalogue
                .items
                .iter()
                .map(|i| (i.code, i.name.as_str()))
        };
        assert!(suggest("", names()).is_empty());
        assert!(suggest("您好", names()).is_empty());
        let code: CategoryCode = "9901".parse().expect("code");
        let found = suggest("河里有人放生鳄鱼", [(code, "外来物种放生")]);
        assert!(found.is_empty());
        let found = suggest("外来物种入侵", [(code, "外来物种、放生")]);
        assert_eq!(found[0].words, ["外来物种"]);
    }

    #[test]
    fn every_line_of_words_is_of_a_shipped_category() {
        let county = county();
        let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), shipped().len());
        for code in shipped().keys() {
            assert!(county.catalogue.get(*code).is_some(), "{code}");
        }
        assert_eq!(shipped().len(), county.catalogue.items.len());
    }
}
