//! What a person's record means in words. Pure but for the names.

use domain::account::Post;
use domain::wire::account::PersonView;
use leptos::prelude::Get;

use crate::i18n::{Text, admin as a, desk as d};
use crate::session::{Session, role_name};

/// Where a person stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// They can sign in.
    Active,
    /// A link waits for them.
    Invited,
    /// They have no password and no link.
    Lapsed,
    /// They must wait after wrong passwords.
    Locked,
    /// They are shut out.
    Disabled,
}

impl State {
    /// Its name for styles and checks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Lapsed => "lapsed",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
        }
    }

    /// Its word.
    pub fn text(self) -> Text {
        match self {
            Self::Active => a::STATE_ACTIVE,
            Self::Invited => a::STATE_INVITED,
            Self::Lapsed => a::STATE_LAPSED,
            Self::Locked => a::STATE_LOCKED,
            Self::Disabled => a::STATE_DISABLED,
        }
    }
}

/// Where a person stands at `now_ms`; what shuts them out counts first.
pub fn state(person: &PersonView, now_ms: i64) -> State {
    let is_ahead = |at: Option<domain::time::Timestamp>| at.is_some_and(|at| at.millis() > now_ms);
    if person.disabled {
        State::Disabled
    } else if is_ahead(person.locked_until) {
        State::Locked
    } else if person.has_password {
        State::Active
    } else if is_ahead(person.invited_until) {
        State::Invited
    } else {
        State::Lapsed
    }
}

/// A post in few words: role, organisation or region, head.
pub fn post_words(session: Session, post: &Post) -> String {
    let lang = session.tongue.0.get();
    let place = post.org.as_ref().map_or_else(
        || session.region(post.region),
        |org| session.org(org.as_str()),
    );
    let head = if post.director {
        format!(" · {}", session.tongue.t(d::HEAD))
    } else {
        String::new()
    };
    format!("{} · {place}{head}", role_name(lang, post.role))
}

/// An id for a new post that no other post of the person has.
pub fn free_post_id(taken: &[String]) -> String {
    // Among one more numbers than there are posts, one is free.
    (1..=taken.len() + 1)
        .map(|n| format!("p{n}"))
        .find(|id| !taken.contains(id))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;

    fn person() -> PersonView {
        PersonView {
            id: "wang".to_owned(),
            name: "王".to_owned(),
            phone: None,
            posts: Vec::new(),
            grants: Vec::new(),
            has_password: true,
            totp: false,
            invited_until: None,
            disabled: false,
            locked_until: None,
            created_at: Timestamp::from_millis(0),
            seen_at: None,
        }
    }

    #[test]
    fn what_shuts_out_counts_first() {
        let later = Some(Timestamp::from_millis(10));
        assert_eq!(state(&person(), 5), State::Active);
        let locked = PersonView {
            locked_until: later,
            ..person()
        };
        assert_eq!(state(&locked, 5), State::Locked);
        assert_eq!(state(&locked, 10), State::Active);
        let gone = PersonView {
            disabled: true,
            ..locked
        };
        assert_eq!(state(&gone, 5), State::Disabled);
        let fresh = PersonView {
            has_password: false,
            invited_until: later,
            ..person()
        };
        assert_eq!(state(&fresh, 5), State::Invited);
        assert_eq!(state(&fresh, 11), State::Lapsed);
    }

    #[test]
    fn a_new_post_gets_an_id_of_its_own() {
        assert_eq!(free_post_id(&["main".to_owned(), "p1".to_owned()]), "p2");
        assert_eq!(free_post_id(&[]), "p1");
    }
}
