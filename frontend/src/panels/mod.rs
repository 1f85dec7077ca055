//! The panels of the screens. Each has a pure model, from projections to rows, and a view.

pub mod admin;
pub mod alarms;
pub mod command;
pub mod deployments;
pub mod desk;
pub mod field;
pub mod levels;
pub mod muster;
pub mod orders;
pub mod platforms;
pub mod red_board;
pub mod replay;
pub mod report;
pub mod review;
pub mod sources;
pub mod steered;
pub mod ticker;
pub mod today;
pub mod top;
pub mod townships;
