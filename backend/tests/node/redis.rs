//! A Redis of a test's own, for what several nodes must agree on.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Folder;

/// A real redis-server, killed when dropped.
pub struct Redis {
    pub url: String,
    child: Child,
    _folder: Folder,
}

impl Redis {
    pub fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        for _ in 0..10 {
            let probe = TcpListener::bind("127.0.0.1:0").expect("port");
            let port = probe.local_addr().expect("address").port();
            drop(probe);
            let mut child = Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"])
                .args(["--port", &port.to_string()])
                .current_dir(&folder.0)
                .stdout(Stdio::null())
                .spawn()
                .expect("redis-server is installed by `cargo xtask test`");
            if listens(&mut child, port) {
                return Self {
                    url: format!("redis://127.0.0.1:{port}"),
                    child,
                    _folder: folder,
                };
            }
        }
        panic!("redis-server does not start; run it by hand to see why");
    }
}

fn listens(child: &mut Child, port: u16) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        // Its port was taken by another: it has ended, and another one is tried.
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        std::thread::yield_now();
    }
    false
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
