//! Which account a request is about, and what of it changed.

use domain::account::Directory;
use geodata::region::Code;
use serde_json::{Map, Value, json};

/// An account, by its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    Person(String),
    Token(String),
    Screen(String),
    SignIn(String),
}

impl Subject {
    /// Of a route of the API with its path. `named` is what the handler says it is about, where
    /// the path does not; `own` who asks.
    pub(super) fn of(
        route: &str,
        path: &str,
        named: Option<&str>,
        own: Option<&str>,
    ) -> Option<Self> {
        let id = route
            .split('/')
            .zip(path.split('/'))
            .find(|(name, _)| *name == "{id}")
            .map(|(_, id)| id)
            .or(named);
        let mut words = route.trim_start_matches("/api/v1/").split('/');
        match (words.next()?, words.next()) {
            ("people", _) => id.map(|id| Self::Person(id.to_owned())),
            ("tokens", _) => id.map(|id| Self::Token(id.to_owned())),
            ("walls", _) => id.map(|id| Self::Screen(id.to_owned())),
            ("sign-ins", _) | ("me", Some("sign-ins")) => id.map(|id| Self::SignIn(id.to_owned())),
            ("me", Some(_)) => own.map(|own| Self::Person(own.to_owned())),
            ("welcome", _) => named.map(|id| Self::Person(id.to_owned())),
            _ => None,
        }
    }

    /// As it stands in a directory, with the region it belongs to.
    pub(super) fn state(&self, directory: &Directory) -> Option<(Option<Code>, Value)> {
        match self {
            Self::Person(id) => {
                let person = directory.person(id)?;
                Some((home(directory, id), json!(person)))
            }
            Self::Token(id) => directory.token(id).map(|t| (Some(t.scope), json!(t))),
            Self::Screen(id) => directory.screen(id).map(|s| (Some(s.scope), json!(s))),
            Self::SignIn(id) => {
                let sign_in = directory.sign_in(id)?;
                Some((home(directory, &sign_in.person), json!(sign_in)))
            }
        }
    }
}

/// Where a person's first post is.
pub(super) fn home(directory: &Directory, person: &str) -> Option<Code> {
    let post = directory.person(person)?.posts.first()?;
    Some(post.region)
}

/// Of two states, what differs; nothing of what is the same in both.
pub(super) fn change(
    before: Option<Value>,
    after: Option<Value>,
) -> (Option<Value>, Option<Value>) {
    match (before, after) {
        (Some(Value::Object(mut before)), Some(Value::Object(mut after))) => {
            let same: Vec<String> = before
                .iter()
                .filter(|(name, value)| after.get(*name) == Some(*value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in same {
                before.remove(&name);
                after.remove(&name);
            }
            (some(before), some(after))
        }
        (before, after) => (before, after),
    }
}

fn some(fields: Map<String, Value>) -> Option<Value> {
    (!fields.is_empty()).then_some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_says_whom_it_is_about() {
        let of = |route: &str, path: &str| Subject::of(route, path, Some("n"), Some("me"));
        let person = |id: &str| Some(Subject::Person(id.to_owned()));
        assert_eq!(
            of("/api/v1/people/{id}/grants", "/api/v1/people/li/grants"),
            person("li")
        );
        assert_eq!(of("/api/v1/people", "/api/v1/people"), person("n"));
        assert_eq!(
            of("/api/v1/me/password", "/api/v1/me/password"),
            person("me")
        );
        assert_eq!(
            of("/api/v1/me/sign-ins/{id}", "/api/v1/me/sign-ins/7"),
            Some(Subject::SignIn("7".to_owned()))
        );
        assert_eq!(
            of("/api/v1/walls/{id}", "/api/v1/walls/w"),
            Some(Subject::Screen("w".to_owned()))
        );
        assert_eq!(of("/api/v1/incidents/{id}", "/api/v1/incidents/7"), None);
        assert_eq!(of("", "/x"), None);
    }

    #[test]
    fn only_what_differs_is_kept() {
        let (before, after) = change(
            Some(json!({"id": "li", "name": "李", "phone": "1"})),
            Some(json!({"id": "li", "name": "李强"})),
        );
        assert_eq!(before, Some(json!({"name": "李", "phone": "1"})));
        assert_eq!(after, Some(json!({"name": "李强"})));
        assert_eq!(
            change(Some(json!({"a": 1})), Some(json!({"a": 1}))),
            (None, None)
        );
        let (gone, nothing) = change(Some(json!({"a": 1})), None);
        assert_eq!((gone, nothing), (Some(json!({"a": 1})), None));
    }
}
