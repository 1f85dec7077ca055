//! Text cut into terms for the index, and a reader's words looked for in it. Chinese has no spaces:
//! each run of it is cut into overlapping pairs, so that what stands together is found wherever it
//! stands, with no dictionary. What counts as found is decided here once, for index and text alike.

/// Words of one search.
const MAX_WORDS: usize = 16;

/// What a reader looks for: every one of these must stand in some text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needles(Vec<Run>);

/// Characters that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Run {
    /// Letters and digits, in lower case; as a needle, the beginning of some.
    Word(String),
    /// Characters of a script written without spaces; as a needle, a part of some.
    Chinese(Vec<char>),
}

impl Needles {
    /// The words of `text`; none when it holds no letter, digit or character, or too many words.
    pub fn read(text: &str) -> Option<Self> {
        let runs = runs(text);
        (1..=MAX_WORDS).contains(&runs.len()).then_some(Self(runs))
    }

    /// Whether each of them stands in one of `texts`.
    pub fn stand_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let texts: Vec<Run> = texts.into_iter().flat_map(runs).collect();
        self.0
            .iter()
            .all(|needle| texts.iter().any(|run| needle.stands_in(run)))
    }

    /// The same as an expression of the index. It holds no sign of the reader's own.
    pub(super) fn expression(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(Run::expression).collect();
        parts.join(" AND ")
    }
}

impl Run {
    fn stands_in(&self, run: &Self) -> bool {
        match (self, run) {
            (Self::Word(needle), Self::Word(word)) => word.starts_with(needle),
            (Self::Chinese(needle), Self::Chinese(chars)) => chars
                .windows(needle.len())
                .any(|part| part == needle.as_slice()),
            _ => false,
        }
    }

    fn expression(&self) -> String {
        match self {
            Self::Word(word) => format!("\"{word}\"*"),
            Self::Chinese(chars) if chars.len() == 1 => format!("\"{}\"*", chars[0]),
            Self::Chinese(chars) => format!("\"{}\"", pairs(chars).join(" ")),
        }
    }
}

/// The terms of `text`, separated by spaces, as the index stores them.
pub(super) fn terms(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => out.push(word),
            Run::Chinese(chars) => {
                out.extend(pairs(&chars));
                // The last one by itself, so that every character begins some term.
                out.extend(chars.last().map(char::to_string));
            }
        }
    }
    out.join(" ")
}

fn pairs(chars: &[char]) -> Vec<String> {
    chars.windows(2).map(|pair| pair.iter().collect()).collect()
}

fn runs(text: &str) -> Vec<Run> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut chinese = Vec::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        let c = plain(c);
        let is_chinese = is_chinese(c);
        let is_word = !is_chinese && c.is_alphanumeric();
        if !is_word && !word.is_empty() {
            out.push(Run::Word(std::mem::take(&mut word)));
        }
        if !is_chinese && !chinese.is_empty() {
            out.push(Run::Chinese(std::mem::take(&mut chinese)));
        }
        if is_chinese {
            chinese.push(c);
        } else if is_word {
            word.extend(c.to_lowercase());
        }
    }
    out
}

/// Full-width letters and digits count as their plain forms.
fn plain(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3134F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_cut_into_pairs_and_words_are_kept() {
        assert_eq!(
            terms("城东街道 12栋 LED灯"),
            "城东 东街 街道 道 12 栋 led 灯"
        );
        assert_eq!(terms("ＡＢ１"), "ab1");
        assert_eq!(terms("，。!"), "");
    }

    #[test]
    fn an_expression_holds_no_sign_of_the_query_language() {
        let expression = |text| Needles::read(text).map(|needles| needles.expression());
        assert_eq!(expression("东街").as_deref(), Some("\"东街\""));
        assert_eq!(expression("城东街").as_deref(), Some("\"城东 东街\""));
        assert_eq!(expression("灯").as_deref(), Some("\"灯\"*"));
        assert_eq!(
            expression("\" OR head:*- 2026").as_deref(),
            Some("\"or\"* AND \"head\"* AND \"2026\"*")
        );
        assert_eq!(expression(" -*\"( "), None);
        assert_eq!(expression(&"a ".repeat(17)), None);
    }

    #[test]
    fn what_stands_in_a_text() {
        let stands = |needle: &str, text: &str| {
            Needles::read(needle).is_some_and(|needles| needles.stand_in([text]))
        };
        for needle in [
            "路灯不亮",
            "灯",
            "亮",
            "灯不",
            "12",
            "led",
            "路灯 LED-灯",
            "１２",
        ] {
            assert!(stands(needle, "莲花路灯不亮，12栋旁 LED灯"), "{needle}");
        }
        for needle in ["灯亮", "2", "ed", "路灯 空调"] {
            assert!(!stands(needle, "莲花路灯不亮，12栋旁 LED灯"), "{needle}");
        }
    }
}
