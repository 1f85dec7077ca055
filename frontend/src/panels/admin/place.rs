//! Where one is in a screen that one works at: the section and what is searched or chosen in it.
//! The address bar holds it, and the browser's back button returns.

use std::collections::BTreeMap;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::api;
use crate::net;

/// The path of the administration.
const ADMIN: &str = "/admin";

/// A place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The path everything stands below.
    root: &'static str,
    /// The section's name; empty for the first one.
    pub section: String,
    /// What is searched or chosen.
    pub chosen: BTreeMap<String, String>,
}

impl Place {
    /// A section as it is on entering.
    pub fn of(section: &str) -> Self {
        Self {
            root: ADMIN,
            section: section.to_owned(),
            chosen: BTreeMap::new(),
        }
    }

    /// The same with one thing chosen; an empty value takes the choice back.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if value.is_empty() {
            self.chosen.remove(name);
        } else {
            self.chosen.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// What is chosen under a name; empty if nothing is.
    pub fn get(&self, name: &str) -> String {
        self.chosen.get(name).cloned().unwrap_or_default()
    }

    /// Reads a path and its query.
    fn read(root: &'static str, path: &str, search: &str) -> Self {
        let section = path.strip_prefix(root).unwrap_or_default();
        let section = section.trim_matches('/').to_owned();
        let mut chosen = BTreeMap::new();
        if let Ok(params) = web_sys::UrlSearchParams::new_with_str(search) {
            for pair in js_sys::try_iter(&params)
                .ok()
                .flatten()
                .into_iter()
                .flatten()
                .flatten()
            {
                let pair = js_sys::Array::from(&pair);
                let (name, value) = (pair.get(0).as_string(), pair.get(1).as_string());
                if let (Some(name), Some(value)) = (name, value)
                    && !value.is_empty()
                {
                    chosen.insert(name, value);
                }
            }
        }
        Self {
            root,
            section,
            chosen,
        }
    }

    /// The address of it.
    pub fn to_url(&self) -> String {
        let mut url = self.root.to_owned();
        if !self.section.is_empty() {
            url.push('/');
            url.push_str(&self.section);
        }
        for (at, (name, value)) in self.chosen.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&api::escaped(value));
        }
        url
    }
}

/// The place of the screen. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Here(pub RwSignal<Place>);

impl Here {
    /// What is chosen under a name, and whenever that changes.
    pub fn chosen(self, name: &'static str) -> Memo<String> {
        Memo::new(move |_| self.0.with(|place| place.get(name)))
    }

    /// Goes to a place; the one before is a step back.
    pub fn go(self, place: Place) {
        self.move_to(place, true);
    }

    /// Chooses something here, without a step of its own: what is typed in a search.
    pub fn set(self, name: &str, value: &str) {
        let place = self.0.get_untracked().with(name, value);
        self.move_to(place, false);
    }

    /// Chooses something here as a step.
    pub fn choose(self, name: &str, value: &str) {
        self.go(self.0.get_untracked().with(name, value));
    }

    fn move_to(self, place: Place, is_step: bool) {
        if self.0.with_untracked(|now| *now == place) {
            return;
        }
        if let Ok(history) = window().history() {
            let url = place.to_url();
            let _ = if is_step {
                history.push_state_with_url(&JsValue::NULL, "", Some(&url))
            } else {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
            };
        }
        self.0.set(place);
    }
}

fn of_address(root: &'static str) -> Place {
    let search = window().location().search().unwrap_or_default();
    Place::read(root, &net::path(), &search)
}

/// Provides the place in the administration to everything below, following the browser's back and
/// forward.
pub fn provide() {
    provide_below(ADMIN);
}

/// As [`provide`], in the screen at `root`.
pub fn provide_below(root: &'static str) -> Here {
    let here = Here(RwSignal::new(of_address(root)));
    provide_context(here);
    let handle = window_event_listener_untyped("popstate", move |_| {
        here.0.try_set(of_address(root));
    });
    on_cleanup(move || handle.remove());
    here
}

/// The place of this screen.
pub fn place() -> Here {
    expect_context::<Here>()
}

/// Follows a link within the page, unless the reader wants it elsewhere.
pub fn follow(here: Here, ev: &MouseEvent, place: &Place) {
    if ev.button() == 0 && !(ev.ctrl_key() || ev.meta_key() || ev.shift_key() || ev.alt_key()) {
        ev.prevent_default();
        here.go(place.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choosing_and_taking_back_is_no_trace() {
        let place = Place::of("people").with("q", "wang").with("id", "w1");
        assert_eq!(place.get("q"), "wang");
        assert_eq!(
            place.clone().with("q", "").with("id", ""),
            Place::of("people")
        );
        assert_eq!(place.get("none"), "");
    }
}
