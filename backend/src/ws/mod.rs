//! The sending half of the live websocket: handshake, the socket taken back from the HTTP server, and one
//! thread that owns every live socket. Bytes in, bytes out: who may listen, what a frame says and where a
//! client resumes are the hub's.

mod addresses;
mod backlog;
mod conn;
mod engine;
pub mod fanout;
pub mod frame;
mod incoming;
pub mod serve;
mod stalling;
mod table;
#[cfg(test)]
mod tests;
pub mod upgrade;
mod wheel;

pub(crate) use incoming::hear_all;

/// Websocket close codes this half uses by itself; those of the contract are numbered from 4000.
pub mod code {
    /// The client said good-bye without a code of its own.
    pub const NORMAL: u16 = 1000;
    /// The client broke the websocket protocol.
    pub const PROTOCOL: u16 = 1002;
    /// The connection ended without a close frame; never sent, only counted and reported.
    pub const ABNORMAL: u16 = 1006;
    /// The server restarts; come back.
    pub const RESTARTING: u16 = 4000;
    /// Too slow, or silent for too long; come back from your position.
    pub const TOO_SLOW: u16 = 4001;
    /// The sign-in ended or the screen was unpaired; stay away.
    pub const ENDED: u16 = 4002;
    /// Another version, another scope or another post; reload.
    pub const RELOAD: u16 = 4003;
    /// What the client sent or asked for makes no sense here.
    pub const BAD_REQUEST: u16 = 4004;
}
