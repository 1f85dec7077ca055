//! `geodata` and `domain` read no clock, draw no chance, touch no file or socket and never wait:
//! time and ids are arguments. Found by their words, since the compiler allows them all.

use super::rust::{Word, words_outside_tests};
use super::strays::test_files;
use super::{Fault, Source};

const PURE: [&str; 2] = ["geodata/src/", "domain/src/"];

/// Words in a row, punctuation aside, and why they are refused.
const REFUSED: [(&[&str], &str); 15] = [
    (&["SystemTime"], "reads a clock"),
    (&["time", "Instant"], "reads a clock"),
    (&["Instant", "now"], "reads a clock"),
    (&["Timestamp", "now"], "reads a clock"),
    (&["Zoned", "now"], "reads a clock"),
    (&["thread_rng"], "draws chance"),
    (&["rand", "rng"], "draws chance"),
    (&["getrandom"], "draws chance"),
    (&["std", "fs"], "touches files"),
    (&["std", "net"], "touches the network"),
    (&["std", "env"], "reads the environment"),
    (&["std", "thread"], "starts threads"),
    (&["tokio"], "waits"),
    (&["async", "fn"], "waits"),
    (&["async", "move"], "waits"),
];

/// Faults in the pure crates, tests left out.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    let tests = test_files(sources);
    sources
        .iter()
        .filter(|source| {
            source.has_extension(&["rs"]) && PURE.iter().any(|pure| source.path.starts_with(pure))
        })
        .filter(|source| !tests.contains(&source.path))
        .flat_map(|source| check_file(&source.path, &words_outside_tests(&source.text)))
        .collect()
}

fn check_file(path: &str, words: &[Word]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for at in 0..words.len() {
        for (row, why) in REFUSED {
            let here = row.iter().enumerate().all(|(offset, wanted)| {
                words
                    .get(at + offset)
                    .is_some_and(|word| !word.is_literal && word.text == *wanted)
            });
            if here {
                let message = format!("`{}` {why}: pass it in as an argument", row.join("::"));
                faults.push(Fault::new(path, words[at].line, message));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[Source::new(path, text)])
            .into_iter()
            .map(|fault| fault.line)
            .collect()
    }

    #[test]
    fn clocks_files_and_waiting_are_found_with_their_line() {
        assert_eq!(
            lines(
                "domain/src/a.rs",
                "fn a() {\n  std::fs::read(x);\n}\nasync fn b() {}"
            ),
            [2, 4]
        );
        assert_eq!(lines("geodata/src/a.rs", "use std::time::Instant;"), [1]);
    }

    #[test]
    fn tests_and_other_crates_may() {
        assert!(
            lines(
                "domain/src/a.rs",
                "#[cfg(test)]\nmod tests { use std::fs; }"
            )
            .is_empty()
        );
        assert!(lines("backend/src/a.rs", "async fn b() {}").is_empty());
    }
}
