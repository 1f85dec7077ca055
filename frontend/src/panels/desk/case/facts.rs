//! What is known of an incident: its text, where, by whom, whose it is and why, what waits, what
//! came of it, its photos.

use std::sync::Arc;

use domain::actor::Clearance;
use domain::ids::IncidentId;
use domain::incident::Incident;
use leptos::prelude::*;

use crate::i18n::{Text, case as s};
use crate::panels::desk::queue_model::{title, where_in};
use crate::panels::desk::{Desk, desk};
use crate::session::stamp;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;

/// The facts.
#[component]
pub fn Facts() -> impl IntoView {
    let desk = desk();
    move || {
        let one = desk.case.get()?;
        let lines = lines(desk, &one);
        let row =
            |(name, text): (Text, String)| view! { <div><dt>{t(name)}</dt><dd>{text}</dd></div> };
        Some(view! {
            {one.description.clone().map(|text| view! { <p class="description" data-testid="case-text">{text}</p> })}
            <dl class="known">
                {lines.into_iter().map(row).collect_view()}
                <Others one=Arc::clone(&one)/>
                <Attachments one=Arc::clone(&one)/>
            </dl>
            <Steps one=one/>
        })
    }
}

fn lines(desk: Desk, one: &Incident) -> Vec<(Text, String)> {
    let tongue = desk.session.tongue;
    let mut lines = vec![(s::PLACE, place(desk, one)), (s::CALLER, caller(desk, one))];
    lines.push((s::DUTY, duty(desk, one)));
    let mut add = |name: Text, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push((name, text));
        }
    };
    add(s::BECAUSE, one.because.clone());
    add(s::RECEIVED, Some(stamp(one.received_at)));
    add(s::OCCURRED, one.occurred_at.map(stamp));
    add(
        s::DUE,
        one.deadline().map(|due| {
            let is_provisional = one
                .clocks
                .iter()
                .any(|clock| clock.runs() && clock.provisional);
            let note = if is_provisional {
                tongue.t(s::PROVISIONAL)
            } else {
                ""
            };
            format!("{} {note}", stamp(due)).trim_end().to_owned()
        }),
    );
    lines.extend(waiting(desk, one));
    lines.extend(one.result.clone().map(|text| (s::RESULT, text)));
    lines
}

/// What it waits for, or where it went.
fn waiting(desk: Desk, one: &Incident) -> Vec<(Text, String)> {
    let tongue = desk.session.tongue;
    let org = |id: &domain::pack::orgs::OrgId| desk.session.org(id.as_str());
    let mut lines = Vec::new();
    let mut add = |name: Text, text: Option<String>| {
        lines.extend(text.map(|text| (name, text)));
    };
    add(
        s::EXTENSION,
        one.extension.as_ref().map(|asked| {
            let (until, by) = (stamp(asked.until), org(&asked.by));
            tongue.tf(
                s::WAITING_FOR,
                &[("t", &until), ("org", &by), ("why", &asked.reason)],
            )
        }),
    );
    add(
        s::WAITS,
        one.suspension.as_ref().map(|wait| {
            tongue.tf(
                s::SUSPENDED_TO,
                &[("t", &stamp(wait.review_at)), ("why", &wait.reason)],
            )
        }),
    );
    add(
        s::HANDED,
        one.transfer.as_ref().map(|gone| {
            tongue.tf(
                s::HANDED_TO,
                &[("to", &gone.to), ("receipt", &gone.receipt)],
            )
        }),
    );
    add(
        s::CONSENT,
        one.consent.as_ref().map(|asked| {
            tongue.tf(
                s::CONSENT_ASKED,
                &[("org", &org(&asked.to)), ("why", &asked.reason)],
            )
        }),
    );
    lines
}

fn place(desk: Desk, one: &Incident) -> String {
    let region = desk
        .ctx
        .words
        .with(|words| where_in(one, words, desk.ctx.scope));
    let address = one.place.address.clone().unwrap_or_default();
    let address = desk
        .ctx
        .words
        .with(|words| words.without_place(&address, one.region).to_owned());
    [region, address]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Name and phone, as far as they are shown: an empty one is said to be masked where it may be.
fn caller(desk: Desk, one: &Incident) -> String {
    let tongue = desk.session.tongue;
    let reporter = one.reporter.clone().unwrap_or_default();
    let parts: Vec<String> = [reporter.name, reporter.phone]
        .into_iter()
        .flatten()
        .collect();
    if !parts.is_empty() {
        return parts.join(" · ");
    }
    let sees_all = desk.session.me.with(|me| me.clearance == Clearance::Full);
    tongue
        .t(if sees_all {
            s::CALLER_NONE
        } else {
            s::CALLER_MASKED
        })
        .to_owned()
}

fn duty(desk: Desk, one: &Incident) -> String {
    let tongue = desk.session.tongue;
    let lead = one.holder().map(|hold| desk.session.org(hold.org.as_str()));
    let lead = lead.unwrap_or_else(|| tongue.t(s::NOBODY).to_owned());
    let mut text = tongue.tf(s::LEAD, &[("org", &lead)]);
    let helpers: Vec<String> = one
        .cooperators
        .iter()
        .map(|id| desk.session.org(id.as_str()))
        .collect();
    if !helpers.is_empty() {
        text = format!(
            "{text} · {}",
            tongue.tf(s::HELPERS, &[("orgs", &helpers.join("、"))])
        );
    }
    text
}

/// The incidents it is tied to.
#[component]
fn Others(one: Arc<Incident>) -> impl IntoView {
    let desk = desk();
    let link = move |id: IncidentId| {
        let name = move || {
            let lang = desk.session.tongue.0.get();
            let other = desk.incident(id);
            other.map_or_else(
                || desk.session.tongue.t(s::OPEN_OTHER).to_owned(),
                |other| {
                    desk.ctx
                        .words
                        .with(|words| format!("{} {}", other.label(), title(&other, words, lang)))
                },
            )
        };
        view! { <button type="button" class="link" on:click=move |_| desk.show(id)>{name}</button> }
    };
    let followers = one.followers.clone();
    let count = followers.len().to_string();
    view! {
        {one.follows.map(|id| view! { <div><dt>{t(s::FOLLOWS)}</dt><dd>{link(id)}</dd></div> })}
        {one.duplicate_of.map(|id| view! { <div><dt>{t(s::REPEATS)}</dt><dd>{link(id)}</dd></div> })}
        {(!followers.is_empty()).then(|| view! {
            <div><dt>{t(s::DO_MERGE)}</dt><dd>{desk.session.tongue.tf(s::FOLLOWERS, &[("n", &count)])}
                {followers.into_iter().map(|joined| link(joined.child)).collect_view()}</dd></div>
        })}
    }
}

#[component]
fn Attachments(one: Arc<Incident>) -> impl IntoView {
    let tongue = desk().session.tongue;
    (!one.attachments.is_empty()).then(|| {
        let link = move |(nth, id): (usize, &String)| {
            let nth = (nth + 1).to_string();
            view! {
                <a class="file" href=format!("/api/v1/attachments/{id}") data-testid="attachment"><Glyph icon=Icon::Paperclip/>{move || tongue.tf(s::ATTACHMENT, &[("n", &nth)])}</a>
            }
        };
        view! { <div><dt>{t(s::ATTACHMENTS)}</dt><dd class="files">{one.attachments.iter().enumerate().map(link).collect_view()}</dd></div> }
    })
}

/// The steps of its playbook.
#[component]
fn Steps(one: Arc<Incident>) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    one.plan.clone().map(|plan| {
        let name = plan.name.clone();
        let step = move |step: domain::incident::event::Step| {
            let org = step.org.to_string();
            let when = match step.done {
                Some(at) => tongue.tf(s::STEP_DONE, &[("t", &stamp(at))]),
                None => tongue.tf(s::STEP_DUE, &[("t", &stamp(step.due))]),
            };
            view! {
                <li data-done=step.done.is_some().to_string()><span>{step.text}</span>
                    <small>{desk.session.org(&org)}" · "{when}</small></li>
            }
        };
        view! {
            <h3>{move || tongue.tf(s::PLAN, &[("name", &name)])}</h3>
            <ol class="steps">{plan.steps.into_iter().map(step).collect_view()}</ol>
        }
    })
}
