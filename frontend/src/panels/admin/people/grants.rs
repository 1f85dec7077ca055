//! Posts lent to a person for a time, on their own or for somebody they stand in for.

use domain::access::Deed;
use domain::account::{Grant, Post};
use domain::wire::account::{Page, PersonView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::detail::Shown;
use super::model;
use super::posts::{Draft, PostFields};
use crate::api;
use crate::i18n::{admin as a, desk as d, format};
use crate::panels::admin::choose::role_code;
use crate::panels::admin::work::Work;
use crate::session::{Session, session, stamp, stands_in};
use crate::ui::dialog::{Confirm, Dialog};
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::picker::{Asked, Choice, Picker};
use crate::ui::tongue::{t, tongue};

/// The list, and the button that lends one more.
#[allow(
    clippy::large_types_passed_by_value,
    reason = "a bundle of handles, copied into every closure"
)]
#[component]
pub fn Grants(shown: Shown, person: PersonView, is_self: bool) -> impl IntoView {
    let adding = RwSignal::new(false);
    let may_add = !person.disabled && !is_self && shown.session.can(Deed::Grant);
    let (id, grants) = (person.id, person.grants);
    let is_empty = grants.is_empty();
    view! {
        <section class="block">
            <h3>{t(a::GRANTS)}</h3>
            {is_empty.then(|| view! { <p class="lead">{t(a::GRANTS_NONE)}</p> })}
            <ul class="grants">{grants.into_iter().map(|grant| view! { <Row shown=shown grant=grant/> }).collect_view()}</ul>
            {may_add.then(|| view! {
                <button type="button" class="btn" data-testid="add-grant" on:click=move |_| adding.set(true)><Glyph icon=Icon::StandIn/>{t(a::GRANT_ADD)}</button>
            })}
            <AddGrant shown=shown open=adding id=id/>
        </section>
    }
}

/// Whether whoever looks may take a grant back: who lent it, whom it stands in for, and
/// administrators.
fn may_revoke(session: Session, grant: &Grant) -> bool {
    session.me.with_untracked(|me| {
        me.actor.id == grant.by
            || grant.on_behalf_of.as_ref() == Some(&me.actor.id)
            || (session.can(Deed::ManagePeople) && me.actor.covers(grant.post.region))
    })
}

#[component]
fn Row(shown: Shown, grant: Grant) -> impl IntoView {
    let session = shown.session;
    let open = RwSignal::new(false);
    let work = Work::default();
    let may = may_revoke(session, &grant);
    let url = shown.url(&format!("/grants/{}", api::escaped(&grant.id)));
    let go = move |()| {
        let url = url.clone();
        work.run(
            async move { session.plain::<()>("DELETE", &url).await },
            move |()| {
                open.set(false);
                shown.again();
            },
        );
    };
    let (post, behalf, by) = (
        grant.post.clone(),
        grant.on_behalf_of.clone(),
        grant.by.clone(),
    );
    let title = Signal::derive(move || {
        let words = model::post_words(session, &post);
        let behalf = behalf
            .as_ref()
            .map(|id| stands_in(session.tongue.0.get(), id));
        behalf.map_or(words.clone(), |behalf| format!("{words} · {behalf}"))
    });
    let when = format!("{} – {}", stamp(grant.from), stamp(grant.until));
    let by = move || session.tongue.tf(a::GRANT_BY, &[("name", &by)]);
    view! {
        <li data-testid="grant">
            <b>{title}</b>
            <span class="num">{when}</span>
            <small class="quiet">{grant.reason.clone()}" · "{by}</small>
            {may.then(|| view! {
                <button type="button" class="btn quiet" data-testid="revoke-grant" on:click=move |_| open.set(true)>{t(a::GRANT_REVOKE)}</button>
            })}
            <Confirm open=open title=title why=a::GRANT_REVOKE_WHY go=a::GRANT_REVOKE busy=work.busy failed=work.failed on_go=go/>
        </li>
    }
}

/// What is being lent. Cheap to copy.
#[derive(Clone, Copy)]
struct Lending {
    behalf: RwSignal<Option<String>>,
    /// The posts of whom they stand in for.
    theirs: RwSignal<Vec<Post>>,
    /// Which of them, by its place.
    which: RwSignal<String>,
    draft: Draft,
    from: RwSignal<String>,
    until: RwSignal<String>,
    reason: RwSignal<String>,
}

impl Lending {
    fn new(session: Session) -> Self {
        let draft = Draft::new(session, "lent");
        if !session.can(Deed::ManagePeople) {
            // A director lends their own organisation's post and no other.
            session.me.with_untracked(|me| {
                draft.role.set(role_code(me.actor.role));
                draft
                    .org
                    .set(me.actor.org.as_ref().map(ToString::to_string));
            });
        }
        Self {
            behalf: RwSignal::new(None),
            theirs: RwSignal::new(Vec::new()),
            which: RwSignal::new(String::new()),
            draft,
            from: RwSignal::new(String::new()),
            until: RwSignal::new(String::new()),
            reason: RwSignal::new(String::new()),
        }
    }

    /// Takes the post over from whom they stand in for.
    fn take(self, post: &Post) {
        self.draft.role.set(role_code(post.role));
        self.draft
            .org
            .set(post.org.as_ref().map(ToString::to_string));
        self.draft.region.set(Some(post.region.to_string()));
        self.draft.director.set(post.director);
    }

    fn json(self) -> serde_json::Value {
        let at = |text: RwSignal<String>| {
            format::from_local_input(&text.get_untracked())
                .map(domain::time::Timestamp::from_millis)
        };
        let mut body = self.draft.json();
        if let Some(map) = body.as_object_mut() {
            map.remove("id");
            map.insert(
                "on_behalf_of".to_owned(),
                json!(self.behalf.get_untracked()),
            );
            map.insert("from".to_owned(), json!(at(self.from)));
            map.insert("until".to_owned(), json!(at(self.until)));
            map.insert("reason".to_owned(), json!(self.reason.get_untracked()));
        }
        body
    }
}

#[component]
fn AddGrant(shown: Shown, open: RwSignal<bool>, id: String) -> impl IntoView {
    let tongue = tongue();
    let id = StoredValue::new(id);
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.t(a::GRANT_ADD).to_owned()) testid="grant-dialog" wide=true>
            <Form shown=shown open=open id=id.get_value()/>
        </Dialog>
    }
}

#[component]
fn Form(shown: Shown, open: RwSignal<bool>, id: String) -> impl IntoView {
    let session = shown.session;
    let lending = Lending::new(session);
    let work = Work::default();
    let fixed = !session.can(Deed::ManagePeople);
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = shown.url("/grants");
        let body = lending.json();
        work.run(
            async move { session.send::<Grant>("POST", &url, &body).await },
            move |_| {
                open.set(false);
                shown.again();
            },
        );
    };
    let locked = Signal::derive(move || fixed || lending.behalf.with(Option::is_some));
    view! {
        <form on:submit=submit novalidate class="form">
            <StandsFor lending=lending id=id error=work.at("/on_behalf_of")/>
            <div class="columns">
                <PostFields draft=lending.draft role_error=work.at("/role") org_error=work.at("/org") region_error=work.at("/region") locked=locked/>
            </div>
            <div class="columns">
                <TextField label=a::FROM value=lending.from kind="datetime-local" testid="grant-from" hint=a::FROM_HINT/>
                <TextField label=a::TO value=lending.until kind="datetime-local" testid="grant-until" hint=a::TO_HINT error=work.at("/until")/>
            </div>
            <TextField label=d::REASON value=lending.reason testid="grant-reason" hint=d::REASON_HINT error=work.at("/reason")/>
            <Refusal failed=work.failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                <button type="submit" class="btn primary" data-testid="grant-go" disabled=move || work.busy.get()>{t(a::GRANT_ADD)}</button>
            </div>
        </form>
    }
}

/// Whom they stand in for, and in which of their posts.
#[component]
fn StandsFor(
    lending: Lending,
    id: String,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let session = session();
    let asked = Asked::default();
    let found = found_by(session, asked);
    let choices = Memo::new(move |_| {
        let choice = |person: &PersonView| Choice {
            id: person.id.clone(),
            name: person.name.clone(),
            note: person.id.clone(),
            opens: false,
        };
        found.with(|found| {
            found
                .iter()
                .filter(|person| person.id != id)
                .map(choice)
                .collect::<Vec<_>>()
        })
    });
    let name = RwSignal::new(String::new());
    follow(lending, found, name);
    let options = Signal::derive(move || {
        let option =
            |(at, post): (usize, &Post)| (at.to_string(), model::post_words(session, post));
        lending
            .theirs
            .with(|posts| posts.iter().enumerate().map(option).collect::<Vec<_>>())
    });
    view! {
        <div class="columns">
            <Picker label=a::GRANT_FOR value=lending.behalf shown=name asked=asked choices=choices hint=a::GRANT_FOR_HINT
                error=error testid="grant-for" can_be_empty=true/>
            {move || lending.theirs.with(|posts| posts.len() > 1).then(|| view! {
                <SelectField label=a::GRANT_POST_OF value=lending.which options=options testid="grant-which"/>
            })}
        </div>
    }
}

/// The people who fit what was typed.
fn found_by(session: Session, asked: Asked) -> RwSignal<Vec<PersonView>> {
    let found = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let query = asked.query.get();
        let url = format!("/api/v1/people?limit=20&q={}", api::escaped(&query));
        spawn_local(async move {
            let page = session.get::<Page<PersonView>>(&url).await;
            let is_wanted = asked.query.try_get_untracked() == Some(query);
            if let Some(page) = page.ok().filter(|_| is_wanted) {
                found.try_set(page.items);
            }
        });
    });
    found
}

/// Whoever is stood in for brings their name and posts along; the post chosen fills the form.
fn follow(lending: Lending, found: RwSignal<Vec<PersonView>>, name: RwSignal<String>) {
    Effect::new(move |_| {
        let id = lending.behalf.get();
        let is_them = |person: &&PersonView| Some(&person.id) == id.as_ref();
        let person = found.with_untracked(|found| found.iter().find(is_them).cloned());
        let (called, posts) =
            person.map_or_else(Default::default, |person| (person.name, person.posts));
        name.set(called);
        lending.theirs.set(posts);
        lending.which.set("0".to_owned());
    });
    Effect::new(move |_| {
        let at: usize = lending.which.get().parse().unwrap_or_default();
        if let Some(post) = lending.theirs.with(|posts| posts.get(at).cloned()) {
            lending.take(&post);
        }
    });
}
