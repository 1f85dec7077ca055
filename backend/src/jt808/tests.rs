//! How long terminals are waited for and how many may come.

use std::net::{IpAddr, Ipv4Addr};

use super::*;

#[test]
fn nobody_is_waited_for_longer_than_it_takes() {
    let now = Instant::now();
    let secs = Duration::from_secs;
    assert_eq!(patience(now, None, None), now + SILENCE);
    let introduction = now + secs(7);
    assert_eq!(patience(now, Some(introduction), None), introduction);
    // A byte now and then buys no time: a frame is measured from its first.
    let began = now
        .checked_sub(secs(15))
        .expect("the machine runs longer than that");
    assert_eq!(patience(now, None, Some(began)), began + FRAME_TIME);
    assert_eq!(patience(now, Some(introduction), Some(now)), introduction);
}

#[test]
fn one_address_does_not_take_every_place() {
    let guests = Arc::new(Guests::default());
    let near = IpAddr::from(Ipv4Addr::LOCALHOST);
    let [one, other] = [7, 8].map(|last| IpAddr::from([192, 0, 2, last]));
    let mut inside: Vec<_> = (0..MAX_PER_ADDRESS)
        .map(|_| Guests::enter(&guests, one).expect("a place"))
        .collect();
    assert!(
        Guests::enter(&guests, one).is_none(),
        "its share is used up"
    );
    let _another = Guests::enter(&guests, other).expect("others have theirs");
    inside.pop();
    let _again = Guests::enter(&guests, one).expect("a place came free");
    let rest = MAX_CONNECTIONS - MAX_PER_ADDRESS - 1;
    let _all: Vec<_> = (0..rest)
        .map(|_| Guests::enter(&guests, near).expect("a place"))
        .collect();
    assert!(Guests::enter(&guests, near).is_none(), "there are no more");
}
