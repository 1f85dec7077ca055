//! Who is behind a request: its bearer token or its cookie against the directory, the cookie's
//! secret changed now and then, and an old one that turns up again found out.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum_extra::extract::CookieJar;
use domain::account::command::AccountCommand;
use domain::account::event::{AccountEvent, Ended};
use domain::account::{Directory, Screen, SignIn};
use domain::actor::{Actor, Role};
use domain::time::{Span, Timestamp};
use rustc_hash::FxHashMap;

use super::cookie::{self, Shown};
use super::seen::Kind;
use super::{Accounts, Book, Identity, secret, token};
use crate::problem::Problem;

/// Somebody who proved who they are.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who, to the directory.
    pub identity: Identity,
    /// As whom they act.
    pub actor: Actor,
    /// The hash of the secret they showed.
    pub proof: String,
    /// The cookie to set with the answer, when it was renewed.
    pub renewed: Option<HeaderValue>,
}

/// Why somebody is not let in.
#[derive(Clone, Debug)]
pub struct Denied {
    /// What to answer.
    pub problem: Problem,
    /// The person and the sign-in that was ended because an old secret of it was shown.
    pub replayed: Option<(String, String)>,
    /// Whether their cookie is of no more use.
    pub is_cookie_dead: bool,
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            replayed: None,
            is_cookie_dead: false,
        }
    }
}

/// Secrets renewed by this node a moment ago: whoever still shows the one before gets them again,
/// since the answer that brought them may be lost or under way. Sign-in -> secret, until when.
#[derive(Debug, Default)]
pub(super) struct Renewed(Mutex<FxHashMap<String, (String, Timestamp)>>);

impl Renewed {
    fn put(&self, id: &str, secret: &str, until: Timestamp, now: Timestamp) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, (_, until)| *until > now);
        held.insert(id.to_owned(), (secret.to_owned(), until));
    }

    fn get(&self, sign_in: &SignIn, now: Timestamp) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (secret, until) = held.get(&sign_in.id)?;
        (*until > now && secret::matches(secret, &sign_in.hash)).then(|| secret.clone())
    }
}

/// How a cookie's secret stands to a sign-in.
enum Standing {
    Current,
    /// The one before, still within its grace.
    Previous,
    /// Changed since, and too long ago for a request on its way.
    Replayed,
    /// Changed a moment ago for another post.
    Superseded,
    /// Of a sign-in that has ended.
    Gone,
    /// Never made here.
    Foreign,
}

impl Accounts {
    /// Finds who is behind a request and notes that they were here. `may_renew` where the answer
    /// can carry a cookie.
    ///
    /// # Errors
    /// 401 when nobody is, or what they showed does not hold.
    pub async fn known(&self, headers: &HeaderMap, may_renew: bool) -> Result<Known, Denied> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            return Ok(self.by_token(value).await?);
        }
        let cookies = CookieJar::from_headers(headers);
        let value = cookies
            .get(cookie::name(self.is_secure()))
            .ok_or_else(Problem::unauthorized)?;
        let shown = cookie::read(value.value()).ok_or_else(Problem::unauthorized)?;
        match shown.identity.clone() {
            Identity::SignIn(id) => self.by_sign_in(&id, shown, may_renew).await,
            Identity::Screen(id) => self.by_screen(&id, &shown).await,
            Identity::Token(_) => Err(Problem::unauthorized().into()),
        }
    }

    async fn by_token(&self, value: &HeaderValue) -> Result<Known, Problem> {
        let bearer = value.to_str().ok();
        let bearer = bearer.and_then(|text| text.strip_prefix("Bearer "));
        let bearer = bearer.ok_or_else(Problem::unauthorized)?.trim();
        let id = token::id_of(bearer).ok_or_else(Problem::unauthorized)?;
        let identity = Identity::Token(id.to_owned());
        let now = self.now();
        let proof = secret::hash(bearer);
        let mut actor = self.actor_of(&self.book(), &identity, &proof, now);
        if actor.is_none() && token::is_ours(&self.secret(), bearer) {
            self.look_again().await;
            actor = self.actor_of(&self.book(), &identity, &proof, now);
        }
        let actor = actor.ok_or_else(Problem::unauthorized)?;
        self.touch(&identity, now);
        Ok(Known {
            identity,
            actor,
            proof,
            renewed: None,
        })
    }

    async fn by_screen(&self, id: &str, shown: &Shown) -> Result<Known, Denied> {
        let is_right = |book: &Book| {
            let screen = book.directory.screen(id);
            screen
                .and_then(|screen| screen.hash.as_deref())
                .is_some_and(|hash| secret::matches(&shown.secret, hash))
        };
        let now = self.now();
        let mut book = self.book();
        if !is_right(&book) && self.is_ours(shown) {
            self.look_again().await;
            book = self.book();
        }
        if !is_right(&book) {
            return Err(self.gone(shown));
        }
        let identity = shown.identity.clone();
        let proof = secret::hash(&shown.secret);
        let actor = self.actor_of(&book, &identity, &proof, now);
        self.touch(&identity, now);
        Ok(Known {
            renewed: None,
            actor: actor.ok_or_else(signed_out)?,
            identity,
            proof,
        })
    }

    async fn by_sign_in(&self, id: &str, shown: Shown, may_renew: bool) -> Result<Known, Denied> {
        let mut book = self.book();
        let mut standing = self.standing(&book, id, &shown);
        if matches!(
            standing,
            Standing::Gone | Standing::Superseded | Standing::Replayed
        ) {
            // Another node may have made it a moment ago.
            self.look_again().await;
            book = self.book();
            standing = self.standing(&book, id, &shown);
        }
        let now = self.now();
        let Some(sign_in) = book.directory.sign_in(id) else {
            return Err(self.gone(&shown));
        };
        match standing {
            Standing::Current | Standing::Previous => {}
            Standing::Foreign => return Err(Problem::unauthorized().into()),
            Standing::Gone => return Err(self.gone(&shown)),
            Standing::Superseded => return Err(signed_out().into()),
            Standing::Replayed => return Err(self.replayed(sign_in).await),
        }
        if self.idle_over(sign_in, now) {
            // Another node may know better.
            let _away = self.0.seen.hear(Kind::SignIn, &self.0.log).await;
        }
        if let Some(why) = self.over(&book, sign_in, now) {
            self.end(id, why).await;
            return Err(dead(signed_out()));
        }
        let actor = book.directory.actor_of(sign_in, now);
        let actor = actor.ok_or_else(|| dead(signed_out()))?;
        self.touch(&shown.identity, now);
        let renewed = if may_renew {
            self.renewed(sign_in, &standing, &actor, now).await
        } else {
            None
        };
        Ok(Known {
            actor,
            proof: secret::hash(&shown.secret),
            renewed,
            identity: shown.identity,
        })
    }

    fn standing(&self, book: &Book, id: &str, shown: &Shown) -> Standing {
        let now = self.now();
        let sign_in = book.directory.sign_in(id);
        let is = |hash: &str| secret::matches(&shown.secret, hash);
        let previous = sign_in.and_then(|sign_in| sign_in.previous.as_ref());
        if sign_in.is_some_and(|sign_in| is(&sign_in.hash)) {
            Standing::Current
        } else if previous.is_some_and(|(hash, until)| now < *until && is(hash)) {
            Standing::Previous
        } else if !self.is_ours(shown) {
            Standing::Foreign
        } else {
            let grace = self.0.rules.limits.grace;
            match sign_in {
                None => Standing::Gone,
                Some(sign_in) if now < sign_in.rotated_at + grace => Standing::Superseded,
                Some(_) => Standing::Replayed,
            }
        }
    }

    fn is_ours(&self, shown: &Shown) -> bool {
        cookie::holder(&shown.identity)
            .is_some_and(|holder| secret::is_marked(&self.secret(), &holder, &shown.secret))
    }

    /// Their sign-in or screen is gone; only who was really there is told that it ended.
    fn gone(&self, shown: &Shown) -> Denied {
        if self.is_ours(shown) {
            dead(signed_out())
        } else {
            Problem::unauthorized().into()
        }
    }

    async fn replayed(&self, sign_in: &SignIn) -> Denied {
        tracing::warn!(person = %sign_in.person, sign_in = %sign_in.id, "an old secret of a sign-in was shown; it is ended");
        self.end(&sign_in.id, Ended::Replayed).await;
        Denied {
            replayed: Some((sign_in.person.clone(), sign_in.id.clone())),
            ..dead(signed_out())
        }
    }

    async fn end(&self, id: &str, why: Ended) {
        let end = AccountCommand::EndSignIn {
            id: id.to_owned(),
            why,
        };
        // It may have ended meanwhile; and with the log away it passes no more than now.
        let _ended = self.perform(&self.gridlamp(), &[end]).await;
    }

    async fn renewed(
        &self,
        sign_in: &SignIn,
        standing: &Standing,
        actor: &Actor,
        now: Timestamp,
    ) -> Option<HeaderValue> {
        let limits = self.0.rules.limits;
        if matches!(standing, Standing::Previous) {
            let secret = self.0.renewed.get(sign_in, now)?;
            return self.sign_in_cookie(sign_in, &secret, now);
        }
        if now < sign_in.rotated_at + limits.rotate {
            return None;
        }
        let identity = Identity::SignIn(sign_in.id.clone());
        let secret = secret::new_marked(&self.secret(), &cookie::holder(&identity)?).ok()?;
        let hash = secret::hash(&secret);
        let rotate = AccountCommand::RotateSignIn {
            id: sign_in.id.clone(),
            hash: hash.clone(),
            old_until: now + limits.grace,
        };
        let entries = self.perform(actor, &[rotate]).await.ok()?;
        let ours = |event: &AccountEvent| matches!(event, AccountEvent::SignInRotated { hash: h, .. } if *h == hash);
        if !entries.iter().any(|entry| ours(&entry.event)) {
            return None;
        }
        self.0
            .renewed
            .put(&sign_in.id, &secret, now + limits.grace, now);
        self.sign_in_cookie(sign_in, &secret, now)
    }

    /// The cookie of a sign-in, for as long as it may last.
    pub fn sign_in_cookie(
        &self,
        sign_in: &SignIn,
        secret: &str,
        now: Timestamp,
    ) -> Option<HeaderValue> {
        let left = (sign_in.started_at + self.0.rules.limits.absolute).since(now);
        let identity = Identity::SignIn(sign_in.id.clone());
        cookie::set(&identity, secret, left, self.is_secure())
    }

    /// As whom an identity acts now; none if it may not enter. `proof` is the hash of what it
    /// showed: a token that was changed for another ends when its overlap does.
    pub(super) fn actor_of(
        &self,
        book: &Book,
        identity: &Identity,
        proof: &str,
        now: Timestamp,
    ) -> Option<Actor> {
        let directory = &book.directory;
        match identity {
            Identity::SignIn(id) => {
                let sign_in = directory.sign_in(id)?;
                if self.over(book, sign_in, now).is_some() {
                    return None;
                }
                directory.actor_of(sign_in, now)
            }
            Identity::Screen(id) => directory.screen(id).and_then(screen_actor),
            Identity::Token(id) => token_actor(directory, id, proof, now),
        }
    }

    /// As whom an identity acts now, for whoever holds its live connection.
    pub fn acts_as(&self, identity: &Identity, proof: &str) -> Option<Actor> {
        self.actor_of(&self.book(), identity, proof, self.now())
    }

    /// Why a sign-in is over by the clock, or because its post is gone.
    pub(super) fn over(&self, book: &Book, sign_in: &SignIn, now: Timestamp) -> Option<Ended> {
        if now >= sign_in.started_at + self.0.rules.limits.absolute {
            return Some(Ended::Expired);
        }
        if self.idle_over(sign_in, now) {
            return Some(Ended::Idle);
        }
        let lost = book.directory.post_of(sign_in, now).is_none();
        lost.then_some(Ended::Expired)
    }

    fn idle_over(&self, sign_in: &SignIn, now: Timestamp) -> bool {
        now >= self.last_use(sign_in) + self.0.rules.limits.idle
    }

    /// When a sign-in was last used.
    pub fn last_use(&self, sign_in: &SignIn) -> Timestamp {
        let seen = self.0.seen.last(Kind::SignIn, &sign_in.id);
        sign_in
            .rotated_at
            .max(sign_in.started_at)
            .max(seen.unwrap_or(Timestamp::MIN))
    }

    /// Whether a wall is connected live to any node.
    pub fn is_online(&self, screen: &Screen) -> bool {
        /// A wall whose last live sign is older is off.
        const LIVE: Span = Span::secs(60);
        let identity = Identity::Screen(screen.id.clone());
        let seen = self.0.seen.last(Kind::ScreenLive, &screen.id);
        self.0.live.is_connected(&identity) || seen.is_some_and(|at| self.now().since(at) < LIVE)
    }
}

fn screen_actor(screen: &Screen) -> Option<Actor> {
    screen.hash.as_ref()?;
    Some(Actor::new(screen.id.clone(), Role::Wall, screen.scope))
}

fn token_actor(directory: &Directory, id: &str, proof: &str, now: Timestamp) -> Option<Actor> {
    use subtle::ConstantTimeEq as _;
    let token = directory.token(id)?;
    let is = |hash: &str| bool::from(hash.as_bytes().ct_eq(proof.as_bytes()));
    let old = token.previous.as_ref();
    let holds = is(&token.hash) || old.is_some_and(|(hash, until)| now < *until && is(hash));
    if !holds || token.until.is_some_and(|until| until <= now) {
        return None;
    }
    let mut actor = Actor::new(token.name.clone(), token.role, token.scope);
    actor.org.clone_from(&token.org);
    Some(actor)
}

fn dead(problem: Problem) -> Denied {
    Denied {
        is_cookie_dead: true,
        ..problem.into()
    }
}

/// They were signed in and are no more.
fn signed_out() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "signed_out",
        "登录已结束，请重新登录",
        "You have been signed out; sign in again",
    )
}
