//! The desk: queue, map and incident side by side, live. Its panes are `panels::desk`'s.

use domain::access::Deed;
use leptos::prelude::*;

use crate::i18n::{case as s, desk as d};
use crate::map::MapPanel;
use crate::panels::admin::place;
use crate::panels::desk::case::CasePane;
use crate::panels::desk::help::Help;
use crate::panels::desk::queue::QueuePane;
use crate::panels::desk::report::ReportPane;
use crate::panels::desk::search::{self, SearchBox};
use crate::panels::desk::theme::{self, Dark};
use crate::panels::desk::undo::Told;
use crate::panels::desk::{Desk, desk, keys};
use crate::screens::ended::Ended;
use crate::screens::live;
use crate::screens::shell::Shell;
use crate::screens::start::Refused;
use crate::screens::station::{StaleLine, StationTools};
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
    is_for().then(|| view! { <StationTools><SearchBox/></StationTools> })
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
    view! {
        <main class="station">
            <h1 class="sr">{t(s::DESK)}</h1>
            <QueuePane/>
            <div class="middle">
                <StaleLine/>
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
