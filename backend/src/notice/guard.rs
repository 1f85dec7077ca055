//! The HTTP client of notices: it reaches no address inside our own networks unless allowed,
//! follows no redirect, asks no proxy of the environment, and reads short answers only.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{StatusCode, Url};

use crate::config;

/// The longest answer read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Which addresses may be reached.
#[derive(Clone, Debug)]
pub(super) struct Guard(Arc<[IpNet]>);

impl Guard {
    pub fn new(allow: &[IpNet]) -> Self {
        Self(allow.into())
    }

    fn lets(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|net| net.contains(&address))
    }

    /// Whether an address of the configuration can be used at all.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn check(&self, url: &str) -> anyhow::Result<Url> {
        let url = Url::parse(url).context("is no address")?;
        anyhow::ensure!(
            matches!(url.scheme(), "https" | "http"),
            "must begin with https://"
        );
        let host = url.host_str().context("names no host")?;
        // A name is looked at when it is resolved, each time anew.
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        if let Ok(address) = literal {
            anyhow::ensure!(
                self.lets(address),
                "lies in a private network; name that network in notices.allow if this is meant"
            );
        }
        Ok(url)
    }

    /// As [`Self::check`], and no line can be listened to: https, but for a network that is named.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn check_secure(&self, url: &str) -> anyhow::Result<Url> {
        let url = self.check(url)?;
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_named = literal.is_ok_and(|at| self.0.iter().any(|net| net.contains(&at)));
        anyhow::ensure!(
            url.scheme() == "https" || is_named,
            "must begin with https://"
        );
        Ok(url)
    }

    /// A client that goes nowhere else.
    ///
    /// # Errors
    /// It can't be built.
    pub fn client(&self, settings: &config::Notices) -> anyhow::Result<reqwest::Client> {
        crate::tls::ready();
        reqwest::Client::builder()
            .timeout(settings.timeout())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(self.clone())
            .build()
            .context("no HTTP client")
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|at| guard.lets(at.ip())).collect();
            if open.is_empty() {
                let why = "its address lies in a private network that notices.allow does not name";
                return Err(why.into());
            }
            let addresses: Addrs = Box::new(open.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is out in the open: neither private, nor this machine, nor this link
/// (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || v4.octets()[..3] == [192, 0, 0])
        }
        IpAddr::V6(v6) => {
            // ::/96, 64:ff9b::/96, 2001::/32 and 2002::/16 carry an IPv4 address, which may be ours.
            let [first, second, ..] = v6.segments();
            !(v6.segments()[..6] == [0; 6]
                || (first == 0x2001 && matches!(second, 0 | 0x0db8))
                || v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || first == 0x2002
                || (first, second) == (0x64, 0xff9b)
                || (first & 0xfe00) == 0xfc00
                || (first & 0xffc0) == 0xfe80)
        }
    }
}

/// How one try went.
#[derive(Debug)]
pub(super) enum Tried {
    /// It arrived.
    Taken {
        /// The receiver's own name for it, by which a receipt comes back.
        reference: Option<String>,
    },
    /// It may go better later.
    Later(String),
    /// It never will.
    Never(String),
    /// It never will, and the receiver is there no more.
    Gone(String),
}

/// An answer that was read.
#[derive(Debug)]
pub(super) struct Exchanged {
    /// Its status.
    pub status: StatusCode,
    /// Its body, cut short.
    pub body: Vec<u8>,
}

impl Exchanged {
    /// What the status alone says. A redirect is none: it is not followed.
    pub fn judged(&self) -> Tried {
        let status = self.status;
        let why = format!("answered {}", status.as_u16());
        match status.as_u16() {
            200..=299 => Tried::Taken { reference: None },
            408 | 425 | 429 | 500..=599 => Tried::Later(why),
            404 | 410 => Tried::Gone(why),
            _ => Tried::Never(why),
        }
    }
}

/// Sends a request and reads the answer.
///
/// # Errors
/// Why there is none.
pub(super) async fn exchange(request: reqwest::RequestBuilder) -> Result<Exchanged, String> {
    let mut answer = request.send().await.map_err(explain)?;
    let status = answer.status();
    let mut body = Vec::new();
    while body.len() <= MAX_ANSWER
        && let Some(chunk) = answer.chunk().await.map_err(explain)?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MAX_ANSWER);
    Ok(Exchanged { status, body })
}

/// Sends a request and tells a failure that may pass from one that will not.
pub(super) async fn send(request: reqwest::RequestBuilder) -> Tried {
    match exchange(request).await {
        Ok(answer) => answer.judged(),
        Err(why) => Tried::Later(why),
    }
}

/// Without the address: it may carry a secret.
fn explain(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_unless_named() {
        let strict = Guard::new(&[]);
        for url in [
            "http://127.0.0.1/",
            "http://10.1.2.3/",
            "http://192.168.0.1:80/",
            "http://169.254.169.254/latest",
            "http://100.64.0.1/",
            "http://[::1]/",
            "http://[fd00::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::10.0.0.1]/",
            "http://[64:ff9b::10.0.0.1]/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0.0.0.0/",
            "ftp://example.com/",
            "example.com",
        ] {
            assert!(strict.check(url).is_err(), "{url}");
        }
        assert!(strict.check("https://8.8.8.8/x").is_ok());
        assert!(strict.check("https://hooks.example/x").is_ok());
        let open = Guard::new(&["10.0.0.0/8".parse().expect("net")]);
        assert!(open.check("http://10.1.2.3/").is_ok());
        assert!(open.check("http://192.168.0.1/").is_err());
        assert!(open.check_secure("http://10.1.2.3/").is_ok());
        for url in ["http://8.8.8.8/", "http://hooks.example/"] {
            assert!(open.check_secure(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_too() {
        let guard = Guard::new(&[]);
        let client = guard.client(&config::Notices::default()).expect("client");
        let tried = send(client.get("http://localhost:9/")).await;
        let Tried::Later(why) = tried else {
            panic!("{tried:?}")
        };
        assert!(why.contains("private network"), "{why}");
    }
}
