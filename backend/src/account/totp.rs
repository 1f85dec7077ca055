//! One-time codes (RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator knows them).
//! That a code is used once only is the caller's to remember: it is told the step.

use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::secret::{NoRandomness, random};

/// Bytes of a secret: 160 bits, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// How long one code is shown.
const STEP_MS: i64 = 30_000;
/// Steps before and after now that are taken too: a phone's clock is a little off.
const WINDOW: i64 = 1;
const DIGITS: usize = 6;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_secret() -> Result<[u8; SECRET_BYTES], NoRandomness> {
    random()
}

/// The step at which this code is right, around `now` and after the last step used; none if it
/// isn't. Every step is looked at, whichever is right.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = now.millis().div_euclid(STEP_MS);
    let mut found = None;
    for candidate in step - WINDOW..=step + WINDOW {
        let right: bool = code_at(secret, candidate)
            .as_bytes()
            .ct_eq(code.as_bytes())
            .into();
        if right && last_used.is_none_or(|last| candidate > last) {
            found = Some(candidate);
        }
    }
    found
}

/// The code of a step.
pub fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(hash[19] & 0x0f);
    let word = u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:0DIGITS$}", (word & 0x7fff_ffff) % 1_000_000)
}

/// A secret as one types it in.
pub fn base32(secret: &[u8]) -> String {
    let mut out = String::with_capacity(secret.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in secret {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
    out
}

/// What an authenticator reads from the picture.
pub fn uri(county: &str, person: &str, secret: &[u8]) -> String {
    let issuer = percent(county);
    format!(
        "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period=30",
        percent(person),
        base32(secret),
    )
}

/// The picture of an address, an SVG with a white ground so that it can be read on any page.
pub fn picture(uri: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M).ok()?;
    Some(
        code.render::<svg::Color<'_>>()
            .min_dimensions(240, 240)
            .dark_color(svg::Color("black"))
            .light_color(svg::Color("white"))
            .build(),
    )
}

fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// The vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(code_at(SECRET, secs / 30), code);
            let now = Timestamp::from_millis(secs * 1000);
            assert_eq!(step_of(SECRET, code, now, None), Some(secs / 30));
        }
    }

    #[test]
    fn a_code_holds_a_step_either_side_and_once() {
        let at = |secs: i64| Timestamp::from_millis(secs * 1000);
        let code = code_at(SECRET, 100);
        assert_eq!(step_of(SECRET, &code, at(99 * 30), None), Some(100));
        assert_eq!(step_of(SECRET, &code, at(101 * 30 + 29), None), Some(100));
        assert_eq!(step_of(SECRET, &code, at(102 * 30), None), None);
        assert_eq!(step_of(SECRET, &code, at(100 * 30), Some(100)), None);
        assert_eq!(step_of(SECRET, &code, at(100 * 30), Some(99)), Some(100));
        assert_eq!(step_of(SECRET, "", at(100 * 30), None), None);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(step_of(SECRET, &spaced, at(100 * 30), None), Some(100));
    }

    #[test]
    fn what_an_authenticator_reads() {
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"f"), "MY");
        let uri = uri("柳溪县", "zhang wei", SECRET);
        assert!(
            uri.starts_with("otpauth://totp/%E6%9F%B3%E6%BA%AA%E5%8E%BF:zhang%20wei?secret=GEZD")
        );
        assert!(picture(&uri).is_some_and(|svg| svg.contains("<svg")));
    }
}
