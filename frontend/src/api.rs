//! Asking the server's HTTP surface: a typed answer, or the refusal it gave in the reader's words.

use std::cell::Cell;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::i18n::{Lang, catalogue as c};
use crate::net::{self, Answer, Request};

/// The media type of what is sent.
const JSON: &str = "application/json";

thread_local! {
    /// How far the server's clock is ahead of this machine's monotonic one, ms.
    static SERVER_AHEAD_MS: Cell<Option<f64>> = const { Cell::new(None) };
}

/// A refusal or a failure.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Failed {
    /// HTTP status; 0 when no server answered.
    pub status: u16,
    /// The stable code of the refusal.
    pub code: String,
    /// What is wrong and what to do, in the reader's language.
    pub detail: String,
    /// What is wrong with single fields.
    pub faults: Vec<Fault>,
    /// When trying again makes sense, in seconds.
    pub retry_after_secs: Option<u32>,
}

/// What is wrong with one field.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Fault {
    /// Where it stands, as a JSON pointer.
    #[serde(default)]
    pub pointer: Option<String>,
    /// What is wrong with it.
    #[serde(default)]
    pub detail: String,
}

/// A problem document of the server.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    code: String,
    detail: String,
    pointer: Option<String>,
    errors: Vec<Fault>,
}

impl Failed {
    fn of(answer: &Answer, lang: Lang) -> Self {
        let document: Document = serde_json::from_str(&answer.body).unwrap_or_default();
        let mut faults = document.errors;
        if faults.is_empty() && document.pointer.is_some() {
            faults.push(Fault {
                pointer: document.pointer,
                detail: document.detail.clone(),
            });
        }
        let detail = match (answer.status, document.detail) {
            (0, _) => lang.of(c::NO_SERVER).to_owned(),
            (status, detail) if detail.is_empty() => {
                format!("{} ({status})", lang.of(c::FAILED))
            }
            (_, detail) => detail,
        };
        Self {
            status: answer.status,
            code: document.code,
            detail,
            faults,
            retry_after_secs: answer.retry_after_secs,
        }
    }

    /// Whether nobody is signed in any more.
    pub fn is_signed_out(&self) -> bool {
        self.status == 401 && matches!(self.code.as_str(), "signed_out" | "unauthorized" | "")
    }

    /// What is wrong with the field at `pointer` or below it.
    pub fn at(&self, pointer: &str) -> Option<String> {
        let concerns = |fault: &&Fault| {
            fault
                .pointer
                .as_deref()
                .and_then(|at| at.strip_prefix(pointer))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.faults
            .iter()
            .find(concerns)
            .map(|fault| fault.detail.clone())
    }
}

/// Gets and reads an answer.
///
/// # Errors
/// What the server said, or that it said nothing.
pub async fn get<T: DeserializeOwned>(url: &str, lang: Lang) -> Result<T, Failed> {
    read(&ask("GET", url, lang, None).await, lang)
}

/// Sends `body` and reads the answer; an empty answer is `()`.
///
/// # Errors
/// What the server said, or that it said nothing.
pub async fn send<T: DeserializeOwned>(
    method: &'static str,
    url: &str,
    lang: Lang,
    body: &impl Serialize,
) -> Result<T, Failed> {
    let body = serde_json::to_string(body).unwrap_or_default();
    read(&ask(method, url, lang, Some((JSON, &body))).await, lang)
}

/// Sends a text of another media type and reads the answer.
///
/// # Errors
/// What the server said, or that it said nothing.
pub async fn post_text<T: DeserializeOwned>(
    url: &str,
    lang: Lang,
    kind: &'static str,
    body: &str,
) -> Result<T, Failed> {
    read(&ask("POST", url, lang, Some((kind, body))).await, lang)
}

/// Asks for something that needs no body.
///
/// # Errors
/// What the server said, or that it said nothing.
pub async fn plain<T: DeserializeOwned>(
    method: &'static str,
    url: &str,
    lang: Lang,
) -> Result<T, Failed> {
    read(&ask(method, url, lang, None).await, lang)
}

/// Sends and gives back the answer as it came.
pub async fn ask(
    method: &'static str,
    url: &str,
    lang: Lang,
    body: Option<(&'static str, &str)>,
) -> Answer {
    let answer = net::send(Request {
        method,
        url,
        language: lang.tag(),
        body,
    })
    .await;
    if let Some(ms) = answer.server_ms {
        let ahead = ms as f64 - net::monotonic_ms();
        SERVER_AHEAD_MS.with(|cell| cell.set(Some(ahead)));
    }
    answer
}

/// Reads an answer.
///
/// # Errors
/// What the server said, or that it said nothing.
pub fn read<T: DeserializeOwned>(answer: &Answer, lang: Lang) -> Result<T, Failed> {
    if !answer.is_good() {
        return Err(Failed::of(answer, lang));
    }
    let body = if answer.body.is_empty() {
        "null"
    } else {
        &answer.body
    };
    serde_json::from_str(body).map_err(|_| Failed {
        status: answer.status,
        detail: lang.of(c::NOT_UNDERSTOOD).to_owned(),
        ..Failed::default()
    })
}

/// The server's time, ms since 1970, as far as an answer told it; 0 before the first one.
pub fn server_now_ms() -> i64 {
    SERVER_AHEAD_MS
        .with(Cell::get)
        .map_or(0, |ahead| (ahead + net::monotonic_ms()) as i64)
}

/// A text as part of an address.
pub fn escaped(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.to_owned(),
            ..Answer::default()
        }
    }

    #[test]
    fn a_refusal_names_its_fields() {
        let body = r#"{"code":"unknown_org","detail":"no such","pointer":"/posts/1/org",
            "errors":[{"pointer":"/posts/1/org","code":"unknown_org","detail":"no such"}]}"#;
        let failed = read::<()>(&answer(400, body), Lang::En).unwrap_err();
        assert_eq!(failed.code, "unknown_org");
        assert_eq!(failed.at("/posts/1").as_deref(), Some("no such"));
        assert_eq!(failed.at("/posts/11"), None);
        assert_eq!(failed.at("/name"), None);
    }

    #[test]
    fn silence_and_nonsense_are_told_in_words() {
        let silent = read::<()>(&answer(0, ""), Lang::En).unwrap_err();
        assert_eq!(silent.detail, c::NO_SERVER.en);
        let broken = read::<()>(&answer(502, "<html>"), Lang::Zh).unwrap_err();
        assert!(broken.detail.contains("502"));
        let odd = read::<u8>(&answer(200, "{}"), Lang::En).unwrap_err();
        assert_eq!(odd.detail, c::NOT_UNDERSTOOD.en);
        assert_eq!(read::<()>(&answer(204, ""), Lang::En), Ok(()));
    }

    #[test]
    fn a_wrong_password_is_not_taken_for_a_lost_sign_in() {
        let wrong = r#"{"code":"wrong_credentials","detail":"x"}"#;
        assert!(
            !read::<()>(&answer(401, wrong), Lang::En)
                .unwrap_err()
                .is_signed_out()
        );
        let gone = r#"{"code":"signed_out","detail":"x"}"#;
        assert!(
            read::<()>(&answer(401, gone), Lang::En)
                .unwrap_err()
                .is_signed_out()
        );
    }
}
