//! Whom command is handed to: part of a name is typed, and the person tapped.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::{Field, field};
use crate::i18n::field as f;

/// Most rows under the line: as many as a thumb reaches.
const LISTED: usize = 6;

#[derive(Deserialize)]
struct Found {
    items: Vec<Person>,
}

/// Somebody who may command.
#[derive(Clone, PartialEq, Deserialize)]
struct Person {
    id: String,
    name: String,
    #[serde(default)]
    org_name: Option<String>,
}

impl Person {
    fn fits(&self, typed: &str) -> bool {
        let org = self.org_name.as_deref().unwrap_or_default();
        [self.name.as_str(), &self.id, org]
            .iter()
            .any(|one| one.to_lowercase().contains(typed))
    }
}

/// The line and the rows; whoever was tapped stands in `to`, by id. Without a network those are
/// offered whom the session has named.
#[component]
pub fn Successor(to: RwSignal<String>) -> impl IntoView {
    let field = field();
    let typed = RwSignal::new(String::new());
    let people = RwSignal::new(known(field));
    spawn_local(async move {
        let answer = crate::net::get("/api/v1/commanders?limit=500", field.lang().tag()).await;
        let found = serde_json::from_str::<Found>(&answer.body).ok();
        if let Some(found) = found.filter(|_| answer.status == 200) {
            let me = field.actor().id;
            let others = found.items.into_iter().filter(|one| one.id != me);
            people.try_set(others.collect());
        }
    });
    let rows = move || {
        let typed = typed.get().trim().to_lowercase();
        let all = people.get().into_iter().filter(|one| one.fits(&typed));
        let row = move |one: Person| {
            let (id, chosen) = (one.id.clone(), one.id.clone());
            view! {
                <button type="button" role="radio" class="btn person" data-testid="successor" data-id=one.id
                    aria-checked=move || (to.get() == chosen).to_string() on:click=move |_| to.set(id.clone())>
                    <b>{one.name}</b><small>{one.org_name.unwrap_or_default()}</small>
                </button>
            }
        };
        all.take(LISTED).map(row).collect_view()
    };
    let nobody = move || {
        let typed = typed.get().trim().to_lowercase();
        let nobody = people.with(|all| !all.iter().any(|one| one.fits(&typed)));
        nobody.then(|| view! { <p class="hint" role="status">{field.t(f::HAND_OVER_NOBODY)}</p> })
    };
    view! {
        <label class="line"><span>{move || field.t(f::HAND_OVER_TO)}</span>
            <input type="search" autocomplete="off" maxlength="80" data-testid="hand-over-to" prop:value=typed on:input:target=move |ev| typed.set(ev.target().value())/>
        </label>
        <div class="people" role="radiogroup" aria-label=move || field.t(f::HAND_OVER_TO)>{rows}</div>
        {nobody}
    }
}

fn known(field: Field) -> Vec<Person> {
    let me = field.actor().id;
    field.names.with_untracked(|names| {
        let others = names.iter().filter(|(id, _)| **id != me);
        others
            .map(|(id, name)| Person {
                id: id.clone(),
                name: name.clone(),
                org_name: None,
            })
            .collect()
    })
}
