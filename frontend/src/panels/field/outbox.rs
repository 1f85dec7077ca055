//! Taps that wait on this tablet: kept before anything is sent, sent one after the other in the order
//! in which they were made, and taken once each, whatever breaks in between.

use domain::session::Session;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::Field;
use super::model::{Answer, Fate, Tap, answer, is_shown, was_taken};
use crate::context::LinkView;
use crate::panels::report::model::{Verdict, verdict};
use crate::{api, device, net};

/// Where photos and voice notes go.
const ATTACHMENTS: &str = "/api/v1/attachments";
/// Where positions go.
pub(super) const POSITIONS: &str = "/api/v1/positions";
/// How often what waits is tried again, ms.
const RETRY_MS: i32 = 5_000;

/// What the server keeps an attachment under.
#[derive(Deserialize)]
struct Attached {
    id: String,
}

/// Reads what this tablet kept, and sends it for as long as the page lives.
pub(super) fn begin(field: Field) {
    let again = move || spawn_local(send_all(field));
    let back = window_event_listener(ev::online, move |_| again());
    on_cleanup(move || back.remove());
    Effect::new(move |_| {
        if field.ctx.link.get() == LinkView::Live {
            again();
        }
    });
    // What the session shows needs no place beside it.
    Effect::new(move |_| {
        let gone = |tap: &Tap, all: &[Session]| {
            let session = all.iter().find(|one| one.id.to_string() == tap.session);
            tap.fate == Fate::Sent && session.is_none_or(|session| is_shown(tap, session))
        };
        let any = field.sessions.with(|all| {
            field
                .taps
                .with_untracked(|taps| taps.iter().any(|tap| gone(tap, all)))
        });
        if any {
            let all = field.sessions.get_untracked();
            field
                .taps
                .update(|taps| taps.retain(|tap| !gone(tap, &all)));
        }
    });
    spawn_local(async move {
        match device::all_items::<Tap>().await {
            Ok(mut taps) => {
                taps.sort_by_key(|tap| (tap.at, tap.key.clone()));
                field.taps.update(|all| {
                    taps.retain(|tap| all.iter().all(|one| one.key != tap.key));
                    all.splice(0..0, taps);
                });
            }
            Err(_) => field.store_failed.set(true),
        }
        loop {
            send_all(field).await;
            net::wait(RETRY_MS).await;
        }
    });
}

/// Keeps a tap: on the screen at once, in the store before it is sent.
pub(super) async fn keep(field: Field, tap: Tap) {
    let json = serde_json::to_string(&tap).unwrap_or_default();
    let key = tap.key.clone();
    field.taps.update(
        |taps| match taps.iter_mut().find(|one| one.key == tap.key) {
            Some(one) => *one = tap,
            None => taps.push(tap),
        },
    );
    let is_kept = device::put_item(&key, &json).await.is_ok();
    field.store_failed.set(!is_kept);
}

/// Drops a tap that was refused and whose refusal was read.
pub(super) fn dismiss(field: Field, key: &str) {
    let key = key.to_owned();
    let piece = field.taps.with_untracked(|taps| {
        let found = taps.iter().find(|tap| tap.key == key);
        found.and_then(|tap| tap.piece.clone())
    });
    field.taps.update(|taps| taps.retain(|tap| tap.key != key));
    spawn_local(async move {
        device::drop_item(&key).await;
        if let Some(piece) = piece {
            device::drop_blob(&piece.id).await;
        }
    });
}

/// Sends what waits, oldest first, and stops where one goes no further: order is part of what is
/// told. One at a time: whoever comes meanwhile finds it under way.
pub(super) async fn send_all(field: Field) {
    // Whoever holds the tablet is not known before the server said so: it asks by itself.
    if field.sending.get_untracked() || !field.is_known.get_untracked() {
        return;
    }
    field.sending.set(true);
    while let Some(tap) = next(field) {
        if !send(field, tap).await {
            break;
        }
    }
    field.sending.set(false);
}

fn next(field: Field) -> Option<Tap> {
    let me = field.me.with_value(|me| me.actor.id.clone());
    field.taps.with_untracked(|taps| {
        let mut mine = taps.iter().filter(|tap| tap.waits() && tap.by == me);
        mine.next().cloned()
    })
}

/// Sends one; whether the next may go.
async fn send(field: Field, mut tap: Tap) -> bool {
    let lang = field.lang();
    if let Some(fate) = send_piece(field, &mut tap).await {
        let goes_on = !matches!(fate, Fate::Waiting(_));
        tap.fate = fate;
        keep(field, tap).await;
        return goes_on;
    }
    let url = format!("/api/v1/sessions/{}/{}", tap.session, tap.command);
    let body = tap.sent_body().to_string();
    let reply = device::post(&url, lang.tag(), &tap.key, body).await;
    let mut meant = answer(&tap, reply.status, &reply.body);
    if let Answer::Ask(said) = meant {
        let url = format!("/api/v1/sessions/{}", tap.session);
        meant = match api::get::<Session>(&url, lang).await {
            Ok(session) if was_taken(&tap, &session) => Answer::Taken,
            Ok(_) => Answer::Refused(said),
            Err(_) => Answer::Later(None),
        };
    }
    match meant {
        Answer::Taken => taken(field, tap).await,
        Answer::Later(why) => {
            tap.fate = Fate::Waiting(why);
            keep(field, tap).await;
            return false;
        }
        Answer::Refused(said) | Answer::Ask(said) => {
            tap.fate = Fate::Refused(said);
            keep(field, tap).await;
            super::tablet::attract();
        }
    }
    true
}

async fn taken(field: Field, mut tap: Tap) {
    device::drop_item(&tap.key).await;
    if let Some(piece) = &tap.piece {
        device::drop_blob(&piece.id).await;
    }
    if let Some(position) = tap.position() {
        let key = device::new_key();
        // A position is told once or not at all: the next one is newer.
        let _ = device::post(POSITIONS, field.lang().tag(), &key, position.to_string()).await;
    }
    tap.fate = Fate::Sent;
    let session = field.sessions.with_untracked(|all| {
        let found = all.iter().find(|one| one.id.to_string() == tap.session);
        found.is_none_or(|session| is_shown(&tap, session))
    });
    field.taps.update(|taps| {
        taps.retain(|one| one.key != tap.key || !session);
        if let Some(one) = taps.iter_mut().find(|one| one.key == tap.key) {
            *one = tap;
        }
    });
}

/// Sends what goes with a tap; what becomes of it, if it goes no further.
async fn send_piece(field: Field, tap: &mut Tap) -> Option<Fate> {
    let piece = tap.piece.clone().filter(|piece| piece.sent_as.is_none())?;
    let reply = device::post_kept(ATTACHMENTS, field.lang().tag(), &piece.id).await;
    match verdict(reply.status, &reply.body) {
        Verdict::Good => {
            let Ok(attached) = serde_json::from_str::<Attached>(&reply.body) else {
                return Some(Fate::Waiting(None));
            };
            if let Some(piece) = &mut tap.piece {
                piece.sent_as = Some(attached.id);
            }
            keep(field, tap.clone()).await;
            None
        }
        Verdict::Later(why) => Some(Fate::Waiting(why)),
        Verdict::Never(why) => Some(Fate::Refused(why)),
    }
}
