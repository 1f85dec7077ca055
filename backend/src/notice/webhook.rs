//! Notices to other systems: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks says
//! (HMAC-SHA256 over id, time and body). Receivers tell repeats by the id, which is the notice's key.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::notice::{Channel, Notice, To};
use domain::time::Timestamp;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::guard::{self, Guard, Tried};
use super::secret_of;
use crate::config;

/// Requests under way to one system at once.
const AT_ONCE: usize = 8;
/// The longest a name may be, in bytes.
const MAX_NAME: usize = 64;

/// A system that is told.
pub(super) struct Webhook {
    name: String,
    url: Url,
    secret: Vec<u8>,
    settings: config::Webhook,
    client: reqwest::Client,
    room: Semaphore,
}

impl Webhook {
    pub fn new(
        settings: &config::Webhook,
        guard: &Guard,
        client: &reqwest::Client,
    ) -> anyhow::Result<Self> {
        let name = settings.name.clone();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        anyhow::ensure!(
            (1..=MAX_NAME).contains(&name.len()) && name.chars().all(plain),
            "[[notices.webhook]] name {name:?}: use letters, digits, '-', '_' and '.'"
        );
        let place = || format!("[[notices.webhook]] {name}");
        let url = guard
            .check_secure(&settings.url)
            .with_context(|| format!("{}: url", place()))?;
        let secret = secret_of(settings.secret.as_ref(), settings.secret_file.as_ref())
            .with_context(place)?
            .with_context(|| format!("{}: set secret or secret_file", place()))?;
        Ok(Self {
            url,
            secret: bytes_of(&secret).with_context(place)?,
            settings: settings.clone(),
            client: client.clone(),
            room: Semaphore::new(AT_ONCE),
            name,
        })
    }

    /// As the record of deliveries calls it.
    pub fn receiver(&self) -> String {
        format!("webhook:{}", self.name)
    }

    /// Whether it wants to be told of this.
    pub fn wants(&self, notice: &Notice) -> bool {
        let kinds = &self.settings.kinds;
        let region = self.settings.region;
        notice.goes_by(Channel::Webhook)
            && (kinds.is_empty() || kinds.contains(&notice.kind))
            && region.is_none_or(|region| region.contains(notice.region))
    }

    /// One try.
    pub async fn post(&self, notice: &Notice, source: &str, now: Timestamp) -> Tried {
        let Ok(_room) = self.room.acquire().await else {
            return Tried::Later("the node stops".to_owned());
        };
        let body = cloud_event(notice, source).to_string();
        let seconds = now.millis().div_euclid(1000);
        let request = self
            .client
            .post(self.url.clone())
            .header(
                "content-type",
                "application/cloudevents+json; charset=utf-8",
            )
            .header("webhook-id", &notice.key)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.sign(&notice.key, seconds, &body))
            .body(body);
        guard::send(request).await
    }

    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let signed = format!("{id}.{seconds}.{body}");
        let mac = super::hmac_sha256(&self.secret, signed.as_bytes());
        format!("v1,{}", BASE64.encode(mac))
    }
}

/// A secret as Standard Webhooks writes it, `whsec_` and Base64, or any text of 16 bytes or more.
fn bytes_of(secret: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = match secret.strip_prefix("whsec_") {
        Some(coded) => BASE64
            .decode(coded)
            .context("the secret is no Base64 after whsec_")?,
        None => secret.as_bytes().to_vec(),
    };
    anyhow::ensure!(bytes.len() >= 16, "the secret needs 16 bytes or more");
    Ok(bytes)
}

fn cloud_event(notice: &Notice, source: &str) -> Value {
    let to = match &notice.to {
        To::Org(org) => json!({"org": org}),
        To::Reporter { .. } => json!({"reporter": true}),
    };
    json!({
        "specversion": "1.0",
        "id": notice.key,
        "source": source,
        "type": "cn.gridlamp.notice",
        "subject": notice.incident.map_or_else(|| notice.region.to_string(), |id| id.to_string()),
        "time": notice.at,
        "datacontenttype": "application/json",
        "data": {
            "kind": notice.kind, "urgency": notice.urgency, "to": to,
            "title": notice.title, "body": notice.body, "link": notice.link,
            "incident": notice.incident, "region": notice.region, "announced": notice.announced,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(secret: &str, url: &str) -> anyhow::Result<Webhook> {
        let text = format!("name = \"hall\"\nurl = \"{url}\"\nsecret = \"{secret}\"");
        let settings: config::Webhook = toml::from_str(&text)?;
        let guard = Guard::new(&[]);
        let client = guard.client(&config::Notices::default())?;
        Webhook::new(&settings, &guard, &client)
    }

    /// The example of the Standard Webhooks specification.
    #[test]
    fn the_signature_is_the_documented_one() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let webhook = webhook(secret, "https://in.example/").expect("webhook");
        let body = r#"{"test": 2432232314}"#;
        let signature = webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_webhook_that_cannot_work_is_refused() {
        let good = "a secret of sixteen bytes";
        for (secret, url) in [
            ("short", "https://in.example/"),
            ("whsec_%", "https://in.example/"),
            (good, "http://in.example/"),
            (good, "https://10.0.0.1/"),
        ] {
            assert!(webhook(secret, url).is_err(), "{secret} {url}");
        }
        assert!(webhook(good, "https://in.example/").is_ok());
    }
}
