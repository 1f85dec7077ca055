//! Taking back what was just done, where the trade has a move for it, for some seconds and as long
//! as nobody has acted on it.

use domain::access::{Move, may};
use domain::ids::IncidentId;
use leptos::prelude::*;
use serde_json::json;

use crate::i18n::case as s;
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Kind;
use crate::ui::tongue::t;

use super::{Desk, Wish, desk, moves};

/// How long it is offered, ms.
const OFFERED_MS: f64 = 20_000.0;

/// What may be taken back.
#[derive(Clone, PartialEq, Debug)]
pub struct Undo {
    id: IncidentId,
    /// What was done.
    done: Move,
    /// The move that takes it back.
    by: Move,
    /// The version it made; rules may have gone on from there at once.
    version: u64,
    until_ms: f64,
}

impl Undo {
    /// What takes a command back that made `version`; nothing where the trade has no such move.
    pub fn of(wish: &Wish, version: u64, now_ms: f64) -> Option<Self> {
        Some(Self {
            id: wish.id,
            done: wish.one,
            by: moves::undo(wish.one)?,
            version,
            until_ms: now_ms + OFFERED_MS,
        })
    }
}

impl Desk {
    /// What may be taken back now.
    pub fn undoable(self) -> Option<Undo> {
        self.ctx.now.track();
        let undo = self.undo.get()?;
        let incident = self.incident(undo.id)?;
        let holds = net::monotonic_ms() < undo.until_ms
            && incident.version == undo.version
            && may(&self.actor(), undo.by, Some(&incident)).is_ok();
        holds.then_some(undo)
    }

    /// Takes back what was just done.
    pub fn take_back(self) {
        let Some(undo) = untrack(|| self.undoable()) else {
            return;
        };
        let lang = self.session.tongue.lang();
        let why = lang.of(s::UNDO_REASON);
        let field = if undo.by == Move::Resume {
            "note"
        } else {
            "reason"
        };
        let body = json!({"expected_version": undo.version, field: why});
        let wish = Wish {
            one: undo.by,
            id: undo.id,
            order: None,
            version: undo.version,
        };
        self.undo.set(None);
        self.send(wish, body, move || {
            self.told
                .set(Some((Kind::Done, lang.of(s::UNDONE).to_owned())));
        });
    }
}

/// What was just done or refused, and the way to take it back.
#[component]
pub fn Told() -> impl IntoView {
    let desk = desk();
    let undo = Memo::new(move |_| desk.undoable());
    move || {
        let (kind, text) = desk.told.get()?;
        let is_refused = kind == Kind::Refused;
        let undo = undo.get().filter(|_| !is_refused);
        let offer = undo.map(|undo| {
            let what = desk.session.tongue.t(moves::name(undo.done));
            view! {
                <button type="button" class="btn" data-testid="undo" aria-label=desk.session.tongue.tf(s::UNDO_WHAT, &[("what", what)])
                    on:click=move |_| desk.take_back()><Glyph icon=Icon::Undo/>{t(s::UNDO)}<kbd>"U"</kbd></button>
            }
        });
        Some(view! {
            <div class="told" role=if is_refused { "alert" } else { "status" } data-kind=if is_refused { "refused" } else { "done" } data-testid="told">
                <Glyph icon=if is_refused { Icon::Warning } else { Icon::Check }/>
                <span>{text}</span>
                {offer}
                <button type="button" class="btn quiet" aria-label=t(crate::i18n::desk::CLOSE) on:click=move |_| desk.told.set(None)><Glyph icon=Icon::Close/></button>
            </div>
        })
    }
}
