//! What the replay asks of the server.

use domain::event::Event;
use domain::time::Timestamp;
use domain::world::World;
use leptos::prelude::GetUntracked;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Moment, Overview, Replay};
use crate::api;

/// Most events of one page.
const EVENTS: usize = 5_000;
/// Most positions of one page.
const FIXES: usize = 20_000;
/// Pages of positions asked for one after the other, at most.
const PAGES: usize = 20;

/// The world at a time.
#[derive(Deserialize)]
pub(super) struct Then {
    pub position: String,
    pub world: World,
}

/// What happened after a place.
#[derive(Deserialize)]
pub(super) struct Page {
    pub to: String,
    #[serde(default)]
    pub until: Option<Timestamp>,
    #[serde(default)]
    pub more: bool,
    pub events: Vec<Event>,
}

/// Positions, each as it came.
#[derive(Deserialize)]
pub(super) struct Fixes {
    pub p: Vec<Box<RawValue>>,
    #[serde(default)]
    pub next: Option<Timestamp>,
}

/// Which moments are sought.
pub(super) struct Sought<'a> {
    pub from: i64,
    pub to: i64,
    pub kinds: &'a str,
    pub last_first: bool,
}

/// A time as it stands in an address.
fn text(ms: i64) -> String {
    Timestamp::from_millis(ms).to_string().replace('+', "%2B")
}

impl Replay {
    async fn ask<T: DeserializeOwned>(self, path: &str) -> Result<T, api::Failed> {
        let lang = self.ctx.lang.get_untracked();
        let url = format!("/api/v1/{path}&scope={}", self.ctx.scope);
        api::get(&url, lang).await
    }

    pub(super) async fn then(self, at: i64) -> Result<Then, api::Failed> {
        self.ask(&format!("snapshot?at={}", text(at))).await
    }

    pub(super) async fn page(self, from: &str, to: i64) -> Result<Page, api::Failed> {
        let to = text(to);
        self.ask(&format!("events?from={from}&to={to}&limit={EVENTS}"))
            .await
    }

    /// Where units were from `from` (inclusive) until `to` (exclusive), of all if none are named.
    pub(super) async fn fixes(self, from: i64, to: i64, units: Option<&str>) -> Vec<Box<RawValue>> {
        let mut all = Vec::new();
        let mut from = from;
        let units = units.map_or_else(String::new, |ids| format!("&units={ids}"));
        for _ in 0..PAGES {
            let (a, b) = (text(from), text(to));
            let path = format!("positions?from={a}&to={b}&limit={FIXES}{units}");
            let Ok(mut found) = self.ask::<Fixes>(&path).await else {
                break;
            };
            all.append(&mut found.p);
            match found.next {
                Some(next) if next.millis() < to => from = next.millis(),
                _ => break,
            }
        }
        all
    }

    /// Where each unit was last seen before a time.
    pub(super) async fn newest(self, at: i64) -> Vec<Box<RawValue>> {
        let at = text(at);
        let path = format!("positions?from={at}&to={at}&before=true");
        let found = self.ask::<Fixes>(&path).await;
        found.map(|fixes| fixes.p).unwrap_or_default()
    }

    pub(super) async fn overview(self, from: i64, to: i64) -> Option<Overview> {
        let path = format!("moments?from={}&to={}", text(from), text(to));
        self.ask(&path).await.ok()
    }

    /// The first moment of these kinds within a stretch.
    pub(super) async fn first(self, sought: Sought<'_>) -> Result<Option<Moment>, api::Failed> {
        let (from, to) = (text(sought.from), text(sought.to));
        let order = if sought.last_first { "&order=last" } else { "" };
        let kinds = sought.kinds;
        let path = format!("moments?from={from}&to={to}&kinds={kinds}&limit=50{order}");
        let found: Overview = self.ask(&path).await?;
        Ok(found.items.into_iter().next())
    }
}
