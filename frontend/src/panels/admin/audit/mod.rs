//! The audit: who did what, when, from where, for what; searched, read, taken away as a file.

mod model;

use std::collections::BTreeMap;

use domain::wire::account::AuditView;
use leptos::prelude::*;

use super::csv;
use super::place::{Place, place};
use crate::api;
use crate::i18n::{Text, admin as a, format};
use crate::session::{Session, role_name, session, stands_in};
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Blank;
use crate::ui::pages::{Pages, PagesMore, PagesState};
use crate::ui::tongue::t;

/// What a search can name.
const FILTERS: [&str; 6] = ["q", "who", "action", "outcome", "from", "to"];

/// The section.
#[component]
pub fn Audit() -> impl IntoView {
    let session = session();
    let here = place();
    let chosen = Memo::new(move |_| {
        here.0.with(|place| {
            let mut chosen = place.chosen.clone();
            chosen.remove("seq");
            chosen
        })
    });
    let records = Pages::<AuditView>::new(session, move || chosen.with(url));
    let opened = RwSignal::new(None::<AuditView>);
    let none = ViewFn::from(
        || view! { <Blank icon=Icon::Audit title=a::AUDIT_NONE why=a::AUDIT_NONE_WHY/> },
    );
    view! {
        <section class="list solo" aria-label=t(a::AUDIT)>
            <header class="head"><h1>{t(a::AUDIT)}</h1><span class="quiet">{t(a::AUDIT_NOTE)}</span><span class="space"></span>
                <button type="button" class="btn" data-testid="audit-export" disabled=move || records.items.with(Vec::is_empty)
                    on:click=move |_| export(session, records)><Glyph icon=Icon::Download/>{t(a::AUDIT_EXPORT)}</button>
            </header>
            <Filters/>
            <div class="table-box">
                <table class="rows audit" hidden=move || records.items.with(Vec::is_empty)>
                    <thead><tr>
                        {[a::AUDIT_SEQ, a::AUDIT_TIME, a::AUDIT_WHO, a::AUDIT_ACTION, a::AUDIT_TARGET, a::REGION, a::AUDIT_PURPOSE, a::AUDIT_OUTCOME]
                            .map(|head| view! { <th scope="col">{t(head)}</th> }).collect_view()}
                    </tr></thead>
                    <tbody><For each=move || records.items.get() key=|record| record.seq let:record><Row record=record opened=opened/></For></tbody>
                </table>
                <PagesState pages=records blank=none/>
                <PagesMore pages=records/>
            </div>
            <Drawer opened=opened/>
        </section>
    }
}

/// The address of a search. Times are the county's own in the page's address, and instants there.
fn url(chosen: &BTreeMap<String, String>) -> String {
    let mut url = "/api/v1/audit?limit=100".to_owned();
    for (name, value) in chosen
        .iter()
        .filter(|(name, _)| FILTERS.contains(&name.as_str()))
    {
        let value = match name.as_str() {
            "from" | "to" => match format::from_local_input(value) {
                Some(ms) => instant(ms),
                None => continue,
            },
            _ => value.clone(),
        };
        for part in ["&", name, "=", &api::escaped(&value)] {
            url.push_str(part);
        }
    }
    url
}

fn instant(ms: i64) -> String {
    let at = domain::time::Timestamp::from_millis(ms);
    let text = serde_json::to_value(at).ok();
    text.and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The search form: it is asked when sent, not as one types, since each search is recorded.
#[component]
fn Filters() -> impl IntoView {
    let here = place();
    let fields: BTreeMap<&'static str, RwSignal<String>> = FILTERS
        .into_iter()
        .map(|name| (name, RwSignal::new(String::new())))
        .collect();
    let kept = fields.clone();
    Effect::new(move |_| {
        let place = here.0.get();
        for (name, field) in &kept {
            field.set(place.get(name));
        }
    });
    let sent = fields.clone();
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let place = sent
            .iter()
            .fold(Place::of("audit"), |place, (name, field)| {
                place.with(name, field.get_untracked().trim())
            });
        here.go(place);
    };
    let input = move |name: &'static str, label: Text, kind: &'static str| {
        let field = fields[name];
        view! {
            <label><span>{t(label)}</span><input type=kind data-testid=format!("audit-{name}") autocomplete="off" bind:value=field/></label>
        }
    };
    let outcome = input("outcome", a::AUDIT_OUTCOME, "text");
    view! {
        <form class="filters" on:submit=submit role="search">
            {input("q", a::AUDIT_WORDS, "search")}
            {input("who", a::AUDIT_WHO, "text")}
            {input("action", a::AUDIT_ACTION, "text")}
            {outcome}
            {input("from", a::FROM, "datetime-local")}
            {input("to", a::TO, "datetime-local")}
            <button type="submit" class="btn primary" data-testid="audit-search"><Glyph icon=Icon::Search/>{t(a::AUDIT_SEARCH)}</button>
        </form>
    }
}

fn who_words(session: Session, record: &AuditView) -> String {
    let lang = session.tongue.0.get();
    let role = record.role.map(|role| role_name(lang, role));
    let behalf = record
        .on_behalf_of
        .as_deref()
        .map(|name| stands_in(lang, name));
    let parts = [role.map(str::to_owned), behalf, Some(record.from.clone())];
    parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn outcome_words(session: Session, outcome: &str) -> String {
    if outcome == "ok" {
        session.tongue.t(a::AUDIT_OK).to_owned()
    } else {
        format!("{} · {outcome}", session.tongue.t(a::AUDIT_REFUSED))
    }
}

fn outcome_state(outcome: &str) -> &'static str {
    if outcome == "ok" { "active" } else { "locked" }
}

#[component]
fn Row(record: AuditView, opened: RwSignal<Option<AuditView>>) -> impl IntoView {
    let session = session();
    let (whole, shown) = (record.clone(), record.clone());
    let under = move || who_words(session, &shown);
    let region = record.region;
    let (outcome, outcome_class) = (record.outcome.clone(), outcome_state(&record.outcome));
    let open = move || opened.set(Some(whole.clone()));
    let at = record.at.millis();
    view! {
        <tr data-testid="audit-row" data-seq=record.seq on:click=move |_| open()>
            <td class="num"><button type="button" class="link num" aria-haspopup="dialog">{record.seq}</button></td>
            <td class="num">{format::stamp(at)}<small class="num secs">{format::time(at)[5..].to_owned()}</small></td>
            <td class="name"><b class="clip">{record.who}</b><small class="num clip">{under}</small></td>
            <td class="num clip">{record.action}</td>
            <td class="num clip">{record.target}</td>
            <td>{move || region.map(|region| session.region(region))}</td>
            <td class="clip">{record.purpose}</td>
            <td><span class="state" data-state=outcome_class>{move || outcome_words(session, &outcome)}</span></td>
        </tr>
    }
}

/// One record whole: before and after side by side, and its place in the chain.
#[component]
fn Drawer(opened: RwSignal<Option<AuditView>>) -> impl IntoView {
    let session = session();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(opened.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && opened.with_untracked(Option::is_some) {
            opened.set(None);
        }
    });
    let title = Signal::derive(move || {
        let seq = opened.with(|record| record.as_ref().map_or(0, |record| record.seq));
        session
            .tongue
            .tf(a::AUDIT_RECORD, &[("n", &seq.to_string())])
    });
    view! {
        <Dialog open=open title=title testid="audit-record" wide=true>
            {move || opened.get().map(|record| view! { <Record record=record/> })}
        </Dialog>
    }
}

#[component]
fn Record(record: AuditView) -> impl IntoView {
    let session = session();
    let changes = model::changes(record.before.as_ref(), record.after.as_ref());
    let fact = |label: Text, value: String| {
        view! { <dt>{t(label)}</dt><dd class="num">{value}</dd> }
    };
    let diff = if changes.is_empty() {
        view! { <p class="lead">{t(a::AUDIT_NO_DIFF)}</p> }.into_any()
    } else {
        let row = |change: model::Change| {
            view! { <tr><td class="num">{change.field}</td><td class="num before">{change.before}</td><td class="num after">{change.after}</td></tr> }
        };
        view! {
            <table class="rows diff" data-testid="audit-diff">
                <thead><tr><th scope="col">{t(a::FIELD)}</th><th scope="col">{t(a::BEFORE)}</th><th scope="col">{t(a::AFTER)}</th></tr></thead>
                <tbody>{changes.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    // The language cannot be switched while a dialog is open.
    let who = untrack(|| format!("{} · {}", record.who, who_words(session, &record)));
    let outcome = untrack(|| outcome_words(session, &record.outcome));
    let region = record
        .region
        .map(|code| untrack(|| format!("{} · {code}", session.region(code))));
    view! {
        <dl class="facts">
            {fact(a::AUDIT_TIME, format!("{} {}", format::stamp(record.at.millis()), &format::time(record.at.millis())[5..]))}
            {fact(a::AUDIT_WHO, who)}
            {fact(a::AUDIT_ACTION, record.action)}
            {record.target.map(|target| fact(a::AUDIT_TARGET, target))}
            {region.map(|region| fact(a::REGION, region))}
            {record.purpose.map(|purpose| fact(a::AUDIT_PURPOSE, purpose))}
            {fact(a::AUDIT_OUTCOME, outcome)}
            {fact(a::AUDIT_HASH, record.hash)}
        </dl>
        <h3>{t(a::AUDIT_DIFF)}</h3>
        {diff}
    }
}

fn export(session: Session, records: Pages<AuditView>) {
    let rows = records.items.with_untracked(|all| model::table(all));
    let now = format::stamp(session.now.get_untracked()).replace([' ', ':'], "-");
    csv::download(&format!("audit-{now}.csv"), &csv::write(&rows));
}
