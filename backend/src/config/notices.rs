//! Settings of notices: `[notices]`, `[notices.sms]` and one `[[notices.webhook]]` for each system
//! that is told. Secrets are read from a file of their own, and never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use domain::notice::Kind;
use geodata::region::Code;
use ipnet::IpNet;
use serde::Deserialize;

/// `[notices]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notices {
    /// A node that sends is thought dead after so long without a sign of life, in seconds.
    pub lease_seconds: u32,
    /// How often a notice is tried before it is given up.
    pub tries: u32,
    /// How long before the second try, in milliseconds; each further one takes twice as long.
    pub first_retry_ms: u32,
    /// The longest between two tries, in seconds.
    pub longest_retry_seconds: u32,
    /// How long an answer may take, in seconds.
    pub timeout_seconds: u32,
    /// Networks inside which a receiver may lie; private addresses are refused otherwise.
    pub allow: Vec<IpNet>,
    /// The gateway of short messages.
    pub sms: Option<Sms>,
    /// The gateway of calls that speak, described in the same way.
    pub voice: Option<Sms>,
    /// Notices in browsers whose app is closed.
    pub push: Push,
    /// Other systems that are told.
    pub webhook: Vec<Webhook>,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            lease_seconds: 15,
            tries: 8,
            first_retry_ms: 2_000,
            longest_retry_seconds: 600,
            timeout_seconds: 10,
            allow: Vec::new(),
            sms: None,
            voice: None,
            push: Push::default(),
            webhook: Vec::new(),
        }
    }
}

impl Notices {
    /// How long without a sign of life; never so short that a pause looks like death.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(u64::from(self.lease_seconds.max(1)))
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_seconds.clamp(1, 120)))
    }
}

/// `[notices.push]`: Web Push.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// Whether browsers may subscribe; a closed network that reaches no push service turns it off.
    pub enabled: bool,
    /// Whom a push service may ask about this server: `mailto:` or `https:`; the server's own
    /// address if left out.
    pub contact: Option<String>,
}

impl Default for Push {
    fn default() -> Self {
        Self {
            enabled: true,
            contact: None,
        }
    }
}

/// `[notices.sms]` and `[notices.voice]`: a gateway that takes one message a request. `{phone}`,
/// `{text}`, `{title}`, `{body}`, `{link}`, `{key}` and `{secret}` stand in `url`, `headers` and
/// `body` and are escaped for their place.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Where to.
    pub url: String,
    /// By which method.
    pub method: String,
    /// The body's media type: a form or JSON.
    pub content_type: String,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// What `{text}` is.
    pub text: String,
    /// What stands before each text, such as the signature 【…】 that a gateway asks for.
    pub prefix: String,
    /// Where in the answer it says whether it took the message, a JSON pointer; the status alone
    /// decides without it.
    pub success_pointer: Option<String>,
    /// What stands there if it did.
    pub success_equals: Option<String>,
    /// The secret shared with it.
    pub secret: Option<String>,
    /// A file that holds the secret, instead.
    pub secret_file: Option<PathBuf>,
    /// The last part of the address to which the gateway brings receipts.
    pub receipt_secret: Option<String>,
    /// A file that holds it, instead.
    pub receipt_secret_file: Option<PathBuf>,
    /// Aliyun's gateway, in place of the template.
    pub aliyun: Option<Aliyun>,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            url: String::new(),
            method: "POST".to_owned(),
            content_type: "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            headers: BTreeMap::new(),
            body: String::new(),
            text: "{title}。{body}".to_owned(),
            prefix: String::new(),
            success_pointer: None,
            success_equals: None,
            secret: None,
            secret_file: None,
            receipt_secret: None,
            receipt_secret_file: None,
            aliyun: None,
        }
    }
}

/// `[notices.sms.aliyun]`: SendSms of Aliyun's Dysmsapi.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aliyun {
    /// Where to.
    pub endpoint: String,
    /// The account's key.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: Option<String>,
    /// A file that holds the secret, instead.
    pub access_key_secret_file: Option<PathBuf>,
    /// The approved signature, without 【】.
    pub sign_name: String,
    /// The approved template.
    pub template_code: String,
    /// The template's variables and what each is: `{title}`, `{body}`, `{link}` or `{key}`.
    pub params: BTreeMap<String, String>,
}

impl Default for Aliyun {
    fn default() -> Self {
        Self {
            endpoint: "https://dysmsapi.aliyuncs.com".to_owned(),
            access_key_id: String::new(),
            access_key_secret: None,
            access_key_secret_file: None,
            sign_name: String::new(),
            template_code: String::new(),
            params: [("title".to_owned(), "{title}".to_owned())].into(),
        }
    }
}

impl fmt::Debug for Aliyun {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aliyun")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sms {
    /// Without the secret, and without what it may stand in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// `[[notices.webhook]]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name in the record of deliveries.
    pub name: String,
    /// Where to.
    pub url: String,
    /// The secret that signs.
    #[serde(default)]
    pub secret: Option<String>,
    /// A file that holds the secret, instead.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Of which kinds it is told; of all if empty.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Of which region it is told.
    #[serde(default)]
    pub region: Option<Code>,
}

impl fmt::Debug for Webhook {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_all_and_shows_no_secret() {
        let text = r#"
            allow = ["10.0.0.0/8"]
            [sms]
            url = "https://sms.example/send"
            body = "key={secret}&to={phone}"
            secret = "very-secret"
            [voice.aliyun]
            access_key_secret = "very-secret"
            [[webhook]]
            name = "wall"
            url = "https://in.example/hook"
            secret = "very-secret"
            kinds = ["breached", "reminded"]
        "#;
        let read: Notices = toml::from_str(text).expect("well formed");
        assert_eq!(read.webhook[0].kinds, [Kind::Breached, Kind::Reminded]);
        assert_eq!(read.tries, Notices::default().tries);
        assert!(!format!("{read:?}").contains("very-secret"));
        assert!(toml::from_str::<Notices>("retries = 3").is_err());
    }
}
