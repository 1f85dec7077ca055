//! What is wrong with a county pack, said so that whoever wrote the pack can mend it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One fault of a county pack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub struct PackFault {
    /// The file's name within the pack.
    pub file: String,
    /// Where in the file: `item[3].platform`. Empty for the file as a whole.
    pub path: String,
    /// Line, from 1, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in characters, from 1, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl PackFault {
    /// One of several, where only one can be handed on.
    pub(super) fn first(faults: Vec<Self>) -> Self {
        faults.into_iter().next().unwrap_or_else(|| Self {
            file: String::new(),
            path: String::new(),
            line: None,
            column: None,
            message: "the pack can't be used".to_owned(),
            remedy: "run the check on it".to_owned(),
        })
    }
}

impl fmt::Display for PackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        write!(f, ": {}; {}", self.message, self.remedy)
    }
}

/// Collects every fault of one file before it gives up on it.
pub(super) struct Check {
    file: &'static str,
    faults: Vec<PackFault>,
}

impl Check {
    pub(super) fn new(file: &'static str) -> Self {
        Self {
            file,
            faults: Vec::new(),
        }
    }

    pub(super) fn fault(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(PackFault {
            file: self.file.to_owned(),
            path: path.into(),
            line: None,
            column: None,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Faults each key of a list that stands there a second time.
    pub(super) fn unique<K: Ord + fmt::Display>(
        &mut self,
        list: &str,
        field: &str,
        keys: impl Iterator<Item = K>,
        remedy: &str,
    ) {
        let mut first_at = BTreeMap::new();
        for (at, key) in keys.enumerate() {
            if let Some(first) = first_at.get(&key) {
                let message = format!("{key} stands already in {list}[{first}]");
                self.fault(format!("{list}[{at}].{field}"), message, remedy);
            } else {
                first_at.insert(key, at);
            }
        }
    }

    pub(super) fn into_faults(self) -> Vec<PackFault> {
        self.faults
    }

    pub(super) fn done<T>(self, value: T) -> Result<T, Vec<PackFault>> {
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(self.faults)
        }
    }
}
