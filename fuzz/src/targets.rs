//! The targets: what each parser is given, and what must hold of what it makes of it.

mod http;
mod pack;
mod report;
mod text;

/// One parser, or a few that read the same.
pub struct Target {
    /// Its name; that of its file under `fuzz_targets/` too.
    pub name: &'static str,
    /// Inputs that the parser takes, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Must not panic.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    report::INTAKE,
    report::BODY,
    pack::BOUNDARY,
    pack::TOML,
    http::PEOPLE,
    http::FRAMES,
    text::POSITIONS,
    text::TERMINALS,
    http::HEADERS,
    http::SLIPS,
    text::STREAM_REPLY,
    text::TIMES,
    http::QUERIES,
    report::ATTACHMENTS,
    http::BODIES,
];

/// Gives `bytes` to the target of this name.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target {name}")).run)(bytes);
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_file_for_cargo_fuzz() {
        let manifest = include_str!("../Cargo.toml");
        for target in TARGETS {
            let path = format!("path = \"fuzz_targets/{}.rs\"", target.name);
            assert!(manifest.contains(&path), "{}", target.name);
        }
    }
}
