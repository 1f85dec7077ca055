//! How far back one can look.

use serde::Deserialize;

/// The section `[replay]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// Days for which the positions of units are kept; 0 keeps none.
    pub track_days: u32,
    /// Days for which extra checkpoints are kept; older times take longer to reach.
    pub checkpoint_days: u32,
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            track_days: 30,
            checkpoint_days: 30,
        }
    }
}
