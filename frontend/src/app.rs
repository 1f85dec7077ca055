//! Which screen the page's address asks for, and who is looking.

use std::sync::Arc;

use domain::wire::labels::Labels;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use crate::context::Context;
use crate::i18n::{Lang, catalogue as c};
use crate::link::socket;
use crate::net;
use crate::panels::top::LANG_KEY;
use crate::screens::start::{Refused, Start};
use crate::screens::wall::Wall;
use crate::ui::icon::Icon;
use crate::words::Words;

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;

/// Who is signed in, as the server says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct Me {
    /// The region that bounds what they see.
    scope: Code,
}

/// What the server said to the question who is looking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Session {
    Asking,
    Silent,
    Nobody,
    In { scope: Code },
}

/// Mounts the app in the page.
pub fn start() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let lang = RwSignal::new(chosen_language());
    Effect::new(move |_| {
        let lang = lang.get();
        document().set_title(lang.of(c::APP));
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", lang.tag());
        }
    });
    match net::path().as_str() {
        "" => view! { <Start lang=lang/> }.into_any(),
        "/wall" => view! { <SignedIn lang=lang/> }.into_any(),
        _ => view! {
            <Refused lang=lang icon=Icon::Map title=c::NOT_HERE why=c::NOT_HERE_WHY testid="not-here"/>
        }
        .into_any(),
    }
}

/// The language of the address, or the one chosen before, or Chinese.
fn chosen_language() -> Lang {
    net::query("lang")
        .or_else(|| net::recall(LANG_KEY))
        .and_then(|tag| Lang::parse(&tag))
        .unwrap_or_default()
}

/// Shows the wall to whoever may see it.
#[component]
fn SignedIn(lang: RwSignal<Lang>) -> impl IntoView {
    let session = RwSignal::new(Session::Asking);
    spawn_local(async move {
        loop {
            let answer = net::get("/api/v1/me", lang.get_untracked().tag()).await;
            let me: Option<Me> = answer.json();
            match (answer.status, me) {
                (_, Some(me)) => {
                    return session.set(Session::In {
                        scope: wanted_scope(me.scope),
                    });
                }
                (401 | 403, _) => return session.set(Session::Nobody),
                _ => session.set(Session::Silent),
            }
            net::wait(RETRY_MS).await;
        }
    });
    move || {
        match session.get() {
        Session::Asking => None,
        Session::In { scope } => Some(view! { <Live lang=lang scope=scope/> }.into_any()),
        Session::Nobody => Some(
            view! { <Refused lang=lang icon=Icon::LogIn title=c::SIGN_IN why=c::SIGN_IN_WHY testid="sign-in"/> }
                .into_any(),
        ),
        Session::Silent => Some(
            view! { <Refused lang=lang icon=Icon::Unplug title=c::NO_SERVER why=c::NO_SERVER_WHY testid="no-server"/> }
                .into_any(),
        ),
    }
    }
}

/// The scope of the address, or all that the session may see.
fn wanted_scope(own: Code) -> Code {
    net::query("scope")
        .and_then(|text| text.parse().ok())
        .unwrap_or(own)
}

#[component]
fn Live(lang: RwSignal<Lang>, scope: Code) -> impl IntoView {
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
    view! { <Wall/> }
}
