//! Sound and speech of what a room must hear: two tones and a sentence, again and again until
//! somebody acknowledges it at a desk. A browser lets a page sound only after someone touched it,
//! so until then the button says that the wall is muted. Speech is a voice of this machine or none.

use std::collections::HashSet;

use domain::alarm::{Alarm, Sounding};
use leptos::prelude::*;
use web_sys::{AudioContext, AudioContextState, OscillatorType, SpeechSynthesisUtterance};

use crate::context::{Context, context};
use crate::i18n::catalogue as c;
use crate::net;
use crate::panels::alarms::{Alarms, spoken};
use crate::ui::icon::{Glyph, Icon};

/// Where the choice is remembered.
const KEY: &str = "sound";
/// The two tones, Hz, and how long each lasts, s.
const TONES: [f32; 2] = [880.0, 660.0];
const TONE_SECS: f64 = 0.18;
/// How often what nobody acknowledged is repeated in peace and in war, ms.
const REPEAT_MS: (f64, f64) = (60_000.0, 20_000.0);
/// Loudness of the tones in peace and in war.
const GAIN: (f32, f32) = (0.25, 0.5);
/// Most alarms spoken in one go.
const SPOKEN: usize = 2;

/// Decides when to sound: at once for what is new, else when the last time is long enough ago.
#[derive(Default)]
pub struct Bell {
    heard: Option<HashSet<Alarm>>,
    last_ms: f64,
}

impl Bell {
    /// What is to be told now of what waits, the newest first; empty to keep still. What waited
    /// before this screen looked is no news, but is repeated like anything else.
    pub fn ring(&mut self, waiting: &[Sounding], repeat_ms: f64, now_ms: f64) -> Vec<Alarm> {
        let all: HashSet<Alarm> = waiting.iter().map(|one| one.alarm.clone()).collect();
        let Some(before) = self.heard.replace(all) else {
            self.last_ms = now_ms;
            return Vec::new();
        };
        let told = |one: &&Sounding| !before.contains(&one.alarm);
        let mut now: Vec<Alarm> = waiting
            .iter()
            .filter(told)
            .map(|one| one.alarm.clone())
            .collect();
        if now.is_empty() && now_ms - self.last_ms >= repeat_ms {
            now = waiting.iter().map(|one| one.alarm.clone()).collect();
        }
        if !now.is_empty() {
            self.last_ms = now_ms;
        }
        now
    }
}

/// Sounds what waits to be acknowledged, if sound is on; shows and switches that.
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
                    beep(audio, GAIN.0);
                }
            });
        } else if let Ok(speech) = window().speech_synthesis() {
            speech.cancel();
        }
        on.set(now_on && audio.with_value(Option::is_some));
        net::remember(KEY, if now_on { "on" } else { "off" });
    };
    listen(ctx, on, audio);
    let icon = Signal::derive(move || {
        if on.get() {
            Icon::SoundOn
        } else {
            Icon::SoundOff
        }
    });
    let label = move || ctx.t(if on.get() { c::SOUND_ON } else { c::SOUND_OFF });
    view! {
        <button class="tool" data-testid="sound" aria-pressed=move || on.get().to_string() aria-label=label title=label on:click=toggle>
            <Glyph icon=icon/>
        </button>
    }
}

fn listen(
    ctx: Context,
    on: RwSignal<bool>,
    audio: StoredValue<Option<AudioContext>, LocalStorage>,
) {
    let alarms = expect_context::<Alarms>();
    let bell = StoredValue::new_local(Bell::default());
    let war = Memo::new(move |_| ctx.read(|world| world.mode().is_war).unwrap_or_default());
    Effect::new(move |_| {
        ctx.now.track();
        // A link that was cut says nothing new: what is shown then is old.
        if !ctx.loaded.get() || ctx.stale.get().is_some() {
            return;
        }
        let waiting = alarms.waiting();
        let war = war.get();
        let repeat = if war { REPEAT_MS.1 } else { REPEAT_MS.0 };
        let mut told = Vec::new();
        bell.update_value(|bell| told = bell.ring(&waiting, repeat, net::monotonic_ms()));
        if told.is_empty() || !on.get_untracked() {
            return;
        }
        audio.with_value(|audio| {
            if let Some(audio) = audio {
                beep(audio, if war { GAIN.1 } else { GAIN.0 });
            }
        });
        for alarm in told.iter().take(SPOKEN) {
            if let Some(text) = spoken(ctx, alarm) {
                say(&text, ctx.lang.get_untracked().tag());
            }
        }
    });
}

/// Says a sentence by a voice of this machine; a voice from outside would send it there.
fn say(text: &str, tag: &str) {
    let Ok(speech) = window().speech_synthesis() else {
        return;
    };
    let language = tag.get(..2).unwrap_or(tag);
    let all = speech.get_voices();
    let mut voices = all.iter().filter_map(|voice| {
        use wasm_bindgen::JsCast;
        voice.dyn_into::<web_sys::SpeechSynthesisVoice>().ok()
    });
    let found = voices.find(|voice| voice.local_service() && voice.lang().starts_with(language));
    let (Some(voice), Ok(utterance)) = (found, SpeechSynthesisUtterance::new_with_text(text))
    else {
        return;
    };
    utterance.set_lang(tag);
    utterance.set_voice(Some(&voice));
    speech.speak(&utterance);
}

fn beep(audio: &AudioContext, loudness: f32) {
    for (i, tone) in TONES.iter().enumerate() {
        let start = audio.current_time() + i as f64 * TONE_SECS;
        let (Ok(oscillator), Ok(gain)) = (audio.create_oscillator(), audio.create_gain()) else {
            return;
        };
        oscillator.set_type(OscillatorType::Triangle);
        oscillator.frequency().set_value(*tone);
        let _ = gain.gain().set_value_at_time(loudness, start);
        let _ = gain
            .gain()
            .exponential_ramp_to_value_at_time(0.01, start + TONE_SECS);
        let _ = oscillator.connect_with_audio_node(&gain);
        let _ = gain.connect_with_audio_node(&audio.destination());
        let _ = oscillator.start_with_when(start);
        let _ = oscillator.stop_with_when(start + TONE_SECS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::SessionId;
    use domain::time::Timestamp;

    fn one(n: &str) -> Sounding {
        let county = "330899".parse().expect("code");
        Sounding {
            alarm: Alarm::Opened {
                session: SessionId::of_wish(county, "x", n),
            },
            region: county,
            since: Timestamp::from_millis(0),
            acknowledged: None,
        }
    }

    #[test]
    fn what_is_new_sounds_at_once_and_again_until_it_is_acknowledged() {
        let mut bell = Bell::default();
        assert!(bell.ring(&[one("a")], 60_000.0, 0.0).is_empty(), "no news");
        assert!(bell.ring(&[one("a")], 60_000.0, 59_000.0).is_empty());
        assert_eq!(bell.ring(&[one("a")], 60_000.0, 60_000.0).len(), 1);
        let told = bell.ring(&[one("b"), one("a")], 60_000.0, 61_000.0);
        assert_eq!(told, [one("b").alarm], "the new one alone, at once");
        assert!(
            bell.ring(&[], 60_000.0, 999_000.0).is_empty(),
            "acknowledged"
        );
    }
}
