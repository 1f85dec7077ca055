//! The frame of every desk-like screen: whose system it is, who acts and as what, and the way out.
//! Whoever is not signed in is sent to sign in and comes back.

use domain::access::Deed;
use domain::account::PostRef;
use domain::wire::account::{Me, Position};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api;
use crate::context::context;
use crate::i18n::{catalogue as c, command as k, desk as d, replay as r, shift as s, told as w};
use crate::net;
use crate::panels::admin::Section;
use crate::screens::start::Refused;
use crate::session::{Session, role_name, session, stands_in};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::{LangButton, Tongue, t, tongue};

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;

/// How often it is asked what is unread.
const FRESH: std::time::Duration = std::time::Duration::from_secs(20);

/// What the bell needs of a list of notices.
#[derive(serde::Deserialize)]
struct Unread {
    unread: u32,
}

/// Asks who is signed in: whom, once it is known, and whether the server did not answer at first.
/// A stranger is led to the sign-in, and back here.
pub fn who(tongue: Tongue) -> (RwSignal<Option<Me>>, RwSignal<bool>) {
    let me = RwSignal::new(None::<Me>);
    let silent = RwSignal::new(false);
    spawn_local(async move {
        loop {
            match api::get::<Me>("/api/v1/me", tongue.lang()).await {
                Ok(found) => return me.set(Some(found)),
                Err(failed) if failed.status == 401 => {
                    return net::go(&net::sign_in_path(&net::here()));
                }
                Err(_) => silent.set(true),
            }
            net::wait(RETRY_MS).await;
        }
    });
    (me, silent)
}

/// Shows a desk-like screen to whoever is signed in.
#[component]
pub fn Shell(
    /// The screen's name for styles and checks.
    testid: &'static str,
    /// What it needs before anything of it is drawn.
    #[prop(optional)]
    begin: Option<fn()>,
    /// What stands in its bar.
    #[prop(optional)]
    tools: Option<fn() -> AnyView>,
    /// The screen.
    children: ChildrenFn,
) -> impl IntoView {
    let tongue = tongue();
    let (me, silent) = who(tongue);
    move || {
        match me.get() {
        Some(me) => {
            provide_context(Session::new(tongue, me));
            if let Some(begin) = begin {
                begin();
            }
            let content = children.clone();
            Some(view! { <div class="desk" data-testid=testid><Bar tools=tools/>{content()}</div> }.into_any())
        }
        None if silent.get() => Some(
            view! { <Refused lang=tongue.0 icon=Icon::Unplug title=c::NO_SERVER why=c::NO_SERVER_WHY testid="no-server"/> }
                .into_any(),
        ),
        None => None,
    }
    }
}

/// Peace or war, live.
#[component]
pub fn ModePill() -> impl IntoView {
    let ctx = context();
    let war = Memo::new(move |_| ctx.read(|world| world.mode().is_war) == Some(true));
    mode(war.into())
}

/// Peace or war as it was on entering, where there is no link.
#[component]
pub fn ModeAsked() -> impl IntoView {
    let session = session();
    let war = RwSignal::new(false);
    if session.can(Deed::Watch) {
        spawn_local(async move {
            if let Ok(found) = session.get::<domain::mode::Mode>("/api/v1/mode").await {
                war.try_set(found.is_war);
            }
        });
    }
    mode(war.into())
}

fn mode(war: Signal<bool>) -> AnyView {
    let tongue = tongue();
    view! {
        <span class="pill mode" data-testid="mode" data-mode=move || if war.get() { "war" } else { "peace" }>
            {move || tongue.t(if war.get() { k::MODE_WAR } else { c::MODE_PEACE })}
        </span>
    }
    .into_any()
}

#[component]
fn Bar(tools: Option<fn() -> AnyView>) -> impl IntoView {
    let session = session();
    let county = move || {
        let county = session.me.with(|me| me.county.clone());
        session.tongue.tf(c::CENTRE, &[("county", &county)])
    };
    let own = move || session.me.with(|me| me.screen.clone());
    view! {
        <header class="bar">
            <a class="brand" href="/"><img src="/favicon.svg" alt="" width="24" height="24"/><b>{county}</b></a>
            <span class="pill">{move || session.me.with(|me| me.scope_name.clone())}</span>
            {tools.map(|tools| tools())}
            <span class="space"></span>
            {move || (own() == "/desk" && net::path() != "/desk").then(|| view! {
                <a class="btn quiet" href="/desk"><Glyph icon=Icon::List/><span class="wordy">{t(d::TO_DESK)}</span></a>
            })}
            {move || (session.can(Deed::OpenSession) && net::path() != "/command").then(|| view! {
                <a class="btn quiet" href="/command" data-testid="to-command"><Glyph icon=Icon::Shield/><span class="wordy">{t(k::TO_ROOM)}</span></a>
            })}
            {move || (session.can(Deed::Watch) && matches!(own().as_str(), "/wall" | "/desk")).then(|| view! {
                <a class="btn quiet" href="/wall"><Glyph icon=Icon::Monitor/><span class="wordy">{t(d::TO_WALL)}</span></a>
            })}
            {move || (session.can(Deed::Replay) && matches!(own().as_str(), "/wall" | "/desk" | "/command")).then(|| view! {
                <a class="btn quiet" href="/replay" data-testid="to-replay"><Glyph icon=Icon::History/><span class="wordy">{t(r::TO_REPLAY)}</span></a>
            })}
            <Bell/>
            <LangButton/>
            <PersonMenu/>
        </header>
    }
}

/// How many of one's notices are unread; leads to them.
#[component]
fn Bell() -> impl IntoView {
    let session = session();
    let unread = RwSignal::new(0_u32);
    let load = move || {
        spawn_local(async move {
            let found = session.get::<Unread>("/api/v1/notices?limit=1").await;
            if let Ok(found) = found {
                unread.try_set(found.unread);
            }
        });
    };
    load();
    if let Ok(handle) = set_interval_with_handle(load, FRESH) {
        on_cleanup(move || handle.clear());
    }
    let words = move || {
        session
            .tongue
            .tf(w::UNREAD, &[("n", &unread.get().to_string())])
    };
    let count = move || (unread.get() > 0).then(|| view! { <b class="num">{unread}</b> });
    view! {
        <a class="btn quiet bell" href="/account" data-testid="bell" data-unread=unread aria-label=words title=words>
            <Glyph icon=Icon::Bell/>{count}
        </a>
    }
}

/// What one acts as, in few words.
pub fn position_words(session: Session, position: &Position) -> String {
    let lang = session.tongue.0.get();
    let place = position
        .org_name
        .as_deref()
        .unwrap_or(&position.region_name);
    let head = if position.director {
        format!(" · {}", session.tongue.t(d::HEAD))
    } else {
        String::new()
    };
    let behalf = position
        .on_behalf_of
        .as_deref()
        .map_or_else(String::new, |name| format!(" · {}", stands_in(lang, name)));
    format!("{} · {place}{head}{behalf}", role_name(lang, position.role))
}

fn acting_as(session: Session) -> String {
    session.me.with(|me| {
        let current = me.posts.iter().find(|post| post.current);
        current.map_or_else(
            || role_name(session.tongue.0.get(), me.actor.role).to_owned(),
            |post| position_words(session, post),
        )
    })
}

#[component]
fn PersonMenu() -> impl IntoView {
    let session = session();
    let menu = NodeRef::<leptos::html::Details>::new();
    let shut = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let leave = move |ev: leptos::ev::FocusEvent| {
        let inside = ev
            .related_target()
            .and_then(|to| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(to).ok())
            .is_some_and(|to| {
                menu.get_untracked()
                    .is_some_and(|menu| menu.contains(Some(&to)))
            });
        if !inside {
            shut();
        }
    };
    view! {
        <details class="person-menu" node_ref=menu data-testid="person-menu" on:focusout=leave
            on:keydown=move |ev| if ev.key() == "Escape" { shut() }>
            <summary aria-label=t(d::PERSON_MENU)>
                <Glyph icon=Icon::Person/>
                <span class="who"><b data-testid="me-name">{move || session.me.with(|me| me.name.clone())}</b>
                    <small class="clip" data-testid="me-post">{move || acting_as(session)}</small></span>
                <Glyph icon=Icon::Down/>
            </summary>
            <div class="menu" tabindex="-1">
                <PostList/>
                <a href="/account"><Glyph icon=Icon::Person/>{t(d::MY_ACCOUNT)}</a>
                {session.me.with_untracked(|me| me.actor.org.is_some()).then(|| view! {
                    <a href="/shift"><Glyph icon=Icon::Clock/>{t(s::SHIFT)}</a>
                })}
                {move || (Section::first_for(session).is_some()).then(|| view! {
                    <a href="/admin"><Glyph icon=Icon::Admin/>{t(d::TO_ADMIN)}</a>
                })}
                <button type="button" data-testid="sign-out" on:click=move |_| session.sign_out()>
                    <Glyph icon=Icon::LogOut/>{t(d::SIGN_OUT)}
                </button>
            </div>
        </details>
    }
}

/// One's posts, to switch between; nothing when there is but one.
#[component]
pub fn PostList() -> impl IntoView {
    let session = session();
    let failed = RwSignal::new(None);
    let switch = move |post: PostRef| {
        spawn_local(async move {
            let body = json!({ "post": post });
            match session.send::<Me>("POST", "/api/v1/me/post", &body).await {
                // Everything shown belongs to the post before.
                Ok(me) => net::go(&me.screen),
                Err(refused) => failed.set(Some(refused)),
            }
        });
    };
    let row = move |position: Position| {
        let words = position_words(session, &position);
        let until = position.until.map(|until| {
            session
                .tongue
                .tf(d::UNTIL, &[("t", &crate::session::stamp(until))])
        });
        let post = position.post.clone();
        view! {
            <button type="button" class="post" data-testid="post" aria-pressed=position.current.to_string()
                disabled=position.current on:click=move |_| switch(post.clone())>
                <Glyph icon=if position.current { Icon::Check } else { Icon::Right }/>
                <span>{words}{until.map(|until| view! { <small class="num">{until}</small> })}</span>
            </button>
        }
    };
    move || {
        let posts = session.me.with(|me| me.posts.clone());
        (posts.len() > 1).then(|| {
            view! {
                <div class="posts" role="group" aria-label=t(d::ACTING_AS)>
                    {posts.into_iter().map(row).collect_view()}
                    <Refusal failed=failed/>
                </div>
            }
        })
    }
}
