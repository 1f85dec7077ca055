//! The screens: they arrange panels and hold no logic.

pub mod account;
pub mod admin;
pub mod command;
pub mod desk;
pub mod ended;
pub mod enter_frame;
pub mod field;
pub mod live;
pub mod pairing;
pub mod replay;
pub mod report;
pub mod review;
pub mod shell;
pub mod shift;
pub mod sign_in;
pub mod start;
pub mod station;
pub mod told;
pub mod wall;
pub mod welcome;
