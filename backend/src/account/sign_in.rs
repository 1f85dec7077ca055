//! Signing in: proof by password, by one-time link or by an identity provider, and the cookie that
//! follows. Unknown names cost the same work and get the same answer as wrong passwords.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::account::command::AccountCommand;
use domain::account::event::Ended;
use domain::account::{Directory, Invite, Person, PostRef, SignIn, Way};
use domain::actor::Actor;
use domain::refusal::Refusal;
use domain::time::{Span, Timestamp};
use domain::wire::account::Credentials;

use super::lockout::Attempt;
use super::password::{Overloaded, own_words};
use super::{Accounts, Failure, Identity, cookie, secret};
use crate::problem::Problem;

/// What a browser says of itself is kept up to here, in characters.
const MAX_AGENT: usize = 160;
/// Longest name that is looked at, in bytes; no account has a longer one.
const MAX_NAME: usize = 64;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The network address.
    pub address: IpAddr,
    /// The browser, as it says itself.
    pub agent: String,
}

impl Origin {
    /// From a request's address and headers.
    pub fn of(address: IpAddr, headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        Self {
            address,
            agent: agent.unwrap_or_default().chars().take(MAX_AGENT).collect(),
        }
    }
}

/// A sign-in that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// Its id in the directory.
    pub identity: Identity,
    /// As whom they act.
    pub actor: Actor,
    /// The cookie to set.
    pub cookie: Option<HeaderValue>,
}

/// Why somebody could not sign in.
#[derive(Debug)]
pub enum NotIn {
    /// Unknown name, wrong password, shut out: never told apart.
    Wrong,
    /// The password is right; a one-time code is asked for.
    CodeRequired,
    /// The one-time code is wrong or was used.
    WrongCode,
    /// Too many wrong tries; so many seconds to wait.
    Locked(u64),
    /// The rules or the log.
    Failed(Failure),
}

impl From<Failure> for NotIn {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Overloaded> for NotIn {
    fn from(_: Overloaded) -> Self {
        Self::Failed(Failure::Busy)
    }
}

impl From<Overloaded> for Failure {
    fn from(_: Overloaded) -> Self {
        Self::Busy
    }
}

impl From<NotIn> for Problem {
    fn from(not_in: NotIn) -> Self {
        let unauthorized = |code, zh, en| Self::new(StatusCode::UNAUTHORIZED, code, zh, en);
        match not_in {
            NotIn::Wrong => unauthorized(
                "wrong_credentials",
                "账号或密码不正确",
                "The name or the password is wrong",
            ),
            NotIn::CodeRequired => unauthorized(
                "code_required",
                "请输入动态验证码",
                "Enter the one-time code from your authenticator",
            ),
            NotIn::WrongCode => unauthorized(
                "wrong_code",
                "动态验证码不正确或已使用，请等待下一个",
                "This code is wrong or has been used; wait for the next one",
            ),
            NotIn::Locked(secs) => Self {
                retry_after_secs: Some(secs),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "locked",
                    &format!("尝试次数过多，请 {secs} 秒后再试"),
                    &format!("Too many wrong tries; wait {secs} seconds"),
                )
            },
            NotIn::Failed(Failure::Busy) => Self {
                retry_after_secs: Some(2),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "rate_limited",
                    "同时登录的人太多，请稍后再试",
                    "Too many people sign in at once; try again in a moment",
                )
            },
            NotIn::Failed(failure) => failure.into(),
        }
    }
}

impl Accounts {
    /// Signs in by password, and by one-time code for whoever uses them.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn sign_in(&self, with: &Credentials, from: &Origin) -> Result<Begun, NotIn> {
        let name = with.name.trim();
        let book = self.book();
        let attempt = Attempt {
            name: head(name),
            address: from.address,
            is_known_device: is_known_device(&book.directory, name, from.address),
        };
        self.not_locked(attempt)?;
        let person = book
            .directory
            .person(name)
            .filter(|person| !person.disabled);
        let phc = person.and_then(|person| person.password.as_deref());
        let checked = self.0.passwords.check(&with.password, phc).await?;
        let Some(person) = person.filter(|_| checked.right) else {
            self.0.lockout.wrong(attempt, self.now());
            return Err(NotIn::Wrong);
        };
        let way = self
            .second_step(person, with.code.as_deref(), attempt)
            .await?;
        self.0.lockout.right(attempt);
        if checked.outdated {
            self.rehash(person, &with.password).await;
        }
        Ok(self.begin(person, way, from).await?)
    }

    fn not_locked(&self, attempt: Attempt<'_>) -> Result<(), NotIn> {
        let now = self.now();
        match self.0.lockout.locked_until(attempt, now) {
            None => Ok(()),
            Some(until) => Err(NotIn::Locked(wait_secs(until, now))),
        }
    }

    async fn second_step(
        &self,
        person: &Person,
        code: Option<&str>,
        attempt: Attempt<'_>,
    ) -> Result<Way, NotIn> {
        if person.totp.is_none() {
            return Ok(Way::Password);
        }
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        let code = code.ok_or(NotIn::CodeRequired)?;
        if self.code_is_right(person, code).await? {
            return Ok(Way::PasswordAndCode);
        }
        self.0.lockout.wrong(attempt, self.now());
        Err(NotIn::WrongCode)
    }

    /// Today's parameters for a password that was hashed with others. Their other sign-ins end
    /// with it; that happens once in years.
    async fn rehash(&self, person: &Person, password: &str) {
        let Ok(hash) = self.0.passwords.hash(password).await else {
            return;
        };
        let set = AccountCommand::SetPassword {
            id: person.id.clone(),
            hash,
            invite: None,
            keep: None,
        };
        if let Err(failure) = self.perform(&self.gridlamp(), &[set]).await {
            tracing::debug!(?failure, "a password is hashed anew the next time");
        }
    }

    /// Begins a sign-in of somebody who proved who they are, in the first post they have.
    ///
    /// # Errors
    /// They have no post to act in, or the log failed.
    pub async fn begin(&self, person: &Person, way: Way, from: &Origin) -> Result<Begun, Failure> {
        let now = self.now();
        let id = secret::new_id()?;
        let identity = Identity::SignIn(id.clone());
        let holder = cookie::holder(&identity).unwrap_or_default();
        let secret = secret::new_marked(&self.secret(), &holder)?;
        let sign_in = SignIn {
            id,
            person: person.id.clone(),
            post: first_post(person, now),
            hash: secret::hash(&secret),
            previous: None,
            started_at: now,
            rotated_at: now,
            address: from.address.to_string(),
            agent: from.agent.clone(),
            way,
        };
        let begin = AccountCommand::SignIn(sign_in.clone());
        self.perform(&self.gridlamp(), &[begin]).await?;
        let actor = self.with(|directory| directory.actor_of(&sign_in, now));
        let cookie = self.sign_in_cookie(&sign_in, &secret, now);
        Ok(Begun {
            identity,
            actor: actor.ok_or(Failure::Busy)?,
            cookie,
        })
    }

    /// Moves a sign-in to another post; the secret changes with it.
    ///
    /// # Errors
    /// They don't hold the post, or the log failed.
    pub async fn switch_post(
        &self,
        id: &str,
        actor: &Actor,
        post: PostRef,
    ) -> Result<Begun, Failure> {
        let identity = Identity::SignIn(id.to_owned());
        let holder = cookie::holder(&identity).unwrap_or_default();
        let secret = secret::new_marked(&self.secret(), &holder)?;
        let switch = AccountCommand::SwitchPost {
            id: id.to_owned(),
            post,
            hash: secret::hash(&secret),
        };
        self.perform(actor, &[switch]).await?;
        let now = self.now();
        let book = self.book();
        let sign_in = book.directory.sign_in(id).ok_or(Failure::Busy)?;
        Ok(Begun {
            actor: book.directory.actor_of(sign_in, now).ok_or(Failure::Busy)?,
            cookie: self.sign_in_cookie(sign_in, &secret, now),
            identity,
        })
    }

    /// Ends the caller's own sign-in.
    ///
    /// # Errors
    /// The log failed.
    pub async fn sign_out(&self, id: &str, actor: &Actor) -> Result<(), Failure> {
        let end = AccountCommand::EndSignIn {
            id: id.to_owned(),
            why: Ended::SignedOut,
        };
        match self.perform(actor, &[end]).await {
            // It had ended already.
            Ok(_) | Err(Failure::Refused(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Whom a one-time link is for, while it holds.
    pub fn invited(&self, secret: &str) -> Option<Person> {
        let now = self.now();
        let holds = |invite: &Invite| now < invite.until && secret::matches(secret, &invite.hash);
        self.with(|directory| {
            directory
                .people()
                .find(|person| !person.disabled && person.invite.as_ref().is_some_and(holds))
                .cloned()
        })
    }

    /// A new one-time link: what is kept of it, and its secret.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new_invite(&self) -> Result<(Invite, String), Failure> {
        let hours = i64::from(self.settings().link_hours);
        Ok(new_invite(Span::hours(hours), self.now())?)
    }

    /// Chooses the first password by a one-time link and signs in.
    ///
    /// # Errors
    /// The link does not hold, the password is weak, or the log failed.
    pub async fn welcome(
        &self,
        person: &Person,
        link: &str,
        password: &str,
        from: &Origin,
    ) -> Result<Begun, Failure> {
        let hash = self.chosen(person, password).await?;
        let set = AccountCommand::SetPassword {
            id: person.id.clone(),
            hash,
            invite: Some(secret::hash(link)),
            keep: None,
        };
        self.perform(&self.gridlamp(), &[set]).await?;
        self.begin(person, Way::Link, from).await
    }

    /// Changes one's own password; other sign-ins of theirs end.
    ///
    /// # Errors
    /// The old one is wrong, the new one weak, or the log failed.
    pub async fn change_password(
        &self,
        person: &Person,
        old: &str,
        new: &str,
        keep: &str,
        from: &Origin,
        actor: &Actor,
    ) -> Result<(), NotIn> {
        self.prove(person, old, from).await?;
        let hash = self.chosen(person, new).await?;
        let set = AccountCommand::SetPassword {
            id: person.id.clone(),
            hash,
            invite: None,
            keep: Some(keep.to_owned()),
        };
        self.perform(actor, &[set]).await?;
        Ok(())
    }

    /// Asks a signed-in person for their password once more.
    ///
    /// # Errors
    /// It is wrong, or too many were.
    pub async fn prove(&self, person: &Person, password: &str, from: &Origin) -> Result<(), NotIn> {
        let attempt = Attempt {
            name: &person.id,
            address: from.address,
            is_known_device: true,
        };
        self.not_locked(attempt)?;
        let phc = person.password.as_deref();
        if self.0.passwords.check(password, phc).await?.right {
            return Ok(());
        }
        self.0.lockout.wrong(attempt, self.now());
        Err(NotIn::Wrong)
    }

    /// The hash of a password somebody chooses, once it is found good enough.
    ///
    /// # Errors
    /// It is weak, or too much happens at once.
    pub async fn chosen(&self, person: &Person, password: &str) -> Result<String, Failure> {
        self.judge(person, password).map_err(Failure::Refused)?;
        Ok(self.0.passwords.hash(password).await?)
    }

    fn judge(&self, person: &Person, password: &str) -> Result<(), Refusal> {
        let own = own_words(person, &self.rules().county);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        self.0.passwords.judge(password, &own)
    }
}

/// A one-time link that holds for `span`: what is kept of it, and its secret.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_invite(span: Span, now: Timestamp) -> Result<(Invite, String), secret::NoRandomness> {
    let secret = secret::new_secret()?;
    let invite = Invite {
        hash: secret::hash(&secret),
        until: now + span,
    };
    Ok((invite, secret))
}

fn first_post(person: &Person, now: Timestamp) -> PostRef {
    let own = person
        .posts
        .first()
        .map(|post| PostRef::Own(post.id.clone()));
    let lent = person.grants.iter().find(|grant| grant.holds(now));
    own.or_else(|| lent.map(|grant| PostRef::Granted(grant.id.clone())))
        .unwrap_or_else(|| PostRef::Own(String::new()))
}

fn is_known_device(directory: &Directory, name: &str, address: IpAddr) -> bool {
    let address = address.to_string();
    directory
        .sign_ins()
        .any(|sign_in| sign_in.person == name && sign_in.address == address)
}

fn head(name: &str) -> &str {
    name.char_indices()
        .nth(MAX_NAME)
        .map_or(name, |(at, _)| &name[..at])
}

fn wait_secs(until: Timestamp, now: Timestamp) -> u64 {
    let ms = until.since(now).millis().max(0).cast_unsigned();
    ms.div_ceil(1000).max(1)
}
