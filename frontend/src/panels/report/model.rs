//! What a report on this telephone is, and what an answer of the server means for it. Pure.

use domain::incident::{State, What};
use domain::wire::receipt::Taken;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::i18n::{Text, report as r};

/// Most photos of a report.
pub const MAX_PHOTOS: usize = 5;
/// Longest voice note, in seconds.
pub const MAX_VOICE_SECS: u32 = 60;

/// Who is signed in, as far as the page needs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Who {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub org: Option<String>,
}

/// Where it is, in degrees, WGS-84.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Spot {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Within how many metres; none when it was pointed at.
    pub accuracy: Option<f64>,
}

/// A photo or a voice note that goes with a report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// What this telephone keeps it under.
    pub id: String,
    /// Length of a voice note in seconds; 0 for a photo.
    pub secs: u32,
    /// What the server keeps it under, once it has it.
    #[serde(default)]
    pub sent_as: Option<String>,
    /// Where this page shows it from; of this load only.
    #[serde(skip)]
    pub url: String,
}

/// How far a report has come on this telephone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Fate {
    /// Waits to be sent; why it could not be, where the server said so.
    Waiting(Option<String>),
    /// The server has it.
    Sent(Taken),
    /// The server will not have it as it is.
    Refused(String),
}

/// A report on this telephone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its idempotency key: however often it is sent, it is taken once.
    pub key: String,
    /// What is the matter.
    pub text: String,
    /// The category, if chosen.
    pub category: Option<String>,
    /// Where.
    pub spot: Option<Spot>,
    /// Where, in words.
    pub address: String,
    /// The reporter's name, if told.
    pub name: String,
    /// The reporter's phone, if told.
    pub phone: String,
    /// Photos and the voice note.
    pub pieces: Vec<Piece>,
    /// When it was written, ms since 1970, by this telephone's clock.
    pub written_ms: f64,
    /// The person it is sent as; nobody for a citizen.
    pub by: Option<String>,
    /// How far it has come.
    pub fate: Fate,
}

impl Item {
    /// Whether it is to be sent.
    pub fn waits(&self) -> bool {
        matches!(self.fate, Fate::Waiting(_))
    }

    /// The state's name for styles and checks, and its word.
    pub fn state(&self) -> (&'static str, Text) {
        match self.fate {
            Fate::Waiting(_) => ("waiting", r::ST_WAITING),
            Fate::Sent(_) => ("sent", r::ST_SENT),
            Fate::Refused(_) => ("refused", r::ST_REFUSED),
        }
    }

    /// The receipt, once there is one.
    pub fn receipt(&self) -> Option<&str> {
        match &self.fate {
            Fate::Sent(taken) => taken.receipt.as_deref(),
            _ => None,
        }
    }

    /// What is sent at `now_ms` of this telephone's clock.
    pub fn body(&self, now_ms: f64) -> Value {
        let waited = ((now_ms - self.written_ms) / 1_000.0).max(0.0) as u64;
        let some = |text: &String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let sent: Vec<&String> = self
            .pieces
            .iter()
            .filter_map(|p| p.sent_as.as_ref())
            .collect();
        json!({
            "text": self.text,
            "category": self.category,
            "lon": self.spot.map(|spot| spot.lon),
            "lat": self.spot.map(|spot| spot.lat),
            "address": some(&self.address),
            "reporter": {"name": some(&self.name), "phone": some(&self.phone)},
            "attachments": sent,
            "waited": waited,
            "as": self.by,
        })
    }
}

/// What an answer means for what was sent.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// It is there.
    Good,
    /// Try again later; why, where the server said so.
    Later(Option<String>),
    /// It will not be taken as it is.
    Never(String),
}

/// Reads an answer. What may pass by itself, or by signing in, is waited for; what the server finds
/// wrong with the report never is.
pub fn verdict(status: u16, body: &str) -> Verdict {
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let said = |name: &str| {
        document
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match status {
        200..=299 => Verdict::Good,
        0 => Verdict::Later(None),
        401 | 408 | 425 | 429 | 500.. => Verdict::Later(said("detail")),
        409 if said("code").as_deref() == Some("other_person") => Verdict::Later(said("detail")),
        _ => Verdict::Never(said("detail").unwrap_or_else(|| status.to_string())),
    }
}

/// A state in plain words.
pub const fn state_words(state: State) -> Text {
    match state {
        State::Reported => r::IS_REPORTED,
        State::SelfHandled => r::IS_SELF_HANDLED,
        State::Accepted => r::IS_ACCEPTED,
        State::Assessed => r::IS_ASSESSED,
        State::Dispatched => r::IS_DISPATCHED,
        State::InProgress => r::IS_IN_PROGRESS,
        State::Suspended => r::IS_SUSPENDED,
        State::Feedback => r::IS_FEEDBACK,
        State::Closed => r::IS_CLOSED,
        State::Rejected => r::IS_REJECTED,
        State::Merged => r::IS_MERGED,
        State::TransferredOut => r::IS_TRANSFERRED,
        State::Void => r::IS_VOID,
    }
}

/// How many of the five stages are reached; none where it left their way.
pub const fn stage(state: State) -> Option<usize> {
    match state {
        State::Reported => Some(1),
        State::Accepted | State::Assessed => Some(2),
        State::SelfHandled | State::Dispatched | State::InProgress | State::Suspended => Some(3),
        State::Feedback => Some(4),
        State::Closed => Some(5),
        State::Rejected | State::Merged | State::TransferredOut | State::Void => None,
    }
}

/// A step in plain words; none for what is not told.
pub const fn step_words(what: What) -> Option<Text> {
    Some(match what {
        What::Reported => r::DID_REPORT,
        What::SelfHandled => r::DID_SELF_HANDLE,
        What::Accepted => r::DID_ACCEPT,
        What::Rejected => r::DID_REJECT,
        What::Appealed => r::DID_APPEAL,
        What::Merged => r::DID_MERGE,
        What::Followed => r::DID_FOLLOW,
        What::Dispatched => r::DID_DISPATCH,
        What::Started => r::DID_START,
        What::Progressed => r::DID_PROGRESS,
        What::ExtensionGranted => r::DID_EXTEND,
        What::Suspended => r::DID_SUSPEND,
        What::Resumed => r::DID_RESUME,
        What::FedBack => r::DID_FEED_BACK,
        What::Reopened => r::DID_REOPEN,
        What::Contacted => r::DID_CONTACT,
        What::Closed => r::DID_CLOSE,
        What::Evaluated => r::DID_EVALUATE,
        What::TransferredOut => r::DID_TRANSFER,
        What::CameBack => r::DID_COME_BACK,
        What::Voided => r::DID_VOID,
        What::Urged => r::DID_URGE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_waited_for_and_nothing_else() {
        for status in [0, 401, 408, 429, 500, 503] {
            assert!(matches!(verdict(status, ""), Verdict::Later(_)), "{status}");
        }
        let other = r#"{"code":"other_person","detail":"x"}"#;
        assert_eq!(verdict(409, other), Verdict::Later(Some("x".to_owned())));
        let wrong = r#"{"code":"outside_county","detail":"不在境内"}"#;
        assert_eq!(verdict(400, wrong), Verdict::Never("不在境内".to_owned()));
        assert_eq!(verdict(413, "<html>"), Verdict::Never("413".to_owned()));
        assert_eq!(verdict(201, "{}"), Verdict::Good);
    }

    #[test]
    fn a_report_is_sent_with_how_long_it_waited_and_without_what_is_empty() {
        let item = Item {
            key: "k".to_owned(),
            text: "路灯不亮".to_owned(),
            category: None,
            spot: None,
            address: " 桥头 ".to_owned(),
            name: String::new(),
            phone: " ".to_owned(),
            pieces: Vec::new(),
            written_ms: 5_000.0,
            by: None,
            fate: Fate::Waiting(None),
        };
        let body = item.body(65_900.0);
        assert_eq!(body["waited"], 60);
        assert_eq!(body["address"], "桥头");
        assert_eq!(body["reporter"]["phone"], Value::Null);
        assert_eq!(item.body(1_000.0)["waited"], 0, "a clock set back");
        let kept: Item =
            serde_json::from_str(&serde_json::to_string(&item).expect("json")).expect("item");
        assert_eq!(kept, item);
    }

    #[test]
    fn every_state_has_words_and_the_way_goes_on() {
        assert!(stage(State::Reported) < stage(State::Accepted));
        assert!(stage(State::Feedback) < stage(State::Closed));
        assert_eq!(stage(State::Void), None);
        assert!(step_words(What::Breached).is_none());
        assert!(step_words(What::FedBack).is_some());
    }
}
