//! The administration: a rail of sections, and the section that the address names.

use leptos::prelude::*;

use crate::i18n::admin as a;
use crate::panels::admin::Section;
use crate::panels::admin::audit::Audit;
use crate::panels::admin::orgs::Orgs;
use crate::panels::admin::people::People;
use crate::panels::admin::place::{self, Place, place as here};
use crate::panels::admin::sign_ins::SignIns;
use crate::panels::admin::tokens::Tokens;
use crate::panels::admin::walls::Walls;
use crate::screens::account::Account;
use crate::screens::shell::{ModeAsked, Shell};
use crate::session::session;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Blank;
use crate::ui::tongue::t;

/// The screen.
#[component]
pub fn Admin() -> impl IntoView {
    view! { <Shell testid="admin" tools=|| view! { <ModeAsked/> }.into_any()><Inside/></Shell> }
}

#[component]
fn Inside() -> impl IntoView {
    let session = session();
    place::provide();
    let at = here();
    let sections = Memo::new(move |_| Section::all_for(session));
    // An address without a section leads to the first one there is.
    let section = Memo::new(move |_| {
        let asked = Section::named(&at.0.get().section);
        let sections = sections.get();
        asked
            .filter(|asked| sections.contains(asked))
            .or_else(|| sections.first().copied())
    });
    view! {
        <div class="with-rail">
            <nav class="rail" aria-label=t(a::SECTIONS)>
                {move || sections.get().into_iter().map(|one| view! { <RailLink one=one current=section/> }).collect_view()}
            </nav>
            <main class="page" data-section=move || section.get().map(Section::name)>
                {move || match section.get() {
                    Some(Section::People | Section::StandIns) => view! { <People/> }.into_any(),
                    Some(Section::Orgs) => view! { <Orgs/> }.into_any(),
                    Some(Section::Tokens) => view! { <Tokens/> }.into_any(),
                    Some(Section::Walls) => view! { <Walls/> }.into_any(),
                    Some(Section::SignIns) => view! { <SignIns/> }.into_any(),
                    Some(Section::Audit) => view! { <Audit/> }.into_any(),
                    Some(Section::Account) => view! { <Account/> }.into_any(),
                    None => view! { <Blank icon=Icon::Admin title=a::NOTHING_TO_ADMINISTER why=a::NOTHING_WHY/> }.into_any(),
                }}
            </main>
        </div>
    }
}

#[component]
fn RailLink(one: Section, current: Memo<Option<Section>>) -> impl IntoView {
    let at = here();
    let place = Place::of(one.name());
    let href = place.to_url();
    view! {
        <a href=href data-testid=format!("rail-{}", one.name())
            aria-current=move || (current.get() == Some(one)).then_some("page")
            on:click=move |ev| place::follow(at, &ev, &place)>
            <Glyph icon=one.icon()/><span>{t(one.title())}</span>
        </a>
    }
}
