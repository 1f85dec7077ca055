//! Short messages and calls by a gateway's HTTP interface, described by templates: address, headers
//! and body with `{phone}`, `{text}`, `{key}` and `{secret}`, each escaped for where it stands. One
//! that signs its requests has a file of its own.

use anyhow::Context as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::aliyun::Aliyun;
use super::guard::{self, Exchanged, Guard, Tried};
use super::secret_of;
use crate::account::secret;
use crate::clock::Clock;
use crate::config;

/// Requests under way at once.
const AT_ONCE: usize = 8;
/// The longest text, in characters: seven parts of 67.
const MAX_TEXT: usize = 469;
/// What RFC 3986 leaves as it is.
pub(super) const UNESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// How a value is escaped where it stands.
#[derive(Clone, Copy)]
enum Place {
    /// An address or a form.
    Url,
    /// Within a JSON string.
    Json,
    /// A header, or a body of another kind.
    Plain,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// The number.
    pub phone: &'a str,
    /// What happened.
    pub title: &'a str,
    /// What to do.
    pub body: &'a str,
    /// Where to look.
    pub link: &'a str,
    /// The same for each repeat to this number: a gateway may tell repeats by it.
    pub id: &'a str,
}

/// The gateway.
pub(super) struct Gateway {
    settings: config::Sms,
    kind: Kind,
    client: reqwest::Client,
    room: Semaphore,
}

enum Kind {
    Template(Template),
    Aliyun(Box<Aliyun>),
}

struct Template {
    method: Method,
    secret: String,
    guard: Guard,
}

impl Gateway {
    /// `place` is the table of the configuration, for what is wrong with it.
    pub fn new(
        place: &str,
        settings: &config::Sms,
        guard: &Guard,
        client: &reqwest::Client,
    ) -> anyhow::Result<Self> {
        let kind = match &settings.aliyun {
            Some(aliyun) => Aliyun::new(aliyun, guard).map(|one| Kind::Aliyun(Box::new(one))),
            None => Template::new(settings, guard).map(Kind::Template),
        };
        let gateway = Self {
            kind: kind.with_context(|| place.to_owned())?,
            settings: settings.clone(),
            client: client.clone(),
            room: Semaphore::new(AT_ONCE),
        };
        let probe = Message {
            phone: "13800000000",
            title: "x",
            body: "x",
            link: "/",
            id: "key",
        };
        let built = gateway.request(&probe);
        let _good = built.with_context(|| place.to_owned())?;
        Ok(gateway)
    }

    /// One try.
    pub async fn post(&self, message: &Message<'_>) -> Tried {
        let Ok(_room) = self.room.acquire().await else {
            return Tried::Later("the node stops".to_owned());
        };
        let request = match self.request(message) {
            Ok(request) => request,
            Err(error) => return Tried::Never(format!("{error:#}")),
        };
        match guard::exchange(request).await {
            Err(why) => Tried::Later(why),
            Ok(answer) => match &self.kind {
                Kind::Template(_) => self.judge(&answer),
                Kind::Aliyun(_) => Aliyun::judge(&answer),
            },
        }
    }

    fn request(&self, message: &Message<'_>) -> anyhow::Result<reqwest::RequestBuilder> {
        match &self.kind {
            Kind::Template(template) => template.request(&self.settings, &self.client, message),
            Kind::Aliyun(aliyun) => {
                let now = Clock::life().now();
                Ok(aliyun.request(&self.client, message, now, &secret::new_id()?))
            }
        }
    }

    /// Gateways say 200 and mean no: what their answer holds decides.
    fn judge(&self, answer: &Exchanged) -> Tried {
        let judged = answer.judged();
        let (Tried::Taken { .. }, Some(pointer)) = (&judged, &self.settings.success_pointer) else {
            return judged;
        };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Tried::Later("its answer is no JSON".to_owned());
        };
        let said = body.pointer(pointer).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let expected = self.settings.success_equals.as_deref().unwrap_or("true");
        match said {
            Some(said) if said == expected => judged,
            Some(said) => {
                let said: String = said.chars().take(80).collect();
                Tried::Never(format!("answered {pointer} = {said}"))
            }
            None => Tried::Later(format!("its answer has no {pointer}")),
        }
    }
}

impl Template {
    fn new(settings: &config::Sms, guard: &Guard) -> anyhow::Result<Self> {
        let secret = secret_of(settings.secret.as_ref(), settings.secret_file.as_ref())?;
        let method = Method::from_bytes(settings.method.to_ascii_uppercase().as_bytes());
        Ok(Self {
            method: method.context("method")?,
            secret: secret.unwrap_or_default(),
            guard: guard.clone(),
        })
    }

    fn request(
        &self,
        settings: &config::Sms,
        client: &reqwest::Client,
        message: &Message<'_>,
    ) -> anyhow::Result<reqwest::RequestBuilder> {
        let text = fill_plain(&settings.text, message);
        let text: String = settings.prefix.chars().chain(text.chars()).collect();
        let text: String = text.chars().take(MAX_TEXT).collect();
        let fill = |template: &str, place| {
            let value = |name: &str| match name {
                "text" => Some(text.as_str()),
                "phone" => Some(message.phone),
                "secret" => Some(self.secret.as_str()),
                _ => value_of(message, name),
            };
            fill(template, place, value)
        };
        let kind = settings.content_type.to_ascii_lowercase();
        let place = if kind.contains("json") {
            Place::Json
        } else if kind.contains("form-urlencoded") {
            Place::Url
        } else {
            Place::Plain
        };
        let url = self.guard.check(&fill(&settings.url, Place::Url));
        let mut headers = HeaderMap::new();
        for (name, template) in &settings.headers {
            let name: HeaderName = name.parse().context("a header's name")?;
            let mut value = HeaderValue::try_from(fill(template, Place::Plain))
                .context("a header's value has a character that no header may have")?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let mut request = client
            .request(self.method.clone(), url.context("url")?)
            .headers(headers);
        if !settings.body.is_empty() {
            request = request
                .header("content-type", &settings.content_type)
                .body(fill(&settings.body, place));
        }
        Ok(request)
    }
}

fn value_of<'a>(message: &Message<'a>, name: &str) -> Option<&'a str> {
    match name {
        "title" => Some(message.title),
        "body" => Some(message.body),
        "link" => Some(message.link),
        "key" => Some(message.id),
        _ => None,
    }
}

/// Fills `{title}`, `{body}`, `{link}` and `{key}` as they are.
pub(super) fn fill_plain(template: &str, message: &Message<'_>) -> String {
    fill(template, Place::Plain, |name| value_of(message, name))
}

/// Puts values where a template names them. Each is escaped, so that none can become part of the
/// template; a name that is not known stays as it is.
fn fill<'a>(template: &str, place: Place, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        let end = after.find('}');
        let found = end.and_then(|end| Some((end, value(&after[1..end])?)));
        if let Some((end, value)) = found {
            out.push_str(&escape(value, place));
            rest = &after[end + 1..];
        } else {
            out.push('{');
            rest = &after[1..];
        }
    }
    out.push_str(rest);
    out
}

fn escape(value: &str, place: Place) -> String {
    match place {
        Place::Url => utf8_percent_encode(value, UNESCAPED).to_string(),
        Place::Json => {
            let quoted = Value::from(value).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Place::Plain => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, place: Place) -> String {
        fill(template, place, |name| match name {
            "text" => Some("红灯\"{phone}\"&x=1"),
            "phone" => Some("13800000000"),
            _ => None,
        })
    }

    #[test]
    fn values_are_escaped_for_their_place_and_never_become_template() {
        assert_eq!(
            filled("m={phone}&t={text}", Place::Url),
            "m=13800000000&t=%E7%BA%A2%E7%81%AF%22%7Bphone%7D%22%26x%3D1"
        );
        let json = filled(r#"{"to":["{phone}"],"t":"{text}"}"#, Place::Json);
        let read: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["t"], "红灯\"{phone}\"&x=1");
        assert_eq!(read["to"][0], "13800000000");
        assert_eq!(filled("{other}{", Place::Plain), "{other}{");
    }

    fn gateway(url: &str) -> anyhow::Result<Gateway> {
        let settings = config::Sms {
            url: url.to_owned(),
            content_type: "application/json".to_owned(),
            headers: [("authorization".to_owned(), "Key {secret}".to_owned())].into(),
            body: r#"{"to":"{phone}","t":"{text}"}"#.to_owned(),
            success_pointer: Some("/code".to_owned()),
            success_equals: Some("0".to_owned()),
            secret: Some("very-secret".to_owned()),
            ..config::Sms::default()
        };
        let guard = Guard::new(&[]);
        let client = guard.client(&config::Notices::default())?;
        Gateway::new("[notices.sms]", &settings, &guard, &client)
    }

    #[test]
    fn an_answer_is_judged_by_what_it_says() {
        let gateway = gateway("https://sms.example/send").expect("gateway");
        let judge = |status: u16, text: &str| {
            gateway.judge(&Exchanged {
                status: status.try_into().expect("status"),
                body: text.as_bytes().to_vec(),
            })
        };
        assert!(matches!(judge(200, r#"{"code":0}"#), Tried::Taken { .. }));
        assert!(matches!(judge(200, r#"{"code":"0"}"#), Tried::Taken { .. }));
        assert!(matches!(judge(200, r#"{"code":8}"#), Tried::Never(why) if why.contains('8')));
        assert!(matches!(judge(200, "<html>"), Tried::Later(_)));
        assert!(matches!(judge(302, r#"{"code":0}"#), Tried::Never(_)));
        assert!(matches!(judge(503, r#"{"code":0}"#), Tried::Later(_)));
    }

    #[test]
    fn a_gateway_that_cannot_work_is_refused_and_never_shows_its_secret() {
        for url in ["http://10.0.0.1/", "sms", "http://127.0.0.1:1/{secret}"] {
            let error = gateway(url).err().map(|error| format!("{error:#}"));
            let error = error.unwrap_or_else(|| panic!("{url} is taken"));
            assert!(error.starts_with("[notices.sms]"), "{error}");
            assert!(!error.contains("very-secret"), "{error}");
        }
    }
}
