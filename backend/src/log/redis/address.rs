//! What the `log` address of Redis says: one server, the sentinels of a master, or the nodes of a
//! cluster. Who holds the log now is left to `endpoint`.

use redis::{ConnectionInfo, IntoConnectionInfo};

use super::super::LogError;

/// Where sentinels listen unless told otherwise.
const SENTINEL_PORT: u16 = 26379;
/// Where servers listen unless told otherwise.
const SERVER_PORT: u16 = 6379;

/// An address, read.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) form: Form,
    /// Replicas that must confirm an append before it counts.
    pub(super) replicas: u32,
    /// As it may be shown and logged.
    pub(super) shown: String,
}

/// What the address names.
#[derive(Debug)]
pub(super) enum Form {
    /// The server itself.
    Server(ConnectionInfo),
    /// Those who know which server is the master of that name.
    Sentinels {
        sentinels: Vec<ConnectionInfo>,
        master: String,
        /// How to sign in to the master; its host and port are the sentinels' to tell.
        server: ConnectionInfo,
    },
    /// Some nodes of a cluster; any of them knows who owns a key.
    Cluster(Vec<ConnectionInfo>),
}

impl Address {
    /// Reads an address; the error is a sentence for whoever wrote it.
    pub(super) fn parse(url: &str) -> Result<Self, LogError> {
        let shown = without_password(url);
        let refuse = |why: String| LogError::Address {
            url: shown.clone(),
            why,
        };
        let (form, replicas) = form(url).map_err(refuse)?;
        if url.starts_with("rediss") || url.starts_with("valkeys") {
            // An error only says that this process has chosen its cryptography before.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        Ok(Self {
            form,
            replicas,
            shown,
        })
    }
}

fn form(url: &str) -> Result<(Form, u32), String> {
    let (scheme, rest) = url.split_once("://").ok_or("it lacks `://`")?;
    match scheme.split_once('+') {
        Some((base, "sentinel")) => sentinels(&Parts::of(base, rest)?),
        Some((base, "cluster")) => cluster(&Parts::of(base, rest)?),
        _ => {
            let query = url.split_once('?').map_or("", |(_, query)| query);
            let query = query.split('#').next().unwrap_or_default();
            let replicas = replicas(query.split('&').filter_map(|pair| pair.split_once('=')))?;
            let server = url.into_connection_info().map_err(|e| e.to_string())?;
            Ok((Form::Server(server), replicas))
        }
    }
}

fn sentinels(parts: &Parts<'_>) -> Result<(Form, u32), String> {
    const OPTIONS: [&str; 3] = ["sentinel_user", "sentinel_password", "replicas"];
    parts.only(&OPTIONS)?;
    let (master, db) = parts.path.split_once('/').unwrap_or((parts.path, ""));
    if master.is_empty() {
        return Err(
            "name the master after the sentinels: redis+sentinel://HOST,HOST,HOST/MASTER"
                .to_owned(),
        );
    }
    let user = match (
        parts.option("sentinel_user"),
        parts.option("sentinel_password"),
    ) {
        (None, None) => String::new(),
        (user, password) => format!(
            "{}:{}@",
            in_authority(user.unwrap_or_default()),
            in_authority(password.unwrap_or_default())
        ),
    };
    let sentinels = parts.hosts(&user, SENTINEL_PORT, "")?;
    // Its host is a stand-in.
    let server = parts.server(&parts.user, "localhost", SERVER_PORT, db)?;
    let form = Form::Sentinels {
        sentinels,
        master: master.to_owned(),
        server,
    };
    Ok((form, replicas(parts.options.iter().copied())?))
}

fn cluster(parts: &Parts<'_>) -> Result<(Form, u32), String> {
    parts.only(&["replicas"])?;
    if !matches!(parts.path, "" | "0") {
        return Err(
            "a cluster has no numbered databases; end the address after the hosts".to_owned(),
        );
    }
    let seeds = parts.hosts(&parts.user, SERVER_PORT, "")?;
    Ok((
        Form::Cluster(seeds),
        replicas(parts.options.iter().copied())?,
    ))
}

fn replicas<'a>(mut options: impl Iterator<Item = (&'a str, &'a str)>) -> Result<u32, String> {
    options
        .find(|(name, _)| *name == "replicas")
        .map_or(Ok(0), |(_, count)| {
            count
                .parse()
                .map_err(|_| format!("`replicas={count}` is no number of servers"))
        })
}

/// The pieces of an address with several hosts, which no URL parser takes.
struct Parts<'a> {
    base: &'a str,
    /// With the closing @, or empty.
    user: String,
    hosts: Vec<&'a str>,
    path: &'a str,
    options: Vec<(&'a str, &'a str)>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(base: &'a str, rest: &'a str) -> Result<Self, String> {
        // What comes before the last @ may hold anything.
        let (user, rest) = match before_query(rest).rfind('@') {
            Some(at) => (rest[..=at].to_owned(), &rest[at + 1..]),
            None => (String::new(), rest),
        };
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let hosts: Vec<&str> = hosts.split(',').map(str::trim).collect();
        if hosts.iter().any(|host| host.is_empty()) {
            return Err("write the hosts as HOST:PORT,HOST:PORT".to_owned());
        }
        let options = query.split('&').filter(|pair| !pair.is_empty());
        Ok(Self {
            base,
            user,
            hosts,
            path: path.trim_end_matches('/'),
            options: options
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .collect(),
            fragment,
        })
    }

    fn option(&self, name: &str) -> Option<&'a str> {
        let found = self.options.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    }

    fn only(&self, known: &[&str]) -> Result<(), String> {
        let unknown = self.options.iter().find(|(name, _)| !known.contains(name));
        unknown.map_or(Ok(()), |(name, _)| {
            Err(format!(
                "there is no option `{name}`; the options are {}",
                known.join(", ")
            ))
        })
    }

    fn hosts(&self, user: &str, port: u16, db: &str) -> Result<Vec<ConnectionInfo>, String> {
        self.hosts
            .iter()
            .map(|host| self.server(user, host, port, db))
            .collect()
    }

    fn server(
        &self,
        user: &str,
        host: &str,
        port: u16,
        db: &str,
    ) -> Result<ConnectionInfo, String> {
        let has_port = host
            .rsplit_once(']')
            .map_or(host, |(_, after)| after)
            .contains(':');
        let port = if has_port {
            String::new()
        } else {
            format!(":{port}")
        };
        let fragment = self
            .fragment
            .map(|fragment| format!("#{fragment}"))
            .unwrap_or_default();
        format!("{}://{user}{host}{port}/{db}{fragment}", self.base)
            .into_connection_info()
            .map_err(|e| format!("{host}: {e}"))
    }
}

/// Up to the query, if the address has one behind its hosts.
fn before_query(rest: &str) -> &str {
    let hosts_end = rest.find('/').unwrap_or(rest.len());
    let end = rest[hosts_end..]
        .find('?')
        .map_or(rest.len(), |at| hosts_end + at);
    &rest[..end]
}

/// A name or password of the query as it must stand before a host.
fn in_authority(text: &str) -> String {
    text.replace('@', "%40")
        .replace('/', "%2F")
        .replace(':', "%3A")
        .replace('?', "%3F")
}

/// The address as it may be shown and logged: without what is secret in it.
pub(in crate::log) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let query = rest.find('?');
    match rest.rfind('@') {
        // Either may be part of a password.
        Some(at) if query.is_some_and(|query| query < at) => format!("{scheme}://…"),
        Some(at) => format!("{scheme}://…{}", &rest[at..query.unwrap_or(rest.len())]),
        None => format!("{scheme}://{}", &rest[..query.unwrap_or(rest.len())]),
    }
}

#[cfg(test)]
mod tests {
    use redis::ConnectionAddr;

    use super::*;

    fn parse(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"))
    }

    fn places(servers: &[ConnectionInfo]) -> Vec<String> {
        servers
            .iter()
            .map(|server| server.addr().to_string())
            .collect()
    }

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("redis://u:p@ss@host:1/0", "redis://…@host:1/0"),
            ("redis://host:1/0", "redis://host:1/0"),
            ("redis://u:p?ss@host:1/0", "redis://…"),
            (
                "redis+sentinel://u:p@a,b/main?sentinel_password=s",
                "redis+sentinel://…@a,b/main",
            ),
            (
                "redis+sentinel://a,b/main?sentinel_password=s",
                "redis+sentinel://a,b/main",
            ),
            (
                "redis+sentinel://a,b/main?sentinel_password=s@b",
                "redis+sentinel://…",
            ),
        ] {
            assert_eq!(without_password(url), shown, "{url}");
        }
    }

    #[test]
    fn sentinels_and_their_master_are_read() {
        let address = parse(
            "redis+sentinel://app:p%40ss@a,b:1,[::1]:2/main/3?sentinel_password=x%2By&replicas=1",
        );
        assert_eq!(address.replicas, 1);
        let Form::Sentinels {
            sentinels,
            master,
            server,
        } = address.form
        else {
            panic!("sentinels")
        };
        assert_eq!(places(&sentinels), ["a:26379", "b:1", "::1:2"]);
        assert_eq!(master, "main");
        let settings = server.redis_settings();
        assert_eq!(
            (settings.username(), settings.password(), settings.db()),
            (Some("app"), Some("p@ss"), 3)
        );
        let settings = sentinels[0].redis_settings();
        assert_eq!(
            (settings.username(), settings.password()),
            (None, Some("x+y"))
        );
    }

    #[test]
    fn the_nodes_of_a_cluster_are_read() {
        let address = parse("rediss+cluster://u:p@a:7000,b/#insecure");
        let Form::Cluster(seeds) = address.form else {
            panic!("a cluster")
        };
        assert_eq!(places(&seeds), ["a:7000", "b:6379"]);
        assert!(
            seeds
                .iter()
                .all(|seed| matches!(seed.addr(), ConnectionAddr::TcpTls { insecure: true, .. }))
        );
        assert_eq!(seeds[1].redis_settings().password(), Some("p"));
        assert_eq!(address.replicas, 0);
    }

    #[test]
    fn one_server_may_have_replicas_too() {
        assert_eq!(parse("redis://h:1/2?replicas=2").replicas, 2);
        assert_eq!(parse("redis://h").replicas, 0);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (url, why) in [
            ("redis://:70000000", ""),
            ("redis+sentinel://a:26379", "name the master"),
            ("redis+sentinel://a,,b/main", "HOST:PORT"),
            ("redis+sentinel://a/main/x", "database"),
            ("redis+sentinel://a/main?password=x", "no option `password`"),
            ("redis+cluster://a:7000/3", "no numbered databases"),
            ("redis+cluster://a:7000?replicas=many", "no number"),
            ("redis+other://a", ""),
        ] {
            match Address::parse(url) {
                Err(LogError::Address { why: said, .. }) => assert!(said.contains(why), "{said}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }
}
