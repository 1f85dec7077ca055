//! Directory + event -> directory.

use super::event::{AccountEntry, AccountEvent};
use super::shift::{KEPT, Shift};
use super::{Directory, Person, Screen, SignIn, Token};
use crate::pack::orgs::OrgId;

impl Directory {
    /// Folds one entry. What speaks of somebody unknown changes nothing.
    pub fn apply(&mut self, entry: &AccountEntry) {
        match &entry.event {
            AccountEvent::PersonAdded(_)
            | AccountEvent::PersonChanged { .. }
            | AccountEvent::PostsSet { .. }
            | AccountEvent::PersonDisabled { .. }
            | AccountEvent::PersonEnabled { .. }
            | AccountEvent::Invited { .. }
            | AccountEvent::PasswordSet { .. }
            | AccountEvent::TotpSet { .. }
            | AccountEvent::SubjectSet { .. }
            | AccountEvent::Granted { .. }
            | AccountEvent::GrantRevoked { .. } => self.apply_person(entry),
            AccountEvent::TokenCreated(_)
            | AccountEvent::TokenRotated { .. }
            | AccountEvent::TokenRevoked { .. } => self.apply_token(entry),
            AccountEvent::ScreenPaired(_)
            | AccountEvent::ScreenClaimed { .. }
            | AccountEvent::ScreenChanged { .. }
            | AccountEvent::ScreenRevoked { .. } => self.apply_screen(entry),
            AccountEvent::SignedIn(_)
            | AccountEvent::SignInRotated { .. }
            | AccountEvent::PostSwitched { .. }
            | AccountEvent::SignInEnded { .. } => self.apply_sign_in(entry),
            AccountEvent::ShiftBegan { .. }
            | AccountEvent::ShiftOffered { .. }
            | AccountEvent::ShiftOfferWithdrawn { .. }
            | AccountEvent::ShiftTaken { .. }
            | AccountEvent::ShiftEnded { .. } => self.apply_shift(entry),
        }
    }

    fn apply_person(&mut self, entry: &AccountEntry) {
        match &entry.event {
            AccountEvent::PersonAdded(person) => {
                self.people.insert(person.id.clone(), (**person).clone());
            }
            AccountEvent::PersonChanged { id, name, phone } => self.with_person(id, |person| {
                person.name.clone_from(name);
                person.phone.clone_from(phone);
            }),
            AccountEvent::PostsSet { id, posts } => {
                self.with_person(id, |person| person.posts.clone_from(posts));
            }
            AccountEvent::PersonDisabled { id, .. } => {
                self.with_person(id, |person| {
                    person.disabled = true;
                    person.invite = None;
                });
                self.sign_ins.retain(|_, sign_in| sign_in.person != *id);
            }
            AccountEvent::PersonEnabled { id } => {
                self.with_person(id, |person| person.disabled = false);
            }
            AccountEvent::Invited { id, invite } => {
                self.with_person(id, |person| person.invite = Some(invite.clone()));
            }
            AccountEvent::PasswordSet { id, hash, keep } => {
                self.with_person(id, |person| {
                    person.password = Some(hash.clone());
                    person.password_at = Some(entry.at);
                    person.invite = None;
                });
                self.sign_ins
                    .retain(|key, sign_in| sign_in.person != *id || Some(key) == keep.as_ref());
            }
            AccountEvent::TotpSet { id, secret } => {
                self.with_person(id, |person| person.totp.clone_from(secret));
            }
            AccountEvent::SubjectSet {
                id,
                provider,
                subject,
            } => self.with_person(id, |person| match subject {
                Some(subject) => {
                    person.subjects.insert(provider.clone(), subject.clone());
                }
                None => {
                    person.subjects.remove(provider);
                }
            }),
            AccountEvent::Granted { id, grant } => {
                self.with_person(id, |person| person.grants.push((**grant).clone()));
            }
            AccountEvent::GrantRevoked { id, grant } => {
                self.with_person(id, |person| person.grants.retain(|g| g.id != *grant));
            }
            _ => {}
        }
    }

    fn apply_token(&mut self, entry: &AccountEntry) {
        match &entry.event {
            AccountEvent::TokenCreated(token) => {
                self.tokens.insert(token.id.clone(), (**token).clone());
            }
            AccountEvent::TokenRotated {
                id,
                hash,
                old_until,
            } => self.with_token(id, |token| {
                let old = std::mem::replace(&mut token.hash, hash.clone());
                token.previous = Some((old, *old_until));
                token.rotated_at = Some(entry.at);
            }),
            AccountEvent::TokenRevoked { id } => {
                self.tokens.remove(id);
            }
            _ => {}
        }
    }

    fn apply_screen(&mut self, entry: &AccountEntry) {
        match &entry.event {
            AccountEvent::ScreenPaired(screen) => {
                self.screens.insert(screen.id.clone(), (**screen).clone());
            }
            AccountEvent::ScreenClaimed { id, hash } => {
                self.with_screen(id, |screen| screen.hash = Some(hash.clone()));
            }
            AccountEvent::ScreenChanged { id, name, scope } => self.with_screen(id, |screen| {
                screen.name.clone_from(name);
                screen.scope = *scope;
            }),
            AccountEvent::ScreenRevoked { id } => {
                self.screens.remove(id);
            }
            _ => {}
        }
    }

    fn apply_shift(&mut self, entry: &AccountEntry) {
        let begun = || Shift {
            person: entry.actor.id.clone(),
            since: entry.at,
            offer: None,
        };
        match &entry.event {
            AccountEvent::ShiftBegan { org } => {
                self.rooms.entry(org.clone()).or_default().now = Some(begun());
            }
            AccountEvent::ShiftOffered { org, offer } => self.with_shift(org, |shift| {
                shift.offer = Some((**offer).clone());
            }),
            AccountEvent::ShiftOfferWithdrawn { org } => {
                self.with_shift(org, |shift| shift.offer = None);
            }
            AccountEvent::ShiftTaken { org, hand_over } => {
                let room = self.rooms.entry(org.clone()).or_default();
                room.now = Some(begun());
                room.past.push((**hand_over).clone());
                let old = room.past.len().saturating_sub(KEPT);
                room.past.drain(..old);
            }
            AccountEvent::ShiftEnded { org } => {
                if let Some(room) = self.rooms.get_mut(org) {
                    room.now = None;
                }
            }
            _ => {}
        }
    }

    fn with_shift(&mut self, org: &OrgId, change: impl FnOnce(&mut Shift)) {
        let room = self.rooms.get_mut(org);
        if let Some(shift) = room.and_then(|room| room.now.as_mut()) {
            change(shift);
        }
    }

    fn apply_sign_in(&mut self, entry: &AccountEntry) {
        match &entry.event {
            AccountEvent::SignedIn(sign_in) => {
                self.sign_ins
                    .insert(sign_in.id.clone(), (**sign_in).clone());
            }
            AccountEvent::SignInRotated {
                id,
                hash,
                old_until,
            } => self.with_sign_in(id, |sign_in| {
                let old = std::mem::replace(&mut sign_in.hash, hash.clone());
                sign_in.previous = Some((old, *old_until));
                sign_in.rotated_at = entry.at;
            }),
            AccountEvent::PostSwitched { id, post, hash } => self.with_sign_in(id, |sign_in| {
                sign_in.post = post.clone();
                // The old secret stood for the old post: it passes no more.
                let old = std::mem::replace(&mut sign_in.hash, hash.clone());
                sign_in.previous = Some((old, entry.at));
                sign_in.rotated_at = entry.at;
            }),
            AccountEvent::SignInEnded { id, .. } => {
                self.sign_ins.remove(id);
            }
            _ => {}
        }
    }

    fn with_person(&mut self, id: &str, change: impl FnOnce(&mut Person)) {
        if let Some(found) = self.people.get_mut(id) {
            change(found);
        }
    }

    fn with_token(&mut self, id: &str, change: impl FnOnce(&mut Token)) {
        if let Some(found) = self.tokens.get_mut(id) {
            change(found);
        }
    }

    fn with_screen(&mut self, id: &str, change: impl FnOnce(&mut Screen)) {
        if let Some(found) = self.screens.get_mut(id) {
            change(found);
        }
    }

    fn with_sign_in(&mut self, id: &str, change: impl FnOnce(&mut SignIn)) {
        if let Some(found) = self.sign_ins.get_mut(id) {
            change(found);
        }
    }
}
