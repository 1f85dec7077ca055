//! The floor: bare sockets and one write each of what is waiting, with nothing that a server does besides.
//! What a delivery costs here is the kernel's, the receiver's half of loopback included.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// The fixed answer to the fixed key of the bench's handshake.
const ANSWER: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Sockets that took the handshake.
pub struct Floor {
    pub address: SocketAddr,
    sockets: Arc<Mutex<Vec<TcpStream>>>,
}

impl Floor {
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let sockets = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&sockets);
        std::thread::spawn(move || {
            // One that fails the handshake is simply not among them.
            for socket in listener.incoming().flatten().flat_map(shake_hands) {
                taken
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(socket);
            }
        });
        Ok(Self { address, sockets })
    }

    /// Writes whole frames to all; one that does not take them at once is dropped.
    pub fn publish(&self, frames: &[u8]) {
        self.sockets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain_mut(|socket| socket.write(frames).is_ok_and(|some| some == frames.len()));
    }
}

fn shake_hands(socket: TcpStream) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(&socket);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    (&socket).write_all(ANSWER)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
