//! A citizen's receipt: the number of the incident and a secret code that proves whose it is. How
//! the code is made of a secret key, and how often it may be tried, is the server's.

use std::fmt;
use std::str::FromStr;

use geodata::region::Code;

use crate::actor::{Actor, Role};
use crate::ids::IncidentId;

/// The source of what people report without an account.
pub const SOURCE: &str = "citizen";
/// The source of what a grid worker reports on the report page.
pub const GRID_SOURCE: &str = "grid";
/// Characters of a code, five bits each: 50 bits. With the tries that a server allows, guessing one
/// takes longer than any incident lives.
pub const CODE_CHARS: usize = 10;
/// Characters of a title that is made of the first words of a text.
const TITLE_CHARS: usize = 40;
/// Digits of the day a number begins with.
const DAY_DIGITS: usize = 8;
/// Digits of the place in that day: at least, at most.
const PLACE_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Crockford's base 32: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A receipt, as it is read out and typed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The incident's number, `20261122-0481`.
    pub number: String,
    /// The code, in capitals, without a hyphen.
    pub code: String,
}

/// It is not written as a receipt is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAReceipt;

/// The code of 50 bits: the first of `secret`, which should be random to whoever has no key.
pub fn code(secret: &[u8; 32]) -> String {
    let bits = secret[..8]
        .iter()
        .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    (0..CODE_CHARS)
        .map(|place| {
            let five = bits >> (59 - 5 * place) & 31;
            char::from(ALPHABET[five as usize])
        })
        .collect()
}

impl FromStr for Receipt {
    type Err = NotAReceipt;

    /// As people write it: in small letters, with hyphens and blanks anywhere, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, NotAReceipt> {
        let kept: Vec<char> = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '–' | '·'))
            .take(DAY_DIGITS + PLACE_DIGITS.end() + CODE_CHARS + 1)
            .collect();
        let digits = kept.len().checked_sub(CODE_CHARS).ok_or(NotAReceipt)?;
        let (number, code) = kept.split_at(digits);
        let place = digits.checked_sub(DAY_DIGITS).ok_or(NotAReceipt)?;
        if !PLACE_DIGITS.contains(&place) || !number.iter().all(char::is_ascii_digit) {
            return Err(NotAReceipt);
        }
        let (day, place) = number.split_at(DAY_DIGITS);
        let text = |of: &[char]| of.iter().collect::<String>();
        Ok(Self {
            number: format!("{}-{}", text(day), text(place)),
            code: code
                .iter()
                .map(|c| plain(*c))
                .collect::<Option<_>>()
                .ok_or(NotAReceipt)?,
        })
    }
}

fn plain(typed: char) -> Option<char> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .contains(&u8::try_from(upper).ok()?)
        .then_some(upper)
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self
            .code
            .split_at_checked(CODE_CHARS / 2)
            .unwrap_or((&self.code, ""));
        write!(f, "{}-{first}-{second}", self.number)
    }
}

/// Whoever reported without an account and holds the receipt of this incident.
pub fn citizen(id: IncidentId, county: Code) -> Actor {
    Actor::new(format!("{SOURCE}:{id}"), Role::Reporter, county)
}

/// A title of the first words of a text, and the text if that is more.
pub fn titled(text: &str) -> (String, Option<String>) {
    let text = text.trim();
    let is_end = |c: char| matches!(c, '\n' | '\r' | '。' | '！' | '？' | '!' | '?' | '；' | ';');
    let first = text.split(is_end).find(|part| !part.trim().is_empty());
    let first = first.unwrap_or_default().trim();
    let mut title: String = first.chars().take(TITLE_CHARS).collect();
    if first.chars().count() > TITLE_CHARS {
        title.push('…');
    }
    let rest = (title != text).then(|| text.to_owned());
    (title, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_people_write_it() {
        let code = code(&[0xA7; 32]);
        assert_eq!(code.len(), CODE_CHARS);
        let receipt = Receipt {
            number: "20261122-0481".to_owned(),
            code: code.clone(),
        };
        let written = receipt.to_string();
        assert_eq!(written.parse(), Ok(receipt.clone()));
        assert_eq!(
            written.to_lowercase().replace('-', " ").parse(),
            Ok(receipt.clone())
        );
        let typed = written.replace('0', "o").replace('1', "l");
        assert_ne!(
            typed.parse(),
            Ok(receipt),
            "digits of the number stay digits"
        );
        let long = format!("2026112212345{code}");
        assert_eq!(
            long.parse().map(|r: Receipt| r.number),
            Ok("20261122-12345".to_owned())
        );
    }

    #[test]
    fn letters_taken_for_digits_are_those_digits() {
        let read: Receipt = "20261122-0481-OIL00-ABCDE".parse().expect("receipt");
        assert_eq!(read.code, "01100ABCDE");
    }

    #[test]
    fn what_is_no_receipt_is_told_apart() {
        let endless = "2".repeat(10_000);
        for bad in [
            "",
            "20261122-0481",
            "20261122-0481-ABCD",
            "20261122-481-ABCDEFGHJK",
            "x0261122-0481-ABCDEFGHJK",
            "20261122-0481-ABCDE-FGHJU",
            "20261122-0481-ABCDE-FGHJ中",
            "２0261122-0481-ABCDEFGHJK",
            &endless,
        ] {
            assert_eq!(bad.parse::<Receipt>(), Err(NotAReceipt), "{bad}");
        }
    }

    #[test]
    fn fifty_bits_of_the_secret_are_in_the_code() {
        let mut secret = [0; 32];
        let zero = code(&secret);
        for bit in 0..50 {
            secret[bit / 8] ^= 0x80 >> (bit % 8);
            assert_ne!(code(&secret), zero, "bit {bit}");
            secret[bit / 8] = 0;
        }
    }

    #[test]
    fn a_title_is_the_first_sentence() {
        assert_eq!(titled(" 路灯不亮 "), ("路灯不亮".to_owned(), None));
        let (title, rest) = titled("路灯不亮。已经三天了");
        assert_eq!(title, "路灯不亮");
        assert_eq!(rest.as_deref(), Some("路灯不亮。已经三天了"));
        let long = "路".repeat(60);
        let (title, rest) = titled(&long);
        assert_eq!(title.chars().count(), TITLE_CHARS + 1);
        assert_eq!(rest, Some(long));
        assert_eq!(titled("。。").0, "");
    }
}
