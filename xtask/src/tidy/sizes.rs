//! Files of at most 600 lines, functions of at most 70. What is longer today stands in the ratchet
//! file with its length, which may only go down.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use syn::visit::{self, Visit};

use super::{Fault, Source};

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

/// The lengths allowed beyond the limits.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ratchet {
    file_lines: BTreeMap<String, usize>,
    /// By `path::function`.
    function_lines: BTreeMap<String, usize>,
}

impl Ratchet {
    /// Reads the ratchet file.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// The ratchet file's text.
    pub fn write(&self) -> String {
        let head = "# Lengths allowed beyond tidy's limits. They only go down: `cargo xtask tidy --lower`.\n\n";
        format!("{head}{}", toml::to_string(self).unwrap_or_default())
    }

    /// The same with what went down lowered and what is gone left out; nothing is ever added.
    pub fn lowered(&self, sources: &[Source]) -> Self {
        let lower = |allowed: &BTreeMap<String, usize>,
                     found: &BTreeMap<String, (usize, usize)>,
                     limit: usize| {
            allowed
                .iter()
                .filter_map(|(name, length)| {
                    found
                        .get(name)
                        .map(|(_, now)| (name.clone(), *length.min(now)))
                })
                .filter(|(_, length)| *length > limit)
                .collect()
        };
        Self {
            file_lines: lower(&self.file_lines, &files(sources), FILE_LINES),
            function_lines: lower(&self.function_lines, &functions(sources), FUNCTION_LINES),
        }
    }
}

/// Faults against the limits, and against a ratchet that stands too high.
pub fn check(sources: &[Source], ratchet: &Ratchet, ratchet_path: &str) -> Vec<Fault> {
    let mut faults = compare(
        &files(sources),
        &ratchet.file_lines,
        FILE_LINES,
        "file",
        ratchet_path,
    );
    faults.extend(compare(
        &functions(sources),
        &ratchet.function_lines,
        FUNCTION_LINES,
        "function",
        ratchet_path,
    ));
    faults
}

/// Name -> (line it starts at, its length).
type Lengths = BTreeMap<String, (usize, usize)>;

fn compare(
    found: &Lengths,
    allowed: &BTreeMap<String, usize>,
    limit: usize,
    what: &str,
    ratchet_path: &str,
) -> Vec<Fault> {
    let too_long = found.iter().filter_map(|(name, (line, length))| {
        let most = allowed.get(name).copied().unwrap_or(limit);
        let path = name.split("::").next().unwrap_or(name);
        let message = || format!("{what} {name} has {length} lines, {most} is the limit: split it");
        (*length > most).then(|| Fault::new(path, *line, message()))
    });
    let too_high = allowed.iter().filter_map(|(name, most)| {
        let now = found.get(name).map_or(0, |(_, length)| *length);
        let message = || format!("{name} is down to {now} lines: run `cargo xtask tidy --lower`");
        (now < *most).then(|| Fault::new(ratchet_path, 0, message()))
    });
    too_long.chain(too_high).collect()
}

fn files(sources: &[Source]) -> Lengths {
    sources
        .iter()
        .filter(|source| source.has_extension(&["rs", "css", "ts", "js", "mjs", "lua"]))
        .map(|source| (source.path.clone(), (0, source.text.lines().count())))
        .collect()
}

fn functions(sources: &[Source]) -> Lengths {
    let mut lengths = Lengths::new();
    for source in sources
        .iter()
        .filter(|source| source.has_extension(&["rs"]))
    {
        if let Ok(file) = syn::parse_file(&source.text) {
            Functions {
                path: &source.path,
                lengths: &mut lengths,
            }
            .visit_file(&file);
        }
    }
    lengths
}

struct Functions<'a> {
    path: &'a str,
    lengths: &'a mut Lengths,
}

impl Functions<'_> {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (start, end) = (
            signature.fn_token.span.start().line,
            block.brace_token.span.close().end().line,
        );
        let entry = self
            .lengths
            .entry(format!("{}::{}", self.path, signature.ident))
            .or_default();
        // Functions of one name in one file share an entry: the longest speaks for them.
        if end + 1 - start > entry.1 {
            *entry = (start, end + 1 - start);
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.note(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_function(lines: usize) -> Source {
        Source::new(
            "a.rs",
            &format!("fn long() {{\n{}}}\n", "    x();\n".repeat(lines - 2)),
        )
    }

    #[test]
    fn a_function_at_the_limit_passes_and_one_past_it_does_not() {
        assert!(check(&[long_function(70)], &Ratchet::default(), "r").is_empty());
        let faults = check(&[long_function(71)], &Ratchet::default(), "r");
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].line, 1);
    }

    #[test]
    fn the_ratchet_allows_its_number_and_asks_to_be_lowered() {
        let ratchet = Ratchet::parse("[function_lines]\n\"a.rs::long\" = 90").unwrap();
        assert!(check(&[long_function(90)], &ratchet, "r").is_empty());
        assert_eq!(check(&[long_function(91)], &ratchet, "r")[0].file, "a.rs");
        assert_eq!(check(&[long_function(80)], &ratchet, "r")[0].file, "r");
        let lowered = ratchet.lowered(&[long_function(80)]);
        assert_eq!(lowered.function_lines["a.rs::long"], 80);
        assert_eq!(Ratchet::parse(&lowered.write()).unwrap(), lowered);
        assert!(
            ratchet
                .lowered(&[long_function(60)])
                .function_lines
                .is_empty()
        );
    }

    #[test]
    fn long_files_are_found() {
        let faults = check(
            &[Source::new("style/a.css", &"a{}\n".repeat(601))],
            &Ratchet::default(),
            "r",
        );
        assert_eq!(faults.len(), 1);
    }
}
