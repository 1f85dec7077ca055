//! What is said in a session: the newest first, each acknowledged by name; and what waits here.

use domain::access::{SessionMove, may_in_session};
use domain::session::{Message, Session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::model::{Fate, Tap};
use super::{Field, field};
use crate::device;
use crate::i18n::{field as f, format};
use crate::ui::icon::{Glyph, Icon};

/// Most messages shown at first.
const SHOWN: usize = 30;

/// The messages.
#[component]
pub(super) fn Talk() -> impl IntoView {
    let field = field();
    let waiting = move || {
        let id = field.session().map(|session| session.id.to_string());
        field.taps.with(|taps| {
            let said = taps
                .iter()
                .filter(|tap| Some(&tap.session) == id.as_ref() && tap.command == "say");
            said.filter(|tap| !matches!(tap.fate, Fate::Refused(_)))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let said = Memo::new(move |_| {
        field.session().map(|session| {
            let all = session.messages.iter().enumerate().rev().take(SHOWN);
            all.map(|(at, one)| (at, one.clone())).collect::<Vec<_>>()
        })
    });
    let is_empty =
        move || said.with(|all| all.as_ref().is_none_or(Vec::is_empty)) && waiting().is_empty();
    view! {
        <section class="talk" aria-label=move || field.t(f::MESSAGES)>
            <ul data-testid="messages" aria-live="polite">
                {move || waiting().into_iter().rev().map(|tap| view! { <Waiting tap=tap/> }).collect_view()}
                <For each=move || said.get().unwrap_or_default() key=|(at, one)| (*at, one.acknowledged.len()) let:one>
                    {row(field, one.0, &one.1)}
                </For>
            </ul>
            {move || is_empty().then(|| view! { <p class="none">{field.t(f::NO_MESSAGES)}</p> })}
        </section>
    }
}

/// A message that is on its way.
#[component]
fn Waiting(tap: Tap) -> impl IntoView {
    let field = field();
    let text = tap.body["text"].as_str().unwrap_or_default().to_owned();
    let url = RwSignal::new(None::<String>);
    if let Some(piece) = tap.piece.clone() {
        spawn_local(async move { url.set(device::blob_url(&piece.id).await) });
    }
    let is_photo = text == f::PHOTO_WORDS.zh || text == f::PHOTO_WORDS.en;
    view! {
        <li class="waiting" data-testid="message-waiting">
            <p class="who"><b>{field.t(f::ME)}</b>" "<i class="num">{format::minute(tap.at.millis())}</i>
                <span class="wait"><Glyph icon=Icon::Clock/>{field.t(f::WAITS)}</span></p>
            <p>{text}</p>
            {move || url.get().filter(|_| is_photo).map(|url| view! { <img src=url alt=field.t(f::PHOTO)/> })}
        </li>
    }
}

fn row(field: Field, at: usize, one: &Message) -> impl IntoView + use<> {
    let me = field.actor().id;
    let mine = one.by.id == me;
    let seen = one.acknowledged.iter().any(|seen| seen.by.id == me);
    let by = one.by.id.clone();
    let org = one.by.org.as_ref().map(ToString::to_string);
    let who = move || {
        let org = org.as_ref().map(|org| field.org(org));
        let commander = field
            .session()
            .is_some_and(|session| session.commander.id == by);
        let role = if commander {
            Some(field.t(f::IS_COMMANDER).to_owned())
        } else {
            org
        };
        match role {
            Some(role) => format!("{}（{role}）", field.person(&by)),
            None => field.person(&by),
        }
    };
    let names: Vec<String> = one
        .acknowledged
        .iter()
        .map(|seen| seen.by.id.clone())
        .collect();
    let seen_by = move || {
        let names: Vec<String> = names.iter().map(|id| field.person(id)).collect();
        (!names.is_empty()).then(|| field.tf(f::SEEN_BY, &[("names", &names.join("、"))]))
    };
    let when = one.occurred_at.unwrap_or(one.at);
    let pieces = one.attachments.clone();
    let (is_voice, text) = (
        one.text == f::VOICE_WORDS.zh || one.text == f::VOICE_WORDS.en,
        one.text.clone(),
    );
    view! {
        <li class:mine=mine class:asks=!mine && !seen data-testid="message">
            <p class="who"><b>{who}</b>" "<i class="num">{format::minute(when.millis())}</i></p>
            <p>{text}</p>
            {pieces.into_iter().map(|id| piece(field, &id, is_voice)).collect_view()}
            <p class="seen">{seen_by}</p>
            {(!mine && !seen).then(|| view! { <Acknowledge at=at/> })}
        </li>
    }
}

fn piece(field: Field, id: &str, is_voice: bool) -> impl IntoView + use<> {
    let url = format!("/api/v1/attachments/{id}");
    if is_voice {
        view! { <audio controls=true preload="none" src=url></audio> }.into_any()
    } else {
        view! { <img src=url loading="lazy" alt=field.t(f::PHOTO)/> }.into_any()
    }
}

#[component]
fn Acknowledge(at: usize) -> impl IntoView {
    let field = field();
    let may = move |session: &Session| {
        may_in_session(&field.actor(), SessionMove::AcknowledgeMessage, session).is_ok()
    };
    let waits = move || {
        field.taps.with(|taps| {
            let mut mine = taps
                .iter()
                .filter(|tap| tap.command == "acknowledge_message");
            mine.any(|tap| {
                tap.body["message"] == json!(at) && !matches!(tap.fate, Fate::Refused(_))
            })
        })
    };
    let press = move |_| {
        if let Some(session) = untrack(move || field.session()) {
            field.tap(
                &session,
                "acknowledge_message",
                json!({ "message": at }),
                None,
            );
        }
    };
    move || {
        field.session().filter(may)?;
        Some(if waits() {
            view! { <span class="wait"><Glyph icon=Icon::Clock/>{field.t(f::SEEN_WAITS)}</span> }
                .into_any()
        } else {
            view! { <button type="button" class="btn receipt" data-testid="message-seen" on:click=press><Glyph icon=Icon::Check/>{field.t(f::SEE)}</button> }.into_any()
        })
    }
}
