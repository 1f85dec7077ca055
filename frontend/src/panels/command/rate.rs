//! The evaluation: the asker rates each organisation, with what the log measured beside it.

use domain::access::SessionMove;
use domain::session::{Seat, Session, Stage, Step};
use leptos::prelude::*;
use serde_json::json;

use super::{Room, room};
use crate::i18n::{Text, command as k, fill, format};
use crate::ui::tongue::t;

/// The form; shown once the session is over.
#[component]
pub fn Rate() -> impl IntoView {
    let room = room();
    move || {
        let one = room.one.get()?;
        let over = matches!(one.stage, Stage::Ended | Stage::Reviewed);
        over.then(|| {
            let may = room.may(SessionMove::Rate);
            let rows = one.seats.iter();
            let rows = rows.map(|seat| row(room, &one, seat, may)).collect_view();
            view! {
                <section class="rate" data-testid="rate"><h3>{t(k::E_TITLE)}</h3><ul>{rows}</ul></section>
            }
        })
    }
}

/// How long a step took from the order, in words.
fn took(room: Room, seat: &Seat, step: Step, text: Text) -> String {
    let sent = seat.at(Step::Sent);
    let took = seat.reached(step).zip(sent);
    let took = took.map(|(at, sent)| format::clock(at.since(sent).millis()));
    let took = took.unwrap_or_else(|| room.ctx.t(k::E_NEVER).to_owned());
    room.ctx.tf(text, &[("t", &took)])
}

fn row(room: Room, one: &Session, seat: &Seat, may: bool) -> AnyView {
    let name = room.org(&seat.org);
    let measured = [
        took(room, seat, Step::Acknowledged, k::E_ACK),
        took(room, seat, Step::Moving, k::E_MOVE),
        took(room, seat, Step::Arrived, k::E_ARRIVE),
    ]
    .join(" · ");
    if let Some(rating) = &seat.rating {
        let lang = room.ctx.lang.get();
        let score = fill(lang.of(k::E_STARS), &[("n", &rating.score.to_string())]);
        let word = rating.word.clone().unwrap_or_default();
        return view! {
            <li data-testid="rated"><b>{name}</b><small class="num quiet">{measured}</small><span>{score}" "{word}</span></li>
        }
        .into_any();
    }
    if !may {
        return view! { <li><b>{name}</b><small class="num quiet">{measured}</small></li> }
            .into_any();
    }
    let word = RwSignal::new(String::new());
    let org = seat.org.clone();
    let id = one.id;
    let score = move |n: u8| {
        let org = org.clone();
        view! {
            <button type="button" class="btn" data-testid=format!("score-{n}") disabled=room.work.busy on:click=move |_| {
                if room.chosen.get_untracked() == Some(id) {
                    let said = word.get_untracked();
                    let said = Some(said).filter(|text| !text.trim().is_empty());
                    room.send(SessionMove::Rate, json!({ "org": org, "score": n, "word": said }), || {});
                }
            }>{n.to_string()}</button>
        }
    };
    let scores = (1..=5).map(score).collect_view();
    view! {
        <li data-testid="to-rate">
            <b>{name}</b><small class="num quiet">{measured}</small>
            <div class="actions">
                <input maxlength="500" aria-label=t(k::M_WORD_WITH) placeholder=t(k::M_WORD_WITH) prop:value=word
                    on:input:target=move |ev| word.set(ev.target().value())/>
                <span role="group" aria-label=t(k::M_SCORE)>{scores}</span>
            </div>
        </li>
    }
    .into_any()
}
