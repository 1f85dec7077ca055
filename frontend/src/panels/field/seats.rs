//! Everybody at the table, for whoever commands; folded up for the others.

use domain::session::{Call, Seat, Session, Step, Task};
use leptos::prelude::*;

use super::model::{clock, commands};
use super::{Field, field};
use crate::i18n::{Lang, Text, field as f, format};

/// The seats with their state, and the one verdict.
#[component]
pub(super) fn Seats() -> impl IntoView {
    let field = field();
    let is_open = Memo::new(move |_| {
        let session = field.session();
        session.is_some_and(|session| commands(&field.actor(), &session))
    });
    let verdict = move || {
        let session = field.session()?;
        let verdict = session.verdict(field.time())?;
        let (n, all) = (
            verdict.moving().to_string(),
            verdict.members.len().to_string(),
        );
        Some(field.tf(f::MOVING_OF, &[("n", &n), ("all", &all)]))
    };
    let rows = move || {
        let session = field.session()?;
        let rows = session.seats.iter().map(|seat| row(field, &session, seat));
        Some(rows.collect_view())
    };
    view! {
        <details class="seats" data-testid="seats" open=is_open>
            <summary><b>{move || field.t(f::SEATS)}</b><span>{verdict}</span></summary>
            <ul>{rows}</ul>
        </details>
    }
}

fn row(field: Field, session: &Session, seat: &Seat) -> impl IntoView + use<> {
    let now = field.time();
    let moving = seat.reached(Step::Moving);
    let late = seat
        .muster_due
        .filter(|due| session.stage.is_open() && moving.is_none() && !seat.is_over() && now > *due)
        .map(|due| (now - due).as_secs());
    let step = seat.step();
    let since = step.and_then(|step| seat.marks.iter().find(|mark| mark.step == step));
    let since = since.map(|mark| format::minute(mark.when().millis()));
    let vote = seat.vote.as_ref().map(|vote| match vote.call {
        Call::More => f::VOTE_MORE,
        Call::Enough => f::VOTE_ENOUGH,
        Call::StandDown => f::VOTE_STAND_DOWN,
    });
    view! {
        <li data-org=seat.org.to_string() data-step=step.map(|step| format!("{step:?}"))>
            <b>{field.org(seat.org.as_str())}</b>
            {(seat.task == Task::Lead).then(|| view! { <mark>{field.t(f::TASK_LEAD)}</mark> })}
            {vote.map(|vote| view! { <mark class="asks">{field.t(vote)}</mark> })}
            {seat.doubted.map(|_| view! { <mark class="doubted">{field.t(f::DOUBTED)}</mark> })}
            <span class="state-of">{field.t(step_words(step))}" "<i class="num">{since}</i></span>
            {late.map(|secs| view! { <span class="late num">{late_words(field.tongue.0.get(), secs)}</span> })}
        </li>
    }
}

fn late_words(lang: Lang, secs: i64) -> String {
    crate::i18n::fill(lang.of(f::LATE_BY), &[("t", &clock(secs))])
}

/// How far a seat is, in words.
pub(super) const fn step_words(step: Option<Step>) -> Text {
    match step {
        None => f::NOT_ORDERED,
        Some(Step::Sent | Step::Delivered) => f::IS_SENT,
        Some(Step::Read) => f::IS_READ,
        Some(Step::Acknowledged) => f::STEP_ACKNOWLEDGED,
        Some(Step::Moving) => f::STEP_MOVING,
        Some(Step::Arrived) => f::STEP_ARRIVED,
        Some(Step::Working) => f::STEP_WORKING,
        Some(Step::Done) => f::STEP_DONE,
        Some(Step::Released) => f::IS_RELEASED,
    }
}
