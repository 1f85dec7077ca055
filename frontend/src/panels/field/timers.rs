//! The free timers of a session: how long each has still to run, or that it rang.

use domain::session::Timer;
use leptos::prelude::*;

use super::card::own_seat;
use super::{Field, field};
use crate::i18n::{field as f, format};

/// Those of the whole session and of one's own unit; a commander sees everybody's.
#[component]
pub fn Timers() -> impl IntoView {
    let field = field();
    let running = Memo::new(move |_| {
        let Some(session) = field.session().filter(|session| session.stage.is_open()) else {
            return Vec::new();
        };
        let own = own_seat(field, &session).map(|seat| seat.org.clone());
        let commands = session.commander.id == field.actor().id;
        let mine = |timer: &&Timer| commands || timer.org.is_none() || timer.org == own;
        let all = session.timers.iter().filter(|t| t.stopped.is_none());
        all.filter(mine).cloned().collect::<Vec<_>>()
    });
    move || {
        let all = running.get();
        (!all.is_empty()).then(|| {
            let rows = all.into_iter().map(|timer| row(field, &timer)).collect_view();
            view! { <ul class="timers" data-testid="timers" aria-label=field.t(f::TIMERS)>{rows}</ul> }
        })
    }
}

fn row(field: Field, timer: &Timer) -> impl IntoView + use<> {
    let whose = timer.org.as_ref().map(|org| field.org(org.as_str()));
    let due = timer.due;
    let rang = timer.rang.is_some();
    let left = move || {
        let left = due.since(field.time()).millis();
        if rang || left <= 0 {
            field.t(f::TIMER_RANG).to_owned()
        } else {
            format::clock(left)
        }
    };
    let over = move || rang || due <= field.time();
    view! {
        <li class:late=over><span>{timer.label.clone()}{whose.map(|org| view! { <small>{org}</small> })}</span><b class="num">{left}</b></li>
    }
}
