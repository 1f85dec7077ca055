//! Colours live in `style/tokens.css` alone: red means overdue, and only one place may say which red.

use super::rust::words_outside_tests;
use super::{Fault, Source};

const TOKENS: &str = "style/tokens.css";
const FUNCTIONS: [&str; 9] = [
    "rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch(",
];

/// Faults in the style sheets, the app's sources and its page.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    sources
        .iter()
        .filter(|source| source.path != TOKENS)
        .flat_map(check_one)
        .collect()
}

fn check_one(source: &Source) -> Vec<Fault> {
    let in_app = source.path.starts_with("frontend/src/");
    if source.path.starts_with("style/") && source.has_extension(&["css"]) {
        return by_line(&source.path, &without_comments(&source.text), true);
    }
    if source.path == "frontend/index.html" || (in_app && source.has_extension(&["js", "mjs"])) {
        return by_line(&source.path, &without_comments(&source.text), false);
    }
    if in_app && source.has_extension(&["rs"]) {
        return words_outside_tests(&source.text)
            .into_iter()
            .filter(|word| word.is_literal)
            .filter_map(|word| {
                first_colour(&word.text, false)
                    .map(|colour| fault(&source.path, word.line, &colour))
            })
            .collect();
    }
    Vec::new()
}

fn by_line(path: &str, text: &str, is_css: bool) -> Vec<Fault> {
    text.lines()
        .enumerate()
        .filter_map(|(at, line)| {
            first_colour(line, is_css).map(|colour| fault(path, at + 1, &colour))
        })
        .collect()
}

fn fault(path: &str, line: usize, colour: &str) -> Fault {
    Fault::new(
        path,
        line,
        format!("the colour {colour} belongs in {TOKENS}: name a token instead"),
    )
}

/// Blanks `/* … */`, keeping the lines.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        out.push_str(&rest[..at]);
        let end = rest[at + 2..]
            .find("*/")
            .map_or(rest.len(), |end| at + 2 + end + 2);
        out.extend(rest[at..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    out + rest
}

fn first_colour(text: &str, is_css: bool) -> Option<String> {
    hex_colour(text, is_css).or_else(|| colour_function(text))
}

/// `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`; in a sheet only in a declaration's value, elsewhere the short
/// forms only with a letter, since `#123` is also how a number is written.
fn hex_colour(text: &str, is_css: bool) -> Option<String> {
    text.match_indices('#').find_map(|(at, _)| {
        let digits: String = text[at + 1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect();
        let is_hex =
            [3, 4, 6, 8].contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        let telling = if is_css {
            let declaration = text[..at]
                .rsplit(['{', ';', '}'])
                .next()
                .unwrap_or_default();
            declaration.contains(':') && !text[at..].trim_end().ends_with('{')
        } else {
            digits.len() >= 6 || digits.chars().any(|c| c.is_ascii_alphabetic())
        };
        (is_hex && telling && !text[..at].ends_with('&')).then(|| format!("#{digits}"))
    })
}

/// A colour function, unless it is made from a token (`rgb(from var(--x) …)`).
fn colour_function(text: &str) -> Option<String> {
    FUNCTIONS.iter().find_map(|name| {
        text.match_indices(name)
            .filter(|(at, _)| {
                !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
            })
            .find(|(at, _)| {
                !text[at + name.len()..]
                    .trim_start()
                    .starts_with("from var(")
            })
            .map(|_| format!("{name}…)"))
    })
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
    fn colours_outside_the_tokens_are_found() {
        assert_eq!(
            lines(
                "style/wall.css",
                ".a {\n  color: #ff3b3b;\n}\n.b { fill: rgb(1 2 3) }"
            ),
            [2, 4]
        );
        assert_eq!(
            lines("frontend/src/map/paint.rs", "fn a() {\n f(\"#0a1f3d\") }"),
            [2]
        );
        assert_eq!(
            lines("frontend/src/map/bridge.js", "x = 'hsl(1,2%,3%)'"),
            [1]
        );
    }

    #[test]
    fn ids_comments_numbers_and_tokens_are_not_colours() {
        assert!(
            lines(
                "style/wall.css",
                "#fade { a: b }\n/* #fff\n#000000 */\n.a { color: var(--red) }"
            )
            .is_empty()
        );
        assert!(
            lines(
                "style/wall.css",
                ".a { color: rgb(from var(--red) r g b / .5); mask: url(#ab) }"
            )
            .is_empty()
        );
        assert!(lines("style/tokens.css", ":root { --red: #ff3b3b }").is_empty());
        assert!(lines("frontend/src/a.rs", "fn a() { f(\"#123\") } // #ffffff").is_empty());
    }
}
