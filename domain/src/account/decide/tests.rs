//! Who may administer whom, case by case.

use super::*;
use crate::account::command::NewPerson;
use crate::account::event::{AccountEntry, Ended};
use crate::account::{Grant, Invite, PostRef, SignIn, Token, Way};
use crate::pack::testing::county;
use crate::time::Span;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub(super) struct Desk {
    pub(super) county: County,
    pub(super) directory: Directory,
    limits: SignInLimits,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            county: county(),
            directory: Directory::default(),
            limits: SignInLimits::default(),
        }
    }

    fn try_at(&self, at: Timestamp, who: &Actor, what: &AccountCommand) -> Decision {
        let ctx = Context {
            county: &self.county,
            now: at,
            limits: &self.limits,
        };
        decide(&self.directory, what, who, ctx)
    }

    pub(super) fn code(&self, who: &Actor, what: &AccountCommand) -> String {
        match self.try_at(NOW, who, what) {
            Ok(_) => "ok".to_owned(),
            Err(refusal) => refusal.code,
        }
    }

    pub(super) fn act(&mut self, who: &Actor, what: &AccountCommand) {
        let events = self.try_at(NOW, who, what).expect("allowed");
        for event in events {
            self.directory.apply(&AccountEntry {
                at: NOW,
                actor: who.clone(),
                event,
            });
        }
    }

    /// Somebody with one post, taken in by Gridlamp itself.
    pub(super) fn with(&mut self, id: &str, post: Post) -> Actor {
        let actor = Actor {
            id: id.to_owned(),
            role: post.role,
            org: post.org.clone(),
            scope: post.region,
            director: post.director,
            on_behalf_of: None,
        };
        self.act(&system(), &add(id, post));
        actor
    }

    pub(super) fn post(&self, role: Role, region: &str, director: bool) -> Post {
        let region = region.parse().expect("code");
        let kind = match kind_of(role) {
            Some(Kind::Org(kind)) => Some(kind),
            _ => None,
        };
        let org = kind.and_then(|kind| self.county.orgs.nearest(kind, region));
        Post {
            id: "p1".to_owned(),
            role,
            org: org.map(|org| org.id.clone()),
            region,
            director,
        }
    }
}

fn system() -> Actor {
    Actor::rule("cli", "330899".parse().expect("code"))
}

fn invite() -> Invite {
    Invite {
        hash: "h".to_owned(),
        until: NOW + Span::days(3),
    }
}

fn add(id: &str, post: Post) -> AccountCommand {
    AccountCommand::AddPerson {
        person: NewPerson {
            id: id.to_owned(),
            name: "王小明".to_owned(),
            phone: None,
            posts: vec![post],
        },
        invite: invite(),
    }
}

fn grant(post: Post, days: i64, on_behalf_of: Option<&str>) -> Grant {
    Grant {
        id: "g1".to_owned(),
        post,
        on_behalf_of: on_behalf_of.map(str::to_owned),
        from: NOW,
        until: NOW + Span::days(days),
        by: String::new(),
        reason: "出差".to_owned(),
    }
}

fn signed_in(person: &str, n: usize) -> SignIn {
    SignIn {
        id: format!("s{n}"),
        person: person.to_owned(),
        post: PostRef::Own("p1".to_owned()),
        hash: format!("hash{n}"),
        previous: None,
        started_at: NOW + Span::secs(n as i64),
        rotated_at: NOW + Span::secs(n as i64),
        address: "10.0.0.1".to_owned(),
        agent: "test".to_owned(),
        way: Way::Password,
    }
}

#[test]
fn an_administrator_takes_people_in_within_their_region_only() {
    let mut desk = Desk::new();
    let east = desk.post(Role::Administrator, "330899101", false);
    let admin = desk.with("east", east);
    let near = desk.post(Role::CommandRoom, "330899101", false);
    let far = desk.post(Role::CommandRoom, "330899102", false);
    assert_eq!(desk.code(&admin, &add("near", near.clone())), "ok");
    assert_eq!(desk.code(&admin, &add("far", far.clone())), "outside_scope");
    let director = desk.with("boss", near.clone());
    assert_eq!(desk.code(&director, &add("x1", near)), "role_may_not");
    desk.with("other", far.clone());
    let set = AccountCommand::SetPosts {
        id: "other".to_owned(),
        posts: vec![far],
    };
    assert_eq!(desk.code(&admin, &set), "not_found");
}

#[test]
fn nobody_raises_themselves() {
    let mut desk = Desk::new();
    let post = desk.post(Role::Administrator, "330899", false);
    let admin = desk.with("admin", post.clone());
    desk.with("second", post.clone());
    let posts = vec![desk.post(Role::Administrator, "330899101", false)];
    let own = AccountCommand::SetPosts {
        id: "admin".to_owned(),
        posts: posts.clone(),
    };
    assert_eq!(desk.code(&admin, &own), "not_for_oneself");
    let lend = AccountCommand::Grant {
        id: "admin".to_owned(),
        grant: grant(posts[0].clone(), 1, None),
    };
    assert_eq!(desk.code(&admin, &lend), "not_for_oneself");
    let out = AccountCommand::DisablePerson {
        id: "admin".to_owned(),
        reason: "x".to_owned(),
    };
    assert_eq!(desk.code(&admin, &out), "not_for_oneself");
}

#[test]
fn somebody_is_left_who_can_take_people_in() {
    let mut desk = Desk::new();
    let post = desk.post(Role::Administrator, "330899", false);
    desk.with("admin", post.clone());
    let out = AccountCommand::DisablePerson {
        id: "admin".to_owned(),
        reason: "离职".to_owned(),
    };
    assert_eq!(desk.code(&system(), &out), "last_administrator");
    desk.with("second", post);
    assert_eq!(desk.code(&system(), &out), "ok");
}

#[test]
fn administrating_auditing_and_handling_are_kept_apart() {
    let desk = Desk::new();
    let mut both = add("two", desk.post(Role::Administrator, "330899", false));
    let AccountCommand::AddPerson { person, .. } = &mut both else {
        unreachable!()
    };
    let mut second = desk.post(Role::Auditor, "330899", false);
    second.id = "p2".to_owned();
    person.posts.push(second);
    assert_eq!(desk.code(&system(), &both), "duties_kept_apart");
}

#[test]
fn a_post_fits_its_organisation_and_stays_within_it() {
    let desk = Desk::new();
    let mut post = desk.post(Role::CommandRoom, "330899101", true);
    post.region = "330899".parse().expect("code");
    assert_eq!(
        desk.code(&system(), &add("ab", post.clone())),
        "outside_org"
    );
    post = desk.post(Role::CommandRoom, "330899101", true);
    post.role = Role::Platform;
    assert_eq!(
        desk.code(&system(), &add("ab", post.clone())),
        "role_differs_from_org"
    );
    post.org = None;
    assert_eq!(
        desk.code(&system(), &add("ab", post.clone())),
        "org_required"
    );
    post.role = Role::Wall;
    assert_eq!(desk.code(&system(), &add("ab", post)), "not_a_post");
    for id in ["a", "Ab", "-a", "a b", "王", ""] {
        let post = desk.post(Role::CommandRoom, "330899101", true);
        assert_eq!(desk.code(&system(), &add(id, post)), "invalid_id", "{id:?}");
    }
}

#[test]
fn a_director_lends_their_own_post_and_nothing_above_it() {
    let mut desk = Desk::new();
    let head = desk.post(Role::CommandRoom, "330899101", true);
    let director = desk.with("boss", head.clone());
    desk.with("deputy", desk.post(Role::CommandRoom, "330899101", false));
    let lend = |post: &Post, days, whom: Option<&str>| AccountCommand::Grant {
        id: "deputy".to_owned(),
        grant: grant(post.clone(), days, whom),
    };
    assert_eq!(desk.code(&director, &lend(&head, 7, Some("boss"))), "ok");
    assert_eq!(desk.code(&director, &lend(&head, 91, None)), "invalid_span");
    let centre = desk.post(Role::Centre, "330899", true);
    assert_eq!(
        desk.code(&director, &lend(&centre, 7, None)),
        "outside_scope"
    );
    let platform = desk.post(Role::Platform, "330899101", false);
    assert_eq!(
        desk.code(&director, &lend(&platform, 7, None)),
        "role_may_not"
    );
    assert_eq!(
        desk.code(&director, &lend(&head, 7, Some("deputy"))),
        "not_their_post"
    );
    desk.act(&director, &lend(&head, 7, Some("boss")));
    let mut there = signed_in("deputy", 1);
    there.post = PostRef::Granted("g1".to_owned());
    let acting = desk.directory.actor_of(&there, NOW).expect("holds");
    assert!(acting.director);
    assert_eq!(acting.on_behalf_of.as_deref(), Some("boss"));
    assert!(
        desk.directory
            .actor_of(&there, NOW + Span::days(7))
            .is_none()
    );
    // What was lent is not lent on.
    let on = AccountCommand::Grant {
        id: "boss".to_owned(),
        grant: grant(head, 1, None),
    };
    assert_eq!(desk.code(&acting, &on), "role_may_not");
}

#[test]
fn a_password_is_chosen_by_its_owner_or_by_the_link() {
    let mut desk = Desk::new();
    let admin = desk.with("admin", desk.post(Role::Administrator, "330899", false));
    let owner = desk.with("owner", desk.post(Role::Auditor, "330899", false));
    let set = |invite: Option<&str>| AccountCommand::SetPassword {
        id: "owner".to_owned(),
        hash: "x".to_owned(),
        invite: invite.map(str::to_owned),
        keep: None,
    };
    assert_eq!(desk.code(&admin, &set(None)), "link_over");
    assert_eq!(desk.code(&admin, &set(Some("wrong"))), "link_over");
    assert_eq!(desk.code(&owner, &set(None)), "ok");
    let reporter = Actor::new("?", Role::Reporter, desk.county.code);
    let late = desk.try_at(NOW + Span::days(3), &reporter, &set(Some("h")));
    assert!(late.is_err());
    desk.act(&reporter, &set(Some("h")));
    assert_eq!(desk.code(&reporter, &set(Some("h"))), "link_over");
}

#[test]
fn a_director_lets_walls_in_for_their_own_region_once_each() {
    let mut desk = Desk::new();
    let director = desk.with("boss", desk.post(Role::CommandRoom, "330899101", true));
    let member = desk.with("member", desk.post(Role::CommandRoom, "330899101", false));
    let pair = |scope: &str| AccountCommand::PairScreen {
        id: "w1".to_owned(),
        code: "AAAAA-BBBBB".to_owned(),
        name: "大厅".to_owned(),
        scope: scope.parse().expect("code"),
    };
    assert_eq!(desk.code(&member, &pair("330899101")), "director_required");
    assert_eq!(desk.code(&director, &pair("330899")), "outside_scope");
    assert_eq!(
        desk.code(&director, &pair("330899101999")),
        "unknown_region"
    );
    desk.act(&director, &pair("330899101"));
    assert_eq!(desk.code(&director, &pair("330899101")), "unknown_code");
    let wall = Actor::new("?", Role::Wall, desk.county.code);
    let claim = AccountCommand::ClaimScreen {
        code: "AAAAA-BBBBB".to_owned(),
        hash: "s".to_owned(),
    };
    desk.act(&wall, &claim);
    assert_eq!(desk.code(&wall, &claim), "claimed");
    let far = desk.with("far", desk.post(Role::CommandRoom, "330899102", true));
    let revoke = AccountCommand::RevokeScreen {
        id: "w1".to_owned(),
    };
    assert_eq!(desk.code(&far, &revoke), "outside_scope");
    desk.act(&director, &revoke);
    assert!(desk.directory.screen("w1").is_none());
}

#[test]
fn a_token_rotates_with_an_overlap_and_is_gone_when_revoked() {
    let mut desk = Desk::new();
    let admin = desk.with("admin", desk.post(Role::Administrator, "330899", false));
    let token = |role| {
        AccountCommand::CreateToken(Token {
            id: "t1".to_owned(),
            name: "12345".to_owned(),
            role,
            org: None,
            scope: "330899".parse().expect("code"),
            hash: "one".to_owned(),
            previous: None,
            created_at: NOW,
            rotated_at: None,
            until: None,
        })
    };
    assert_eq!(
        desk.code(&admin, &token(Role::Administrator)),
        "not_a_token"
    );
    desk.act(&admin, &token(Role::Source));
    let rotate = |days| AccountCommand::RotateToken {
        id: "t1".to_owned(),
        hash: "two".to_owned(),
        old_until: NOW + Span::days(days),
    };
    assert_eq!(desk.code(&admin, &rotate(8)), "invalid_span");
    desk.act(&admin, &rotate(1));
    let kept = desk.directory.token("t1").expect("token");
    assert_eq!(kept.hash, "two");
    assert_eq!(kept.previous, Some(("one".to_owned(), NOW + Span::days(1))));
    desk.act(
        &admin,
        &AccountCommand::RevokeToken {
            id: "t1".to_owned(),
        },
    );
    assert!(desk.directory.token("t1").is_none());
}

#[test]
fn sign_ins_end_with_the_person_the_password_and_the_eleventh_device() {
    let mut desk = Desk::new();
    let admin = desk.with("admin", desk.post(Role::Administrator, "330899", false));
    let owner = desk.with("owner", desk.post(Role::Centre, "330899", false));
    for n in 0..11 {
        desk.act(&owner, &AccountCommand::SignIn(signed_in("owner", n)));
    }
    assert_eq!(desk.directory.sign_ins().count(), 10);
    assert!(desk.directory.sign_in("s0").is_none());
    let chosen = AccountCommand::SetPassword {
        id: "owner".to_owned(),
        hash: "x".to_owned(),
        invite: None,
        keep: Some("s5".to_owned()),
    };
    desk.act(&owner, &chosen);
    assert_eq!(desk.directory.sign_ins().count(), 1);
    let end = AccountCommand::EndSignIn {
        id: "s5".to_owned(),
        why: Ended::Revoked,
    };
    let stranger = Actor::new("x", Role::Centre, desk.county.code);
    assert_eq!(desk.code(&stranger, &end), "role_may_not");
    assert_eq!(desk.code(&admin, &end), "ok");
    let out = AccountCommand::DisablePerson {
        id: "owner".to_owned(),
        reason: "离职".to_owned(),
    };
    desk.act(&admin, &out);
    assert_eq!(desk.directory.sign_ins().count(), 0);
    let again = AccountCommand::SignIn(signed_in("owner", 12));
    assert_eq!(desk.code(&owner, &again), "no_post");
}

#[test]
fn a_changed_secret_is_changed_once_for_two_requests_at_once() {
    let mut desk = Desk::new();
    let owner = desk.with("owner", desk.post(Role::Centre, "330899", false));
    desk.act(&owner, &AccountCommand::SignIn(signed_in("owner", 0)));
    let rotate = AccountCommand::RotateSignIn {
        id: "s0".to_owned(),
        hash: "new".to_owned(),
        old_until: NOW + Span::days(1),
    };
    let at = NOW + Span::hours(1);
    let events = desk.try_at(at, &owner, &rotate).expect("allowed");
    for event in events {
        let actor = owner.clone();
        desk.directory.apply(&AccountEntry { at, actor, event });
    }
    let kept = desk.directory.sign_in("s0").expect("sign-in");
    assert_eq!(
        kept.previous,
        Some(("hash0".to_owned(), at + desk.limits.grace))
    );
    let again = desk.try_at(at + Span::secs(5), &owner, &rotate);
    assert_eq!(again, Ok(Vec::new()));
}
