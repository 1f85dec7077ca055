//! The county as it was: the wall's panels on the record, and what one moves through it with. It
//! offers nothing that would act.

use std::sync::Arc;

use domain::access::{Deed, can};
use domain::ids::SessionId;
use domain::wire::labels::Labels;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::{Context, context};
use crate::i18n::{catalogue as c, desk as d, format, replay as k};
use crate::map::{MapPanel, units};
use crate::net;
use crate::panels::deployments::Deployments;
use crate::panels::muster::{self, Sessions};
use crate::panels::orders::Orders;
use crate::panels::platforms::Platforms;
use crate::panels::red_board::RedBoard;
use crate::panels::replay::transport::Transport;
use crate::panels::replay::{Replay, replay};
use crate::panels::ticker::TickerPanel;
use crate::panels::today::Today;
use crate::panels::top::{self, LangSwitch};
use crate::screens::start::Refused;
use crate::screens::{live, shell};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::tongue;
use crate::words::Words;

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;

/// Shows the replay to whoever may look back.
#[component]
pub fn ReplayDoor() -> impl IntoView {
    let tongue = tongue();
    let lang = tongue.0;
    let (me, silent) = shell::who(tongue);
    move || {
        match me.get() {
        Some(me) if can(&me.actor, Deed::Replay) => {
            let scope = live::wanted_scope(me.actor.scope);
            Some(view! { <ReplayScreen scope=scope home=me.screen/> }.into_any())
        }
        Some(me) => Some(
            view! { <Refused lang=lang icon=Icon::Ban title=k::NO_REPLAY why=k::NO_REPLAY_WHY testid="no-replay" to=me.screen to_words=d::TO_OWN/> }
                .into_any(),
        ),
        None if silent.get() => Some(
            view! { <Refused lang=lang icon=Icon::Unplug title=c::NO_SERVER why=c::NO_SERVER_WHY testid="no-server"/> }
                .into_any(),
        ),
        None => None,
    }
    }
}

#[component]
fn ReplayScreen(scope: Code, home: String) -> impl IntoView {
    let ctx = Context::new(tongue().0, scope);
    provide_context(ctx);
    name_codes(ctx);
    let units = units::provide_recorded(ctx);
    let replay = Replay::new(ctx, units);
    provide_context(replay);
    let musters = muster::provide(ctx, followed(replay));
    units.mark(musters.all.into(), musters.foremost.into());
    replay.begin();
    let war = Memo::new(move |_| ctx.read(|world| world.mode().is_war).unwrap_or_default());
    let sessions = Memo::new(move |_| musters.all.with(Vec::len).min(3));
    view! {
        <main class="wall replay" data-testid="replay" data-mode=move || if war.get() { "war" } else { "peace" }
            data-sessions=move || sessions.get().to_string() data-at=move || (replay.at.get() / 1_000).to_string()>
            <Top home=home/>
            <div class="col left"><RedBoard/><Orders/><Today/></div>
            <div class="middle"><MapPanel/><Stamp/></div>
            <div class="col right"><Sessions/><Deployments/><Platforms/></div>
            <TickerPanel/>
            <Transport/>
        </main>
    }
}

/// The words for the codes, as they are today.
fn name_codes(ctx: Context) {
    spawn_local(async move {
        loop {
            let answer = net::get(&format!("/api/v1/labels?scope={}", ctx.scope), "zh-CN").await;
            if let Some(labels) = answer.json::<Labels>() {
                return ctx.words.set(Arc::new(Words::new(labels)));
            }
            net::wait(RETRY_MS).await;
        }
    });
}

/// The session that stands foremost: the one asked for, else the one ordered last.
fn followed(replay: Replay) -> Signal<Option<SessionId>> {
    let newest = Memo::new(move |_| {
        let newest = |world: &domain::world::World| {
            let open = world.sessions().filter(|one| one.stage.is_open());
            open.max_by_key(|one| (one.opened_at, one.id))
                .map(|one| one.id)
        };
        replay.ctx.read(newest).flatten()
    });
    Signal::derive(move || replay.session.get().or_else(|| newest.get()))
}

/// That this is the past, which one, and the way back to the present.
#[component]
fn Top(home: String) -> impl IntoView {
    let ctx = context();
    let replay = replay();
    let date = move || match replay.at.get() {
        0 => String::new(),
        at => format::long_date(ctx.lang.get(), at),
    };
    let time = move || match replay.at.get() {
        0 => String::new(),
        at => format::time(at),
    };
    view! {
        <header class="top">
            <div class="meta">
                <span class="badge past" data-testid="replay-mark"><Glyph icon=Icon::History/>{move || ctx.t(k::REPLAY)}</span>
                <top::Mode/>
                <b data-testid="scope-name">{move || top::scope_name(ctx)}</b>
            </div>
            <h1><span>{date}</span>" "<b class="num" data-testid="clock">{time}</b></h1>
            <div class="meta r">
                <span class="note clip">{move || ctx.t(k::NOT_NOW)}</span>
                <span class="tools"><LangSwitch/><a class="tool" href=home><Glyph icon=Icon::Back/>{move || ctx.t(d::TO_OWN)}</a></span>
            </div>
        </header>
    }
}

/// The mark on the map, with the time it shows.
#[component]
fn Stamp() -> impl IntoView {
    let ctx = context();
    let replay = replay();
    let text = move || format!("{} ×{}", format::stamp(replay.at.get()), replay.speed.get());
    view! {
        <div class="stamp" aria-hidden="true"><Glyph icon=Icon::History/><b>{move || ctx.t(k::REPLAY)}</b><span class="num">{text}</span></div>
    }
}
