//! What the ledger of notices says: which node sends, how far the log was read, every notice and
//! what became of it. A fold of its entries; the oldest settled ones are forgotten, not deleted.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{IncidentId, SessionId};
use domain::notice::chain::{Fact, Progress};
use domain::notice::storm::Storm;
use domain::notice::{Channel, Notice, To};
use domain::pack::orgs::OrgId;
use domain::time::Timestamp;
use domain::wire::notice::Settings;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::own::Subscription;
use crate::log::{LedgerEntry, Position};

/// Notices remembered; what is older stays in the ledger alone.
pub(super) const KEPT: usize = 50_000;

/// An entry of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A node sends from here on.
    Took { node: String, at: Timestamp },
    /// It stops by itself.
    Left { node: String, at: Timestamp },
    /// There is something to tell.
    Planned { notice: Box<Notice> },
    /// The log was read up to there; stands in one append with what that planned.
    ReadTo {
        node: String,
        cursor: String,
        storm: Storm,
    },
    /// What became of a notice on one way.
    Went { key: String, delivery: Delivery },
    /// Nothing of it is left to do.
    Settled { key: String },
    /// Somebody has read it.
    Seen {
        key: String,
        by: String,
        at: Timestamp,
    },
    /// Something happened along its chain.
    Chain { key: String, fact: Fact },
    /// How somebody wants to be told.
    Set { person: String, settings: Settings },
    /// A browser of somebody's takes notices.
    Subscribed {
        person: String,
        subscription: Subscription,
    },
    /// It does not any more.
    Unsubscribed { person: String, id: String },
}

/// What became of a notice on one way to one receiver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The way.
    pub channel: Channel,
    /// The receiver: `person:ID`, `org:ID`, `reporter` or `webhook:NAME`; never a number.
    pub to: String,
    /// How it went.
    pub outcome: Outcome,
    /// After how many tries.
    pub tries: u32,
    /// Why, where it did not go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When that was known.
    pub at: Timestamp,
    /// The gateway's own name for it, by which a receipt finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Delivery {
    /// Whether it never reached anybody.
    pub fn is_lost(&self) -> bool {
        matches!(self.outcome, Outcome::Failed | Outcome::Missed)
    }
}

/// How it went.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A gateway has taken it; whether it arrived is not known.
    Sent,
    /// The receiver has it.
    Delivered,
    /// It was given up.
    Failed,
    /// There was nobody to tell, or no way to.
    Missed,
}

/// A notice and what became of it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its place in the ledger.
    pub seq: u64,
    /// The notice.
    pub notice: Notice,
    /// What became of it, in order.
    pub deliveries: Vec<Delivery>,
    /// Who has read it, and when first.
    pub seen: BTreeMap<String, Timestamp>,
    /// How far its chain has come.
    pub progress: Progress,
    /// Whether nothing is left to do.
    pub settled: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The last entry folded.
    pub seq: u64,
    /// The node that sends.
    pub holder: Option<String>,
    /// How far the log was read.
    pub cursor: Option<Position>,
    /// Missed deadlines that wait for a digest.
    pub storm: Storm,
    notices: BTreeMap<u64, Kept>,
    by_key: FxHashMap<String, u64>,
    by_reference: FxHashMap<String, String>,
    open: BTreeSet<u64>,
    own: FxHashMap<String, Own>,
}

/// What a person keeps here, each with its place in the ledger.
#[derive(Debug, Default)]
struct Own {
    settings: Option<(u64, Settings)>,
    subscriptions: BTreeMap<String, (u64, Subscription)>,
}

impl Book {
    /// Folds an entry; answers the notice that is new with it.
    pub fn fold(&mut self, entry: &LedgerEntry) -> Option<&Notice> {
        if entry.seq <= self.seq {
            return None;
        }
        self.seq = entry.seq;
        match serde_json::from_str(&entry.body) {
            Ok(known) => self.apply(entry.seq, known),
            Err(error) => {
                tracing::error!(seq = entry.seq, %error, "unreadable entry of notices passed over");
            }
        }
        self.notices.get(&entry.seq).map(|kept| &kept.notice)
    }

    fn apply(&mut self, seq: u64, entry: Entry) {
        match entry {
            Entry::Chain { key, fact } => {
                if let Some(kept) = self.kept_mut(&key) {
                    kept.progress.apply(&fact);
                }
            }
            Entry::Set { person, settings } => {
                self.own.entry(person).or_default().settings = Some((seq, settings));
            }
            Entry::Subscribed {
                person,
                subscription,
            } => {
                let own = self.own.entry(person).or_default();
                let id = subscription.id.clone();
                own.subscriptions.insert(id, (seq, subscription));
            }
            Entry::Unsubscribed { person, id } => {
                if let Some(own) = self.own.get_mut(&person) {
                    own.subscriptions.remove(&id);
                }
            }
            Entry::Took { node, .. } => self.holder = Some(node),
            Entry::Left { node, .. } => {
                if self.holder.as_ref() == Some(&node) {
                    self.holder = None;
                }
            }
            Entry::Planned { notice } => self.plan(seq, *notice),
            Entry::ReadTo {
                node,
                cursor,
                storm,
            } => {
                self.holder = Some(node);
                self.cursor = cursor.parse().ok().or(self.cursor);
                self.storm = storm;
            }
            Entry::Went { key, delivery } => {
                if let Some(kept) = self.kept_mut(&key) {
                    went(&mut kept.deliveries, delivery.clone());
                    if let Some(reference) = delivery.reference {
                        self.by_reference.insert(reference, key);
                    }
                }
            }
            Entry::Settled { key } => {
                if let Some(kept) = self.kept_mut(&key) {
                    kept.settled = true;
                    let seq = kept.seq;
                    self.open.remove(&seq);
                }
                self.forget();
            }
            Entry::Seen { key, by, at } => {
                if let Some(kept) = self.kept_mut(&key) {
                    kept.seen.entry(by).or_insert(at);
                }
            }
        }
    }

    /// A notice planned twice is one notice: receivers are told of it once.
    fn plan(&mut self, seq: u64, notice: Notice) {
        if self.by_key.contains_key(&notice.key) {
            return;
        }
        self.by_key.insert(notice.key.clone(), seq);
        self.open.insert(seq);
        let kept = Kept {
            seq,
            notice,
            deliveries: Vec::new(),
            seen: BTreeMap::new(),
            progress: Progress::default(),
            settled: false,
        };
        self.notices.insert(seq, kept);
    }

    fn forget(&mut self) {
        while self.notices.len() > KEPT {
            let Some(oldest) = self.notices.first_entry().filter(|e| e.get().settled) else {
                return;
            };
            let gone = oldest.remove();
            self.by_key.remove(&gone.notice.key);
            for reference in gone.deliveries.iter().filter_map(|d| d.reference.as_ref()) {
                self.by_reference.remove(reference);
            }
        }
    }

    fn kept_mut(&mut self, key: &str) -> Option<&mut Kept> {
        self.notices.get_mut(self.by_key.get(key)?)
    }

    /// A notice.
    pub fn kept(&self, key: &str) -> Option<&Kept> {
        self.notices.get(self.by_key.get(key)?)
    }

    /// The delivery that a gateway calls so, and the key of its notice.
    pub fn by_reference(&self, reference: &str) -> Option<(&str, &Delivery)> {
        let key = self.by_reference.get(reference)?;
        let mut all = self.kept(key)?.deliveries.iter();
        let delivery = all.find(|one| one.reference.as_deref() == Some(reference))?;
        Some((key, delivery))
    }

    /// All that are remembered, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Kept> {
        self.notices.values().rev()
    }

    /// Those of one incident, in order.
    pub fn of_incident(&self, id: IncidentId) -> impl Iterator<Item = &Kept> {
        let all = self.notices.values();
        all.filter(move |kept| kept.notice.incident == Some(id))
    }

    /// Those that something is left to do for and that were planned after an entry, the oldest first.
    pub fn open_after(&self, seq: u64) -> impl Iterator<Item = &Kept> {
        let open = self.open.range(seq.saturating_add(1)..);
        open.filter_map(|seq| self.notices.get(seq))
    }

    /// Those that something is left to do for, the oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Kept> {
        self.open.iter().filter_map(|seq| self.notices.get(seq))
    }

    /// How somebody wants to be told.
    pub fn settings(&self, person: &str) -> Settings {
        let own = self.own.get(person).and_then(|own| own.settings.as_ref());
        own.map(|(_, settings)| settings.clone())
            .unwrap_or_default()
    }

    /// Somebody's browsers.
    pub fn subscriptions(&self, person: &str) -> impl Iterator<Item = &Subscription> {
        let own = self.own.get(person).into_iter();
        own.flat_map(|own| own.subscriptions.values().map(|(_, one)| one))
    }

    /// What people keep here that stands before an entry, to be written down anew: a start that
    /// reads from there must know it.
    pub fn kept_before(&self, floor: u64) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (person, own) in &self.own {
            if let Some((seq, settings)) = &own.settings
                && *seq < floor
            {
                entries.push(Entry::Set {
                    person: person.clone(),
                    settings: settings.clone(),
                });
            }
            let old = own.subscriptions.values().filter(|(seq, _)| *seq < floor);
            entries.extend(old.map(|(_, subscription)| Entry::Subscribed {
                person: person.clone(),
                subscription: subscription.clone(),
            }));
        }
        entries
    }

    /// The open notices of an incident or a session, by its key in the log, whose chain somebody of the organisation stops by acting.
    pub fn answered_by(&self, id: IncidentId, org: &OrgId) -> Vec<String> {
        let theirs = self.open().filter(|kept| {
            let notice = &kept.notice;
            let is_theirs = matches!(&notice.to, To::Org(to) if to == org);
            is_theirs
                && (notice.incident == Some(id) || notice.session.map(SessionId::key) == Some(id))
                && !notice.chain.is_empty()
                && kept.progress.acknowledged.is_none()
        });
        theirs.map(|kept| kept.notice.key.clone()).collect()
    }

    /// The first entry that a start has to read.
    pub fn floor(&self) -> u64 {
        self.notices.keys().next().copied().unwrap_or(self.seq)
    }
}

/// Adds what became of a notice; what a receipt tells takes the place of what was known.
fn went(deliveries: &mut Vec<Delivery>, delivery: Delivery) {
    let is_same = |known: &&mut Delivery| {
        delivery.reference.is_some()
            && (known.channel, &known.to, &known.reference)
                == (delivery.channel, &delivery.to, &delivery.reference)
    };
    match deliveries.iter_mut().find(is_same) {
        Some(known) => *known = delivery,
        None => deliveries.push(delivery),
    }
}

#[cfg(test)]
mod tests {
    use domain::notice::{Kind, Text, Urgency};
    use proptest::prelude::*;

    use super::*;
    use domain::wire::notice::Tongue;

    fn notice(key: &str) -> Box<Notice> {
        let text = || Text {
            zh: "红灯".to_owned(),
            en: "Red".to_owned(),
        };
        Box::new(Notice {
            key: key.to_owned(),
            to: To::Org("330899-C".parse().expect("id")),
            kind: Kind::Breached,
            urgency: Urgency::Urgent,
            title: text(),
            body: text(),
            link: "/desk".to_owned(),
            incident: None,
            session: None,
            region: "330899".parse().expect("code"),
            at: Timestamp::from_millis(0),
            channels: vec![Channel::App],
            announced: true,
            chain: Vec::new(),
        })
    }

    fn delivery(to: &str, outcome: Outcome, reference: Option<&str>) -> Delivery {
        Delivery {
            channel: Channel::Sms,
            to: to.to_owned(),
            outcome,
            tries: 1,
            why: None,
            at: Timestamp::from_millis(0),
            reference: reference.map(str::to_owned),
        }
    }

    fn folded(entries: &[Entry]) -> Book {
        let mut book = Book::default();
        for (at, entry) in entries.iter().enumerate() {
            let body = serde_json::to_string(entry).expect("json");
            let seq = at as u64 + 1;
            book.fold(&LedgerEntry { seq, body });
        }
        book
    }

    fn went(key: &str, delivery: Delivery) -> Entry {
        Entry::Went {
            key: key.to_owned(),
            delivery,
        }
    }

    #[test]
    fn a_receipt_takes_the_place_of_what_it_is_about() {
        let book = folded(&[
            Entry::Planned {
                notice: notice("a"),
            },
            went("a", delivery("person:x", Outcome::Sent, Some("1"))),
            went("a", delivery("person:y", Outcome::Sent, Some("2"))),
            went("a", delivery("person:x", Outcome::Failed, Some("1"))),
        ]);
        let (key, found) = book.by_reference("1").expect("known");
        assert_eq!((key, found.outcome), ("a", Outcome::Failed));
        assert_eq!(book.kept("a").expect("kept").deliveries.len(), 2);
        assert!(book.by_reference("3").is_none());
    }

    #[test]
    fn what_people_set_is_written_down_anew_before_it_would_be_forgotten() {
        let settings = Settings {
            sms: false,
            push: true,
            language: Tongue::En,
        };
        let set = Entry::Set {
            person: "hua".to_owned(),
            settings: settings.clone(),
        };
        let planned = Entry::Planned {
            notice: notice("a"),
        };
        let book = folded(&[set, planned]);
        assert_eq!(book.floor(), 2);
        let anew = book.kept_before(book.floor());
        assert_eq!(anew.len(), 1);
        assert_eq!(folded(&anew).settings("hua"), settings);
        assert!(book.kept_before(1).is_empty());
    }

    #[test]
    fn the_oldest_settled_notices_are_forgotten_and_open_ones_never() {
        let mut entries = Vec::new();
        for n in 0..KEPT + 10 {
            let key = n.to_string();
            entries.push(Entry::Planned {
                notice: notice(&key),
            });
            if n != 5 {
                entries.push(Entry::Settled { key });
            }
        }
        let book = folded(&entries);
        assert!(book.kept("4").is_none() && book.kept("5").is_some());
        let open: Vec<_> = book.open().map(|kept| kept.notice.key.as_str()).collect();
        assert_eq!(open, ["5"]);
        assert_eq!(book.floor(), book.kept("5").expect("kept").seq);
        assert_eq!(book.open_after(book.floor()).count(), 0);
    }

    proptest! {
        /// A sender that goes at any moment, and one that comes after it and reads the ledger.
        #[test]
        fn each_receiver_of_each_notice_is_recorded_once_whatever_goes_down(
            crashes in prop::collection::vec(any::<bool>(), 0..60),
        ) {
            let keys = ["a", "b", "c"];
            let receivers = ["x", "y"];
            let mut ledger: Vec<Entry> = Vec::new();
            let mut sent = FxHashMap::<(String, &str), u32>::default();
            let mut crashes = crashes.into_iter();
            let mut goes_down = || crashes.next().unwrap_or(false);
            loop {
                let book = folded(&ledger);
                let unplanned = keys.iter().find(|key| book.kept(key).is_none());
                if let Some(key) = unplanned {
                    // Planned twice where the crash came before it was known.
                    let planned = Entry::Planned { notice: notice(key) };
                    ledger.extend([planned.clone(), planned]);
                    continue;
                }
                let Some(kept) = book.open().next() else { break };
                let key = kept.notice.key.clone();
                let is_done = |to: &str| kept.deliveries.iter().any(|d| d.to == to);
                match receivers.iter().find(|to| !is_done(to)) {
                    Some(to) => {
                        *sent.entry((key.clone(), *to)).or_default() += 1;
                        if !goes_down() {
                            ledger.push(went(&key, delivery(to, Outcome::Sent, None)));
                        }
                    }
                    None if goes_down() => {}
                    None => ledger.push(Entry::Settled { key }),
                }
            }
            let book = folded(&ledger);
            prop_assert_eq!(book.newest_first().count(), keys.len());
            for key in keys {
                let kept = book.kept(key).expect("kept");
                prop_assert!(kept.settled);
                prop_assert_eq!(kept.deliveries.len(), receivers.len());
                for to in receivers {
                    prop_assert!(sent[&(key.to_owned(), to)] >= 1, "at least once");
                }
            }
        }
    }
}
