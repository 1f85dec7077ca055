//! The code an unpaired screen shows: ten characters to be read across a room and typed at a desk.
//! It proves by itself, to any node, that it was shown within the last ten minutes; that it is
//! used once is the directory's matter.

use domain::time::{Span, Timestamp};
use subtle::ConstantTimeEq;

use super::secret::{NoRandomness, key, mac, random};

/// How long a code can be typed.
pub const HOLDS: Span = Span::mins(10);
/// Crockford's: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 10;
/// Fifty bits: the minute it was made in, chance, and the mark of the log's secret.
const MINUTE_BITS: u32 = 6;
const RANDOM_BITS: u32 = 18;
const MARK_BITS: u32 = 26;

/// A new code, written as it is kept: `7KQ4M-2XR9D`.
///
/// # Errors
/// The system gives no random bytes.
pub fn new(log_secret: &[u8; 32], now: Timestamp) -> Result<String, NoRandomness> {
    let chance = u32::from_be_bytes(random()?) >> (32 - RANDOM_BITS);
    Ok(write(compose(log_secret, minute(now), chance)))
}

/// A code as it is kept, if what was typed is one of ours of the last ten minutes. Case, spaces
/// and hyphens do not matter, nor does an O for a 0 or an I or L for a 1.
pub fn read(log_secret: &[u8; 32], typed: &str, now: Timestamp) -> Option<String> {
    let value = parse(typed)?;
    let slot = value >> (RANDOM_BITS + MARK_BITS);
    let chance = (value >> MARK_BITS) as u32 & mask(RANDOM_BITS) as u32;
    let now = minute(now);
    let made = (now - HOLDS.as_secs() / 60..=now).find(|minute| slot_of(*minute) == slot)?;
    let right = compose(log_secret, made, chance).to_be_bytes();
    bool::from(right.ct_eq(&value.to_be_bytes())).then(|| write(value))
}

fn minute(now: Timestamp) -> i64 {
    now.millis().div_euclid(60_000)
}

fn slot_of(minute: i64) -> u64 {
    minute.rem_euclid(1 << MINUTE_BITS) as u64
}

fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

fn compose(log_secret: &[u8; 32], minute: i64, chance: u32) -> u64 {
    let full = mac(
        &key(log_secret, "wall-code"),
        &[&minute.to_be_bytes(), &chance.to_be_bytes()],
    );
    let mut head = [0; 8];
    head.copy_from_slice(&full[..8]);
    let mark = u64::from_be_bytes(head) & mask(MARK_BITS);
    (slot_of(minute) << RANDOM_BITS | u64::from(chance)) << MARK_BITS | mark
}

fn write(value: u64) -> String {
    let mut out = String::with_capacity(CHARS + 1);
    for at in (0..CHARS).rev() {
        out.push(char::from(ALPHABET[(value >> (at * 5) & 31) as usize]));
        if at == CHARS / 2 {
            out.push('-');
        }
    }
    out
}

fn parse(typed: &str) -> Option<u64> {
    let mut value = 0;
    let mut count = 0;
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|known| char::from(*known) == c)?;
        value = value << 5 | digit as u64;
        count += 1;
        if count > CHARS {
            return None;
        }
    }
    (count == CHARS).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [u8; 32] = [7; 32];
    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = new(&OURS, NOW).expect("code");
        assert_eq!(code.len(), 11);
        assert_eq!(code.as_bytes()[5], b'-');
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
        assert_eq!(read(&OURS, &typed, NOW), Some(code.clone()));
        assert_eq!(read(&OURS, &code.replace('1', "l"), NOW), Some(code));
    }

    #[test]
    fn a_code_holds_ten_minutes_and_for_our_county_only() {
        let code = new(&OURS, NOW).expect("code");
        assert!(read(&OURS, &code, NOW + Span::mins(9)).is_some());
        assert_eq!(read(&OURS, &code, NOW + Span::mins(12)), None);
        assert_eq!(read(&OURS, &code, NOW + Span::mins(64)), None);
        assert_eq!(read(&OURS, &code, NOW - Span::mins(2)), None);
        assert_eq!(read(&[8; 32], &code, NOW), None);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in [
            "",
            "-",
            "7KQ4M",
            "7KQ4M-2XR9D",
            "7KQ4M-2XR9D0",
            "UUUUU-UUUUU",
            "大屏",
        ] {
            assert_eq!(read(&OURS, typed, NOW), None, "{typed}");
        }
    }
}
