//! What is said to all in a session, and who has seen it.

use serde::{Deserialize, Serialize};

use crate::incident::By;
use crate::time::Timestamp;

/// A message to all, acknowledged by name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// What.
    pub text: String,
    /// Content hashes of photos and voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// What its sender knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it happened, as the device that told it says: it may have been without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Who has acknowledged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledged: Vec<Receipt>,
}

/// Somebody has seen a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// When.
    pub at: Timestamp,
    /// When it happened, as the device that told it says: it may have been without a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Who.
    pub by: By,
}
