//! Which screen the page's address asks for, and who is looking.

use std::sync::Arc;

use domain::access::{Deed, can};
use domain::actor::Role;
use domain::wire::account::Me;
use domain::wire::labels::Labels;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::context::Context;
use crate::i18n::{Lang, Text, admin as a, catalogue as c, desk as d};
use crate::link::socket;
use crate::net;
use crate::panels::top::LANG_KEY;
use crate::screens::account::AccountScreen;
use crate::screens::admin::Admin;
use crate::screens::ended::Ended;
use crate::screens::pairing::PairingScreen;
use crate::screens::sign_in::SignIn;
use crate::screens::start::{Refused, Start};
use crate::screens::wall::Wall;
use crate::screens::welcome::Welcome;
use crate::ui::icon::Icon;
use crate::ui::tongue::{Tongue, tongue};
use crate::words::Words;

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

/// Mounts the app in the page.
pub fn start() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let lang = RwSignal::new(chosen_language());
    provide_context(Tongue(lang));
    let path = net::path();
    let title = title_of(&path);
    Effect::new(move |_| {
        let lang = lang.get();
        let app = lang.of(c::APP);
        let title = title.map_or_else(|| app.to_owned(), |own| format!("{} · {app}", lang.of(own)));
        document().set_title(&title);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", lang.tag());
        }
    });
    match path.as_str() {
        "" => view! { <Start lang=lang/> }.into_any(),
        "/wall" => view! { <WallDoor/> }.into_any(),
        "/sign-in" => view! { <SignIn/> }.into_any(),
        "/welcome" => view! { <Welcome/> }.into_any(),
        "/account" => view! { <AccountScreen/> }.into_any(),
        path if path == "/admin" || path.starts_with("/admin/") => view! { <Admin/> }.into_any(),
        _ => view! {
            <Refused lang=lang icon=Icon::Map title=c::NOT_HERE why=c::NOT_HERE_WHY testid="not-here"/>
        }
        .into_any(),
    }
}

/// What the browser's tab says besides the app's name.
fn title_of(path: &str) -> Option<Text> {
    match path {
        "/wall" => Some(c::DOOR_WALL),
        "/sign-in" => Some(d::SIGN_IN_TITLE),
        "/welcome" => Some(d::WELCOME_TITLE),
        "/account" => Some(d::MY_ACCOUNT),
        path if path.starts_with("/admin") => Some(a::ADMIN),
        _ => None,
    }
}

/// The language of the address, or the one chosen before, or Chinese.
fn chosen_language() -> Lang {
    net::query("lang")
        .or_else(|| net::recall(LANG_KEY))
        .and_then(|tag| Lang::parse(&tag))
        .unwrap_or_default()
}

/// Shows the wall to whoever may see it; a screen that nobody signed in shows its pairing code.
#[component]
fn WallDoor() -> impl IntoView {
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
            let scope = wanted_scope(me.actor.scope);
            let is_wall = me.actor.role == Role::Wall;
            Some(view! { <Live lang=lang scope=scope is_wall=is_wall/> }.into_any())
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

/// The scope of the address as far as it lies within one's own: a wall that was given another
/// region shows that one, whatever its address says.
fn wanted_scope(own: Code) -> Code {
    net::query("scope")
        .and_then(|text| text.parse().ok())
        .filter(|asked| own.contains(*asked))
        .unwrap_or(own)
}

#[component]
fn Live(lang: RwSignal<Lang>, scope: Code, is_wall: bool) -> impl IntoView {
    let ctx = Context::new(lang, scope);
    provide_context(ctx);
    socket::connect(ctx);
    spawn_local(async move {
        loop {
            let answer = net::get(&format!("/api/v1/labels?scope={scope}"), "zh-CN").await;
            if let Some(labels) = answer.json::<Labels>() {
                return ctx.words.set(Arc::new(Words::new(labels)));
            }
            net::wait(RETRY_MS).await;
        }
    });
    view! { <Wall/><Ended is_wall=is_wall/> }
}
