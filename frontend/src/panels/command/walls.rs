//! Steering walls: what each shows, sending it this session, this incident or this view, and back
//! to rotation.

use domain::time::Timestamp;
use domain::wall::{self, Show};
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};

use super::room;
use crate::i18n::{command as k, format};
use crate::map::units::units;
use crate::panels::admin::work::Work;
use crate::ui::notice::Refusal;
use crate::ui::tongue::t;

/// A wall as `GET /walls/steering` lists it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
struct Wall {
    id: String,
    name: String,
    scope: Code,
    scope_name: String,
    online: bool,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Wall>,
}

/// The walls of the region.
#[component]
pub fn Walls() -> impl IntoView {
    let room = room();
    let walls = RwSignal::new(None::<Vec<Wall>>);
    let work = Work::default();
    // Screens come and go: looked at anew every half minute.
    let look = Memo::new(move |_| room.ctx.now.get() / 30_000);
    Effect::new(move |_| {
        let _ = look.get();
        spawn_local(async move {
            if let Ok(found) = room.who.get::<Listed>("/api/v1/walls/steering").await {
                walls.try_set(Some(found.items));
            }
        });
    });
    view! {
        <section class="walls" data-testid="walls">
            <h2>{t(k::WALLS)}</h2>
            <Refusal failed=work.failed/>
            {move || match walls.get() {
                None => None,
                Some(all) if all.is_empty() => Some(view! { <p class="none">{t(k::NO_WALLS)}</p> }.into_any()),
                Some(all) => Some(view! {
                    <ul class="rows-plain">{all.into_iter().map(|wall| view! { <One wall=wall work=work/> }).collect_view()}</ul>
                }.into_any()),
            }}
        </section>
    }
}

#[component]
fn One(wall: Wall, work: Work) -> impl IntoView {
    let room = room();
    let id = StoredValue::new(wall.id.clone());
    let own = wall.id.clone();
    let shown = Memo::new(move |_| {
        let now = Timestamp::from_millis(room.ctx.now.get());
        let scope = room.ctx.scope;
        let county = scope.ancestors().last().unwrap_or(scope);
        let found = room.ctx.read(|world| wall::steering(world, county, &own));
        let found = found.flatten();
        found.filter(|one| one.shown(now).is_some())
    });
    let told = move || match shown.get() {
        None => room.ctx.t(k::WALL_ROTATES).to_owned(),
        Some(one) => {
            let what = match one.show {
                Some(Show::Session(_)) => k::SHOWS_SESSION,
                Some(Show::Incident(_)) => k::SHOWS_INCIDENT,
                _ => k::SHOWS_VIEW,
            };
            let until = one.until.map_or(0, Timestamp::millis);
            let (what, until) = (room.ctx.t(what), format::minute(until));
            room.ctx.tf(k::WALL_SHOWS, &[("what", what), ("t", &until)])
        }
    };
    let send = move |show: Option<Value>| {
        let who = room.who;
        let url = format!("/api/v1/walls/{}/show", id.get_value());
        let body = show.map_or_else(|| json!({}), |show| json!({ "show": show }));
        let asked = async move { who.send::<Value>("POST", &url, &body).await };
        work.run(asked, |_| {});
    };
    let session = move || {
        let id = room.chosen.get()?;
        Some(json!({ "what": "session", "id": id }))
    };
    let incident = move || {
        let id = room.one.with(|one| one.as_ref()?.incident)?;
        Some(json!({ "what": "incident", "id": id }))
    };
    let view_now = move |_| {
        if let Some((west, south, east, north)) = units().extent() {
            send(Some(json!({
                "what": "view", "west": west, "south": south, "east": east, "north": north,
            })));
        }
    };
    let fits = room.who.scope().contains(wall.scope) || wall.scope.contains(room.who.scope());
    view! {
        <li class="wall-row" data-testid="wall-row" data-id=wall.id data-shown=move || shown.with(Option::is_some).to_string()>
            <b class="clip">{wall.name}</b>
            <small class="quiet">{wall.scope_name}{(!wall.online).then(|| view! { " · "{t(k::WALL_OFFLINE)} })}</small>
            <small class="num" data-testid="wall-shows">{told}</small>
            <div class="actions" hidden=!fits>
                <button type="button" class="btn" data-testid="send-session" disabled=move || session().is_none() || work.busy.get()
                    on:click=move |_| send(session())>{t(k::SEND_SESSION)}</button>
                <button type="button" class="btn" data-testid="send-incident" disabled=move || incident().is_none() || work.busy.get()
                    on:click=move |_| send(incident())>{t(k::SEND_INCIDENT)}</button>
                <button type="button" class="btn" data-testid="send-view" disabled=work.busy on:click=view_now>{t(k::SEND_VIEW)}</button>
                {move || shown.with(Option::is_some).then(|| view! {
                    <button type="button" class="btn" data-testid="send-back" disabled=work.busy on:click=move |_| send(None)>{t(k::SEND_BACK)}</button>
                })}
            </div>
        </li>
    }
}
