//! The screens: they arrange panels and hold no logic.

pub mod start;
pub mod wall;
