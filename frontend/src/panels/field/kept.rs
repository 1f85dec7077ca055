//! What the tablet knows without a network: who holds it, their sessions, the names in them, and
//! what time the server has.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::session::Session;
use domain::wire::account::Me;
use domain::wire::labels::Labels;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::model::{Anchor, mine};
use super::{Field, tablet};
use crate::net;
use crate::words::Words;

const ME: &str = "field.me";
const SESSIONS: &str = "field.sessions";
const NAMES: &str = "field.names";
const LABELS: &str = "field.labels";
const ANCHOR: &str = "field.clock";
const SHARES: &str = "field.shares";
const UNIT: &str = "field.unit";
/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;
/// How often the server's clock is noted, ms.
const NOTE_MS: f64 = 10_000.0;

/// Who held the tablet last.
pub fn known_person() -> Option<Me> {
    serde_json::from_str(&net::recall(ME)?).ok()
}

/// Notes who holds it; what was kept for somebody else is forgotten.
pub fn remember_person(me: &Me) {
    if known_person().is_some_and(|before| before.actor.id != me.actor.id) {
        forget_all();
    }
    net::remember(ME, &serde_json::to_string(me).unwrap_or_default());
}

/// Forgets all that belongs to whoever held it. Taps that wait stay: they are theirs to send.
pub fn forget_all() {
    for key in [ME, SESSIONS, NAMES, LABELS, UNIT] {
        net::forget(key);
    }
}

pub(super) fn shares() -> bool {
    net::recall(SHARES).as_deref() != Some("no")
}

pub(super) fn remember_shares(shares: bool) {
    net::remember(SHARES, if shares { "yes" } else { "no" });
}

/// The unit that this tablet was said to be carried in.
pub(super) fn unit() -> Option<String> {
    net::recall(UNIT).filter(|id| !id.is_empty())
}

pub(super) fn remember_unit(id: Option<&str>) {
    match id {
        Some(id) => net::remember(UNIT, id),
        None => net::forget(UNIT),
    }
}

/// The sessions that were known last, if they were this person's.
pub(super) fn sessions(id: &str) -> Vec<Session> {
    if known_person().is_none_or(|me| me.actor.id != id) {
        return Vec::new();
    }
    let text = net::recall(SESSIONS).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

pub(super) fn names() -> BTreeMap<String, String> {
    let text = net::recall(NAMES).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn anchor() -> Option<Anchor> {
    serde_json::from_str(&net::recall(ANCHOR)?).ok()
}

/// The server's time as far as this tablet knows it, ms since 1970; its own clock's before it ever
/// heard the server.
pub(super) fn server_ms() -> i64 {
    let local = js_sys::Date::now();
    anchor().map_or(local as i64, |anchor| anchor.at(local))
}

/// Passes the time, with or without a link, and notes the server's clock now and then.
pub(super) fn tick(field: Field) {
    let noted = StoredValue::new(0.0_f64);
    let look = move || {
        let told = field.ctx.now.get_untracked();
        let local = js_sys::Date::now();
        if told > 0 && field.is_live() {
            if local - noted.get_value() > NOTE_MS {
                noted.set_value(local);
                let seen = Anchor::seen(anchor(), told, local);
                net::remember(ANCHOR, &serde_json::to_string(&seen).unwrap_or_default());
            }
            field.now.set(told);
        } else if told > 0 {
            field.now.set(told);
        } else {
            field.now.set(server_ms() / 1_000 * 1_000);
        }
    };
    let handle =
        set_interval_with_handle(move || untrack(look), std::time::Duration::from_millis(500));
    if let Ok(handle) = handle {
        on_cleanup(move || handle.clear());
    }
}

/// Follows the mirrored World, asks for names, and keeps both.
pub(super) fn follow(field: Field) {
    labels(field);
    let before = StoredValue::new(None::<(usize, usize)>);
    Effect::new(move |_| {
        let actor = field.actor();
        if !field.ctx.loaded.get() {
            return;
        }
        let now = field.time();
        let found = field.ctx.read(|world| mine(&actor, world.sessions(), now));
        let Some(found) = found else { return };
        if field.sessions.with_untracked(|old| *old == found) {
            return;
        }
        attract(field, &found, before);
        let text = serde_json::to_string(&found).unwrap_or_default();
        net::remember(SESSIONS, &text);
        field.sessions.set(found);
    });
    Effect::new(move |_| {
        let open = field.sessions.with(|all| {
            let mut open = all.iter().filter(|one| one.stage.is_open());
            open.next().is_some()
        });
        tablet::keep_lit(open);
    });
    people(field);
}

/// A new order, or a new message of somebody else, is felt and heard.
fn attract(field: Field, found: &[Session], before: StoredValue<Option<(usize, usize)>>) {
    let me = field.me.with_value(|me| me.actor.id.clone());
    let orders = found.iter().filter(|one| one.ordered_at.is_some());
    let said = found.iter().flat_map(|one| one.messages.iter());
    let now = (orders.count(), said.filter(|one| one.by.id != me).count());
    let old = before.get_value();
    before.set_value(Some(now));
    if old.is_some_and(|old| now.0 > old.0 || now.1 > old.1) {
        tablet::attract();
    }
}

/// The words behind the codes, kept for when nobody answers.
fn labels(field: Field) {
    let put = move |text: &str| {
        if let Ok(labels) = serde_json::from_str::<Labels>(text) {
            field.ctx.words.set(Arc::new(Words::new(labels)));
        }
    };
    if let Some(text) = net::recall(LABELS) {
        put(&text);
    }
    let scope = field.ctx.scope;
    let ask = move || {
        spawn_local(async move {
            loop {
                let answer = net::get(&format!("/api/v1/labels?scope={scope}"), "zh-CN").await;
                if answer.is_good() {
                    net::remember(LABELS, &answer.body);
                    return put(&answer.body);
                }
                net::wait(RETRY_MS).await;
            }
        });
    };
    // A session brings organisations that were not named before.
    let count = Memo::new(move |_| {
        field
            .sessions
            .with(|all| all.iter().map(|s| s.seats.len()).sum::<usize>())
    });
    Effect::new(move |_| {
        let _ = count.get();
        ask();
    });
}

/// The names of those who act in a session.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    names: BTreeMap<String, String>,
}

fn people(field: Field) {
    Effect::new(move |_| {
        let wanted = field.sessions.with(|all| {
            let known = field.names.get_untracked();
            let unknown = |one: &&Session| ids(one).any(|id| !known.contains_key(id));
            let found = all.iter().find(unknown);
            found.map(|one| one.id.to_string())
        });
        let Some(id) = wanted else { return };
        spawn_local(async move {
            let answer = net::get(&format!("/api/v1/sessions/{id}"), "zh-CN").await;
            let Some(named) = answer.json::<Named>() else {
                return;
            };
            field.names.update(|names| names.extend(named.names));
            let text = field.names.with_untracked(serde_json::to_string);
            net::remember(NAMES, &text.unwrap_or_default());
        });
    });
}

fn ids(session: &Session) -> impl Iterator<Item = &String> {
    let said = session.messages.iter();
    let seen = said
        .clone()
        .flat_map(|one| one.acknowledged.iter().map(|seen| &seen.by.id));
    let ids = std::iter::once(&session.commander.id)
        .chain(said.map(|one| &one.by.id))
        .chain(seen);
    ids.filter(|id| !id.is_empty())
}

/// Signs out: what was kept is forgotten first.
pub(super) fn sign_out(field: Field) {
    forget_all();
    let lang = field.lang();
    spawn_local(async move {
        let _ = crate::api::plain::<()>("POST", "/api/v1/sign-out", lang).await;
        net::go("/sign-in");
    });
}
