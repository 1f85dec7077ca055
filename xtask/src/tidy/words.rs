//! Words that mean "not done yet", tests that are switched off or sleep, and paths of one machine.

use super::{Fault, Source};

/// Word, the files it is refused in (by extension; none means all), and the remedy.
const REFUSED: [(&str, &[&str], &str); 16] = [
    ("todo!", &["rs"], "do it, or leave it out"),
    ("unimplemented!", &["rs"], "do it, or leave it out"),
    ("FIXME", &[], "mend it, or file it"),
    ("XXX", &[], "mend it, or file it"),
    ("TODO", &[], "do it, or file it"),
    (
        "#[ignore",
        &["rs"],
        "a test that does not run proves nothing",
    ),
    (
        "test.skip",
        &["ts"],
        "a test that does not run proves nothing",
    ),
    (
        "test.fixme",
        &["ts"],
        "a test that does not run proves nothing",
    ),
    ("test.only", &["ts"], "it switches every other test off"),
    (
        "waitForTimeout",
        &["ts"],
        "wait for what must become true, not for time",
    ),
    (
        "networkidle",
        &["ts"],
        "wait for what must become true, not for silence",
    ),
    ("/home/", &[], "a path of one machine"),
    ("/root/", &[], "a path of one machine"),
    ("/Users/", &[], "a path of one machine"),
    ("/work/", &[], "a path of one machine"),
    ("C:\\", &[], "a path of one machine"),
];

/// This check names what it looks for.
const EXEMPT: [&str; 1] = ["xtask/src/tidy/"];

/// Faults by line.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    sources
        .iter()
        .filter(|source| !EXEMPT.iter().any(|exempt| source.path.starts_with(exempt)))
        .flat_map(check_one)
        .collect()
}

fn check_one(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        for (word, extensions, remedy) in REFUSED {
            let applies = extensions.is_empty() || source.has_extension(extensions);
            if applies && stands_alone(line, word) {
                faults.push(Fault::new(
                    &source.path,
                    at + 1,
                    format!("`{word}`: {remedy}"),
                ));
            }
        }
    }
    faults
}

/// The word, not as a part of a longer one. A path must begin where it stands: `https://x/home/` is none.
fn stands_alone(line: &str, word: &str) -> bool {
    let is_path = word.starts_with('/');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let starts = before.is_none_or(|c| !(joins(c) || (is_path && "./-}*".contains(c))));
        let ends =
            !word.ends_with(|c: char| c.is_ascii_alphanumeric()) || after.is_none_or(|c| !joins(c));
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[Source::new(path, text)]).len()
    }

    #[test]
    fn unfinished_work_is_found() {
        assert_eq!(found("domain/src/a.rs", "fn a() { todo!() } // FIXME"), 2);
        assert_eq!(found("e2e/a.spec.ts", "await page.waitForTimeout(5)"), 1);
        assert_eq!(found("README.md", "see /home/me/x"), 1);
    }

    #[test]
    fn look_alikes_are_not() {
        assert_eq!(
            found("a.md", "TODOS, example.com/home/, AXXXB, ../root/"),
            0
        );
    }
}
