//! What can be asked of the directory. Ids and hashes are drawn by the server and handed in.

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use super::event::Ended;
use super::shift::Matter;
use super::{Grant, Invite, Post, PostRef, SignIn, Token};
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// A wish about accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AccountCommand {
    /// Take somebody in, with the one-time link they choose a password with.
    AddPerson {
        /// Who.
        person: NewPerson,
        /// The link.
        invite: Invite,
    },
    /// Change name or phone.
    ChangePerson {
        /// Who.
        id: String,
        /// The name.
        name: String,
        /// The phone.
        phone: Option<String>,
    },
    /// Give them these posts and no others.
    SetPosts {
        /// Who.
        id: String,
        /// All of them.
        posts: Vec<Post>,
    },
    /// Shut somebody out.
    DisablePerson {
        /// Who.
        id: String,
        /// Why.
        reason: String,
    },
    /// Let them in again.
    EnablePerson {
        /// Who.
        id: String,
    },
    /// Send a new one-time link.
    Invite {
        /// Who.
        id: String,
        /// The link.
        invite: Invite,
    },
    /// Choose a password, signed in or by the one-time link whose hash is given.
    SetPassword {
        /// Who.
        id: String,
        /// Its hash, PHC.
        hash: String,
        /// The hash of the one-time link's secret, if that is how they prove themselves.
        invite: Option<String>,
        /// The sign-in that goes on.
        keep: Option<String>,
    },
    /// Use one-time codes, or stop.
    SetTotp {
        /// Who.
        id: String,
        /// The sealed secret; none to stop.
        secret: Option<String>,
    },
    /// Join an outside identity to a person, or part them.
    SetSubject {
        /// Who.
        id: String,
        /// The provider's name.
        provider: String,
        /// The subject there.
        subject: Option<String>,
    },
    /// Lend a post.
    Grant {
        /// To whom.
        id: String,
        /// What; `by` is filled from the actor.
        grant: Grant,
    },
    /// Take a lent post back.
    RevokeGrant {
        /// From whom.
        id: String,
        /// The grant.
        grant: String,
    },
    /// Make a token.
    CreateToken(Token),
    /// Change a token; the old one holds until `old_until`.
    RotateToken {
        /// The token.
        id: String,
        /// Hash of the new one.
        hash: String,
        /// Until when the old one holds, at most 7 days from now.
        old_until: Timestamp,
    },
    /// Withdraw a token.
    RevokeToken {
        /// The token.
        id: String,
    },
    /// Let a wall screen in.
    PairScreen {
        /// Its id.
        id: String,
        /// The code it shows, found genuine by the server.
        code: String,
        /// Where it hangs.
        name: String,
        /// What it shows.
        scope: Code,
    },
    /// Claim a place, by the screen itself.
    ClaimScreen {
        /// The code it showed.
        code: String,
        /// Hash of its cookie's secret.
        hash: String,
    },
    /// Rename or re-scope a wall screen.
    ChangeScreen {
        /// The screen.
        id: String,
        /// Its name.
        name: String,
        /// What it shows.
        scope: Code,
    },
    /// Send a wall screen away.
    RevokeScreen {
        /// The screen.
        id: String,
    },
    /// Somebody proved who they are.
    SignIn(SignIn),
    /// Change a sign-in's secret.
    RotateSignIn {
        /// The sign-in.
        id: String,
        /// Hash of the new secret.
        hash: String,
        /// Until when the old one passes.
        old_until: Timestamp,
    },
    /// Act in another post.
    SwitchPost {
        /// The sign-in.
        id: String,
        /// The post.
        post: PostRef,
        /// Hash of the new secret.
        hash: String,
    },
    /// End a sign-in.
    EndSignIn {
        /// The sign-in.
        id: String,
        /// Why.
        why: Ended,
    },
    /// Answer for one's own room, which nobody answers for.
    BeginShift {
        /// The room's organisation.
        org: OrgId,
    },
    /// Lay before the next shift what is owed.
    OfferShift {
        /// The room's organisation.
        org: OrgId,
        /// Who is to come; anybody of the room if nobody is named.
        to: Option<String>,
        /// What else there is to know.
        note: Option<String>,
        /// What is owed now, by [`super::shift::matters`].
        matters: Vec<Matter>,
    },
    /// Stay after all.
    WithdrawShift {
        /// The room's organisation.
        org: OrgId,
    },
    /// Sign for what was laid before, and answer for the room.
    TakeShift {
        /// The room's organisation.
        org: OrgId,
        /// A remark; the reason, when whoever was on shift has not signed.
        remark: Option<String>,
        /// What is owed now.
        matters: Vec<Matter>,
    },
    /// Leave the room with nobody: only when nothing is owed.
    EndShift {
        /// The room's organisation.
        org: OrgId,
        /// What is owed now.
        matters: Vec<Matter>,
    },
}

/// Somebody to be taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// What they will sign in with: 2 to 32 of `a-z 0-9 . _ -`, a letter or digit first.
    pub id: String,
    /// Their name, 1 to 50 characters.
    pub name: String,
    /// Their phone.
    #[serde(default)]
    pub phone: Option<String>,
    /// What they are there as, at least one.
    pub posts: Vec<Post>,
}
