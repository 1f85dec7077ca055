//! People, their posts, what is lent to them, and how they prove themselves.

use super::{Ask, Decision, family, forbidden, is_name, line, outside, unknown};
use crate::account::command::NewPerson;
use crate::account::event::AccountEvent;
use crate::account::{Grant, Invite, Person, Post};
use crate::actor::Role;
use crate::refusal::{Class, Refusal};

/// Most posts of one person.
const MAX_POSTS: usize = 20;
/// Most posts lent to one person at a time.
const MAX_GRANTS: usize = 20;

impl Ask<'_> {
    pub(super) fn add_person(self, new: &NewPerson, invite: &Invite) -> Decision {
        if !is_person_id(&new.id) {
            return Err(Refusal::field(
                "/id",
                "invalid_id",
                "账号须为 2 至 32 个小写字母、数字或 . _ -，以字母或数字开头",
                "An account is 2 to 32 of a-z, 0-9, '.', '_' and '-', a letter or digit first",
            ));
        }
        self.check_posts(&new.posts)?;
        for post in &new.posts {
            self.require_administrator(post.region)?;
        }
        if self.directory.person(&new.id).is_some() {
            return Err(Refusal::field(
                "/id",
                "id_taken",
                "此账号已被使用",
                "This account is taken",
            ));
        }
        Ok(vec![AccountEvent::PersonAdded(Box::new(Person {
            id: new.id.clone(),
            name: line("/name", &new.name, 50)?,
            phone: phone(new.phone.as_deref())?,
            posts: new.posts.clone(),
            grants: Vec::new(),
            password: None,
            password_at: None,
            totp: None,
            subjects: std::collections::BTreeMap::new(),
            invite: Some(invite.clone()),
            disabled: false,
            created_at: self.ctx.now,
        }))])
    }

    pub(super) fn change_person(self, id: &str, name: &str, phone_: Option<&str>) -> Decision {
        let person = self.managed(id)?;
        Ok(vec![AccountEvent::PersonChanged {
            id: person.id.clone(),
            name: line("/name", name, 50)?,
            phone: phone(phone_)?,
        }])
    }

    pub(super) fn set_posts(self, id: &str, posts: &[Post]) -> Decision {
        let person = self.managed(id)?;
        self.not_oneself(id)?;
        self.check_posts(posts)?;
        for post in posts {
            self.require_administrator(post.region)?;
        }
        let stays = posts.iter().any(|post| self.runs_the_county(post));
        if !stays {
            self.not_the_last(person)?;
        }
        Ok(vec![AccountEvent::PostsSet {
            id: id.to_owned(),
            posts: posts.to_vec(),
        }])
    }

    pub(super) fn disable_person(self, id: &str, reason: &str) -> Decision {
        let person = self.managed(id)?;
        self.not_oneself(id)?;
        self.not_the_last(person)?;
        let reason = line("/reason", reason, 200)?;
        if person.disabled {
            return Ok(Vec::new());
        }
        Ok(vec![AccountEvent::PersonDisabled {
            id: id.to_owned(),
            reason,
        }])
    }

    pub(super) fn enable_person(self, id: &str) -> Decision {
        let person = self.managed(id)?;
        self.not_oneself(id)?;
        if !person.disabled {
            return Ok(Vec::new());
        }
        Ok(vec![AccountEvent::PersonEnabled { id: id.to_owned() }])
    }

    pub(super) fn invite(self, id: &str, invite: &Invite) -> Decision {
        let person = self.managed(id)?;
        if person.disabled {
            return Err(Refusal::new(
                Class::Refused,
                "person_disabled",
                "该账号已停用，请先启用",
                "This account is shut out; let it in first",
            ));
        }
        Ok(vec![AccountEvent::Invited {
            id: id.to_owned(),
            invite: invite.clone(),
        }])
    }

    /// One's own, or by the one-time link; nobody chooses another's password.
    pub(super) fn set_password(
        self,
        id: &str,
        hash: &str,
        invite: Option<&str>,
        keep: Option<&str>,
    ) -> Decision {
        let person = self.person(id)?;
        let by_link = invite.is_some_and(|given| {
            person
                .invite
                .as_ref()
                .is_some_and(|i| i.hash == given && self.ctx.now < i.until)
        });
        let own = invite.is_none() && (self.actor.id == id || self.is_system());
        if person.disabled || !(by_link || own) {
            return Err(Refusal::new(
                Class::Forbidden,
                "link_over",
                "此链接已失效，请向管理员索取新的链接",
                "This link no longer holds; ask your administrator for a new one",
            ));
        }
        Ok(vec![AccountEvent::PasswordSet {
            id: id.to_owned(),
            hash: hash.to_owned(),
            keep: keep.map(str::to_owned),
        }])
    }

    /// One's own; an administrator may only take it away, for somebody who lost their device.
    pub(super) fn set_totp(self, id: &str, secret: Option<&str>) -> Decision {
        if self.actor.id == id {
            self.person(id)?;
        } else {
            self.managed(id)?;
            if secret.is_some() {
                return Err(forbidden());
            }
        }
        Ok(vec![AccountEvent::TotpSet {
            id: id.to_owned(),
            secret: secret.map(str::to_owned),
        }])
    }

    /// One's own, or by an administrator; one outside identity is one person's only.
    pub(super) fn set_subject(self, id: &str, provider: &str, subject: Option<&str>) -> Decision {
        if self.actor.id == id {
            self.person(id)?;
        } else {
            self.managed(id)?;
        }
        let taken = subject.is_some_and(|subject| {
            self.directory.people().any(|person| {
                person.id != id && person.subjects.get(provider).is_some_and(|s| s == subject)
            })
        });
        if taken {
            return Err(Refusal::new(
                Class::Refused,
                "subject_taken",
                "该外部身份已绑定其他账号",
                "This outside identity belongs to another account",
            ));
        }
        Ok(vec![AccountEvent::SubjectSet {
            id: id.to_owned(),
            provider: provider.to_owned(),
            subject: subject.map(str::to_owned),
        }])
    }

    pub(super) fn grant(self, id: &str, grant: &Grant) -> Decision {
        self.not_oneself(id)?;
        let person = self.person(id)?;
        self.check_post("", &grant.post)?;
        self.may_lend(&grant.post)?;
        self.check_span(grant)?;
        check_family(person, &grant.post)?;
        if let Some(other) = &grant.on_behalf_of {
            self.check_stand_in(id, other, &grant.post)?;
        }
        let now = self.ctx.now;
        if person.grants.iter().filter(|g| g.until > now).count() >= MAX_GRANTS {
            return Err(too_many());
        }
        let grant = Grant {
            by: self.actor.id.clone(),
            reason: line("/reason", &grant.reason, 200)?,
            ..grant.clone()
        };
        Ok(vec![AccountEvent::Granted {
            id: id.to_owned(),
            grant: Box::new(grant),
        }])
    }

    pub(super) fn revoke_grant(self, id: &str, grant: &str) -> Decision {
        let person = self.person(id)?;
        let found = person.grants.iter().find(|g| g.id == grant);
        let found = found.ok_or_else(|| unknown("没有这项授权", "There is no such grant"))?;
        let concerned = found.by == self.actor.id
            || found.on_behalf_of.as_deref() == Some(self.actor.id.as_str());
        if !concerned {
            self.require_administrator(found.post.region)?;
        }
        Ok(vec![AccountEvent::GrantRevoked {
            id: id.to_owned(),
            grant: grant.to_owned(),
        }])
    }

    fn person(&self, id: &str) -> Result<&Person, Refusal> {
        self.directory
            .person(id)
            .ok_or_else(|| unknown("没有这个账号", "There is no such account"))
    }

    /// A person all of whose posts lie within the administrator's region. One that lies outside
    /// altogether does not exist for them.
    fn managed(&self, id: &str) -> Result<&Person, Refusal> {
        let person = self.person(id)?;
        if !matches!(self.actor.role, Role::Administrator | Role::Rule) {
            return Err(forbidden());
        }
        let inside = |post: &Post| self.is_system() || self.actor.covers(post.region);
        if person.posts.iter().all(inside) {
            Ok(person)
        } else if person.posts.iter().any(inside) {
            Err(outside())
        } else {
            Err(unknown("没有这个账号", "There is no such account"))
        }
    }

    fn not_oneself(self, id: &str) -> Result<(), Refusal> {
        if self.actor.id != id || self.is_system() {
            return Ok(());
        }
        Err(Refusal::new(
            Class::Forbidden,
            "not_for_oneself",
            "不能变更自己的岗位或授权，请由其他管理员办理",
            "Nobody changes their own posts; ask another administrator",
        ))
    }

    fn check_posts(self, posts: &[Post]) -> Result<(), Refusal> {
        if posts.is_empty() || posts.len() > MAX_POSTS {
            return Err(Refusal::field(
                "/posts",
                "invalid_posts",
                format!("请设置 1 至 {MAX_POSTS} 个岗位"),
                format!("Give 1 to {MAX_POSTS} posts"),
            ));
        }
        for (at, post) in posts.iter().enumerate() {
            self.check_post(&format!("/posts/{at}"), post)?;
            if posts[..at].iter().any(|other| other.id == post.id) {
                return Err(Refusal::field(
                    &format!("/posts/{at}/id"),
                    "post_id_taken",
                    "岗位编号重复",
                    "Two posts have this id",
                ));
            }
            if family(post.role) != family(posts[0].role) {
                return Err(kept_apart(&format!("/posts/{at}/role")));
            }
        }
        Ok(())
    }

    /// An administrator lends what they could give; a director only posts of their own
    /// organisation, and nothing above what they are themselves.
    fn may_lend(self, post: &Post) -> Result<(), Refusal> {
        if matches!(self.actor.role, Role::Administrator | Role::Rule) {
            return self.require_administrator(post.region);
        }
        self.require_director(post.region)?;
        let own = post.org.is_some() && post.org == self.actor.org && post.role == self.actor.role;
        // What was lent to them they do not lend on.
        if own && self.actor.on_behalf_of.is_none() {
            return Ok(());
        }
        Err(forbidden())
    }

    fn check_span(self, grant: &Grant) -> Result<(), Refusal> {
        let (now, from, until) = (self.ctx.now, grant.from, grant.until);
        if from < until && now < until && until.since(from) <= Grant::LONGEST {
            return Ok(());
        }
        let days = Grant::LONGEST.as_secs() / 86_400;
        Err(Refusal::field(
            "/until",
            "invalid_span",
            format!("授权须有起止时间，最长 {days} 天，且不能已经结束"),
            format!("A grant has a beginning and an end at most {days} days apart, not yet over"),
        ))
    }

    fn check_stand_in(self, id: &str, other: &str, post: &Post) -> Result<(), Refusal> {
        let holds = self.directory.person(other).is_some_and(|person| {
            person.posts.iter().any(|own| {
                own.role == post.role
                    && own.org == post.org
                    && own.region.contains(post.region)
                    && own.director >= post.director
            })
        });
        if holds && id != other {
            return Ok(());
        }
        Err(Refusal::field(
            "/on_behalf_of",
            "not_their_post",
            "被代理人没有这个岗位",
            "Whom they stand in for does not hold this post",
        ))
    }

    fn runs_the_county(self, post: &Post) -> bool {
        post.role == Role::Administrator && post.region == self.ctx.county.code
    }

    /// Somebody must be left who can take people in.
    fn not_the_last(self, person: &Person) -> Result<(), Refusal> {
        let runs = |p: &Person| !p.disabled && p.posts.iter().any(|q| self.runs_the_county(q));
        let others = self
            .directory
            .people()
            .any(|p| p.id != person.id && runs(p));
        if others || !runs(person) {
            return Ok(());
        }
        Err(Refusal::new(
            Class::Refused,
            "last_administrator",
            "这是最后一个县级管理员，请先指定另一个",
            "This is the county's last administrator; name another first",
        ))
    }
}

fn is_person_id(id: &str) -> bool {
    is_name(id, 32)
        && id.len() >= 2
        && !id.bytes().any(|b| b.is_ascii_uppercase())
        && id.as_bytes()[0].is_ascii_alphanumeric()
}

/// Digits, with the signs people write between them.
fn phone(given: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(text) = given.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b' '));
    if plain && (5..=15).contains(&digits) && text.len() <= 24 {
        return Ok(Some(text.to_owned()));
    }
    Err(Refusal::field(
        "/phone",
        "invalid_phone",
        "电话号码须为 5 至 15 位数字",
        "A phone number has 5 to 15 digits",
    ))
}

fn check_family(person: &Person, post: &Post) -> Result<(), Refusal> {
    let own = person.posts.first().map(|own| family(own.role));
    if own.is_some_and(|own| own != family(post.role)) {
        return Err(kept_apart("/role"));
    }
    Ok(())
}

fn kept_apart(at: &str) -> Refusal {
    Refusal::field(
        at,
        "duties_kept_apart",
        "系统管理、审计与业务岗位不能由同一人担任",
        "Administrating, auditing and handling are kept apart: one person holds posts of one kind",
    )
}

fn too_many() -> Refusal {
    Refusal::new(
        Class::Refused,
        "too_many_grants",
        format!("每人最多同时持有 {MAX_GRANTS} 项授权"),
        format!("One person holds at most {MAX_GRANTS} grants at a time"),
    )
}
