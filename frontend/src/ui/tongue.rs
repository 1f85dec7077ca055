//! The language of desk-like screens, for every component below.

use leptos::prelude::*;

use crate::i18n::{Lang, Text, desk as d, fill};
use crate::net;
use crate::ui::icon::{Glyph, Icon};

/// Where the language is remembered.
pub const LANG_KEY: &str = "lang";

/// A handle to the language. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Tongue(pub RwSignal<Lang>);

impl Tongue {
    /// The language now.
    pub fn lang(self) -> Lang {
        self.0.get_untracked()
    }

    /// A sentence in the language of the moment.
    pub fn t(self, text: Text) -> &'static str {
        self.0.get().of(text)
    }

    /// A sentence with its places filled.
    pub fn tf(self, text: Text, values: &[(&str, &str)]) -> String {
        fill(self.t(text), values)
    }
}

/// The language of the screen this component stands in.
pub fn tongue() -> Tongue {
    expect_context::<Tongue>()
}

/// A sentence that follows the language.
pub fn t(text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let tongue = tongue();
    move || tongue.t(text)
}

/// Switches the language and remembers it.
#[component]
pub fn LangButton() -> impl IntoView {
    let tongue = tongue();
    let switch = move |_| {
        tongue.0.update(|lang| *lang = lang.other());
        net::remember(LANG_KEY, tongue.lang().tag());
    };
    view! {
        <button type="button" class="btn quiet" data-testid="lang-switch" on:click=switch>
            <Glyph icon=Icon::Languages/>{t(crate::i18n::catalogue::OTHER_LANG)}
        </button>
    }
}

/// The word for yes or no.
pub fn yes_or_no(tongue: Tongue, yes: bool) -> &'static str {
    tongue.t(if yes { d::YES } else { d::NO })
}
