//! The form that opens a session: from an incident, as a whistle or as a drill; who commands, who
//! leads and who helps, each with its nearest free unit; one tap sends every order.

use domain::access::Deed;
use domain::actor::Role;
use domain::deployment::Status;
use domain::ids::{IncidentId, SessionId};
use domain::pack::units::UnitId;
use domain::session::suggest::Suggested;
use domain::session::{Task, Why};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};

use super::form::{OrgPick, PersonPick};
use super::{Room, new_key, room, send_once};
use crate::context::Mark;
use crate::i18n::{command as k, desk as d, format};
use crate::map::units::units;
use crate::panels::admin::choose::RegionField;
use crate::panels::admin::work::Work;
use crate::panels::steered::named;
use crate::ui::field::{SelectField, TextField, Tick};
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::tongue::t;

/// An organisation that is to take part.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub org: String,
    /// Its unit; empty for the nearest free one.
    pub unit: RwSignal<String>,
    /// What it is asked for.
    pub ask: RwSignal<String>,
    /// Whether it takes part.
    pub is_in: RwSignal<bool>,
    /// Why it is proposed.
    pub why: (String, String),
    /// What speaks against it.
    pub warnings: Vec<Why>,
}

#[derive(Deserialize)]
struct Suggestions {
    items: Vec<Suggested>,
}

#[derive(Deserialize)]
struct Opened {
    id: SessionId,
}

/// What is being written. Cheap to copy.
#[derive(Clone, Copy)]
struct Draft {
    kind: RwSignal<String>,
    whistle: RwSignal<String>,
    title: RwSignal<String>,
    region: RwSignal<Option<String>>,
    commander: RwSignal<String>,
    rows: RwSignal<Vec<Row>>,
    lead: RwSignal<String>,
    despite: RwSignal<bool>,
    key: StoredValue<String>,
    work: Work,
}

/// The form.
#[component]
pub fn OpenPane() -> impl IntoView {
    let room = room();
    if !room.who.can(Deed::OpenSession) {
        let told = room.ctx.t(crate::i18n::command::NO_ROOM_WHY).to_owned();
        return view! { <section class="live"><Notice kind=Kind::Refused text=Signal::derive(move || told.clone())/></section> }.into_any();
    }
    let incident = room.here.chosen("incident");
    let incident = Memo::new(move |_| incident.get().parse::<IncidentId>().ok());
    let draft = Draft {
        kind: RwSignal::new(
            if incident.get_untracked().is_some() {
                "incident"
            } else {
                "drill"
            }
            .to_owned(),
        ),
        whistle: RwSignal::new("emergency".to_owned()),
        title: RwSignal::new(String::new()),
        region: RwSignal::new(Some(room.ctx.scope.to_string())),
        commander: RwSignal::new(String::new()),
        rows: RwSignal::new(Vec::new()),
        lead: RwSignal::new(String::new()),
        despite: RwSignal::new(false),
        key: StoredValue::new(new_key()),
        work: Work::default(),
    };
    // A wish that the server refused is another one when it is sent again; one that it may not
    // have heard keeps its key.
    Effect::new(move |_| {
        let heard =
            |failed: &Option<crate::api::Failed>| failed.as_ref().is_some_and(|one| one.status > 0);
        if draft.work.failed.with(heard) {
            draft.key.set_value(new_key());
        }
    });
    suggest(room, draft, incident);
    mark(room, draft, incident);
    view! {
        <section class="live open" data-testid="open-form" aria-label=t(k::O_TITLE)>
            <form class="form" on:submit=move |ev| { ev.prevent_default(); submit(room, draft, incident, true); }>
                <h2>{t(k::O_TITLE)}</h2>
                <What draft=draft incident=incident/>
                <PersonPick label=k::O_WHO value=draft.commander testid="commander-pick" hint=k::O_MYSELF/>
                <Table draft=draft/>
                {move || needs_despite(draft).then(|| view! { <Tick label=k::M_DESPITE value=draft.despite testid="despite"/> })}
                <Refusal failed=draft.work.failed/>
                {move || draft.lead.with(String::is_empty).then(|| view! { <p class="quiet">{t(k::O_NEEDS_LEAD)}</p> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| leave(room)>{t(d::CANCEL)}</button>
                    <button type="button" class="btn" data-testid="set-up" disabled=move || !is_ready(draft)
                        on:click=move |_| submit(room, draft, incident, false)>{t(k::O_SET_UP)}</button>
                    <button type="submit" class="btn primary" data-testid="order-all" disabled=move || !is_ready(draft)>{t(k::O_GO)}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn leave(room: Room) {
    let place = room.here.0.get_untracked();
    room.here.go(place.with("new", "").with("incident", ""));
}

fn is_ready(draft: Draft) -> bool {
    let lead = draft.lead.get();
    let has_lead = draft.rows.with(|rows| {
        let mut rows = rows.iter();
        rows.any(|row| row.org == lead && row.is_in.get())
    });
    has_lead && !draft.work.busy.get()
}

/// Whether a unit that was picked is not free, or the server said so.
fn needs_despite(draft: Draft) -> bool {
    let refused = draft.work.failed.with(|failed| {
        failed
            .as_ref()
            .is_some_and(|one| one.at("/despite").is_some())
    });
    let busy = draft.rows.with(|rows| {
        let picked = |row: &Row| {
            let unit = row.unit.get();
            row.is_in.get() && !unit.is_empty() && !is_free(&unit)
        };
        rows.iter().any(picked)
    });
    refused || busy || draft.despite.get()
}

fn status(unit: &str) -> Option<Status> {
    units().statuses.with(|all| {
        let found = all.iter().find(|(id, _)| id.as_str() == unit);
        found.map(|(_, status)| *status)
    })
}

fn is_free(unit: &str) -> bool {
    matches!(
        status(unit),
        None | Some(Status::Standby | Status::Returning)
    )
}

/// Fills in whom the incident needs.
fn suggest(room: Room, draft: Draft, incident: Memo<Option<IncidentId>>) {
    Effect::new(move |_| {
        let Some(id) = incident.get() else { return };
        spawn_local(async move {
            let url = format!("/api/v1/incidents/{id}/suggested");
            match room.who.get::<Suggestions>(&url).await {
                Ok(found) => {
                    if let Some(lead) = found.items.iter().find(|one| one.task == Task::Lead) {
                        draft.lead.try_set(lead.org.to_string());
                    }
                    let rows = found.items.into_iter().map(row_of).collect();
                    draft.rows.try_set(rows);
                }
                Err(failed) => {
                    draft.work.failed.try_set(Some(failed));
                }
            }
        });
    });
}

fn row_of(one: Suggested) -> Row {
    let unit = one
        .units
        .first()
        .map_or_else(String::new, ToString::to_string);
    Row {
        org: one.org.to_string(),
        unit: RwSignal::new(unit),
        ask: RwSignal::new(String::new()),
        is_in: RwSignal::new(true),
        why: (one.zh, one.en),
        warnings: one.warnings.iter().map(|one| one.why).collect(),
    }
}

/// The scene on the map: the incident's, or where a hand pointed.
fn mark(room: Room, draft: Draft, incident: Memo<Option<IncidentId>>) {
    let ctx = room.ctx;
    ctx.pointed.set(None);
    Effect::new(move |_| {
        let kind = draft.kind.get();
        let at = match incident.get().filter(|_| kind == "incident") {
            Some(id) => ctx
                .read(|world| {
                    let found = world.incident(id);
                    found.and_then(|one| one.place.lon.zip(one.place.lat))
                })
                .flatten(),
            None => ctx.pointed.get(),
        };
        ctx.marked.set(at.map(|(lon, lat)| Mark::At(lon, lat)));
    });
    on_cleanup(move || {
        ctx.marked.try_set(None);
    });
}

/// What it is about.
#[component]
fn What(draft: Draft, incident: Memo<Option<IncidentId>>) -> impl IntoView {
    let room = room();
    let is_room = room.actor().role == Role::CommandRoom;
    let kinds = Signal::derive(move || {
        let mut all = Vec::new();
        if incident.get().is_some() {
            all.push(("incident".to_owned(), room.ctx.t(k::O_INCIDENT).to_owned()));
        }
        if is_room {
            all.push(("whistle".to_owned(), room.ctx.t(k::O_WHISTLE).to_owned()));
        }
        all.push(("drill".to_owned(), room.ctx.t(k::O_DRILL).to_owned()));
        all
    });
    let whistles = Signal::derive(move || {
        [
            ("complaint", k::W_COMPLAINT),
            ("enforcement", k::W_ENFORCEMENT),
            ("emergency", k::W_EMERGENCY),
        ]
        .map(|(code, text)| (code.to_owned(), room.ctx.t(text).to_owned()))
        .to_vec()
    });
    let about = move || {
        let id = incident.get()?;
        room.ctx
            .read(|world| world.incident(id).map(|one| named(room.ctx, one)))
            .flatten()
    };
    let placed = move || {
        let (lon, lat) = room.ctx.pointed.get()?;
        let (lon, lat) = (format::degrees(lon), format::degrees(lat));
        Some(room.ctx.tf(k::O_PLACED, &[("lon", &lon), ("lat", &lat)]))
    };
    view! {
        <SelectField label=k::O_KIND value=draft.kind options=kinds testid="kind"/>
        {move || if draft.kind.get() == "incident" {
            view! { <p class="about" data-testid="about">{t(k::O_FOR)}" · "<b>{about}</b></p> }.into_any()
        } else {
            view! {
                {move || incident.get().is_none().then(|| view! { <p class="quiet">{t(k::O_NO_INCIDENT)}</p> })}
                {(draft.kind.get() == "whistle").then(|| view! { <SelectField label=k::O_WHISTLE_KIND value=draft.whistle options=whistles testid="whistle"/> })}
                <TextField label=k::O_NAME value=draft.title testid="title"/>
                <RegionField label=k::O_REGION value=draft.region testid="region" error=draft.work.at("/region")/>
                <p class="quiet" data-testid="placed">{move || placed().unwrap_or_else(|| room.ctx.t(k::O_ON_MAP).to_owned())}</p>
            }.into_any()
        }}
    }
}

/// Who takes part.
#[component]
fn Table(draft: Draft) -> impl IntoView {
    let room = room();
    let adding = RwSignal::new(String::new());
    // What an effect makes goes when it runs again; a row stays as long as the form.
    let form = Owner::current().unwrap_or_default();
    Effect::new(move |_| {
        let org = adding.get();
        if org.is_empty() {
            return;
        }
        let known = draft
            .rows
            .with_untracked(|rows| rows.iter().any(|row| row.org == org));
        if !known {
            let row = form.with(|| Row {
                org: org.clone(),
                unit: RwSignal::new(String::new()),
                ask: RwSignal::new(String::new()),
                is_in: RwSignal::new(true),
                why: (String::new(), String::new()),
                warnings: Vec::new(),
            });
            draft.rows.update(|rows| rows.push(row));
            if draft.lead.with_untracked(String::is_empty) {
                draft.lead.set(org);
            }
        }
        adding.set(String::new());
    });
    let loading = move || {
        let asked = !room.here.0.with(|place| place.get("incident").is_empty());
        let failed = draft.work.failed.with(Option::is_some);
        (asked && draft.rows.with(Vec::is_empty) && !failed)
            .then(|| view! { <p class="none">{t(k::O_LOADING)}</p> })
    };
    view! {
        <fieldset class="table"><legend>{t(k::O_TABLE)}</legend>
            {loading}
            <ul class="open-rows"><For each=move || draft.rows.get() key=|row| row.org.clone() let:row><One row=row draft=draft/></For></ul>
            <OrgPick label=k::O_ADD value=adding testid="add-org"/>
        </fieldset>
    }
}

#[component]
fn One(row: Row, draft: Draft) -> impl IntoView {
    let room = room();
    let (org, own, of_units) = (row.org.clone(), row.org.clone(), row.org.clone());
    let name_of = row.org.clone();
    let name = move || {
        let lang = room.ctx.lang.get();
        let words = room.ctx.words.get();
        words.org_name(lang, &name_of).to_owned()
    };
    let leads = Memo::new(move |_| draft.lead.with(|lead| *lead == own));
    let options = Signal::derive(move || {
        let mut all = vec![(String::new(), room.ctx.t(k::O_NEAREST).to_owned())];
        units().rows.with(|rows| {
            let mine = rows.iter().filter(|unit| unit.org == of_units);
            all.extend(
                mine.map(|unit| (unit.id.to_string(), unit_words(room, &unit.id, &unit.name))),
            );
        });
        all
    });
    let why = move || match room.ctx.lang.get() {
        crate::i18n::Lang::Zh => row.why.0.clone(),
        crate::i18n::Lang::En => row.why.1.clone(),
    };
    let warnings = row.warnings.clone();
    let warned = move || {
        let words = warnings.iter().map(|why| match why {
            Why::Busy => k::O_BUSY,
            Why::OffDuty => k::O_OFF,
            Why::NobodyOnDuty => k::WARN_NOBODY,
            Why::NoUnit => k::WARN_NO_UNIT,
        });
        words
            .map(|text| view! { <span class="chip warn">{room.ctx.t(text)}</span> })
            .collect_view()
    };
    let name_again = name.clone();
    view! {
        <li class="open-row" data-testid="open-row" data-org=row.org class:out=move || !row.is_in.get()>
            <label class="tick"><input type="checkbox" data-testid="takes-part" bind:checked=row.is_in/><b>{name}</b></label>
            <label class="tick"><input type="radio" name="lead" data-testid="leads" aria-label=move || format!("{} {}", room.ctx.t(k::LEAD), name_again()) prop:checked=leads
                on:change=move |_| draft.lead.set(org.clone())/><span>{t(k::LEAD)}</span></label>
            <SelectField label=k::UNIT value=row.unit options=options testid="unit"/>
            <TextField label=k::M_ASK value=row.ask testid="ask"/>
            <p class="quiet">{why}" "{warned}</p>
        </li>
    }
}

/// A unit with what it does, where that speaks against it.
fn unit_words(room: Room, id: &UnitId, name: &str) -> String {
    let note = match status(id.as_str()) {
        None | Some(Status::Standby | Status::Returning) => k::O_FREE,
        Some(Status::Off) => k::O_OFF,
        Some(_) => k::O_BUSY,
    };
    format!("{name} · {}", room.ctx.t(note))
}

/// The wish as the server reads it.
fn body(room: Room, draft: Draft, incident: Option<IncidentId>, order: bool) -> Value {
    let lead = draft.lead.get_untracked();
    let wanted = |row: &Row| {
        let mut one = json!({ "org": row.org });
        let unit = row.unit.get_untracked();
        if !unit.is_empty() {
            one["units"] = json!([unit]);
        }
        let ask = row.ask.get_untracked();
        if !ask.trim().is_empty() {
            one["ask"] = json!(ask);
        }
        one
    };
    let rows = draft.rows.get_untracked();
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|row| row.is_in.get_untracked())
        .collect();
    let first = rows
        .iter()
        .find(|row| row.org == lead)
        .map(|row| wanted(row));
    let others: Vec<Value> = rows
        .iter()
        .filter(|row| row.org != lead)
        .map(|row| wanted(row))
        .collect();
    let kind = draft.kind.get_untracked();
    let mut wish = json!({
        "kind": kind, "lead": first, "cooperators": others,
        "order": order, "despite": draft.despite.get_untracked(),
    });
    if kind == "incident" {
        wish["incident"] = json!(incident);
    } else {
        wish["title"] = json!(draft.title.get_untracked());
        wish["region"] = json!(draft.region.get_untracked());
        if let Some((lon, lat)) = room.ctx.pointed.get_untracked() {
            wish["place"] = json!({ "lon": lon, "lat": lat });
        }
    }
    if kind == "whistle" {
        wish["whistle"] = json!(draft.whistle.get_untracked());
    }
    let commander = draft.commander.get_untracked();
    if !commander.is_empty() {
        let org = room.people.with_untracked(|all| {
            let found = all.iter().find(|one| one.id == commander);
            found.and_then(|one| one.org.clone())
        });
        wish["commander"] = json!({ "id": commander, "org": org });
    }
    wish
}

fn submit(room: Room, draft: Draft, incident: Memo<Option<IncidentId>>, order: bool) {
    let body = body(room, draft, incident.get_untracked(), order);
    let (who, key) = (room.who, draft.key.get_value());
    let asked = async move { send_once::<Opened>(who, "/api/v1/sessions", &body, &key).await };
    draft.work.run(asked, move |opened| {
        room.show(opened.id);
    });
}
