//! The desk: queue, map and incident side by side, live. Its panes are `panels::desk`'s.

use domain::access::Deed;
use leptos::prelude::*;

use crate::context::{LinkView, context};
use crate::i18n::{case as s, desk as d, format};
use crate::map::MapPanel;
use crate::panels::admin::place;
use crate::panels::desk::case::CasePane;
use crate::panels::desk::help::Help;
use crate::panels::desk::queue::QueuePane;
use crate::panels::desk::report::ReportPane;
use crate::panels::desk::search::{self, SearchBox};
use crate::panels::desk::theme::{self, Dark, ThemeButton};
use crate::panels::desk::undo::Told;
use crate::panels::desk::{Desk, desk, keys};
use crate::screens::ended::Ended;
use crate::screens::live;
use crate::screens::shell::{ModePill, Shell};
use crate::screens::start::Refused;
use crate::session::session;
use crate::ui::icon::Icon;
use crate::ui::tongue::{t, tongue};

/// The screen.
#[component]
pub fn DeskScreen() -> impl IntoView {
    view! { <Shell testid="desk" begin=begin tools=|| view! { <Tools/> }.into_any()><Panes/></Shell> }
}

/// Whether whoever is signed in has a desk.
fn is_for() -> bool {
    session().can(Deed::Watch)
}

/// What every part of the desk reads.
fn begin() {
    theme::provide();
    if !is_for() {
        return;
    }
    let session = session();
    let scope = live::wanted_scope(session.scope());
    let ctx = live::connect(tongue().0, scope);
    let here = place::provide_below("/desk");
    let desk = Desk::new(ctx, session, here);
    provide_context(desk);
    search::provide(desk);
    keys::listen(desk);
}

/// What stands in the bar: the search, the link, the clock.
#[component]
fn Tools() -> impl IntoView {
    is_for().then(|| {
        let ctx = context();
        let time = move || match ctx.now.get() {
            0 => String::new(),
            now => format::time(now),
        };
        view! {
            <ModePill/>
            <span class="pill net" role="status" data-testid="link-state" data-state=move || ctx.link.get().name()>{move || link_words()}</span>
            <SearchBox/>
            <span class="space"></span>
            <span class="clock num" data-testid="clock">{time}</span>
            <ThemeButton/>
        }
    })
}

fn link_words() -> String {
    crate::panels::top::link_words(context())
}

#[component]
fn Panes() -> impl IntoView {
    if !is_for() {
        let lang = tongue().0;
        let to = session().me.with_untracked(|me| me.screen.clone());
        return view! { <Refused lang=lang icon=Icon::Ban title=s::NO_DESK why=s::NO_DESK_WHY testid="no-desk" to=to to_words=d::TO_OWN/> }.into_any();
    }
    let desk = desk();
    let dark = expect_context::<Dark>();
    let is_writing = Memo::new(move |_| desk.is_writing());
    let stale = move || {
        let since = desk.ctx.stale.get().filter(|since| *since > 0)?;
        let is_lost = desk.ctx.link.get() != LinkView::Live;
        is_lost.then(|| {
            desk.session
                .tongue
                .tf(s::STALE, &[("t", &format::time(since))])
        })
    };
    view! {
        <main class="station">
            <h1 class="sr">{t(s::DESK)}</h1>
            <QueuePane/>
            <div class="middle">
                {move || stale().map(|text| view! { <p class="stale-line" role="alert">{text}</p> })}
                {move || { let _ = dark.0.get(); view! { <MapPanel follows=true/> } }}
                <Told/>
            </div>
            {move || if is_writing.get() {
                view! { <ReportPane/> }.into_any()
            } else {
                view! { <CasePane/> }.into_any()
            }}
        </main>
        <Help/>
        <Ended is_wall=false/>
    }
    .into_any()
}
