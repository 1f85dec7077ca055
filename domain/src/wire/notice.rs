//! A person's own notices as they travel to a screen: the list, how they want to be told, and which
//! of their browsers take notices with the app closed.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::notice::{Kind, Urgency};
use crate::time::Timestamp;

/// A notice as its reader is shown it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its key.
    pub key: String,
    /// What it is about.
    pub kind: Kind,
    /// How much it presses.
    pub urgency: Urgency,
    /// What happened.
    pub title: String,
    /// What to do.
    pub body: String,
    /// Where to look.
    pub link: String,
    /// The incident, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// When what it tells of was recorded.
    pub at: Timestamp,
    /// Whether it may sound.
    pub announced: bool,
    /// When this reader read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Whether somebody is asked to acknowledge it, and nobody has.
    #[serde(default)]
    pub acknowledge: bool,
    /// Who acknowledged it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<(String, Timestamp)>,
}

/// One's own notices.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mine {
    /// A page of them, the newest first.
    pub items: Vec<Item>,
    /// How many are unread in all.
    pub unread: usize,
    /// The next page's cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The language of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tongue {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// How somebody wants to be told. What is urgent comes in any case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// By short message.
    pub sms: bool,
    /// In the browser, with the app closed.
    pub push: bool,
    /// In which language.
    pub language: Tongue,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sms: true,
            push: true,
            language: Tongue::Zh,
        }
    }
}

/// The browsers of a person that take notices.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Browsers {
    /// Whether this server sends any.
    pub enabled: bool,
    /// The key a browser subscribes with.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Those that do.
    pub items: Vec<Browser>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Browser {
    /// Its id.
    pub id: String,
    /// What browser, as it says itself.
    pub agent: String,
    /// Since when.
    pub at: Timestamp,
}

/// What a browser that was taken on is called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscribed {
    /// Its id.
    pub id: String,
}
