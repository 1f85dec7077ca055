//! One incident: what it is, how its clocks stand, who held it, what happened, what may be done.

mod actions;
mod facts;
mod head;
mod orders;
mod timeline;

use leptos::prelude::*;

use crate::i18n::case as s;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Blank;
use crate::ui::tongue::t;

use self::actions::Actions;
use self::facts::Facts;
use self::head::Head;
use self::orders::Orders;
use self::timeline::{Held, Timeline};
use super::queue_model::title;
use super::{desk, form::FormOf};

/// The pane at the right.
#[component]
pub fn CasePane() -> impl IntoView {
    let desk = desk();
    let is_there = Memo::new(move |_| desk.case.with(Option::is_some));
    view! {
        <section class="incident" class:stale=move || desk.ctx.stale.get().is_some() aria-label=t(s::CASE) data-testid="case"
            data-id=move || desk.chosen.get().map(|id| id.to_string())
            data-state=move || desk.case.with(|case| case.as_ref().map(|one| state_name(one.state)))
            data-version=move || desk.case.with(|case| case.as_ref().map(|one| one.version.to_string()))>
            <TabStrip/>
            {move || if is_there.get() {
                view! {
                    <Head/>
                    <div class="scroll" tabindex="0" role="region" aria-label=t(s::TIMELINE)><Facts/><Orders/><Held/><Timeline/></div>
                    {move || match desk.wish.get() {
                        Some(wish) => view! { <FormOf wish=wish/> }.into_any(),
                        None => view! { <Actions/> }.into_any(),
                    }}
                }.into_any()
            } else if desk.is_unknown() {
                view! { <Blank icon=Icon::Ban title=s::NOT_SHOWN why=s::NOT_SHOWN_WHY/> }.into_any()
            } else if desk.chosen.get().is_some() {
                view! { <div class="blank">{t(crate::i18n::catalogue::LOADING)}</div> }.into_any()
            } else {
                view! { <Blank icon=Icon::List title=s::PICK_ONE why=s::PICK_ONE_WHY/> }.into_any()
            }}
        </section>
    }
}

fn state_name(state: domain::incident::State) -> String {
    let value = serde_json::to_value(state).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The incidents that are kept open.
#[component]
fn TabStrip() -> impl IntoView {
    let desk = desk();
    let tabs = Memo::new(move |_| desk.tabs());
    let name = move |id| {
        let lang = desk.session.tongue.0.get();
        let one = desk.incident(id);
        one.map_or_else(
            || "…".to_owned(),
            |one| desk.ctx.words.with(|words| title(&one, words, lang)),
        )
    };
    let tab = move |id| {
        view! {
            <span class="tab" data-testid="tab" data-id=move || id_text(id) aria-current=move || (desk.chosen.get() == Some(id)).then_some("true")>
                <button type="button" class="clip" on:click=move |_| desk.show(id)>{move || name(id)}</button>
                <button type="button" class="x" aria-label=move || format!("{} {}", desk.session.tongue.t(s::CLOSE_TAB), name(id)) on:click=move |_| desk.keep(id, false)><Glyph icon=Icon::Close/></button>
            </span>
        }
    };
    move || {
        let tabs = tabs.get();
        (!tabs.is_empty()).then(|| view! {
            <nav class="strip" aria-label=t(s::TABS)>{tabs.into_iter().map(tab).collect_view()}</nav>
        })
    }
}

fn id_text(id: domain::ids::IncidentId) -> String {
    id.to_string()
}
