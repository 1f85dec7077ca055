//! Directory + command + who + now -> events, or a refusal. Who may administer whom stands here;
//! whether a password or a code is right is the server's matter, decided before it asks.

mod people;
mod screens;
#[cfg(test)]
mod shift_tests;
mod shifts;
mod sign_ins;
#[cfg(test)]
mod tests;
mod tokens;

use geodata::region::Code;

use super::command::AccountCommand;
use super::event::AccountEvent;
use super::{Directory, Post, SignInLimits};
use crate::actor::{Actor, Role};
use crate::pack::County;
use crate::pack::orgs::OrgKind;
use crate::refusal::{Class, Refusal};
use crate::time::Timestamp;

/// What a decision reads besides the directory.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The county's regions and organisations.
    pub county: &'a County,
    /// The server's time.
    pub now: Timestamp,
    /// Limits upon sign-ins.
    pub limits: &'a SignInLimits,
}

type Decision = Result<Vec<AccountEvent>, Refusal>;

/// Decides a command. Gridlamp itself ([`Role::Rule`]: the command line and the first start) may
/// do whatever an administrator of the whole county may.
///
/// # Errors
/// Why not, in a sentence.
pub fn decide(
    directory: &Directory,
    command: &AccountCommand,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let ask = Ask {
        directory,
        actor,
        ctx,
    };
    match command {
        AccountCommand::AddPerson { person, invite } => ask.add_person(person, invite),
        AccountCommand::ChangePerson { id, name, phone } => {
            ask.change_person(id, name, phone.as_deref())
        }
        AccountCommand::SetPosts { id, posts } => ask.set_posts(id, posts),
        AccountCommand::DisablePerson { id, reason } => ask.disable_person(id, reason),
        AccountCommand::EnablePerson { id } => ask.enable_person(id),
        AccountCommand::Invite { id, invite } => ask.invite(id, invite),
        AccountCommand::SetPassword {
            id,
            hash,
            invite,
            keep,
        } => ask.set_password(id, hash, invite.as_deref(), keep.as_deref()),
        AccountCommand::SetTotp { id, secret } => ask.set_totp(id, secret.as_deref()),
        AccountCommand::SetSubject {
            id,
            provider,
            subject,
        } => ask.set_subject(id, provider, subject.as_deref()),
        AccountCommand::Grant { id, grant } => ask.grant(id, grant),
        AccountCommand::RevokeGrant { id, grant } => ask.revoke_grant(id, grant),
        AccountCommand::CreateToken(token) => ask.create_token(token),
        AccountCommand::RotateToken {
            id,
            hash,
            old_until,
        } => ask.rotate_token(id, hash, *old_until),
        AccountCommand::RevokeToken { id } => ask.revoke_token(id),
        AccountCommand::PairScreen {
            id,
            code,
            name,
            scope,
        } => ask.pair_screen(id, code, name, *scope),
        AccountCommand::ClaimScreen { code, hash } => ask.claim_screen(code, hash),
        AccountCommand::ChangeScreen { id, name, scope } => ask.change_screen(id, name, *scope),
        AccountCommand::RevokeScreen { id } => ask.revoke_screen(id),
        AccountCommand::SignIn(sign_in) => ask.sign_in(sign_in),
        AccountCommand::RotateSignIn {
            id,
            hash,
            old_until,
        } => ask.rotate_sign_in(id, hash, *old_until),
        AccountCommand::SwitchPost { id, post, hash } => ask.switch_post(id, post, hash),
        AccountCommand::EndSignIn { id, why } => ask.end_sign_in(id, *why),
        AccountCommand::BeginShift { .. }
        | AccountCommand::OfferShift { .. }
        | AccountCommand::WithdrawShift { .. }
        | AccountCommand::TakeShift { .. }
        | AccountCommand::EndShift { .. } => ask.shift(command),
    }
}

/// One command on its way through the rules.
#[derive(Clone, Copy)]
struct Ask<'a> {
    directory: &'a Directory,
    actor: &'a Actor,
    ctx: Context<'a>,
}

impl Ask<'_> {
    fn is_system(self) -> bool {
        self.actor.role == Role::Rule
    }

    /// An administrator (or Gridlamp itself), for this region.
    fn require_administrator(self, region: Code) -> Result<(), Refusal> {
        match self.actor.role {
            Role::Rule => Ok(()),
            Role::Administrator if self.actor.covers(region) => Ok(()),
            Role::Administrator => Err(outside()),
            _ => Err(forbidden()),
        }
    }

    /// An administrator, or the director of the centre or of a command room, for this region.
    fn require_director(self, region: Code) -> Result<(), Refusal> {
        match self.actor.role {
            Role::Centre | Role::CommandRoom if !self.actor.director => Err(Refusal::new(
                Class::Forbidden,
                "director_required",
                "须由本单位负责人办理",
                "Only the head of your organisation may do this",
            )),
            Role::Centre | Role::CommandRoom if self.actor.covers(region) => Ok(()),
            Role::Centre | Role::CommandRoom => Err(outside()),
            _ => self.require_administrator(region),
        }
    }

    fn require_region(self, region: Code) -> Result<(), Refusal> {
        if self.ctx.county.tree.get(region).is_some() {
            return Ok(());
        }
        Err(Refusal::field(
            "/scope",
            "unknown_region",
            "没有这个区划代码",
            "There is no region with this code",
        ))
    }

    /// Whether a post makes sense in this county, whoever is to hold it.
    fn check_post(self, at: &str, post: &Post) -> Result<(), Refusal> {
        let field = |name: &str, code: &str, zh: &str, en: &str| {
            Refusal::field(&format!("{at}/{name}"), code, zh, en)
        };
        if !is_name(&post.id, 32) {
            return Err(field(
                "id",
                "invalid_post",
                "岗位编号须为 1 至 32 个字母、数字或 - _",
                "A post's id is 1 to 32 letters, digits, - or _",
            ));
        }
        let kind = kind_of(post.role).ok_or_else(|| {
            field(
                "role",
                "not_a_post",
                "此角色不能授予人员",
                "No person can hold this role",
            )
        })?;
        if self.ctx.county.tree.get(post.region).is_none() {
            return Err(field(
                "region",
                "unknown_region",
                "没有这个区划代码",
                "There is no region with this code",
            ));
        }
        let Some(id) = &post.org else {
            return match kind {
                Kind::Org(_) => Err(field(
                    "org",
                    "org_required",
                    "此角色须选定所属单位",
                    "This role needs an organisation",
                )),
                Kind::Apart => Ok(()),
            };
        };
        let org = self.ctx.county.orgs.get(id).ok_or_else(|| {
            field(
                "org",
                "unknown_org",
                "没有这个单位",
                "There is no such organisation",
            )
        })?;
        if let Kind::Org(kind) = kind
            && org.kind != kind
        {
            return Err(field(
                "role",
                "role_differs_from_org",
                "角色与单位类型不符",
                "The role does not fit this kind of organisation",
            ));
        }
        if !org.region.contains(post.region) {
            return Err(field(
                "region",
                "outside_org",
                "岗位范围超出该单位的区域",
                "The post reaches beyond the organisation's region",
            ));
        }
        Ok(())
    }
}

/// What a role needs to be a post.
enum Kind {
    /// An organisation of this kind.
    Org(OrgKind),
    /// None: it stands apart from those who handle.
    Apart,
}

fn kind_of(role: Role) -> Option<Kind> {
    match role {
        Role::Centre => Some(Kind::Org(OrgKind::Centre)),
        Role::CommandRoom => Some(Kind::Org(OrgKind::CommandRoom)),
        Role::Platform => Some(Kind::Org(OrgKind::Platform)),
        Role::Unit => Some(Kind::Org(OrgKind::Unit)),
        Role::Village => Some(Kind::Org(OrgKind::Village)),
        Role::Grid => Some(Kind::Org(OrgKind::GridTeam)),
        Role::Leader => Some(Kind::Org(OrgKind::Leaders)),
        Role::Auditor | Role::Administrator => Some(Kind::Apart),
        Role::Reporter | Role::Source | Role::Reader | Role::Wall | Role::Rule => None,
    }
}

/// The family of duties a role belongs to; nobody holds posts of two.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Family {
    Handling,
    Administrating,
    Auditing,
}

fn family(role: Role) -> Family {
    match role {
        Role::Administrator => Family::Administrating,
        Role::Auditor => Family::Auditing,
        Role::Centre
        | Role::CommandRoom
        | Role::Platform
        | Role::Unit
        | Role::Village
        | Role::Grid
        | Role::Leader
        | Role::Reporter
        | Role::Source
        | Role::Reader
        | Role::Wall
        | Role::Rule => Family::Handling,
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A line of text for people: trimmed, not empty, without control characters.
fn line(at: &str, text: &str, longest: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let count = text.chars().count();
    if (1..=longest).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Refusal::field(
        at,
        "invalid_text",
        format!("请填写 1 至 {longest} 个字"),
        format!("Give 1 to {longest} characters"),
    ))
}

fn outside() -> Refusal {
    Refusal::new(
        Class::Forbidden,
        "outside_scope",
        "超出您的管辖范围",
        "This lies outside your region",
    )
}

fn forbidden() -> Refusal {
    Refusal::new(
        Class::Forbidden,
        "role_may_not",
        "您的岗位无权进行此项操作",
        "Your post does not allow this",
    )
}

fn unknown(zh: &str, en: &str) -> Refusal {
    Refusal::new(Class::NotFound, "not_found", zh, en)
}
