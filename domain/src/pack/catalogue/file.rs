//! The catalogue as a county writes it.

use serde::{Deserialize, Serialize};

use super::{
    Category, ClassFile, LampRules, Limit, Major, NoticeRules, Platform, SessionRules, SourceFile,
    SourceKind,
};

/// `catalogue.toml` as written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFile {
    /// Names this state of the catalogue.
    pub version: String,
    /// How soon a report is to be accepted.
    #[serde(default = "default_accept")]
    pub accept: Limit,
    /// How long a reporter has to confirm.
    #[serde(default = "default_confirm")]
    pub confirm: Limit,
    /// When lamps turn.
    #[serde(default)]
    pub lamps: LampRules,
    /// Limits of 1+1+X sessions.
    #[serde(default)]
    pub sessions: SessionRules,
    /// How long escalation chains wait.
    #[serde(default)]
    pub notices: NoticeRules,
    /// Sources that are not simply people.
    #[serde(default = "usual_sources")]
    pub source: Vec<SourceFile>,
    /// Platforms.
    pub platform: Vec<Platform>,
    /// Time classes; all five.
    pub class: Vec<ClassFile>,
    /// Major categories.
    pub major: Vec<Major>,
    /// Categories.
    pub item: Vec<Category>,
}

fn default_accept() -> Limit {
    Limit::hours(2)
}

fn default_confirm() -> Limit {
    Limit::working_days(3)
}

/// The sources a county usually has; any other is people.
fn usual_sources() -> Vec<SourceFile> {
    let all = [
        ("12345", SourceKind::Hotline),
        ("hotline", SourceKind::Hotline),
        ("hotline12345", SourceKind::Hotline),
        ("police110", SourceKind::Hotline),
        ("110", SourceKind::Hotline),
        ("camera", SourceKind::Device),
        ("sensor", SourceKind::Device),
        ("device", SourceKind::Device),
    ];
    let source = |(name, kind): (&str, SourceKind)| SourceFile {
        name: name.to_owned(),
        kind,
    };
    all.into_iter().map(source).collect()
}
