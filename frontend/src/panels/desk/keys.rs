//! The desk by keyboard: what a key means where no field has the focus.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::queue_model::View;
use super::{Desk, moves, queue};

/// Listens to the page's keys for as long as the desk stands.
pub fn listen(desk: Desk) {
    let handle = window_event_listener(leptos::ev::keydown, move |ev| {
        if !ev.default_prevented() && take(desk, &ev) {
            ev.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Does what a key means; whether it meant anything.
fn take(desk: Desk, ev: &KeyboardEvent) -> bool {
    if ev.key() == "Escape" {
        return fold_up(desk);
    }
    if ev.ctrl_key() || ev.meta_key() || ev.alt_key() || is_typing(ev) || is_dialog_open() {
        return false;
    }
    match ev.key().as_str() {
        "j" => queue::step(desk, 1),
        "k" => queue::step(desk, -1),
        "/" => focus("#desk-search"),
        "?" => desk.help.set(true),
        "n" => return super::report::begin(desk),
        "." => desk.more.update(|more| *more = !*more),
        "u" => desk.take_back(),
        "[" => turn(desk, -1),
        "]" => turn(desk, 1),
        "+" | "=" => keep(desk, true),
        "q" => keep(desk, false),
        one @ ("1" | "2" | "3" | "4") => {
            let nth = one.parse::<usize>().unwrap_or(1) - 1;
            desk.look_at(View::ALL[nth]);
        }
        other => return act(desk, other),
    }
    true
}

/// A key of a move that may be made now.
fn act(desk: Desk, key: &str) -> bool {
    let Some(incident) = desk
        .case
        .get_untracked()
        .filter(|_| !untrack(|| desk.is_writing()))
    else {
        return false;
    };
    let now = untrack(|| desk.now());
    let offered = moves::offered(&desk.actor(), &incident, now);
    let found = offered
        .into_iter()
        .find(|one| moves::key(*one) == Some(key));
    found.map(|one| desk.begin(one, None)).is_some()
}

/// Closes what stands in front: a form, a menu, a report, a search.
fn fold_up(desk: Desk) -> bool {
    if is_dialog_open() {
        return false;
    }
    if desk.more.get_untracked() {
        desk.more.set(false);
    } else if desk.wish.with_untracked(Option::is_some) {
        desk.wish.set(None);
        desk.work.forget();
        leave_field();
    } else if untrack(|| desk.is_writing()) {
        desk.write(false);
    } else if desk
        .here
        .0
        .with_untracked(|place| !place.get("q").is_empty())
    {
        desk.here.set("q", "");
    } else {
        desk.told.set(None);
        leave_field();
    }
    true
}

fn keep(desk: Desk, is_kept: bool) {
    if let Some(id) = desk.chosen.get_untracked() {
        desk.keep(id, is_kept);
    }
}

/// Goes to the tab beside.
fn turn(desk: Desk, by: isize) {
    let tabs = untrack(|| desk.tabs());
    let at = desk.chosen.get_untracked();
    let at = at.and_then(|id| tabs.iter().position(|tab| *tab == id));
    let count = isize::try_from(tabs.len()).unwrap_or(0);
    if count > 0 {
        let next = at.map_or(0, |at| {
            (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count)
        });
        desk.show(tabs[usize::try_from(next).unwrap_or(0)]);
    }
}

/// Puts the focus on what a selector finds.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// Gives the focus back to the page.
pub fn leave_field() {
    let active = document().active_element();
    if let Some(active) = active.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = active.blur();
    }
}

fn is_typing(ev: &KeyboardEvent) -> bool {
    let target = ev
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|el| matches!(el.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

fn is_dialog_open() -> bool {
    document()
        .query_selector("dialog[open]")
        .ok()
        .flatten()
        .is_some()
}
