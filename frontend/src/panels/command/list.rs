//! The left pane: opening a session, those under way and recent, what sounds, the walls, and the
//! switch between peace and war.

use domain::access::Deed;
use domain::session::Session;
use domain::time::Timestamp;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::walls::Walls;
use super::{Room, form::LongText, room};
use crate::i18n::{command as k, desk as d, format};
use crate::panels::admin::work::Work;
use crate::panels::alarms::{Alarms, line, who};
use crate::panels::muster::{DrillMark, model};
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::t;

/// Most that are listed of those that are over.
const RECENT: usize = 40;

/// The pane.
#[component]
pub fn ListPane() -> impl IntoView {
    let room = room();
    let can_open = room.who.can(Deed::OpenSession);
    view! {
        <aside class="rooms-list" aria-label=t(k::SESSIONS)>
            <div class="scroll">
                <AlarmList/>
                <Sessions/>
                {room.who.can(Deed::SteerWall).then(|| view! { <Walls/> })}
            </div>
            <footer>
                {can_open.then(|| view! {
                    <button type="button" class="btn primary" data-testid="open-session" on:click=move |_| {
                        let place = room.here.0.get_untracked();
                        room.here.go(place.with("new", "1"));
                    }><Glyph icon=Icon::Plus/>{t(k::NEW)}</button>
                })}
                {room.who.can(Deed::SwitchMode).then(|| view! { <ModeSwitch/> })}
            </footer>
        </aside>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let room = room();
    let all = Memo::new(move |_| {
        let found = room.ctx.read(|world| {
            let mut all: Vec<Session> = world.sessions().cloned().collect();
            all.sort_unstable_by_key(|one| (std::cmp::Reverse(one.opened_at), one.id));
            all
        });
        found.unwrap_or_default()
    });
    let part = move |open: bool| {
        let all = all.get();
        let some = all.into_iter().filter(|one| one.stage.is_open() == open);
        some.take(RECENT).collect::<Vec<_>>()
    };
    let rows = move |open: bool, none| {
        let rows = part(open);
        if rows.is_empty() {
            return view! { <p class="none">{t(none)}</p> }.into_any();
        }
        view! { <ul class="rows-plain">{rows.into_iter().map(|one| view! { <Row one=one/> }).collect_view()}</ul> }.into_any()
    };
    view! {
        <section><h2>{t(k::UNDER_WAY)}</h2>{move || rows(true, k::NO_SESSION)}</section>
        <section><h2>{t(k::RECENT)}<a class="btn quiet" href="/review" data-testid="to-reviews">{t(k::TO_REVIEWS)}</a></h2>{move || rows(false, k::NONE_RECENT)}</section>
    }
}

#[component]
fn Row(one: Session) -> impl IntoView {
    let room = room();
    let id = one.id;
    let current = move || (room.chosen.get() == Some(id)).then_some("true");
    let lang = room.ctx.lang.get();
    let place = room.ctx.words.with(|words| words.township(one.region));
    let title = model::title(&one, lang);
    let is_drill = one.is_drill();
    let stage = model::stage(one.stage, lang);
    let open = one.stage.is_open();
    let at = format::stamp(one.opened_at.millis());
    let clock = Memo::new(move |_| {
        let now = Timestamp::from_millis(room.ctx.now.get());
        let clock = model::clock(&one, now);
        (clock.text(), clock.state())
    });
    view! {
        <li><button type="button" class="one" data-testid="session-row" data-id=id.to_string() aria-current=current
            on:click=move |_| room.show(id)>
            <span class="t clip">{is_drill.then(|| view! { <DrillMark/> })}{place}" · "{title}</span>
            <span class="time num" data-state=move || clock.get().1>{move || open.then(|| clock.get().0)}</span>
            <span class="w clip num">{at}</span><span class="s">{stage}</span>
        </button></li>
    }
}

/// What sounds in the region, to be acknowledged here.
#[component]
fn AlarmList() -> impl IntoView {
    let room = room();
    let alarms = expect_context::<Alarms>();
    let may = room.who.can(Deed::AcknowledgeAlarm);
    let work = Work::default();
    let note = move |wanted: Value| {
        let who = room.who;
        let asked = async move {
            let body = json!({ "alarms": wanted });
            who.send::<Value>("POST", "/api/v1/alarms/acknowledge", &body)
                .await
        };
        work.run(asked, |_| {});
    };
    view! {
        <section class="alarms" data-testid="alarm-list">
            <h2>{t(k::ALARMS)}
                {move || (may && !alarms.waiting().is_empty()).then(|| view! {
                    <button type="button" class="btn" data-testid="ack-all" disabled=work.busy on:click=move |_| note(json!([]))>
                        <Glyph icon=Icon::Check/>{t(k::ACK_ALL)}
                    </button>
                })}
            </h2>
            <Refusal failed=work.failed/>
            {move || {
                let all = alarms.0.get();
                if all.is_empty() {
                    return view! { <p class="none">{t(k::NO_ALARMS)}</p> }.into_any();
                }
                let row = |one: domain::alarm::Sounding| {
                    let text = line(room.ctx, &one.alarm);
                    let done = who(room.ctx, &one);
                    let waits = done.is_none();
                    let alarm = json!([one.alarm]);
                    view! {
                        <li data-testid="alarm" data-state=if waits { "waits" } else { "done" }>
                            <span class="t">{text}</span>
                            <small class="num">{format::minute(one.since.millis())}{done.map(|done| format!(" · {done}"))}</small>
                            {(waits && may).then(|| view! {
                                <button type="button" class="btn" disabled=work.busy on:click=move |_| note(alarm.clone())>{t(d::CONFIRM)}</button>
                            })}
                        </li>
                    }
                };
                view! { <ul class="rows-plain">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

/// Peace or war, declared by the centre: it asks why, and says what follows.
#[component]
fn ModeSwitch() -> impl IntoView {
    let room: Room = room();
    let war = Memo::new(move |_| {
        room.ctx
            .read(|world| world.mode().is_war)
            .unwrap_or_default()
    });
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let work = Work::default();
    let name = move || {
        room.ctx.t(if war.get() {
            k::DECLARE_PEACE
        } else {
            k::DECLARE_WAR
        })
    };
    let go = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let who = room.who;
        let body = json!({ "war": !war.get_untracked(), "reason": reason.get_untracked() });
        let asked = async move { who.send::<Value>("POST", "/api/v1/mode", &body).await };
        work.run(asked, move |_| {
            open.set(false);
            reason.set(String::new());
        });
    };
    view! {
        <button type="button" class="btn" data-testid="mode-switch" on:click=move |_| open.set(true)>
            <Glyph icon=Icon::Shield/>{name}
        </button>
        <Dialog open=open title=Signal::derive(move || name().to_owned()) testid="mode-form">
            <form class="form" on:submit=go>
                <p>{t(k::WAR_WHY)}</p>
                <LongText label=k::M_REASON value=reason testid="mode-reason"/>
                <Refusal failed=work.failed/>
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                    <button type="submit" class="btn primary" data-testid="mode-go" disabled=move || reason.with(|text| text.trim().is_empty()) || work.busy.get()>{name}</button>
                </div>
            </form>
        </Dialog>
    }
}
