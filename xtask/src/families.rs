//! Which family of screens answers which addresses, as the frontend's manifest says. A family is
//! one program of the app; how it is built is `app`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The families and what they answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Families {
    /// First part of an address -> family.
    by_address: BTreeMap<String, String>,
}

impl Families {
    /// Reads them from the frontend's folder, where each has its program.
    pub fn read(frontend: &Path) -> Result<Self> {
        let manifest = fs::read_to_string(frontend.join("Cargo.toml"))
            .context("frontend/Cargo.toml cannot be read")?;
        let mut programs = BTreeSet::new();
        for entry in
            fs::read_dir(frontend.join("src/bin")).context("frontend/src/bin is missing")?
        {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default();
            programs.insert(stem.to_string_lossy().into_owned());
        }
        Self::parse(&manifest, &programs)
    }

    fn parse(manifest: &str, programs: &BTreeSet<String>) -> Result<Self> {
        let manifest: toml::Table = manifest.parse().context("frontend/Cargo.toml")?;
        let screens = manifest
            .get("package")
            .and_then(|package| package.get("metadata")?.get("screens")?.as_table())
            .context("frontend/Cargo.toml has no [package.metadata.screens]")?;
        let mut by_address = BTreeMap::new();
        for (address, family) in screens {
            let family = family.as_str().unwrap_or_default();
            if !programs.contains(family) {
                bail!("/{address} is {family:?}'s, which has no frontend/src/bin/{family}.rs");
            }
            let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
            if !address.chars().all(is_plain) || address == "assets" {
                bail!("/{address} cannot be a screen's address: one part of a-z and hyphens");
            }
            by_address.insert(address.clone(), family.to_owned());
        }
        if !by_address.contains_key("") {
            bail!("no family answers \"\", the start page");
        }
        let found = Self { by_address };
        if let Some(idle) = programs
            .iter()
            .find(|program| !found.names().contains(program.as_str()))
        {
            bail!("frontend/src/bin/{idle}.rs answers no address in [package.metadata.screens]");
        }
        Ok(found)
    }

    /// Every family, once.
    pub fn names(&self) -> BTreeSet<&str> {
        self.by_address.values().map(String::as_str).collect()
    }

    /// The pages to write: file in `dist/`, and the family it starts. The server answers an address
    /// with the page in the folder of its first part, or with the one at the top.
    pub fn pages(&self) -> impl Iterator<Item = (String, &str)> {
        self.by_address.iter().map(|(address, family)| {
            let file = if address.is_empty() {
                "index.html".to_owned()
            } else {
                format!("{address}/index.html")
            };
            (file, family.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(screens: &str, programs: &[&str]) -> Result<Families> {
        let manifest = format!("[package.metadata.screens]\n{screens}");
        let programs = programs.iter().map(|name| (*name).to_owned()).collect();
        Families::parse(&manifest, &programs)
    }

    #[test]
    fn each_address_has_a_page_that_starts_its_family() {
        let families = parse(
            "\"\" = 'door'\nadmin = 'admin'\naccount = 'admin'",
            &["door", "admin"],
        )
        .unwrap();
        let pages: Vec<_> = families.pages().collect();
        assert_eq!(
            pages,
            [
                ("index.html".to_owned(), "door"),
                ("account/index.html".to_owned(), "admin"),
                ("admin/index.html".to_owned(), "admin"),
            ]
        );
        assert_eq!(families.names().len(), 2);
    }

    #[test]
    fn what_would_leave_a_screen_without_its_page_is_refused() {
        let refused = |screens, programs| parse(screens, programs).unwrap_err().to_string();
        assert!(refused("wall = 'wall'", &["wall"]).contains("start page"));
        assert!(refused("\"\" = 'door'", &[]).contains("has no frontend/src/bin/door.rs"));
        assert!(refused("\"\" = 'door'", &["door", "desk"]).contains("desk.rs answers no address"));
        assert!(refused("'a/b' = 'door'", &["door"]).contains("cannot be"));
        assert!(refused("assets = 'door'", &["door"]).contains("cannot be"));
        assert!(Families::parse("[package]", &BTreeSet::new()).is_err());
    }

    #[test]
    fn the_frontend_says_what_its_families_are() {
        let families = Families::read(&crate::tools::root().join("frontend")).unwrap();
        assert!(families.pages().any(|(page, _)| page == "wall/index.html"));
    }
}
