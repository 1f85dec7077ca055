//! Who held an incident for how long, and everything that happened to it, in words, newest first.

use std::sync::Arc;

use domain::actor::Role;
use domain::incident::{Entry, Incident, What};
use domain::projection::attribution::shares;
use leptos::prelude::*;

use crate::i18n::{case as s, fill};
use crate::panels::desk::queue_model::precise;
use crate::panels::desk::{Desk, desk};
use crate::panels::ticker::verb;
use crate::session::{role_name, stamp, stands_in};
use crate::ui::tongue::t;

/// A share smaller than this is not labelled.
const LABELLED: f64 = 0.12;

/// The bar of who held it.
#[component]
pub fn Held() -> impl IntoView {
    let desk = desk();
    move || {
        let one = desk.case.get()?;
        let minute = domain::time::Timestamp::from_millis(desk.ctx.now.get() / 60_000 * 60_000);
        let shares = shares(&one, minute.max(one.received_at));
        let whole: i64 = shares.iter().map(|share| share.held.millis()).sum();
        (whole > 0).then(|| {
            let lang = desk.session.tongue.0.get();
            let part = |share: domain::projection::attribution::Share| {
                let org = share.org.to_string();
                let name = desk.ctx.words.with(|words| words.org(lang, &org, one.region).to_owned());
                let held = precise(lang, share.held.millis());
                let late = share.overdue.millis();
                let note = if late > 0 {
                    fill(lang.of(s::HELD_LATE), &[("t", &precise(lang, late))])
                } else {
                    String::new()
                };
                let size = share.held.millis() as f64 / whole as f64;
                let words = format!("{name} {held} {note}").trim_end().to_owned();
                let spoken = words.clone();
                let shown = if size >= LABELLED { format!("{name} {held}") } else { String::new() };
                view! {
                    <li style:flex-grow=((size * 1_000.0) as u32).max(10).to_string() data-late=(late > 0).to_string() title=words>
                        <span class="sr">{spoken}</span><span class="clip" aria-hidden="true">{shown}</span></li>
                }
            };
            view! {
                <h3>{t(s::HELD_HOW_LONG)}</h3>
                <ul class="held" data-testid="held">{shares.into_iter().map(part).collect_view()}</ul>
            }
        })
    }
}

/// What happened.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = desk();
    move || {
        let one = desk.case.get()?;
        let rows = one
            .timeline
            .iter()
            .rev()
            .map(|entry| line(desk, &one, entry));
        Some(view! {
            <h3>{t(s::TIMELINE)}</h3>
            <ol class="timeline" data-testid="timeline">{rows.collect_view()}</ol>
        })
    }
}

fn line(desk: Desk, one: &Arc<Incident>, entry: &Entry) -> impl IntoView + use<> {
    let stamp = stamp(entry.at);
    let is_today =
        stamp.get(..10) == crate::i18n::format::stamp(desk.ctx.now.get_untracked()).get(..10);
    let when = if is_today {
        stamp.get(11..)
    } else {
        stamp.get(5..)
    };
    let when = when.unwrap_or_default().to_owned();
    let what = what(desk, one, entry);
    let by = by(desk, entry);
    let kind = match entry.what {
        What::Breached | What::OrderClimbed => "red",
        What::Reminded => "amber",
        _ => "plain",
    };
    view! {
        <li data-what=format!("{:?}", entry.what) data-kind=kind>
            <time class="num" title=stamp.clone()>{when}</time>
            <div><b>{what}</b>" "<small>{by}</small>
                {entry.text.clone().filter(|text| !text.is_empty()).map(|text| view! { <p>{text}</p> })}</div>
        </li>
    }
}

/// What happened, with whom it concerned as far as the incident still tells.
fn what(desk: Desk, one: &Incident, entry: &Entry) -> String {
    let lang = desk.session.tongue.0.get();
    let order = entry
        .order
        .map(|number| number.to_string())
        .unwrap_or_default();
    let breach = one
        .breaches
        .iter()
        .find(|breach| Some(breach.number) == entry.order);
    let org = match entry.what {
        What::Dispatched => after(one, entry),
        What::Started => entry.by.org.as_ref().map(ToString::to_string),
        _ => breach.map(|breach| breach.order.to.to_string()),
    };
    let org = org.map(|org| {
        desk.ctx
            .words
            .with(|words| words.org(lang, &org, one.region).to_owned())
    });
    let org = org.unwrap_or_default();
    fill(
        lang.of(verb(entry.what, org.is_empty())),
        &[("n", &order), ("org", &org)],
    )
}

/// Who held it from that moment on.
fn after(one: &Incident, entry: &Entry) -> Option<String> {
    let hold = one.holds.iter().rev().find(|hold| hold.from <= entry.at)?;
    Some(hold.org.to_string())
}

/// Who did it: a rule, an organisation, or a role.
fn by(desk: Desk, entry: &Entry) -> String {
    let lang = desk.session.tongue.0.get();
    if entry.by.role == Role::Rule {
        return lang.of(s::BY_RULE).to_owned();
    }
    let org = match &entry.by.org {
        Some(org) => desk.session.org(org.as_str()),
        None => role_name(lang, entry.by.role).to_owned(),
    };
    match &entry.by.on_behalf_of {
        Some(name) => format!("{org} · {}", stands_in(lang, name)),
        None => org,
    }
}
