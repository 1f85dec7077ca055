//! The panels of the screens. Each has a pure model, from projections to rows, and a view.

pub mod admin;
pub mod levels;
pub mod orders;
pub mod platforms;
pub mod red_board;
pub mod sources;
pub mod ticker;
pub mod today;
pub mod top;
pub mod townships;
