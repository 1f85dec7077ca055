//! Every target for a few seconds, with the other tests. `GRIDLAMP_FUZZ_SECONDS` is for how long in
//! all; `cargo xtask fuzz` runs them for as long as asked.

use std::time::Duration;

use fuzz::runner;
use fuzz::targets::TARGETS;

/// For how long in all, if not told otherwise.
const SECONDS: u64 = 30;

#[test]
fn no_parser_panics_or_hangs_on_what_comes_from_outside() {
    let seconds = std::env::var("GRIDLAMP_FUZZ_SECONDS").ok();
    let seconds = seconds
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let each = Duration::from_secs(seconds) / TARGETS.len() as u32;
    let told: Vec<String> = TARGETS
        .iter()
        .filter_map(|target| {
            let told = runner::run(target, each, 1).err()?;
            let input = told.input.escape_ascii();
            Some(format!("{}: {} on {input}", target.name, told.why))
        })
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
