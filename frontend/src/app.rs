//! Starts a family of screens in the page: the language, the tab's title, and the screen that the
//! address asks for. Which screens a family has is its own program's (`bin/`); what a screen does
//! is `screens`'.

use leptos::prelude::*;

use crate::i18n::{Lang, Text, catalogue as c};
use crate::net;
use crate::screens::start::Refused;
use crate::ui::icon::Icon;
use crate::ui::tongue::{LANG_KEY, Tongue};

/// A screen of a family.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Its path, without a trailing slash; what lies below is the screen's too.
    pub at: &'static str,
    /// What the browser's tab says besides the app's name.
    pub title: Option<Text>,
    /// What it shows.
    pub view: fn() -> AnyView,
}

impl Screen {
    /// Whether this screen answers `path`.
    fn answers(&self, path: &str) -> bool {
        path.strip_prefix(self.at).is_some_and(|below| {
            below.is_empty() || (!self.at.is_empty() && below.starts_with('/'))
        })
    }
}

/// Mounts the family in the page.
pub fn start(screens: &'static [Screen]) {
    console_error_panic_hook::set_once();
    mount_to_body(move || view! { <App screens=screens/> });
}

#[component]
fn App(screens: &'static [Screen]) -> impl IntoView {
    let lang = RwSignal::new(chosen_language());
    provide_context(Tongue(lang));
    let path = net::path();
    let screen = screens.iter().find(|screen| screen.answers(&path));
    let title = screen.and_then(|screen| screen.title);
    Effect::new(move |_| {
        let lang = lang.get();
        let app = lang.of(c::APP);
        let title = title.map_or_else(|| app.to_owned(), |own| format!("{} · {app}", lang.of(own)));
        document().set_title(&title);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", lang.tag());
        }
    });
    match screen {
        Some(screen) => (screen.view)(),
        None => view! {
            <Refused lang=lang icon=Icon::Map title=c::NOT_HERE why=c::NOT_HERE_WHY testid="not-here"/>
        }
        .into_any(),
    }
}

/// The language of the address, or the one chosen before, or Chinese.
fn chosen_language() -> Lang {
    net::query("lang")
        .or_else(|| net::recall(LANG_KEY))
        .and_then(|tag| Lang::parse(&tag))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_answers_its_path_and_what_lies_below() {
        let at = |at| Screen {
            at,
            title: None,
            view: || ().into_any(),
        };
        assert!(at("/admin").answers("/admin"));
        assert!(at("/admin").answers("/admin/people"));
        assert!(!at("/admin").answers("/administer"));
        assert!(!at("/admin").answers("/wall"));
        assert!(at("").answers(""));
        assert!(!at("").answers("/wall"));
    }
}
