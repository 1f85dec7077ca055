//! Bearer tokens of other systems.

use super::{Ask, Decision, Family, family, line, unknown};
use crate::account::Token;
use crate::account::event::AccountEvent;
use crate::actor::Role;
use crate::refusal::Refusal;
use crate::time::{Span, Timestamp};

/// The longest that an old token holds beside the new one.
const LONGEST_OVERLAP: Span = Span::days(7);

impl Ask<'_> {
    pub(super) fn create_token(self, token: &Token) -> Decision {
        self.require_region(token.scope)?;
        self.require_administrator(token.scope)?;
        if !may_be_a_token(token.role) {
            return Err(Refusal::field(
                "/role",
                "not_a_token",
                "令牌不能使用此角色",
                "No token can hold this role",
            ));
        }
        if let Some(org) = &token.org
            && self.ctx.county.orgs.get(org).is_none()
        {
            return Err(Refusal::field(
                "/org",
                "unknown_org",
                "没有这个单位",
                "There is no such organisation",
            ));
        }
        if token.until.is_some_and(|until| until <= self.ctx.now) {
            return Err(Refusal::field(
                "/until",
                "invalid_span",
                "到期时间须在将来",
                "The end must lie in the future",
            ));
        }
        let name = line("/name", &token.name, 64)?;
        Ok(vec![AccountEvent::TokenCreated(Box::new(Token {
            name,
            created_at: self.ctx.now,
            previous: None,
            rotated_at: None,
            ..token.clone()
        }))])
    }

    pub(super) fn rotate_token(self, id: &str, hash: &str, old_until: Timestamp) -> Decision {
        self.managed_token(id)?;
        let now = self.ctx.now;
        if old_until < now || old_until.since(now) > LONGEST_OVERLAP {
            return Err(Refusal::field(
                "/overlap_hours",
                "invalid_span",
                "旧令牌最多再保留 7 天",
                "The old token holds at most 7 days more",
            ));
        }
        Ok(vec![AccountEvent::TokenRotated {
            id: id.to_owned(),
            hash: hash.to_owned(),
            old_until,
        }])
    }

    pub(super) fn revoke_token(self, id: &str) -> Decision {
        self.managed_token(id)?;
        Ok(vec![AccountEvent::TokenRevoked { id: id.to_owned() }])
    }

    fn managed_token(&self, id: &str) -> Result<&Token, Refusal> {
        if !matches!(self.actor.role, Role::Administrator | Role::Rule) {
            return Err(super::forbidden());
        }
        self.directory
            .token(id)
            .filter(|token| self.is_system() || self.actor.covers(token.scope))
            .ok_or_else(|| unknown("没有这个令牌", "There is no such token"))
    }
}

/// Systems post, read, or act for those who handle; they neither administer nor audit.
fn may_be_a_token(role: Role) -> bool {
    match role {
        Role::Source | Role::Reader => true,
        Role::Wall | Role::Rule | Role::Reporter => false,
        other => family(other) == Family::Handling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_administers_or_audits() {
        assert!(may_be_a_token(Role::Source));
        assert!(may_be_a_token(Role::Unit));
        assert!(!may_be_a_token(Role::Administrator));
        assert!(!may_be_a_token(Role::Auditor));
        assert!(!may_be_a_token(Role::Wall));
    }
}
