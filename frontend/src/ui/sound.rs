//! The sound of a new red lamp: two short tones. A browser lets a page sound only after someone
//! touched it, so until then the button says that the wall is muted.

use leptos::prelude::*;
use web_sys::{AudioContext, AudioContextState, OscillatorType};

use crate::context::context;
use crate::i18n::catalogue as c;
use crate::net;
use crate::ui::icon::{Glyph, Icon};

/// Where the choice is remembered.
const KEY: &str = "sound";
/// The two tones, Hz, and how long each lasts, s.
const TONES: [f32; 2] = [880.0, 660.0];
const TONE_SECS: f64 = 0.18;

/// Sounds once when `alarm` counts up, if sound is on; shows and switches that.
#[component]
pub fn Sound() -> impl IntoView {
    let ctx = context();
    let on = RwSignal::new(false);
    let audio = StoredValue::new_local(None::<AudioContext>);
    if net::recall(KEY).as_deref() == Some("on")
        && let Ok(found) = AudioContext::new()
    {
        // A kiosk may allow sound without a touch; anywhere else the state says suspended.
        on.set(found.state() == AudioContextState::Running);
        audio.set_value(Some(found));
    }
    let toggle = move |_| {
        let now_on = !on.get_untracked();
        if now_on {
            if audio.with_value(Option::is_none) {
                audio.set_value(AudioContext::new().ok());
            }
            audio.with_value(|audio| {
                if let Some(audio) = audio {
                    let _ = audio.resume();
                    beep(audio);
                }
            });
        }
        on.set(now_on && audio.with_value(Option::is_some));
        net::remember(KEY, if now_on { "on" } else { "off" });
    };
    Effect::new(move |before: Option<u32>| {
        let count = ctx.alarm.get();
        if before.is_some_and(|before| count > before) && on.get_untracked() {
            audio.with_value(|audio| {
                if let Some(audio) = audio {
                    beep(audio);
                }
            });
        }
        count
    });
    let icon = Signal::derive(move || {
        if on.get() {
            Icon::SoundOn
        } else {
            Icon::SoundOff
        }
    });
    let label = move || ctx.t(if on.get() { c::SOUND_ON } else { c::SOUND_OFF });
    view! {
        <button class="tool" aria-pressed=move || on.get().to_string() aria-label=label title=label on:click=toggle>
            <Glyph icon=icon/>
        </button>
    }
}

fn beep(audio: &AudioContext) {
    for (i, tone) in TONES.iter().enumerate() {
        let start = audio.current_time() + i as f64 * TONE_SECS;
        let (Ok(oscillator), Ok(gain)) = (audio.create_oscillator(), audio.create_gain()) else {
            return;
        };
        oscillator.set_type(OscillatorType::Triangle);
        oscillator.frequency().set_value(*tone);
        let _ = gain.gain().set_value_at_time(0.25, start);
        let _ = gain
            .gain()
            .exponential_ramp_to_value_at_time(0.01, start + TONE_SECS);
        let _ = oscillator.connect_with_audio_node(&gain);
        let _ = gain.connect_with_audio_node(&audio.destination());
        let _ = oscillator.start_with_when(start);
        let _ = oscillator.stop_with_when(start + TONE_SECS);
    }
}
