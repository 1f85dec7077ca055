//! Sign-ins: begun, renewed, moved to another post, ended.

use super::{Ask, Decision, forbidden, unknown};
use crate::account::event::{AccountEvent, Ended};
use crate::account::{PostRef, SignIn};
use crate::actor::Role;
use crate::refusal::{Class, Refusal};
use crate::time::Timestamp;

/// Devices one person is signed in on at a time; the oldest makes room.
const MAX_SIGN_INS: usize = 10;

impl Ask<'_> {
    /// The server has seen the proof; whether they may enter at all is decided here.
    pub(super) fn sign_in(self, sign_in: &SignIn) -> Decision {
        if self.directory.post_of(sign_in, self.ctx.now).is_none() {
            return Err(Refusal::new(
                Class::Forbidden,
                "no_post",
                "该账号没有可用的岗位，请联系管理员",
                "This account has no post to act in; ask your administrator",
            ));
        }
        let mut own: Vec<&SignIn> = self
            .directory
            .sign_ins()
            .filter(|other| other.person == sign_in.person)
            .collect();
        own.sort_unstable_by_key(|other| other.started_at);
        let over = (own.len() + 1).saturating_sub(MAX_SIGN_INS);
        let mut events: Vec<_> = own[..over]
            .iter()
            .map(|old| AccountEvent::SignInEnded {
                id: old.id.clone(),
                why: Ended::Expired,
            })
            .collect();
        events.push(AccountEvent::SignedIn(Box::new(sign_in.clone())));
        Ok(events)
    }

    pub(super) fn rotate_sign_in(self, id: &str, hash: &str, old_until: Timestamp) -> Decision {
        let sign_in = self.own_sign_in(id)?;
        // Two requests at once ask twice; the first one's secret stands.
        if self.ctx.now.since(sign_in.rotated_at) < self.ctx.limits.grace
            && sign_in.rotated_at > sign_in.started_at
        {
            return Ok(Vec::new());
        }
        let latest = self.ctx.now + self.ctx.limits.grace;
        Ok(vec![AccountEvent::SignInRotated {
            id: id.to_owned(),
            hash: hash.to_owned(),
            old_until: old_until.min(latest),
        }])
    }

    pub(super) fn switch_post(self, id: &str, post: &PostRef, hash: &str) -> Decision {
        let sign_in = self.own_sign_in(id)?;
        let there = SignIn {
            post: post.clone(),
            ..sign_in.clone()
        };
        if self.directory.post_of(&there, self.ctx.now).is_none() {
            return Err(Refusal::field(
                "/post",
                "not_your_post",
                "您没有这个岗位，或授权已到期",
                "You do not hold this post, or it was lent for a time that is over",
            ));
        }
        Ok(vec![AccountEvent::PostSwitched {
            id: id.to_owned(),
            post: post.clone(),
            hash: hash.to_owned(),
        }])
    }

    /// By its owner, by an administrator of the region it acts in, or by Gridlamp.
    pub(super) fn end_sign_in(self, id: &str, why: Ended) -> Decision {
        let found = self.directory.sign_in(id);
        let sign_in = found.ok_or_else(|| unknown("没有这次登录", "There is no such sign-in"))?;
        if sign_in.person != self.actor.id && !self.is_system() {
            let region = self
                .directory
                .post_of(sign_in, self.ctx.now)
                .map_or(self.ctx.county.code, |(post, _)| post.region);
            self.require_administrator(region)?;
        }
        Ok(vec![AccountEvent::SignInEnded {
            id: id.to_owned(),
            why,
        }])
    }

    fn own_sign_in(&self, id: &str) -> Result<&SignIn, Refusal> {
        let found = self.directory.sign_in(id);
        let sign_in = found.ok_or_else(|| unknown("没有这次登录", "There is no such sign-in"))?;
        if sign_in.person == self.actor.id || self.actor.role == Role::Rule {
            Ok(sign_in)
        } else {
            Err(forbidden())
        }
    }
}
