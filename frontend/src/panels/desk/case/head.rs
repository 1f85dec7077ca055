//! What an incident is, in a glance: lamp, number, title, level, state, holder, and its five clocks.

use std::sync::Arc;

use domain::incident::Incident;
use domain::incident::clock::{Clock, ClockKind};
use domain::lamp::{Lamp, of_clock};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::context::lamp_name;
use crate::i18n::{Lang, Text, case as s, format};
use crate::panels::desk::queue_model::{precise, short, title};
use crate::panels::desk::{Desk, desk, moves};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;
use crate::words;

/// The clocks in the order in which they run.
const CLOCKS: [(ClockKind, Text); 5] = [
    (ClockKind::Accept, s::CLOCK_ACCEPT),
    (ClockKind::Sign, s::CLOCK_SIGN),
    (ClockKind::FirstAction, s::CLOCK_FIRST),
    (ClockKind::Finish, s::CLOCK_FINISH),
    (ClockKind::Confirm, s::CLOCK_CONFIRM),
];

/// The name of a clock.
pub fn clock_name(kind: ClockKind) -> Text {
    let found = CLOCKS.into_iter().find(|(one, _)| *one == kind);
    found.map_or(s::CLOCK_FINISH, |(_, name)| name)
}

/// The head of the pane.
#[component]
pub fn Head() -> impl IntoView {
    let desk = desk();
    move || {
        let one = desk.case.get()?;
        Some(view! { <HeadOf one=one/> })
    }
}

#[component]
fn HeadOf(one: Arc<Incident>) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let id = one.id;
    let is_kept = Memo::new(move |_| desk.tabs().contains(&id));
    let lamp_of = Arc::clone(&one);
    let lamp = Memo::new(move |_| lamp_of.lamp(desk.now()));
    let told_of = Arc::clone(&one);
    let told = move || lamp_words(desk, &told_of, lamp.get());
    let titled = Arc::clone(&one);
    let name = move || {
        desk.ctx
            .words
            .with(|words| title(&titled, words, tongue.0.get()))
    };
    let chips_of = Arc::clone(&one);
    let source = one.source.clone();
    let label = one.label();
    view! {
        <header class="case-head">
            <p class="line">
                <span class="lamp" data-lamp=move || lamp_name(lamp.get())></span>
                <b class="told-lamp num" data-lamp=move || lamp_name(lamp.get()) data-testid="case-lamp">{told}</b>
                <span class="num quiet" data-testid="case-number">{label}</span>
                <span class="space"></span>
                <span class="quiet">{move || words::source(tongue.0.get(), &source)}</span>
                <button type="button" class="btn quiet icon-only" data-testid="keep" aria-pressed=move || is_kept.get().to_string()
                    aria-label=t(s::KEEP_OPEN) title=t(s::KEEP_OPEN) on:click=move |_| desk.keep(id, !is_kept.get_untracked())>
                    <Glyph icon=Icon::Keep/>
                </button>
            </p>
            <h2 data-testid="case-title">{name}</h2>
            <p class="chips">{move || chips(desk, &chips_of).into_iter().map(|chip| view! { <span class="chip">{chip}</span> }).collect_view()}</p>
            <dl class="clocks">{CLOCKS.map(|(kind, name)| view! { <ClockCell one=Arc::clone(&one) kind=kind name=name/> }).collect_view()}</dl>
        </header>
    }
}

fn lamp_words(desk: Desk, one: &Incident, lamp: Lamp) -> String {
    let tongue = desk.session.tongue;
    let Some(clock) = one.next_due().filter(|_| one.state.is_open()) else {
        return tongue.t(moves::state(one.state)).to_owned();
    };
    let left = clock.due.millis() - desk.ctx.now.get();
    let text = if lamp.is_red() { s::LATE_BY } else { s::LEFT };
    tongue.tf(text, &[("t", &precise(tongue.0.get(), left.abs()))])
}

fn chips(desk: Desk, one: &Incident) -> Vec<String> {
    let tongue = desk.session.tongue;
    let lang = tongue.0.get();
    let mut chips = Vec::new();
    match (one.severity, one.claimed) {
        (Some(level), _) => chips.push(tongue.tf(s::LEVEL, &[("n", level.roman())])),
        (None, Some(level)) => chips.push(tongue.tf(s::LEVEL_CLAIMED, &[("n", level.roman())])),
        (None, None) => {}
    }
    let category = desk.ctx.words.with(|words| {
        let name = words.category(lang, one.category?)?;
        Some(name.to_owned())
    });
    chips.push(category.unwrap_or_else(|| tongue.t(s::NO_CATEGORY).to_owned()));
    chips.push(tongue.t(moves::state(one.state)).to_owned());
    if let Some(hold) = one.holder() {
        let org = hold.org.to_string();
        chips.push(
            desk.ctx
                .words
                .with(|words| words.org(lang, &org, one.region).to_owned()),
        );
    }
    for (holds, name) in [
        (one.sensitive, s::SENSITIVE),
        (one.binding, s::BINDING),
        (one.special_report, s::SPECIAL),
    ] {
        if holds {
            chips.push(tongue.t(name).to_owned());
        }
    }
    chips
}

#[component]
fn ClockCell(one: Arc<Incident>, kind: ClockKind, name: Text) -> impl IntoView {
    let desk = desk();
    let clock = one.clock(kind).cloned();
    let is_open = one.state.is_open();
    let lamp = {
        let clock = clock.clone();
        move || match &clock {
            Some(clock) if is_open => of_clock(clock, desk.now()),
            _ => Lamp::Off,
        }
    };
    let told = {
        let clock = clock.clone();
        move || {
            clock.as_ref().map_or_else(
                || "—".to_owned(),
                |clock| told(clock, desk.session.tongue.0.get(), desk.now()),
            )
        }
    };
    let note = {
        let clock = clock.clone();
        move || clock.as_ref().map(|clock| note(desk, clock))
    };
    let runs = clock.as_ref().is_some_and(|clock| clock.runs() && is_open);
    let stamp = clock.as_ref().map(|clock| crate::session::stamp(clock.due));
    view! {
        <div data-clock=lamp_kind(kind) class:runs=runs title=stamp>
            <dt>{t(name)}</dt>
            <dd class="num" data-lamp=move || lamp_name(lamp())>{told}</dd>
            <dd class="quiet">{note}</dd>
        </div>
    }
}

/// How much is left of a clock that runs, or how long it took.
fn told(clock: &Clock, lang: Lang, now: Timestamp) -> String {
    if let Some(stopped) = clock.stopped {
        let late = clock.late_secs(now);
        return if late > 0 {
            short(lang, -late * 1_000)
        } else {
            format::span(lang, clock.ran(clock.start, stopped).millis())
        };
    }
    let at = clock.paused.unwrap_or(now);
    short(lang, clock.due.millis() - at.millis())
}

fn note(desk: Desk, clock: &Clock) -> String {
    let tongue = desk.session.tongue;
    if clock.stopped.is_some() {
        return tongue.t(s::CLOCK_DONE).to_owned();
    }
    if clock.paused.is_some() {
        return tongue.t(s::CLOCK_PAUSED).to_owned();
    }
    let (due, now) = (
        crate::session::stamp(clock.due),
        format::stamp(desk.ctx.now.get()),
    );
    // The hour where it is today, else the day: a narrow pane has no room for both.
    let is_today = due.get(..10) == now.get(..10);
    let short = if is_today {
        due.get(11..)
    } else {
        due.get(5..10)
    };
    let short = short.unwrap_or_default().to_owned();
    if clock.provisional {
        format!("{short}?")
    } else {
        short
    }
}

fn lamp_kind(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Accept => "accept",
        ClockKind::Sign => "sign",
        ClockKind::FirstAction => "first_action",
        ClockKind::Finish => "finish",
        ClockKind::Confirm => "confirm",
    }
}
