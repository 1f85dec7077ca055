//! How many connections each address has open: one machine may not take all of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// The count; copies share it.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    open: Arc<Mutex<FxHashMap<IpAddr, usize>>>,
    most: usize,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    of: Addresses,
    address: IpAddr,
}

impl Addresses {
    pub fn new(most: usize) -> Self {
        Self {
            open: Arc::default(),
            most,
        }
    }

    /// A place for one more of `peer`, if it has not too many already.
    pub fn seat(&self, peer: SocketAddr) -> Option<Seat> {
        let address = peer.ip().to_canonical();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Seat {
            of: self.clone(),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let addresses = Addresses::new(2);
        let peer = |text: &str| text.parse::<SocketAddr>().expect("address");
        let first = addresses.seat(peer("192.0.2.1:1")).expect("a place");
        let second = addresses
            .seat(peer("[::ffff:192.0.2.1]:2"))
            .expect("a place");
        assert!(addresses.seat(peer("192.0.2.1:3")).is_none());
        assert!(addresses.seat(peer("192.0.2.2:1")).is_some());
        drop(first);
        assert!(addresses.seat(peer("192.0.2.1:4")).is_some());
        drop(second);
        assert!(addresses.open.lock().expect("lock").is_empty());
    }
}
