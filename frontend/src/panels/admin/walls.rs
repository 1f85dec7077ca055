//! Wall screens: let in by the code they show, named, given a region, changed and revoked at once.

use domain::wire::account::WallView;
use leptos::prelude::*;
use serde_json::json;

use super::choose::RegionField;
use super::work::Work;
use crate::api;
use crate::i18n::{Text, admin as a, desk as d};
use crate::session::{session, stamp};
use crate::ui::dialog::{Confirm, Dialog};
use crate::ui::field::TextField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Blank, Kind, Notice, Refusal};
use crate::ui::pages::{Pages, PagesMore, PagesState};
use crate::ui::tongue::{t, tongue};

/// How often signs of life are asked for, s.
const FRESH_SECS: u64 = 10;

/// The section.
#[component]
pub fn Walls() -> impl IntoView {
    let session = session();
    let walls = Pages::<WallView>::new(session, || "/api/v1/walls".to_owned());
    walls.every(FRESH_SECS);
    let none = ViewFn::from(
        || view! { <Blank icon=Icon::Monitor title=a::WALLS_NONE why=a::WALLS_NONE_WHY/> },
    );
    // A row stays the same while its wall does, so that an open dialog outlives a fresh list.
    let ids = Memo::new(move |_| {
        walls
            .items
            .with(|all| all.iter().map(|wall| wall.id.clone()).collect::<Vec<_>>())
    });
    view! {
        <section class="walls-page" aria-label=t(a::WALLS)>
            <Pair walls=walls/>
            <div class="list">
                <header class="head"><h1>{t(a::WALLS)}</h1></header>
                <div class="table-box">
                    <table class="rows walls" hidden=move || walls.items.with(Vec::is_empty)>
                        <thead><tr>
                            <th scope="col">{t(a::WALL_NAME)}</th><th scope="col">{t(a::WALL_SCOPE)}</th>
                            <th scope="col">{t(a::STATE)}</th><th scope="col"><span class="sr">{t(a::CHANGE)}</span></th>
                        </tr></thead>
                        <tbody><For each=move || ids.get() key=Clone::clone let:id><Row id=id walls=walls/></For></tbody>
                    </table>
                    <PagesState pages=walls blank=none/>
                    <PagesMore pages=walls/>
                </div>
            </div>
        </section>
    }
}

#[component]
fn Pair(walls: Pages<WallView>) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let code = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let scope = RwSignal::new(Some(session.scope().to_string()));
    let paired = RwSignal::new(None::<String>);
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        paired.set(None);
        let body = json!({
            "code": code.get_untracked().trim(),
            "name": name.get_untracked().trim(),
            "scope": scope.get_untracked(),
        });
        work.run(
            async move {
                session
                    .send::<WallView>("POST", "/api/v1/walls", &body)
                    .await
            },
            move |wall| {
                paired.set(Some(wall.name));
                code.set(String::new());
                name.set(String::new());
                walls.again();
            },
        );
    };
    let url = format!("{}/wall", window().location().origin().unwrap_or_default());
    let why = move || session.tongue.tf(a::WALL_PAIR_WHY, &[("url", &url)]);
    view! {
        <form class="block form pair-form" on:submit=submit novalidate data-testid="pair-form">
            <h2>{t(a::WALL_PAIR)}</h2>
            <p class="lead">{why}</p>
            <div class="code-input"><TextField label=a::WALL_CODE value=code testid="wall-code" longest=20 hint=a::WALL_CODE_HINT error=work.at("/code")/></div>
            <TextField label=a::WALL_NAME value=name testid="wall-name" longest=50 hint=a::WALL_NAME_HINT error=work.at("/name")/>
            <RegionField label=a::WALL_SCOPE value=scope testid="wall-scope" error=work.at("/scope")/>
            <Refusal failed=work.failed/>
            {move || paired.get().map(|name| view! {
                <Notice kind=Kind::Done text=session.tongue.tf(a::WALL_PAIRED, &[("name", &name)])/>
            })}
            <div class="actions"><button type="submit" class="btn primary large" data-testid="wall-pair" disabled=move || work.busy.get()>{t(a::WALL_GO)}</button></div>
        </form>
    }
}

/// How a wall stands.
fn state(wall: &WallView) -> (&'static str, Text) {
    if !wall.claimed {
        ("waiting", a::WAITING)
    } else if wall.online {
        ("online", a::ONLINE)
    } else {
        ("offline", a::OFFLINE)
    }
}

#[component]
fn Row(id: String, walls: Pages<WallView>) -> impl IntoView {
    let session = session();
    let changing = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let key = id.clone();
    let wall = Memo::new(move |_| {
        walls
            .items
            .with(|all| all.iter().find(|wall| wall.id == key).cloned())
    });
    let of = move |read: fn(&WallView) -> String| {
        move || wall.with(|wall| wall.as_ref().map(read).unwrap_or_default())
    };
    let paired = move || {
        let wall = wall.get()?;
        let (name, at) = (wall.paired_by, stamp(wall.paired_at));
        Some(
            session
                .tongue
                .tf(a::PAIRED_BY, &[("name", &name), ("t", &at)]),
        )
    };
    let status = move || {
        let wall = wall.get()?;
        let (name, text) = state(&wall);
        let seen = (!wall.online && wall.claimed).then(|| session.seen(wall.seen_at));
        Some(view! {
            <span class="state" data-state=name data-testid="wall-state">{session.tongue.t(text)}</span>
            {seen.map(|seen| view! { <small class="num quiet">{seen}</small> })}
        })
    };
    view! {
        <tr data-testid="wall-row" data-id=id>
            <td class="name"><b class="clip" data-testid="wall-row-name">{of(|wall| wall.name.clone())}</b><small class="num clip">{paired}</small></td>
            <td><span data-testid="wall-row-scope">{of(|wall| wall.scope_name.clone())}</span>" "<small class="num quiet">{of(|wall| wall.scope.to_string())}</small></td>
            <td class="status-cell">{status}</td>
            <td class="deeds">
                <button type="button" class="btn quiet" data-testid="wall-change" on:click=move |_| changing.set(true)><Glyph icon=Icon::Pencil/>{t(a::CHANGE)}</button>
                <button type="button" class="btn quiet" data-testid="wall-revoke" on:click=move |_| revoking.set(true)><Glyph icon=Icon::Ban/>{t(a::REVOKE)}</button>
                <Change open=changing wall=wall walls=walls/>
                <Revoke open=revoking wall=wall walls=walls/>
            </td>
        </tr>
    }
}

fn titled(text: Text, wall: Memo<Option<WallView>>) -> Signal<String> {
    let tongue = tongue();
    Signal::derive(move || {
        let name = wall.with(|wall| wall.as_ref().map(|wall| wall.name.clone()));
        tongue.tf(text, &[("name", &name.unwrap_or_default())])
    })
}

fn url_of(wall: Memo<Option<WallView>>) -> String {
    let id = wall.with_untracked(|wall| wall.as_ref().map(|wall| wall.id.clone()));
    format!("/api/v1/walls/{}", api::escaped(&id.unwrap_or_default()))
}

#[component]
fn Change(
    open: RwSignal<bool>,
    wall: Memo<Option<WallView>>,
    walls: Pages<WallView>,
) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let name = RwSignal::new(String::new());
    let scope = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get()
            && let Some(wall) = wall.get_untracked()
        {
            name.set(wall.name);
            scope.set(Some(wall.scope.to_string()));
            work.forget();
        }
    });
    let submit = Callback::new(move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = url_of(wall);
        let body = json!({ "name": name.get_untracked().trim(), "scope": scope.get_untracked() });
        work.run(
            async move { session.send::<WallView>("PATCH", &url, &body).await },
            move |_| {
                open.set(false);
                walls.again();
            },
        );
    });
    view! {
        <Dialog open=open title=titled(a::WALL_CHANGE_TITLE, wall) testid="wall-dialog">
            <form on:submit=move |ev| submit.run(ev) novalidate class="form">
                <p>{t(a::WALL_CHANGE_WHY)}</p>
                <TextField label=a::WALL_NAME value=name testid="wall-new-name" longest=50 error=work.at("/name")/>
                <RegionField label=a::WALL_SCOPE value=scope testid="wall-new-scope" error=work.at("/scope")/>
                <Refusal failed=work.failed/>
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                    <button type="submit" class="btn primary" data-testid="wall-save" disabled=move || work.busy.get()>{t(d::SAVE)}</button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn Revoke(
    open: RwSignal<bool>,
    wall: Memo<Option<WallView>>,
    walls: Pages<WallView>,
) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let go = move |()| {
        let url = url_of(wall);
        work.run(
            async move { session.plain::<()>("DELETE", &url).await },
            move |()| {
                open.set(false);
                walls.again();
            },
        );
    };
    view! {
        <Confirm open=open title=titled(a::WALL_REVOKE_TITLE, wall) why=a::WALL_REVOKE_WHY go=a::REVOKE
            busy=work.busy failed=work.failed on_go=go/>
    }
}
