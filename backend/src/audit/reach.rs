//! How far the trail reaches, and the file that remembers it beside the log: a chain alone can't
//! show that its end was cut off.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::chain::{self, Hash};
use crate::log::{EventLog, LedgerEntry, LedgerName, Log, LogError};

/// The file's name, in the data folder.
pub(super) const FILE: &str = "audit-head";
/// Places that were lost, kept for whoever investigates; older ones are the better proof.
const MAX_LOST: usize = 100;

/// A place in the trail: the number of an entry, and its hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The entry's number.
    pub seq: u64,
    /// Its hash, in hexadecimal.
    pub hash: Hash,
}

impl Place {
    /// Where an entry stands.
    pub(super) fn of(entry: &LedgerEntry) -> Self {
        Self {
            seq: entry.seq,
            hash: chain::hash_in(&entry.body),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.seq, self.hash)
    }
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no place in the trail; write `NUMBER HASH`");
        let (seq, hash) = text.trim().split_once([' ', ':']).ok_or_else(wrong)?;
        let hex = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        match seq.parse() {
            Ok(seq) if hex && seq > 0 => Ok(Self {
                seq,
                hash: hash.to_ascii_lowercase(),
            }),
            _ => Err(wrong()),
        }
    }
}

/// What a node remembers: the newest place it saw, and places that the trail no longer held.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Remembered {
    pub(super) newest: Option<Place>,
    pub(super) lost: Vec<Place>,
}

impl Remembered {
    /// Reads the file; nothing is remembered where there is none. Lines that are none of ours are
    /// passed over.
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(path(folder)).unwrap_or_default();
        let mut remembered = Self::default();
        for line in text.lines() {
            match line.strip_prefix("lost ") {
                Some(place) => remembered.lost.extend(place.parse()),
                None => remembered.newest = line.parse().ok().or(remembered.newest),
            }
        }
        remembered
    }

    /// All places that the trail must hold.
    pub(super) fn places(&self) -> Vec<Place> {
        self.newest.iter().chain(&self.lost).cloned().collect()
    }

    /// Keeps a place that the trail holds no longer, so that what is written from now on can't
    /// cover it up.
    pub(super) fn lose(&mut self, place: Place) {
        if self.lost.len() < MAX_LOST && !self.lost.contains(&place) {
            self.lost.push(place);
        }
    }

    /// Writes the file anew, so that a crash leaves the old one or the new one.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let newest = self.newest.iter().map(|place| format!("{place}\n"));
        let lost = self.lost.iter().map(|place| format!("lost {place}\n"));
        let text: String = newest.chain(lost).collect();
        fs::create_dir_all(folder)?;
        let beside = folder.join(format!("{FILE}.new"));
        let mut file = fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, path(folder))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// The trail's last entry, looked for from `known` on in ever longer strides and then by halving.
pub(super) async fn last(log: &EventLog, known: u64) -> Result<Option<LedgerEntry>, LogError> {
    let mut found = after(log, known.saturating_sub(1)).await?;
    if found.is_none() && known > 0 {
        found = after(log, 0).await?;
    }
    let Some(mut last) = found else {
        return Ok(None);
    };
    let mut stride = 1;
    let mut high = loop {
        match after(log, last.seq + stride - 1).await? {
            Some(entry) => last = entry,
            None => break last.seq + stride - 1,
        }
        stride *= 2;
    };
    // Nothing stands after `high`, and something at `last`.
    while last.seq < high {
        let middle = last.seq + (high - last.seq) / 2;
        match after(log, middle).await? {
            Some(entry) => last = entry,
            None => high = middle,
        }
    }
    Ok(Some(last))
}

async fn after(log: &EventLog, seq: u64) -> Result<Option<LedgerEntry>, LogError> {
    let entries = log.ledger_read(LedgerName::Audit, seq, 1).await?;
    Ok(entries.into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::testing::Folder;

    fn place(seq: u64) -> Place {
        Place {
            seq,
            hash: format!("{seq:064x}"),
        }
    }

    #[test]
    fn what_is_remembered_reads_back() {
        let folder = Folder::new();
        assert_eq!(Remembered::read(folder.path()), Remembered::default());
        let mut remembered = Remembered {
            newest: Some(place(7)),
            lost: vec![],
        };
        remembered.lose(place(9));
        remembered.lose(place(9));
        remembered.write(folder.path()).expect("written");
        assert_eq!(Remembered::read(folder.path()), remembered);
        assert_eq!(remembered.places(), [place(7), place(9)]);
    }

    #[test]
    fn a_place_is_a_number_and_a_hash() {
        assert_eq!(place(3).to_string().parse(), Ok(place(3)));
        assert_eq!(format!("3:{}", place(3).hash).parse(), Ok(place(3)));
        for text in ["", "3", "3 x", "x y", &format!("0 {}", place(3).hash)] {
            assert!(text.parse::<Place>().is_err(), "{text:?}");
        }
    }
}
