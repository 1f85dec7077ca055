//! The screens: they arrange panels and hold no logic.

pub mod account;
pub mod admin;
pub mod ended;
pub mod enter_frame;
pub mod pairing;
pub mod shell;
pub mod sign_in;
pub mod start;
pub mod wall;
pub mod welcome;
