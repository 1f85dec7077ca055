//! Photos and the voice note of a report, or of what is told about one.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::{MAX_PHOTOS, MAX_VOICE_SECS, Piece};
use crate::device;
use crate::i18n::{fill, report as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// The photos: those taken, and a button for the next.
#[component]
pub(super) fn Photos(
    /// What goes with it.
    pieces: RwSignal<Vec<Piece>>,
) -> impl IntoView {
    let tongue = tongue();
    let input = NodeRef::<html::Input>::new();
    let bad = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let count = move || pieces.with(|all| all.iter().filter(|p| p.secs == 0).count());
    let full = move || count() >= MAX_PHOTOS;
    let take = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let files: Vec<web_sys::File> = input
            .files()
            .map(|files| (0..files.length()).filter_map(|n| files.item(n)).collect())
            .unwrap_or_default();
        let room = MAX_PHOTOS - count().min(MAX_PHOTOS);
        busy.set(true);
        spawn_local(async move {
            bad.set(false);
            for file in files.iter().take(room) {
                match device::keep_photo(file).await {
                    Some(kept) => pieces.update(|all| all.push(piece(kept))),
                    None => bad.set(true),
                }
            }
            busy.set(false);
        });
        // The same photo may be chosen again.
        input.set_value("");
    };
    view! {
        <div class="block">
            <h2>{move || tongue.tf(r::PHOTOS, &[("n", &MAX_PHOTOS.to_string())])}</h2>
            <div class="photos" data-testid="photos" data-count=move || count().to_string()>
                {move || {
                    let photos = pieces.get().into_iter().filter(|p| p.secs == 0).enumerate();
                    photos.map(|(nth, piece)| view! { <Photo nth=nth + 1 piece=piece pieces=pieces/> }).collect_view()
                }}
                <label class="photo-add" class:busy=move || busy.get() hidden=full>
                    <Glyph icon=Icon::Camera/><span>{t(r::PHOTO_ADD)}</span>
                    <input node_ref=input class="sr" type="file" accept="image/*" multiple=true data-testid="photo-input" on:change=take/>
                </label>
            </div>
            {move || bad.get().then(|| view! { <small class="fault" role="alert">{t(r::PHOTO_BAD)}</small> })}
        </div>
    }
}

#[component]
fn Photo(nth: usize, piece: Piece, pieces: RwSignal<Vec<Piece>>) -> impl IntoView {
    let tongue = tongue();
    let named = move |text| fill(tongue.t(text), &[("n", &nth.to_string())]);
    let id = piece.id.clone();
    view! {
        <figure class="photo">
            {if piece.url.is_empty() {
                view! { <span class="no-picture"><Glyph icon=Icon::Camera/></span> }.into_any()
            } else {
                view! { <img src=piece.url.clone() alt=move || named(r::PHOTO_ALT)/> }.into_any()
            }}
            <button type="button" class="remove" aria-label=move || named(r::PHOTO_REMOVE) on:click=move |_| remove(pieces, &id)>
                <Glyph icon=Icon::Close/>
            </button>
        </figure>
    }
}

/// The voice note: a button to record, or what was recorded.
#[component]
pub(super) fn Voice(
    /// What goes with it.
    pieces: RwSignal<Vec<Piece>>,
) -> impl IntoView {
    let tongue = tongue();
    let recorded = RwSignal::new(None::<u32>);
    let denied = RwSignal::new(false);
    let note = move || pieces.with(|all| all.iter().find(|p| p.secs > 0).cloned());
    let start = move |_| {
        spawn_local(async move {
            let done = move |kept: Option<device::Kept>| {
                recorded.set(None);
                pieces.update(|all| all.extend(kept.map(piece)));
            };
            let started = device::start_voice(MAX_VOICE_SECS, done).await;
            denied.set(started.is_err());
            if started.is_ok() {
                recorded.set(Some(0));
                count_up(recorded);
            }
        });
    };
    view! {
        <div class="block">
            <h2>{move || tongue.tf(r::VOICE, &[("n", &MAX_VOICE_SECS.to_string())])}</h2>
            {move || match (note(), recorded.get()) {
                (Some(note), _) => {
                    let id = note.id.clone();
                    view! {
                        <div class="voice" data-testid="voice-note">
                            <audio controls=true src=note.url></audio>
                            <button type="button" class="btn quiet" aria-label=tongue.t(r::VOICE_REMOVE) on:click=move |_| remove(pieces, &id)><Glyph icon=Icon::Trash/></button>
                        </div>
                    }.into_any()
                }
                (None, Some(secs)) => view! {
                    <button type="button" class="btn recording" data-testid="voice-stop" on:click=move |_| device::stop_voice()>
                        <Glyph icon=Icon::Stop/>{tongue.tf(r::VOICE_STOP, &[("n", &secs.to_string())])}
                    </button>
                }.into_any(),
                (None, None) => view! {
                    <button type="button" class="btn" data-testid="voice-start" on:click=start><Glyph icon=Icon::Mic/>{t(r::VOICE_START)}</button>
                }.into_any(),
            }}
            {move || denied.get().then(|| view! { <small class="fault" role="alert">{t(r::VOICE_DENIED)}</small> })}
        </div>
    }
}

/// Counts the seconds for as long as it records.
fn count_up(recorded: RwSignal<Option<u32>>) {
    let tick = move || {
        if recorded.get_untracked().is_some() {
            recorded.update(|secs| *secs = secs.map(|secs| secs + 1));
            count_up(recorded);
        }
    };
    set_timeout(tick, std::time::Duration::from_secs(1));
}

fn piece(kept: device::Kept) -> Piece {
    Piece {
        id: kept.id,
        secs: kept.secs,
        sent_as: None,
        url: kept.url,
    }
}

fn remove(pieces: RwSignal<Vec<Piece>>, id: &str) {
    pieces.update(|all| all.retain(|piece| piece.id != id));
    let id = id.to_owned();
    spawn_local(async move { device::drop_blob(&id).await });
}
