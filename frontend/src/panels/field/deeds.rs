//! What else is at hand: a photo, a voice note, the way there, more forces; and for a commander or a
//! lead what they alone may do. What takes words is asked in a dialog with phrases to tap.

use domain::access::{SessionMove, may_in_session};
use domain::session::{Call, Session};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::map::leads_to;
use super::model::Piece;
use super::successor::Successor;
use super::{Field, field};
use crate::device;
use crate::i18n::{Text, desk as d, field as f};
use crate::panels::report::model::MAX_VOICE_SECS;
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};

/// What takes words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    /// A cooperator's part is done.
    SignOff,
    /// The lead reports and closes.
    Close,
    /// It is under control.
    Control,
    /// Another person commands.
    HandOver,
    /// A message to all.
    Say,
    /// More forces, from where one is not allowed to vote yet.
    Reinforce,
}

impl Asks {
    fn title(self) -> Text {
        match self {
            Self::SignOff => f::STEP_DONE,
            Self::Close => f::CLOSE,
            Self::Control => f::CONTROL,
            Self::HandOver => f::HAND_OVER,
            Self::Say => f::SAY,
            Self::Reinforce => f::REINFORCE,
        }
    }

    /// What can be said with one tap.
    fn phrases(self) -> &'static [Text] {
        match self {
            Self::SignOff => &[f::SIGN_OFF_1, f::SIGN_OFF_2],
            Self::Close => &[f::CLOSE_1, f::CLOSE_2],
            Self::Control => &[f::CONTROL_1, f::CONTROL_2],
            Self::HandOver => &[f::HAND_OVER_1],
            Self::Say => &[f::SAY_1, f::SAY_2, f::SAY_3],
            Self::Reinforce => &[f::REINFORCE_1, f::REINFORCE_2, f::REINFORCE_3],
        }
    }
}

fn may(field: Field, one: SessionMove) -> bool {
    let session = field.session();
    session.is_some_and(|session| may_in_session(&field.actor(), one, &session).is_ok())
}

/// The row of what is at hand.
#[component]
pub(super) fn Deeds() -> impl IntoView {
    let field = field();
    let asks = expect_context::<RwSignal<Option<Asks>>>();
    let ways = RwSignal::new(false);
    let can = move |one| Memo::new(move |_| may(field, one));
    let (says, votes) = (can(SessionMove::Say), can(SessionMove::Vote));
    let (controls, hands) = (can(SessionMove::Control), can(SessionMove::HandOver));
    let ask = move |what: Asks| move |_| asks.set(Some(what));
    view! {
        {move || says.get().then(|| view! {
            <div class="deeds-of">
                <Photo/>
                <Voice/>
                <button type="button" class="deed" data-testid="navigate" on:click=move |_| ways.set(true)><Glyph icon=Icon::Navigate/>{move || field.t(f::NAVIGATE)}</button>
                {move || (!votes.get()).then(|| view! {
                    <button type="button" class="deed" data-testid="reinforce" on:click=ask(Asks::Reinforce)><Glyph icon=Icon::Reinforce/>{move || field.t(f::REINFORCE)}</button>
                })}
                {move || votes.get().then(|| view! { <button type="button" class="deed" data-testid="say-open" on:click=ask(Asks::Say)><Glyph icon=Icon::Message/>{move || field.t(f::SAY_SHORT)}</button> })}
            </div>
        })}
        {move || votes.get().then(|| view! { <Votes/> })}
        {move || (controls.get() || hands.get()).then(|| view! {
            <div class="commander-deeds" data-testid="commander-deeds">
                {controls.get().then(|| view! { <button type="button" class="btn" data-testid="control" on:click=ask(Asks::Control)>{move || field.t(f::CONTROL)}</button> })}
                {hands.get().then(|| view! { <button type="button" class="btn" data-testid="hand-over" on:click=ask(Asks::HandOver)>{move || field.t(f::HAND_OVER)}</button> })}
                {says.get().then(|| view! { <button type="button" class="btn" data-testid="say-all" on:click=ask(Asks::Say)>{move || field.t(f::SAY)}</button> })}
            </div>
        })}
        <Words asks=asks/>
        <Ways open=ways/>
    }
}

/// A photo: made small and stripped before it is kept, then told to all.
#[component]
fn Photo() -> impl IntoView {
    let field = field();
    let input = NodeRef::<html::Input>::new();
    let bad = RwSignal::new(false);
    let take = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let file = input.files().and_then(|files| files.item(0));
        input.set_value("");
        let (Some(file), Some(session)) = (file, untrack(move || field.session())) else {
            return;
        };
        spawn_local(async move {
            match device::keep_photo(&file).await {
                Some(kept) => send(field, &session, f::PHOTO_WORDS, kept.id),
                None => bad.set(true),
            }
        });
    };
    view! {
        <label class="deed" class:bad=move || bad.get()>
            <Glyph icon=Icon::Camera/><span>{move || field.t(if bad.get() { f::PHOTO_BAD } else { f::PHOTO })}</span>
            <input node_ref=input class="sr" type="file" accept="image/*" capture="environment" data-testid="photo" on:change=take/>
        </label>
    }
}

fn send(field: Field, session: &Session, words: Text, id: String) {
    let text = field.lang().of(words);
    let piece = Piece { id, sent_as: None };
    field.tap_with(session, "say", json!({ "text": text }), None, Some(piece));
}

/// A voice note: one tap begins, one ends and sends.
#[component]
fn Voice() -> impl IntoView {
    let field = field();
    let since = RwSignal::new(None::<i64>);
    let denied = RwSignal::new(false);
    let press = move |_| {
        if since.get_untracked().is_some() {
            return device::stop_voice();
        }
        let Some(session) = untrack(move || field.session()) else {
            return;
        };
        spawn_local(async move {
            let done = move |kept: Option<device::Kept>| {
                since.set(None);
                if let Some(kept) = kept {
                    send(field, &session, f::VOICE_WORDS, kept.id);
                }
            };
            let started = device::start_voice(MAX_VOICE_SECS, done).await;
            denied.set(started.is_err());
            if started.is_ok() {
                since.set(Some(field.now.get_untracked()));
            }
        });
    };
    let words = move || match (since.get(), denied.get()) {
        (Some(since), _) => {
            let secs = (field.now.get() - since).max(0) / 1_000;
            field.tf(f::VOICE_STOP, &[("n", &secs.to_string())])
        }
        (None, true) => field.t(f::VOICE_DENIED).to_owned(),
        (None, false) => field.t(f::VOICE).to_owned(),
    };
    let icon = Signal::derive(move || {
        if since.get().is_some() {
            Icon::Stop
        } else {
            Icon::Mic
        }
    });
    view! {
        <button type="button" class="deed" class:recording=move || since.get().is_some() data-testid="voice" on:click=press>
            <Glyph icon=icon/><span>{words}</span>
        </button>
    }
}

/// More, enough, or let us go: of those at the scene.
#[component]
fn Votes() -> impl IntoView {
    let field = field();
    let own = move || {
        let session = field.session()?;
        let org = field.actor().org?;
        let vote = session.seat(&org)?.vote.as_ref()?;
        Some(vote.call)
    };
    let vote = move |call: Call, words: Text, testid: &'static str| {
        let cast = move |_| {
            if let Some(session) = untrack(move || field.session()) {
                field.tap(&session, "vote", json!({ "call": call }), None);
            }
        };
        view! {
            <button type="button" class="vote" data-testid=testid aria-pressed=move || (own() == Some(call)).to_string() on:click=cast>{move || field.t(words)}</button>
        }
    };
    view! {
        <div class="votes" role="group" aria-label=move || field.t(f::VOTE)>
            <span>{move || field.t(f::VOTE)}</span>
            {vote(Call::More, f::VOTE_MORE, "vote-more")}
            {vote(Call::Enough, f::VOTE_ENOUGH, "vote-enough")}
            {vote(Call::StandDown, f::VOTE_STAND_DOWN, "vote-stand-down")}
        </div>
    }
}

/// Asks for words, with phrases to tap.
#[component]
fn Words(asks: RwSignal<Option<Asks>>) -> impl IntoView {
    let field = field();
    let open = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let to = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(what) = asks.get() {
            text.set(String::new());
            if what == Asks::HandOver {
                to.set(String::new());
            }
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            asks.set(None);
        }
    });
    let title = move || {
        asks.get()
            .map_or_else(String::new, |what| field.t(what.title()).to_owned())
    };
    let is_ready = move || {
        let hands = asks.get() == Some(Asks::HandOver);
        if hands {
            !to.get().trim().is_empty()
        } else {
            !text.get().trim().is_empty()
        }
    };
    let go = move |_| {
        let (Some(what), Some(session)) = (asks.get_untracked(), untrack(move || field.session()))
        else {
            return;
        };
        act(
            field,
            &session,
            what,
            text.get_untracked().trim(),
            to.get_untracked().trim(),
        );
        open.set(false);
    };
    view! {
        <Dialog open=open title=Signal::derive(title) testid="words">
            {move || (asks.get() == Some(Asks::HandOver)).then(|| view! {
                <Successor to=to/>
            })}
            <label class="line"><span>{move || field.t(f::WORDS)}</span>
                <textarea rows="3" maxlength="2000" data-testid="words-text" prop:value=move || text.get() on:input=move |ev| text.set(event_target_value(&ev))></textarea>
            </label>
            <div class="phrases">
                {move || asks.get().map(|what| what.phrases().iter().map(|phrase| {
                    let phrase = *phrase;
                    view! { <button type="button" class="btn" on:click=move |_| text.set(field.lang().of(phrase).to_owned())>{field.t(phrase)}</button> }
                }).collect_view())}
            </div>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>{move || field.t(d::CANCEL)}</button>
                <button type="button" class="btn primary" data-testid="words-go" disabled=move || !is_ready() on:click=go>{move || field.t(f::SEND)}</button>
            </div>
        </Dialog>
    }
}

fn act(field: Field, session: &Session, what: Asks, text: &str, to: &str) {
    use domain::session::Step;
    match what {
        Asks::SignOff => field.tap(
            session,
            "sign_off",
            json!({ "note": text }),
            Some(Step::Done),
        ),
        Asks::Close => field.tap(session, "close", json!({ "result": text }), None),
        Asks::Control => field.tap(session, "control", json!({ "note": text }), None),
        Asks::Say | Asks::Reinforce => field.tap(session, "say", json!({ "text": text }), None),
        Asks::HandOver => {
            let reason = (!text.is_empty()).then_some(text);
            let body = json!({ "to": { "id": to }, "reason": reason });
            field.tap(session, "hand_over", body, None);
        }
    }
}

/// The ways to be led there: an app of this device, or a website.
#[component]
fn Ways(open: RwSignal<bool>) -> impl IntoView {
    let field = field();
    view! {
        <Dialog open=open title=Signal::derive(move || field.t(f::NAVIGATE).to_owned()) testid="ways">
            {move || match field.session().as_ref().and_then(leads_to) {
                Some((geo, amap)) => view! {
                    <p>{field.t(f::NAVIGATE_WHY)}</p>
                    <a class="btn large" href=geo data-testid="geo"><Glyph icon=Icon::Navigate/>{field.t(f::NAVIGATE_APP)}</a>
                    <a class="btn large" href=amap target="_blank" rel="noreferrer noopener" data-testid="amap"><Glyph icon=Icon::Map/>{field.t(f::NAVIGATE_AMAP)}</a>
                }.into_any(),
                None => view! { <p>{field.t(f::NO_PLACE)}</p> }.into_any(),
            }}
        </Dialog>
    }
}
