//! What can happen to accounts. The names are the `type` of a ledger entry.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use super::shift::{HandOver, Offer};
use super::{Grant, Invite, Person, Post, PostRef, Screen, SignIn, Token};
use crate::actor::Actor;
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// One entry of the ledger of accounts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountEntry {
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What.
    #[serde(flatten)]
    pub event: AccountEvent,
}

/// Something that happened to an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AccountEvent {
    /// Somebody was taken in.
    PersonAdded(Box<Person>),
    /// Their name or phone changed.
    PersonChanged {
        /// Who.
        id: String,
        /// The name now.
        name: String,
        /// The phone now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<String>,
    },
    /// Their posts are these now.
    PostsSet {
        /// Who.
        id: String,
        /// All their posts.
        posts: Vec<Post>,
    },
    /// They were shut out; every sign-in of theirs ends with it.
    PersonDisabled {
        /// Who.
        id: String,
        /// Why.
        reason: String,
    },
    /// They may enter again.
    PersonEnabled {
        /// Who.
        id: String,
    },
    /// They were sent a one-time link; the one before it is void.
    Invited {
        /// Who.
        id: String,
        /// The link.
        invite: Invite,
    },
    /// They chose a password; every other sign-in of theirs ends, and the one-time link is used up.
    PasswordSet {
        /// Who.
        id: String,
        /// Its hash, PHC.
        hash: String,
        /// The sign-in that chose it and goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<String>,
    },
    /// They use one-time codes from now on, or no longer.
    TotpSet {
        /// Who.
        id: String,
        /// The sealed secret; none to stop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<String>,
    },
    /// An outside identity is theirs, or no longer.
    SubjectSet {
        /// Who.
        id: String,
        /// The provider's name.
        provider: String,
        /// The subject there; none to part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
    },
    /// A post was lent to them.
    Granted {
        /// Who.
        id: String,
        /// What.
        grant: Box<Grant>,
    },
    /// A post lent was taken back before its time.
    GrantRevoked {
        /// Who.
        id: String,
        /// The grant.
        grant: String,
    },
    /// A token was made.
    TokenCreated(Box<Token>),
    /// A token was changed for a new one; the old one holds a while longer.
    TokenRotated {
        /// The token.
        id: String,
        /// Hash of the new one.
        hash: String,
        /// Until when the old one holds.
        old_until: Timestamp,
    },
    /// A token was withdrawn.
    TokenRevoked {
        /// The token.
        id: String,
    },
    /// A wall screen was let in; it claims its place with the slip it holds.
    ScreenPaired(Box<Screen>),
    /// The screen that showed the code claimed its place.
    ScreenClaimed {
        /// The screen.
        id: String,
        /// Hash of its cookie's secret.
        hash: String,
    },
    /// A wall screen got another name or shows another region.
    ScreenChanged {
        /// The screen.
        id: String,
        /// Its name now.
        name: String,
        /// What it shows now.
        scope: Code,
    },
    /// A wall screen was sent away.
    ScreenRevoked {
        /// The screen.
        id: String,
    },
    /// Somebody signed in.
    SignedIn(Box<SignIn>),
    /// The cookie's secret was changed.
    SignInRotated {
        /// The sign-in.
        id: String,
        /// Hash of the new secret.
        hash: String,
        /// Until when the old one passes.
        old_until: Timestamp,
    },
    /// They act in another of their posts; the secret changes with it and the old one is void.
    PostSwitched {
        /// The sign-in.
        id: String,
        /// The post.
        post: PostRef,
        /// Hash of the new secret.
        hash: String,
    },
    /// A sign-in ended.
    SignInEnded {
        /// The sign-in.
        id: String,
        /// Why.
        why: Ended,
    },
    /// They answer for a room that nobody answered for.
    ShiftBegan {
        /// The room's organisation.
        org: OrgId,
    },
    /// They laid before the next what is owed, and signed.
    ShiftOffered {
        /// The room's organisation.
        org: OrgId,
        /// What.
        offer: Box<Offer>,
    },
    /// They stay after all.
    ShiftOfferWithdrawn {
        /// The room's organisation.
        org: OrgId,
    },
    /// They signed for what was laid before them and answer for the room.
    ShiftTaken {
        /// The room's organisation.
        org: OrgId,
        /// What both signed.
        hand_over: Box<HandOver>,
    },
    /// Nobody answers for the room; nothing was owed.
    ShiftEnded {
        /// The room's organisation.
        org: OrgId,
    },
}

/// Why a sign-in ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// They signed out.
    SignedOut,
    /// Somebody revoked it.
    Revoked,
    /// Unused for too long.
    Idle,
    /// Held for as long as any may.
    Expired,
    /// A secret that had been changed was shown again: somebody has a copy.
    Replayed,
}
