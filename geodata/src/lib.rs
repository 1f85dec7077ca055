//! Where things are: regions and their codes, coordinate systems, the boundary of a county, from a
//! point to its grid, and a sample county. Pure: no files, no clock, no randomness but from a seed;
//! what happens in these places is left to the crates above.

pub mod boundary;
pub mod cluster;
pub mod crs;
pub mod locate;
pub mod nearest;
mod plane;
pub mod region;
pub mod sample;
