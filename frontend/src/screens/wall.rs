//! The county's wall: read only, no scroll bars, no hover. Whoever may not see it is told so; a
//! screen that nobody signed in shows its pairing code.

use domain::access::{Deed, can};
use domain::actor::Role;
use domain::wire::account::Me;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{catalogue as c, desk as d};
use crate::map::{MapPanel, units};
use crate::net;
use crate::panels::alarms::{self, AlarmStrip};
use crate::panels::deployments::Deployments;
use crate::panels::levels::Levels;
use crate::panels::muster::{self, Sessions};
use crate::panels::orders::Orders;
use crate::panels::platforms::Platforms;
use crate::panels::red_board::RedBoard;
use crate::panels::sources::Sources;
use crate::panels::steered::{self, SteeredLabel};
use crate::panels::ticker::TickerPanel;
use crate::panels::today::Today;
use crate::panels::top::TopBar;
use crate::panels::townships::Townships;
use crate::screens::ended::Ended;
use crate::screens::live;
use crate::screens::pairing::PairingScreen;
use crate::screens::start::Refused;
use crate::ui::icon::Icon;
use crate::ui::tongue::tongue;

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;

/// What the server said to the question who is looking.
#[derive(Clone, PartialEq, Debug)]
enum Looking {
    Asking,
    Silent,
    Nobody,
    In(Box<Me>),
}

/// Shows the wall to whoever may see it.
#[component]
pub fn WallDoor() -> impl IntoView {
    let tongue = tongue();
    let lang = tongue.0;
    let looking = RwSignal::new(Looking::Asking);
    spawn_local(async move {
        loop {
            match api::get::<Me>("/api/v1/me", tongue.lang()).await {
                Ok(me) => return looking.set(Looking::In(Box::new(me))),
                Err(failed) if failed.status == 401 => return looking.set(Looking::Nobody),
                Err(_) => looking.set(Looking::Silent),
            }
            net::wait(RETRY_MS).await;
        }
    });
    move || {
        match looking.get() {
        Looking::Asking => None,
        Looking::In(me) if can(&me.actor, Deed::Watch) => {
            let scope = live::wanted_scope(me.actor.scope);
            let is_wall = me.actor.role == Role::Wall;
            let id = me.actor.id.clone();
            Some(view! { <Wall scope=scope is_wall=is_wall id=id/> }.into_any())
        }
        Looking::In(me) => Some(
            view! { <Refused lang=lang icon=Icon::Ban title=d::NO_WATCH why=d::NO_WATCH_WHY testid="no-watch" to=me.screen to_words=d::TO_OWN/> }
                .into_any(),
        ),
        Looking::Nobody => Some(view! { <PairingScreen/> }.into_any()),
        Looking::Silent => Some(
            view! { <Refused lang=lang icon=Icon::Unplug title=c::NO_SERVER why=c::NO_SERVER_WHY testid="no-server"/> }
                .into_any(),
        ),
    }
    }
}

#[component]
fn Wall(scope: Code, is_wall: bool, id: String) -> impl IntoView {
    let ctx = live::connect(tongue().0, scope);
    let units = units::provide(ctx);
    alarms::provide(ctx);
    let steered = steered::provide(ctx, is_wall.then_some(id));
    let musters = muster::provide(ctx, Signal::derive(move || steered.session()));
    units.mark(musters.all.into(), musters.foremost.into());
    let war = Memo::new(move |_| ctx.read(|world| world.mode().is_war).unwrap_or_default());
    let sessions = Memo::new(move |_| musters.all.with(Vec::len).min(3));
    view! {
        <main class="wall" data-testid="wall" data-mode=move || if war.get() { "war" } else { "peace" }
            data-sessions=move || sessions.get().to_string()>
            <TopBar/>
            <div class="col left"><RedBoard/><Orders/><Today/></div>
            <div class="middle"><MapPanel/><SteeredLabel/><AlarmStrip/></div>
            <div class="col right"><Sessions/><Deployments/><Platforms/><Levels/><Townships/><Sources/></div>
            <TickerPanel/>
        </main>
        <Ended is_wall=is_wall/>
    }
}
