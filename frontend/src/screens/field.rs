//! The commander's tablet: whoever goes to a scene, or commands from there. It opens, and takes every
//! tap, without a network; who holds it is then whom the server named last.

use domain::access::{Deed, can};
use domain::actor::Role;
use domain::wire::account::Me;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::context::{Context, LinkView};
use crate::device;
use crate::i18n::{catalogue as c, desk as d, field as f, format};
use crate::link::socket;
use crate::net;
use crate::panels::field::{
    Card, Field, MapPane, SessionList, ThemeButton, field, known_person, provide_theme,
    remember_person,
};
use crate::panels::top::link_words;
use crate::screens::ended::Ended;
use crate::screens::live;
use crate::screens::start::Refused;
use crate::session::role_name;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{LangButton, tongue};

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 5_000;

/// The screen.
#[component]
pub fn FieldScreen() -> impl IntoView {
    let tongue = tongue();
    device::use_store("gridlamp-field");
    device::keep_shell("/field", "/field-sw.js", Some("/field.webmanifest"));
    let me = RwSignal::new(None::<Me>);
    let is_known = RwSignal::new(false);
    spawn_local(async move {
        loop {
            match api::get::<Me>("/api/v1/me", tongue.lang()).await {
                Ok(found) => return learn(me, is_known, found),
                Err(failed) if failed.status == 401 => {
                    return net::go(&net::sign_in_path(&net::here()));
                }
                // Without a network it belongs to whoever held it last.
                Err(_) if me.with_untracked(Option::is_none) => me.set(known_person()),
                Err(_) => {}
            }
            net::wait(RETRY_MS).await;
        }
    });
    move || {
        match me.get() {
        Some(me) if is_for(&me) => view! { <Tablet me=me is_known=is_known/> }.into_any(),
        Some(me) => view! {
            <div class="desk"><Refused lang=tongue.0 icon=Icon::Ban title=f::NOT_FOR_YOU why=f::NOT_FOR_YOU_WHY testid="no-field" to=me.screen to_words=d::TO_OWN/></div>
        }
        .into_any(),
        None => view! { <div class="desk field"></div> }.into_any(),
    }
    }
}

/// The server said who holds it. The same person as before goes on where they were.
fn learn(me: RwSignal<Option<Me>>, is_known: RwSignal<bool>, found: Me) {
    remember_person(&found);
    let same = me.with_untracked(|old| old.as_ref().is_some_and(|old| old.actor == found.actor));
    if !same {
        me.set(Some(found));
    }
    is_known.set(true);
}

/// Whether somebody may take part in a session, or command one.
fn is_for(me: &Me) -> bool {
    can(&me.actor, Deed::PostPositions)
        || matches!(
            me.actor.role,
            Role::Centre | Role::CommandRoom | Role::Leader
        )
}

#[component]
fn Tablet(me: Me, is_known: RwSignal<bool>) -> impl IntoView {
    let tongue = tongue();
    let ctx = Context::new(tongue.0, live::wanted_scope(me.actor.scope));
    provide_context(ctx);
    socket::connect(ctx);
    let field = Field::new(tongue, ctx, me, is_known.get_untracked());
    Effect::new(move |_| field.is_known.set(is_known.get()));
    provide_context(field);
    provide_theme(field.now);
    address(field);
    let has_session = Memo::new(move |_| field.session().is_some());
    view! {
        <div class="desk field" class:away=move || !field.is_live() data-testid="field">
            <Head/>
            {move || field.store_failed.get().then(|| view! { <p class="store-failed" role="alert"><Glyph icon=Icon::Warning/>{field.t(f::STORE_FAILED)}</p> })}
            <main>
                <div class="hand">
                    {move || if has_session.get() {
                        view! { <Card/> }.into_any()
                    } else {
                        view! { <SessionList/> }.into_any()
                    }}
                </div>
                <MapPane/>
            </main>
            <Ended is_wall=false/>
        </div>
    }
}

/// The address names the session that is looked at; the way back leads to the list.
fn address(field: Field) {
    let first = StoredValue::new(true);
    Effect::new(move |_| {
        let chosen = field.chosen.get();
        if first.get_value() {
            return first.set_value(false);
        }
        let chosen = chosen.filter(|id| !id.is_empty());
        if net::query("id") == chosen {
            return;
        }
        let url = match &chosen {
            Some(id) => format!("/field?id={id}"),
            None => "/field".to_owned(),
        };
        if let Some(Ok(history)) = web_sys::window().map(|window| window.history()) {
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url));
        }
    });
    let back = window_event_listener(ev::popstate, move |_| field.chosen.set(net::query("id")));
    on_cleanup(move || back.remove());
}

#[component]
fn Head() -> impl IntoView {
    let field = field();
    let several = move || field.sessions.with(|all| all.len() > 1);
    let who = move || {
        let lang = field.tongue.0.get();
        field.me.with_value(|me| {
            let post = me.posts.iter().find(|post| post.current);
            let place = post.and_then(|post| post.org_name.clone());
            let place = place.unwrap_or_else(|| role_name(lang, me.actor.role).to_owned());
            format!("{place} · {}", me.name)
        })
    };
    let role = move || {
        let session = field.session()?;
        let actor = field.actor();
        let seat = actor.org.as_ref().and_then(|org| session.seat(org));
        if session.commander.id == actor.id {
            return Some(field.t(f::IS_COMMANDER));
        }
        Some(field.t(match seat?.task {
            domain::session::Task::Lead => f::TASK_LEAD,
            domain::session::Task::Cooperate => f::TASK_COOPERATE,
        }))
    };
    let link = move || {
        let waiting = field.waiting();
        let queue = (waiting > 0).then(|| field.tf(f::WAITING, &[("n", &waiting.to_string())]));
        let state = match field.ctx.link.get() {
            LinkView::Live => field.t(c::LINK_LIVE).to_owned(),
            LinkView::Degraded(_) | LinkView::Closed(_) => link_words(field.ctx),
            LinkView::Connecting | LinkView::Lost(_) => field.t(f::OFFLINE).to_owned(),
        };
        std::iter::once(state)
            .chain(queue)
            .collect::<Vec<_>>()
            .join(" · ")
    };
    view! {
        <header class="head">
            {move || several().then(|| view! {
                <button type="button" class="head-button" data-testid="to-list" aria-label=field.t(f::MY_SESSIONS) title=field.t(f::MY_SESSIONS) on:click=move |_| field.chosen.set(Some(String::new()))><Glyph icon=Icon::List/></button>
            })}
            <b class="name">{move || field.t(f::FIELD)}</b>
            <span class="who clip" data-testid="who">{who}{move || role().map(|role| format!("（{role}）"))}</span>
            <span class="space"></span>
            <crate::panels::field::Sharing/>
            <span class="link" role="status" data-testid="link-state" data-state=move || field.ctx.link.get().name() data-waiting=move || field.waiting().to_string()>{link}</span>
            <ThemeButton/>
            <Menu/>
            <span class="clock num" data-testid="clock">{move || format::minute(field.now.get())}</span>
        </header>
    }
}

/// What is seldom wanted: the language, the desk, the way out.
#[component]
fn Menu() -> impl IntoView {
    let field = field();
    let screen = field.me.with_value(|me| me.screen.clone());
    let desk = (screen != "/field").then_some(screen);
    view! {
        <details class="menu">
            <summary class="head-button" aria-label=move || field.t(f::MENU) title=move || field.t(f::MENU)><Glyph icon=Icon::More/></summary>
            <div>
                <crate::panels::field::UnitChoice/>
                <LangButton/>
                {desk.map(|to| view! { <a class="btn quiet" href=to><Glyph icon=Icon::Monitor/>{move || field.t(d::TO_OWN)}</a> })}
                <button type="button" class="btn quiet" data-testid="sign-out" on:click=move |_| field.sign_out()><Glyph icon=Icon::LogOut/>{move || field.t(d::SIGN_OUT)}</button>
            </div>
        </details>
    }
}
