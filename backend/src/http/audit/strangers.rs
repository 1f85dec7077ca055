//! What is refused to nobody in particular: recorded when it begins, then counted, so that a flood
//! of it can't fill the trail.

use std::mem;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

/// For how long one network's refusals of one kind are counted together.
pub(super) const COUNTED_FOR: Duration = Duration::from_mins(1);
/// Networks and kinds counted apart; what comes beyond is counted together.
const MAX_KINDS: usize = 1_000;
/// Where those are counted.
const CROWD: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Strangers recorded lately.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<FxHashMap<(IpAddr, String), Counted>>);

#[derive(Debug)]
struct Counted {
    since: Instant,
    more: u64,
}

/// How often more something was refused than was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct More {
    /// The network, or that of everybody where there were too many.
    pub from: String,
    /// The code of the refusal.
    pub code: String,
    /// How often.
    pub times: u64,
}

impl Strangers {
    /// Whether this is to be recorded by itself; otherwise it is counted.
    pub(super) fn is_news(&self, network: IpAddr, code: &str, now: Instant) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = (network, code.to_owned());
        if seen.len() >= MAX_KINDS && !seen.contains_key(&key) {
            key.0 = CROWD;
        }
        let mut is_news = false;
        let counted = seen.entry(key).or_insert_with(|| {
            is_news = true;
            Counted {
                since: now,
                more: 0,
            }
        });
        counted.more += u64::from(!is_news);
        is_news
    }

    /// What was counted and whose time is over; it is forgotten.
    pub(super) fn over(&self, now: Instant) -> Vec<More> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = mem::take(&mut *seen);
        let mut over = Vec::new();
        for ((network, code), counted) in all {
            if now.duration_since(counted.since) < COUNTED_FOR {
                seen.insert((network, code), counted);
            } else if counted.more > 0 {
                over.push(More {
                    from: network.to_string(),
                    code,
                    times: counted.more,
                });
            }
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_recorded_once_and_counted() {
        let strangers = Strangers::default();
        let [one, two] = ["10.0.0.1", "10.0.0.2"].map(|a| a.parse().expect("address"));
        let start = Instant::now();
        assert!(strangers.is_news(one, "unauthorized", start));
        assert!(strangers.is_news(two, "unauthorized", start));
        assert!(strangers.is_news(one, "cross_site", start));
        for _ in 0..5 {
            assert!(!strangers.is_news(one, "unauthorized", start));
        }
        assert_eq!(strangers.over(start), []);
        let later = start + COUNTED_FOR;
        let more = More {
            from: "10.0.0.1".to_owned(),
            code: "unauthorized".to_owned(),
            times: 5,
        };
        assert_eq!(strangers.over(later), [more]);
        assert_eq!(strangers.over(later), []);
        assert!(strangers.is_news(one, "unauthorized", later));
    }

    #[test]
    fn a_crowd_is_counted_together() {
        let strangers = Strangers::default();
        let now = Instant::now();
        let news = (0..MAX_KINDS as u32 * 2)
            .filter(|n| strangers.is_news(IpAddr::V4((*n).into()), "unauthorized", now));
        assert_eq!(news.count(), MAX_KINDS + 1);
        let over = strangers.over(now + COUNTED_FOR);
        assert_eq!(
            over.iter().map(|more| more.times).sum::<u64>(),
            MAX_KINDS as u64 - 1
        );
    }
}
