//! A report taken down for a caller: what, where, by whom; what category its words speak of, and
//! whether it was reported already. It suggests; whoever takes the call decides.

pub mod place;

use std::sync::Arc;

use domain::access::Deed;
use domain::incident::Incident;
use domain::pack::catalogue::CALLER_SOURCE;
use domain::projection::duplicates::{Draft as Likeness, Similar, similar};
use domain::suggest::{Suggestion, suggest};
use domain::wire::report::Receipt;
use geodata::region::{Code, Level};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value, json};

use crate::context::Mark;
use crate::i18n::{case as s, desk as d, fill, format};
use crate::panels::admin::work::Work;
use crate::ui::field::TextField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Refusal};
use crate::ui::picker::{Asked, Choice, Picker};
use crate::ui::tongue::t;

use super::drafts::{self, Draft};
use super::fields::{AreaField, CategoryField, FilesField};
use super::queue_model::title as title_of;
use super::{Desk, desk};
use place::{Found, Landmark};

/// Whether this post takes calls down: the rooms do.
pub fn may_begin(desk: Desk) -> bool {
    use domain::actor::Role;
    let is_room = matches!(desk.actor().role, Role::Centre | Role::CommandRoom);
    is_room && desk.session.can(Deed::PostReports)
}

/// Begins a report, where one may.
pub fn begin(desk: Desk) -> bool {
    let may = may_begin(desk);
    if may {
        desk.write(true);
    }
    may
}

/// What is typed. Cheap to copy.
#[derive(Clone, Copy)]
struct Form {
    title: RwSignal<String>,
    description: RwSignal<String>,
    category: RwSignal<String>,
    /// A region's code or a landmark's number.
    place: RwSignal<Option<String>>,
    address: RwSignal<String>,
    /// `lon,lat`, once pointed at.
    point: RwSignal<String>,
    name: RwSignal<String>,
    phone: RwSignal<String>,
    occurred: RwSignal<String>,
    files: RwSignal<String>,
    /// What this report is called, so that sending it again is safe.
    external_id: RwSignal<String>,
    landmarks: RwSignal<Arc<Vec<Landmark>>>,
}

impl Form {
    fn load(key: &str) -> Self {
        let draft = drafts::load(key);
        let kept = |name: &str| RwSignal::new(draft.get(name).cloned().unwrap_or_default());
        let place = draft
            .get("place")
            .filter(|id| !id.starts_with('@'))
            .cloned();
        Self {
            title: kept("title"),
            description: kept("description"),
            category: kept("category"),
            place: RwSignal::new(place),
            address: kept("address"),
            point: kept("point"),
            name: kept("name"),
            phone: kept("phone"),
            occurred: kept("occurred"),
            files: kept("files"),
            external_id: kept("external_id"),
            landmarks: RwSignal::new(Arc::new(Vec::new())),
        }
    }

    fn draft(self) -> Draft {
        let place = self.place.get().unwrap_or_default();
        let texts = [
            ("title", self.title.get()),
            ("description", self.description.get()),
            ("category", self.category.get()),
            ("place", place),
            ("address", self.address.get()),
            ("point", self.point.get()),
            ("name", self.name.get()),
            ("phone", self.phone.get()),
            ("occurred", self.occurred.get()),
            ("files", self.files.get()),
            ("external_id", self.external_id.get()),
        ];
        texts
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text))
            .collect()
    }

    fn clear(self) {
        for text in [
            self.title,
            self.description,
            self.category,
            self.address,
            self.point,
            self.name,
            self.phone,
            self.occurred,
            self.files,
            self.external_id,
        ] {
            text.set(String::new());
        }
        self.place.set(None);
    }

    /// Where it was pointed at, or where the landmark is.
    fn at(self) -> Option<(f64, f64)> {
        let text = self.point.get();
        let pointed = text
            .split_once(',')
            .and_then(|(lon, lat)| format::from_degrees(lon).zip(format::from_degrees(lat)));
        pointed.or_else(|| match Found::of_id(&self.place.get()?)? {
            Found::Landmark(nth) => self.landmarks.with(|all| all.get(nth).map(|one| one.at)),
            Found::Region(_) => None,
        })
    }

    fn region(self) -> Option<Code> {
        match Found::of_id(&self.place.get()?)? {
            Found::Region(code) => Some(code),
            Found::Landmark(_) => None,
        }
    }

    fn text(self) -> String {
        format!("{} {}", self.title.get(), self.description.get())
    }

    /// The report as it is sent; none before it has a line and a place.
    fn body(self) -> Option<Value> {
        let mut body = Map::new();
        let mut put = |name: &str, text: String| {
            if !text.trim().is_empty() {
                body.insert(name.to_owned(), json!(text.trim()));
            }
        };
        let title = self.title.get_untracked();
        let (at, region) = untrack(|| (self.at(), self.region()));
        if title.trim().is_empty() || at.is_none() && region.is_none() {
            return None;
        }
        put("source", CALLER_SOURCE.to_owned());
        put("external_id", self.external_id.get_untracked());
        put("title", title);
        put("description", self.description.get_untracked());
        put("category", self.category.get_untracked());
        put("address", self.address.get_untracked());
        match (at, region) {
            (Some((lon, lat)), _) => {
                body.insert("lon".to_owned(), json!(lon));
                body.insert("lat".to_owned(), json!(lat));
            }
            (None, Some(code)) => put("region", code.to_string()),
            (None, None) => {}
        }
        let person = [("name", self.name), ("phone", self.phone)]
            .into_iter()
            .map(|(name, text)| (name, text.get_untracked().trim().to_owned()))
            .filter(|(_, text)| !text.is_empty());
        let person: Map<String, Value> = person
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .collect();
        if !person.is_empty() {
            body.insert("reporter".to_owned(), Value::Object(person));
        }
        if let Some(ms) = format::from_local_input(&self.occurred.get_untracked()) {
            let at = domain::time::Timestamp::from_millis(ms);
            body.insert("occurred_at".to_owned(), json!(at));
        }
        let files = self.files.get_untracked();
        let files: Vec<&str> = files.split_whitespace().collect();
        if !files.is_empty() {
            body.insert("attachments".to_owned(), json!(files));
        }
        Some(Value::Object(body))
    }
}

/// Sends the report, if it has a line and a place; then it is the incident that is shown.
fn send(desk: Desk, form: Form, work: Work, lacking: RwSignal<bool>) {
    if form.external_id.with_untracked(String::is_empty) {
        form.external_id.set(fresh_id());
    }
    let Some(body) = form.body() else {
        return lacking.set(true);
    };
    lacking.set(false);
    let session = desk.session;
    let asked = async move {
        session
            .send::<Receipt>("POST", "/api/v1/reports", &body)
            .await
    };
    work.run(asked, move |receipt| {
        form.clear();
        drafts::save(&draft_key(desk), &Draft::new());
        let number = receipt.number.unwrap_or_default();
        let text = fill(session.tongue.lang().of(s::REPORTED), &[("n", &number)]);
        desk.told.set(Some((Kind::Done, text)));
        desk.show(receipt.id);
    });
}

fn draft_key(desk: Desk) -> String {
    drafts::key(&desk.actor().id, "report")
}

/// The form, in the place of the incident.
#[component]
pub fn ReportPane() -> impl IntoView {
    let desk = desk();
    let key = draft_key(desk);
    let form = Form::load(&key);
    let first = untrack(|| form.draft());
    Effect::new(move |_| {
        let now = form.draft();
        if now != first {
            drafts::save(&key, &now);
        }
    });
    load_landmarks(desk, form);
    show_place(desk, form);
    let work = Work::default();
    let lacking = RwSignal::new(false);
    let go = move || send(desk, form, work, lacking);
    let on_key = move |ev: leptos::ev::KeyboardEvent| {
        if ev.key() == "Enter" && (ev.ctrl_key() || ev.meta_key()) {
            ev.prevent_default();
            go();
        }
    };
    request_animation_frame(|| super::keys::focus("[data-testid=report-title]"));
    view! {
        <form class="incident report form" data-testid="report-form" aria-label=t(s::REPORT) on:keydown=on_key
            on:submit=move |ev| { ev.prevent_default(); go(); }>
            <header class="case-head"><div class="line"><h2>{t(s::REPORT)}</h2><span class="space"></span>
                <button type="button" class="btn quiet icon-only" aria-label=t(d::CLOSE) on:click=move |_| desk.write(false)><Glyph icon=Icon::Close/></button></div>
                <p class="quiet">{t(s::REPORT_WHY)}</p></header>
            <Inside form=form work=work/>
            <footer class="actions-of">
                {move || lacking.get().then(|| view! { <p class="fault" role="alert">{t(s::REPORT_NEEDS)}</p> })}
                <p class="quiet">{t(s::SEND_KEY)}</p>
                <div class="buttons">
                    <button type="submit" class="btn primary" data-testid="report-send" disabled=move || work.busy.get()><Glyph icon=Icon::Send/>{t(s::REPORT_SEND)}</button>
                    <button type="button" class="btn" on:click=move |_| form.clear()>{t(s::DRAFT_DROP)}</button>
                </div>
            </footer>
        </form>
    }
}

#[component]
fn Inside(form: Form, work: Work) -> impl IntoView {
    view! {
        <div class="scroll">
            <TextField label=s::TITLE value=form.title hint=s::TITLE_HINT error=work.at("/title") testid="report-title"/>
            <AreaField label=s::DESCRIPTION value=form.description testid="report-description"/>
            <CategoryField label=s::ASK_CATEGORY text=form.category testid="report-category"/>
            <Suggestions form=form/>
            <PlaceFields form=form/>
            <Refusal failed=Signal::derive(move || work.failed.get())/>
            <SimilarOnes form=form/>
            <div class="columns">
                <TextField label=s::CALLER_NAME value=form.name longest=64 testid="report-name"/>
                <TextField label=s::CALLER_PHONE value=form.phone kind="tel" longest=64 testid="report-phone"/>
            </div>
            <div class="columns">
                <TextField label=s::OCCURRED_AT value=form.occurred kind="datetime-local" testid="report-occurred"/>
                <FilesField label=s::ASK_EVIDENCE text=form.files testid="report-files"/>
            </div>
        </div>
    }
}

/// A name for a report that no other has.
fn fresh_id() -> String {
    let part = || (js_sys::Math::random() * 1e15) as u64;
    format!("{:x}-{:x}{:x}", js_sys::Date::now() as u64, part(), part())
}

/// The named things of every layer that is open to all.
fn load_landmarks(desk: Desk, form: Form) {
    spawn_local(async move {
        let layers = desk
            .session
            .get::<Vec<Value>>("/api/v1/layers")
            .await
            .unwrap_or_default();
        let open = layers.iter().filter(|layer| layer["restricted"] == false);
        let names: Vec<String> = open
            .filter_map(|layer| Some(layer["name"].as_str()?.to_owned()))
            .collect();
        let mut all = Vec::new();
        for name in names {
            let url = format!("/api/v1/layers/{}", crate::api::escaped(&name));
            if let Ok(layer) = desk.session.get::<Value>(&url).await {
                all.extend(place::landmarks(&layer));
            }
        }
        form.landmarks.try_set(Arc::new(all));
    });
}

/// Keeps the mark on the map where the report is, and the report where the map is pointed at.
fn show_place(desk: Desk, form: Form) {
    let ctx = desk.ctx;
    ctx.pointed.set(None);
    Effect::new(move |_| {
        if let Some((lon, lat)) = ctx.pointed.get() {
            let (lon, lat) = (format::degrees(lon), format::degrees(lat));
            form.point.set(format!("{lon},{lat}"));
        }
    });
    Effect::new(move |_| {
        let at = form.at().map(|(lon, lat)| Mark::At(lon, lat));
        ctx.marked.set(at.or_else(|| form.region().map(Mark::In)));
    });
    on_cleanup(move || ctx.marked.set(None));
}

/// The places that fit what was typed.
fn places(desk: Desk, form: Form, query: &str) -> Vec<Choice> {
    let landmark = desk.session.tongue.t(s::KIND_LANDMARK);
    let landmarks = form.landmarks.get();
    let words = desk.ctx.words.get();
    let choice = |one: Found| {
        let (name, note) = match &one {
            Found::Region(code) => (words.region(*code), path_of(&words, *code)),
            Found::Landmark(nth) => (name_of(&landmarks, *nth), landmark.to_owned()),
        };
        Choice {
            id: one.id(),
            name,
            note,
            opens: false,
        }
    };
    let found = place::find(&words, &landmarks, desk.ctx.scope, query);
    found.into_iter().map(choice).collect()
}

fn name_of(landmarks: &[Landmark], nth: usize) -> String {
    let found = landmarks.get(nth);
    found.map(|one| one.name.clone()).unwrap_or_default()
}

#[component]
fn PlaceFields(form: Form) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let asked = Asked::default();
    let choices = Memo::new(move |_| places(desk, form, &asked.query.get()));
    let shown = Signal::derive(
        move || match form.place.get().and_then(|id| Found::of_id(&id)) {
            Some(Found::Region(code)) => desk.ctx.words.with(|words| words.region(code)),
            Some(Found::Landmark(nth)) => form
                .landmarks
                .with(|all| all.get(nth).map(|one| one.name.clone()).unwrap_or_default()),
            None => String::new(),
        },
    );
    // Who names another place points at another one too.
    Effect::new(move |before: Option<Option<String>>| {
        let now = form.place.get();
        if before.is_some_and(|before| before != now) {
            form.point.set(String::new());
        }
        now
    });
    let pointed = move || {
        let text = form.point.get();
        match text.split_once(',') {
            Some((lon, lat)) => format!(
                "{} · {}",
                tongue.t(s::PICKED),
                tongue.tf(s::AT_POINT, &[("lon", lon), ("lat", lat)])
            ),
            None => tongue.t(s::PICK_ON_MAP).to_owned(),
        }
    };
    view! {
        <Picker label=s::FIND_PLACE value=form.place shown=shown asked=asked choices=choices hint=s::FIND_PLACE_HINT testid="report-place" can_be_empty=true/>
        <p class="pointed quiet" data-testid="report-point" data-has=move || (!form.point.get().is_empty()).to_string()><Glyph icon=Icon::Pin/>{pointed}</p>
        <TextField label=s::ADDRESS value=form.address longest=300 testid="report-address"/>
    }
}

/// Where a region lies: the names above it.
fn path_of(words: &crate::words::Words, code: Code) -> String {
    let above = code
        .ancestors()
        .filter(|at| *at != code && at.level() > Level::County);
    let mut above: Vec<String> = above.map(|at| words.region(at)).collect();
    above.reverse();
    above.join(" · ")
}

#[component]
fn Suggestions(form: Form) -> impl IntoView {
    let desk = desk();
    let found = Memo::new(move |_| {
        let text = form.text();
        desk.ctx
            .words
            .with(|words| suggest(&text, words.categories()))
    });
    let chip = move |one: Suggestion| {
        let code = one.code.to_string();
        let name = {
            let code = one.code;
            move || {
                desk.ctx.words.with(|words| {
                    words
                        .category(desk.session.tongue.0.get(), code)
                        .unwrap_or_default()
                        .to_owned()
                })
            }
        };
        let because = one.words.join("、");
        let (own, chosen) = (code.clone(), code.clone());
        view! {
            <button type="button" class="suggestion" data-testid="suggestion" data-code=code aria-pressed=move || (form.category.get() == own).to_string()
                on:click=move |_| form.category.set(chosen.clone())><b>{name}</b><small>{move || desk.session.tongue.tf(s::SUGGESTED_BY, &[("words", &because)])}</small></button>
        }
    };
    move || {
        let found = found.get();
        (!found.is_empty()).then(|| view! {
            <div class="suggestions" role="group" aria-label=t(s::SUGGESTED)><span class="quiet">{t(s::SUGGESTED)}</span>{found.into_iter().map(chip).collect_view()}</div>
        })
    }
}

#[component]
fn SimilarOnes(form: Form) -> impl IntoView {
    let desk = desk();
    let found = Memo::new(move |_| {
        let draft = Likeness {
            at: form.at(),
            region: form.region(),
            category: form.category.get().parse().ok(),
            text: form.text(),
        };
        let now = domain::time::Timestamp::from_millis(desk.ctx.now.get() / 60_000 * 60_000);
        desk.ctx
            .read(|world| similar(world, &draft, now))
            .unwrap_or_default()
    });
    move || {
        let found = found.get();
        (!found.is_empty()).then(|| view! {
            <div class="similar notice" data-kind="refused" role="status" data-testid="similar">
                <Glyph icon=Icon::Warning/>
                <div><b>{t(s::SIMILAR)}</b>{found.into_iter().map(|one| similar_row(desk, &one)).collect_view()}</div>
            </div>
        })
    }
}

fn similar_row(desk: Desk, one: &Similar) -> impl IntoView + use<> {
    let id = one.id;
    let reasons = reasons(desk, one);
    let incident: Option<Arc<Incident>> = untrack(|| desk.incident(id));
    incident.map(|incident| {
        let lang = desk.session.tongue.0.get();
        let name = desk.ctx.words.with(|words| title_of(&incident, words, lang));
        view! {
            <p><button type="button" class="link" on:click=move |_| { desk.keep(id, true); desk.show(id); }><span class="num">{incident.label()}</span>" "{name}</button>
                <small>{reasons}</small></p>
        }
    })
}

/// Why it is taken for the same matter.
fn reasons(desk: Desk, one: &Similar) -> String {
    let tongue = desk.session.tongue;
    let near = match one.metres {
        Some(metres) => tongue.tf(s::SIMILAR_METRES, &[("n", &metres.to_string())]),
        None => tongue.t(s::SIMILAR_VILLAGE).to_owned(),
    };
    let mut reasons = vec![near];
    if one.same_category {
        reasons.push(tongue.t(s::SIMILAR_CATEGORY).to_owned());
    }
    if one.alike {
        reasons.push(tongue.t(s::SIMILAR_WORDS).to_owned());
    }
    reasons.join(" · ")
}
