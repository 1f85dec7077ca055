//! The command room: which sessions there are, one of them live with what may be done in it, the
//! form that opens one, what sounds, and the walls. What is offered is what `domain::access`
//! allows on the session as this browser folded it; the server decides.

pub mod asks;
pub mod form;
pub mod list;
pub mod live;
pub mod log;
pub mod open;
pub mod rate;
pub mod seats;
pub mod walls;

use std::sync::Arc;

use domain::access::SessionMove;
use domain::actor::Actor;
use domain::ids::SessionId;
use domain::pack::orgs::OrgId;
use domain::session::Session;
use domain::session::command::Command;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::Value;

use crate::api;
use crate::context::Context;
use crate::i18n::{Text, command as k, fill};
use crate::net::{self, Request};
use crate::panels::admin::place::Here;
use crate::panels::admin::work::Work;
use crate::session::Session as Who;
use crate::ui::notice::Kind;

/// How often a session that this browser does not mirror is asked for anew, ms.
const ASK_EVERY_MS: i64 = 5_000;

/// Somebody who can be given the command.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Commander {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The organisation they command for.
    #[serde(default)]
    pub org: Option<String>,
    /// Its name.
    #[serde(default)]
    pub org_name: Option<String>,
}

#[derive(Deserialize)]
struct Commanders {
    items: Vec<Commander>,
}

/// A move that is being written: on which seat, if on one.
#[derive(Clone, PartialEq, Debug)]
pub struct Wish {
    /// Which.
    pub one: SessionMove,
    /// On whose seat.
    pub org: Option<OrgId>,
}

/// Handles to everything a part of the room reads. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Room {
    /// The live county.
    pub ctx: Context,
    /// Who sits here.
    pub who: Who,
    /// What the address says.
    pub here: Here,
    /// The session that is shown.
    pub chosen: Memo<Option<SessionId>>,
    /// The session that is shown, as it stands.
    pub one: Memo<Option<Arc<Session>>>,
    /// The move that is being written.
    pub wish: RwSignal<Option<Wish>>,
    /// What was just done or refused.
    pub told: RwSignal<Option<(Kind, String)>>,
    /// Who can be given the command.
    pub people: RwSignal<Vec<Commander>>,
    /// Something under way.
    pub work: Work,
    /// A session that the mirrored World does not hold, as the server told it; none for one that
    /// is not shown.
    asked: RwSignal<Option<(SessionId, Option<Arc<Session>>)>>,
}

/// The room this component stands in.
pub fn room() -> Room {
    expect_context::<Room>()
}

impl Room {
    /// A room at an address, fed by a live county.
    pub fn new(ctx: Context, who: Who, here: Here) -> Self {
        let id = here.chosen("id");
        let chosen = Memo::new(move |_| id.get().parse::<SessionId>().ok());
        let asked = RwSignal::new(None::<(SessionId, Option<Arc<Session>>)>);
        let one = Memo::new(move |_| {
            let id = chosen.get()?;
            let held = ctx.read(|world| world.session(id).cloned()).flatten();
            held.map(Arc::new).or_else(|| {
                asked.with(|asked| {
                    let (of, found) = asked.as_ref()?;
                    found.clone().filter(|_| *of == id)
                })
            })
        });
        let room = Self {
            ctx,
            who,
            here,
            chosen,
            one,
            wish: RwSignal::new(None),
            told: RwSignal::new(None),
            people: RwSignal::new(Vec::new()),
            work: Work::default(),
            asked,
        };
        room.follow();
        room
    }

    /// Asks for what the mirrored World does not hold, and for the names of people.
    fn follow(self) {
        let slow = Memo::new(move |_| self.ctx.now.get() / ASK_EVERY_MS);
        Effect::new(move |_| {
            let Some(id) = self.chosen.get().filter(|_| self.ctx.loaded.get()) else {
                return;
            };
            let _ = slow.get();
            if self.ctx.peek(|world| world.session(id).is_some()) != Some(true) {
                self.fetch(id);
            }
        });
        Effect::new(move |_| {
            self.chosen.track();
            self.wish.set(None);
            self.work.forget();
        });
        if self.who.can(domain::access::Deed::OpenSession) {
            spawn_local(async move {
                let found = self.who.get::<Commanders>("/api/v1/commanders?limit=500");
                if let Ok(found) = found.await {
                    self.people.try_set(found.items);
                }
            });
        }
    }

    fn fetch(self, id: SessionId) {
        spawn_local(async move {
            let url = format!("/api/v1/sessions/{id}");
            let found = match self.who.get::<Session>(&url).await {
                Ok(found) => Some(Arc::new(found)),
                Err(failed) if failed.status == 404 => None,
                Err(_) => return,
            };
            self.asked.try_set(Some((id, found)));
        });
    }

    /// Whether the server was asked for what is chosen, and shows it not.
    pub fn is_unknown(self) -> bool {
        let id = self.chosen.get();
        let asked = self.asked.get();
        self.one.with(Option::is_none)
            && asked.is_some_and(|(of, found)| Some(of) == id && found.is_none())
    }

    /// As whom they act.
    pub fn actor(self) -> Actor {
        self.who.me.with_untracked(|me| me.actor.clone())
    }

    /// The server's time.
    pub fn now(self) -> Timestamp {
        Timestamp::from_millis(self.ctx.now.get())
    }

    /// Shows a session.
    pub fn show(self, id: SessionId) {
        let place = self.here.0.get_untracked();
        let place = place.with("new", "").with("incident", "");
        self.here.go(place.with("id", &id.to_string()));
    }

    /// Whether a session is being opened.
    pub fn is_opening(self) -> bool {
        self.here
            .0
            .with(|place| !place.get("new").is_empty() || !place.get("incident").is_empty())
    }

    /// An organisation's name, short.
    pub fn org(self, id: &OrgId) -> String {
        let lang = self.ctx.lang.get();
        self.ctx.words.with(|words| {
            let name = words.org_name(lang, id.as_str());
            words.without_place(name, self.ctx.scope).to_owned()
        })
    }

    /// A person's name, or their id.
    pub fn person(self, id: &str) -> String {
        if self.who.me.with(|me| me.actor.id == id) {
            return self.who.me.with(|me| me.name.clone());
        }
        self.people.with(|all| {
            let found = all.iter().find(|one| one.id == id);
            found.map_or_else(|| id.to_owned(), |one| one.name.clone())
        })
    }

    /// Who did something, in words: the person, or the organisation, or the role.
    pub fn by(self, by: &domain::incident::By) -> String {
        if !by.id.is_empty() && by.role != domain::actor::Role::Rule {
            let name = self.person(&by.id);
            // A system's own name says less than whose system it is.
            if name != by.id || by.org.is_none() {
                return name;
            }
        }
        let role = crate::session::role_name(self.ctx.lang.get(), by.role);
        by.org
            .as_ref()
            .map_or_else(|| role.to_owned(), |org| self.org(org))
    }

    /// Whether a move may be made in the session that is shown.
    pub fn may(self, one: SessionMove) -> bool {
        let actor = self.actor();
        self.one.with(|session| {
            let session = session.as_deref();
            session
                .is_some_and(|session| domain::access::may_in_session(&actor, one, session).is_ok())
        })
    }

    /// Sends a command on the session that is shown; `done` is told when it stands in the log.
    pub fn send(self, one: SessionMove, body: Value, done: impl FnOnce() + 'static) {
        let Some(id) = self.chosen.get_untracked() else {
            return;
        };
        let url = format!("/api/v1/sessions/{id}/{}", path_of(one));
        let (who, key) = (self.who, new_key());
        let asked = async move { send_once::<Value>(who, &url, &body, &key).await };
        self.told.set(None);
        self.work.run(asked, move |_| {
            let lang = who.tongue.lang();
            let what = lang.of(name(one));
            let text = fill(lang.of(k::DONE), &[("what", what)]);
            self.told.set(Some((Kind::Done, text)));
            self.wish.set(None);
            if self.ctx.peek(|world| world.session(id).is_some()) != Some(true) {
                self.fetch(id);
            }
            done();
        });
    }
}

/// A key that names one wish, so that it is carried out once.
pub fn new_key() -> String {
    let part = || (js_sys::Math::random() * 4_294_967_296.0) as u32;
    format!("{:08x}{:08x}{:08x}", part(), part(), part())
}

/// Posts something that must be done once.
///
/// # Errors
/// What the server said.
pub async fn send_once<T: serde::de::DeserializeOwned>(
    who: Who,
    url: &str,
    body: &Value,
    key: &str,
) -> Result<T, api::Failed> {
    let text = body.to_string();
    let lang = who.tongue.lang();
    let request = Request {
        method: "POST",
        url,
        language: lang.tag(),
        body: Some(("application/json", &text)),
    };
    let answer = net::send_once(request, key).await;
    let read = api::read(&answer, lang);
    if read.as_ref().is_err_and(api::Failed::is_signed_out) {
        net::go(&net::sign_in_path(&net::here()));
    }
    read
}

/// A move's name in a path.
pub fn path_of(one: SessionMove) -> &'static str {
    let mut all = SessionMove::ALL.into_iter().zip(Command::NAMES);
    all.find(|(other, _)| *other == one)
        .map_or("", |(_, name)| name)
}

/// What a move is called.
pub const fn name(one: SessionMove) -> Text {
    match one {
        SessionMove::Order => k::M_ORDER,
        SessionMove::Add => k::M_ADD,
        SessionMove::Release => k::M_RELEASE,
        SessionMove::Lead => k::M_LEAD,
        SessionMove::HandOver => k::M_HAND_OVER,
        SessionMove::TakeOver => k::M_TAKE_OVER,
        SessionMove::Deliver | SessionMove::Read => k::M_READ,
        SessionMove::Acknowledge => k::M_ACKNOWLEDGE,
        SessionMove::Move => k::M_MOVE,
        SessionMove::Arrive => k::M_ARRIVE,
        SessionMove::Work => k::M_WORK,
        SessionMove::SignOff => k::M_SIGN_OFF,
        SessionMove::Word => k::M_WORD,
        SessionMove::Vote => k::M_VOTE,
        SessionMove::Say => k::MESSAGES,
        SessionMove::AcknowledgeMessage => k::I_SAW,
        SessionMove::SetTimer => k::TIMER_NEW,
        SessionMove::StopTimer => k::TIMER_STOP,
        SessionMove::Control => k::M_CONTROL,
        SessionMove::Close => k::M_CLOSE,
        SessionMove::Abort => k::M_ABORT,
        SessionMove::Rate => k::M_RATE,
    }
}
