//! `cargo xtask app`: the browser app, from its crate to `dist/`, which the server embeds: names by
//! content, a page for each address, compressed once, so that the server never does. The programs
//! themselves are `wasm`'s.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::bundle::{self, Bundle};
use crate::demo;
use crate::families::Families;
use crate::tools;
use crate::wasm;

pub use crate::wasm::Mode;

/// The most that a family's program (WebAssembly) may weigh on the wire, in bytes of brotli. The
/// script around it and the style sheet are told with it; what a screen fetches later (maps,
/// charts) is not.
const PROGRAM_LIMIT_BYTES: u64 = 450_000;

/// The font for paper, below `dist/` and below `node_modules/`.
const PAPER_FONT: &str = "paper/NotoSansSC-Regular.ttf";
const PAPER_FONT_FROM: &str =
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf";

/// Files below this size gain nothing from being compressed.
const COMPRESS_FROM_BYTES: u64 = 1_024;

/// What decides whether `dist/` is still what the sources make.
const INPUTS: [&str; 13] = [
    ".cargo/config.toml",
    "frontend",
    "domain",
    "geodata",
    "style",
    "xtask/src/app.rs",
    "xtask/src/bundle.rs",
    "xtask/src/compress.mjs",
    "xtask/src/families.rs",
    "xtask/src/wasm.rs",
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
];

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
    let families = Families::read(&tools::root().join("frontend"))?;
    let work = tools::target_dir().join("xtask");
    let made = work.join("app");
    wasm::build(mode, &families.names(), &made)?;
    let fresh = work.join("dist");
    tools::empty(&fresh)?;
    let loads = assemble(&fresh, &made, &families)?;
    if mode == Mode::Release {
        compress(&fresh)?;
    }
    weigh(mode, &fresh, &loads)?;
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

/// What a family's page makes the browser load before anything is drawn.
struct FirstLoad {
    family: String,
    /// Addresses of files.
    files: Vec<String>,
}

/// A family's program and script, under their addresses.
struct Program {
    app_js: String,
    app_wasm: String,
    boot_js: String,
}

fn assemble(dist: &Path, made: &Path, families: &Families) -> Result<Vec<FirstLoad>> {
    let root = tools::root();
    let mut bundle = Bundle::new(dist)?;
    add_vendor(&mut bundle, &root.join("node_modules"))?;
    bundle.add_own_files(&root.join("frontend/assets"))?;
    let css = style_sheet(&root.join("style"), &bundle)?;
    let style = bundle.add("style", "style.css", css.as_bytes())?;
    let mut programs = BTreeMap::new();
    let mut loads = Vec::new();
    for family in families.names() {
        let folder = bundle.add_folder(family, &made.join(family))?;
        let program = add_program(&bundle, family, &folder)?;
        let mut files = vec![style.clone(), program.boot_js.clone()];
        for file in bundle::files_below(&made.join(family))? {
            files.push(format!("{folder}/{}", bundle::slashed(&file)));
        }
        programs.insert(family, program);
        loads.push(FirstLoad {
            family: family.to_owned(),
            files,
        });
    }
    write_pages(dist, &bundle, &style, families, &programs)?;
    add_paper_font(dist)?;
    Ok(loads)
}

fn add_vendor(bundle: &mut Bundle, modules: &Path) -> Result<()> {
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
    Ok(())
}

/// The font that the server writes PDFs with; no browser asks for it.
fn add_paper_font(dist: &Path) -> Result<()> {
    let from = tools::root().join("node_modules").join(PAPER_FONT_FROM);
    let to = dist.join(PAPER_FONT);
    fs::create_dir_all(to.parent().context("a font has a folder")?)?;
    fs::copy(&from, to).with_context(|| format!("{} is missing", from.display()))?;
    Ok(())
}

fn add_program(bundle: &Bundle, family: &str, folder: &str) -> Result<Program> {
    let (app_js, app_wasm) = (format!("{folder}/app.js"), format!("{folder}/app_bg.wasm"));
    let boot = bundle::boot_script(&app_js, &app_wasm);
    let boot_js = bundle.place(&format!("{family}.js"), boot.as_bytes())?;
    Ok(Program {
        app_js,
        app_wasm,
        boot_js,
    })
}

/// The page of every address, and the one version of them all: a screen that meets a server of
/// another one reloads, whichever family changed.
fn write_pages(
    dist: &Path,
    bundle: &Bundle,
    style: &str,
    families: &Families,
    programs: &BTreeMap<&str, Program>,
) -> Result<()> {
    let json = bundle.json();
    let template = fs::read_to_string(tools::root().join("frontend/index.html")).ok();
    // The version follows everything that any page loads.
    let mut identity = format!("{json}{}", template.as_deref().unwrap_or_default());
    for program in programs.values() {
        identity.push_str(&program.app_js);
    }
    let version = format!(
        "{}-{}",
        env!("CARGO_PKG_VERSION"),
        tools::short_hash(identity.as_bytes())
    );
    for (file, family) in families.pages() {
        let program = &programs[family];
        let page = bundle::Page {
            style,
            app_js: &program.app_js,
            app_wasm: &program.app_wasm,
            boot_js: &program.boot_js,
            assets_json: &json,
            version: &version,
            bundle,
        };
        let to = dist.join(file);
        fs::create_dir_all(to.parent().context("a page has a folder")?)?;
        fs::write(to, bundle::page(template.as_deref(), &page)?)?;
    }
    Ok(fs::write(dist.join("version"), version)?)
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
    const TEXT: [&str; 10] = [
        "js",
        "mjs",
        "css",
        "html",
        "json",
        "svg",
        "wasm",
        "ttf",
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
    // The server unpacks it; a binary needs it once.
    Ok(fs::remove_file(dist.join(PAPER_FONT))?)
}

/// Tells what each family's first load weighs, and refuses one that has grown past the limit.
fn weigh(mode: Mode, dist: &Path, loads: &[FirstLoad]) -> Result<()> {
    let kb = |bytes: u64| bytes.div_ceil(1_000);
    let mut heavy = Vec::new();
    for load in loads {
        let total = |size: fn(&Path) -> Result<u64>| -> Result<u64> {
            let sizes = load.files.iter().map(|file| size(&dist.join(&file[1..])));
            sizes.sum()
        };
        let (raw, wire) = (total(raw_size)?, total(wire_size)?);
        let mut programs = load
            .files
            .iter()
            .filter(|file| Path::new(file).extension() == Some("wasm".as_ref()));
        let program = programs.try_fold(0, |sum, file| {
            wire_size(&dist.join(&file[1..])).map(|size| sum + size)
        })?;
        let family = &load.family;
        if mode == Mode::Dev {
            println!("      {family:<8} {} KB (dev)", kb(raw));
            continue;
        }
        let limit = kb(PROGRAM_LIMIT_BYTES);
        println!(
            "      {family:<8} {:>5} KB, {:>3} KB brotli; its program {:>3} KB of at most {limit} KB",
            kb(raw),
            kb(wire),
            kb(program)
        );
        if program > PROGRAM_LIMIT_BYTES {
            heavy.push(format!("{family} ({} KB)", kb(program)));
        }
    }
    if !heavy.is_empty() {
        bail!(
            "past the limit of {} KB brotli: {}",
            kb(PROGRAM_LIMIT_BYTES),
            heavy.join(", ")
        );
    }
    Ok(())
}

fn raw_size(file: &Path) -> Result<u64> {
    let meta = fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?;
    Ok(meta.len())
}

/// As it travels: compressed where that was worth it.
fn wire_size(file: &Path) -> Result<u64> {
    let compressed = PathBuf::from(format!("{}.br", file.display()));
    raw_size(if compressed.exists() {
        &compressed
    } else {
        file
    })
}

/// Puts the finished folder in place; a build that fails leaves the old one standing.
fn replace(dist: &Path, fresh: &Path) -> Result<()> {
    tools::empty(dist)?;
    for file in bundle::files_below(fresh)? {
        let to = dist.join(&file);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(fresh.join(&file), to)?;
    }
    Ok(())
}
