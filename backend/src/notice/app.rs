//! Notices in the app: everybody's own list, what of it is unread, and the record of what became
//! of each.

use domain::actor::Actor;
use domain::ids::IncidentId;
use domain::notice::chain::{Due, Fact};
use domain::notice::{Channel, Notice, To};
use domain::pack::orgs::OrgId;
use domain::time::Timestamp;
use domain::wire::notice::{Item, Mine};
use serde::Serialize;

use super::Notices;
use super::book::{Book, Delivery, Entry, Kept, Outcome};
use crate::log::LogError;
use crate::problem::Language;

/// Most notices read with one request.
const MOST_AT_ONCE: usize = 1_000;

/// A notice and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The notice.
    #[serde(flatten)]
    pub item: Item,
    /// Whom it was for.
    pub to: To,
    /// What became of it on each way.
    pub deliveries: Vec<Delivery>,
    /// Who has read it in the app, and when.
    pub seen: Vec<(String, Timestamp)>,
    /// Who was missed, by which way, and why.
    pub missed: Vec<Delivery>,
    /// Whether nothing is left to do.
    pub settled: bool,
}

/// Which records are wanted; all if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of one incident.
    pub incident: Option<IncidentId>,
    /// For one organisation.
    pub org: Option<OrgId>,
    /// With a delivery that ended so.
    pub outcome: Option<Outcome>,
    /// With a delivery on this way.
    pub channel: Option<Channel>,
    /// Older than this place.
    pub before: Option<u64>,
}

impl Wanted {
    fn takes(&self, kept: &Kept) -> bool {
        let notice = &kept.notice;
        let is_theirs = |org: &OrgId| matches!(&notice.to, To::Org(to) if to == org);
        let ends_so = |delivery: &Delivery| {
            self.outcome
                .is_none_or(|outcome| delivery.outcome == outcome)
                && self
                    .channel
                    .is_none_or(|channel| delivery.channel == channel)
        };
        self.before.is_none_or(|before| kept.seq < before)
            && self.incident.is_none_or(|id| notice.incident == Some(id))
            && self.org.as_ref().is_none_or(is_theirs)
            && ((self.outcome, self.channel) == (None, None) || kept.deliveries.iter().any(ends_so))
    }
}

/// Whether a notice is for somebody: an organisation's for those of it who may watch at all.
pub(super) fn is_for(notice: &Notice, actor: &Actor) -> bool {
    notice.goes_by(Channel::App)
        && match &notice.to {
            To::Org(org) => actor.org.as_ref() == Some(org) && actor.may_watch(),
            To::Reporter { person, .. } => person.as_ref() == Some(&actor.id),
        }
}

fn item(kept: &Kept, reader: Option<&str>, language: Language) -> Item {
    let notice = &kept.notice;
    let say = |text: &domain::notice::Text| match language {
        Language::Zh => text.zh.clone(),
        Language::En => text.en.clone(),
    };
    Item {
        key: notice.key.clone(),
        kind: notice.kind,
        urgency: notice.urgency,
        title: say(&notice.title),
        body: say(&notice.body),
        link: notice.link.clone(),
        incident: notice.incident,
        at: notice.at,
        announced: notice.announced,
        read_at: reader.and_then(|id| kept.seen.get(id).copied()),
        acknowledge: !notice.chain.is_empty() && kept.progress.acknowledged.is_none(),
        acknowledged: kept.progress.acknowledged.clone(),
    }
}

fn record(kept: &Kept, language: Language) -> Record {
    let deliveries = kept.deliveries.clone();
    let missed = deliveries.iter().filter(|delivery| delivery.is_lost());
    Record {
        item: item(kept, None, language),
        to: kept.notice.to.clone(),
        missed: missed.cloned().collect(),
        seen: kept.seen.clone().into_iter().collect(),
        settled: kept.settled,
        deliveries,
    }
}

/// What somebody's word of a notice adds to the ledger; none if it is not theirs.
fn word(
    book: &Book,
    actor: &Actor,
    key: &str,
    at: Timestamp,
    is_taken_on: bool,
) -> Option<Vec<Entry>> {
    let kept = book.kept(key).filter(|kept| is_for(&kept.notice, actor))?;
    let (key, by) = (key.to_owned(), actor.id.clone());
    let mut entries = Vec::new();
    if !kept.seen.contains_key(&by) {
        entries.push(Entry::Seen {
            key: key.clone(),
            by: by.clone(),
            at,
        });
    }
    if is_taken_on && kept.progress.due(&kept.notice.chain, at) != Due::Stopped {
        let fact = Fact::Acknowledged { by, at };
        entries.push(Entry::Chain { key, fact });
    }
    Some(entries)
}

impl Notices {
    /// A page of somebody's notices; `before` is the cursor of the page before.
    pub fn mine(
        &self,
        actor: &Actor,
        language: Language,
        before: Option<u64>,
        limit: usize,
        unread_only: bool,
    ) -> Mine {
        self.read(|book| {
            let mut mine = Mine {
                items: Vec::new(),
                unread: 0,
                next: None,
            };
            let mut last = 0;
            let all = book.newest_first();
            for kept in all.filter(|kept| is_for(&kept.notice, actor)) {
                let is_unread = !kept.seen.contains_key(&actor.id);
                mine.unread += usize::from(is_unread);
                if before.is_some_and(|before| kept.seq >= before) || unread_only && !is_unread {
                    continue;
                }
                if mine.items.len() < limit {
                    mine.items.push(item(kept, Some(&actor.id), language));
                    last = kept.seq;
                } else {
                    mine.next = Some(last.to_string());
                }
            }
            mine
        })
    }

    /// Writes down that somebody has read a notice of theirs, or takes it on, which stops its
    /// chain; answers whether there is one.
    ///
    /// # Errors
    /// The log does not take it.
    pub async fn told(
        &self,
        actor: &Actor,
        key: &str,
        is_taken_on: bool,
    ) -> Result<bool, LogError> {
        self.read_on().await?;
        let now = self.0.clock.now();
        let Some(entries) = self.read(|book| word(book, actor, key, now, is_taken_on)) else {
            return Ok(false);
        };
        if !entries.is_empty() {
            self.append(&entries, |_| true).await?;
        }
        Ok(true)
    }

    /// Writes down that somebody has read all notices of theirs; answers how many that were.
    ///
    /// # Errors
    /// The log does not take it.
    pub async fn read_all(&self, actor: &Actor) -> Result<usize, LogError> {
        self.read_on().await?;
        let now = self.0.clock.now();
        let unread: Vec<Entry> = self.read(|book| {
            let theirs = book
                .newest_first()
                .filter(|kept| is_for(&kept.notice, actor) && !kept.seen.contains_key(&actor.id));
            let seen = |kept: &Kept| Entry::Seen {
                key: kept.notice.key.clone(),
                by: actor.id.clone(),
                at: now,
            };
            theirs.take(MOST_AT_ONCE).map(seen).collect()
        });
        if !unread.is_empty() {
            self.append(&unread, |_| true).await?;
        }
        Ok(unread.len())
    }

    /// What became of the notices of one incident, in order.
    pub fn record(&self, incident: IncidentId, language: Language) -> Vec<Record> {
        self.read(|book| {
            book.of_incident(incident)
                .map(|kept| record(kept, language))
                .collect()
        })
    }

    /// What became of notices, the newest first, at most `limit`; and where the next page begins.
    pub fn records(
        &self,
        wanted: &Wanted,
        limit: usize,
        language: Language,
    ) -> (Vec<Record>, Option<u64>) {
        self.read(|book| {
            let mut found = book.newest_first().filter(|kept| wanted.takes(kept));
            let page: Vec<&Kept> = found.by_ref().take(limit).collect();
            let last = page.last().map(|kept| kept.seq);
            let next = last.filter(|_| found.next().is_some());
            let page = page.into_iter().map(|kept| record(kept, language));
            (page.collect(), next)
        })
    }
}
