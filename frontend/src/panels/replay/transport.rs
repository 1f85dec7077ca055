//! What one holds in the hand: play and pause, speed, steps, jumps, the time, and the keys for them.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::{SPANS, SPEEDS, kind_name, step_ms};
use super::scrubber::{Legend, Scrubber};
use super::{Replay, State, Told, replay};
use crate::i18n::{Text, format, replay as k};
use crate::ui::icon::{Glyph, Icon};

/// What the keys jump to.
const ANY: &str = "red,session,order";

/// The bar below everything.
#[component]
pub fn Transport() -> impl IntoView {
    let replay = replay();
    listen(replay);
    view! {
        <section class="transport panel" data-testid="transport" data-state=move || name(&replay.state.get())
            on:click=move |ev| release(&ev)>
            <Scrubber/>
            <div class="controls">
                <Running/>
                <Speeds/>
                <When/>
                <Jumps/>
                <Spans/>
                <Status/>
            </div>
        </section>
    }
}

/// A hand that clicked leaves the keys to the whole: space plays on, whatever was clicked.
fn release(ev: &leptos::ev::MouseEvent) {
    let focused = document().active_element();
    let focused = focused.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) =
        focused.filter(|element| ev.detail() > 0 && element.tag_name() == "BUTTON")
    {
        let _ = element.blur();
    }
}

fn name(state: &State) -> &'static str {
    match state {
        State::Starting => "starting",
        State::Seeking(_) => "seeking",
        State::Ready => "ready",
        State::Buffering => "buffering",
        State::AtEnd => "end",
        State::Refused(_) => "refused",
    }
}

#[component]
fn Running() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let icon = Signal::derive(move || {
        if replay.playing.get() {
            Icon::Pause
        } else {
            Icon::Play
        }
    });
    let words = move || {
        ctx.t(if replay.playing.get() {
            k::PAUSE
        } else {
            k::PLAY
        })
    };
    let step = move |text: Text| {
        let ms = step_ms(replay.hours.get());
        ctx.tf(text, &[("t", &format::clock(ms))])
    };
    view! {
        <div class="group" role="group">
            <button type="button" class="tool" aria-label=move || step(k::STEP_BACK) title=move || step(k::STEP_BACK)
                data-testid="step-back" on:click=move |_| step_by(replay, -1)><Glyph icon=Icon::StepBack/></button>
            <button type="button" class="tool play" aria-pressed=move || replay.playing.get().to_string()
                data-testid="play" on:click=move |_| replay.toggle()><Glyph icon=icon/>{words}</button>
            <button type="button" class="tool" aria-label=move || step(k::STEP_ON) title=move || step(k::STEP_ON)
                data-testid="step-on" on:click=move |_| step_by(replay, 1)><Glyph icon=Icon::StepOn/></button>
        </div>
    }
}

fn step_by(replay: Replay, times: i64) {
    replay.step(step_ms(replay.hours.get_untracked()) * times);
}

#[component]
fn Speeds() -> impl IntoView {
    let replay = replay();
    let button = move |speed: u32| {
        view! {
            <button type="button" class="tool num" aria-pressed=move || (replay.speed.get() == speed).to_string()
                data-testid=format!("speed-{speed}") on:click=move |_| set_speed(replay, speed)>"×"{speed}</button>
        }
    };
    view! {
        <div class="group" role="group" aria-label=move || replay.ctx.t(k::SPEED)>
            {SPEEDS.map(button).collect_view()}
        </div>
    }
}

fn set_speed(replay: Replay, speed: u32) {
    replay.speed.set(speed);
    replay.note();
}

#[component]
fn Spans() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let button = move |hours: i64| {
        let words = move || match hours {
            24 => ctx.t(k::DAY).to_owned(),
            n => ctx.tf(k::HOURS, &[("n", &n.to_string())]),
        };
        let choose = move |_| {
            replay.hours.set(hours);
            replay.note();
        };
        view! {
            <button type="button" class="tool num" aria-pressed=move || (replay.hours.get() == hours).to_string() on:click=choose>{words}</button>
        }
    };
    view! {
        <div class="group spans" role="group" aria-label=move || ctx.t(k::SPAN)>{SPANS.map(button).collect_view()}</div>
    }
}

/// The time, to be chosen.
#[component]
fn When() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let minute = Memo::new(move |_| format::local_input(replay.at.get()));
    let choose = move |ev| {
        if let Some(ms) = format::from_local_input(&event_target_value(&ev)) {
            replay.seek(ms);
        }
    };
    view! {
        <label class="when num"><span class="sr">{move || ctx.t(k::TIME)}</span>
            <input type="datetime-local" data-testid="when" prop:value=move || minute.get() on:change=choose/></label>
    }
}

#[component]
fn Jumps() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let pair = move |kinds: &'static str, sign: &'static str, what: Text| {
        let words = move |text: Text| format!("{} {}", ctx.t(text), ctx.t(what));
        view! {
            <span class="jump" role="group" aria-label=move || ctx.t(what)>
                <button type="button" class="tool" aria-label=move || words(k::PREV) title=move || words(k::PREV)
                    data-testid=format!("prev-{sign}") on:click=move |_| replay.jump(kinds, false, what)><Glyph icon=Icon::Before/></button>
                <span class="what"><i class="sign" data-kind=sign></i>{move || ctx.t(what)}</span>
                <button type="button" class="tool" aria-label=move || words(k::NEXT) title=move || words(k::NEXT)
                    data-testid=format!("next-{sign}") on:click=move |_| replay.jump(kinds, true, what)><Glyph icon=Icon::After/></button>
            </span>
        }
    };
    view! {
        <div class="group jumps">
            {pair("red", "red", k::K_RED)}
            {pair("order", "order", k::K_ORDER)}
            {pair("session", "session", k::K_SESSION)}
        </div>
    }
}

/// What was reached, what is waited for, what was refused.
#[component]
fn Status() -> impl IntoView {
    let replay = replay();
    let ctx = replay.ctx;
    let text = move || match (replay.state.get(), replay.told.get()) {
        (State::Refused(why), _) => why,
        (State::Seeking(to), _) => ctx.tf(k::SEEKING, &[("t", &format::stamp(to))]),
        (State::Buffering, _) => ctx.t(k::BUFFERING).to_owned(),
        (_, Some(Told::Moment(moment))) => landed(replay, &moment),
        (_, Some(Told::NoMore(what))) => ctx.tf(k::NO_MORE, &[("what", ctx.t(what))]),
        (_, Some(Told::NoSession)) => ctx.t(k::UNKNOWN_SESSION).to_owned(),
        (State::AtEnd, None) => ctx.t(k::AT_END).to_owned(),
        (State::Starting | State::Ready, None) => String::new(),
    };
    view! {
        <p class="status clip" role="status" data-testid="replay-status">{text}</p>
        <Legend/>
        <span class="keys quiet">{move || ctx.t(k::KEYS)}</span>
    }
}

fn landed(replay: Replay, moment: &super::Moment) -> String {
    let ctx = replay.ctx;
    let drill = if moment.drill {
        ctx.t(crate::i18n::command::DRILL)
    } else {
        ""
    };
    let at = format::time(moment.at.millis());
    let what = ctx.t(kind_name(&moment.kind));
    let parts = [at.as_str(), what, drill, moment.title.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// The keys, unless somebody types.
fn listen(replay: Replay) {
    let handle = window_event_listener(leptos::ev::keydown, move |ev: KeyboardEvent| {
        if ev.ctrl_key() || ev.alt_key() || ev.meta_key() || types(&ev) {
            return;
        }
        match ev.key().as_str() {
            " " => replay.toggle(),
            "ArrowLeft" => step_by(replay, if ev.shift_key() { -6 } else { -1 }),
            "ArrowRight" => step_by(replay, if ev.shift_key() { 6 } else { 1 }),
            "[" => replay.jump(ANY, false, k::K_ANY),
            "]" => replay.jump(ANY, true, k::K_ANY),
            _ => return,
        }
        ev.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

/// Whether a key belongs to what has the focus.
fn types(ev: &KeyboardEvent) -> bool {
    let Some(element) = ev
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return false;
    };
    let tag = element.tag_name();
    let is_range = element.get_attribute("type").as_deref() == Some("range");
    let is_space_on_button = tag == "BUTTON" && ev.key() == " ";
    is_space_on_button
        || matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && !(is_range && ev.key() != "ArrowUp")
}
