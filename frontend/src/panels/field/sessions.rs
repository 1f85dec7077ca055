//! The sessions one has to do with, where there are several or none.

use domain::session::Session;
use leptos::prelude::*;

use super::model::{clock, commands};
use super::seats::step_words;
use super::{Field, field};
use crate::i18n::{Lang, field as f, format};
use crate::ui::icon::{Glyph, Icon};

/// The list: the open ones first.
#[component]
pub fn SessionList() -> impl IntoView {
    let field = field();
    let rows = move || {
        let all = field.sessions.get();
        all.iter().map(|one| row(field, one)).collect_view()
    };
    let is_empty = move || field.sessions.with(Vec::is_empty);
    let is_waited_for = move || is_empty() && field.is_live() && !field.ctx.loaded.get();
    view! {
        <section class="my-sessions" aria-label=move || field.t(f::MY_SESSIONS)>
            <h1>{move || field.t(f::MY_SESSIONS)}</h1>
            {move || match (is_waited_for(), is_empty()) {
                (true, _) => view! { <div class="blank" role="status"><Glyph icon=Icon::Clock/><b>{field.t(f::LOADING)}</b></div> }.into_any(),
                (false, true) => view! {
                    <div class="blank" data-testid="no-sessions"><Glyph icon=Icon::Shield/><b>{field.t(f::NO_SESSIONS)}</b><span>{field.t(f::NO_SESSIONS_WHY)}</span></div>
                }.into_any(),
                (false, false) => view! { <ul data-testid="sessions">{rows()}</ul> }.into_any(),
            }}
        </section>
    }
}

fn row(field: Field, one: &Session) -> impl IntoView + use<> {
    let id = one.id.to_string();
    let actor = field.actor();
    let seat = actor.org.as_ref().and_then(|org| one.seat(org));
    let state = match seat {
        Some(seat) => field.t(step_words(seat.step())),
        None if one.stage.is_open() && commands(&actor, one) => field.t(f::COMMANDING),
        None => stage(field.tongue.0.get(), one),
    };
    let since = one.ordered_at.unwrap_or(one.opened_at);
    let lasts = one.ended_at.unwrap_or_else(|| field.time()) - since;
    let region = field.ctx.words.with(|words| words.place(one.region));
    let open = move |_| field.chosen.set(Some(id.clone()));
    view! {
        <li>
            <button type="button" class="session" data-testid="session" data-open=one.stage.is_open().to_string() on:click=open>
                <b>{one.is_drill().then(|| view! { <mark class="drill">{field.t(f::DRILL)}</mark> })}{one.title.clone()}</b>
                <span>{region}" · "{format::minute(since.millis())}" · "{field.t(f::ELAPSED)}" "<i class="num">{clock(lasts.as_secs().max(0))}</i></span>
                <em>{state}</em>
                <Glyph icon=Icon::Right/>
            </button>
        </li>
    }
}

fn stage(lang: Lang, one: &Session) -> &'static str {
    match lang {
        Lang::Zh => one.stage.zh(),
        Lang::En => one.stage.en(),
    }
}
