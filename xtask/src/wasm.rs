//! The app's programs, one for each family of screens: compiled by cargo in one call, bound to the
//! browser by wasm-bindgen as a library, made small by wasm-opt from npm. Naming, compressing and
//! the pages are `app`'s.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::bundle;
use crate::tools;

/// What the binding is made by; with the program itself it decides whether a made one still holds.
const MADE_BY: [&str; 3] = ["xtask/src/wasm.rs", "Cargo.lock", "package-lock.json"];

/// How the app is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Quick, large, with names for the debugger.
    Dev,
    /// What is served: small and compressed.
    Release,
}

impl Mode {
    fn profile(self) -> &'static str {
        match self {
            Mode::Dev => "dev",
            Mode::Release => "wasm",
        }
    }

    /// Cargo's folder for the profile.
    fn folder(self) -> &'static str {
        match self {
            Mode::Dev => "debug",
            Mode::Release => "wasm",
        }
    }
}

/// Builds every family into a folder of its name below `out`, as `app.js` and `app_bg.wasm`.
pub fn build(mode: Mode, families: &BTreeSet<&str>, out: &Path) -> Result<()> {
    compile(mode, families)?;
    let left = Mutex::new(families.iter());
    let next = || left.lock().ok()?.next();
    let work = || {
        while let Some(family) = next() {
            make(mode, family, out).with_context(|| format!("the family {family}"))?;
        }
        Ok(())
    };
    let hands = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(work)).collect();
        hands.into_iter().try_for_each(|hand| {
            hand.join()
                .map_err(|_| anyhow!("wasm-bindgen panicked; its words stand above"))?
        })
    })
}

fn compile(mode: Mode, families: &BTreeSet<&str>) -> Result<()> {
    let mut cargo = tools::cargo(&["build", "--package", "frontend"]);
    for family in families {
        cargo.args(["--bin", family]);
    }
    cargo.args(["--target", "wasm32-unknown-unknown", "--profile"]);
    tools::run(cargo.arg(mode.profile()))
}

/// Binds and shrinks one family, unless what stands was made from this very program.
fn make(mode: Mode, family: &str, out: &Path) -> Result<()> {
    let program = tools::target_dir()
        .join("wasm32-unknown-unknown")
        .join(mode.folder())
        .join(format!("{family}.wasm"));
    let (made, stamp) = (out.join(family), out.join(format!("{family}.stamp")));
    let from = made_from(mode, &program)?;
    if fs::read_to_string(&stamp).is_ok_and(|have| have == from) {
        return Ok(());
    }
    // A build that is cut short must not look finished.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    bind(mode, &program, &made)?;
    drop_foreign_snippets(&made)?;
    if mode == Mode::Release {
        optimise(&made.join("app_bg.wasm"))?;
    }
    Ok(fs::write(stamp, from)?)
}

fn made_from(mode: Mode, program: &Path) -> Result<String> {
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let mut all = read(program)?;
    for file in MADE_BY {
        all.extend(read(&tools::root().join(file))?);
    }
    Ok(format!("{mode:?} {}", tools::short_hash(&all)))
}

/// wasm-bindgen, as a library: no second tool whose version could differ from the app's.
fn bind(mode: Mode, program: &Path, out: &Path) -> Result<()> {
    tools::empty(out)?;
    let dev = mode == Mode::Dev;
    Bindgen::new()
        .input_path(program)
        .web(true)?
        .typescript(false)
        .debug(dev)
        .keep_debug(dev)
        .remove_name_section(!dev)
        .out_name("app")
        .generate(out)
        .with_context(|| format!("wasm-bindgen refused {}", program.display()))
}

/// wasm-bindgen writes every script that the crate names; a family keeps those its own imports.
fn drop_foreign_snippets(made: &Path) -> Result<()> {
    let script = fs::read_to_string(made.join("app.js"))?;
    let files = bundle::files_below(made)?.into_iter();
    for file in files.filter(|file| file.starts_with("snippets")) {
        if !script.contains(&bundle::slashed(&file)) {
            fs::remove_file(made.join(file))?;
        }
    }
    Ok(())
}

fn optimise(wasm: &Path) -> Result<()> {
    let features = [
        "bulk-memory",
        "nontrapping-float-to-int",
        "sign-ext",
        "mutable-globals",
        "reference-types",
        "multivalue",
    ];
    let mut opt = tools::command("node");
    opt.arg("node_modules/binaryen/bin/wasm-opt")
        .args(["--gufa", "-Oz", "--strip-debug", "--strip-producers"])
        .args(features.map(|feature| format!("--enable-{feature}")))
        .arg(wasm)
        .arg("--output")
        .arg(wasm);
    tools::run(&mut opt)
}
