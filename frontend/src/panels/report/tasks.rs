//! A grid worker's own: what waits for her team, what else is open in the grid, and what she
//! reported herself.

use domain::incident::State;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;

use super::media::Photos;
use super::model::{Fate, Piece, Verdict, Who, state_words, verdict};
use super::{Page, outbox, page};
use crate::api::{self, Failed};
use crate::device;
use crate::i18n::{Text, format, report as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// An incident, as much of it as a card shows.
#[derive(Clone, PartialEq, Debug, Deserialize)]
struct Task {
    id: String,
    number: String,
    title: String,
    #[serde(default)]
    description: Option<String>,
    state: State,
    lamp: String,
    #[serde(default)]
    holder: Option<String>,
    #[serde(default)]
    deadline: Option<Timestamp>,
    #[serde(default)]
    sent_by: Option<By>,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
struct By {
    id: String,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Task>,
}

impl Task {
    fn is_held_by(&self, who: &Who) -> bool {
        self.holder.is_some() && self.holder == who.org
    }

    fn is_by(&self, who: &Who) -> bool {
        self.sent_by.as_ref().is_some_and(|by| by.id == who.id)
    }
}

/// What the list shows. Cheap to copy.
#[derive(Clone, Copy)]
struct Board {
    page: Page,
    tasks: RwSignal<Option<Vec<Task>>>,
    failed: RwSignal<Option<String>>,
}

impl Board {
    fn look(self) {
        spawn_local(async move {
            let lang = self.page.lang();
            let found = api::get::<List>("/api/v1/incidents?limit=100", lang).await;
            match found {
                Ok(list) => {
                    self.failed.set(None);
                    self.tasks.set(Some(list.items));
                }
                Err(Failed { detail, .. }) => self.failed.set(Some(detail)),
            }
        });
    }
}

/// The tasks, the grid's other incidents, and her own reports.
#[component]
pub fn Tasks() -> impl IntoView {
    let board = Board {
        page: page(),
        tasks: RwSignal::new(None),
        failed: RwSignal::new(None),
    };
    board.look();
    let part = move |wanted: fn(&Task, &Who) -> bool| {
        let who = board.page.who.get()?;
        let tasks = board.tasks.get()?;
        Some(
            tasks
                .into_iter()
                .filter(|task| wanted(task, &who))
                .collect::<Vec<_>>(),
        )
    };
    let cards = move |tasks: Vec<Task>| {
        view! { <ul class="cards">{tasks.into_iter().map(|task| view! { <Card task=task board=board/> }).collect_view()}</ul> }
    };
    let group = move |label: Text, wanted: fn(&Task, &Who) -> bool| {
        part(wanted).filter(|tasks| !tasks.is_empty()).map(|tasks| {
            view! { <h2 class="group">{t(label)}</h2> {cards(tasks)} }
        })
    };
    view! {
        <section class="tasks" data-testid="tasks">
            <header class="heading"><h2>{t(r::TAB_TASKS)}</h2>
                <button type="button" class="btn quiet" data-testid="renew-tasks" on:click=move |_| board.look()><Glyph icon=Icon::Refresh/>{t(r::RENEW)}</button>
            </header>
            {move || board.failed.get().map(|why| view! { <p class="notice" data-kind="refused" role="alert">{why}</p> })}
            {move || part(|task, who| task.state.is_open() && task.is_held_by(who)).map(|tasks| if tasks.is_empty() {
                view! { <div class="blank"><Glyph icon=Icon::Check/><b>{t(r::TASKS_NONE)}</b><span>{t(r::TASKS_NONE_WHY)}</span></div> }.into_any()
            } else {
                cards(tasks).into_any()
            })}
            {move || group(r::LISTED_SERVER, |task, who| task.is_by(who) && !task.is_held_by(who))}
            {move || group(r::NEARBY, |task, who| task.state.is_open() && !task.is_by(who) && !task.is_held_by(who))}
        </section>
    }
}

/// What a card is being used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    Telling(&'static str),
}

#[component]
fn Card(task: Task, board: Board) -> impl IntoView {
    let tongue = tongue();
    let who = board.page.who.get_untracked();
    let held = who.as_ref().is_some_and(|who| task.is_held_by(who));
    let own = who.as_ref().is_some_and(|who| task.is_by(who));
    let doing = RwSignal::new(Doing::Nothing);
    let failed = RwSignal::new(None::<String>);
    let state = task.state;
    let id = StoredValue::new(task.id.clone());
    let number = task.number.clone();
    let tell = move |label: Text, what: &'static str, testid: &'static str| {
        view! { <button type="button" class="btn" data-testid=testid on:click=move |_| doing.set(Doing::Telling(what))>{t(label)}</button> }
    };
    let at_once = move |label: Text, what: &'static str, testid: &'static str| {
        let send = move |_| {
            spawn_local(async move {
                command(board, &id.get_value(), what, json!({}), failed).await;
            });
        };
        view! { <button type="button" class="btn primary" data-testid=testid on:click=send>{t(label)}</button> }
    };
    let works = held && matches!(state, State::InProgress);
    let tells = held && matches!(state, State::InProgress | State::SelfHandled);
    view! {
        <li class="card" data-testid="task" data-number=number data-state=format!("{state:?}")>
            <div class="top"><span class="lamp" data-lamp=task.lamp></span><span class="mark">{t(state_words(state))}</span><span class="num">{task.number}</span></div>
            <p class="text">{task.title}</p>
            {task.description.map(|text| view! { <p class="more">{text}</p> })}
            {task.deadline.map(|at| view! { <small>{move || tongue.tf(r::DUE_BY, &[("t", &format::stamp(at.millis()))])}</small> })}
            <div class="deeds">
                {(held && state == State::Dispatched).then(|| at_once(r::TASK_START, "start", "task-start"))}
                {works.then(|| tell(r::TASK_PROGRESS, "progress", "task-progress"))}
                {tells.then(|| tell(r::TASK_FEEDBACK, "feedback", "task-feedback"))}
                {(own && !held && state == State::Feedback).then(|| at_once(r::SATISFIED, "close", "task-close"))}
                {(own && !held && state == State::Feedback).then(|| tell(r::NOT_SATISFIED, "reopen", "task-reopen"))}
            </div>
            {move || match doing.get() {
                Doing::Telling(what) => Some(view! { <Telling id=id what=what doing=doing failed=failed board=board/> }),
                Doing::Nothing => None,
            }}
            {move || failed.get().map(|why| view! { <p class="notice" data-kind="refused" role="alert">{why}</p> })}
        </li>
    }
}

#[component]
fn Telling(
    id: StoredValue<String>,
    what: &'static str,
    doing: RwSignal<Doing>,
    failed: RwSignal<Option<String>>,
    board: Board,
) -> impl IntoView {
    let note = RwSignal::new(String::new());
    let pieces = RwSignal::new(Vec::<Piece>::new());
    let busy = RwSignal::new(false);
    let send = move |_| {
        busy.set(true);
        spawn_local(async move {
            let note = note.get_untracked();
            let done = tell(
                board,
                &id.get_value(),
                what,
                &note,
                pieces.get_untracked(),
                failed,
            )
            .await;
            busy.set(false);
            if done {
                doing.set(Doing::Nothing);
            }
        });
    };
    view! {
        <div class="sentence">
            <label class="line"><span class="name">{t(if what == "reopen" { r::WHY_NOT } else { r::TASK_NOTE })}</span>
                <textarea rows="3" maxlength="2000" data-testid="task-note" on:input=move |event| note.set(event_target_value(&event))></textarea>
            </label>
            {(what != "reopen").then(|| view! { <Photos pieces=pieces/> })}
            <div class="two">
                <button type="button" class="btn" on:click=move |_| doing.set(Doing::Nothing)>{t(r::CANCEL)}</button>
                <button type="button" class="btn primary" data-testid="task-go" disabled=move || busy.get() || note.with(|n| n.trim().is_empty()) on:click=send>{t(r::DO_IT)}</button>
            </div>
        </div>
    }
}

/// Sends what was done with its photos; whether it was taken.
async fn tell(
    board: Board,
    id: &str,
    what: &str,
    note: &str,
    pieces: Vec<Piece>,
    failed: RwSignal<Option<String>>,
) -> bool {
    let mut evidence = Vec::new();
    for piece in &pieces {
        match outbox::attach(board.page, &piece.id).await {
            Ok(sent_as) => evidence.push(sent_as),
            Err(Fate::Refused(why) | Fate::Waiting(Some(why))) => {
                failed.set(Some(why));
                return false;
            }
            Err(_) => {
                failed.set(Some(away(board)));
                return false;
            }
        }
    }
    let body = match what {
        "feedback" => json!({"result": note.trim(), "evidence": evidence}),
        "reopen" => json!({"reason": note.trim()}),
        _ => json!({"note": note.trim(), "evidence": evidence}),
    };
    let done = command(board, id, what, body, failed).await;
    if done {
        for piece in pieces {
            device::drop_blob(&piece.id).await;
        }
    }
    done
}

async fn command(
    board: Board,
    id: &str,
    what: &str,
    body: serde_json::Value,
    failed: RwSignal<Option<String>>,
) -> bool {
    let url = format!("/api/v1/incidents/{}/{what}", api::escaped(id));
    let lang = board.page.lang().tag();
    let reply = device::post(&url, lang, &device::new_key(), body.to_string()).await;
    match verdict(reply.status, &reply.body) {
        Verdict::Good => {
            failed.set(None);
            board.look();
            true
        }
        Verdict::Later(why) => {
            failed.set(Some(why.unwrap_or_else(|| away(board))));
            false
        }
        Verdict::Never(why) => {
            failed.set(Some(why));
            false
        }
    }
}

fn away(board: Board) -> String {
    board
        .page
        .tongue
        .t(crate::i18n::catalogue::NO_SERVER)
        .to_owned()
}
