//! What is wrong with a boundary file, said so that a person can mend it.

use std::fmt;

use serde::Serialize;

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Mended here; the file itself is still worth mending.
    Repaired,
    /// Odd, yet usable.
    Warning,
    /// Wrong: the feature is left out, or places will be taken for the wrong region.
    Error,
}

/// One thing wrong with a boundary file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Stable name of the kind of fault, such as `duplicate_code`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Place of the feature in `features`, from 0; nothing when it concerns the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature: Option<usize>,
    /// The region's code as the file writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do about it, one sentence.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(feature) = self.feature {
            write!(f, "feature {feature}")?;
            if let Some(region) = &self.region {
                write!(f, " ({region})")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{} {} [{}]", self.message, self.remedy, self.code)
    }
}

/// Where a fault was found.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Place of the feature in `features`.
    pub feature: Option<usize>,
    /// The region's code as the file writes it.
    pub region: Option<String>,
}

/// Collects faults.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Adds a fault that makes the feature, or the file, wrong.
    pub fn error(
        &mut self,
        site: &Site,
        code: &'static str,
        message: impl Into<String>,
        remedy: &str,
    ) {
        self.add(Severity::Error, site, code, message.into(), remedy);
    }

    /// Adds something that was mended here.
    pub fn repaired(
        &mut self,
        site: &Site,
        code: &'static str,
        message: impl Into<String>,
        remedy: &str,
    ) {
        self.add(Severity::Repaired, site, code, message.into(), remedy);
    }

    fn add(
        &mut self,
        severity: Severity,
        site: &Site,
        code: &'static str,
        message: String,
        remedy: &str,
    ) {
        let Site { feature, region } = site.clone();
        self.0.push(Fault {
            code,
            severity,
            feature,
            region,
            message,
            remedy: remedy.to_owned(),
        });
    }
}
