//! The queue: its tabs with counts, its rows, and what a search found in their place.

use std::sync::Arc;

use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::lamp::Lamp;
use domain::projection::turn;
use domain::time::Timestamp;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::context::lamp_name;
use crate::i18n::{Text, case as s, catalogue as c, fill, format};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Blank, Refusal};
use crate::ui::tongue::t;

use super::export::Export;
use super::queue_model::{DRAWN, View, row};
use super::search::Found;
use super::{Desk, desk, report};

/// The pane at the left.
#[component]
pub fn QueuePane() -> impl IntoView {
    let desk = desk();
    let query = desk.here.chosen("q");
    let is_searching = Memo::new(move |_| !query.get().trim().is_empty());
    view! {
        <section class="queue" class:stale=move || desk.ctx.stale.get().is_some() aria-label=t(s::QUEUE)>
            <Tabs/>
            {move || if is_searching.get() {
                view! { <FoundList/> }.into_any()
            } else {
                view! { <List/> }.into_any()
            }}
            <footer>
                {report::may_begin(desk).then(|| view! {
                    <button type="button" class="btn primary" data-testid="report-call" on:click=move |_| desk.write(true)>
                        <Glyph icon=Icon::Phone/>{t(s::REPORT_CALL)}<kbd>"N"</kbd>
                    </button>
                })}
                <button type="button" class="btn" data-testid="keys" on:click=move |_| desk.help.set(true)>
                    <Glyph icon=Icon::Keyboard/>{t(s::HELP)}<kbd>"?"</kbd>
                </button>
                {desk.session.can(domain::access::Deed::Export).then(|| view! { <Export/> })}
            </footer>
        </section>
    }
}

#[component]
fn Tabs() -> impl IntoView {
    let desk = desk();
    let counts = Memo::new(move |_| {
        desk.queue
            .with(|queue| View::ALL.map(|view| queue.count(view)))
    });
    let names = [s::TURN, s::RED, s::AMBER, s::OPEN];
    let query = desk.here.chosen("q");
    let tab = move |nth: usize| {
        let view = View::ALL[nth];
        let is_on = move || desk.view() == view && query.get().is_empty();
        view! {
            <button type="button" data-testid=format!("view-{}", view.name()) data-view=view.name()
                aria-pressed=move || is_on().to_string() on:click=move |_| desk.look_at(view)>
                {t(names[nth])}<b class="num">{move || format::count(counts.get()[nth] as u64)}</b>
            </button>
        }
    };
    view! { <div class="tabs" role="group" aria-label=t(s::QUEUE)>{(0..4).map(tab).collect_view()}</div> }
}

/// What an empty list says: that it is empty, and why.
const fn empty(view: View) -> (Text, Text) {
    match view {
        View::Turn => (s::NONE_TURN, s::NONE_TURN_WHY),
        View::Red => (s::NONE_RED, s::NONE_RED_WHY),
        View::Amber => (s::NONE_AMBER, s::NONE_AMBER_WHY),
        View::All => (s::NONE_ALL, s::NONE_ALL_WHY),
    }
}

#[component]
fn List() -> impl IntoView {
    let desk = desk();
    let rows = Memo::new(move |_| {
        let view = desk.view();
        desk.queue.with(|queue| queue.list(view))
    });
    let beyond = move || {
        let view = desk.view();
        desk.queue
            .with(|queue| queue.count(view))
            .saturating_sub(DRAWN)
    };
    view! {
        <div class="list" data-testid="queue" data-view=move || desk.view().name()>
            {move || (rows.with(Vec::is_empty)).then(|| {
                if !desk.ctx.loaded.get() {
                    return view! { <div class="blank">{t(c::LOADING)}</div> }.into_any();
                }
                let (title, why) = empty(desk.view());
                view! { <Blank icon=Icon::Check title=title why=why/> }.into_any()
            })}
            <For each=move || rows.get() key=|entry| entry.id let:entry>
                <Row id=entry.id/>
            </For>
            {move || (beyond() > 0).then(|| view! {
                <p class="more">{desk.session.tongue.tf(s::MORE_BELOW, &[("n", &beyond().to_string())])}</p>
            })}
        </div>
    }
}

#[component]
fn Row(id: IncidentId) -> impl IntoView {
    let desk = desk();
    let one = Memo::new(move |_| desk.incident(id));
    move || one.get().map(|one| view! { <RowOf one=one/> })
}

#[component]
fn RowOf(one: Arc<Incident>) -> impl IntoView {
    let desk = desk();
    let id = one.id;
    let lamp = {
        let one = Arc::clone(&one);
        Memo::new(move |_| one.lamp(desk.now()))
    };
    let actor = desk.actor();
    let words = Memo::new(move |_| {
        let minute = desk.ctx.now.get() / 60_000 * 60_000;
        let lang = desk.session.tongue.0.get();
        let owed = turn::owed(&actor, &one, Timestamp::from_millis(minute));
        desk.ctx
            .words
            .with(|words| row(&one, owed, words, lang, minute, desk.ctx.scope))
    });
    let is_chosen = Memo::new(move |_| desk.chosen.get() == Some(id));
    let part = move |of: fn(&super::queue_model::Row) -> &String| {
        move || words.with(|row| of(row).clone())
    };
    view! {
        <button type="button" class="case" data-testid="case-row" data-id=id.to_string() data-lamp=move || lamp_name(lamp.get())
            aria-current=move || is_chosen.get().then_some("true") on:click=move |_| desk.show(id)>
            <span class="lamp" data-lamp=move || lamp_name(lamp.get())></span>
            <span class="t clip">{part(|row| &row.title)}</span>
            <span class="time num" data-lamp=move || lamp_name(lamp.get())>
                <span class="sr">{move || lamp_words(desk, lamp.get())}</span>{part(|row| &row.time)}
            </span>
            <span class="w clip">{part(|row| &row.place)}</span>
            <span class="s clip">{part(|row| &row.state)}</span>
        </button>
    }
}

fn lamp_words(desk: Desk, lamp: Lamp) -> String {
    let text = match lamp {
        Lamp::Red | Lamp::DeepRed => s::RED,
        Lamp::Amber => s::AMBER,
        Lamp::Green | Lamp::Off => return String::new(),
    };
    format!("{} ", desk.session.tongue.t(text))
}

#[component]
fn FoundList() -> impl IntoView {
    let desk = desk();
    let found = expect_context::<Found>();
    let tongue = desk.session.tongue;
    view! {
        <div class="list" data-testid="found" aria-live="polite">
            <p class="head">{t(s::SEARCH_RESULTS)}</p>
            <Refusal failed=found.failed/>
            {move || match found.items.get() {
                None if found.failed.with(Option::is_none) => view! { <div class="blank">{t(s::SEARCHING)}</div> }.into_any(),
                None => ().into_any(),
                Some(items) if items.is_empty() => view! { <Blank icon=Icon::Search title=s::SEARCH_NONE why=s::SEARCH_NONE_WHY/> }.into_any(),
                Some(items) => items.into_iter().map(|one| view! { <RowOf one=one/> }).collect_view().into_any(),
            }}
            {move || found.more.get().then(|| {
                let n = fill(tongue.t(s::MORE_BELOW), &[("n", "…")]);
                view! { <p class="more">{n}</p> }
            })}
        </div>
    }
}

/// Goes up or down the list that is shown.
pub fn step(desk: Desk, by: isize) {
    let shown = shown(desk);
    let at = desk.chosen.get_untracked();
    let at = at.and_then(|id| shown.iter().position(|one| *one == id));
    let last = isize::try_from(shown.len()).unwrap_or(0) - 1;
    if last < 0 {
        return;
    }
    let next = match at {
        Some(at) => (isize::try_from(at).unwrap_or(0) + by).clamp(0, last),
        None if by > 0 => 0,
        None => last,
    };
    let id = shown[usize::try_from(next).unwrap_or(0)];
    desk.show(id);
    request_animation_frame(move || into_view(id));
}

/// The incidents of the list that is shown, as they stand below one another.
fn shown(desk: Desk) -> Vec<IncidentId> {
    let all = document().query_selector_all("[data-testid=case-row]").ok();
    let Some(all) = all else { return Vec::new() };
    let _ = desk;
    (0..all.length())
        .filter_map(|nth| all.item(nth)?.dyn_into::<web_sys::Element>().ok())
        .filter_map(|row| row.get_attribute("data-id")?.parse().ok())
        .collect()
}

fn into_view(id: IncidentId) {
    let row = document().query_selector(&format!("[data-testid=case-row][data-id=\"{id}\"]"));
    if let Some(row) = row.ok().flatten() {
        row.scroll_into_view_with_bool(false);
    }
}
