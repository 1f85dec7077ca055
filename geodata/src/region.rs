//! Region codes and the tree they form: county > township > village > grid (> micro-grid).
//! A code's prefix is its parent, so scope is a prefix test. Shapes are left to `boundary`.

mod tree;

use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use tree::{RegionTree, TreeError};

/// How many digits the longest code has.
const DIGITS: usize = 18;

/// The tier of a region, the county first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 县 (区, 市): 6 digits.
    County,
    /// 乡镇, 街道: 9 digits.
    Township,
    /// 村, 社区: 12 digits.
    Village,
    /// 网格: 15 digits.
    Grid,
    /// 微网格: 18 digits.
    MicroGrid,
}

impl Level {
    /// Every level, the county first.
    pub const ALL: [Self; 5] = [
        Self::County,
        Self::Township,
        Self::Village,
        Self::Grid,
        Self::MicroGrid,
    ];

    /// How many digits a code of this level has.
    pub const fn code_len(self) -> usize {
        6 + 3 * self as usize
    }

    /// The level whose codes have this many digits.
    pub const fn of_code_len(len: usize) -> Option<Self> {
        match len {
            6 => Some(Self::County),
            9 => Some(Self::Township),
            12 => Some(Self::Village),
            15 => Some(Self::Grid),
            18 => Some(Self::MicroGrid),
            _ => None,
        }
    }

    /// The level one tier up; `None` above a county.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::County => None,
            Self::Township => Some(Self::County),
            Self::Village => Some(Self::Township),
            Self::Grid => Some(Self::Village),
            Self::MicroGrid => Some(Self::Grid),
        }
    }

    /// The level one tier down; `None` below a micro-grid.
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::County => Some(Self::Township),
            Self::Township => Some(Self::Village),
            Self::Village => Some(Self::Grid),
            Self::Grid => Some(Self::MicroGrid),
            Self::MicroGrid => None,
        }
    }

    /// The word the county pack uses, such as `township`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
            Self::Grid => "grid",
            Self::MicroGrid => "micro_grid",
        }
    }

    /// How many codes of 18 digits share a code of this level as their prefix.
    const fn span(self) -> u64 {
        10u64.pow((DIGITS - self.code_len()) as u32)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or(())
    }
}

/// A region's code of 6, 9, 12, 15 or 18 digits, whose prefix is its parent.
///
/// One word: the digits padded on the right to 18, then the level. So codes order like the tree
/// walked depth first (a parent right before its children), and containment is one subtraction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u64);

/// Why a text is no region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not 6, 9, 12, 15 or 18 characters.
    #[error("a region code has 6, 9, 12, 15 or 18 digits, not {0} characters")]
    Length(usize),
    /// A character that is no digit from 0 to 9.
    #[error("a region code has digits only, not {0:?}")]
    Digit(char),
}

impl Code {
    /// Reads a code.
    ///
    /// # Errors
    /// When the text has another length than a level's codes, or anything but ASCII digits.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_digit()) {
            return Err(CodeError::Digit(odd));
        }
        let level = Level::of_code_len(text.len()).ok_or(CodeError::Length(text.len()))?;
        let digits = text
            .bytes()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        Ok(Self::pack(digits * level.span(), level))
    }

    /// The tier this code names.
    pub const fn level(self) -> Level {
        match self.0 & 7 {
            0 => Level::County,
            1 => Level::Township,
            2 => Level::Village,
            3 => Level::Grid,
            _ => Level::MicroGrid,
        }
    }

    /// The code one tier up; `None` for a county.
    pub fn parent(self) -> Option<Self> {
        self.level().above().and_then(|level| self.at(level))
    }

    /// Whether `other` is this region or lies under it.
    pub const fn contains(self, other: Self) -> bool {
        other.digits().wrapping_sub(self.digits()) < self.level().span()
            && self.0 & 7 <= other.0 & 7
    }

    /// This code, then its parents up to the county.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |code| code.parent())
    }

    /// The region of that level which this one is or lies in; `None` when it is of a higher tier.
    pub fn at(self, level: Level) -> Option<Self> {
        let span = level.span();
        (level <= self.level()).then(|| Self::pack(self.digits() / span * span, level))
    }

    /// How many digits the code has.
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        self.level().code_len()
    }

    /// The child with this three-digit number (0 to 999); `None` below a micro-grid or past 999.
    pub fn child(self, number: u16) -> Option<Self> {
        let level = self.level().below().filter(|_| number < 1000)?;
        Some(Self::pack(
            self.digits() + u64::from(number) * level.span(),
            level,
        ))
    }

    /// The digits padded on the right to 18.
    const fn digits(self) -> u64 {
        self.0 >> 3
    }

    const fn pack(digits: u64, level: Level) -> Self {
        Self(digits << 3 | level as u64)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:0width$}",
            self.digits() / self.level().span(),
            width = self.len()
        )
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [b'0'; DIGITS];
        let mut rest = self.digits();
        for digit in text.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let text = std::str::from_utf8(&text[..self.len()]).unwrap_or_default();
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Code;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a region code as a string of 6, 9, 12, 15 or 18 digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Code, E> {
                Code::parse(text).map_err(E::custom)
            }
        }

        deserializer
            .deserialize_str(Digits)
            .map_err(D::Error::custom)
    }
}

/// One region of a county.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Its code.
    pub code: Code,
    /// Its name in Chinese, as people say it.
    pub name: String,
    /// Its tier; the same as the code's.
    pub level: Level,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Code {
        text.parse().expect("a code")
    }

    #[test]
    fn reads_and_prints() {
        for text in [
            "330899",
            "330899101",
            "330899101001",
            "330899101001001",
            "330899101001001009",
            "010203",
        ] {
            assert_eq!(code(text).to_string(), text);
            assert_eq!(code(text).len(), text.len());
            let json = serde_json::to_string(&code(text)).expect("json");
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<Code>(&json).expect("code"),
                code(text)
            );
        }
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "33089",
            "3308991",
            "33089x",
            " 330899",
            "330899１",
            "-30899",
            "3308991010010010011",
        ] {
            assert!(Code::parse(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Code>("330899").is_err());
    }

    #[test]
    fn zeros_at_the_end_are_not_the_parent() {
        assert_ne!(code("330899"), code("330899000"));
        assert!(code("330899").contains(code("330899000")));
        assert!(!code("330899000").contains(code("330899")));
    }

    #[test]
    fn knows_parents_and_children() {
        let grid = code("330899101002003");
        assert_eq!(grid.parent(), Some(code("330899101002")));
        assert_eq!(grid.at(Level::Township), Some(code("330899101")));
        assert_eq!(grid.at(Level::MicroGrid), None);
        assert_eq!(grid.ancestors().count(), 4);
        assert_eq!(code("330899").parent(), None);
        assert_eq!(code("330899101002").child(3), Some(grid));
        assert_eq!(code("330899101002").child(1000), None);
    }

    proptest! {
        #[test]
        fn contains_is_a_prefix_test(a in "[12]{6}([12]{3}){0,4}", b in "[12]{6}([12]{3}){0,4}") {
            let (x, y) = (code(&a), code(&b));
            prop_assert_eq!(x.contains(y), b.starts_with(&a));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(y.ancestors().any(|up| up == x), x.contains(y));
        }
    }
}
