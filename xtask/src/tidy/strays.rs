//! Tests live beside their code under `#[cfg(test)]`, in a crate's `tests/` or `benches/`, or as a
//! journey in `e2e/`; anywhere else they are shipped or forgotten.

use std::collections::BTreeSet;

use super::rust::test_modules;
use super::{Fault, Source};

/// Faults: tests that stand where none belong.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    let tests = test_files(sources);
    sources
        .iter()
        .flat_map(|source| check_one(source, &tests))
        .collect()
}

/// Files that hold tests alone, because their parent declares them under `#[cfg(test)]`, with what
/// stands below them.
pub fn test_files(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources
        .iter()
        .filter(|source| source.has_extension(&["rs"]))
    {
        for module in test_modules(&source.text) {
            let folder = if module.contains('.') {
                parent(&source.path)
            } else {
                children_folder(&source.path)
            };
            let stem = format!("{folder}{}", module.trim_end_matches(".rs"));
            let below = format!("{stem}/");
            let own = format!("{stem}.rs");
            found.extend(
                sources
                    .iter()
                    .map(|other| &other.path)
                    .filter(|path| **path == own || path.starts_with(&below))
                    .cloned(),
            );
        }
    }
    found
}

fn parent(path: &str) -> String {
    path.rfind('/')
        .map_or_else(String::new, |at| path[..=at].to_owned())
}

/// Where the modules declared in this file have theirs.
fn children_folder(path: &str) -> String {
    let folder = parent(path);
    let name = &path[folder.len()..];
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder,
        _ => format!("{folder}{}/", name.trim_end_matches(".rs")),
    }
}

fn check_one(source: &Source, tests: &BTreeSet<String>) -> Vec<Fault> {
    let path = source.path.as_str();
    if source.has_extension(&["ts", "js", "mjs"]) {
        let is_test = [".spec.", ".test."].iter().any(|mark| path.contains(mark));
        return if is_test && !path.starts_with("e2e/") {
            vec![Fault::new(path, 0, "a test outside e2e/ that nothing runs")]
        } else {
            Vec::new()
        };
    }
    let has_room = path.contains("/tests/") || path.contains("/benches/") || tests.contains(path);
    if !source.has_extension(&["rs"]) || has_room {
        return Vec::new();
    }
    stray_lines(&source.text)
        .into_iter()
        .map(|line| {
            Fault::new(
                path,
                line,
                "a test outside #[cfg(test)]: move it into a test module",
            )
        })
        .collect()
}

/// Lines of test functions that no `#[cfg(test)]` encloses.
fn stray_lines(text: &str) -> Vec<usize> {
    let Ok(file) = syn::parse_file(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(&file.items, &mut found);
    found
}

fn collect(items: &[syn::Item], found: &mut Vec<usize>) {
    for item in items {
        match item {
            syn::Item::Mod(module) if !is_cfg_test(&module.attrs) => {
                if let Some((_, items)) = &module.content {
                    collect(items, found);
                }
            }
            syn::Item::Fn(function)
                if !is_cfg_test(&function.attrs) && is_test(&function.attrs) =>
            {
                found.push(function.sig.ident.span().start().line);
            }
            _ => {}
        }
    }
}

fn is_cfg_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string().contains("test")
        }
        _ => false,
    })
}

/// `#[test]`, `#[tokio::test]` and the like.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_outside_cfg_test_is_stray() {
        let faults = check(&[Source::new(
            "domain/src/a.rs",
            "fn a() {}\n#[test]\nfn b() {}",
        )]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].line, 3);
    }

    #[test]
    fn tests_in_their_rooms_are_not() {
        let inside = "#[cfg(test)]\nmod tests { #[test] fn b() {} }";
        let alone = "#[tokio::test]\nasync fn b() {}";
        let sources = [
            Source::new("domain/src/a.rs", inside),
            Source::new("backend/tests/live.rs", alone),
            Source::new("backend/src/log/mod.rs", "#[cfg(test)]\nmod conformance;"),
            Source::new("backend/src/log/conformance.rs", alone),
            Source::new("backend/src/log/conformance/more.rs", alone),
            Source::new("e2e/a.spec.ts", ""),
        ];
        assert_eq!(check(&sources), []);
    }

    #[test]
    fn a_browser_test_outside_e2e_is_stray() {
        assert_eq!(check(&[Source::new("frontend/src/a.test.js", "")]).len(), 1);
    }
}
