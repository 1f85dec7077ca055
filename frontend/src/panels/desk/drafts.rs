//! What was typed and not sent yet, kept in this browser for one person: it survives a reload, and
//! is gone once it was sent.

use std::collections::BTreeMap;

use crate::net;

/// What was typed, by field.
pub type Draft = BTreeMap<String, String>;

/// Longest draft that is kept, in bytes of JSON.
const LONGEST: usize = 32 * 1024;

/// Where a draft is kept: whose it is and of what.
pub fn key(person: &str, what: &str) -> String {
    format!("draft:{person}:{what}")
}

/// The draft kept under a key; empty if there is none.
pub fn load(key: &str) -> Draft {
    let text = net::recall(key).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Keeps a draft; one with nothing in it is forgotten.
pub fn save(key: &str, draft: &Draft) {
    if draft.values().all(|text| text.trim().is_empty()) {
        return net::forget(key);
    }
    let text = serde_json::to_string(draft).unwrap_or_default();
    if text.len() <= LONGEST {
        net::remember(key, &text);
    }
}
