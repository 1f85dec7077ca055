//! Configuration: `gridlamp.toml`, overlaid by `GRIDLAMP_*` (nested keys joined by `__`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

mod limits;
mod notices;
mod replay;
mod sign_in;

pub use limits::{Limits, Proxies, ProxyHeader, Rate};
pub use notices::{Aliyun, Notices, Push, Sms, Webhook};
pub use replay::Replay;
pub use sign_in::{Provider, SignIn};

/// The file looked for beside the process.
pub const FILE: &str = "gridlamp.toml";

/// How a node is set up.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The log: `sqlite:PATH`, `redis://…`, `redis+sentinel://…` or `redis+cluster://…`.
    pub log: String,
    /// The county pack's folder.
    pub county: PathBuf,
    /// Where people reach this server; links are printed with it.
    pub public_url: Option<String>,
    /// Checkpoints and what else can be thrown away.
    pub data: PathBuf,
    /// Structured logs as JSON lines instead of text.
    pub log_json: bool,
    /// Limits of signing in.
    pub sign_in: SignIn,
    /// How notices reach people and other systems.
    pub notices: Notices,
    /// How far back one can look.
    pub replay: Replay,
    /// Outside identity providers, OpenID Connect.
    pub oidc: Vec<Provider>,
    /// Where attachments are kept: `file:PATH`; beside the data if left out.
    pub attachments: Option<String>,
    /// Whether people may report without an account, on `/report`. On unless it is switched off: a
    /// county that puts up a QR code wants it, and what it takes is bounded by `limits`.
    pub open_reports: bool,
    /// Where vehicle terminals connect by JT/T 808; nowhere unless it is set.
    pub jt808_listen: Option<SocketAddr>,
    /// The networks they come from; all if left out.
    pub jt808_allow: Option<Proxies>,
    /// How much may be asked.
    pub limits: Limits,
    /// Proxies believed about where a request comes from.
    pub trusted_proxies: Proxies,
    /// The header in which they say it.
    pub proxy_header: ProxyHeader,
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
            sign_in: SignIn::default(),
            notices: Notices::default(),
            replay: Replay::default(),
            oidc: Vec::new(),
            attachments: None,
            open_reports: true,
            jt808_listen: None,
            jt808_allow: None,
            limits: Limits::default(),
            trusted_proxies: Proxies::default(),
            proxy_header: ProxyHeader::default(),
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
                set(&mut table, &keys, setting(value, keys.len() > 1));
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

    /// Whether people reach it by https: only then may a browser be told never to use anything else.
    pub fn is_secure(&self) -> bool {
        self.url().starts_with("https://")
    }

    /// Where attachments are kept.
    pub fn attachments(&self) -> String {
        let beside = || format!("file:{}", self.data.join("attachments").display());
        self.attachments.clone().unwrap_or_else(beside)
    }
}

/// Other programs share the prefix (a build's, a test's): only our own names are taken.
fn is_known(keys: &[String]) -> bool {
    const NAMES: [&str; 12] = [
        "listen",
        "log",
        "county",
        "public_url",
        "data",
        "log_json",
        "attachments",
        "open_reports",
        "jt808_listen",
        "jt808_allow",
        "trusted_proxies",
        "proxy_header",
    ];
    const GROUPS: [&str; 4] = ["sign_in", "limits", "notices", "replay"];
    match keys {
        [] => false,
        [one] => NAMES.contains(&one.as_str()),
        [group, ..] => GROUPS.contains(&group.as_str()),
    }
}

/// A setting of the environment. Only settings within groups are numbers: a path at the top may well
/// look like one.
fn setting(text: String, in_group: bool) -> toml::Value {
    match (text.as_str(), text.parse::<i64>()) {
        ("true", _) => toml::Value::Boolean(true),
        ("false", _) => toml::Value::Boolean(false),
        (_, Ok(number)) if in_group => toml::Value::Integer(number),
        _ => toml::Value::String(text),
    }
}

fn set(table: &mut toml::Table, keys: &[String], value: toml::Value) {
    match keys {
        [] => {}
        [last] => {
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
                ("GRIDLAMP_JT808_LISTEN", "0.0.0.0:808"),
                ("GRIDLAMP_JT808_ALLOW", "10.0.0.0/8"),
                ("PATH", "x"),
            ]),
        )
        .expect("config");
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.log, "redis://h");
        assert!(
            config
                .jt808_listen
                .is_some_and(|address| address.port() == 808)
        );
        assert!(config.jt808_allow.is_some());
        assert_eq!(config.url(), "http://127.0.0.1:1");
    }

    #[test]
    fn a_group_is_set_by_two_underscores() {
        let config = Config::load(
            Path::new("none"),
            env(&[
                ("GRIDLAMP_SIGN_IN__IDLE_MINUTES", "30"),
                ("GRIDLAMP_SIGN_IN__BREACHED_PASSWORDS", "list.txt"),
            ]),
        )
        .expect("config");
        assert_eq!(config.sign_in.limits().idle.as_secs(), 30 * 60);
        assert!(config.sign_in.breached_passwords.is_some());
        let wrong = Config::load(
            Path::new("none"),
            env(&[("GRIDLAMP_SIGN_IN__IDLE_MINUTES", "soon")]),
        );
        assert!(wrong.is_err());
    }

    #[test]
    fn limits_and_proxies_come_from_the_environment_too() {
        let config = Config::load(
            Path::new("none"),
            env(&[
                ("GRIDLAMP_LIMITS__ANONYMOUS__PER_MINUTE", "60"),
                ("GRIDLAMP_LIMITS__ANONYMOUS__BURST", "5"),
                ("GRIDLAMP_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
                ("GRIDLAMP_PROXY_HEADER", "forwarded"),
            ]),
        )
        .expect("config");
        assert_eq!(config.limits.anonymous, Rate::new(60, 5));
        assert_eq!(config.limits.person, Limits::default().person);
        let inside = "10.9.9.9".parse().expect("address");
        assert!(config.trusted_proxies.contain(inside));
        assert_eq!(config.proxy_header, ProxyHeader::Forwarded);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let error = Config::load(Path::new("none"), env(&[("GRIDLAMP_LISTEN", "nowhere")]));
        assert!(error.is_err_and(|error| error.to_string().contains("socket")));
    }
}
