//! A dialog before the page: the browser's own, which keeps the focus inside and closes on Escape.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::api::Failed;
use crate::i18n::{Text, desk as d};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::t;

/// A dialog that is shown while `open`. Its content is made anew each time.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Its title.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is as wide as a table needs.
    #[prop(optional)]
    wide: bool,
    /// The hook for checks.
    testid: &'static str,
    /// The content.
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        if open.get() && !element.open() {
            let _ = element.show_modal();
            request_animation_frame(move || focus_first(&element));
        } else if !open.get() && element.open() {
            element.close();
        }
    });
    view! {
        <dialog node_ref=element class="dialog" class:wide=wide data-testid=testid
            aria-label=move || title.get() on:close=move |_| open.set(false)>
            {move || open.get().then(|| view! {
                <header>
                    <h2>{title}</h2>
                    <button type="button" class="btn quiet" aria-label=t(d::CLOSE) on:click=move |_| open.set(false)>
                        <Glyph icon=Icon::Close/>
                    </button>
                </header>
                <div class="content">{children()}</div>
            })}
        </dialog>
    }
}

/// Puts the focus where one begins: the first field, or the first button below the title.
fn focus_first(dialog: &web_sys::HtmlDialogElement) {
    let first = [".content input:not(.sr):not([readonly])", ".content button"]
        .into_iter()
        .find_map(|what| dialog.query_selector(what).ok().flatten());
    if let Some(first) = first.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = first.focus();
    }
}

/// Asks whether to go on with something that takes effect at once.
#[component]
pub fn Confirm(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// What is asked.
    #[prop(into)]
    title: Signal<String>,
    /// What follows from it.
    why: Text,
    /// What the button says.
    go: Text,
    /// Whether it is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// What was refused.
    #[prop(into)]
    failed: Signal<Option<Failed>>,
    /// What to do.
    #[prop(into)]
    on_go: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open=open title=title testid="confirm">
            <p>{t(why)}</p>
            <Refusal failed=failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                <button type="button" class="btn grave" data-testid="confirm-go"
                    disabled=move || busy.get() on:click=move |_| on_go.run(())>{t(go)}</button>
            </div>
        </Dialog>
    }
}
