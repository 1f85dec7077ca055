//! Proving the trail: every link from the first record on, and that it still holds every place it
//! is known to have reached.

use std::path::Path;

use super::chain::{Break, Walk};
use super::reach::{Place, Remembered};
use crate::log::{EventLog, LedgerName, Log, LogError};

/// Entries read at once.
const PAGE: usize = 2_000;

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// How many records hold, from the first on.
    pub sound: u64,
    /// Where the last of them stands; none in an empty trail.
    pub end: Option<Place>,
    /// Where the chain is broken, if it is.
    pub broken: Option<Break>,
}

/// The places that a node's data folder remembers.
pub fn remembered(folder: &Path) -> Vec<Place> {
    Remembered::read(folder).places()
}

/// Checks the whole trail of a county, and that it holds `places`.
///
/// # Errors
/// The log can't be read.
pub async fn verify(log: &EventLog, county: &str, places: &[Place]) -> Result<Verdict, LogError> {
    let mut walk = Walk::new(county);
    loop {
        let page = log.ledger_read(LedgerName::Audit, walk.seq, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            let before = walk.clone();
            let step = walk.step(entry).err().or_else(|| replaced(&walk, places));
            if let Some(broken) = step {
                return Ok(found(&before, Some(broken)));
            }
        }
    }
    let ends = walk.seq;
    let reached = places.iter().map(|place| place.seq).max().unwrap_or(0);
    Ok(found(
        &walk,
        (reached > ends).then_some(Break::CutOff { ends, reached }),
    ))
}

fn replaced(walk: &Walk, places: &[Place]) -> Option<Break> {
    let mut here = places.iter().filter(|place| place.seq == walk.seq);
    here.any(|place| place.hash != walk.hash)
        .then_some(Break::Replaced { seq: walk.seq })
}

fn found(walk: &Walk, broken: Option<Break>) -> Verdict {
    Verdict {
        sound: walk.seq,
        end: (walk.seq > 0).then(|| Place {
            seq: walk.seq,
            hash: walk.hash.clone(),
        }),
        broken,
    }
}
