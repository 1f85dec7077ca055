//! `cargo xtask app`: the browser app, from its crate to `dist/`, which the server embeds. Runs
//! wasm-bindgen as a library, wasm-opt from npm, and compresses once, so that the server never does.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::bundle::{self, Bundle};
use crate::demo;
use crate::tools;

/// The most that the app's wasm may weigh on the wire, in bytes of brotli.
const WASM_BROTLI_LIMIT_BYTES: u64 = 450_000;

/// Files below this size gain nothing from being compressed.
const COMPRESS_FROM_BYTES: u64 = 1_024;

/// What decides whether `dist/` is still what the sources make.
const INPUTS: [&str; 11] = [
    ".cargo/config.toml",
    "frontend",
    "domain",
    "geodata",
    "style",
    "xtask/src/app.rs",
    "xtask/src/bundle.rs",
    "xtask/src/compress.mjs",
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
];

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

/// Sets up and builds.
pub fn run(mode: Mode) -> Result<()> {
    demo::set_up()?;
    build(mode)
}

/// Builds `dist/` unless it already stands for these very sources.
pub fn build(mode: Mode) -> Result<()> {
    let dist = tools::root().join("dist");
    let stamp = format!("{mode:?} {}", inputs_hash(&tools::root())?);
    if fs::read_to_string(dist.join(".stamp")).is_ok_and(|have| have == stamp) {
        println!("      dist/ is up to date");
        return Ok(());
    }
    compile(mode)?;
    let work = tools::target_dir().join("xtask");
    let bindgen = work.join("app");
    bind(mode, &bindgen)?;
    if mode == Mode::Release {
        optimise(&bindgen.join("app_bg.wasm"))?;
    }
    let fresh = work.join("dist");
    empty(&fresh)?;
    assemble(&fresh, &bindgen)?;
    if mode == Mode::Release {
        compress(&fresh)?;
    }
    weigh(mode, &fresh)?;
    fs::write(fresh.join(".stamp"), stamp)?;
    replace(&dist, &fresh)
}

/// A folder for the server to embed, with a page that says how to get a better one. Lints and unit
/// tests need no app, but the server does not compile without a folder.
pub fn ensure_dist_folder() -> Result<()> {
    let page = tools::root().join("dist/index.html");
    if !page.exists() {
        fs::create_dir_all(tools::root().join("dist"))?;
        fs::write(
            page,
            "<!doctype html><title>Gridlamp</title><p>Run <code>cargo xtask app</code>.</p>\n",
        )?;
    }
    Ok(())
}

fn inputs_hash(root: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for input in INPUTS {
        let path = root.join(input);
        let files = if path.is_dir() {
            bundle::files_below(&path)?
        } else {
            vec![PathBuf::new()]
        };
        for file in files {
            let whole = if file.as_os_str().is_empty() {
                path.clone()
            } else {
                path.join(&file)
            };
            let content =
                fs::read(&whole).with_context(|| format!("{} cannot be read", whole.display()))?;
            hash.update(format!(
                "{input}/{} {}\n",
                bundle::slashed(&file),
                content.len()
            ));
            hash.update(content);
        }
    }
    Ok(tools::hex(&hash.finalize()))
}

fn compile(mode: Mode) -> Result<()> {
    let args = [
        "build",
        "--package",
        "frontend",
        "--bin",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
    ];
    tools::run(tools::cargo(&args).arg(mode.profile()))
}

/// wasm-bindgen, as a library: no second tool whose version could differ from the app's.
fn bind(mode: Mode, out: &Path) -> Result<()> {
    empty(out)?;
    let wasm = tools::target_dir()
        .join("wasm32-unknown-unknown")
        .join(mode.folder())
        .join("frontend.wasm");
    let dev = mode == Mode::Dev;
    Bindgen::new()
        .input_path(&wasm)
        .web(true)?
        .typescript(false)
        .debug(dev)
        .keep_debug(dev)
        .remove_name_section(!dev)
        .out_name("app")
        .generate(out)
        .with_context(|| format!("wasm-bindgen refused {}", wasm.display()))
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
        .args(["-Oz", "--strip-debug", "--strip-producers"])
        .args(features.map(|feature| format!("--enable-{feature}")))
        .arg(wasm)
        .arg("--output")
        .arg(wasm);
    tools::run(&mut opt)
}

fn assemble(dist: &Path, bindgen: &Path) -> Result<()> {
    let root = tools::root();
    let modules = root.join("node_modules");
    let mut bundle = Bundle::new(dist)?;
    let app = bundle.add_folder("app", bindgen)?;
    let (app_js, app_wasm) = (format!("{app}/app.js"), format!("{app}/app_bg.wasm"));
    let vendor = [
        ("maplibre", "maplibre-gl/dist/maplibre-gl.mjs"),
        ("maplibre_worker", "maplibre-gl/dist/maplibre-gl-worker.mjs"),
        ("maplibre_css", "maplibre-gl/dist/maplibre-gl.css"),
        ("echarts", "echarts/dist/echarts.esm.min.mjs"),
    ];
    for (key, file) in vendor {
        bundle.add_file(key, &modules.join(file))?;
    }
    for weight in ["500", "600"] {
        let file = format!(
            "@fontsource/barlow-condensed/files/barlow-condensed-latin-{weight}-normal.woff2"
        );
        bundle.add_file(
            &format!("fonts/barlow-condensed-{weight}.woff2"),
            &modules.join(file),
        )?;
    }
    bundle.add_own_files(&root.join("frontend/assets"))?;
    let css = style_sheet(&root.join("style"), &bundle)?;
    let style = bundle.add("style", "style.css", css.as_bytes())?;
    let boot_js = bundle.add(
        "boot",
        "boot.js",
        bundle::boot_script(&app_js, &app_wasm).as_bytes(),
    )?;
    let json = bundle.json();
    let template = fs::read_to_string(root.join("frontend/index.html")).ok();
    // The version follows everything the page loads, so that a screen knows when to reload.
    let identity = format!("{app}{json}{}", template.as_deref().unwrap_or_default());
    let version = format!(
        "{}-{}",
        env!("CARGO_PKG_VERSION"),
        tools::short_hash(identity.as_bytes())
    );
    let page = bundle::Page {
        style: &style,
        app_js: &app_js,
        app_wasm: &app_wasm,
        boot_js: &boot_js,
        assets_json: &json,
        version: &version,
        bundle: &bundle,
    };
    fs::write(
        dist.join("index.html"),
        bundle::page(template.as_deref(), &page)?,
    )?;
    fs::write(dist.join("version"), version)?;
    Ok(())
}

fn style_sheet(folder: &Path, bundle: &Bundle) -> Result<String> {
    let names = bundle::files_below(folder)?
        .iter()
        .map(|file| bundle::slashed(file))
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "css")
        })
        .collect();
    let mut css = String::new();
    for name in bundle::sheet_order(names) {
        let sheet = fs::read_to_string(folder.join(&name))?;
        css += &bundle::rewrite_urls(&sheet, |asked| bundle.url(asked).map(String::from))
            .with_context(|| format!("in style/{name}"))?;
        css.push('\n');
    }
    Ok(css)
}

fn compress(dist: &Path) -> Result<()> {
    const TEXT: [&str; 9] = [
        "js",
        "mjs",
        "css",
        "html",
        "json",
        "svg",
        "wasm",
        "txt",
        "webmanifest",
    ];
    let mut list = String::new();
    for file in bundle::files_below(dist)? {
        let whole = dist.join(&file);
        let is_text = file
            .extension()
            .and_then(|ext| ext.to_str())
            .is_some_and(|ext| TEXT.contains(&ext));
        if is_text && fs::metadata(&whole)?.len() >= COMPRESS_FROM_BYTES {
            list.push_str(&whole.to_string_lossy());
            list.push('\n');
        }
    }
    let script = tools::root().join("xtask/src/compress.mjs");
    let mut node = tools::command("node")
        .arg(script)
        .stdin(Stdio::piped())
        .spawn()?;
    node.stdin
        .take()
        .context("node takes no input")?
        .write_all(list.as_bytes())?;
    if !node.wait()?.success() {
        bail!("the app's files could not be compressed");
    }
    Ok(())
}

/// Tells the wasm's size, and refuses an app that has grown past its limit.
fn weigh(mode: Mode, dist: &Path) -> Result<()> {
    let wasm = bundle::files_below(dist)?
        .into_iter()
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .map(|file| dist.join(file))
        .context("the app has no wasm")?;
    let raw = fs::metadata(&wasm)?.len();
    if mode == Mode::Dev {
        println!("      wasm {} KB (dev)", raw / 1_000);
        return Ok(());
    }
    let compressed = PathBuf::from(format!("{}.br", wasm.display()));
    let brotli = fs::metadata(&compressed).map_or(raw, |meta| meta.len());
    let limit = WASM_BROTLI_LIMIT_BYTES / 1_000;
    println!(
        "      wasm {} KB, {} KB brotli of at most {limit} KB",
        raw / 1_000,
        brotli / 1_000
    );
    if brotli > WASM_BROTLI_LIMIT_BYTES {
        bail!(
            "the app's wasm weighs {} KB in brotli, {limit} KB is the limit",
            brotli / 1_000
        );
    }
    Ok(())
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

/// Puts the finished folder in place; a build that fails leaves the old one standing.
fn replace(dist: &Path, fresh: &Path) -> Result<()> {
    empty(dist)?;
    for file in bundle::files_below(fresh)? {
        let to = dist.join(&file);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(fresh.join(&file), to)?;
    }
    Ok(())
}
