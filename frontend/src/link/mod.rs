//! The link to the server: when to connect and from where, what a frame means for that, and
//! what time it is there. What the frames say about the county is the store's matter.

pub mod clock;
pub mod connection;
pub mod socket;
