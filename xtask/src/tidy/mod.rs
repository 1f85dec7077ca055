//! `cargo xtask tidy`: what the compiler does not check about the shape of the code. One file a
//! check, each a pure function from text to faults, with its tests below it.

mod colours;
mod edges;
mod purity;
mod rust;
mod sizes;
mod strays;
mod words;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::bundle::slashed;
use crate::tools;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path from the workspace's folder.
    pub file: String,
    /// 1-based; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Fault {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// A text file of the tree.
pub struct Source {
    /// Path from the workspace's folder, with slashes.
    pub path: String,
    pub text: String,
}

impl Source {
    #[cfg(test)]
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    fn has_extension(&self, wanted: &[&str]) -> bool {
        Path::new(&self.path)
            .extension()
            .and_then(|ext| ext.to_str())
            .is_some_and(|ext| wanted.contains(&ext))
    }
}

const SKIPPED_FOLDERS: [&str; 7] = [
    "target",
    "dist",
    "node_modules",
    ".git",
    "data",
    "test-results",
    "playwright-report",
];
const READ_EXTENSIONS: [&str; 14] = [
    "rs", "toml", "css", "html", "js", "mjs", "ts", "json", "md", "yaml", "yml", "svg", "sh", "lua",
];
const RATCHET: &str = "xtask/tidy-ratchet.toml";

/// Runs every check over the tree; with `lower`, first writes lengths that went down.
pub fn run(lower: bool) -> Result<()> {
    let root = tools::root();
    let sources = read_tree(&root)?;
    if lower {
        let ratchet = sizes::Ratchet::parse(&fs::read_to_string(root.join(RATCHET))?)?;
        fs::write(root.join(RATCHET), ratchet.lowered(&sources).write())?;
    }
    let ratchet =
        sizes::Ratchet::parse(&fs::read_to_string(root.join(RATCHET)).unwrap_or_default())?;
    let mut faults = edges::check(&sources);
    faults.extend(purity::check(&sources));
    faults.extend(colours::check(&sources));
    faults.extend(sizes::check(&sources, &ratchet, RATCHET));
    faults.extend(strays::check(&sources));
    faults.extend(words::check(&sources));
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!(
            "tidy found {} faults in {} files",
            faults.len(),
            sources.len()
        );
    }
    println!("tidy: {} files, no fault", sources.len());
    Ok(())
}

fn read_tree(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if wanted(&path, &name)
                && let Ok(text) = fs::read_to_string(&path)
            {
                sources.push(Source {
                    path: slashed(path.strip_prefix(root).unwrap_or(&path)),
                    text,
                });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn wanted(path: &Path, name: &str) -> bool {
    let by_extension = path
        .extension()
        .and_then(|ext| ext.to_str())
        .is_some_and(|ext| READ_EXTENSIONS.contains(&ext));
    (by_extension && name != "package-lock.json")
        || name == "Dockerfile"
        || path.ends_with(".ci/run")
}
