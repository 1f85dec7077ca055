//! Read models: pure functions from the World and a time to what a panel shows, one file each.
//! They keep nothing between calls, so they cannot drift from the truth.

pub mod attribution;
pub mod board;
pub mod duplicates;
pub mod figures;
pub mod load;
pub mod musters;
pub mod reviews;
pub mod ticker;
pub mod turn;
