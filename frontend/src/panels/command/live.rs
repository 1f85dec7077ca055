//! One session as it stands: its clock, who commands, what may be done, and its seats.

use std::sync::Arc;

use domain::access::SessionMove;
use domain::session::{Session, Step};
use leptos::prelude::*;

use super::rate::Rate;
use super::seats::Seats;
use super::{Room, Wish, asks, name, room};
use crate::i18n::{command as k, format, replay as r};
use crate::panels::muster::{DrillMark, Ring, model, whistle};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Blank, Notice, Refusal};
use crate::ui::tongue::t;

/// The moves that stand as buttons, in order; others are behind "more".
const IN_FRONT: [SessionMove; 13] = [
    SessionMove::Order,
    SessionMove::Read,
    SessionMove::Acknowledge,
    SessionMove::Move,
    SessionMove::Arrive,
    SessionMove::Work,
    SessionMove::SignOff,
    SessionMove::Vote,
    SessionMove::Add,
    SessionMove::Word,
    SessionMove::Control,
    SessionMove::Close,
    SessionMove::TakeOver,
];
const BEHIND: [SessionMove; 4] = [
    SessionMove::HandOver,
    SessionMove::Lead,
    SessionMove::Release,
    SessionMove::Abort,
];

/// The pane.
#[component]
pub fn LivePane() -> impl IntoView {
    let room = room();
    let is_there = Memo::new(move |_| room.one.with(Option::is_some));
    view! {
        <section class="live" data-testid="live" aria-label=t(k::SESSIONS)>
            {move || if is_there.get() {
                view! { <Head/><Moves/><Seats/><Rate/> }.into_any()
            } else if room.is_unknown() {
                view! { <Blank icon=Icon::Ban title=k::UNKNOWN why=k::UNKNOWN_WHY/> }.into_any()
            } else {
                view! { <Blank icon=Icon::List title=k::PICK_ONE why=k::PICK_ONE_WHY/> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Head() -> impl IntoView {
    let room = room();
    move || {
        let one = room.one.get()?;
        let lang = room.ctx.lang.get();
        let timed = Arc::clone(&one);
        let clock = Memo::new(move |_| model::clock(&timed, room.now()));
        let judged = Arc::clone(&one);
        let verdict = Memo::new(move |_| {
            let lang = room.ctx.lang.get();
            let now = room.now();
            room.ctx
                .words
                .with(|words| model::verdict(&judged, now, words, lang))
        });
        let place = room.ctx.words.with(|words| words.place(one.region));
        let address = one.place.address.clone().unwrap_or_default();
        Some(view! {
            <header class="live-head" data-testid="live-head" data-stage=format!("{:?}", one.stage) data-drill=one.is_drill().to_string()>
                {move || view! { <Ring clock=clock.get()/> }}
                <div>
                    <p class="line">
                        {one.is_drill().then(|| view! { <DrillMark/> })}
                        <span class="chip" data-testid="stage">{model::stage(one.stage, lang)}</span>
                        {one.whistle.map(|kind| view! { <span class="chip">{room.ctx.t(k::O_WHISTLE)}" · "{room.ctx.t(whistle(kind))}</span> })}
                        <span class="quiet">{place}" "{address}</span>
                    </p>
                    <h2>{model::title(&one, lang)}</h2>
                    <p class="verdict" data-testid="verdict">{verdict}</p>
                    {facts(room, &one)}
                </div>
            </header>
        })
    }
}

/// Who commands, when it was ordered, and what it is about.
fn facts(room: Room, one: &Session) -> impl IntoView + use<> {
    let commander = room.person(&one.commander.id);
    let org = one.commander.org.as_ref().map(|org| room.org(org));
    let lead = one.lead().map(|seat| room.org(&seat.org));
    let t0 = one.ordered_at.map(|at| format::stamp(at.millis()));
    let incident = one.incident.map(|id| format!("/desk?id={id}"));
    let result = one.result.clone();
    let past = (!one.stage.is_open()).then(|| format!("/replay?session={}", one.id));
    let org = org.map(|org| format!(" · {org}"));
    let review = (!one.stage.is_open()).then(|| format!("/review?id={}", one.id));
    view! {
        <dl class="facts">
            <dt>{t(k::COMMANDER)}</dt><dd data-testid="commander">{commander}{org}</dd>
            <dt>{t(k::LEAD)}</dt><dd>{lead}</dd>
            {t0.map(|at| view! { <dt>{t(k::T0)}</dt><dd class="num">{at}</dd> })}
            {past.map(|to| view! { <dt>{t(r::REPLAY)}</dt><dd><a href=to data-testid="to-replay-session">{t(r::REPLAY_SESSION)}</a></dd> })}
            {incident.map(|to| view! { <dt>{t(k::INCIDENT)}</dt><dd><a href=to>{t(crate::i18n::desk::TO_DESK)}</a></dd> })}
            {result.map(|text| view! { <dt>{t(k::RESULT)}</dt><dd>{text}</dd> })}
        </dl>
        {review.map(|to| view! {
            <a class="btn" href=to data-testid="to-review"><Glyph icon=Icon::Receipt/>{t(k::TO_REVIEW)}</a>
        })}
    }
}

/// Whether a seat of one's own is past what a move would say.
fn is_past(room: Room, one: SessionMove) -> bool {
    let step = match one {
        SessionMove::Read => Step::Read,
        SessionMove::Acknowledge => Step::Acknowledged,
        SessionMove::Move => Step::Moving,
        SessionMove::Arrive => Step::Arrived,
        SessionMove::Work => Step::Working,
        SessionMove::SignOff => Step::Done,
        _ => return false,
    };
    let org = room.actor().org;
    room.one.with(|session| {
        let seat = session.as_ref().zip(org.as_ref());
        let seat = seat.and_then(|(session, org)| session.seat(org));
        seat.and_then(domain::session::Seat::step)
            .is_some_and(|now| now >= step)
    })
}

#[component]
fn Moves() -> impl IntoView {
    let room = room();
    let offered = move |some: &'static [SessionMove]| {
        let some = some.iter().copied();
        some.filter(|one| room.may(*one) && !is_past(room, *one))
            .collect::<Vec<_>>()
    };
    let front = Memo::new(move |_| {
        offered(&IN_FRONT)
            .iter()
            .map(|one| super::path_of(*one))
            .collect::<Vec<_>>()
    });
    let behind = Memo::new(move |_| {
        offered(&BEHIND)
            .iter()
            .map(|one| super::path_of(*one))
            .collect::<Vec<_>>()
    });
    let button = move |path: &'static str, is_first: bool| {
        let one = move_of(path);
        view! {
            <button type="button" class="btn" class:primary=is_first data-testid=format!("do-{path}") disabled=room.work.busy
                on:click=move |_| begin(room, one)>{t(name(one))}</button>
        }
    };
    view! {
        <div class="moves" role="group" aria-label=t(k::M_ORDER)>
            {move || front.get().into_iter().enumerate().map(|(n, path)| button(path, n == 0)).collect_view()}
            {move || (!behind.with(Vec::is_empty)).then(|| view! {
                <details class="pulldown"><summary class="btn" data-testid="more-moves"><Glyph icon=Icon::More/>{t(k::MORE_MOVES)}</summary>
                    <div class="menu">{behind.get().into_iter().map(|path| button(path, false)).collect_view()}</div></details>
            })}
        </div>
        {move || room.wish.with(Option::is_none).then(|| view! { <Refusal failed=room.work.failed/> })}
        {move || room.told.get().map(|(kind, text)| view! { <Notice kind=kind text=text/> })}
    }
}

fn move_of(path: &str) -> SessionMove {
    let mut all = SessionMove::ALL.into_iter();
    all.find(|one| super::path_of(*one) == path)
        .unwrap_or(SessionMove::Read)
}

/// Begins a move: one that asks for nothing is made at once.
pub fn begin(room: Room, one: SessionMove) {
    room.work.forget();
    if asks::of(one).is_empty() {
        room.send(one, serde_json::json!({}), || {});
    } else {
        room.wish.set(Some(Wish { one, org: None }));
    }
}
