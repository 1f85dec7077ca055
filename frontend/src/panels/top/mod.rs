//! The bar above a wall: whose it is, how the link stands, and what time it is on the server.

use leptos::prelude::*;

use crate::context::{Context, LinkView, context};
use crate::i18n::{catalogue as c, command as k, format};
use crate::link::connection::Ended;
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::sound::Sound;
use crate::ui::tongue::LANG_KEY;
use geodata::region::Level;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let ctx = context();
    let title = move || {
        ctx.words.with(|words| {
            if words.is_loaded() {
                ctx.tf(c::CENTRE, &[("county", words.county())])
            } else {
                ctx.t(c::CENTRE_PLAIN).to_owned()
            }
        })
    };
    view! {
        <header class="top">
            <svg class="wing" viewBox="0 0 1880 76" preserveAspectRatio="none" aria-hidden="true">
                <path d="M0 70H610l34-40H700M1880 70H1270l-34-40H1180"/>
                <path d="M470 70H610l34-40M1410 70H1270l-34-40"/>
            </svg>
            <div class="meta">
                <Mode/>
                <b data-testid="scope-name">{move || scope_name(ctx)}</b>
                <span class="counts num clip">{move || scope_counts(ctx)}</span>
            </div>
            <h1>{title}</h1>
            <div class="meta r">
                <span class="link clip" data-testid="link-state" role="status"
                    data-state=move || ctx.link.get().name()>{move || link_words(ctx)}</span>
                <span class="tools"><Sound/><LangSwitch/></span>
                <span class="date num">{move || told(ctx, format::long_date)}</span>
                <span class="clock num" data-testid="clock">{move || told(ctx, |_, now| format::time(now))}</span>
            </div>
        </header>
    }
}

/// Peace or war, and that an exercise is under way.
#[component]
pub fn Mode() -> impl IntoView {
    let ctx = context();
    let war = Memo::new(move |_| ctx.read(|world| world.mode().is_war).unwrap_or_default());
    let drill = Memo::new(move |_| {
        let is_on = |world: &domain::world::World| {
            let mut all = world.sessions().filter(|one| one.stage.is_open());
            all.any(domain::session::Session::is_drill)
        };
        ctx.read(is_on).unwrap_or_default()
    });
    view! {
        <span class="badge" data-testid="mode" data-mode=move || if war.get() { "war" } else { "peace" }>
            {move || ctx.t(if war.get() { k::MODE_WAR } else { c::MODE_PEACE })}
        </span>
        {move || drill.get().then(|| view! { <span class="badge drill" data-testid="drill-mode">{ctx.t(k::DRILL)}</span> })}
    }
}

/// The server's time in words, once it was told.
fn told(ctx: Context, words: impl Fn(crate::i18n::Lang, i64) -> String) -> String {
    match ctx.now.get() {
        0 => String::new(),
        now => words(ctx.lang.get(), now),
    }
}

/// The name of what a screen shows.
pub fn scope_name(ctx: Context) -> String {
    if ctx.scope.level() == Level::County {
        return ctx.t(c::WHOLE_COUNTY).to_owned();
    }
    ctx.words.with(|words| words.region(ctx.scope))
}

fn scope_counts(ctx: Context) -> String {
    let counts = ctx.words.with(|words| words.counts(ctx.scope));
    if counts.grids == 0 {
        return String::new();
    }
    let text = |n: usize| format::count(n as u64);
    let (t, v, g) = (
        text(counts.townships),
        text(counts.villages),
        text(counts.grids),
    );
    ctx.tf(c::SCOPE_COUNTS, &[("t", &t), ("v", &v), ("g", &g)])
}

/// How the link stands, in words.
pub fn link_words(ctx: Context) -> String {
    let since = |text, ms| ctx.tf(text, &[("t", &format::time(ms))]);
    match ctx.link.get() {
        LinkView::Connecting => ctx.t(c::LINK_CONNECTING).to_owned(),
        LinkView::Live => ctx.t(c::LINK_LIVE).to_owned(),
        LinkView::Lost(0) => ctx.t(c::LINK_NONE).to_owned(),
        LinkView::Lost(ms) => since(c::LINK_LOST, ms),
        LinkView::Degraded(ms) => since(c::LINK_DEGRADED, ms),
        LinkView::Closed(Ended::Unpaired) => ctx.t(c::LINK_UNPAIRED).to_owned(),
        LinkView::Closed(Ended::Outdated) => ctx.t(c::LINK_OUTDATED).to_owned(),
        LinkView::Closed(Ended::Refused) => ctx.t(c::LINK_REFUSED).to_owned(),
    }
}

/// Switches the language and remembers it.
#[component]
pub fn LangSwitch() -> impl IntoView {
    let ctx = context();
    let switch = move |_| {
        ctx.lang.update(|lang| *lang = lang.other());
        net::remember(LANG_KEY, ctx.lang.get_untracked().tag());
    };
    view! {
        <button class="tool" data-testid="lang-switch" on:click=switch>
            <Glyph icon=Icon::Languages/>
            {move || ctx.t(c::OTHER_LANG)}
        </button>
    }
}
