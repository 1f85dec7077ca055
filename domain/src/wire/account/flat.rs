//! [`Me`] as it lies on the wire, the actor's fields among its own. Read by name: serde's `flatten`
//! keeps every field aside until it knows whose it is, and that weighs on every family of the app.

use geodata::region::Code;
use serde::Deserialize;

use super::{Me, Position};
use crate::actor::{Actor, Clearance, Role};
use crate::pack::orgs::OrgId;

#[derive(Deserialize)]
pub(super) struct Flat {
    id: String,
    role: Role,
    #[serde(default)]
    org: Option<OrgId>,
    scope: Code,
    #[serde(default)]
    director: bool,
    #[serde(default)]
    on_behalf_of: Option<String>,
    name: String,
    scope_name: String,
    clearance: Clearance,
    screen: String,
    county: String,
    #[serde(default)]
    posts: Vec<Position>,
    #[serde(default)]
    sign_in: Option<String>,
    #[serde(default)]
    totp: bool,
}

impl From<Flat> for Me {
    fn from(flat: Flat) -> Self {
        Self {
            actor: Actor {
                id: flat.id,
                role: flat.role,
                org: flat.org,
                scope: flat.scope,
                director: flat.director,
                on_behalf_of: flat.on_behalf_of,
            },
            name: flat.name,
            scope_name: flat.scope_name,
            clearance: flat.clearance,
            screen: flat.screen,
            county: flat.county,
            posts: flat.posts,
            sign_in: flat.sign_in,
            totp: flat.totp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_looking_is_read_as_it_was_written() {
        let county: Code = "330899".parse().expect("code");
        let mut actor = Actor::new("wang", Role::CommandRoom, county);
        actor.org = Some("330899-10".parse().expect("id"));
        actor.director = true;
        actor.on_behalf_of = Some("li".to_owned());
        let me = Me {
            actor,
            name: "王".to_owned(),
            scope_name: "青溪县".to_owned(),
            clearance: Clearance::Full,
            screen: "/desk".to_owned(),
            county: "青溪县".to_owned(),
            posts: Vec::new(),
            sign_in: Some("1".to_owned()),
            totp: true,
        };
        let text = serde_json::to_string(&me).expect("JSON");
        assert!(text.starts_with(r#"{"id":"wang""#), "{text}");
        assert_eq!(serde_json::from_str::<Me>(&text).expect("me"), me);
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out() {
        let text = r#"{"id":"w","role":"wall","scope":"330899","name":"n","scope_name":"s",
            "clearance":"wall","screen":"/wall","county":"c","later":1}"#;
        let me: Me = serde_json::from_str(text).expect("me");
        assert_eq!(me.actor.org, None);
        assert!(me.posts.is_empty() && !me.totp);
    }
}
