//! The fields of a command's form, one for each kind of thing that is asked for. Each writes what
//! was typed as text; what several things are is parted by spaces.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use wasm_bindgen::JsCast;

use crate::api;
use crate::i18n::{Text, case as s, fill};
use crate::net;
use crate::ui::field::{Field, SelectField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::picker::{Asked, Choice, LISTED, Picker};
use crate::ui::tongue::t;

use super::asks::{Ask, Kind};
use super::queue_model::{title, where_in};
use super::{Desk, desk};

/// Most characters of a text.
const LONGEST: u32 = 4_000;

/// The field for what is asked.
#[component]
pub fn AskField(
    /// What is asked.
    ask: Ask,
    /// What is typed.
    text: RwSignal<String>,
) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let testid = ask.name;
    match ask.kind {
        Kind::Line => view! { <TextField label=ask.label value=text testid=testid/> }.into_any(),
        Kind::When => {
            view! { <TextField label=ask.label value=text kind="datetime-local" testid=testid/> }
                .into_any()
        }
        Kind::Text => view! { <AreaField label=ask.label value=text testid=testid/> }.into_any(),
        Kind::Category => {
            view! { <CategoryField label=ask.label text=text testid=testid/> }.into_any()
        }
        Kind::Org => view! { <OneOrg label=ask.label text=text testid=testid/> }.into_any(),
        Kind::Orgs => view! { <SomeOrgs label=ask.label text=text testid=testid/> }.into_any(),
        Kind::Number(all) => {
            let options = Signal::derive(move || {
                let none = if ask.owed {
                    "—".to_owned()
                } else {
                    tongue.t(empty_word(ask.name)).to_owned()
                };
                let own = all
                    .iter()
                    .map(|(number, name)| (number.to_string(), tongue.t(*name).to_owned()));
                std::iter::once((String::new(), none))
                    .chain(own)
                    .collect::<Vec<_>>()
            });
            view! { <SelectField label=ask.label value=text options=options testid=testid/> }
                .into_any()
        }
        Kind::Word(all) => {
            let options = Signal::derive(move || {
                all.iter()
                    .map(|(word, name)| ((*word).to_owned(), tongue.t(*name).to_owned()))
                    .collect::<Vec<_>>()
            });
            view! { <SelectField label=ask.label value=text options=options testid=testid/> }
                .into_any()
        }
        Kind::Yes => view! { <YesField label=ask.label text=text testid=testid/> }.into_any(),
        Kind::Files => view! { <FilesField label=ask.label text=text testid=testid/> }.into_any(),
        Kind::Other => view! { <OtherField label=ask.label text=text testid=testid/> }.into_any(),
        Kind::Step => view! { <StepField label=ask.label text=text testid=testid/> }.into_any(),
    }
}

fn empty_word(name: &str) -> Text {
    if name == "severity" {
        s::SEVERITY_SAME
    } else {
        s::BY_CATALOGUE
    }
}

/// Several lines of text.
#[component]
pub fn AreaField(
    /// What it asks for.
    label: Text,
    /// What is typed.
    value: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    view! {
        <Field label=label>
            <textarea rows="3" maxlength=LONGEST data-testid=testid prop:value=move || value.get()
                on:input:target=move |ev| value.set(ev.target().value())></textarea>
        </Field>
    }
}

/// Ties what a picker holds to a text.
fn tied(text: RwSignal<String>) -> RwSignal<Option<String>> {
    let now = text.get_untracked();
    let picked = RwSignal::new((!now.is_empty()).then_some(now));
    Effect::new(move |_| {
        let to = picked.get().unwrap_or_default();
        if text.get_untracked() != to {
            text.set(to);
        }
    });
    Effect::new(move |_| {
        let now = text.get();
        let to = (!now.is_empty()).then_some(now);
        if picked.get_untracked() != to {
            picked.set(to);
        }
    });
    picked
}

/// A category of the catalogue.
#[component]
pub fn CategoryField(
    /// What it asks for.
    label: Text,
    /// What was chosen, as text.
    text: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    let desk = desk();
    let asked = Asked::default();
    let name = move |code: &str| {
        let lang = desk.session.tongue.0.get();
        let code = code.parse().ok();
        desk.ctx.words.with(|words| {
            code.and_then(|code| words.category(lang, code))
                .unwrap_or_default()
                .to_owned()
        })
    };
    let choices = Memo::new(move |_| {
        let query = asked.query.get().trim().to_lowercase();
        let all: Vec<String> = desk.ctx.words.with(|words| {
            words
                .categories()
                .iter()
                .map(|(code, _)| code.to_string())
                .collect()
        });
        let choice = |code: String| Choice {
            name: name(&code),
            note: code.clone(),
            id: code,
            opens: false,
        };
        all.into_iter()
            .map(choice)
            .filter(|one| one.name.to_lowercase().contains(&query) || one.id.starts_with(&query))
            .take(LISTED)
            .collect::<Vec<_>>()
    });
    let picked = tied(text);
    let shown = Signal::derive(move || picked.get().map(|code| name(&code)).unwrap_or_default());
    view! { <Picker label=label value=picked shown=shown asked=asked choices=choices testid=testid can_be_empty=true/> }
}

/// The organisations whose name or id holds what was typed.
fn orgs(desk: Desk, query: &str) -> Vec<Choice> {
    let query = query.trim().to_lowercase();
    let lang = desk.session.tongue.0.get();
    desk.ctx.words.with(|words| {
        words
            .orgs(lang)
            .into_iter()
            .filter(|(id, name)| {
                id.to_lowercase().contains(&query) || name.to_lowercase().contains(&query)
            })
            .take(LISTED)
            .map(|(id, name)| Choice {
                id: id.to_owned(),
                name: name.to_owned(),
                note: id.to_owned(),
                opens: false,
            })
            .collect()
    })
}

#[component]
fn OneOrg(label: Text, text: RwSignal<String>, testid: &'static str) -> impl IntoView {
    let desk = desk();
    let asked = Asked::default();
    let choices = Memo::new(move |_| asked.query.with(|query| orgs(desk, query)));
    let picked = tied(text);
    let shown = Signal::derive(move || {
        picked
            .get()
            .map(|id| desk.session.org(&id))
            .unwrap_or_default()
    });
    view! { <Picker label=label value=picked shown=shown asked=asked choices=choices hint=s::ASK_TO_HINT testid=testid can_be_empty=true/> }
}

#[component]
fn SomeOrgs(label: Text, text: RwSignal<String>, testid: &'static str) -> impl IntoView {
    let desk = desk();
    let asked = Asked::default();
    let choices = Memo::new(move |_| asked.query.with(|query| orgs(desk, query)));
    let next = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if let Some(id) = next.get() {
            let has = text.with_untracked(|all| all.split_whitespace().any(|one| one == id));
            if !has {
                with_one(text, &id);
            }
            next.set(None);
        }
    });
    let chip = move |id: String| {
        let name = desk.session.org(&id);
        view! {
            <span class="chip">{name.clone()}<button type="button" aria-label=format!("{} {name}", desk.session.tongue.t(s::TAKE_AWAY)) on:click=move |_| without(text, &id)><Glyph icon=Icon::Close/></button></span>
        }
    };
    view! {
        <div class="some">
            <Picker label=label value=next shown=Signal::derive(String::new) asked=asked choices=choices testid=testid/>
            <p class="chips">{move || text.get().split_whitespace().map(|id| chip(id.to_owned())).collect_view()}</p>
        </div>
    }
}

/// Adds one to several.
fn with_one(text: RwSignal<String>, id: &str) {
    text.update(|all| {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(id);
    });
}

/// Takes one of several away.
fn without(text: RwSignal<String>, gone: &str) {
    text.update(|all| {
        let left: Vec<&str> = all.split_whitespace().filter(|one| *one != gone).collect();
        *all = left.join(" ");
    });
}

#[component]
fn YesField(label: Text, text: RwSignal<String>, testid: &'static str) -> impl IntoView {
    view! {
        <label class="tick"><input type="checkbox" data-testid=testid prop:checked=move || text.get() != "no"
            on:change:target=move |ev| text.set(if ev.target().checked() { "yes" } else { "no" }.to_owned())/><span>{t(label)}</span></label>
    }
}

#[component]
fn StepField(label: Text, text: RwSignal<String>, testid: &'static str) -> impl IntoView {
    let desk = desk();
    let options = Signal::derive(move || {
        let plan = desk.case.get().and_then(|one| one.plan.clone());
        let steps = plan.map(|plan| plan.steps).unwrap_or_default();
        let open = steps
            .into_iter()
            .enumerate()
            .filter(|(_, step)| step.done.is_none());
        let option =
            |(nth, step): (usize, domain::incident::event::Step)| (nth.to_string(), step.text);
        std::iter::once((String::new(), "—".to_owned()))
            .chain(open.map(option))
            .collect::<Vec<_>>()
    });
    view! { <SelectField label=label value=text options=options testid=testid/> }
}

/// Another open incident: those of the same village and category first, others by number or words.
#[component]
fn OtherField(label: Text, text: RwSignal<String>, testid: &'static str) -> impl IntoView {
    let desk = desk();
    let asked = Asked::default();
    let choices = Memo::new(move |_| {
        let query = asked.query.get().trim().to_lowercase();
        let lang = desk.session.tongue.0.get();
        let Some(own) = desk.case.get() else {
            return Vec::new();
        };
        let words = desk.ctx.words.get();
        let village = |code: geodata::region::Code| code.at(geodata::region::Level::Village);
        let found = desk.ctx.read(|world| {
            let mut all: Vec<_> = world
                .incidents()
                .filter(|one| one.id != own.id && one.state.is_open() && one.follows.is_none())
                .filter(|one| {
                    query.is_empty()
                        || one.title.to_lowercase().contains(&query)
                        || one.label().contains(&query)
                })
                .collect();
            all.sort_by_key(|one| {
                let is_near = village(one.region) == village(own.region);
                (
                    one.category != own.category,
                    !is_near,
                    std::cmp::Reverse(one.received_at),
                    one.id,
                )
            });
            let choice = |one: &domain::incident::Incident| Choice {
                id: one.id.to_string(),
                name: title(one, &words, lang),
                note: format!(
                    "{} · {}",
                    where_in(one, &words, desk.ctx.scope),
                    one.label()
                ),
                opens: false,
            };
            all.into_iter().take(LISTED).map(choice).collect::<Vec<_>>()
        });
        found.unwrap_or_default()
    });
    let picked = tied(text);
    let shown = Signal::derive(move || {
        let id = picked.get().and_then(|id| id.parse().ok());
        let one = id.and_then(|id| desk.incident(id));
        one.map(|one| format!("{} {}", one.label(), one.title))
            .unwrap_or_default()
    });
    view! { <Picker label=label value=picked shown=shown asked=asked choices=choices testid=testid/> }
}

/// What the server answers to a file.
#[derive(Deserialize)]
struct Kept {
    id: String,
}

/// Photos, recordings, papers: sent as soon as they are chosen, named by what the server calls them.
#[component]
pub fn FilesField(
    /// What it asks for.
    label: Text,
    /// What was chosen, as text.
    text: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let under_way = RwSignal::new(0_usize);
    let failed = RwSignal::new(None);
    let take = move |ev: leptos::ev::Event| {
        let input = ev
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let files = input.files();
        let files = (0..files.as_ref().map_or(0, web_sys::FileList::length))
            .filter_map(|nth| files.as_ref()?.get(nth));
        failed.set(None);
        for file in files {
            under_way.update(|count| *count += 1);
            spawn_local(async move {
                let answer = net::upload("/api/v1/attachments", tongue.lang().tag(), &file).await;
                if under_way
                    .try_update(|count| *count = count.saturating_sub(1))
                    .is_none()
                {
                    return;
                }
                match api::read::<Kept>(&answer, tongue.lang()) {
                    Ok(kept) => with_one(text, &kept.id),

                    Err(refused) => failed.set(Some(refused)),
                }
            });
        }
        input.set_value("");
    };
    let chip = move |(nth, id): (usize, String)| {
        let name = fill(tongue.t(s::ATTACHMENT), &[("n", &(nth + 1).to_string())]);
        view! {
            <span class="chip"><Glyph icon=Icon::Paperclip/>{name.clone()}<button type="button" aria-label=format!("{} {name}", tongue.t(s::TAKE_AWAY)) on:click=move |_| without(text, &id)><Glyph icon=Icon::Close/></button></span>
        }
    };
    view! {
        <div class="field files-field">
            <span class="name">{t(label)}</span>
            <div class="chips">
                {move || text.get().split_whitespace().map(str::to_owned).enumerate().map(chip).collect_view()}
                <label class="btn"><Glyph icon=Icon::Upload/>{t(s::ADD_FILES)}<input class="sr" type="file" multiple data-testid=testid on:change=take/></label>
                {move || (under_way.get() > 0).then(|| view! { <span class="quiet" role="status">{tongue.tf(s::UPLOADING, &[("n", &under_way.get().to_string())])}</span> })}
            </div>
            <crate::ui::notice::Refusal failed=failed/>
        </div>
    }
}
