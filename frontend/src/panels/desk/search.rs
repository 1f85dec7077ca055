//! Searching everything ever reported, as far as it is shown to whoever searches. What is typed
//! stands in the address, so a search is a link.

use std::sync::Arc;

use domain::incident::Incident;
use domain::wire::account::Page;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api::{self, Failed};
use crate::i18n::{case as s, desk as d};
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;

use super::{Desk, desk, incident_of};

/// How long to wait for the next letter before asking, ms.
const PAUSE_MS: i32 = 250;
/// Most that are asked for.
const LISTED: usize = 60;

/// What a search found. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Found {
    /// What was found; nothing before an answer.
    pub items: RwSignal<Option<Vec<Arc<Incident>>>>,
    /// What was refused.
    pub failed: RwSignal<Option<Failed>>,
    /// Whether there is more.
    pub more: RwSignal<bool>,
}

/// The server's filter for what was typed: a number, or words.
pub fn filter(scope: Code, query: &str) -> String {
    let query = query.trim();
    let (day, nth) = query.split_once('-').unwrap_or((query, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_number = day.len() == 8 && digits(day) && digits(nth);
    let name = if is_number { "number" } else { "q" };
    format!("region={scope}&{name}={}", api::escaped(query))
}

/// Searches for what the address says.
pub fn provide(desk: Desk) -> Found {
    let found = Found {
        items: RwSignal::new(None),
        failed: RwSignal::new(None),
        more: RwSignal::new(false),
    };
    provide_context(found);
    let query = desk.here.chosen("q");
    Effect::new(move |_| {
        let query = query.get();
        found.items.set(None);
        found.failed.set(None);
        if query.trim().is_empty() {
            return;
        }
        spawn_local(async move {
            net::wait(PAUSE_MS).await;
            if desk.here.0.with_untracked(|place| place.get("q")) == query {
                ask(desk, found, &query).await;
            }
        });
    });
    found
}

async fn ask(desk: Desk, found: Found, query: &str) {
    let filter = filter(desk.ctx.scope, query);
    let url = format!("/api/v1/incidents?{filter}&limit={LISTED}");
    let answer = desk.session.get::<Page<Value>>(&url).await;
    if desk.here.0.with_untracked(|place| place.get("q")) != query {
        return;
    }
    match answer {
        Ok(page) => {
            found.more.set(page.next.is_some());
            let items = page.items.into_iter().filter_map(incident_of).map(Arc::new);
            found.items.set(Some(items.collect()));
        }
        Err(failed) => found.failed.set(Some(failed)),
    }
}

/// The line one searches in.
#[component]
pub fn SearchBox() -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let query = desk.here.chosen("q");
    let key = move |ev: leptos::ev::KeyboardEvent| match ev.key().as_str() {
        "Escape" => {
            desk.here.set("q", "");
            super::keys::leave_field();
        }
        "Enter" | "ArrowDown" => {
            ev.prevent_default();
            super::keys::leave_field();
            super::queue::step(desk, 1);
        }
        _ => {}
    };
    view! {
        <label class="search find" role="search">
            <Glyph icon=Icon::Search/>
            <input id="desk-search" type="search" autocomplete="off" spellcheck="false" maxlength="200" data-testid="search"
                aria-label=t(d::SEARCH) placeholder=t(s::SEARCH_HINT) prop:value=move || query.get()
                on:input:target=move |ev| desk.here.set("q", &ev.target().value())
                on:keydown=key/>
            {move || (!query.get().is_empty()).then(|| view! {
                <button type="button" aria-label=tongue.t(s::SEARCH_CLEAR) on:click=move |_| desk.here.set("q", "")><Glyph icon=Icon::Close/></button>
            })}
            <kbd aria-hidden="true">"/"</kbd>
        </label>
    }
}
