//! Fields of a form: a label, what is typed or chosen, a hint, and what is wrong with it.

use leptos::prelude::*;

use crate::i18n::{Text, desk as d};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// The frame of a field.
#[component]
pub fn Field(
    /// What it asks for.
    label: Text,
    /// Help below it.
    #[prop(optional_no_strip)]
    hint: Option<Text>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
            <label><span class="name">{t(label)}</span>{children()}</label>
            {move || match error.get() {
                Some(error) => Some(view! { <small class="error" role="alert">{error}</small> }.into_any()),
                None => hint.map(|hint| view! { <small>{t(hint)}</small> }.into_any()),
            }}
        </div>
    }
}

/// A line of text.
#[component]
pub fn TextField(
    /// What it asks for.
    label: Text,
    /// What is typed.
    value: RwSignal<String>,
    /// The input's type; `text` if left out.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Which keys a tablet shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Help below it.
    #[prop(optional)]
    hint: Option<Text>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Most characters.
    #[prop(default = 200)]
    longest: u32,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// Where the input is kept, for focus.
    #[prop(optional)]
    input: NodeRef<leptos::html::Input>,
) -> impl IntoView {
    view! {
        <Field label=label hint=hint error=error>
            <input
                node_ref=input
                type=kind
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=longest
                spellcheck="false"
                autocapitalize="none"
                data-testid=testid
                readonly=move || locked.get()
                aria-invalid=move || error.get().is_some().then_some("true")
                bind:value=value
            />
        </Field>
    }
}

/// A password, hidden until one asks to see it.
#[component]
pub fn PasswordField(
    /// What it asks for.
    label: Text,
    /// What is typed.
    value: RwSignal<String>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Where the input is kept, for focus.
    #[prop(optional)]
    input: NodeRef<leptos::html::Input>,
) -> impl IntoView {
    let tongue = tongue();
    let shown = RwSignal::new(false);
    let word = move || {
        tongue.t(if shown.get() {
            d::HIDE_PASSWORD
        } else {
            d::SHOW_PASSWORD
        })
    };
    let icon = Signal::derive(move || if shown.get() { Icon::EyeOff } else { Icon::Eye });
    view! {
        <div class="field secret" class:wrong=move || error.get().is_some()>
            <label><span class="name">{t(label)}</span>
                <input
                    node_ref=input
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    data-testid=testid
                    aria-invalid=move || error.get().is_some().then_some("true")
                    bind:value=value
                />
            </label>
            <button type="button" class="reveal" aria-label=word title=word
                aria-pressed=move || shown.get().to_string()
                on:click=move |_| shown.update(|shown| *shown = !*shown)>
                <Glyph icon=icon/>
            </button>
            {move || error.get().map(|error| view! { <small class="error" role="alert">{error}</small> })}
        </div>
    }
}

/// One of a few.
#[component]
pub fn SelectField(
    /// What it asks for.
    label: Text,
    /// The value chosen.
    value: RwSignal<String>,
    /// Values with their names, in order.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let option = move |(id, name): (String, String)| {
        let own = id.clone();
        view! { <option value=id selected=move || value.get() == own>{name}</option> }
    };
    view! {
        <Field label=label error=error>
            <select
                data-testid=testid
                disabled=move || locked.get()
                on:change:target=move |ev| value.set(ev.target().value())
            >
                {move || options.get().into_iter().map(option).collect_view()}
            </select>
        </Field>
    }
}

/// A tick.
#[component]
pub fn Tick(
    /// What it says.
    label: Text,
    /// Whether it is ticked.
    value: RwSignal<bool>,
    /// The hook for checks.
    testid: &'static str,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="tick">
            <input type="checkbox" data-testid=testid disabled=move || locked.get() bind:checked=value/>
            <span>{t(label)}</span>
        </label>
    }
}
