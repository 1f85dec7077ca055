//! Looking through the trail, newest first, a bounded stretch at a time.

use domain::time::{Span, Timestamp};
use domain::wire::account::{AuditView, Page};
use geodata::region::Code;

use super::{chain, reach};
use crate::log::{EventLog, LedgerName, Log, LogError};

/// Records read at once.
const STRETCH: u64 = 1_000;
/// Records looked at for one page; the page's `next` goes on from there.
const MAX_LOOKED_AT: u64 = 50_000;
/// By how much records may stand out of the order of their times: a node that was cut off from the
/// log writes what waited behind what others wrote meanwhile, and no two clocks agree.
const DISORDER: Span = Span::mins(30);
/// Most records on one page.
const MAX_PAGE: usize = 200;

/// What is looked for. Every part that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Who, whole.
    pub who: Option<String>,
    /// The action, or the beginning of its name.
    pub action: Option<String>,
    /// The outcome, whole; `refused` for everything but `ok`.
    pub outcome: Option<String>,
    /// Part of the target, the purpose or the address.
    pub text: Option<String>,
    /// Only what concerns this region; what concerns none is then left out.
    pub scope: Option<Code>,
    /// Only what lies before this record.
    pub before: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// Finds records.
///
/// # Errors
/// The log can't be read.
pub async fn search(log: &EventLog, filter: &Filter) -> Result<Page<AuditView>, LogError> {
    let known = *log.ledger_watch(LedgerName::Audit).borrow();
    let last = reach::last(log, known).await?;
    let head = last.map_or(0, |entry| entry.seq);
    let mut high = filter
        .before
        .map_or(head, |before| before.saturating_sub(1))
        .min(head);
    if let Some(to) = filter.to {
        let end = first_at(log, to + DISORDER, head).await?;
        high = high.min(end.saturating_sub(1));
    }
    let low = match filter.from {
        Some(from) => first_at(log, from - DISORDER, head).await?,
        None => 1,
    };
    let limit = filter.limit.clamp(1, MAX_PAGE);
    let mut page = Page {
        items: Vec::new(),
        next: None,
    };
    let floor = high.saturating_sub(MAX_LOOKED_AT);
    while high >= low && high > floor {
        let after = high.saturating_sub(STRETCH).max(low - 1);
        let count = (high - after) as usize;
        let entries = log.ledger_read(LedgerName::Audit, after, count).await?;
        // In a trail with a hole, what was read may reach past the stretch.
        let top = high;
        for entry in entries.iter().rev().filter(|entry| entry.seq <= top) {
            high = entry.seq - 1;
            let Ok(view) = chain::view(entry) else {
                continue;
            };
            if filter.holds(&view) {
                page.items.push(view);
            }
            if page.items.len() == limit {
                page.next = (high >= low).then(|| (high + 1).to_string());
                return Ok(page);
            }
        }
        high = high.min(after);
    }
    page.next = (high >= low).then(|| (high + 1).to_string());
    Ok(page)
}

/// The first record at or after a time, by halving: times rise along the trail but for [`DISORDER`].
async fn first_at(log: &EventLog, at: Timestamp, head: u64) -> Result<u64, LogError> {
    let (mut low, mut high) = (1, head + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = log.ledger_read(LedgerName::Audit, middle - 1, 1).await?;
        let earlier = found
            .first()
            .and_then(|entry| chain::view(entry).ok())
            .is_some_and(|view| view.at < at);
        if earlier {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

impl Filter {
    fn holds(&self, view: &AuditView) -> bool {
        let text = |text: &String| {
            [&view.target, &view.purpose]
                .into_iter()
                .flatten()
                .chain([&view.from, &view.who])
                .any(|part| part.contains(text.as_str()))
        };
        self.who.as_ref().is_none_or(|who| *who == view.who)
            && self
                .action
                .as_ref()
                .is_none_or(|action| view.action.starts_with(action.as_str()))
            && self.outcome.as_ref().is_none_or(|outcome| {
                *outcome == view.outcome || (outcome == "refused" && view.outcome != "ok")
            })
            && self.text.as_ref().is_none_or(text)
            && self
                .scope
                .is_none_or(|scope| view.region.is_some_and(|region| scope.contains(region)))
            && self.from.is_none_or(|from| view.at >= from)
            && self.to.is_none_or(|to| view.at < to)
    }
}
