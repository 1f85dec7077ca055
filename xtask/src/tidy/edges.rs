//! Who may import whom: `geodata <- domain <- { gridlamp, frontend }`, never upward, and the server
//! and the app never meet.

use super::{Fault, Source};

/// Crate, and the workspace crates it may depend on.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("geodata", &[]),
    ("domain", &["geodata"]),
    ("gridlamp", &["geodata", "domain"]),
    ("frontend", &["geodata", "domain"]),
    ("fuzz", &["geodata", "domain", "gridlamp"]),
    ("xtask", &[]),
];

/// Faults in the workspace members' manifests.
pub fn check(sources: &[Source]) -> Vec<Fault> {
    sources
        .iter()
        .filter(|source| source.path.ends_with("/Cargo.toml"))
        .flat_map(|source| match source.text.parse::<toml::Table>() {
            Ok(manifest) => check_manifest(&source.path, &manifest),
            Err(error) => vec![Fault::new(&source.path, 0, format!("not TOML: {error}"))],
        })
        .collect()
}

fn check_manifest(path: &str, manifest: &toml::Table) -> Vec<Fault> {
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    let Some((name, allowed)) =
        name.and_then(|name| ALLOWED.iter().find(|(known, _)| *known == name))
    else {
        return vec![Fault::new(
            path,
            0,
            "a crate that the import edges do not name: add it to tidy's edges",
        )];
    };
    dependencies(manifest)
        .into_iter()
        .filter(|dependency| ALLOWED.iter().any(|(known, _)| known == dependency))
        .filter(|dependency| dependency != name && !allowed.contains(&dependency.as_str()))
        .map(|dependency| Fault::new(path, 0, format!("{name} must not import {dependency}")))
        .collect()
}

/// Names under every kind of dependencies, those of a target included.
fn dependencies(table: &toml::Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        let Some(inner) = value.as_table() else {
            continue;
        };
        match key.as_str() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                found.extend(inner.iter().map(|(name, spec)| {
                    // A renamed dependency is still the crate it names.
                    let package = spec.get("package").and_then(toml::Value::as_str);
                    package.unwrap_or(name).to_owned()
                }));
            }
            "target" => found.extend(
                inner
                    .values()
                    .filter_map(toml::Value::as_table)
                    .flat_map(dependencies),
            ),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(manifest: &str) -> Vec<String> {
        check(&[Source::new("x/Cargo.toml", manifest)])
            .into_iter()
            .map(|fault| fault.message)
            .collect()
    }

    #[test]
    fn the_edges_of_the_design_hold() {
        assert!(
            faults("[package]\nname='domain'\n[dependencies]\ngeodata.workspace=true\nserde='1'")
                .is_empty()
        );
    }

    #[test]
    fn upward_and_sideways_imports_are_found_wherever_they_hide() {
        assert_eq!(
            faults("[package]\nname='geodata'\n[dependencies]\ndomain='1'"),
            ["geodata must not import domain"]
        );
        assert_eq!(
            faults(
                "[package]\nname='frontend'\n[target.'cfg(unix)'.dev-dependencies]\nserver={package='gridlamp'}"
            ),
            ["frontend must not import gridlamp"]
        );
    }

    #[test]
    fn an_unknown_crate_is_told() {
        assert_eq!(faults("[package]\nname='new'").len(), 1);
    }
}
