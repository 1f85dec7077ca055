//! Signed slips: short-lived things that need no place in the directory (links, codes of walls,
//! offers, the way back from an identity provider). Each is signed with a key of its own purpose
//! derived from the log's secret, so that every node of a county honours it and none passes for
//! another. Who may enter is never decided by a slip alone: it names something in the directory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::time::{Span, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::secret;

/// Longest slip read.
const MAX_LEN: usize = 2_048;

/// What a slip is good for; one can't be used as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A link that signs in.
    Link,
    /// The code of a wall that waits to be let in.
    Wall,
    /// An offer of one-time codes.
    Totp,
    /// The way to an identity provider and back.
    Provider,
}

impl Purpose {
    fn key(self, log_secret: &[u8; 32]) -> [u8; 32] {
        let name = match self {
            Self::Link => "slip:link",
            Self::Wall => "slip:wall",
            Self::Totp => "slip:totp",
            Self::Provider => "slip:provider",
        };
        secret::key(log_secret, name)
    }
}

/// Whom a link lets in; both stand in the directory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A person, in the first of their posts.
    Person(String),
    /// A wall screen.
    Screen(String),
}

#[derive(Serialize, Deserialize)]
struct Slip<T> {
    body: T,
    until: Timestamp,
}

/// Signs a slip that holds for `span` from `now`.
pub fn seal<T: Serialize>(
    log_secret: &[u8; 32],
    purpose: Purpose,
    body: &T,
    span: Span,
    now: Timestamp,
) -> String {
    let slip = Slip {
        body,
        until: now + span,
    };
    let text = serde_json::to_vec(&slip).unwrap_or_default();
    let mark = secret::mac(&purpose.key(log_secret), &[&text]);
    format!("{}.{}", BASE64.encode(&text), BASE64.encode(mark))
}

/// What a slip says, if it is ours, for this purpose, and still holds.
pub fn open<T: DeserializeOwned>(
    log_secret: &[u8; 32],
    purpose: Purpose,
    text: &str,
    now: Timestamp,
) -> Option<T> {
    if text.len() > MAX_LEN {
        return None;
    }
    let (body, mark) = text.split_once('.')?;
    let body = BASE64.decode(body).ok()?;
    let mark = BASE64.decode(mark).ok()?;
    let right = secret::mac(&purpose.key(log_secret), &[&body]);
    if !bool::from(right.ct_eq(&mark)) {
        return None;
    }
    let slip: Slip<T> = serde_json::from_slice(&body).ok()?;
    (slip.until > now).then_some(slip.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_holds_for_its_purpose_its_time_and_its_secret() {
        let now = Timestamp::from_millis(1_000_000);
        let link = Link::Screen("w1".to_owned());
        let ours = [7; 32];
        let slip = seal(&ours, Purpose::Link, &link, Span::hours(1), now);
        let read =
            |secret: &[u8; 32], purpose, text: &str, at| open::<Link>(secret, purpose, text, at);
        assert_eq!(read(&ours, Purpose::Link, &slip, now), Some(link));
        assert_eq!(read(&ours, Purpose::Wall, &slip, now), None);
        assert_eq!(read(&[8; 32], Purpose::Link, &slip, now), None);
        assert_eq!(
            read(&ours, Purpose::Link, &slip, now + Span::hours(1)),
            None
        );
        assert_eq!(read(&ours, Purpose::Link, "a.b", now), None);
        let longer = format!("{}{slip}", "A".repeat(MAX_LEN));
        assert_eq!(read(&ours, Purpose::Link, &longer, now), None);
    }
}
