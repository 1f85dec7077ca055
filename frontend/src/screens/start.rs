//! The doors at `/`, and the pages that say why a screen is not shown.

use leptos::prelude::*;
use serde::Deserialize;

use crate::i18n::{Lang, Text, catalogue as c, desk as d};
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::LANG_KEY;

/// A way in that the demo offers.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Door {
    /// What stands on it.
    pub title: String,
    /// Which screen it leads to: `/wall`, `/desk`, `/field`.
    #[serde(default)]
    pub screen: String,
    /// Its address, which signs in.
    pub url: String,
}

/// The start page: the demo's doors, or the screens there are.
#[component]
pub fn Start(
    /// The language.
    lang: RwSignal<Lang>,
) -> impl IntoView {
    let doors = RwSignal::new(None::<Vec<Door>>);
    let is_demo = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        let answer = net::get("/api/v1/doors", lang.get_untracked().tag()).await;
        let found: Option<Vec<Door>> = answer.json();
        is_demo.set(found.is_some());
        doors.set(Some(found.unwrap_or_else(|| {
            vec![door("/wall"), door("/report"), door("/admin")]
        })));
    });
    let lead = move || {
        lang.get().of(if is_demo.get() {
            c::DOORS_LEAD
        } else {
            c::START_LEAD
        })
    };
    view! {
        <main class="start" data-testid="start">
            <h1>{move || lang.get().of(c::APP)}</h1>
            <p class="lead">{move || lang.get().of(c::APP_LEAD)}</p>
            <p class="lead">{lead}</p>
            <nav class="doors">
                {move || doors.get().unwrap_or_default().into_iter().map(|door| view! { <DoorView door=door lang=lang/> }).collect_view()}
            </nav>
            <Foot lang=lang/>
        </main>
    }
}

/// A door that signs nobody in: the screen behind it asks who comes.
fn door(screen: &str) -> Door {
    Door {
        title: String::new(),
        screen: screen.to_owned(),
        url: screen.to_owned(),
    }
}

#[component]
fn DoorView(door: Door, lang: RwSignal<Lang>) -> impl IntoView {
    let (icon, name, why) = match door.screen.trim_matches('/') {
        "desk" => (Icon::List, c::DOOR_DESK, None),
        "field" => (Icon::Tablet, c::DOOR_FIELD, None),
        "admin" => (Icon::Shield, c::DOOR_ADMIN, Some(c::DOOR_ADMIN_WHY)),
        "report" => (Icon::Pin, c::DOOR_REPORT, Some(c::DOOR_REPORT_WHY)),
        _ => (Icon::Monitor, c::DOOR_WALL, Some(c::DOOR_WALL_WHY)),
    };
    let title = door.title;
    let heading = move || match lang.get() {
        Lang::Zh if !title.is_empty() => title.clone(),
        lang => lang.of(name).to_owned(),
    };
    view! {
        <a class="door" href=door.url data-testid="door" data-screen=door.screen>
            <Glyph icon=icon/>
            <b>{heading}</b>
            {why.map(|why| view! { <small>{move || lang.get().of(why)}</small> })}
        </a>
    }
}

/// A page that says why there is no screen, and what to do.
#[component]
pub fn Refused(
    /// The language.
    lang: RwSignal<Lang>,
    /// Its sign.
    icon: Icon,
    /// What is wrong.
    title: Text,
    /// What to do.
    why: Text,
    /// The hook for checks.
    testid: &'static str,
    /// Where to go from here; the start page if left out.
    #[prop(default = "/".to_owned())]
    to: String,
    /// What the way there is called.
    #[prop(default = c::TO_START)]
    to_words: Text,
) -> impl IntoView {
    view! {
        <main class="start" data-testid=testid>
            <div class="refused"><Glyph icon=icon/></div>
            <h1>{move || lang.get().of(title)}</h1>
            <p class="lead">{move || lang.get().of(why)}</p>
            <div class="foot"><a class="tool" href=to>{move || lang.get().of(to_words)}</a><Switch lang=lang/></div>
        </main>
    }
}

#[component]
fn Foot(lang: RwSignal<Lang>) -> impl IntoView {
    view! {
        <div class="foot">
            <a class="tool" href="/sign-in" data-testid="to-sign-in"><Glyph icon=Icon::LogIn/>{move || lang.get().of(d::SIGN_IN_TITLE)}</a>
            <Switch lang=lang/>
            <span class="num">{net::meta("gridlamp-version").unwrap_or_default()}</span>
        </div>
    }
}

#[component]
fn Switch(lang: RwSignal<Lang>) -> impl IntoView {
    let switch = move |_| {
        lang.update(|lang| *lang = lang.other());
        net::remember(LANG_KEY, lang.get_untracked().tag());
    };
    view! {
        <button class="tool" data-testid="lang-switch" on:click=switch>
            <Glyph icon=Icon::Languages/>{move || lang.get().of(c::OTHER_LANG)}
        </button>
    }
}
