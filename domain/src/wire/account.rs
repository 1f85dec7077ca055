//! What travels between the server and the screens about accounts: who is looking, and the lists
//! of the administration. No hash and no secret is among it.

mod flat;

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use crate::account::{Grant, Post, PostRef, Way};
use crate::actor::{Actor, Clearance, Role};
use crate::pack::orgs::OrgId;
use crate::time::Timestamp;

/// Who is looking: `GET /me`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "flat::Flat")]
pub struct Me {
    /// As whom they act: `id`, `role`, `org`, `scope`, `director`, `on_behalf_of`.
    #[serde(flatten)]
    pub actor: Actor,
    /// Their name; a wall's is where it hangs, a token's whom it was given to.
    pub name: String,
    /// The name of the region they see.
    pub scope_name: String,
    /// How much of a person's data they may see.
    pub clearance: Clearance,
    /// The path of the screen made for them.
    pub screen: String,
    /// The county's name.
    pub county: String,
    /// The posts they may act in; empty for what is no person.
    #[serde(default)]
    pub posts: Vec<Position>,
    /// The id of this sign-in; none for a token or a wall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// Whether they use one-time codes.
    #[serde(default)]
    pub totp: bool,
}

/// A post one may act in, in words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Position {
    /// How to ask for it.
    pub post: PostRef,
    /// The role.
    pub role: Role,
    /// The organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_name: Option<String>,
    /// The region.
    pub region: Code,
    /// Its name.
    pub region_name: String,
    /// Whether they head it.
    #[serde(default)]
    pub director: bool,
    /// For whom they stand in, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// Until when, for a lent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether it is the one they act in now.
    pub current: bool,
}

/// `POST /sign-in`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The id they sign in with.
    pub name: String,
    /// The password.
    pub password: String,
    /// The one-time code, when they use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `GET /sign-in`: the ways in that this county offers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Ways {
    /// Outside identity providers: name in the path, name on the button.
    pub providers: Vec<(String, String)>,
    /// The shortest password allowed, in characters.
    pub password_min_chars: usize,
}

/// `POST /welcome`: choosing the first password by a one-time link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The secret of the link.
    pub secret: String,
    /// The password chosen; left out to ask only whom the link is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Whom a one-time link is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Welcomed {
    /// What they sign in with.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// `POST /me/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// `POST /me/totp`: what an authenticator needs; nothing is kept before a code confirms it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TotpOffer {
    /// The secret in base32, to type in.
    pub secret: String,
    /// `otpauth://…`, as in the picture.
    pub uri: String,
    /// The picture, an SVG.
    pub qr_svg: String,
    /// The slip that `POST /me/totp/confirm {slip, code}` hands back.
    pub slip: String,
}

/// `POST /me/totp/confirm`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TotpConfirm {
    /// From the offer.
    pub slip: String,
    /// The code the authenticator shows.
    pub code: String,
}

/// A person as the administration sees them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PersonView {
    /// What they sign in with.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their posts.
    pub posts: Vec<Post>,
    /// Posts lent to them, those that are over left out.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Whether they have chosen a password.
    pub has_password: bool,
    /// Whether they use one-time codes.
    pub totp: bool,
    /// Until when a one-time link waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_until: Option<Timestamp>,
    /// Whether they are shut out.
    pub disabled: bool,
    /// Until when they must wait after wrong passwords.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Timestamp>,
    /// When they were taken in.
    pub created_at: Timestamp,
    /// When one of their sign-ins was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// What taking somebody in, or inviting them anew, answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invited {
    /// Who.
    pub id: String,
    /// The one-time link, shown once.
    pub url: String,
    /// Until when it holds.
    pub until: Timestamp,
}

/// `POST /people/{id}/grants`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantAsk {
    /// The post to lend; its id is given by the server.
    pub role: Role,
    /// The organisation.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// The region.
    pub region: Code,
    /// Whether as its head.
    #[serde(default)]
    pub director: bool,
    /// For whom they stand in, by id.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
    /// From when; now if left out.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// One line of a CSV of people and what would become, or became, of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportLine {
    /// Its line in the file, from 1; the head is line 1.
    pub line: u64,
    /// The id on it.
    pub id: String,
    /// The name on it.
    pub name: String,
    /// What is wrong with it, each in the reader's language; none when it is good.
    pub faults: Vec<String>,
    /// The one-time link, when it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Invited>,
}

/// `POST /people/import`: what would happen (`dry_run=true`) or happened.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ImportResult {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How many lines are good.
    pub good: usize,
    /// How many are not; with any, nothing is written.
    pub bad: usize,
    /// Each line.
    pub lines: Vec<ImportLine>,
}

/// A token as the administration sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// Whom it was given to.
    pub name: String,
    /// What it acts as.
    pub role: Role,
    /// The organisation it acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// The region it is bound to.
    pub scope: Code,
    /// The name of that region.
    pub scope_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last rotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// Until when the token before it still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_until: Option<Timestamp>,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// `POST /tokens`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenAsk {
    /// Whom it is for; for a source, the name its reports come under.
    pub name: String,
    /// What it acts as.
    pub role: Role,
    /// The organisation it acts for.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// The region; the asker's own if left out.
    #[serde(default)]
    pub scope: Option<Code>,
    /// Until when; without an end if left out.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// A token, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSecret {
    /// The token itself.
    pub token: String,
    /// What is known of it from now on.
    pub view: TokenView,
}

/// `POST /walls/codes`: what an unpaired screen shows and holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WallCode {
    /// What it shows, such as `7KQ4M-2XR9D`.
    pub code: String,
    /// What it hands back to `POST /walls/claim {slip}` every few seconds.
    pub slip: String,
    /// Until when the code can be typed.
    pub until: Timestamp,
}

/// `POST /walls/claim`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WallClaim {
    /// From [`WallCode`].
    pub slip: String,
}

/// `POST /walls`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WallPairing {
    /// The code read from the screen; case, spaces and hyphens do not matter.
    pub code: String,
    /// Where it hangs.
    pub name: String,
    /// What it shows; the asker's own region if left out.
    #[serde(default)]
    pub scope: Option<Code>,
}

/// `PATCH /walls/{id}`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WallChange {
    /// The name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it shows from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Code>,
}

/// A wall screen as the administration sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WallView {
    /// Its id.
    pub id: String,
    /// Where it hangs.
    pub name: String,
    /// What it shows.
    pub scope: Code,
    /// The name of that region.
    pub scope_name: String,
    /// Whether the screen has claimed its place.
    pub claimed: bool,
    /// When it was let in.
    pub paired_at: Timestamp,
    /// By whom.
    pub paired_by: String,
    /// Its last sign of life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// Whether it is connected now, to any node.
    pub online: bool,
}

/// A sign-in as its owner or the administration sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInView {
    /// Its id.
    pub id: String,
    /// Who.
    pub person: String,
    /// Their name.
    pub name: String,
    /// The role they act in.
    pub role: Role,
    /// The region they see.
    pub scope_name: String,
    /// How they proved themselves.
    pub way: Way,
    /// Since when.
    pub started_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One record of the audit trail.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AuditView {
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who: an id, or what was typed where nobody is known.
    pub who: String,
    /// As what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The network address.
    pub from: String,
    /// What, such as `incident.dispatch`, `sign_in`, `wall.pair`, `layer.view`.
    pub action: String,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The region it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Code>,
    /// For what: the purpose given, or the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
    /// What was there before, where something changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// What was there after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
    /// Its SM3 hash, over itself and the hash before it, in hexadecimal.
    pub hash: String,
}

/// One page of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins, as `cursor`; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
