//! One person: name and phone, posts, what is lent to them, their link, whether they may enter.

use domain::access::Deed;
use domain::wire::account::{Invited, PersonView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::add::InviteShown;
use super::grants::Grants;
use super::posts::{self, PostsEditor};
use super::{State, Waiting, model};
use crate::api::{self, Failed};
use crate::i18n::{Text, admin as a, desk as d};
use crate::panels::admin::place::place;
use crate::panels::admin::work::Work;
use crate::session::{Session, session, stamp};
use crate::ui::dialog::{Confirm, Dialog};
use crate::ui::field::TextField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::pages::Pages;
use crate::ui::tongue::{t, tongue};

/// The person shown, and what follows from changing them. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub session: Session,
    pub people: Pages<PersonView>,
    pub person: RwSignal<Option<Result<PersonView, Failed>>>,
    id: StoredValue<String>,
}

impl Shown {
    /// The address of this person, and of what stands below.
    pub fn url(self, below: &str) -> String {
        format!(
            "/api/v1/people/{}{below}",
            api::escaped(&self.id.get_value())
        )
    }

    /// Loads them anew, and the list beside.
    pub fn again(self) {
        self.people.again();
        self.load();
    }

    fn load(self) {
        let url = self.url("");
        spawn_local(async move {
            let answer = self.session.get::<PersonView>(&url).await;
            self.person.try_set(Some(answer));
        });
    }
}

/// The pane.
#[component]
pub fn Detail(
    /// Who.
    id: String,
    /// The list beside.
    people: Pages<PersonView>,
) -> impl IntoView {
    let shown = Shown {
        session: session(),
        people,
        person: RwSignal::new(None),
        id: StoredValue::new(id),
    };
    shown.load();
    let here = place();
    view! {
        <aside class="pane" data-testid="person-pane">
            <button type="button" class="btn quiet back" on:click=move |_| here.choose("id", "")>
                <Glyph icon=Icon::Back/>{t(d::BACK)}
            </button>
            {move || match shown.person.get() {
                None => view! { <Waiting/> }.into_any(),
                Some(Err(failed)) => {
                    let text = if failed.status == 404 { shown.session.tongue.t(a::PERSON_GONE).to_owned() } else { failed.detail };
                    view! { <Notice kind=Kind::Refused text=text/> }.into_any()
                }
                Some(Ok(person)) => view! { <Person shown=shown person=person/> }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn Person(shown: Shown, person: PersonView) -> impl IntoView {
    let session = shown.session;
    let manages = session.can(Deed::ManagePeople);
    let is_self = session.me.with_untracked(|me| me.actor.id == person.id);
    let state = model::state(&person, session.now.get_untracked());
    let created = stamp(person.created_at);
    let kept = person.clone();
    view! {
        <header class="who">
            <h2 data-testid="person-name">{person.name.clone()}</h2>
            <code>{person.id.clone()}</code>
            <State state=state/>
            {person.totp.then(|| view! { <span class="chip"><Glyph icon=Icon::Shield/>{t(a::TOTP_USED)}</span> })}
            <small class="quiet">{move || session.tongue.tf(a::CREATED, &[("t", &created)])}</small>
        </header>
        {manages.then(|| view! { <Entry shown=shown person=kept.clone() is_self=is_self/> })}
        {manages.then(|| view! { <Basics shown=shown person=kept.clone()/> })}
        {if manages {
            view! { <Posts shown=shown person=kept.clone() is_self=is_self/> }.into_any()
        } else {
            view! { <PostsRead person=kept.clone()/> }.into_any()
        }}
        <Grants shown=shown person=person is_self=is_self/>
    }
}

/// Buttons about whether they may enter.
#[component]
fn Entry(shown: Shown, person: PersonView, is_self: bool) -> impl IntoView {
    let invite = RwSignal::new(false);
    let disable = RwSignal::new(false);
    let reset = RwSignal::new(false);
    let enabling = Work::default();
    let enable = move |_| {
        let url = shown.url("/enable");
        enabling.run(
            async move { shown.session.plain::<()>("POST", &url).await },
            move |()| shown.again(),
        );
    };
    let button = |open: RwSignal<bool>, icon, text: Text, testid: &'static str| {
        view! { <button type="button" class="btn" data-testid=testid on:click=move |_| open.set(true)><Glyph icon=icon/>{t(text)}</button> }
    };
    view! {
        <div class="toolbar">
            {(!person.disabled).then(|| button(invite, Icon::Link, a::INVITE, "invite"))}
            {(person.totp && !is_self).then(|| button(reset, Icon::Shield, a::RESET_TOTP, "reset-totp"))}
            {(!person.disabled && !is_self).then(|| button(disable, Icon::Ban, a::DISABLE, "disable"))}
            {(person.disabled && !is_self).then(|| view! {
                <button type="button" class="btn" data-testid="enable" on:click=enable><Glyph icon=Icon::Check/>{t(a::ENABLE)}</button>
            })}
        </div>
        <Refusal failed=enabling.failed/>
        <Invite shown=shown name=person.name.clone() open=invite/>
        <Disable shown=shown name=person.name.clone() open=disable/>
        <ResetTotp shown=shown open=reset/>
    }
}

#[component]
fn Invite(shown: Shown, name: String, open: RwSignal<bool>) -> impl IntoView {
    let tongue = tongue();
    let made = RwSignal::new(None::<Invited>);
    let name = StoredValue::new(name);
    let work = Work::default();
    Effect::new(move |_| {
        if open.get() {
            made.set(None);
            work.forget();
        } else if made.with_untracked(Option::is_some) {
            shown.again();
        }
    });
    let make = move |_| {
        let url = shown.url("/invite");
        work.run(
            async move { shown.session.plain::<Invited>("POST", &url).await },
            move |invited| made.set(Some(invited)),
        );
    };
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.t(a::INVITE).to_owned()) testid="invite-dialog">
            {move || match made.get() {
                Some(invited) => view! { <InviteShown name=name.get_value() invited=invited open=open/> }.into_any(),
                None => view! {
                    <p>{t(a::INVITE_WHY)}</p>
                    <Refusal failed=work.failed/>
                    <div class="actions">
                        <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                        <button type="button" class="btn primary" data-testid="invite-go" disabled=move || work.busy.get() on:click=make>{t(a::INVITE)}</button>
                    </div>
                }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Disable(shown: Shown, name: String, open: RwSignal<bool>) -> impl IntoView {
    let tongue = tongue();
    let reason = RwSignal::new(String::new());
    let work = Work::default();
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = shown.url("/disable");
        let body = json!({ "reason": reason.get_untracked() });
        work.run(
            async move { shown.session.send::<()>("POST", &url, &body).await },
            move |()| {
                open.set(false);
                shown.again();
            },
        );
    };
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.tf(a::DISABLE_TITLE, &[("name", &name)])) testid="disable-dialog">
            <form on:submit=submit novalidate class="form">
                <p>{t(a::DISABLE_WHY)}</p>
                <TextField label=d::REASON value=reason testid="reason" hint=d::REASON_HINT error=work.at("/reason")/>
                <Refusal failed=work.failed/>
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                    <button type="submit" class="btn grave" data-testid="disable-go" disabled=move || work.busy.get()>{t(a::DISABLE)}</button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn ResetTotp(shown: Shown, open: RwSignal<bool>) -> impl IntoView {
    let tongue = tongue();
    let work = Work::default();
    let go = move |()| {
        let url = shown.url("/totp");
        work.run(
            async move { shown.session.plain::<()>("DELETE", &url).await },
            move |()| {
                open.set(false);
                shown.again();
            },
        );
    };
    view! {
        <Confirm open=open title=Signal::derive(move || tongue.t(a::RESET_TOTP).to_owned()) why=a::RESET_TOTP_WHY
            go=a::RESET_TOTP busy=work.busy failed=work.failed on_go=go/>
    }
}

#[component]
fn Basics(shown: Shown, person: PersonView) -> impl IntoView {
    let name = RwSignal::new(person.name.clone());
    let phone = RwSignal::new(person.phone.clone().unwrap_or_default());
    let work = Work::default();
    let (was_name, was_phone) = (person.name, person.phone.unwrap_or_default());
    let changed = Memo::new(move |_| name.get() != was_name || phone.get() != was_phone);
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = shown.url("");
        let body = json!({ "name": name.get_untracked(), "phone": phone.get_untracked() });
        work.run(
            async move { shown.session.send::<PersonView>("PATCH", &url, &body).await },
            move |_| shown.again(),
        );
    };
    view! {
        <form class="block form" on:submit=submit novalidate>
            <h3>{t(a::DETAILS)}</h3>
            <div class="columns">
                <TextField label=d::NAME value=name testid="edit-name" longest=50 error=work.at("/name")/>
                <TextField label=d::PHONE value=phone testid="edit-phone" longest=24 inputmode="tel" error=work.at("/phone")/>
            </div>
            <Refusal failed=work.failed/>
            {move || changed.get().then(|| view! {
                <div class="actions"><button type="submit" class="btn primary" data-testid="save-basics" disabled=move || work.busy.get()>{t(d::SAVE)}</button></div>
            })}
        </form>
    }
}

#[component]
fn Posts(shown: Shown, person: PersonView, is_self: bool) -> impl IntoView {
    let session = shown.session;
    let work = Work::default();
    let saved = RwSignal::new(false);
    let drafts = posts::drafts(session, &person.posts);
    if is_self {
        return view! { <PostsRead person=person is_self=true/> }.into_any();
    }
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        saved.set(false);
        let url = shown.url("");
        let body = json!({ "posts": posts::json(drafts) });
        work.run(
            async move { session.send::<PersonView>("PATCH", &url, &body).await },
            move |_| {
                saved.set(true);
                shown.people.again();
            },
        );
    };
    view! {
        <form class="block form" on:submit=submit novalidate>
            <h3>{t(a::POSTS)}</h3>
            <PostsEditor drafts=drafts work=work/>
            <Refusal failed=work.failed/>
            {move || saved.get().then(|| view! { <Notice kind=Kind::Done text=session.tongue.t(d::SAVED).to_owned()/> })}
            <div class="actions"><button type="submit" class="btn primary" data-testid="save-posts" disabled=move || work.busy.get()>{t(d::SAVE)}</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn PostsRead(person: PersonView, #[prop(optional)] is_self: bool) -> impl IntoView {
    let session = session();
    let posts = person.posts;
    let row = move |post: &domain::account::Post| {
        view! { <li>{model::post_words(session, post)}</li> }
    };
    view! {
        <section class="block">
            <h3>{t(a::POSTS)}</h3>
            <ul class="plain">{move || posts.iter().map(row).collect_view()}</ul>
            {is_self.then(|| view! { <p class="lead">{t(a::OWN_POSTS_WHY)}</p> })}
        </section>
    }
}
