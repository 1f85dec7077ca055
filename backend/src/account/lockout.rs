//! Wrong passwords make one wait: five are free, then a second, doubling up to a quarter of an
//! hour, and it passes with time. Counted by the name typed, known or not, and by address. Kept in
//! memory on each node: behind several nodes a guesser has that many times the free tries, no more.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::time::{Span, Timestamp};
use rustc_hash::FxHashMap;

/// Wrong tries on one name before one has to wait.
const FREE_BY_NAME: u32 = 5;
/// Wrong tries from one address: an office of many people shares one.
const FREE_BY_ADDRESS: u32 = 30;
/// The longest wait.
const LONGEST: Span = Span::mins(15);
/// One wrong try is forgotten after so long without another.
const FORGOTTEN: Span = Span::mins(15);
/// Names and addresses remembered; when there are more, those that wait least make room.
const REMEMBERED: usize = 50_000;

/// Whose tries are counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Key {
    Name(String),
    /// A name from a device that has signed in with it before: a stranger's guesses from
    /// elsewhere must not shut its owner out.
    Device(String, IpAddr),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Tries {
    wrong: u32,
    last: Timestamp,
}

impl Tries {
    fn wrong_at(self, now: Timestamp) -> u32 {
        let passed = now.since(self.last).millis().max(0) / FORGOTTEN.millis();
        self.wrong
            .saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX))
    }

    fn until(self, free: u32, now: Timestamp) -> Timestamp {
        let over = self.wrong_at(now).saturating_sub(free);
        if over == 0 {
            return self.last;
        }
        let wait = Span::secs(1_i64 << (over - 1).min(20));
        self.last + wait.min(LONGEST)
    }
}

/// One attempt: who says so, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The name typed.
    pub name: &'a str,
    /// The address it comes from.
    pub address: IpAddr,
    /// Whether this name has signed in from this address before.
    pub is_known_device: bool,
}

impl Attempt<'_> {
    fn keys(self) -> [(Key, u32); 2] {
        let name = if self.is_known_device {
            Key::Device(self.name.to_owned(), self.address)
        } else {
            Key::Name(self.name.to_owned())
        };
        [
            (name, FREE_BY_NAME),
            (Key::Address(self.address), FREE_BY_ADDRESS),
        ]
    }
}

/// Wrong tries of late.
#[derive(Debug, Default)]
pub struct Lockout(Mutex<FxHashMap<Key, Tries>>);

impl Lockout {
    /// Until when this attempt has to wait; none when it may be made.
    pub fn locked_until(&self, attempt: Attempt<'_>, now: Timestamp) -> Option<Timestamp> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = attempt
            .keys()
            .into_iter()
            .filter_map(|(key, free)| Some(tries.get(&key)?.until(free, now)));
        waits.max().filter(|until| *until > now)
    }

    /// Until when a stranger who types this name has to wait.
    pub fn name_locked_until(&self, name: &str, now: Timestamp) -> Option<Timestamp> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = tries
            .get(&Key::Name(name.to_owned()))?
            .until(FREE_BY_NAME, now);
        (until > now).then_some(until)
    }

    /// The attempt was wrong.
    pub fn wrong(&self, attempt: Attempt<'_>, now: Timestamp) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in attempt.keys() {
            let entry = tries.entry(key).or_insert(Tries {
                wrong: 0,
                last: now,
            });
            entry.wrong = entry.wrong_at(now).saturating_add(1);
            entry.last = now;
        }
        if tries.len() > REMEMBERED {
            make_room(&mut tries, now);
        }
    }

    /// The attempt was right: its name's tries are forgotten, the address's are not.
    pub fn right(&self, attempt: Attempt<'_>) {
        let [(name, _), _] = attempt.keys();
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&name);
    }
}

fn make_room(tries: &mut FxHashMap<Key, Tries>, now: Timestamp) {
    tries.retain(|_, tries| tries.wrong_at(now) > 0);
    let mut least = 1;
    while tries.len() > REMEMBERED / 2 {
        tries.retain(|_, tries| tries.wrong_at(now) > least);
        least += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn attempt(name: &str, host: u8) -> Attempt<'_> {
        Attempt {
            name,
            address: IpAddr::from([10, 0, 0, host]),
            is_known_device: false,
        }
    }

    #[test]
    fn five_are_free_then_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let lockout = Lockout::default();
        let mut waits = Vec::new();
        for _ in 0..17 {
            lockout.wrong(attempt("zhang", 1), NOW);
            let until = lockout.locked_until(attempt("zhang", 2), NOW);
            waits.push(until.map_or(0, |until| until.seconds_since(NOW)));
        }
        assert_eq!(waits[..9], [0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[16], 15 * 60);
        assert_eq!(lockout.locked_until(attempt("li", 1), NOW), None);
    }

    #[test]
    fn waiting_helps_and_so_does_the_right_password() {
        let lockout = Lockout::default();
        for _ in 0..7 {
            lockout.wrong(attempt("zhang", 1), NOW);
        }
        assert!(lockout.locked_until(attempt("zhang", 1), NOW).is_some());
        let later = NOW + Span::secs(2);
        assert_eq!(lockout.locked_until(attempt("zhang", 1), later), None);
        lockout.wrong(attempt("zhang", 1), later);
        assert!(lockout.locked_until(attempt("zhang", 1), later).is_some());
        lockout.right(attempt("zhang", 1));
        assert_eq!(lockout.locked_until(attempt("zhang", 1), later), None);
        for _ in 0..6 {
            lockout.wrong(attempt("zhang", 1), later);
        }
        let hours = later + Span::hours(2);
        lockout.wrong(attempt("zhang", 1), hours);
        assert_eq!(lockout.locked_until(attempt("zhang", 1), hours), None);
    }

    #[test]
    fn an_address_that_tries_many_names_waits_as_well() {
        let lockout = Lockout::default();
        for n in 0..31 {
            lockout.wrong(attempt(&format!("name{n}"), 1), NOW);
        }
        assert!(lockout.locked_until(attempt("new", 1), NOW).is_some());
        assert_eq!(lockout.locked_until(attempt("new", 2), NOW), None);
    }

    #[test]
    fn a_strangers_guesses_do_not_shut_the_owner_out() {
        let lockout = Lockout::default();
        for _ in 0..9 {
            lockout.wrong(attempt("zhang", 66), NOW);
        }
        let own = Attempt {
            is_known_device: true,
            ..attempt("zhang", 1)
        };
        assert_eq!(lockout.locked_until(own, NOW), None);
        assert!(lockout.locked_until(attempt("zhang", 1), NOW).is_some());
        assert!(lockout.name_locked_until("zhang", NOW).is_some());
    }

    #[test]
    fn memory_stays_bounded() {
        let lockout = Lockout::default();
        for n in 0..REMEMBERED + 10 {
            lockout.wrong(attempt(&n.to_string(), (n % 250) as u8), NOW);
        }
        let held = lockout.0.lock().expect("lock").len();
        assert!(held <= REMEMBERED, "{held}");
    }
}
