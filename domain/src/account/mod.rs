//! People and their posts, tokens, walls and sign-ins: who may enter, and as what. The directory
//! is a fold of a ledger of its own, kept apart from the county's events; proving who somebody is
//! (passwords, cookies, one-time codes) is the server's matter: here are only hashes.

pub mod command;
pub mod decide;
pub mod event;
mod evolve;
pub mod shift;

use std::collections::BTreeMap;

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use self::shift::Room;
use crate::actor::{Actor, Role};
use crate::pack::orgs::OrgId;
use crate::time::{Span, Timestamp};

/// What a person is there as: a role in an organisation, for a region.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Post {
    /// Unique among the posts of one person; 1 to 32 letters, digits, `-` or `_`.
    pub id: String,
    /// The role.
    pub role: Role,
    /// The organisation; an administrator or an auditor of a whole county may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// The region whose prefix bounds what this post sees and does.
    pub region: Code,
    /// Whether they head the organisation: some moves ask for a director.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub director: bool,
}

/// A post lent for a time, by somebody else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// Unique in the county.
    pub id: String,
    /// The post they act in.
    pub post: Post,
    /// Whom they act for; the log names both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// From when.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Who lent it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Grant {
    /// The longest time a post is lent for.
    pub const LONGEST: Span = Span::days(90);

    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// Somebody who may sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// What they sign in with and are known by in the log; never given to another.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their phone, if they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What they are there as; the first is taken on signing in.
    pub posts: Vec<Post>,
    /// Posts lent to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// The hash of their password, in PHC form; none before they chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// When they chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_at: Option<Timestamp>,
    /// The sealed secret of their one-time codes, if they use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
    /// Subjects of outside identity providers: provider -> subject.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subjects: BTreeMap<String, String>,
    /// The hash of the one-time link with which they choose a password, and until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Invite>,
    /// Whether they are shut out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// When they were taken in.
    pub created_at: Timestamp,
}

/// A one-time link with which a person chooses a password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// Hash of the link's secret.
    pub hash: String,
    /// Until when it holds.
    pub until: Timestamp,
}

/// A bearer token of another system: never the token, only hashes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Token {
    /// Unique in the county.
    pub id: String,
    /// Whom it was given to; for a source, the name its reports come under.
    pub name: String,
    /// What it acts as.
    pub role: Role,
    /// The organisation it acts for, if its role has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// The region it is bound to.
    pub scope: Code,
    /// Hash of the token.
    pub hash: String,
    /// Hash of the one before it, and until when that one still holds: rotation without a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<(String, Timestamp)>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last rotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// Until when it holds; without an end if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A wall screen that was let in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Screen {
    /// Unique in the county.
    pub id: String,
    /// Where it hangs.
    pub name: String,
    /// What it shows.
    pub scope: Code,
    /// The code it showed; the screen that holds the slip of this code may claim it, once.
    pub code: String,
    /// Hash of its cookie's secret, once it has claimed its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// When it was let in.
    pub paired_at: Timestamp,
    /// By whom.
    pub paired_by: String,
}

/// One sign-in of a person on one device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// Unique in the county; not a secret.
    pub id: String,
    /// Who.
    pub person: String,
    /// The post they act in: of a person's own, or of a grant.
    pub post: PostRef,
    /// Hash of the cookie's secret.
    pub hash: String,
    /// Hash of the secret before it, and until when that one still passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<(String, Timestamp)>,
    /// When they signed in.
    pub started_at: Timestamp,
    /// When the secret was last changed.
    pub rotated_at: Timestamp,
    /// The network address they came from.
    pub address: String,
    /// What browser, as it says itself, cut short.
    pub agent: String,
    /// How they proved themselves.
    pub way: Way,
}

/// How somebody proved who they are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By password.
    Password,
    /// By password and one-time code.
    PasswordAndCode,
    /// By an outside identity provider of this name.
    Provider(String),
    /// By a one-time or a signed link.
    Link,
}

/// Which post a sign-in acts in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostRef {
    /// One of the person's own, by its id.
    Own(String),
    /// One lent to them, by the grant's id.
    Granted(String),
}

/// Limits upon sign-ins; a county may set its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInLimits {
    /// Ends when unused for so long.
    pub idle: Span,
    /// Ends after so long in any case.
    pub absolute: Span,
    /// The secret is changed after so long.
    pub rotate: Span,
    /// How long the secret before it still passes, for requests on their way.
    pub grace: Span,
}

impl Default for SignInLimits {
    /// A shift and some: NIST SP 800-63B asks for 12 hours and 30 minutes idle at AAL2; a command
    /// room that watches a screen does not touch it for longer, so idle is two hours here.
    fn default() -> Self {
        Self {
            idle: Span::hours(2),
            absolute: Span::hours(12),
            rotate: Span::mins(30),
            grace: Span::mins(2),
        }
    }
}

/// Everyone and everything that may enter: a fold of the ledger of accounts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Directory {
    people: BTreeMap<String, Person>,
    tokens: BTreeMap<String, Token>,
    screens: BTreeMap<String, Screen>,
    sign_ins: BTreeMap<String, SignIn>,
    #[serde(default)]
    rooms: BTreeMap<OrgId, Room>,
}

impl Directory {
    /// A person.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.get(id)
    }

    /// Everybody, by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// A token by its id.
    pub fn token(&self, id: &str) -> Option<&Token> {
        self.tokens.get(id)
    }

    /// Every token, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    /// A wall screen.
    pub fn screen(&self, id: &str) -> Option<&Screen> {
        self.screens.get(id)
    }

    /// Every wall screen, by id.
    pub fn screens(&self) -> impl Iterator<Item = &Screen> {
        self.screens.values()
    }

    /// A sign-in.
    pub fn sign_in(&self, id: &str) -> Option<&SignIn> {
        self.sign_ins.get(id)
    }

    /// Everybody with a post of an organisation at `now`, own or lent, who may sign in.
    pub fn people_of<'s>(
        &'s self,
        org: &'s OrgId,
        now: Timestamp,
    ) -> impl Iterator<Item = &'s Person> {
        self.people.values().filter(move |person| {
            let own = person
                .posts
                .iter()
                .any(|post| post.org.as_ref() == Some(org));
            let mut lent = person.grants.iter().filter(|grant| grant.holds(now));
            !person.disabled && (own || lent.any(|grant| grant.post.org.as_ref() == Some(org)))
        })
    }

    /// Every sign-in that has not been ended, by id.
    pub fn sign_ins(&self) -> impl Iterator<Item = &SignIn> {
        self.sign_ins.values()
    }

    /// The shifts of a room; none if it never kept any.
    pub fn room(&self, org: &OrgId) -> Option<&Room> {
        self.rooms.get(org)
    }

    /// Every room that keeps shifts, by its organisation.
    pub fn rooms(&self) -> impl Iterator<Item = (&OrgId, &Room)> {
        self.rooms.iter()
    }

    /// The post a sign-in acts in, if the person still has it at `now`.
    pub fn post_of(&self, sign_in: &SignIn, now: Timestamp) -> Option<(&Post, Option<&str>)> {
        let person = self.people.get(&sign_in.person).filter(|p| !p.disabled)?;
        match &sign_in.post {
            PostRef::Own(id) => person
                .posts
                .iter()
                .find(|post| post.id == *id)
                .map(|post| (post, None)),
            PostRef::Granted(id) => person
                .grants
                .iter()
                .find(|grant| grant.id == *id && grant.holds(now))
                .map(|grant| (&grant.post, grant.on_behalf_of.as_deref())),
        }
    }

    /// The actor behind a sign-in at `now`; none when the person lost the post or was shut out.
    pub fn actor_of(&self, sign_in: &SignIn, now: Timestamp) -> Option<Actor> {
        let (post, on_behalf_of) = self.post_of(sign_in, now)?;
        Some(Actor {
            id: sign_in.person.clone(),
            role: post.role,
            org: post.org.clone(),
            scope: post.region,
            director: post.director,
            on_behalf_of: on_behalf_of.map(str::to_owned),
        })
    }
}
