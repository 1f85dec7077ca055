//! Who sits at a desk-like screen: as whom they act, in which language, what the county's codes
//! are called, and how they ask the server. Whoever is signed out meanwhile is sent to sign in.

use std::sync::Arc;

use domain::access::{Deed, can};
use domain::time::Timestamp;
use domain::wire::account::Me;
use domain::wire::labels::Labels;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{self, Failed};
use crate::i18n::{Lang, desk as d, fill, format};
use crate::net;
use crate::ui::tongue::Tongue;
use crate::words::Words;

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;
/// How often what is told relative to now is told anew, s.
const NOW_EVERY_SECS: u64 = 10;

/// Handles to everything a desk-like screen reads. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Session {
    /// The language.
    pub tongue: Tongue,
    /// Who is looking.
    pub me: RwSignal<Me>,
    /// Names of regions and organisations.
    pub words: RwSignal<Arc<Words>>,
    /// The server's time, ms since 1970, every few seconds.
    pub now: RwSignal<i64>,
}

/// The session of the screen this component stands in.
pub fn session() -> Session {
    expect_context::<Session>()
}

impl Session {
    /// A session of whom the server named; the names follow.
    pub fn new(tongue: Tongue, me: Me) -> Self {
        let scope = me.actor.scope;
        let session = Self {
            tongue,
            me: RwSignal::new(me),
            words: RwSignal::new(Arc::new(Words::default())),
            now: RwSignal::new(api::server_now_ms()),
        };
        spawn_local(async move {
            loop {
                let url = format!("/api/v1/labels?scope={scope}");
                if let Ok(labels) = session.get::<Labels>(&url).await {
                    return session.words.set(Arc::new(Words::new(labels)));
                }
                net::wait(RETRY_MS).await;
            }
        });
        let handle = set_interval_with_handle(
            move || session.now.set(api::server_now_ms()),
            std::time::Duration::from_secs(NOW_EVERY_SECS),
        );
        if let Ok(handle) = handle {
            on_cleanup(move || handle.clear());
        }
        session
    }

    /// Whether they may do this; what they may not is not offered. Another post is another page,
    /// so it never changes under one.
    pub fn can(self, deed: Deed) -> bool {
        self.me.with_untracked(|me| can(&me.actor, deed))
    }

    /// The region that bounds what they do.
    pub fn scope(self) -> Code {
        self.me.with_untracked(|me| me.actor.scope)
    }

    /// Gets and reads an answer.
    ///
    /// # Errors
    /// What the server said.
    pub async fn get<T: DeserializeOwned>(self, url: &str) -> Result<T, Failed> {
        stay(api::get(url, self.tongue.lang()).await)
    }

    /// Sends `body` and reads the answer.
    ///
    /// # Errors
    /// What the server said.
    pub async fn send<T: DeserializeOwned>(
        self,
        method: &'static str,
        url: &str,
        body: &impl Serialize,
    ) -> Result<T, Failed> {
        stay(api::send(method, url, self.tongue.lang(), body).await)
    }

    /// Asks for something that needs no body.
    ///
    /// # Errors
    /// What the server said.
    pub async fn plain<T: DeserializeOwned>(
        self,
        method: &'static str,
        url: &str,
    ) -> Result<T, Failed> {
        stay(api::plain(method, url, self.tongue.lang()).await)
    }

    /// Who is looking, asked anew: their posts or one-time codes changed.
    pub fn refresh(self) {
        spawn_local(async move {
            if let Ok(me) = self.get::<Me>("/api/v1/me").await {
                self.me.set(me);
            }
        });
    }

    /// Signs out and goes to the sign-in screen.
    pub fn sign_out(self) {
        spawn_local(async move {
            let _ = api::plain::<()>("POST", "/api/v1/sign-out", self.tongue.lang()).await;
            net::go("/sign-in");
        });
    }

    /// A region's name.
    pub fn region(self, code: Code) -> String {
        self.words.with(|words| words.region(code))
    }

    /// An organisation's full name.
    pub fn org(self, id: &str) -> String {
        let lang = self.tongue.0.get();
        self.words.with(|words| words.org_name(lang, id).to_owned())
    }

    /// How long ago, or when, in few words.
    pub fn ago(self, at: Timestamp) -> String {
        let past = self.now.get() - at.millis();
        let t = self.tongue;
        if past < 60_000 {
            return t.t(d::JUST_NOW).to_owned();
        }
        t.tf(d::AGO, &[("t", &format::span(t.0.get(), past))])
    }

    /// How long ago it was last seen, or that it never was.
    pub fn seen(self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| self.tongue.t(d::NEVER).to_owned(), |at| self.ago(at))
    }
}

/// Sends whoever was signed out meanwhile to the sign-in screen, and back here afterwards.
fn stay<T>(answer: Result<T, Failed>) -> Result<T, Failed> {
    if answer.as_ref().is_err_and(Failed::is_signed_out) {
        net::go(&net::sign_in_path(&net::here()));
    }
    answer
}

/// A role's name.
pub fn role_name(lang: Lang, role: domain::actor::Role) -> &'static str {
    match lang {
        Lang::Zh => role.zh(),
        Lang::En => role.en(),
    }
}

/// A date and time of the server in words.
pub fn stamp(at: Timestamp) -> String {
    format::stamp(at.millis())
}

/// "For whom" in words.
pub fn stands_in(lang: Lang, name: &str) -> String {
    fill(lang.of(d::STANDS_IN), &[("name", name)])
}
