//! Why a command or a report is refused: a stable code, a sentence that tells the person what to
//! do, and the field at fault. The server turns it into a problem document.

use serde::{Deserialize, Serialize};

/// Which family a refusal belongs to; decides the HTTP status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The input itself is wrong.
    Invalid,
    /// The rules of the trade forbid it in this state.
    Refused,
    /// This actor may not do it.
    Forbidden,
    /// There is no such thing, or not for this actor.
    NotFound,
}

/// One refusal, in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// Its family.
    pub class: Class,
    /// Stable, in snake_case.
    pub code: String,
    /// What to do, in Chinese.
    pub zh: String,
    /// What to do, in English.
    pub en: String,
    /// JSON pointer to the field at fault, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Refusal {
    /// A refusal without a field.
    pub fn new(class: Class, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            class,
            code: code.to_owned(),
            zh: zh.into(),
            en: en.into(),
            pointer: None,
        }
    }

    /// A refusal of one field, named by its JSON pointer.
    pub fn field(pointer: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.to_owned()),
            ..Self::new(Class::Invalid, code, zh, en)
        }
    }
}
