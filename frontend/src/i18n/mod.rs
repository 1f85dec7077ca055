//! Both languages of the app: the language chosen, and numbers, dates and spans by locale.
//! The sentences are in `catalogue`, `desk`, `admin` and `case`; one that lacks a language does not compile.

macro_rules! catalogue {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        $(#[doc = $en] pub const $name: Text = Text { zh: $zh, en: $en };)*
        #[cfg(test)]
        pub(super) const ALL: &[(&str, Text)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod admin;
pub mod case;
pub mod catalogue;
pub mod command;
pub mod desk;
pub mod field;
pub mod format;
pub mod replay;
pub mod report;
pub mod review;
pub mod shift;
pub mod told;

/// A sentence in both languages. `{name}` marks a place that [`fill`] fills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// A language of the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads `zh…` or `en…`.
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim();
        if tag.get(..2)?.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else if tag.get(..2)?.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else {
            None
        }
    }

    /// The tag for `lang` attributes and `Accept-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The sentence in this language.
    pub fn of(self, text: Text) -> &'static str {
        match self {
            Self::Zh => text.zh,
            Self::En => text.en,
        }
    }
}

/// Fills the `{name}` places of a sentence.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(
            values
                .iter()
                .find(|(n, _)| *n == name)
                .map_or("", |(_, v)| v),
        );
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pattern: &str) -> Vec<&str> {
        let mut names: Vec<&str> = pattern
            .split('{')
            .skip(1)
            .filter_map(|p| p.split_once('}').map(|(n, _)| n))
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_are_there_and_leave_the_same_places_open() {
        for (name, text) in [
            catalogue::ALL,
            desk::ALL,
            admin::ALL,
            case::ALL,
            command::ALL,
            told::ALL,
            replay::ALL,
            report::ALL,
            review::ALL,
            field::ALL,
            shift::ALL,
        ]
        .concat()
        {
            assert!(
                !text.zh.is_empty() && !text.en.is_empty(),
                "{name} is empty"
            );
            assert_eq!(places(text.zh), places(text.en), "{name}");
            assert!(
                !text
                    .en
                    .chars()
                    .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
                    || name == "OTHER_LANG",
                "{name}: Chinese in the English"
            );
        }
    }

    #[test]
    fn places_are_filled_and_a_stray_brace_stays() {
        assert_eq!(fill("{a}-{b}-{a}", &[("a", "1"), ("b", "2")]), "1-2-1");
        assert_eq!(fill("a{b", &[]), "a{b");
    }

    #[test]
    fn languages_are_read_from_tags() {
        assert_eq!(Lang::parse("en-GB"), Some(Lang::En));
        assert_eq!(Lang::parse("zh"), Some(Lang::Zh));
        assert_eq!(Lang::parse("fr"), None);
        assert_eq!(Lang::parse("é"), None);
    }
}
