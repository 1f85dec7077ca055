//! A national gateway as a worked example: Aliyun's SendSms (Dysmsapi 2017-05-25), signed as its
//! request style V3 says (ACS3-HMAC-SHA256). Such a gateway takes no text, only the values of a
//! template that its owner had approved.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context as _;
use domain::time::Timestamp;
use percent_encoding::utf8_percent_encode;
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::guard::{Exchanged, Guard, Tried};
use super::secret_of;
use super::sms::{Message, UNESCAPED, fill_plain};
use crate::account::secret;
use crate::config;

const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";
/// The longest value of a template's variable, in characters, as Aliyun's rules say.
const MAX_VALUE: usize = 35;

/// The gateway.
pub(super) struct Aliyun {
    settings: config::Aliyun,
    url: Url,
    host: String,
    secret: String,
}

/// What a signature is made over, besides the account.
struct Unsigned<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    query: &'a str,
    /// `2026-11-23T02:00:00Z`.
    date: &'a str,
    nonce: &'a str,
}

impl Aliyun {
    pub fn new(settings: &config::Aliyun, guard: &Guard) -> anyhow::Result<Self> {
        let url = guard.check_secure(&settings.endpoint).context("endpoint")?;
        let host = url.host_str().unwrap_or_default();
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let given = settings.access_key_secret.as_ref();
        let secret = secret_of(given, settings.access_key_secret_file.as_ref())?;
        let filled = [
            &settings.access_key_id,
            &settings.sign_name,
            &settings.template_code,
        ];
        anyhow::ensure!(
            filled.iter().all(|text| !text.is_empty()),
            "set access_key_id, sign_name and template_code"
        );
        Ok(Self {
            secret: secret.context("set access_key_secret_file")?,
            settings: settings.clone(),
            url,
            host,
        })
    }

    /// A signed request that sends a message.
    pub fn request(
        &self,
        client: &reqwest::Client,
        message: &Message<'_>,
        now: Timestamp,
        nonce: &str,
    ) -> reqwest::RequestBuilder {
        let query = self.query(message);
        let date = date(now);
        let unsigned = Unsigned {
            host: &self.host,
            action: ACTION,
            version: VERSION,
            query: &query,
            date: &date,
            nonce,
        };
        let authorization = authorization(&self.settings.access_key_id, &self.secret, &unsigned);
        let mut url = self.url.clone();
        url.set_path("/");
        url.set_query(Some(&query));
        client
            .post(url)
            .header("authorization", authorization)
            .header("x-acs-action", ACTION)
            .header("x-acs-version", VERSION)
            .header("x-acs-date", &date)
            .header("x-acs-signature-nonce", nonce)
            .header("x-acs-content-sha256", hash(b""))
    }

    fn query(&self, message: &Message<'_>) -> String {
        let values = self.settings.params.iter().map(|(name, template)| {
            let value = fill_plain(template, message);
            let value: String = value.chars().take(MAX_VALUE).collect();
            (name.clone(), Value::from(value))
        });
        let values = Value::Object(values.collect());
        canonical_query(&[
            ("OutId", message.id),
            ("PhoneNumbers", message.phone),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", &self.settings.template_code),
            ("TemplateParam", &values.to_string()),
        ])
    }

    /// What the answer means. Aliyun says why in a code, whatever the status.
    pub fn judge(answer: &Exchanged) -> Tried {
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return answer.judged();
        };
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let code: String = text("Code").chars().take(80).collect();
        let passes = ["Throttling", "ServiceUnavailable", "InternalError", "isp."];
        match code.as_str() {
            "OK" => Tried::Taken {
                reference: Some(text("BizId").chars().take(64).collect()),
            },
            "" if answer.status.is_success() => Tried::Later("its answer has no Code".to_owned()),
            "" => answer.judged(),
            code if passes.iter().any(|begin| code.starts_with(begin)) => {
                Tried::Later(format!("answered {code}"))
            }
            // So many an hour for one number; later it may go.
            "isv.BUSINESS_LIMIT_CONTROL" => Tried::Later(format!("answered {code}")),
            _ => Tried::Never(format!("answered {code}")),
        }
    }
}

fn canonical_query(pairs: &[(&str, &str)]) -> String {
    let sorted: BTreeMap<_, _> = pairs.iter().copied().collect();
    let code = |text| utf8_percent_encode(text, UNESCAPED);
    let mut query = String::new();
    for (name, value) in sorted {
        let and = if query.is_empty() { "" } else { "&" };
        // Writing to a String does not fail.
        let _ = write!(query, "{and}{}={}", code(name), code(value));
    }
    query
}

fn authorization(id: &str, secret: &str, unsigned: &Unsigned<'_>) -> String {
    let empty = hash(b"");
    let headers = [
        ("host", unsigned.host),
        ("x-acs-action", unsigned.action),
        ("x-acs-content-sha256", &empty),
        ("x-acs-date", unsigned.date),
        ("x-acs-signature-nonce", unsigned.nonce),
        ("x-acs-version", unsigned.version),
    ];
    let names = headers.map(|(name, _)| name).join(";");
    let mut lines = String::new();
    for (name, value) in headers {
        let _ = writeln!(lines, "{name}:{value}");
    }
    let request = format!("POST\n/\n{}\n{lines}\n{names}\n{empty}", unsigned.query);
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", hash(request.as_bytes()));
    let signature = secret::hex(&super::hmac_sha256(secret.as_bytes(), to_sign.as_bytes()));
    format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}")
}

fn hash(bytes: &[u8]) -> String {
    secret::hex(&Sha256::digest(bytes))
}

/// In UTC, to the second.
fn date(now: Timestamp) -> String {
    let second = now.millis().div_euclid(1000);
    jiff::Timestamp::from_second(second).map_or_else(|_| String::new(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed example of Aliyun's own description of the signature.
    #[test]
    fn the_signature_is_the_documented_one() {
        let query = canonical_query(&[
            ("RegionId", "cn-shanghai"),
            (
                "ImageId",
                "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            ),
        ]);
        let unsigned = Unsigned {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            query: &query,
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
        };
        assert_eq!(
            authorization("YourAccessKeyId", "YourAccessKeySecret", &unsigned),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
             x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn a_date_is_in_utc_and_a_query_coded_as_rfc_3986_says() {
        let now = Timestamp::from_millis(1_698_315_752_999);
        assert_eq!(date(now), "2023-10-26T10:22:32Z");
        assert_eq!(
            canonical_query(&[("b", "1 *~/"), ("a", "灯")]),
            "a=%E7%81%AF&b=1%20%2A~%2F"
        );
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        let judge = |status: u16, body: &str| {
            Aliyun::judge(&Exchanged {
                status: status.try_into().expect("status"),
                body: body.as_bytes().to_vec(),
            })
        };
        let taken = judge(200, r#"{"Code":"OK","BizId":"9006197469364984400"}"#);
        assert!(
            matches!(taken, Tried::Taken { reference: Some(id) } if id == "9006197469364984400")
        );
        let never = judge(200, r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}"#);
        assert!(matches!(never, Tried::Never(why) if why.contains("ILLEGAL")));
        assert!(matches!(
            judge(400, r#"{"Code":"Throttling.User"}"#),
            Tried::Later(_)
        ));
        assert!(matches!(judge(502, "<html>"), Tried::Later(_)));
        assert!(matches!(judge(403, "{}"), Tried::Never(_)));
        assert!(matches!(judge(200, "{}"), Tried::Later(_)));
    }
}
