//! The frame every tile of a screen stands in: title, what stands beside it, and its own age.

use leptos::prelude::*;

use crate::context::context;
use crate::i18n::{Text, catalogue as c, format};

/// A titled tile. When its data may no longer be true it turns grey and says since when.
#[component]
pub fn Panel(
    /// The sheet's class for this panel.
    class: &'static str,
    /// Its title.
    title: Text,
    /// What stands at the right of the title.
    #[prop(into, optional)]
    aside: Signal<String>,
    /// The hook for checks.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Buttons of the header.
    #[prop(optional)]
    tools: Option<AnyView>,
    /// The body.
    children: Children,
) -> impl IntoView {
    let ctx = context();
    let age = move || {
        let since = ctx.stale.get().filter(|since| *since > 0)?;
        Some(ctx.tf(c::STALE_SINCE, &[("t", &format::time(since))]))
    };
    view! {
        <section
            class=format!("panel {class}")
            class:stale=move || ctx.stale.get().is_some()
            data-testid=testid
            aria-label=move || ctx.t(title)
        >
            <header>
                <h2>{move || ctx.t(title)}</h2>
                <span class="aside num clip">{move || aside.get()}</span>
                {move || age().map(|age| view! { <span class="age num">{age}</span> })}
                {tools}
            </header>
            <div class="body">{children()}</div>
        </section>
    }
}

/// What an empty list says: that it is empty, and why.
#[component]
pub fn Empty(
    /// That it is empty.
    text: Text,
    /// Why, or what to do.
    #[prop(optional)]
    why: Option<Text>,
) -> impl IntoView {
    let ctx = context();
    view! {
        <div class="empty">
            <b>{move || ctx.t(if ctx.loaded.get() { text } else { c::LOADING })}</b>
            {move || why.filter(|_| ctx.loaded.get()).map(|why| view! { <span>{ctx.t(why)}</span> })}
        </div>
    }
}
