//! Signed slips: a sign-in link, and the cookie it is exchanged for. Who one names is signed with
//! the log's secret (HMAC-SHA-256), so that every node of a county honours them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::actor::Actor;
use domain::time::{Span, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Clock;

/// Longest slip read.
const MAX_LEN: usize = 2_048;

/// What a slip is good for; one can't be used as the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A link that signs in.
    Link,
    /// The cookie of whoever is signed in.
    Cookie,
}

#[derive(Serialize, Deserialize)]
struct Slip {
    purpose: Purpose,
    actor: Actor,
    expires: Timestamp,
}

/// Signs a slip that holds for `span` from now.
pub fn seal(
    secret: &[u8; 32],
    purpose: Purpose,
    actor: &Actor,
    span: Span,
    clock: &Clock,
) -> String {
    let slip = Slip {
        purpose,
        actor: actor.clone(),
        expires: clock.now() + span,
    };
    let body = serde_json::to_vec(&slip).unwrap_or_default();
    format!(
        "{}.{}",
        BASE64.encode(&body),
        BASE64.encode(mac(secret, &body).finalize().into_bytes())
    )
}

/// Whom a slip names, if it is ours, for this purpose and still holds.
pub fn open(secret: &[u8; 32], purpose: Purpose, text: &str, clock: &Clock) -> Option<Actor> {
    if text.len() > MAX_LEN {
        return None;
    }
    let (body, tag) = text.split_once('.')?;
    let body = BASE64.decode(body).ok()?;
    let tag = BASE64.decode(tag).ok()?;
    // Compared in constant time.
    mac(secret, &body).verify_slice(&tag).ok()?;
    let slip: Slip = serde_json::from_slice(&body).ok()?;
    (slip.purpose == purpose && slip.expires > clock.now()).then_some(slip.actor)
}

fn mac(secret: &[u8; 32], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::actor::Role;

    #[test]
    fn a_slip_holds_for_its_purpose_its_time_and_its_secret() {
        let clock = Clock::scaled(Timestamp::from_millis(1_000_000), 1.0);
        let scope = "330899".parse().expect("code");
        let actor = Actor::new("wall", Role::Wall, scope);
        let secret = [7; 32];
        let slip = seal(&secret, Purpose::Link, &actor, Span::hours(1), &clock);
        assert_eq!(
            open(&secret, Purpose::Link, &slip, &clock),
            Some(actor.clone())
        );
        assert_eq!(open(&secret, Purpose::Cookie, &slip, &clock), None);
        assert_eq!(open(&[8; 32], Purpose::Link, &slip, &clock), None);
        let old = seal(&secret, Purpose::Link, &actor, Span::secs(-1), &clock);
        assert_eq!(open(&secret, Purpose::Link, &old, &clock), None);
        assert_eq!(open(&secret, Purpose::Link, "a.b", &clock), None);
    }
}
