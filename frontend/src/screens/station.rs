//! What the desk and the command room have in common: what stands in their bar, and the word that
//! what they show is old.

use leptos::prelude::*;

use crate::context::{LinkView, context};
use crate::i18n::{case as s, format};
use crate::panels::desk::theme::ThemeButton;
use crate::panels::top::link_words;
use crate::screens::shell::ModePill;

/// The mode, the link, what the screen adds, and the clock.
#[component]
pub fn StationTools(
    /// What stands beside the link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let ctx = context();
    let time = move || match ctx.now.get() {
        0 => String::new(),
        now => format::time(now),
    };
    view! {
        <ModePill/>
        <span class="pill net" role="status" data-testid="link-state" data-state=move || ctx.link.get().name()>
            {move || link_words(ctx)}
        </span>
        {children.map(|beside| beside())}
        <span class="space"></span>
        <span class="clock num" data-testid="clock">{time}</span>
        <ThemeButton/>
    }
}

/// Since when what is shown is old, while it is.
#[component]
pub fn StaleLine() -> impl IntoView {
    let ctx = context();
    let stale = move || {
        let since = ctx.stale.get().filter(|since| *since > 0)?;
        let is_lost = ctx.link.get() != LinkView::Live;
        is_lost.then(|| ctx.tf(s::STALE, &[("t", &format::time(since))]))
    };
    move || stale().map(|text| view! { <p class="stale-line" role="alert">{text}</p> })
}
