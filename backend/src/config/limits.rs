//! How much may be asked, by whom, and which proxies are believed about where a request comes from.

use std::net::IpAddr;
use std::num::NonZeroU32;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

/// How often something may be asked: so often a minute in the long run, and so many at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// In the long run.
    pub per_minute: NonZeroU32,
    /// At once, after a rest.
    pub burst: NonZeroU32,
}

impl Rate {
    /// A rate; a zero counts as one.
    pub const fn new(per_minute: u32, burst: u32) -> Self {
        const fn at_least_one(number: u32) -> NonZeroU32 {
            match NonZeroU32::new(number) {
                Some(number) => number,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            per_minute: at_least_one(per_minute),
            burst: at_least_one(burst),
        }
    }

    /// The same, so many times as much.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self::new(
            self.per_minute.get().saturating_mul(factor),
            self.burst.get().saturating_mul(factor),
        )
    }
}

/// The section `[limits]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Whoever is not signed in or fails to prove who they are, by address.
    pub anonymous: Rate,
    /// Attempts to sign in, to choose or change a password or a one-time code, by address.
    pub sign_in: Rate,
    /// Codes for new walls, by address.
    pub wall_codes: Rate,
    /// A person or a wall, by sign-in, whatever their address.
    pub person: Rate,
    /// A source or a script, by token, whatever its address. A batch of reports counts once.
    pub token: Rate,
    /// Attachments brought in, by person or token.
    pub uploads: Rate,
    /// Reports without an account, by address.
    pub open_reports: Rate,
    /// Attachments brought in without an account, by address.
    pub open_uploads: Rate,
    /// Receipts asked for, right or wrong, by address.
    pub receipts: Rate,
    /// Asking for one receipt's number, from whatever address.
    pub receipt_number: Rate,
    /// Plain HTTP connections of one address at once. This machine and trusted proxies stand for
    /// many and are not bound by it.
    pub connections_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            anonymous: Rate::new(20 * 60, 40),
            sign_in: Rate::new(30, 20),
            wall_codes: Rate::new(30, 20),
            person: Rate::new(50 * 60, 100),
            token: Rate::new(200 * 60, 1_000),
            uploads: Rate::new(60, 20),
            open_reports: Rate::new(6, 10),
            open_uploads: Rate::new(20, 30),
            receipts: Rate::new(30, 30),
            receipt_number: Rate::new(30, 30),
            connections_per_address: 256,
        }
    }
}

/// The header in which a trusted proxy says where a request comes from. Only the one that the proxy
/// writes itself may be believed: the other would be the caller's own word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, as RFC 7239 has it.
    Forwarded,
}

/// The proxies believed about where a request comes from, or others told apart by where they are:
/// networks like `10.0.0.0/8`, or addresses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Whether `address` is one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    fn read(texts: &[String]) -> Result<Self, String> {
        let one = |text: &str| {
            let text = text.trim();
            let network = text.parse::<IpNet>().ok();
            network
                .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
                .ok_or_else(|| format!("{text:?} is no network; write 10.0.0.0/8 or 10.0.0.7"))
        };
        let texts = texts.iter().flat_map(|text| text.split(','));
        let networks = texts.filter(|text| !text.trim().is_empty()).map(one);
        networks.collect::<Result<Vec<_>, _>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for Proxies {
    /// A list, or from the environment one text with commas.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            One(String),
            Many(Vec<String>),
        }
        let texts = match Given::deserialize(deserializer)? {
            Given::One(text) => vec![text],
            Given::Many(texts) => texts,
        };
        Self::read(&texts).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_networks_or_addresses() {
        let texts = [
            "10.0.0.0/8, 192.0.2.7".to_owned(),
            "2001:db8::/32".to_owned(),
        ];
        let proxies = Proxies::read(&texts).expect("networks");
        for inside in ["10.1.2.3", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3"] {
            assert!(
                proxies.contain(inside.parse().expect("address")),
                "{inside}"
            );
        }
        for outside in ["11.1.2.3", "192.0.2.8", "::1"] {
            assert!(
                !proxies.contain(outside.parse().expect("address")),
                "{outside}"
            );
        }
        assert!(Proxies::read(&["nginx".to_owned()]).is_err());
    }
}
