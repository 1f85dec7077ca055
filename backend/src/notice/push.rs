//! Web Push: a notice to a browser whose app is closed, by its maker's push service. Sealed for
//! that browser (RFC 8291), sent under this server's own name (RFC 8292, VAPID). Where a closed
//! network has no push service, the app's own link tells instead.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::notice::{ANNOUNCED_FOR, Notice, Urgency};
use domain::time::{Span, Timestamp};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::Url;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use web_push_native::{Auth, p256 as browser};

use super::guard::{self, Guard, Tried};
use super::own::Subscription;
use crate::account::secret;
use crate::config;
use crate::problem::Language;

/// Requests under way at once.
const AT_ONCE: usize = 32;
/// How long a signature holds; RFC 8292 allows a day.
const SIGNED_FOR: Span = Span::hours(12);
/// The least time a push service keeps a notice for a browser that is asleep, in seconds.
const KEPT_AT_LEAST: i64 = 60;
/// Characters of a topic (RFC 8030).
const TOPIC: usize = 32;

/// Sends to browsers.
pub(super) struct Pusher {
    key: SigningKey,
    /// Whom a push service may ask about us: `mailto:` or `https:`.
    contact: String,
    guard: Guard,
    client: reqwest::Client,
    room: Semaphore,
}

impl Pusher {
    /// One for this log: all its nodes sign with one key, which browsers asked for.
    pub fn new(
        settings: &config::Push,
        url: &str,
        log_secret: &[u8; 32],
        guard: &Guard,
        client: &reqwest::Client,
    ) -> anyhow::Result<Self> {
        let contact = settings.contact.clone().unwrap_or_else(|| url.to_owned());
        let known = ["mailto:", "https:", "http:"];
        anyhow::ensure!(
            known.iter().any(|scheme| contact.starts_with(scheme)),
            "[notices.push] contact: begin with mailto: or https:"
        );
        Ok(Self {
            key: signing_key(log_secret)?,
            contact,
            guard: guard.clone(),
            client: client.clone(),
            room: Semaphore::new(AT_ONCE),
        })
    }

    /// The key a browser asks for before it subscribes.
    pub fn public_key(&self) -> String {
        let point = self.key.verifying_key().to_sec1_point(false);
        BASE64.encode(point.as_bytes())
    }

    /// Whether an address of a push service can be used at all.
    pub fn check(&self, endpoint: &str) -> anyhow::Result<Url> {
        self.guard.check_secure(endpoint)
    }

    /// One try.
    pub async fn post(
        &self,
        notice: &Notice,
        to: &Subscription,
        language: Language,
        now: Timestamp,
    ) -> Tried {
        let Ok(_room) = self.room.acquire().await else {
            return Tried::Later("the node stops".to_owned());
        };
        match self.request(notice, to, language, now) {
            Ok(request) => guard::send(request).await,
            Err(error) => Tried::Never(format!("{error:#}")),
        }
    }

    fn request(
        &self,
        notice: &Notice,
        to: &Subscription,
        language: Language,
        now: Timestamp,
    ) -> anyhow::Result<reqwest::RequestBuilder> {
        let url = self.check(&to.endpoint)?;
        let (point, auth) = keys(&to.p256dh, &to.auth)
            .map_err(|field| anyhow::anyhow!("the browser's key {field} can't be read"))?;
        let text = payload(notice, language).to_string().into_bytes();
        let sealed = web_push_native::encrypt(text, &point, &auth).context("sealing")?;
        let left = ANNOUNCED_FOR.as_secs() - now.since(notice.at).as_secs();
        let urgency = match notice.urgency {
            Urgency::Info => "low",
            Urgency::Action => "normal",
            Urgency::Urgent => "high",
        };
        let token = self.token(&url, crate::clock::Clock::life().now());
        Ok(self
            .client
            .post(url)
            .header("authorization", token)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", left.max(KEPT_AT_LEAST))
            .header("urgency", urgency)
            // A repeat takes the place of what still waits there.
            .header("topic", topic(&notice.key))
            .body(sealed))
    }

    /// Says who sends, for this push service alone.
    fn token(&self, url: &Url, now: Timestamp) -> String {
        let until = (now + SIGNED_FOR).millis().div_euclid(1000);
        let head = json!({"typ": "JWT", "alg": "ES256"});
        let claims = json!({
            "aud": url.origin().ascii_serialization(), "exp": until, "sub": self.contact,
        });
        let part = |value: &serde_json::Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature: Signature = self.key.sign(signed.as_bytes());
        let signature = BASE64.encode(signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public_key())
    }
}

/// Of the log's secret: the same on every node and after every restart, and kept nowhere else.
fn signing_key(log_secret: &[u8; 32]) -> anyhow::Result<SigningKey> {
    // One in four billion derived numbers is no key of this curve.
    let keys = (0..8).map(|n| secret::key(log_secret, &format!("vapid {n}")));
    keys.into_iter()
        .find_map(|bytes| SigningKey::from_slice(&bytes).ok())
        .context("no key for push can be made of the log's secret")
}

/// A browser's keys; the name of the one that can't be read.
pub(super) fn keys(p256dh: &str, auth: &str) -> Result<(browser::PublicKey, Auth), &'static str> {
    let decode = |text: &str| BASE64.decode(text.trim_end_matches('='));
    let point = decode(p256dh).map_err(|_| "p256dh")?;
    let point = browser::PublicKey::from_sec1_bytes(&point).map_err(|_| "p256dh")?;
    let auth: [u8; 16] = decode(auth)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or("auth")?;
    Ok((point, Auth::from(auth)))
}

fn payload(notice: &Notice, language: Language) -> serde_json::Value {
    let say = |text: &domain::notice::Text| match language {
        Language::Zh => text.zh.clone(),
        Language::En => text.en.clone(),
    };
    json!({
        "key": notice.key, "kind": notice.kind, "urgency": notice.urgency,
        "title": say(&notice.title), "body": say(&notice.body),
        "link": notice.link, "at": notice.at,
    })
}

fn topic(key: &str) -> String {
    let mut text = BASE64.encode(Sha256::digest(key.as_bytes()));
    text.truncate(TOPIC);
    text
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;

    use super::*;

    fn pusher() -> Pusher {
        let guard = Guard::new(&[]);
        let client = guard.client(&config::Notices::default()).expect("client");
        let settings = config::Push::default();
        Pusher::new(&settings, "https://lamp.example", &[7; 32], &guard, &client).expect("pusher")
    }

    #[test]
    fn the_keys_of_the_standards_example_are_taken_and_others_named() {
        // RFC 8291, appendix A.
        let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let auth = "BTBZMqHH6r4Tts7J_aSIgg";
        assert!(keys(point, auth).is_ok());
        assert_eq!(keys("BCVx", auth).err(), Some("p256dh"));
        assert_eq!(keys(point, "AAAA").err(), Some("auth"));
        assert_eq!(keys(point, "%").err(), Some("auth"));
    }

    #[test]
    fn a_token_names_the_service_and_proves_the_key() {
        let pusher = pusher();
        let url = Url::parse("https://push.example:8443/one/two").expect("url");
        let now = Timestamp::from_millis(1_790_000_000_000);
        let token = pusher.token(&url, now);
        let token = token.strip_prefix("vapid t=").expect("scheme");
        let (jwt, key) = token.split_once(", k=").expect("key");
        assert_eq!(key, pusher.public_key());
        let (signed, signature) = jwt.rsplit_once('.').expect("signature");
        let claims = signed.split_once('.').expect("claims").1;
        let claims = BASE64.decode(claims).expect("base64");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("json");
        assert_eq!(claims["aud"], "https://push.example:8443");
        assert_eq!(claims["sub"], "https://lamp.example");
        assert_eq!(claims["exp"], 1_790_000_000 + 12 * 3600);
        let point = BASE64.decode(key).expect("base64");
        let verifying = VerifyingKey::from_sec1_bytes(&point).expect("point");
        let signature = BASE64.decode(signature).expect("base64");
        let signature = Signature::from_slice(&signature).expect("signature");
        assert!(verifying.verify(signed.as_bytes(), &signature).is_ok());
        assert!(verifying.verify(b"other", &signature).is_err());
    }

    #[test]
    fn one_log_has_one_key() {
        let one = signing_key(&[7; 32]).expect("key");
        assert_eq!(
            one.to_bytes(),
            signing_key(&[7; 32]).expect("key").to_bytes()
        );
        assert_ne!(
            one.to_bytes(),
            signing_key(&[8; 32]).expect("key").to_bytes()
        );
        assert_eq!(topic("a").len(), 32);
    }
}
