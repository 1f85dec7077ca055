//! The card of one session: the clock, what it is, one's own duty, how far one is, and the one big
//! button for what comes next.

use domain::access::{SessionMove, may_in_session};
use domain::session::{Seat, Session, Step, Task};
use leptos::prelude::*;
use serde_json::json;

use super::deeds::{Asks, Deeds};
use super::model::{Counts, Fate, Next, Tap, clock, command_of, commands, next, ring, step_of};
use super::outbox::dismiss;
use super::seats::Seats;
use super::talk::Talk;
use super::timers::Timers;
use super::{Field, field};
use crate::i18n::{Text, field as f, format};
use crate::ui::icon::{Glyph, Icon};

/// How long the big button rests after a tap: a glove that bounces says nothing twice.
const REST: std::time::Duration = std::time::Duration::from_millis(1_500);
/// The length of the ring's line, in units of its drawing.
const ROUND: f64 = 326.7;
/// The steps one goes through.
const STEPS: [(Step, Text); 5] = [
    (Step::Acknowledged, f::STEP_ACKNOWLEDGED),
    (Step::Moving, f::STEP_MOVING),
    (Step::Arrived, f::STEP_ARRIVED),
    (Step::Working, f::STEP_WORKING),
    (Step::Done, f::STEP_DONE),
];

/// The card of the session that is looked at.
#[component]
pub fn Card() -> impl IntoView {
    let field = field();
    let asks = RwSignal::new(None::<Asks>);
    provide_context(asks);
    read_order(field);
    view! {
        <article class="card-of" data-testid="card" data-stage=move || field.session().map(|s| format!("{:?}", s.stage))>
            <Head/>
            <Duty/>
            <Timers/>
            <Refused/>
            <Steps/>
            <Big/>
            <Deeds/>
            <Seats/>
            <Talk/>
        </article>
    }
}

/// Opening the card of an order says that it was read: the chain of channels stops.
fn read_order(field: Field) {
    Effect::new(move |_| {
        let Some(session) = field.session() else {
            return;
        };
        let actor = field.actor();
        let seat = actor.org.as_ref().and_then(|org| session.seat(org));
        let Some(seat) = seat else { return };
        let unread = field
            .taps
            .with_untracked(|taps| step_of(seat, &session, taps));
        let may = may_in_session(&actor, SessionMove::Read, &session).is_ok();
        if may && unread.is_some_and(|at| at < Step::Read) {
            field.tap(&session, "read", json!({}), Some(Step::Read));
        }
    });
}

pub(super) fn own_seat(field: Field, session: &Session) -> Option<&Seat> {
    let actor = field.actor();
    session.seat(actor.org.as_ref()?)
}

#[component]
fn Head() -> impl IntoView {
    let field = field();
    let ring = Memo::new(move |_| {
        let session = field.session()?;
        let actor = field.actor();
        field
            .taps
            .with(|taps| ring(&actor, &session, taps, field.time()))
    });
    let is_late = move || {
        ring.get()
            .is_some_and(|ring| ring.counts != Counts::Elapsed && ring.secs < 0)
    };
    let line = move || {
        let share = ring
            .get()
            .map_or(0.0, |ring| if ring.secs < 0 { 1.0 } else { ring.share });
        format!("{} {}", (share * ROUND).round() as u32, ROUND.ceil() as u32)
    };
    let figure = move || {
        ring.get()
            .map_or_else(|| "--:--".to_owned(), |ring| clock(ring.secs))
    };
    let words = move || {
        let Some(ring) = ring.get() else {
            return field.t(f::NOT_ORDERED);
        };
        field.t(match (ring.counts, ring.secs < 0) {
            (Counts::Elapsed, _) => f::ELAPSED,
            (_, true) => f::LATE,
            (Counts::Moving, false) => f::TO_MOVE,
            (Counts::Arriving, false) => f::TO_ARRIVE,
        })
    };
    let title = move || field.session().map(|session| session.title);
    let drill = move || field.session().is_some_and(|session| session.is_drill());
    view! {
        <header class="matter">
            <div class="ring" class:late=is_late data-testid="ring" role="timer" aria-label=move || format!("{} {}", figure(), words())>
                <svg viewBox="0 0 120 120" aria-hidden="true">
                    <circle class="track" cx="60" cy="60" r="52"></circle>
                    <circle class="left" cx="60" cy="60" r="52" stroke-dasharray=line transform="rotate(-90 60 60)"></circle>
                </svg>
                <div aria-hidden="true"><b class="num">{figure}</b><small>{words}</small></div>
            </div>
            <div class="what">
                <h1 data-testid="title">{move || drill().then(|| view! { <mark class="drill">{field.t(f::DRILL)}</mark> })}{title}</h1>
                <p>{move || field.session().map(|session| about(field, &session))}</p>
            </div>
        </header>
    }
}

/// Level, place and commander.
fn about(field: Field, session: &Session) -> String {
    let level = session.incident.and_then(|id| {
        field
            .ctx
            .read(|world| world.incident(id).and_then(|one| one.severity))
            .flatten()
    });
    let level = level.map(|level| format!("{level} {}", field.t(f::LEVEL)));
    let place = session
        .place
        .address
        .clone()
        .unwrap_or_else(|| field.ctx.words.with(|words| words.place(session.region)));
    let who = field.person(&session.commander.id);
    let commander = field.tf(f::COMMANDER, &[("name", &who)]);
    let parts = level.into_iter().chain(Some(place)).chain(Some(commander));
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

#[component]
fn Duty() -> impl IntoView {
    let field = field();
    let duty = move || {
        let session = field.session()?;
        let seat = own_seat(field, &session)?;
        let task = match seat.task {
            Task::Lead => f::TASK_LEAD,
            Task::Cooperate => f::TASK_COOPERATE,
        };
        let ask = if seat.ask.is_empty() {
            field.t(f::ASK_NONE).to_owned()
        } else {
            seat.ask.clone()
        };
        Some((task, ask))
    };
    let suggested = move || {
        let session = field.session()?;
        let seat = own_seat(field, &session)?;
        let there = seat.seems_there.is_some();
        let at = field.taps.with(|taps| step_of(seat, &session, taps));
        (there && at < Some(Step::Arrived)).then_some(f::SEEMS_THERE)
    };
    move || {
        duty().map(|(task, ask)| {
            view! {
                <section class="duty" data-testid="duty">
                    <b>{move || field.t(f::MY_DUTY)}</b>" "<span class="task">{move || field.t(task)}</span>
                    <p>{ask}</p>
                    {suggested().map(|words| view! { <p class="hint" role="status"><Glyph icon=Icon::Info/>{field.t(words)}</p> })}
                </section>
            }
        })
    }
}

/// What the server would not have, in its own words, until somebody has read it.
#[component]
fn Refused() -> impl IntoView {
    let field = field();
    let refused = move || {
        let id = field.session().map(|session| session.id.to_string());
        let here = |tap: &&Tap| Some(&tap.session) == id.as_ref();
        field.taps.with(|taps| {
            let refused = taps.iter().filter(here).filter_map(|tap| match &tap.fate {
                Fate::Refused(said) => Some((tap.key.clone(), words_of(tap), tap.at, said.clone())),
                _ => None,
            });
            refused.collect::<Vec<_>>()
        })
    };
    move || {
        let all = refused();
        let row = move |(key, words, at, said): (String, Text, domain::time::Timestamp, String)| {
            let what = field.tf(
                f::NOT_TAKEN,
                &[("what", field.t(words)), ("t", &format::time(at.millis()))],
            );
            view! {
                <div class="conflict" role="alert" data-testid="conflict">
                    <Glyph icon=Icon::Warning/><p><b>{what}</b>{said}</p>
                    <button type="button" class="btn" data-testid="conflict-read" on:click=move |_| dismiss(field, &key)>{move || field.t(f::UNDERSTOOD)}</button>
                </div>
            }
        };
        all.into_iter().map(row).collect_view()
    }
}

/// What a tap said.
pub(super) fn words_of(tap: &Tap) -> Text {
    match tap.command.as_str() {
        "acknowledge" => f::STEP_ACKNOWLEDGED,
        "move" => f::STEP_MOVING,
        "arrive" => f::STEP_ARRIVED,
        "work" => f::STEP_WORKING,
        "sign_off" => f::STEP_DONE,
        "vote" => f::VOTE,
        "acknowledge_message" => f::SEEN,
        "control" => f::CONTROL,
        "close" => f::CLOSE,
        "hand_over" => f::HAND_OVER,
        _ => f::MESSAGE,
    }
}

#[component]
fn Steps() -> impl IntoView {
    let field = field();
    move || {
        let session = field.session()?;
        let seat = own_seat(field, &session)?;
        let told = seat.step();
        let at = field.taps.with(|taps| step_of(seat, &session, taps));
        let row = |(step, words): (Step, Text)| {
            let state = if told >= Some(step) {
                "done"
            } else if at >= Some(step) {
                "waiting"
            } else if at.unwrap_or(Step::Read) < step
                && STEPS
                    .iter()
                    .all(|(one, _)| *one >= step || at >= Some(*one))
            {
                "now"
            } else {
                "ahead"
            };
            let when = seat
                .claimed(step)
                .map(|mark| format::minute(mark.when().millis()));
            view! {
                <li data-state=state data-step=format!("{step:?}") aria-current=(state == "now").then_some("step")>
                    {(state == "done").then(|| view! { <Glyph icon=Icon::Check/> })}
                    {(state == "waiting").then(|| view! { <Glyph icon=Icon::Clock/> })}
                    <span>{field.t(words)}</span>
                    {when.map(|when| view! { <small class="num">{when}</small> })}
                </li>
            }
        };
        Some(
            view! { <ol class="steps-of" data-testid="steps">{STEPS.map(row).collect_view()}</ol> },
        )
    }
}

#[component]
fn Big() -> impl IntoView {
    let field = field();
    let asks = expect_context::<RwSignal<Option<Asks>>>();
    let rests = RwSignal::new(false);
    let next = Memo::new(move |_| {
        let session = field.session()?;
        let actor = field.actor();
        Some(field.taps.with(|taps| next(&actor, &session, taps)))
    });
    let press = move |_| {
        if rests.get_untracked() {
            return;
        }
        let (Some(session), Some(next)) = (untrack(move || field.session()), next.get_untracked())
        else {
            return;
        };
        match next {
            Next::Say(step) => {
                rests.set(true);
                set_timeout(
                    move || {
                        let _ = rests.try_set(false);
                    },
                    REST,
                );
                field.tap(&session, command_of(step), json!({}), Some(step));
            }
            Next::SignOff => asks.set(Some(Asks::SignOff)),
            Next::Close => asks.set(Some(Asks::Close)),
            Next::Control => asks.set(Some(Asks::Control)),
            _ => {}
        }
    };
    let (words, why) = (
        move || big_words(field, next.get(), rests.get()),
        move || big_why(field, next.get(), rests.get()),
    );
    let acts = move || {
        matches!(
            next.get(),
            Some(Next::Say(_) | Next::SignOff | Next::Close | Next::Control)
        )
    };
    view! {
        {move || acts().then(|| view! {
            <button type="button" class="big" class:rests=move || rests.get() data-testid="big" aria-disabled=move || rests.get().to_string() on:click=press>
                <b>{words}</b><small>{why}</small>
            </button>
        })}
        {move || (!acts()).then(|| view! { <p class="big-rest" role="status" data-testid="big-rest"><b>{words}</b><small>{why}</small></p> })}
    }
}

fn big_words(field: Field, next: Option<Next>, rests: bool) -> String {
    if rests {
        return field.t(f::NOTED).to_owned();
    }
    let text = match next {
        Some(Next::Say(step)) => STEPS
            .iter()
            .find(|(one, _)| *one == step)
            .map_or(f::NEXT, |(_, words)| *words),
        Some(Next::SignOff) => f::STEP_DONE,
        Some(Next::Close) => f::CLOSE,
        Some(Next::Control) => f::CONTROL,
        Some(Next::AwaitControl) => f::AWAIT_CONTROL,
        Some(Next::AwaitOthers(n)) => return field.tf(f::AWAIT_OTHERS, &[("n", &n.to_string())]),
        Some(Next::NotOrdered) => f::NOT_ORDERED,
        Some(Next::Over) => f::OVER,
        Some(Next::Rest) | None => {
            let session = field.session();
            let mine = |session: &Session| own_seat(field, session).is_some();
            match &session {
                Some(session) if commands(&field.actor(), session) => f::COMMANDING,
                Some(session) if !mine(session) => f::WATCHING,
                _ => f::REST,
            }
        }
    };
    field.t(text).to_owned()
}

fn big_why(field: Field, next: Option<Next>, rests: bool) -> String {
    if rests {
        let at = format::time(field.now.get());
        return field.tf(f::NOTED_AT, &[("t", &at)]);
    }
    let text = match next {
        Some(Next::Say(_)) => f::TAP_ONCE,
        Some(Next::SignOff) => f::SIGN_OFF_WHY,
        Some(Next::Close) => f::CLOSE_WHY,
        Some(Next::Control) => f::CONTROL_WHY,
        Some(Next::AwaitControl) => f::AWAIT_CONTROL_WHY,
        Some(Next::AwaitOthers(_)) => f::AWAIT_OTHERS_WHY,
        Some(Next::NotOrdered) => f::NOT_ORDERED_WHY,
        Some(Next::Over) => {
            return field
                .session()
                .and_then(|one| one.result)
                .unwrap_or_default();
        }
        Some(Next::Rest) | None => {
            return field
                .session()
                .and_then(|session| {
                    let seat = own_seat(field, &session)?;
                    seat.result.clone()
                })
                .unwrap_or_default();
        }
    };
    field.t(text).to_owned()
}
