//! What may be done now: the likeliest as buttons with their keys, the rest behind "more".

use domain::access::Move;
use domain::projection::turn;
use leptos::prelude::*;

use crate::i18n::{case as s, command as k};
use crate::panels::desk::moves::{self, IN_FRONT};
use crate::panels::desk::{Desk, desk};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::t;

/// How often it is looked at what may be done, ms: some of it is a matter of time.
const LOOK_MS: i64 = 5_000;

/// The bar at the foot of the pane.
#[component]
pub fn Actions() -> impl IntoView {
    let desk = desk();
    let offered = Memo::new(move |_| {
        let now = domain::time::Timestamp::from_millis(desk.ctx.now.get() / LOOK_MS * LOOK_MS);
        desk.case
            .with(|case| {
                case.as_ref()
                    .map(|one| moves::offered(&desk.actor(), one, now))
            })
            .unwrap_or_default()
    });
    let failed = Signal::derive(move || desk.work.failed.get());
    view! {
        <footer class="actions-of" data-testid="actions">
            <p class="quiet" data-testid="now-line">{move || now_line(desk)}</p>
            <Refusal failed=failed/>
            {move || desk.work.failed.with(|failed| failed.as_ref().is_some_and(|failed| failed.code == "conflict"))
                .then(|| view! { <p class="quiet">{t(s::CONFLICT)}</p> })}
            <div class="buttons">
                {move || {
                    let all = offered.get();
                    let front = all.iter().take(IN_FRONT).copied().enumerate();
                    let front = front.map(|(nth, one)| view! { <Button one=one is_first=nth == 0/> }).collect_view();
                    let rest: Vec<Move> = all.iter().skip(IN_FRONT).copied().collect();
                    let more = (!rest.is_empty()).then(|| view! { <More rest=rest/> });
                    let room = room_for(desk);
                    view! { {front}{more}{room} }
                }}
            </div>
        </footer>
    }
}

/// The way to a session on this incident, for those who may open one.
fn room_for(desk: Desk) -> Option<impl IntoView> {
    let one = desk.case.get().filter(|one| one.state.is_open())?;
    let to = format!("/command?incident={}", one.id);
    let may = desk.session.can(domain::access::Deed::OpenSession);
    may.then(|| view! { <a class="btn" data-testid="open-session" href=to>{t(k::OPEN_FROM)}</a> })
}

fn now_line(desk: Desk) -> String {
    let tongue = desk.session.tongue;
    let Some(one) = desk.case.get() else {
        return String::new();
    };
    if let Some(owed) = turn::owed(&desk.actor(), &one, desk.now()) {
        return tongue.tf(s::WAITS_FOR, &[("what", tongue.t(moves::name(owed)))]);
    }
    match one.holder().filter(|_| one.state.is_open()) {
        Some(hold) => tongue.tf(
            s::WAITS_ELSEWHERE,
            &[("org", &desk.session.org(hold.org.as_str()))],
        ),
        None => tongue.t(moves::state(one.state)).to_owned(),
    }
}

#[component]
fn Button(one: Move, is_first: bool) -> impl IntoView {
    let desk = desk();
    view! {
        <button type="button" class="btn" class:primary=is_first data-testid=format!("do-{}", one.name())
            aria-keyshortcuts=moves::key(one) disabled=move || desk.work.busy.get() on:click=move |_| desk.begin(one, None)>
            {t(moves::name(one))}{moves::key(one).map(|key| view! { <kbd aria-hidden="true">{key.to_uppercase()}</kbd> })}
        </button>
    }
}

#[component]
fn More(rest: Vec<Move>) -> impl IntoView {
    let desk = desk();
    let rest = StoredValue::new(rest);
    let item = move |one: Move| view! { <Button one=one is_first=false/> };
    view! {
        <div class="pulldown">
            <button type="button" class="btn" data-testid="more" aria-expanded=move || desk.more.get().to_string() aria-keyshortcuts="."
                on:click=move |_| desk.more.update(|more| *more = !*more)><Glyph icon=Icon::More/>{t(s::MORE)}<kbd aria-hidden="true">"."</kbd></button>
            {move || desk.more.get().then(|| view! {
                <div class="menu" data-testid="more-menu">{rest.get_value().into_iter().map(item).collect_view()}</div>
            })}
        </div>
    }
}
