//! Taking somebody in, and the one-time link that is shown once.

use domain::wire::account::{Invited, PersonView};
use leptos::prelude::*;
use serde_json::json;

use super::posts::{self, PostsEditor};
use crate::i18n::{admin as a, desk as d};
use crate::panels::admin::place::place;
use crate::panels::admin::work::Work;
use crate::session::{session, stamp};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::once::Once;
use crate::ui::pages::Pages;
use crate::ui::tongue::{t, tongue};

/// The dialog.
#[component]
pub fn AddPerson(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// The list that gets longer.
    people: Pages<PersonView>,
) -> impl IntoView {
    let tongue = tongue();
    let made = RwSignal::new(None::<(String, Invited)>);
    Effect::new(move |_| {
        if open.get() {
            made.set(None);
        }
    });
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.t(a::ADD_PERSON).to_owned()) testid="add-person-dialog" wide=true>
            {move || match made.get() {
                Some((name, invited)) => view! { <InviteShown name=name invited=invited open=open/> }.into_any(),
                None => view! { <Form open=open people=people made=made/> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(
    open: RwSignal<bool>,
    people: Pages<PersonView>,
    made: RwSignal<Option<(String, Invited)>>,
) -> impl IntoView {
    let session = session();
    let here = place();
    let work = Work::default();
    let id = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let phone = RwSignal::new(String::new());
    let drafts = posts::drafts(session, &[]);
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let given = phone.get_untracked().trim().to_owned();
        let body = json!({
            "id": id.get_untracked().trim(),
            "name": name.get_untracked().trim(),
            "phone": (!given.is_empty()).then_some(given),
            "posts": posts::json(drafts),
        });
        work.run(
            async move {
                session
                    .send::<Invited>("POST", "/api/v1/people", &body)
                    .await
            },
            move |invited| {
                here.choose("id", &invited.id);
                people.again();
                made.set(Some((name.get_untracked(), invited)));
            },
        );
    };
    view! {
        <form on:submit=submit novalidate class="form">
            <div class="columns">
                <TextField label=d::NAME value=name testid="new-name" longest=50 error=work.at("/name")/>
                <TextField label=d::ACCOUNT value=id testid="new-id" longest=32 hint=a::PERSON_ID_HINT error=work.at("/id")/>
                <TextField label=d::PHONE value=phone testid="new-phone" longest=24 inputmode="tel" hint=a::PHONE_HINT error=work.at("/phone")/>
            </div>
            <h3>{t(a::POSTS)}</h3>
            <p class="lead">{t(a::FIRST_POST)}</p>
            <PostsEditor drafts=drafts work=work/>
            <Refusal failed=work.failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                <button type="submit" class="btn primary" data-testid="create" disabled=move || work.busy.get()>{t(a::ADD_PERSON)}</button>
            </div>
        </form>
    }
}

/// The link, shown once.
#[component]
pub fn InviteShown(
    /// Whose it is.
    name: String,
    /// The link.
    invited: Invited,
    /// The dialog it stands in.
    open: RwSignal<bool>,
) -> impl IntoView {
    let tongue = tongue();
    let until = stamp(invited.until);
    let hand = move || tongue.tf(a::INVITE_HAND, &[("name", &name), ("t", &until)]);
    view! {
        <Notice kind=Kind::Note text=Signal::derive(move || tongue.t(a::INVITE_READY).to_owned())/>
        <p>{hand}</p>
        <Once label=a::INVITE_LINK text=invited.url testid="invite-url"/>
        <div class="actions">
            <button type="button" class="btn" data-testid="invite-close" on:click=move |_| open.set(false)>{t(d::CLOSE)}</button>
        </div>
    }
}
