//! Something shown once: a link or a secret, with a button that copies it.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::i18n::{Text, desk as d};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// A text to take away.
#[component]
pub fn Once(
    /// What it is.
    label: Text,
    /// The text.
    text: String,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    let tongue = tongue();
    let copied = RwSignal::new(false);
    let input = NodeRef::<leptos::html::Input>::new();
    let shown = text.clone();
    let copy = move |_| {
        let text = text.clone();
        if let Some(input) = input.get_untracked() {
            input.select();
        }
        leptos::task::spawn_local(async move {
            copied.set(write(&text).await);
        });
    };
    view! {
        <div class="once field">
            <label><span class="name">{t(label)}</span>
                <input node_ref=input class="num" readonly data-testid=testid value=shown/>
            </label>
            <button type="button" class="btn primary" on:click=copy data-testid="copy">
                <Glyph icon=Signal::derive(move || if copied.get() { Icon::Check } else { Icon::Copy })/>
                <span aria-live="polite">{move || tongue.t(if copied.get() { d::COPIED } else { d::COPY })}</span>
            </button>
        </div>
    }
}

/// Puts a text on the clipboard. A page served without TLS has no clipboard of its own: there the
/// text that stands selected is copied the old way.
async fn write(text: &str) -> bool {
    if window().is_secure_context() {
        let promise = window().navigator().clipboard().write_text(text);
        if JsFuture::from(promise).await.is_ok() {
            return true;
        }
    }
    copy_selected()
}

fn copy_selected() -> bool {
    let document = wasm_bindgen::JsValue::from(document());
    let command = js_sys::Reflect::get(&document, &"execCommand".into());
    command
        .ok()
        .and_then(|found| wasm_bindgen::JsCast::dyn_into::<js_sys::Function>(found).ok())
        .and_then(|command| command.call1(&document, &"copy".into()).ok())
        .is_some_and(|done| done.is_truthy())
}
