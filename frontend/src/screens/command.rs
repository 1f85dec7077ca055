//! The command room (1+1+X): sessions, alarms and walls, the map with site and units, and one
//! session live. Its panes are `panels::command`'s.

use domain::access::Deed;
use leptos::prelude::*;

use crate::i18n::{command as k, desk as d};
use crate::map::{MapPanel, units};
use crate::panels::admin::place;
use crate::panels::alarms;
use crate::panels::command::form::MoveForm;
use crate::panels::command::list::ListPane;
use crate::panels::command::live::LivePane;
use crate::panels::command::log::LogPane;
use crate::panels::command::open::OpenPane;
use crate::panels::command::{Room, room};
use crate::panels::desk::theme::{self, Dark};
use crate::panels::muster::model;
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
pub fn CommandScreen() -> impl IntoView {
    view! { <Shell testid="command" begin=begin tools=|| view! { <Tools/> }.into_any()><Panes/></Shell> }
}

fn is_for() -> bool {
    session().can(Deed::Watch)
}

/// What every part of the room reads.
fn begin() {
    theme::provide();
    if !is_for() {
        return;
    }
    let session = session();
    let ctx = live::connect(tongue().0, live::wanted_scope(session.scope()));
    let units = units::provide(ctx);
    if session.can(Deed::Replay) {
        units.recall();
    }
    alarms::provide(ctx);
    let here = place::provide_below("/command");
    provide_context(Room::new(ctx, session, here));
}

/// What stands in the bar: the mode, the link, the clock.
#[component]
fn Tools() -> impl IntoView {
    is_for().then(|| view! { <StationTools/> })
}

#[component]
fn Panes() -> impl IntoView {
    if !is_for() {
        let lang = tongue().0;
        let to = session().me.with_untracked(|me| me.screen.clone());
        return view! { <Refused lang=lang icon=Icon::Ban title=k::NO_ROOM why=k::NO_ROOM_WHY testid="no-room" to=to to_words=d::TO_OWN/> }.into_any();
    }
    let room = room();
    follow(room);
    let dark = expect_context::<Dark>();
    let opening = Memo::new(move |_| room.is_opening());
    view! {
        <main class="station command">
            <h1 class="sr">{t(k::ROOM)}</h1>
            <ListPane/>
            <div class="middle">
                <StaleLine/>
                {move || { let _ = dark.0.get(); view! { <MapPanel follows=true/> } }}
                <LogPane/>
            </div>
            {move || if opening.get() {
                view! { <OpenPane/> }.into_any()
            } else {
                view! { <LivePane/> }.into_any()
            }}
        </main>
        <MoveForm/>
        <Ended is_wall=false/>
    }
    .into_any()
}

/// The map shows the sites of what runs and looks at the session that is shown.
fn follow(room: Room) {
    let ctx = room.ctx;
    let units = units::units();
    let second = Memo::new(move |_| ctx.now.get() / 5_000 * 5_000);
    let all = Memo::new(move |_| {
        let now = domain::time::Timestamp::from_millis(second.get());
        ctx.read(|world| model::shown(world.sessions(), now))
            .unwrap_or_default()
    });
    // Whoever comes in while something runs looks at it at once.
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) || room.chosen.get().is_some() || room.is_opening() {
            return true;
        }
        let open = all.with(|all| all.iter().find(|one| one.stage.is_open()).map(|one| one.id));
        open.inspect(|id| room.show(*id)).is_some()
    });
    let first = Memo::new(move |_| room.chosen.get().map(|id| id.to_string()));
    units.mark(all.into(), first.into());
    let site = Memo::new(move |_| {
        let place = room
            .one
            .with(|one| one.as_ref().map(|one| one.place.clone()))?;
        place.lon.zip(place.lat)
    });
    Effect::new(move |before: Option<Option<(f64, f64)>>| {
        ctx.map_made.track();
        let site = site.get();
        if site.is_some() || before.flatten().is_some() {
            units.show(site.map(|(lon, lat)| units::around(lon, lat)));
        }
        site
    });
}
