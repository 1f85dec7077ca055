//! New inputs from old: the small and large changes that parsers get wrong.

use rand::{Rng as _, RngExt as _};
use rand_chacha::ChaCha8Rng;

/// The longest input made, in bytes.
const LONGEST: usize = 64 * 1024;
/// Bytes that mean something to many parsers.
const TELLING: &[u8] = b"\0\x01\x7f\x80\xff\xc0\xed\n\r\t \"'\\/,;:=.-+[]{}()<>&%#@0129aAeE";
/// Words that mean something to some.
const WORDS: &[&str] = &[
    "null",
    "true",
    "1e999",
    "-0",
    "NaN",
    "9223372036854775808",
    "18446744073709551616",
    "-1",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "𝟘",
    "０",
    "%00",
    "%2e%2e%2f",
    "../",
    "\r\n",
    "[[",
    "{\"a\":",
    "\"\":",
    "\\u0000",
    "\\ud800",
    "1970-01-01T00:00:00Z",
    "+99:99",
    "330899",
    "*",
    "$-1\r\n",
];

/// A new input: one of the seeds, changed a few times.
pub fn input(seeds: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = any(seeds, random).to_vec();
    for _ in 0..random.random_range(1..=8) {
        change(&mut bytes, seeds, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn any<'a>(seeds: &'a [Vec<u8>], random: &mut ChaCha8Rng) -> &'a [u8] {
    if seeds.is_empty() {
        return &[];
    }
    &seeds[random.random_range(0..seeds.len())]
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut ChaCha8Rng) {
    let at = random.random_range(0..=bytes.len());
    let end = random.random_range(at..=bytes.len().min(at + 64));
    match random.random_range(0..10) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
        1 if at < bytes.len() => bytes[at] = TELLING[random.random_range(0..TELLING.len())],
        2 if at < bytes.len() => bytes[at] = bytes[at].wrapping_add(random.random_range(0..5)),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let piece = bytes[at..end].to_vec();
            let times = random.random_range(1..=4);
            insert(bytes, at, &piece.repeat(times));
        }
        5 => {
            let word = WORDS[random.random_range(0..WORDS.len())];
            insert(bytes, at, word.as_bytes());
        }
        6 => {
            let mut noise = vec![0; random.random_range(1..16)];
            random.fill_bytes(&mut noise);
            insert(bytes, at, &noise);
        }
        7 => {
            let other = any(seeds, random);
            let from = random.random_range(0..=other.len());
            let to = random.random_range(from..=other.len().min(from + 512));
            insert(bytes, at, &other[from..to]);
        }
        8 => bytes.truncate(at),
        _ => {
            // Deep nesting, in a word.
            let deep = [b'[', b'{', b'(', b'"'][random.random_range(0..4)];
            let times = random.random_range(1..600);
            insert(bytes, at, &vec![deep; times]);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if bytes.len() < LONGEST {
        bytes.splice(at..at, piece.iter().copied());
    }
}
