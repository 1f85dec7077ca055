//! Standing rules, one file each. A rule reads a state and a time and says what must happen; it
//! keeps nothing, so that a restart or a second node comes to the same answer.

pub mod auto;
pub mod overdue;
