//! The organisations by region, and how many people each has.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::pack::orgs::OrgKind;
use domain::wire::account::{Page, PersonView};
use geodata::region::{Code, Level};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::choose::{Org, provide_orgs};
use super::people::{SearchBox, Waiting};
use super::place::place;
use crate::api;
use crate::i18n::{Lang, admin as a, desk as d};
use crate::session::{Session, role_name, session};
use crate::ui::icon::Icon;
use crate::ui::notice::Blank;
use crate::ui::tongue::t;

/// Pages of people counted at most, of 500 each.
const PAGES: usize = 40;

/// How many people there are by organisation.
type Counts = HashMap<String, usize>;

/// The section.
#[component]
pub fn Orgs() -> impl IntoView {
    let session = session();
    let orgs = provide_orgs(session);
    let query = place().chosen("q");
    let counts = RwSignal::new(Counts::new());
    spawn_local(count(session, counts));
    let groups = Memo::new(move |_| {
        let all = orgs.0.get()?;
        Some(query.with(|query| grouped(&all, query)))
    });
    view! {
        <section class="list solo" aria-label=t(a::ORGS)>
            <header class="head"><h1>{t(a::ORGS)}</h1><SearchBox label=a::ORGS_SEARCH/>
                <span class="quiet num">{move || groups.with(|groups| {
                    let n: usize = groups.as_ref()?.iter().map(|(_, orgs)| orgs.len()).sum();
                    Some(session.tongue.tf(a::ORGS_SHOWN, &[("n", &n.to_string())]))
                })}</span>
            </header>
            <div class="table-box">
                {move || match groups.get() {
                    None => view! { <Waiting/> }.into_any(),
                    Some(groups) if groups.is_empty() => view! { <Blank icon=Icon::Orgs title=a::ORGS_NONE why=a::ORGS_NONE_WHY/> }.into_any(),
                    Some(groups) => {
                        let opened = groups.len() <= 2 || query.with(|query| !query.is_empty());
                        groups.into_iter().enumerate().map(|(at, (region, orgs))| view! {
                            <Group region=region orgs=orgs counts=counts open={opened || at == 0}/>
                        }).collect_view().into_any()
                    }
                }}
            </div>
        </section>
    }
}

/// Counts the people of each organisation, page by page.
async fn count(session: Session, counts: RwSignal<Counts>) {
    let mut cursor = String::new();
    for _ in 0..PAGES {
        let url = format!("/api/v1/people?limit=500{cursor}");
        let Ok(page) = session.get::<Page<PersonView>>(&url).await else {
            return;
        };
        let gone = counts.try_update(|counts| {
            let orgs = page.items.iter().flat_map(|person| &person.posts);
            for org in orgs.filter_map(|post| post.org.as_ref()) {
                *counts.entry(org.to_string()).or_default() += 1;
            }
        });
        match (gone, page.next) {
            (Some(()), Some(next)) => cursor = format!("&cursor={}", api::escaped(&next)),
            _ => return,
        }
    }
}

/// Organisations by township, those of the county first; of each, the larger kinds first.
fn grouped(all: &Arc<Vec<Org>>, query: &str) -> Vec<(Code, Vec<Org>)> {
    let query = query.trim().to_lowercase();
    let fits = |org: &&Org| {
        query.is_empty()
            || [&org.name, &org.en, &org.id]
                .iter()
                .any(|text| text.to_lowercase().contains(&query))
            || org.region.to_string().starts_with(&query)
    };
    let mut groups: BTreeMap<Code, Vec<Org>> = BTreeMap::new();
    for org in all.iter().filter(fits) {
        let group = org.region.at(Level::Township).unwrap_or(org.region);
        groups.entry(group).or_default().push(org.clone());
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(region, _)| (region.len(), *region));
    for (_, orgs) in &mut groups {
        orgs.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    }
    groups
}

#[component]
fn Group(region: Code, orgs: Vec<Org>, counts: RwSignal<Counts>, open: bool) -> impl IntoView {
    let session = session();
    let opened = RwSignal::new(open);
    let name = move || {
        if region.level() == Level::County {
            session.tongue.t(a::COUNTY_ORGS).to_owned()
        } else {
            session.region(region)
        }
    };
    let n = orgs.len().to_string();
    let shown = move || session.tongue.tf(a::ORGS_SHOWN, &[("n", &n)]);
    // A township has hundreds of teams: its rows are made when it is opened.
    let rows = move || {
        opened.get().then(|| {
            view! {
                <table class="rows orgs">
                    <thead><tr>
                        <th scope="col">{t(a::ORG)}</th><th scope="col">{t(a::KIND)}</th>
                        <th scope="col">{t(a::CODE_NO)}</th><th scope="col" class="end">{t(a::PEOPLE)}</th>
                    </tr></thead>
                    <tbody>{orgs.iter().map(|org| view! { <Row org=org.clone() counts=counts/> }).collect_view()}</tbody>
                </table>
            }
        })
    };
    view! {
        <details class="group" open=open data-testid="org-group" data-region=region.to_string()
            on:toggle:target=move |ev| opened.set(ev.target().open())>
            <summary><b>{name}</b><span class="num quiet">{region.to_string()}</span><span class="quiet num">{shown}</span></summary>
            {rows}
        </details>
    }
}

#[component]
fn Row(org: Org, counts: RwSignal<Counts>) -> impl IntoView {
    let session = session();
    let id = org.id.clone();
    let kind = org.kind;
    let people = move || match counts.with(|counts| counts.get(&id).copied()) {
        None | Some(0) => "–".to_owned(),
        Some(n) => session.tongue.tf(a::ORG_PEOPLE, &[("n", &n.to_string())]),
    };
    let shown = org.clone();
    view! {
        <tr data-testid="org-row" data-id=org.id.clone()>
            <td>{move || shown.name_in(session.tongue.0.get()).to_owned()}</td>
            <td class="quiet">{move || kind_name(session.tongue.0.get(), kind)}</td>
            <td class="num quiet">{org.id.clone()}</td>
            <td class="end num">{people}</td>
        </tr>
    }
}

/// What an organisation is: the name of the role its people have.
fn kind_name(lang: Lang, kind: OrgKind) -> &'static str {
    let role = super::choose::POSTS
        .into_iter()
        .find(|role| super::choose::kind_for(*role) == Some(kind));
    role.map_or(lang.of(d::NONE), |role| role_name(lang, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(id: &str, kind: OrgKind, region: &str) -> Org {
        Org {
            id: id.to_owned(),
            name: format!("单位{id}"),
            en: String::new(),
            kind,
            region: region.parse().expect("code"),
        }
    }

    #[test]
    fn the_county_comes_first_and_small_places_stand_with_their_township() {
        let all = Arc::new(vec![
            org("g", OrgKind::GridTeam, "330899101001001"),
            org("t", OrgKind::CommandRoom, "330899101"),
            org("c", OrgKind::Centre, "330899"),
        ]);
        let groups = grouped(&all, "");
        let ids: Vec<Vec<&str>> = groups
            .iter()
            .map(|(_, orgs)| orgs.iter().map(|org| org.id.as_str()).collect())
            .collect();
        assert_eq!(ids, [vec!["c"], vec!["t", "g"]]);
        assert_eq!(grouped(&all, "330899101001").len(), 1);
        assert!(grouped(&all, "没有").is_empty());
    }
}
