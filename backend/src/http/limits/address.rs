//! Where a request comes from. Only a trusted proxy is believed, and of what it passes on only the
//! hops that trusted proxies wrote: the first one from the right that is none of ours.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

use crate::config::{Proxies, ProxyHeader};

/// Hops looked at; who needs more has no honest reason.
const MAX_HOPS: usize = 32;

/// The client's address.
pub(super) fn of(
    peer: IpAddr,
    headers: &HeaderMap,
    proxies: &Proxies,
    header: ProxyHeader,
) -> IpAddr {
    let mut nearest = peer.to_canonical();
    if !proxies.contain(nearest) {
        return nearest;
    }
    for hop in hops(headers, header).into_iter().take(MAX_HOPS) {
        // What can't be read was not written by ours; who wrote it is as near as we get.
        let Some(hop) = hop else { break };
        nearest = hop;
        if !proxies.contain(nearest) {
            break;
        }
    }
    nearest
}

/// The hops, nearest first.
fn hops(headers: &HeaderMap, header: ProxyHeader) -> Vec<Option<IpAddr>> {
    let name = match header {
        ProxyHeader::XForwardedFor => "x-forwarded-for",
        ProxyHeader::Forwarded => header::FORWARDED.as_str(),
    };
    let lines = headers.get_all(name);
    let mut hops: Vec<_> = lines
        .iter()
        .map(|line| line.to_str().unwrap_or("?"))
        .flat_map(|line| line.split(','))
        .map(|hop| match header {
            ProxyHeader::XForwardedFor => read(hop),
            ProxyHeader::Forwarded => forwarded_for(hop),
        })
        .collect();
    hops.reverse();
    hops
}

/// The `for=` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            return None;
        }
        read(value.trim().trim_matches('"'))
    })
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        #[derive(serde::Deserialize)]
        struct Wrapped {
            of: Proxies,
        }
        let wrapped: Wrapped = toml::from_str("of = ['10.0.0.0/8']").expect("proxies");
        wrapped.of
    }

    fn found(
        peer: &str,
        name: &'static str,
        lines: &[&'static str],
        header: ProxyHeader,
    ) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().expect("header"));
        }
        of(peer.parse().expect("address"), &headers, &proxies(), header).to_string()
    }

    #[test]
    fn the_rightmost_hop_that_is_not_ours_is_the_client() {
        let xff = |peer, lines: &[&'static str]| {
            found(peer, "x-forwarded-for", lines, ProxyHeader::XForwardedFor)
        };
        assert_eq!(
            xff("192.0.2.9", &["198.51.100.1"]),
            "192.0.2.9",
            "no proxy of ours"
        );
        assert_eq!(xff("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            xff("10.0.0.1", &["203.0.113.66, 198.51.100.1, 10.0.0.2"]),
            "198.51.100.1",
            "what the client wrote itself is further left"
        );
        assert_eq!(
            xff("10.0.0.1", &["203.0.113.66", "198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(xff("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            xff("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(xff("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(xff("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(xff("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn only_the_header_that_the_proxy_writes_counts() {
        let lines = ["for=203.0.113.66, For=\"[2001:db8::7]:4711\";proto=https"];
        assert_eq!(
            found("10.0.0.1", "forwarded", &lines, ProxyHeader::Forwarded),
            "2001:db8::7"
        );
        assert_eq!(
            found("10.0.0.1", "forwarded", &lines, ProxyHeader::XForwardedFor),
            "10.0.0.1"
        );
    }
}
