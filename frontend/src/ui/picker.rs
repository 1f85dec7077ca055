//! One of many, found by typing: a combobox with a list below it. Where things stand below one
//! another, the right arrow goes down and the left one up again.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::i18n::{Text, desk as d};
use crate::ui::field::Field;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::tongue;

/// Most that are listed at a time.
pub const LISTED: usize = 60;

/// Counts pickers, so that each list has an id of its own.
static MADE: AtomicU32 = AtomicU32::new(0);

/// Something that can be chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// What stands for it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What tells it from others of its name.
    pub note: String,
    /// Whether there is something below it.
    pub opens: bool,
}

/// What a picker asks its owner for. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Asked {
    /// What was typed.
    pub query: RwSignal<String>,
    /// What one went into; none at the top.
    pub inside: RwSignal<Vec<String>>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            query: RwSignal::new(String::new()),
            inside: RwSignal::new(Vec::new()),
        }
    }
}

/// The state of one picker. Cheap to copy.
#[derive(Clone, Copy)]
struct State {
    value: RwSignal<Option<String>>,
    asked: Asked,
    choices: Signal<Vec<Choice>>,
    open: RwSignal<bool>,
    at: RwSignal<usize>,
}

impl State {
    fn choose(self, choice: &Choice) {
        self.value.set(Some(choice.id.clone()));
        self.shut();
    }

    fn shut(self) {
        self.open.set(false);
        self.asked.query.set(String::new());
        self.asked.inside.set(Vec::new());
        self.at.set(0);
    }

    fn go_into(self, choice: &Choice) {
        self.asked.query.set(String::new());
        self.asked
            .inside
            .update(|path| path.push(choice.id.clone()));
        self.at.set(0);
    }

    fn go_up(self) {
        self.asked.inside.update(|path| drop(path.pop()));
        self.at.set(0);
    }

    fn here(self) -> Option<Choice> {
        let at = self.at.get_untracked();
        self.choices.with_untracked(|all| all.get(at).cloned())
    }

    fn key(self, ev: &KeyboardEvent) {
        let count = self.choices.with_untracked(Vec::len);
        let typed = !self.asked.query.with_untracked(String::is_empty);
        let key = ev.key();
        if !self.open.get_untracked() {
            if matches!(key.as_str(), "ArrowDown" | "Enter") {
                ev.prevent_default();
                self.open.set(true);
            }
            return;
        }
        match key.as_str() {
            "ArrowDown" if count > 0 => self.at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => self.at.update(|at| *at = (*at + count - 1) % count),
            "ArrowRight" if !typed => match self.here().filter(|choice| choice.opens) {
                Some(choice) => self.go_into(&choice),
                None => return,
            },
            "ArrowLeft" if !typed => self.go_up(),
            "Enter" => {
                if let Some(choice) = self.here() {
                    self.choose(&choice);
                }
            }
            // Only the list closes, not the dialog around it.
            "Escape" => {
                ev.stop_propagation();
                self.shut();
            }
            _ => return,
        }
        ev.prevent_default();
    }
}

/// A picker.
#[component]
pub fn Picker(
    /// What it asks for.
    label: Text,
    /// What is chosen, by id.
    value: RwSignal<Option<String>>,
    /// What was chosen, in words.
    #[prop(into)]
    shown: Signal<String>,
    /// What it asks its owner for.
    asked: Asked,
    /// The owner's answer, at most [`LISTED`].
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Help below it.
    #[prop(optional)]
    hint: Option<Text>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// Whether nothing is a choice too.
    #[prop(optional)]
    can_be_empty: bool,
) -> impl IntoView {
    let tongue = tongue();
    let state = State {
        value,
        asked,
        choices,
        open: RwSignal::new(false),
        at: RwSignal::new(0),
    };
    let list = format!("choices-{}", MADE.fetch_add(1, Ordering::Relaxed));
    let (list_id, line_list) = (list.clone(), list.clone());
    view! {
        <div class="picker" on:focusout=move |_| state.shut()>
            <Field label=label hint=hint error=error>
                <Line state=state shown=shown list=line_list error=error testid=testid locked=locked/>
            </Field>
            {move || (can_be_empty && !locked.get() && value.with(Option::is_some)).then(|| view! {
                <button type="button" class="clear" aria-label=tongue.t(d::CLEAR) on:click=move |_| value.set(None)>
                    <Glyph icon=Icon::Close/>
                </button>
            })}
            <ul id=list_id role="listbox" class="choices" hidden=move || !state.open.get()
                aria-label=move || tongue.t(label) on:mousedown=move |ev| ev.prevent_default()>
                {move || state.open.get().then(|| rows(state, &list))}
            </ul>
        </div>
    }
}

/// The line one types in: what was chosen while the list is shut, what is searched for while it
/// is open.
#[component]
fn Line(
    state: State,
    shown: Signal<String>,
    list: String,
    error: Signal<Option<String>>,
    testid: &'static str,
    locked: Signal<bool>,
) -> impl IntoView {
    let tongue = tongue();
    let (open, query) = (state.open, state.asked.query);
    let text = move || if open.get() { query.get() } else { shown.get() };
    let hollow = move || {
        let shown = shown.get();
        if open.get() && !shown.is_empty() {
            shown
        } else {
            tongue.t(d::PICK_HINT).to_owned()
        }
    };
    let controls = list.clone();
    let active = move || open.get().then(|| format!("{list}-{}", state.at.get()));
    view! {
        <input
            role="combobox" autocomplete="off" spellcheck="false" data-testid=testid
            aria-expanded=move || open.get().to_string()
            aria-controls=controls aria-autocomplete="list" aria-activedescendant=active
            aria-invalid=move || error.get().is_some().then_some("true")
            placeholder=hollow prop:value=text readonly=move || locked.get()
            on:click=move |_| open.set(!locked.get_untracked())
            on:keydown=move |ev| if !locked.get_untracked() { state.key(&ev) }
            on:input:target=move |ev| {
                open.set(true);
                state.at.set(0);
                query.set(ev.target().value());
            }
        />
    }
}

fn rows(state: State, list: &str) -> AnyView {
    let tongue = tongue();
    let choices = state.choices.get();
    if choices.is_empty() {
        return view! { <li class="none" role="option" aria-disabled="true" aria-selected="false">{tongue.t(d::PICK_NONE)}</li> }.into_any();
    }
    let row = |(at, choice): (usize, Choice)| {
        let (chosen, into) = (choice.clone(), choice.clone());
        let below = choice.opens.then(|| {
            view! {
                <span class="below" title=tongue.t(d::PICK_BELOW) on:click=move |ev| {
                    ev.stop_propagation();
                    state.go_into(&into);
                }><Glyph icon=Icon::Right/></span>
            }
        });
        view! {
            <li id=format!("{list}-{at}") role="option" data-id=choice.id
                aria-selected=move || (state.at.get() == at).to_string()
                on:mousemove=move |_| if state.at.get_untracked() != at { state.at.set(at) }
                on:click=move |_| state.choose(&chosen)>
                <span class="clip">{choice.name}</span><small class="num clip">{choice.note}</small>{below}
            </li>
        }
    };
    choices
        .into_iter()
        .enumerate()
        .map(row)
        .collect_view()
        .into_any()
}
