//! What happened in a session and what was said: the timeline, messages with who saw them, and
//! free timers.

use domain::access::SessionMove;
use domain::session::{Message, Timer};
use domain::time::Timestamp;
use leptos::prelude::*;
use serde_json::json;

use super::{Room, Wish, room};
use crate::i18n::{command as k, format};
use crate::panels::muster::line_words;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;

/// The pane below the map.
#[component]
pub fn LogPane() -> impl IntoView {
    let room = room();
    move || {
        room.one.with(Option::is_some).then(|| {
            view! {
                <div class="logs">
                    <Timeline/>
                    <div class="said"><Messages/><Timers/></div>
                </div>
            }
        })
    }
}

#[component]
fn Timeline() -> impl IntoView {
    let room = room();
    let lines = Memo::new(move |_| {
        let (words, lang) = (room.ctx.words.get(), room.ctx.lang.get());
        let Some(one) = room.one.get() else {
            return Vec::new();
        };
        let lines = one.timeline.iter().rev();
        let lines = lines.map(|line| {
            let text = line_words(&one, line, &words, lang);
            (format::time(line.at.millis()), text, room.by(&line.by))
        });
        lines.collect::<Vec<_>>()
    });
    view! {
        <section class="timeline" data-testid="timeline" aria-label=t(k::TIMELINE)>
            <h3>{t(k::TIMELINE)}</h3>
            <ol tabindex="0" aria-label=t(k::TIMELINE)>{move || lines.get().into_iter().map(|(at, text, by)| view! {
                <li><span class="num quiet">{at}</span><span>{text}</span><small class="quiet">{by}</small></li>
            }).collect_view()}</ol>
        </section>
    }
}

#[component]
fn Messages() -> impl IntoView {
    let room = room();
    let text = RwSignal::new(String::new());
    let say = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let said = text.get_untracked();
        if !said.trim().is_empty() {
            room.send(SessionMove::Say, json!({ "text": said }), move || {
                text.set(String::new());
            });
        }
    };
    let rows = move || {
        let one = room.one.get()?;
        if one.messages.is_empty() {
            return Some(view! { <p class="none">{t(k::NO_MESSAGES)}</p> }.into_any());
        }
        let rows = one.messages.iter().enumerate().rev();
        let rows = rows.map(|(at, one)| message(room, at, one)).collect_view();
        Some(view! { <ol tabindex="0" aria-label=t(k::MESSAGES)>{rows}</ol> }.into_any())
    };
    let may_say = Memo::new(move |_| room.may(SessionMove::Say));
    view! {
        <section class="messages" data-testid="messages">
            <h3>{t(k::MESSAGES)}</h3>
            {move || may_say.get().then(|| view! {
                <form class="say" on:submit=say>
                    <input maxlength="2000" data-testid="say" aria-label=t(k::SAY_PLACEHOLDER) placeholder=t(k::SAY_PLACEHOLDER)
                        prop:value=text on:input:target=move |ev| text.set(ev.target().value())/>
                    <button type="submit" class="btn primary" data-testid="say-go" aria-label=t(k::SAY_PLACEHOLDER)><Glyph icon=Icon::Send/></button>
                </form>
            })}
            {rows}
        </section>
    }
}

fn message(room: Room, at: usize, one: &Message) -> impl IntoView + use<> {
    let own = room.actor().id;
    let seen = one.acknowledged.iter().map(|one| room.by(&one.by));
    let seen = seen.collect::<Vec<_>>().join("、");
    let seen = if seen.is_empty() {
        room.ctx.t(k::SEEN_NONE).to_owned()
    } else {
        room.ctx.tf(k::SEEN_BY, &[("who", &seen)])
    };
    let mine = one.by.id == own || one.acknowledged.iter().any(|one| one.by.id == own);
    let may = !mine && room.may(SessionMove::AcknowledgeMessage);
    let time = format::time(one.at.millis());
    let files = one.attachments.iter().map(|id| {
        let to = format!("/api/v1/attachments/{id}");
        view! { <a href=to target="_blank" rel="noopener"><Glyph icon=Icon::Paperclip/></a> }
    });
    let files = files.collect_view();
    view! {
        <li data-testid="message">
            <p><b>{room.by(&one.by)}</b>" "<span class="num quiet">{time}</span></p>
            <p>{one.text.clone()}" "{files}</p>
            <small class="quiet" data-testid="seen">{seen}</small>
            {may.then(|| view! {
                <button type="button" class="btn" data-testid="saw" disabled=room.work.busy
                    on:click=move |_| room.send(SessionMove::AcknowledgeMessage, json!({ "message": at }), || {})>{t(k::I_SAW)}</button>
            })}
        </li>
    }
}

#[component]
fn Timers() -> impl IntoView {
    let room = room();
    let may = Memo::new(move |_| room.may(SessionMove::SetTimer));
    let rows = move || {
        let one = room.one.get()?;
        let rows = one.timers.iter().enumerate().rev();
        let rows = rows.map(|(at, one)| timer(room, at, one)).collect_view();
        Some(view! { <ul>{rows}</ul> })
    };
    view! {
        <section class="timers" data-testid="timers">
            <h3>{t(k::TIMERS)}
                {move || may.get().then(|| view! {
                    <button type="button" class="btn" data-testid="timer-new" on:click=move |_| {
                        room.work.forget();
                        room.wish.set(Some(Wish { one: SessionMove::SetTimer, org: None }));
                    }><Glyph icon=Icon::Clock/>{t(k::TIMER_NEW)}</button>
                })}
            </h3>
            {rows}
        </section>
    }
}

fn timer(room: Room, at: usize, one: &Timer) -> impl IntoView + use<> {
    let runs = one.rang.is_none() && one.stopped.is_none();
    let (due, stopped, rang) = (one.due, one.stopped, one.rang);
    let left = move || {
        if stopped.is_some() {
            return room.ctx.t(k::TIMER_STOPPED).to_owned();
        }
        let now = Timestamp::from_millis(room.ctx.now.get());
        let left = due.since(now).millis();
        if rang.is_some() || left <= 0 {
            room.ctx.t(k::TIMER_RANG).to_owned()
        } else {
            format::clock(left)
        }
    };
    let whose = one.org.as_ref().map_or_else(
        || room.ctx.t(k::TIMER_WHOLE).to_owned(),
        |org| room.org(org),
    );
    let may = runs && room.may(SessionMove::StopTimer);
    view! {
        <li data-testid="timer" data-runs=runs.to_string()>
            <b>{one.label.clone()}</b><small class="quiet">{whose}</small><span class="num">{left}</span>
            {may.then(|| view! {
                <button type="button" class="btn" disabled=room.work.busy
                    on:click=move |_| room.send(SessionMove::StopTimer, json!({ "timer": at }), || {})>{t(k::TIMER_STOP)}</button>
            })}
        </li>
    }
}
