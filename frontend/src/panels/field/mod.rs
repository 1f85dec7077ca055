//! The tablet's panels: the sessions one has to do with, the card of one with its one big button,
//! what is said, and the map. What may be done is the domain's; what was tapped is kept here until
//! the server has it.

mod card;
mod deeds;
mod kept;
mod map;
pub mod model;
mod outbox;
mod place;
mod seats;
mod sessions;
mod successor;
mod tablet;
mod talk;
mod theme;
mod timers;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::actor::Actor;
use domain::session::{Session, Step};
use domain::time::Timestamp;
use domain::wire::account::Me;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

pub use self::card::Card;
pub use self::kept::{forget_all, known_person, remember_person};
pub use self::map::MapPane;
use self::model::{Fate, Spot, Tap};
use self::place::Whereabouts;
pub use self::place::{Sharing, UnitChoice};
pub use self::sessions::SessionList;
pub use self::theme::{ThemeButton, provide as provide_theme};
use crate::context::{Context, LinkView};
use crate::device;
use crate::i18n::{Lang, Text, fill};
use crate::ui::tongue::Tongue;
use crate::words::Words;

/// Another unit on the map.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub org: String,
    /// Degrees east and north, and when, ms since 1970.
    pub at: Option<(f64, f64, i64)>,
}

/// Handles to what the panels share. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Field {
    /// The language.
    pub tongue: Tongue,
    /// The link, the names and the mirrored World.
    pub ctx: Context,
    /// Who holds the tablet.
    pub me: StoredValue<Me>,
    /// Whether the server has said so since this page was opened.
    pub is_known: RwSignal<bool>,
    /// The server's time to the second, also without a link, ms since 1970.
    pub now: RwSignal<i64>,
    /// The sessions of whoever holds it, as far as known.
    pub sessions: RwSignal<Vec<Session>>,
    /// The session that is looked at, by id.
    pub chosen: RwSignal<Option<String>>,
    /// What was tapped and is not over, oldest first.
    pub taps: RwSignal<Vec<Tap>>,
    /// Names of persons by id.
    pub names: RwSignal<BTreeMap<String, String>>,
    /// Units by id.
    pub others: RwSignal<BTreeMap<String, Other>>,
    /// Where this tablet is.
    pub place: RwSignal<Whereabouts>,
    /// Whether it tells where it is.
    pub shares: RwSignal<bool>,
    /// The unit it is carried in, by id, where its holder said which.
    pub unit: RwSignal<Option<String>>,
    /// Whether taps are being sent.
    pub sending: RwSignal<bool>,
    /// Whether this tablet keeps nothing.
    pub store_failed: RwSignal<bool>,
}

/// The tablet this component stands in.
pub fn field() -> Field {
    expect_context::<Field>()
}

impl Field {
    /// A tablet in somebody's hand; what it kept is there at once.
    pub fn new(tongue: Tongue, ctx: Context, me: Me, is_known: bool) -> Self {
        let field = Self {
            tongue,
            ctx,
            now: RwSignal::new(kept::server_ms()),
            sessions: RwSignal::new(kept::sessions(&me.actor.id)),
            me: StoredValue::new(me),
            is_known: RwSignal::new(is_known),
            chosen: RwSignal::new(crate::net::query("id")),
            taps: RwSignal::new(Vec::new()),
            names: RwSignal::new(kept::names()),
            others: RwSignal::new(BTreeMap::new()),
            place: RwSignal::new(Whereabouts::Unknown),
            shares: RwSignal::new(kept::shares()),
            unit: RwSignal::new(kept::unit()),
            sending: RwSignal::new(false),
            store_failed: RwSignal::new(false),
        };
        kept::tick(field);
        kept::follow(field);
        outbox::begin(field);
        place::begin(field);
        field
    }

    /// A sentence in the language of the moment.
    pub fn t(self, text: Text) -> &'static str {
        self.tongue.t(text)
    }

    /// A sentence with its places filled.
    pub fn tf(self, text: Text, values: &[(&str, &str)]) -> String {
        fill(self.t(text), values)
    }

    /// The language now.
    pub fn lang(self) -> Lang {
        self.tongue.lang()
    }

    /// As whom its holder acts.
    pub fn actor(self) -> Actor {
        self.me.with_value(|me| me.actor.clone())
    }

    /// The server's time.
    pub fn time(self) -> Timestamp {
        Timestamp::from_millis(self.now.get())
    }

    /// The session that is looked at; the only one that is open, where nobody chose.
    pub fn session(self) -> Option<Session> {
        let chosen = self.chosen.get();
        self.sessions.with(|all| match chosen {
            Some(id) => all.iter().find(|one| one.id.to_string() == id).cloned(),
            None => match all.as_slice() {
                [only] => Some(only.clone()),
                [first, second, ..] if first.stage.is_open() && !second.stage.is_open() => {
                    Some(first.clone())
                }
                _ => None,
            },
        })
    }

    /// An organisation's name.
    pub fn org(self, id: &str) -> String {
        let lang = self.tongue.0.get();
        let words: Arc<Words> = self.ctx.words.get();
        words.org_name(lang, id).to_owned()
    }

    /// A person's name, or their id where nobody told it.
    pub fn person(self, id: &str) -> String {
        let own = self
            .me
            .with_value(|me| (me.actor.id == id).then(|| me.name.clone()));
        let told = self.names.with(|names| names.get(id).cloned());
        own.or(told).unwrap_or_else(|| id.to_owned())
    }

    /// How many taps wait that somebody should know of.
    pub fn waiting(self) -> usize {
        self.taps
            .with(|all| all.iter().filter(|tap| tap.waits() && tap.counts()).count())
    }

    /// Signs out; what was kept for its holder is forgotten.
    pub fn sign_out(self) {
        kept::sign_out(self);
    }

    /// Whether there is a link.
    pub fn is_live(self) -> bool {
        matches!(self.ctx.link.get(), LinkView::Live | LinkView::Degraded(_))
    }

    /// A tap: kept with its time before anything else, then sent.
    pub fn tap(self, session: &Session, command: &str, body: Value, step: Option<Step>) {
        self.tap_with(session, command, body, step, None);
    }

    /// A tap with a photo or a voice note.
    pub fn tap_with(
        self,
        session: &Session,
        command: &str,
        body: Value,
        step: Option<Step>,
        piece: Option<model::Piece>,
    ) {
        let actor = self.actor();
        let spot = self.place.with_untracked(Whereabouts::spot);
        let tap = Tap {
            key: device::new_key(),
            by: actor.id.clone(),
            org: actor.org.clone(),
            session: session.id.to_string(),
            command: command.to_owned(),
            body,
            at: Timestamp::from_millis(kept::server_ms().max(self.now.get_untracked())),
            step,
            piece,
            spot: spot.filter(|_: &Spot| step.is_some()),
            unit: place::own_unit(self, Some(session)),
            fate: Fate::Waiting(None),
        };
        spawn_local(async move {
            outbox::keep(self, tap).await;
            outbox::send_all(self).await;
        });
    }
}
