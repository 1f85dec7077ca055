//! The desk: what is open and whose turn it is, one incident with what may be done, a report taken
//! down for a caller. What is offered is what `domain::access` allows on the incident as this
//! browser folded it; the server decides, and its refusals are shown in its words.

pub mod asks;
pub mod case;
pub mod drafts;
pub mod export;
pub mod fields;
pub mod form;
pub mod help;
pub mod keys;
pub mod moves;
pub mod queue;
pub mod queue_model;
pub mod report;
pub mod search;
pub mod theme;
pub mod undo;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::Move;
use domain::actor::Actor;
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::context::Context;
use crate::i18n::case as s;
use crate::net;
use crate::panels::admin::place::Here;
use crate::panels::admin::work::Work;
use crate::session::Session;
use crate::ui::notice::Kind;

use self::queue_model::{Queue, View};
use self::undo::Undo;

/// How often whose turn it is is looked at anew, ms: lamps turn with time alone.
const LOOK_MS: i64 = 5_000;

/// A command that is being written.
#[derive(Clone, PartialEq, Debug)]
pub struct Wish {
    /// Which.
    pub one: Move,
    /// On which incident.
    pub id: IncidentId,
    /// About which of its supervision orders.
    pub order: Option<usize>,
    /// What was seen when it was begun.
    pub version: u64,
}

/// Handles to everything a part of the desk reads. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The live county.
    pub ctx: Context,
    /// Who sits here.
    pub session: Session,
    /// What the address says.
    pub here: Here,
    /// What is open.
    pub queue: Memo<Queue>,
    /// The incident that is shown.
    pub chosen: Memo<Option<IncidentId>>,
    /// The incident that is shown, as it stands.
    pub case: Memo<Option<Arc<Incident>>>,
    /// The command that is being written.
    pub wish: RwSignal<Option<Wish>>,
    /// Whether all that may be done is listed.
    pub more: RwSignal<bool>,
    /// Whether the sheet of keys is shown.
    pub help: RwSignal<bool>,
    /// What may be taken back.
    pub undo: RwSignal<Option<Undo>>,
    /// What was just done or refused.
    pub told: RwSignal<Option<(Kind, String)>>,
    /// Incidents that the mirrored World does not hold; none for those that are not shown.
    old: RwSignal<BTreeMap<IncidentId, Option<Arc<Incident>>>>,
    /// Something under way.
    pub work: Work,
}

/// The desk this component stands in.
pub fn desk() -> Desk {
    expect_context::<Desk>()
}

impl Desk {
    /// A desk at an address, fed by a live county.
    pub fn new(ctx: Context, session: Session, here: Here) -> Self {
        let actor = session.me.with_untracked(|me| me.actor.clone());
        let look = Memo::new(move |_| ctx.now.get() / LOOK_MS * LOOK_MS);
        let queue = Memo::new(move |_| {
            let now = Timestamp::from_millis(look.get());
            ctx.read(|world| Queue::of(world, &actor, now))
                .unwrap_or_default()
        });
        let id = here.chosen("id");
        let chosen = Memo::new(move |_| id.get().parse::<IncidentId>().ok());
        let old = RwSignal::new(BTreeMap::new());
        let case = Memo::new(move |_| known(ctx, old, chosen.get()?));
        let desk = Self {
            ctx,
            session,
            here,
            queue,
            chosen,
            case,
            wish: RwSignal::new(None),
            more: RwSignal::new(false),
            help: RwSignal::new(false),
            undo: RwSignal::new(None),
            told: RwSignal::new(None),
            old,
            work: Work::default(),
        };
        desk.follow();
        desk
    }

    /// What is chosen on the map is shown, and what is shown is chosen on the map; what the World
    /// does not hold is asked for.
    fn follow(self) {
        let selected = self.ctx.selected;
        Effect::new(move |_| {
            let id = self.chosen.get().map(|id| id.to_string());
            if selected.get_untracked() != id {
                selected.set(id);
            }
            self.wish.set(None);
            self.more.set(false);
            self.work.forget();
        });
        Effect::new(move |_| {
            let picked = selected.get();
            let shown = self.chosen.get_untracked().map(|id| id.to_string());
            if picked == shown {
                return;
            }
            match picked.and_then(|id| id.parse().ok()) {
                // Whoever writes a report points at places, not at incidents.
                Some(id) if !untrack(|| self.is_writing()) => self.show(id),
                _ => selected.set(shown),
            }
        });
        Effect::new(move |_| {
            let Some(id) = self.chosen.get().filter(|_| self.ctx.loaded.get()) else {
                return;
            };
            let is_held = self.ctx.read(|world| world.incident(id).is_some());
            if is_held != Some(true) && !self.old.with_untracked(|old| old.contains_key(&id)) {
                self.fetch(id);
            }
        });
    }

    fn fetch(self, id: IncidentId) {
        spawn_local(async move {
            let found = self
                .session
                .get::<Value>(&format!("/api/v1/incidents/{id}"))
                .await;
            let found = match found {
                Ok(value) => incident_of(value).map(Arc::new),
                Err(failed) if failed.status == 404 => None,
                Err(failed) => return self.told.set(Some((Kind::Refused, failed.detail))),
            };
            self.old.update(|old| drop(old.insert(id, found)));
        });
    }

    /// Whether the server was asked for what is chosen, and shows it not.
    pub fn is_unknown(self) -> bool {
        let id = self.chosen.get();
        self.case.with(Option::is_none)
            && id.is_some_and(|id| self.old.with(|old| old.get(&id) == Some(&None)))
    }

    /// As whom they act.
    pub fn actor(self) -> Actor {
        self.session.me.with_untracked(|me| me.actor.clone())
    }

    /// An incident as it stands, from the mirrored World or as it was asked for.
    pub fn incident(self, id: IncidentId) -> Option<Arc<Incident>> {
        known(self.ctx, self.old, id)
    }

    /// The server's time.
    pub fn now(self) -> Timestamp {
        Timestamp::from_millis(self.ctx.now.get())
    }

    /// The list that is shown.
    pub fn view(self) -> View {
        View::named(&self.here.0.with(|place| place.get("view")))
    }

    /// Shows another list.
    pub fn look_at(self, view: View) {
        let place = self.here.0.get_untracked();
        self.here.go(place.with("view", view.name()).with("q", ""));
    }

    /// Shows an incident.
    pub fn show(self, id: IncidentId) {
        let place = self.here.0.get_untracked();
        self.here
            .go(place.with("id", &id.to_string()).with("write", ""));
    }

    /// Whether a report is being written.
    pub fn is_writing(self) -> bool {
        self.here.0.with(|place| place.get("write") == "report")
    }

    /// Begins or folds up a report.
    pub fn write(self, begin: bool) {
        self.here.choose("write", if begin { "report" } else { "" });
    }

    /// The incidents that are kept open.
    pub fn tabs(self) -> Vec<IncidentId> {
        let text = self.here.0.with(|place| place.get("tabs"));
        text.split('.').filter_map(|id| id.parse().ok()).collect()
    }

    /// Keeps an incident open, or no longer.
    pub fn keep(self, id: IncidentId, is_kept: bool) {
        let mut tabs = untrack(|| self.tabs());
        tabs.retain(|tab| *tab != id);
        if is_kept {
            tabs.push(id);
        }
        let text: Vec<String> = tabs.iter().map(ToString::to_string).collect();
        self.here.set("tabs", &text.join("."));
    }

    /// Begins a command: one that asks for nothing is sent at once.
    pub fn begin(self, one: Move, order: Option<usize>) {
        let Some(incident) = self.case.get_untracked() else {
            return;
        };
        self.more.set(false);
        self.work.forget();
        let wish = Wish {
            one,
            id: incident.id,
            order,
            version: incident.version,
        };
        if moves::is_instant(one, &incident) {
            let body = asks::body(one, &asks::Typed::new(), order, incident.version);
            self.send(wish, body, || {});
        } else {
            self.wish.set(Some(wish));
        }
    }

    /// Sends a command; `done` is told when it stands in the log.
    pub fn send(self, wish: Wish, body: Value, done: impl FnOnce() + 'static) {
        let url = format!("/api/v1/incidents/{}/{}", wish.id, moves::command(wish.one));
        let session = self.session;
        let asked = async move { session.send::<Value>("POST", &url, &body).await };
        self.told.set(None);
        self.work.run(asked, move |answer| {
            let what = session.tongue.lang().of(moves::name(wish.one));
            let text = crate::i18n::fill(session.tongue.lang().of(s::DONE), &[("what", what)]);
            self.told.set(Some((Kind::Done, text)));
            let version = answer["version"].as_u64().unwrap_or_default();
            self.undo.set(Undo::of(&wish, version, net::monotonic_ms()));
            self.wish.set(None);
            self.old.update(|old| drop(old.remove(&wish.id)));
            done();
        });
    }
}

fn known(
    ctx: Context,
    old: RwSignal<BTreeMap<IncidentId, Option<Arc<Incident>>>>,
    id: IncidentId,
) -> Option<Arc<Incident>> {
    let held = ctx.read(|world| world.incident(id).cloned()).flatten();
    held.map(Arc::new)
        .or_else(|| old.with(|old| old.get(&id).cloned().flatten()))
}

/// An incident as a list or a page of the server tells it: its number stands in words there.
pub fn incident_of(mut value: Value) -> Option<Incident> {
    let label = value.get("number")?.as_str()?.to_owned();
    let number: u32 = label.rsplit('-').next()?.parse().ok()?;
    value["number"] = number.into();
    // Read as text, as frames are: a second reader for values would weigh tens of KB on the wire.
    serde_json::from_str(&value.to_string()).ok()
}
