//! The time line: how dense the record is, what stands out in it, and where one is.

use leptos::prelude::*;

use super::model::{kind_name, marks, outline, percent, share, window};
use super::{Replay, replay};
use crate::i18n::{format, replay as k};

/// The time line of the stretch that holds the time shown.
#[component]
pub fn Scrubber() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let shown = Memo::new(move |_| window(replay.at.get(), replay.hours.get()));
    // What a hand that drags points at, ms since 1970.
    let dragged = RwSignal::new(None::<i64>);
    let second = move || dragged.get().unwrap_or_else(|| replay.at.get()) / 1_000;
    let value = move || second() - shown.get().0 / 1_000;
    let length = move || {
        let (from, to) = shown.get();
        (to - from) / 1_000
    };
    let of = move |ev: &web_sys::Event| {
        let secs: i64 = event_target_value(ev).parse().unwrap_or_default();
        shown.get_untracked().0 + secs * 1_000
    };
    let density = Memo::new(move |_| replay.overview.with(|one| outline(&one.density)));
    let found = Memo::new(move |_| replay.overview.with(|one| marks(&one.items, shown.get())));
    view! {
        <div class="scrubber" data-testid="scrubber">
            <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path d=move || density.get()/></svg>
            <div class="unknown" aria-hidden="true" style:left=move || percent(known_until(replay, shown.get()))></div>
            <div class="marks" aria-hidden="true">
                {move || found.get().into_iter().map(|mark| view! {
                    <i data-kind=mark.kind data-drill=mark.drill.to_string() data-count=mark.count.to_string()
                        style:left=percent(mark.at)></i>
                }).collect_view()}
            </div>
            <Ticks/>
            <div class="needle" aria-hidden="true" style:left=move || percent(share(second() * 1_000, shown.get()))>
                <b class="num">{move || format::time(second() * 1_000)}</b>
            </div>
            <input type="range" min="0" max=move || length().to_string() step="1" prop:value=move || value().to_string()
                aria-label=move || ctx.t(k::SCRUB) aria-valuetext=move || format::stamp(second() * 1_000) data-testid="scrub"
                on:input=move |ev| dragged.set(Some(of(&ev)))
                on:change=move |ev| { dragged.set(None); replay.seek(of(&ev)); }/>
        </div>
    }
}

/// Where the record ends within a stretch, in thousandths.
fn known_until(replay: Replay, shown: (i64, i64)) -> i64 {
    let now = replay.overview.with(|one| one.now);
    now.map_or(1_000, |now| share(now.millis(), shown))
}

/// The hours below the line.
#[component]
fn Ticks() -> impl IntoView {
    const PARTS: i64 = 12;
    let replay = replay();
    let texts = Memo::new(move |_| {
        let (from, to) = window(replay.at.get(), replay.hours.get());
        let part = (to - from) / PARTS;
        (0..PARTS)
            .map(|n| format::minute(from + n * part))
            .collect::<Vec<_>>()
    });
    view! {
        <div class="ticks num" aria-hidden="true">
            {move || texts.get().into_iter().map(|text| view! { <span>{text}</span> }).collect_view()}
        </div>
    }
}

/// What stands out, by kind, with its sign.
#[component]
pub fn Legend() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let count = move |kind: &str| {
        replay
            .overview
            .with(|one| one.items.iter().filter(|item| item.kind == kind).count())
    };
    let item = move |kind: &'static str| {
        view! {
            <span><i class="sign" data-kind=kind></i>{move || ctx.t(kind_name(kind))}" "<b class="num">{move || count(kind)}</b></span>
        }
    };
    let events = move || {
        replay
            .overview
            .with(|one| one.density.iter().map(|n| u64::from(*n)).sum::<u64>())
    };
    view! {
        <div class="legend-line">
            {item("red")}{item("session")}{item("order")}{item("ended")}
            <span class="quiet">{move || ctx.tf(k::EVENTS, &[("n", &format::count(events()))])}</span>
        </div>
    }
}
