//! The chain: each entry carries the SM3 hash (GB/T 32905) of itself and of the hash before it, so
//! that one that is changed, taken out or moved no longer fits those around it.

use domain::actor::Role;
use domain::time::Timestamp;
use domain::wire::account::AuditView;
use geodata::region::Code;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sm3::{Digest, Sm3};

use crate::log::LedgerEntry;

/// One record. The order of its fields is the order of the bytes that are hashed: it may be added
/// to at the end, never changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// Who: an id, or what was typed where nobody is known.
    pub who: String,
    /// As what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The network address.
    pub from: String,
    /// What, by a stable name.
    pub action: String,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The region it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Code>,
    /// For what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
    /// What was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What was there after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A hash of the chain, in hexadecimal.
pub type Hash = String;

/// An entry of the ledger, as stored. The record is hashed as the very bytes that lie there.
#[derive(Serialize, Deserialize)]
struct Stored {
    prev: Hash,
    hash: Hash,
    record: Box<RawValue>,
}

/// What the first entry's `prev` is: a chain begins with its county.
pub fn beginning(county: &str) -> Hash {
    hex(Sm3::digest(format!("gridlamp audit {county}").as_bytes()))
}

fn hash_of(prev: &str, record: &str) -> Hash {
    let mut hash = Sm3::new();
    hash.update(prev.as_bytes());
    hash.update(b"\n");
    hash.update(record.as_bytes());
    hex(hash.finalize())
}

fn hex(bytes: impl AsRef<[u8]>) -> Hash {
    crate::log::hex(bytes.as_ref())
}

/// Links a record behind `prev`; answers the entry's text and its hash.
///
/// # Errors
/// The record can't be written as JSON, which is a fault of this program.
pub fn link(prev: &str, record: &AuditRecord) -> Result<(String, Hash), serde_json::Error> {
    let record = serde_json::value::to_raw_value(record)?;
    let hash = hash_of(prev, record.get());
    let stored = Stored {
        prev: prev.to_owned(),
        hash: hash.clone(),
        record,
    };
    Ok((serde_json::to_string(&stored)?, hash))
}

/// The hash an entry says it has. One that can't be read is hashed as it lies there, so that the
/// trail can go on behind it; a check names it all the same.
pub fn hash_in(body: &str) -> Hash {
    let stored = serde_json::from_str::<Stored>(body);
    stored.map_or_else(|_| hash_of("", body), |stored| stored.hash)
}

/// An entry for people to read.
///
/// # Errors
/// It is no entry of a chain.
pub fn view(entry: &LedgerEntry) -> Result<AuditView, serde_json::Error> {
    let stored: Stored = serde_json::from_str(&entry.body)?;
    let record: AuditRecord = serde_json::from_str(stored.record.get())?;
    Ok(AuditView {
        seq: entry.seq,
        at: record.at,
        who: record.who,
        role: record.role,
        on_behalf_of: record.on_behalf_of,
        from: record.from,
        action: record.action,
        target: record.target,
        region: record.region,
        purpose: record.purpose,
        outcome: record.outcome,
        before: record.before,
        after: record.after,
        hash: stored.hash,
    })
}

/// Where a chain is broken, and how.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Break {
    /// Entries are gone.
    #[error("{}", missing(*.from, *.to))]
    Missing {
        /// The first that is gone.
        from: u64,
        /// The last that is gone.
        to: u64,
    },
    /// An entry's content is not what it was.
    #[error("record {seq} was changed after it was written")]
    Changed {
        /// Which.
        seq: u64,
    },
    /// An entry does not follow the one before it.
    #[error(
        "record {seq} does not follow the one before it: one was put in, taken out, replaced or moved"
    )]
    Unlinked {
        /// Which.
        seq: u64,
    },
    /// An entry can't be read.
    #[error("record {seq} is no audit record")]
    Unreadable {
        /// Which.
        seq: u64,
    },
    /// The chain ends before where it once reached.
    #[error("the records after {ends} were cut off: the trail is known to have reached {reached}")]
    CutOff {
        /// The last one there.
        ends: u64,
        /// The last one known.
        reached: u64,
    },
    /// A remembered entry is another one now.
    #[error(
        "record {seq} is not the one that is remembered: the trail was replaced from there or before"
    )]
    Replaced {
        /// Which.
        seq: u64,
    },
}

fn missing(from: u64, to: u64) -> String {
    if from == to {
        format!("record {from} is missing")
    } else {
        format!("records {from} to {to} are missing")
    }
}

/// Walks along a chain.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The number of the last entry seen.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Walk {
    /// At the beginning of a county's chain.
    pub fn new(county: &str) -> Self {
        Self {
            seq: 0,
            hash: beginning(county),
        }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// Where the chain is broken.
    pub fn step(&mut self, entry: &LedgerEntry) -> Result<(), Break> {
        let seq = entry.seq;
        if seq != self.seq + 1 {
            return Err(Break::Missing {
                from: self.seq + 1,
                to: seq.saturating_sub(1),
            });
        }
        let stored: Stored =
            serde_json::from_str(&entry.body).map_err(|_| Break::Unreadable { seq })?;
        if hash_of(&stored.prev, stored.record.get()) != stored.hash {
            return Err(Break::Changed { seq });
        }
        if stored.prev != self.hash {
            return Err(Break::Unlinked { seq });
        }
        self.seq = seq;
        self.hash = stored.hash;
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn record(what: &str) -> AuditRecord {
        AuditRecord {
            at: Timestamp::from_millis(1_790_000_000_000),
            who: "王".to_owned(),
            role: Some(Role::Centre),
            on_behalf_of: None,
            from: "10.0.0.1".to_owned(),
            action: what.to_owned(),
            target: None,
            region: None,
            purpose: None,
            outcome: "ok".to_owned(),
            before: None,
            after: None,
        }
    }

    fn chain(count: u64) -> Vec<LedgerEntry> {
        let mut prev = beginning("330899");
        (1..=count)
            .map(|seq| {
                let (body, hash) = link(&prev, &record(&format!("a{seq}"))).expect("links");
                prev = hash;
                LedgerEntry { seq, body }
            })
            .collect()
    }

    fn walk(entries: &[LedgerEntry]) -> Result<(), Break> {
        let mut walk = Walk::new("330899");
        entries.iter().try_for_each(|entry| walk.step(entry))
    }

    #[test]
    fn sm3_is_the_standards() {
        // GB/T 32905-2016, appendix A.1.
        assert_eq!(
            hex(Sm3::digest(b"abc")),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }

    #[test]
    fn a_whole_chain_holds_and_a_tampered_one_is_found() {
        let whole = chain(5);
        assert_eq!(walk(&whole), Ok(()));

        let mut changed = whole.clone();
        changed[2].body = changed[2].body.replace("a3", "b3");
        assert_eq!(walk(&changed), Err(Break::Changed { seq: 3 }));

        let mut removed = whole.clone();
        removed.remove(2);
        assert_eq!(walk(&removed), Err(Break::Missing { from: 3, to: 3 }));

        let mut closed_up = removed.clone();
        for (at, entry) in closed_up.iter_mut().enumerate() {
            entry.seq = at as u64 + 1;
        }
        assert_eq!(walk(&closed_up), Err(Break::Unlinked { seq: 3 }));

        let mut swapped = whole.clone();
        let body = swapped[1].body.clone();
        swapped[1].body = std::mem::replace(&mut swapped[3].body, body);
        assert_eq!(walk(&swapped), Err(Break::Unlinked { seq: 2 }));

        let mut other = whole;
        other[0].body = "{}".to_owned();
        assert_eq!(walk(&other), Err(Break::Unreadable { seq: 1 }));
    }

    #[test]
    fn an_entry_reads_back() {
        let entry = &chain(1)[0];
        let view = view(entry).expect("reads");
        assert_eq!((view.who.as_str(), view.seq), ("王", 1));
        assert_eq!(hash_in(&entry.body), view.hash);
    }
}
