//! After-action reports: the sessions of a period with figures over them, or the report of one.

use domain::access::Deed;
use leptos::prelude::*;

use crate::i18n::{desk as d, review as r};
use crate::panels::admin::place;
use crate::panels::desk::theme::{self, ThemeButton};
use crate::panels::review::list::ListPage;
use crate::panels::review::page::ReportPage;
use crate::screens::shell::{ModeAsked, Shell};
use crate::screens::start::Refused;
use crate::session::session;
use crate::ui::icon::Icon;
use crate::ui::tongue::tongue;

/// The screen.
#[component]
pub fn ReviewScreen() -> impl IntoView {
    view! { <Shell testid="review" begin=begin tools=|| view! { <Tools/> }.into_any()><Body/></Shell> }
}

fn begin() {
    theme::provide();
    place::provide_below("/review");
}

/// What stands in the bar.
#[component]
fn Tools() -> impl IntoView {
    view! { <ModeAsked/><ThemeButton/> }
}

#[component]
fn Body() -> impl IntoView {
    if !session().can(Deed::Watch) {
        let to = session().me.with_untracked(|me| me.screen.clone());
        let lang = tongue().0;
        return view! { <Refused lang=lang icon=Icon::Ban title=r::NOT_YOURS why=r::NOT_YOURS_WHY testid="no-review" to=to to_words=d::TO_OWN/> }.into_any();
    }
    let id = place::place().chosen("id");
    view! {
        <main class="review">
            {move || match id.get() {
                id if id.is_empty() => view! { <ListPage/> }.into_any(),
                id => view! { <ReportPage id=id/> }.into_any(),
            }}
        </main>
    }
    .into_any()
}
