//! Light or dark: as the reader chose, or as their machine says.

use leptos::prelude::*;

use crate::i18n::case as s;
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::tongue;

/// Where the choice is remembered.
const KEY: &str = "theme";

/// Whether the desk is dark; provided to whatever draws with the page's colours itself.
#[derive(Clone, Copy)]
pub struct Dark(pub RwSignal<bool>);

/// Takes up what was chosen before and provides it.
pub fn provide() -> Dark {
    let chosen = net::recall(KEY).map(|name| name == "dark");
    let machine = || {
        let query = window().match_media("(prefers-color-scheme: dark)");
        query.ok().flatten().is_some_and(|query| query.matches())
    };
    let dark = Dark(RwSignal::new(chosen.unwrap_or_else(machine)));
    // At once, not in an effect: what draws with the page's colours reads them right after.
    mark(dark.0.get_untracked());
    provide_context(dark);
    dark
}

fn mark(dark: bool) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}

/// Switches and remembers.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let tongue = tongue();
    let dark = expect_context::<Dark>();
    let words = move || {
        tongue.t(if dark.0.get() {
            s::TO_LIGHT
        } else {
            s::TO_DARK
        })
    };
    let icon = Signal::derive(move || if dark.0.get() { Icon::Sun } else { Icon::Moon });
    let switch = move |_| {
        let to = !dark.0.get_untracked();
        mark(to);
        net::remember(KEY, if to { "dark" } else { "light" });
        dark.0.set(to);
    };
    view! {
        <button type="button" class="btn quiet icon-only" data-testid="theme" aria-label=words title=words on:click=switch>
            <Glyph icon=icon/>
        </button>
    }
}
