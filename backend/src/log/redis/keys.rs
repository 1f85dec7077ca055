//! Names of the keys of one county. The code is the hash tag, so a county lives on one Redis node.

use super::super::{LedgerName, StreamName};

/// The key names of one county.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Prefix with the closing colon.
    prefix: String,
    pub(crate) streams: [String; 3],
    /// `epoch millis seq` of the newest record: the order of the log and the proof that it is still the same one.
    pub(crate) head: String,
    pub(crate) meta: String,
    pub(crate) intake: String,
    pub(crate) refused: String,
    pub(crate) positions: String,
    pub(crate) ledgers: [String; 3],
}

impl Keys {
    pub(crate) fn new(county: &str) -> Self {
        let prefix = format!("gridlamp:{{{county}}}:");
        let key = |name: &str| format!("{prefix}{name}");
        Self {
            streams: StreamName::ALL.map(|stream| key(stream.as_str())),
            head: key("head"),
            meta: key("meta"),
            intake: key("intake"),
            refused: key("refused"),
            positions: key("positions"),
            ledgers: LedgerName::ALL.map(|ledger| key(ledger.as_str())),
            prefix,
        }
    }

    /// Where the last signs of life of a kind are kept.
    pub(crate) fn marks(&self, kind: &str) -> String {
        format!("{}marks:{kind}", self.prefix)
    }

    /// Where the entry ids of one subject are kept, 16 bytes each.
    pub(crate) fn index(&self, stream: StreamName, key: &str) -> String {
        format!("{}index:{stream}/{key}", self.prefix)
    }
}
