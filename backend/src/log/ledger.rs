//! Ledgers: rows of texts beside the three streams, each with one order and no hole. An append
//! names the last entry it knows, so that of two writers one decides anew. What the texts mean is
//! left to `account`, `audit` and `notice`.

/// Which ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerName {
    /// People, tokens, wall screens and sign-ins.
    Accounts,
    /// Who did what, when and from where.
    Audit,
    /// Which notices there are, who sends them, and what became of each.
    Notices,
}

impl LedgerName {
    /// All ledgers, in the order of their numbers in storage.
    pub const ALL: [Self; 3] = [Self::Accounts, Self::Audit, Self::Notices];

    /// The name used in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Audit => "audit",
            Self::Notices => "notices",
        }
    }

    /// Its number in storage.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// One entry of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its place, from 1, without a hole.
    pub seq: u64,
    /// Its text, JSON.
    pub body: String,
}

/// The last sign of life of something: its id, and when, in ms since 1970.
pub type Mark = (String, i64);
