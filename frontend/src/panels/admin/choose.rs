//! Choosing a region, an organisation or a role: what is offered, and the pickers that offer it.

use std::sync::Arc;

use domain::actor::Role;
use domain::pack::orgs::OrgKind;
use geodata::region::{Code, Level};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use crate::i18n::{Lang, Text};
use crate::session::{Session, role_name, session};
use crate::ui::picker::{Asked, Choice, LISTED, Picker};
use crate::words::Words;

/// An organisation as `GET /orgs` lists it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Org {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name in English; may be empty.
    #[serde(default)]
    pub en: String,
    /// What it is.
    pub kind: OrgKind,
    /// The region it works for.
    pub region: Code,
}

impl Org {
    /// Its name in a language.
    pub fn name_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.name,
        }
    }
}

/// The organisations in one's region, once for all panels. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Orgs(pub RwSignal<Option<Arc<Vec<Org>>>>);

/// Loads the organisations for everything below.
pub fn provide_orgs(session: Session) -> Orgs {
    let orgs = Orgs(RwSignal::new(None));
    provide_context(orgs);
    spawn_local(async move {
        if let Ok(found) = session.get::<Vec<Org>>("/api/v1/orgs").await {
            orgs.0.try_set(Some(Arc::new(found)));
        }
    });
    orgs
}

/// What an organisation must be for a role; none for a role that needs none.
pub fn kind_for(role: Role) -> Option<OrgKind> {
    match role {
        Role::Centre => Some(OrgKind::Centre),
        Role::CommandRoom => Some(OrgKind::CommandRoom),
        Role::Platform => Some(OrgKind::Platform),
        Role::Unit => Some(OrgKind::Unit),
        Role::Village => Some(OrgKind::Village),
        Role::Grid => Some(OrgKind::GridTeam),
        Role::Leader => Some(OrgKind::Leaders),
        Role::Auditor
        | Role::Administrator
        | Role::Reporter
        | Role::Source
        | Role::Reader
        | Role::Wall
        | Role::Rule => None,
    }
}

/// Roles that a person can hold.
pub const POSTS: [Role; 9] = [
    Role::Centre,
    Role::CommandRoom,
    Role::Platform,
    Role::Unit,
    Role::Village,
    Role::Grid,
    Role::Leader,
    Role::Auditor,
    Role::Administrator,
];

/// Roles that a token can hold, the usual ones first.
pub const TOKENS: [Role; 9] = [
    Role::Source,
    Role::Reader,
    Role::Centre,
    Role::CommandRoom,
    Role::Platform,
    Role::Unit,
    Role::Village,
    Role::Grid,
    Role::Leader,
];

/// The name of a role on the wire.
pub fn role_code(role: Role) -> String {
    serde_json::to_value(role)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The role of this name.
pub fn role_of(code: &str) -> Option<Role> {
    serde_json::from_value(code.into()).ok()
}

/// Roles as options of a select.
pub fn role_options(session: Session, roles: &'static [Role]) -> Signal<Vec<(String, String)>> {
    Signal::derive(move || {
        let lang = session.tongue.0.get();
        let option = |role: &Role| (role_code(*role), capital(role_name(lang, *role)));
        roles.iter().map(option).collect()
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// The regions that fit what was typed; with nothing typed, those right inside of `inside`.
pub fn regions(words: &Words, scope: Code, query: &str, inside: Option<Code>) -> Vec<Choice> {
    let all = words.regions();
    let query = query.trim().to_lowercase();
    let base = inside.unwrap_or(scope);
    let fits = |code: Code, name: &str| {
        if query.is_empty() {
            code == base || code.parent() == Some(base)
        } else {
            name.to_lowercase().contains(&query) || code.to_string().starts_with(&query)
        }
    };
    all.iter()
        .filter(|(code, name)| scope.contains(*code) && fits(*code, name))
        .take(LISTED)
        .map(|(code, name)| Choice {
            id: code.to_string(),
            name: (*name).to_owned(),
            note: path_of(words, *code),
            opens: code.level() < Level::Grid && (*code != base || !query.is_empty()),
        })
        .collect()
}

/// Where a region lies: the names above it, the county's left out; its code if there are none.
fn path_of(words: &Words, code: Code) -> String {
    let above: Vec<String> = code
        .ancestors()
        .filter(|at| *at != code && at.level() > Level::County)
        .map(|at| words.region(at))
        .collect();
    let above: Vec<&str> = above.iter().rev().map(String::as_str).collect();
    if above.is_empty() {
        code.to_string()
    } else {
        format!("{} · {code}", above.join(" · "))
    }
}

/// The organisations that fit what was typed, of one kind if a role asks for it.
pub fn orgs(all: &[Org], lang: Lang, query: &str, kind: Option<OrgKind>) -> Vec<Choice> {
    let query = query.trim().to_lowercase();
    let fits = |org: &&Org| {
        kind.is_none_or(|kind| org.kind == kind)
            && (query.is_empty()
                || [&org.name, &org.en, &org.id]
                    .iter()
                    .any(|text| text.to_lowercase().contains(&query)))
    };
    all.iter()
        .filter(fits)
        .take(LISTED)
        .map(|org| Choice {
            id: org.id.clone(),
            name: org.name_in(lang).to_owned(),
            note: org.id.clone(),
            opens: false,
        })
        .collect()
}

/// Chooses a region within one's own.
#[component]
pub fn RegionField(
    /// What it asks for.
    label: Text,
    /// Its code.
    value: RwSignal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let asked = Asked::default();
    let choices = Memo::new(move |_| {
        let inside = asked.inside.with(|path| path.last()?.parse().ok());
        session.words.with(|words| {
            asked
                .query
                .with(|query| regions(words, session.scope(), query, inside))
        })
    });
    let shown = Signal::derive(move || {
        let code: Option<Code> = value.with(|value| value.as_deref()?.parse().ok());
        code.map_or_else(String::new, |code| session.region(code))
    });
    view! {
        <Picker label=label value=value shown=shown asked=asked choices=choices error=error testid=testid locked=locked/>
    }
}

/// Chooses an organisation, of the kind that a role needs.
#[component]
pub fn OrgField(
    /// What it asks for.
    label: Text,
    /// Its id.
    value: RwSignal<Option<String>>,
    /// Which kind.
    #[prop(into)]
    kind: Signal<Option<OrgKind>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The hook for checks.
    testid: &'static str,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let all = expect_context::<Orgs>();
    let asked = Asked::default();
    let choices = Memo::new(move |_| {
        let lang = session.tongue.0.get();
        let found = all.0.get();
        let found = found.as_ref().map_or(&[][..], |all| all.as_slice());
        asked
            .query
            .with(|query| orgs(found, lang, query, kind.get()))
    });
    let shown = Signal::derive(move || {
        value.with(|value| {
            value
                .as_deref()
                .map_or_else(String::new, |id| session.org(id))
        })
    });
    view! {
        <Picker label=label value=value shown=shown asked=asked choices=choices error=error testid=testid locked=locked can_be_empty=true/>
    }
}

#[cfg(test)]
mod tests {
    use domain::wire::labels::Labels;

    use super::*;

    fn words() -> Words {
        let region = |code: &str, name: &str| (code.parse().expect("code"), name.to_owned());
        Words::new(Labels {
            name: "青溪县".to_owned(),
            regions: vec![
                region("330899", "青溪县"),
                region("330899101", "樟潭街道"),
                region("330899101001", "石桥村"),
                region("330899101001001", "石桥一网格"),
                region("330899102", "石室乡"),
            ],
            ..Labels::default()
        })
    }

    #[test]
    fn regions_are_found_by_name_or_code_and_by_going_down() {
        let county: Code = "330899".parse().expect("code");
        let ids = |query: &str, inside: Option<&str>| -> Vec<String> {
            let inside = inside.and_then(|code| code.parse().ok());
            regions(&words(), county, query, inside)
                .into_iter()
                .map(|c| c.id)
                .collect()
        };
        assert_eq!(ids("", None), ["330899", "330899101", "330899102"]);
        assert_eq!(ids("", Some("330899101")), ["330899101", "330899101001"]);
        assert_eq!(ids("石", None).len(), 3);
        assert_eq!(ids("330899102", None), ["330899102"]);
        let town: Code = "330899102".parse().expect("code");
        assert!(
            regions(&words(), town, "石桥", None).is_empty(),
            "not beyond one's own"
        );
    }

    #[test]
    fn a_region_is_told_from_others_of_its_name() {
        let county: Code = "330899".parse().expect("code");
        let found = regions(&words(), county, "一网格", None);
        assert_eq!(found[0].note, "樟潭街道 · 石桥村 · 330899101001001");
        assert!(!found[0].opens);
    }

    #[test]
    fn roles_go_to_the_wire_and_back() {
        for role in POSTS.into_iter().chain(TOKENS) {
            assert_eq!(role_of(&role_code(role)), Some(role));
        }
    }
}
