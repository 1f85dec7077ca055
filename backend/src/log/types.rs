//! The words of the log: records, positions, outcomes, errors.
//! Nothing here knows what an incident is; texts are carried as they are.

use std::{fmt, str::FromStr, time::SystemTime};

/// Which of the three streams of the log a record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamName {
    /// Incidents, from report to archive.
    Incidents,
    /// Consultation and command sessions.
    Sessions,
    /// Units, their status and their orders.
    Deployments,
}

impl StreamName {
    /// All streams, in the order of their numbers in storage.
    pub const ALL: [Self; 3] = [Self::Incidents, Self::Sessions, Self::Deployments];

    /// The name used in keys, frames and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Sessions => "sessions",
            Self::Deployments => "deployments",
        }
    }

    /// Its number in storage, 0 to 2.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StreamName {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        Self::ALL
            .into_iter()
            .find(|stream| stream.as_str() == text)
            .ok_or_else(|| LogError::corrupt(format!("there is no stream called {text:?}")))
    }
}

/// One event as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The place right after this record: what a reader that has seen it resumes from.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// The subject, as the text of a uuid.
    pub key: String,
    /// 1 for a subject's first record, then without a hole.
    pub version: u64,
    /// RFC 3339 with milliseconds and offset.
    pub at: String,
    /// Who caused it, JSON.
    pub actor: String,
    /// Region code, so that scope can be checked without reading `data`.
    pub region: String,
    /// The event's `type`.
    pub kind: String,
    /// The event's payload, JSON.
    pub data: String,
}

/// A record before the log has given it a version and a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// RFC 3339 with milliseconds and offset.
    pub at: String,
    /// Who caused it, JSON.
    pub actor: String,
    /// Region code.
    pub region: String,
    /// The event's `type`.
    pub kind: String,
    /// The event's payload, JSON.
    pub data: String,
}

/// Records of one subject that enter the log together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The stream to append to.
    pub stream: StreamName,
    /// The subject, as the text of a uuid.
    pub key: String,
    /// The version the decision was made on; 0 means that the subject must not exist yet.
    pub expected: u64,
    /// They get versions `expected + 1` and on.
    pub records: Vec<NewRecord>,
}

/// What became of one [`Append`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is in the log and survives the end of this process.
    Done {
        /// The subject's version now.
        version: u64,
    },
    /// Somebody was faster: nothing was written; decide again.
    Conflict {
        /// The subject's version now.
        actual: u64,
    },
}

/// A place between two records of one log: everything before it has been seen.
///
/// To the outside it is opaque text; inside it is ordered, and `seq` counts the records before it
/// without a hole on either kind of log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    millis: u64,
    seq: u64,
}

impl Position {
    /// Before the first record; written `0`.
    pub const START: Self = Self { millis: 0, seq: 0 };

    /// The place after record number `seq` of an embedded log.
    pub const fn from_seq(seq: u64) -> Self {
        Self { millis: 0, seq }
    }

    /// The place after the Redis stream entry `millis-seq`.
    pub const fn from_entry(millis: u64, seq: u64) -> Self {
        Self { millis, seq }
    }

    /// How many records lie before this place.
    pub const fn seq(self) -> u64 {
        self.seq
    }

    /// Redis server time of the record before this place in milliseconds; 0 on an embedded log.
    pub(crate) const fn millis(self) -> u64 {
        self.millis
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.millis == 0 {
            write!(f, "{}", self.seq)
        } else {
            write!(f, "{}-{}", self.millis, self.seq)
        }
    }
}

/// A text that names no place in any log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a position in a log")]
pub struct PositionError(String);

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let number = |part: &str| {
            let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            plain
                .then(|| part.parse::<u64>().ok())
                .flatten()
                .ok_or_else(|| PositionError(text.to_owned()))
        };
        match text.split_once('-') {
            None => Ok(Self::from_seq(number(text)?)),
            Some((millis, seq)) => Ok(Self::from_entry(number(millis)?, number(seq)?)),
        }
    }
}

/// The identity of one log, created with it: positions of one epoch mean nothing in another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch(pub(crate) String);

impl Epoch {
    /// The text that frames and cookies carry.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run of records in log order; a batch's `from` is the `to` of the batch before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The place before the first record.
    pub from: Position,
    /// The place after the last record; equal to `from` in an empty batch.
    pub to: Position,
    /// The records between the two.
    pub records: Vec<Record>,
}

impl Batch {
    /// A batch from `from` to the end of `records`.
    pub(crate) fn new(from: Position, records: Vec<Record>) -> Self {
        let to = records.last().map_or(from, |record| record.position);
        Self { from, to, records }
    }
}

/// What intake would not take, kept for an operator to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The source that sent it, as far as it could be told.
    pub source: String,
    /// The stable code of the reason.
    pub code: String,
    /// The reason, for a person.
    pub reason: String,
    /// What was sent, as it came.
    pub body: String,
    /// Where it came from: the stream entry, the line of a file, empty for HTTP.
    pub entry: String,
    /// RFC 3339.
    pub at: String,
}

/// Whether the log answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogHealth {
    /// It answers.
    Up,
    /// It does not, or it refuses to write.
    Down {
        /// When that was first seen.
        since: SystemTime,
        /// A sentence for a person.
        why: String,
    },
}

impl LogHealth {
    /// True when the log answers.
    pub fn is_up(&self) -> bool {
        *self == Self::Up
    }
}

/// How bad a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingLevel {
    /// As it should be.
    Ok,
    /// It works, but something accepted could be lost or the next step will fail.
    Warning,
    /// It does not work.
    Error,
}

/// One thing that `gridlamp doctor` has to say about the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: FindingLevel,
    /// What was found.
    pub what: String,
    /// What to do about it; empty when nothing is needed.
    pub remedy: String,
}

impl Finding {
    pub(crate) fn ok(what: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Ok,
            what: what.into(),
            remedy: String::new(),
        }
    }

    pub(crate) fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Warning,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn error(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Error,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// Why the log could not do what it was asked; the text is a sentence for an operator.
///
/// After [`LogError::Unavailable`] it is not known whether an append was written: append again on
/// the same expected version, and a conflict tells that it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The log does not answer now.
    #[error("the log does not answer: {why}")]
    Unavailable {
        /// What was seen.
        why: String,
        /// When trying again makes sense, in seconds.
        retry_after_secs: u64,
    },
    /// No room left to write to.
    #[error(
        "no room left to write the log: {at}; free some space, nothing that was accepted is lost"
    )]
    Full {
        /// The file or server, with what was seen.
        at: String,
    },
    /// The file or its folder may not be written.
    #[error(
        "the log cannot be written: {at} is read-only; give the user that runs gridlamp the right to write there"
    )]
    ReadOnly {
        /// The file or folder.
        at: String,
    },
    /// Another process holds the log.
    #[error(
        "the log {at} is in use by another gridlamp; stop that one first, or give this one its own log"
    )]
    Locked {
        /// The file.
        at: String,
    },
    /// What is stored cannot be read as a log.
    #[error("the log is damaged: {why}; restore it from a backup")]
    Corrupt {
        /// What was found.
        why: String,
    },
    /// A newer gridlamp wrote this log.
    #[error(
        "the log was written by a newer gridlamp (format {found}, this one knows up to {known}); install that version or newer"
    )]
    NewerFormat {
        /// The format found.
        found: u64,
        /// The newest format this program knows.
        known: u64,
    },
    /// The log no longer holds what was read from it before, or is another log altogether.
    #[error(
        "the log is no longer the one this node has followed: {why}; restart the node so that it folds the log anew"
    )]
    Diverged {
        /// What was found.
        why: String,
    },
    /// The address of the log cannot be used.
    #[error("log address {url:?}: {why}")]
    Address {
        /// The address, without its password.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The log was opened for a tool, or is being closed.
    #[error("the log is not open for appending: {why}")]
    Closed {
        /// Why not.
        why: String,
    },
}

impl LogError {
    pub(crate) fn corrupt(why: impl Into<String>) -> Self {
        Self::Corrupt { why: why.into() }
    }

    pub(crate) fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable {
            why: why.into(),
            retry_after_secs: 5,
        }
    }

    pub(crate) fn closed(why: impl Into<String>) -> Self {
        Self::Closed { why: why.into() }
    }

    /// True when trying the same again later can succeed without an operator.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_read_back_what_they_write() {
        for text in ["0", "42", "1763800000000-7"] {
            assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        }
        assert_eq!(Position::START.to_string(), "0");
        assert!(Position::from_entry(5, 9) < Position::from_entry(6, 10));
    }

    #[test]
    fn other_texts_are_no_positions() {
        for text in [
            "",
            "-",
            "1-",
            "-1",
            "+1",
            " 1",
            "1-2-3",
            "x",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Position>().is_err(), "{text:?}");
        }
    }
}
