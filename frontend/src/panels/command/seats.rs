//! The seats of a session: how far each is, on what that rests, how its order went, and what the
//! commander may do about it.

use domain::access::SessionMove;
use domain::session::{Evidence, Mark, Seat, Session, Step, Task, Warning, Why};
use leptos::prelude::*;

use super::{Room, Wish, room};
use crate::i18n::{command as k, format};
use crate::map::units::units;
use crate::panels::muster::{call, channel, model};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;

/// The table.
#[component]
pub fn Seats() -> impl IntoView {
    let room = room();
    view! {
        <h3>{t(k::SEATS)}</h3>
        <ul class="seat-rows">
            {move || room.one.get().map(|one| {
                one.seats.iter().map(|seat| row(room, &one, seat)).collect_view()
            })}
        </ul>
    }
}

fn row(room: Room, one: &Session, seat: &Seat) -> impl IntoView + use<> {
    let lang = room.ctx.lang.get();
    // A seat that is late tells so to the second; the others stand still.
    let now = room.now();
    let shown = room
        .ctx
        .words
        .with(|words| model::seat(one, seat, now, words, lang));
    let names = seat.units.iter().map(|unit| units().name(unit));
    let names = names.collect::<Vec<_>>().join("、");
    let marks = seat.marks.iter().filter(|mark| mark.step > Step::Delivered);
    let marks = marks.map(|mark| proof(room, mark)).collect_view();
    let tried = seat.tried.iter().map(|tried| {
        let at = format::time(tried.at.millis());
        format!("{} {at}", room.ctx.t(channel(tried.channel)))
    });
    let tried = tried.collect::<Vec<_>>().join(" → ");
    let warnings = seat.warnings.iter().map(|one| warning(room, one));
    let warnings = warnings.collect_view();
    let vote = seat.vote.as_ref().map(|vote| {
        let note = vote.note.clone().unwrap_or_default();
        view! { <span class="chip" data-testid="vote">{room.ctx.t(call(vote.call))}" "{note}</span> }
    });
    let seems = seat
        .seems_there
        .filter(|_| seat.claimed(Step::Arrived).is_none());
    let seems =
        seems.map(|_| view! { <span class="chip note">{room.ctx.t(k::SEEMS_THERE)}</span> });
    let doubted = shown.is_doubted.then(|| view! { <span class="chip note" data-testid="doubted">{room.ctx.t(k::CLAIMED_ONLY)}</span> });
    let (ask, result) = (seat.ask.clone(), seat.result.clone());
    view! {
        <li class="seat-row" data-testid="seat-row" data-org=shown.org data-state=shown.state>
            <b class="clip">{shown.name}</b>
            <span class="seat" data-state=shown.state class:lead=shown.leads><span class="num">{shown.word}</span></span>
            <span class="quiet clip">{room.ctx.t(if seat.task == Task::Lead { k::LEAD } else { k::COOPERATORS })}" · "{names}</span>
            {actions(room, seat)}
            <p class="proofs">{marks}{doubted}{seems}{vote}{warnings}</p>
            <p class="chain num" data-testid="chain">{(!tried.is_empty()).then_some(tried)}</p>
            {(!ask.is_empty()).then(|| view! { <p class="quiet">{ask}</p> })}
            {result.map(|text| view! { <p>{text}</p> })}
        </li>
    }
}

/// What the commander may do about a seat.
fn actions(room: Room, seat: &Seat) -> impl IntoView + use<> {
    let is_over = seat.is_over();
    let leads = seat.task == Task::Lead;
    let org = seat.org.clone();
    let offered = [
        (SessionMove::Word, k::M_WORD, Icon::Call, !is_over),
        (
            SessionMove::Lead,
            k::M_LEAD,
            Icon::StandIn,
            !is_over && !leads,
        ),
        (
            SessionMove::Release,
            k::M_RELEASE,
            Icon::LogOut,
            !is_over && !leads,
        ),
    ];
    let button = move |(one, name, icon, fits): (SessionMove, crate::i18n::Text, Icon, bool)| {
        let org = org.clone();
        (fits && room.may(one)).then(|| {
            let words = room.ctx.t(name);
            view! {
                <button type="button" class="btn quiet icon-only" aria-label=words title=words data-testid=format!("seat-{}", super::path_of(one))
                    on:click=move |_| {
                        room.work.forget();
                        room.wish.set(Some(Wish { one, org: Some(org.clone()) }));
                    }><Glyph icon=icon/></button>
            }
        })
    };
    view! { <span class="seat-actions">{offered.map(button).collect_view()}</span> }
}

/// A step with its time and what it rests on.
fn proof(room: Room, mark: &Mark) -> impl IntoView + use<> {
    let rests = match &mark.evidence {
        Evidence::System => room.ctx.t(k::P_SYSTEM).to_owned(),
        Evidence::Button => room.ctx.t(k::P_BUTTON).to_owned(),
        Evidence::Word {
            channel: over,
            officer,
        } => {
            let over = room.ctx.t(channel(*over));
            room.ctx
                .tf(k::P_WORD, &[("who", officer), ("channel", over)])
        }
        Evidence::Position { metres, .. } => {
            room.ctx.tf(k::P_POSITION, &[("n", &metres.to_string())])
        }
    };
    let at = format::time(mark.occurred_at.unwrap_or(mark.at).millis());
    let step = room.ctx.t(model::step_name(Some(mark.step)));
    let observed = mark.evidence.is_observed();
    view! { <span class="proof" class:observed=observed><b>{step}</b>" "<span class="num">{at}</span>" "<small>{rests}</small></span> }
}

/// A warning that whoever ordered it knew.
pub fn warning(room: Room, one: &Warning) -> impl IntoView + use<> {
    let unit = one
        .unit
        .as_ref()
        .map_or_else(String::new, |unit| units().name(unit));
    let text = match one.why {
        Why::Busy => k::WARN_BUSY,
        Why::OffDuty => k::WARN_OFF,
        Why::NobodyOnDuty => k::WARN_NOBODY,
        Why::NoUnit => k::WARN_NO_UNIT,
    };
    view! { <span class="chip warn">{room.ctx.tf(text, &[("unit", &unit)])}</span> }
}
