//! Configuration: `gridlamp.toml`, overlaid by `GRIDLAMP_*` (nested keys joined by `__`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The file looked for beside the process.
pub const FILE: &str = "gridlamp.toml";

/// How a node is set up.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The log: `sqlite:PATH` or `redis://…`.
    pub log: String,
    /// The county pack's folder.
    pub county: PathBuf,
    /// Where people reach this server; links are printed with it.
    pub public_url: Option<String>,
    /// Checkpoints and what else can be thrown away.
    pub data: PathBuf,
    /// Structured logs as JSON lines instead of text.
    pub log_json: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            log: "sqlite:./data/gridlamp.db".to_owned(),
            county: PathBuf::from("./county"),
            public_url: None,
            data: PathBuf::from("./data"),
            log_json: false,
        }
    }
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What the system or the parser said.
        why: String,
    },
    /// A setting is unknown or of the wrong kind.
    #[error("configuration: {0}")]
    Setting(String),
}

impl Config {
    /// Reads the file, if there is one, and then the environment.
    ///
    /// # Errors
    /// The file or a setting is not understood; the message says which.
    pub fn load(
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file = |why: String| ConfigError::File {
            path: path.display().to_string(),
            why,
        };
        let mut table = match std::fs::read_to_string(path) {
            Ok(text) => text
                .parse::<toml::Table>()
                .map_err(|error| file(error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => toml::Table::new(),
            Err(error) => return Err(file(error.to_string())),
        };
        for (name, value) in env {
            let Some(name) = name.strip_prefix("GRIDLAMP_") else {
                continue;
            };
            let keys: Vec<String> = name.split("__").map(str::to_ascii_lowercase).collect();
            if is_known(&keys) {
                set(&mut table, &keys, value);
            }
        }
        toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Setting(error.message().to_owned()))
    }

    /// Where people reach this server.
    pub fn url(&self) -> String {
        let given = self
            .public_url
            .as_deref()
            .map(|url| url.trim_end_matches('/').to_owned());
        given.unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

/// Other programs share the prefix (a build's, a test's): only our own names are taken.
fn is_known(keys: &[String]) -> bool {
    const NAMES: [&str; 6] = ["listen", "log", "county", "public_url", "data", "log_json"];
    matches!(keys, [one] if NAMES.contains(&one.as_str()))
}

fn set(table: &mut toml::Table, keys: &[String], value: String) {
    match keys {
        [] => {}
        [last] => {
            let value = match value.as_str() {
                "true" => toml::Value::Boolean(true),
                "false" => toml::Value::Boolean(false),
                _ => toml::Value::String(value),
            };
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = table
                .entry(first.clone())
                .or_insert_with(|| toml::Table::new().into());
            if let toml::Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn the_environment_is_a_whole_set_up() {
        let config = Config::load(
            Path::new("no/such/file.toml"),
            env(&[
                ("GRIDLAMP_LISTEN", "127.0.0.1:1"),
                ("GRIDLAMP_LOG", "redis://h"),
                ("PATH", "x"),
            ]),
        )
        .expect("config");
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.log, "redis://h");
        assert_eq!(config.url(), "http://127.0.0.1:1");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let error = Config::load(Path::new("none"), env(&[("GRIDLAMP_LISTEN", "nowhere")]));
        assert!(error.is_err_and(|error| error.to_string().contains("socket")));
    }
}
