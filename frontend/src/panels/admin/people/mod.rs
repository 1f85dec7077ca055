//! People: the list, and beside it whoever was chosen. A director sees their own organisation's
//! people, to lend posts to.

mod add;
mod detail;
mod grants;
mod import;
pub mod model;
mod posts;

use domain::access::Deed;
use domain::wire::account::PersonView;
use leptos::prelude::*;

use self::add::AddPerson;
use self::detail::Detail;
use self::import::ImportPeople;
use super::choose::provide_orgs;
use super::place::{self, place};
use crate::api;
use crate::i18n::{admin as a, catalogue as c, desk as d};
use crate::session::session;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Blank;
use crate::ui::pages::{Pages, PagesMore, PagesState};
use crate::ui::tongue::{t, tongue};

/// The list and the pane.
#[component]
pub fn People() -> impl IntoView {
    let session = session();
    let here = place();
    provide_orgs(session);
    let query = here.chosen("q");
    let chosen = here.chosen("id");
    let people = Pages::<PersonView>::new(session, move || {
        format!("/api/v1/people?limit=100&q={}", api::escaped(&query.get()))
    });
    let manages = move || session.can(Deed::ManagePeople);
    let pane = move || {
        let id = chosen.get();
        if id.is_empty() {
            view! { <div class="pane empty-pane"><Blank icon=Icon::Person title=a::PERSON_PICK/></div> }.into_any()
        } else {
            view! { <Detail id=id people=people/> }.into_any()
        }
    };
    view! {
        <section class="split" class:chosen=move || !chosen.get().is_empty() aria-label=t(a::PEOPLE)>
            <div class="list">
                <header class="head">
                    <h1>{move || session.tongue.t(if manages() { a::PEOPLE } else { a::STAND_INS })}</h1>
                    <SearchBox/>
                    {move || manages().then(|| view! { <TakeIn people=people/> })}
                </header>
                {move || (!manages()).then(|| view! { <p class="lead">{t(a::STAND_INS_WHY)}</p> })}
                <Table people=people/>
            </div>
            {pane}
        </section>
    }
}

#[component]
fn TakeIn(people: Pages<PersonView>) -> impl IntoView {
    let adding = RwSignal::new(false);
    let importing = RwSignal::new(false);
    view! {
        <button type="button" class="btn" data-testid="import" on:click=move |_| importing.set(true)>
            <Glyph icon=Icon::Upload/>{t(a::IMPORT)}
        </button>
        <button type="button" class="btn primary" data-testid="add-person" on:click=move |_| adding.set(true)>
            <Glyph icon=Icon::UserPlus/>{t(a::ADD_PERSON)}
        </button>
        <AddPerson open=adding people=people/>
        <ImportPeople open=importing people=people/>
    }
}

/// A search that stands in the address as it is typed.
#[component]
pub fn SearchBox(
    /// What may be searched for.
    #[prop(default = a::PEOPLE_SEARCH)]
    label: crate::i18n::Text,
) -> impl IntoView {
    let here = place();
    let query = here.chosen("q");
    view! {
        <label class="search">
            <Glyph icon=Icon::Search/><span class="sr">{t(label)}</span>
            <input type="search" data-testid="search" placeholder=t(label) prop:value=move || query.get()
                on:input:target=move |ev| here.set("q", &ev.target().value())/>
        </label>
    }
}

#[component]
fn Table(people: Pages<PersonView>) -> impl IntoView {
    let none = ViewFn::from(
        || view! { <Blank icon=Icon::Search title=a::PEOPLE_NONE why=a::PEOPLE_NONE_WHY/> },
    );
    view! {
        <div class="table-box" aria-busy=move || people.busy.get().to_string()>
            <table class="rows people" hidden=move || people.items.with(Vec::is_empty)>
                <thead><tr>
                    <th scope="col">{t(d::NAME)}</th>
                    <th scope="col">{t(a::POSTS)}</th>
                    <th scope="col">{t(a::STATE)}</th>
                    <th scope="col" class="end">{t(a::SEEN)}</th>
                </tr></thead>
                <tbody>
                    {move || people.items.get().into_iter().map(|person| view! { <Row person=person/> }).collect_view()}
                </tbody>
            </table>
            <PagesState pages=people blank=none/>
            <PagesMore pages=people/>
        </div>
    }
}

#[component]
fn Row(person: PersonView) -> impl IntoView {
    let session = session();
    let here = place();
    let id = person.id.clone();
    let chosen = here.chosen("id");
    let is_chosen = {
        let id = id.clone();
        move || chosen.get() == id
    };
    let target = {
        let id = id.clone();
        Signal::derive(move || here.0.get().with("id", &id))
    };
    let posts = person.posts.clone();
    let chips = move || {
        let chip = |post: &domain::account::Post| {
            let words = model::post_words(session, post);
            view! { <span class="chip clip">{words}</span> }
        };
        posts.iter().map(chip).collect_view()
    };
    let state = model::state(&person, session.now.get_untracked());
    let seen = person.seen_at;
    view! {
        <tr data-testid="person-row" data-id=id aria-selected=move || is_chosen().to_string()
            on:click=move |_| here.go(target.get_untracked())>
            <td class="name"><a href=move || target.get().to_url()
                on:click=move |ev| { ev.stop_propagation(); place::follow(here, &ev, &target.get_untracked()); }>
                <b class="clip">{person.name.clone()}</b><small class="num clip">{person.id.clone()}</small></a></td>
            <td><div class="chips">{chips}</div></td>
            <td><State state=state/></td>
            <td class="end num quiet">{move || session.seen(seen)}</td>
        </tr>
    }
}

/// A person's state: a word and a shape.
#[component]
pub fn State(
    /// Where they stand.
    state: model::State,
) -> impl IntoView {
    let tongue = tongue();
    view! { <span class="state" data-state=state.name() data-testid="person-state">{move || tongue.t(state.text())}</span> }
}

/// A line that says that something is on its way.
#[component]
pub fn Waiting() -> impl IntoView {
    view! { <p class="list-state waiting" role="status">{t(c::LOADING)}</p> }
}
