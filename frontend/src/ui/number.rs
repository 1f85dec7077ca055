//! A number that rolls in when it changes.

use leptos::prelude::*;

/// Shows `value`; every change slides the new value in.
#[component]
pub fn Number(
    /// The number as text.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    let value = Memo::new(move |_| value.get());
    view! {
        <For each=move || [value.get()] key=Clone::clone let:shown>
            <span class="roll">{shown}</span>
        </For>
    }
}
