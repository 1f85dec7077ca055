//! Day or night: by the machine and the hour, or as the holder chose.

use leptos::prelude::*;

use super::field;
use crate::i18n::{Text, field as f, format};
use crate::net;
use crate::ui::icon::{Glyph, Icon};

/// Where the choice is remembered.
const KEY: &str = "field.theme";
/// The hours of daylight.
const DAY: std::ops::Range<usize> = 6..18;

/// What was chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Choice {
    Auto,
    Day,
    Night,
}

impl Choice {
    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Day => "day",
            Self::Night => "night",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Auto => Self::Day,
            Self::Day => Self::Night,
            Self::Night => Self::Auto,
        }
    }

    fn words(self) -> Text {
        match self {
            Self::Auto => f::THEME_AUTO,
            Self::Day => f::THEME_DAY,
            Self::Night => f::THEME_NIGHT,
        }
    }
}

/// Whether the tablet is dark, and what was chosen.
#[derive(Clone, Copy)]
pub struct Theme {
    choice: RwSignal<Choice>,
    /// Whether it is dark now.
    pub dark: Memo<bool>,
}

/// Takes up what was chosen before and provides it.
pub fn provide(now: RwSignal<i64>) -> Theme {
    let choice = match net::recall(KEY).as_deref() {
        Some("day") => Choice::Day,
        Some("night") => Choice::Night,
        _ => Choice::Auto,
    };
    let choice = RwSignal::new(choice);
    let machine = || {
        let query = window().match_media("(prefers-color-scheme: dark)");
        query.ok().flatten().is_some_and(|query| query.matches())
    };
    let hour = Memo::new(move |_| format::hour(now.get()));
    let dark = Memo::new(move |_| match choice.get() {
        Choice::Auto => machine() || !DAY.contains(&hour.get()),
        Choice::Day => false,
        Choice::Night => true,
    });
    // At once, not in an effect: what draws with the page's colours reads them right after.
    mark(dark.get_untracked());
    Effect::new(move |_| mark(dark.get()));
    let theme = Theme { choice, dark };
    provide_context(theme);
    theme
}

fn mark(dark: bool) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}

/// Goes from one choice to the next and remembers it.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let field = field();
    let theme = expect_context::<Theme>();
    let words = move || field.t(theme.choice.get().words());
    let icon = Signal::derive(move || match theme.choice.get() {
        Choice::Auto => Icon::SunMoon,
        Choice::Day => Icon::Sun,
        Choice::Night => Icon::Moon,
    });
    let switch = move |_| {
        theme.choice.update(|choice| *choice = choice.next());
        net::remember(KEY, theme.choice.get_untracked().name());
    };
    view! {
        <button type="button" class="head-button" data-testid="theme" data-choice=move || theme.choice.get().name()
            aria-label=words title=words on:click=switch><Glyph icon=icon/></button>
    }
}
