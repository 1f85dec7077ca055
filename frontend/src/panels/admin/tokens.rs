//! Bearer tokens of other systems: made, rotated without a gap, revoked; each shown once.

use domain::wire::account::{TokenSecret, TokenView};
use leptos::prelude::*;
use serde_json::json;

use super::choose::{
    self, OrgField, RegionField, kind_for, provide_orgs, role_code, role_of, role_options,
};
use super::work::Work;
use crate::api;
use crate::i18n::{Text, admin as a, desk as d, format};
use crate::session::{role_name, session, stamp};
use crate::ui::dialog::{Confirm, Dialog};
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Blank, Kind, Notice, Refusal};
use crate::ui::once::Once;
use crate::ui::pages::{Pages, PagesMore, PagesState};
use crate::ui::tongue::{t, tongue};

/// The section.
#[component]
pub fn Tokens() -> impl IntoView {
    let session = session();
    provide_orgs(session);
    let tokens = Pages::<TokenView>::new(session, || "/api/v1/tokens".to_owned());
    let adding = RwSignal::new(false);
    let none = ViewFn::from(
        || view! { <Blank icon=Icon::Key title=a::TOKENS_NONE why=a::TOKENS_NONE_WHY/> },
    );
    view! {
        <section class="list solo" aria-label=t(a::TOKENS)>
            <header class="head"><h1>{t(a::TOKENS)}</h1><span class="space"></span>
                <button type="button" class="btn primary" data-testid="add-token" on:click=move |_| adding.set(true)><Glyph icon=Icon::Plus/>{t(a::TOKEN_ADD)}</button>
            </header>
            <div class="table-box">
                <table class="rows tokens" hidden=move || tokens.items.with(Vec::is_empty)>
                    <thead><tr>
                        <th scope="col">{t(a::TOKEN_NAME)}</th><th scope="col">{t(a::ROLE)}</th>
                        <th scope="col">{t(a::REGION)}</th><th scope="col">{t(a::LAST_USE)}</th>
                        <th scope="col">{t(a::ENDS)}</th><th scope="col"><span class="sr">{t(a::CHANGE)}</span></th>
                    </tr></thead>
                    <tbody>{move || tokens.items.get().into_iter().map(|token| view! { <Row token=token tokens=tokens/> }).collect_view()}</tbody>
                </table>
                <PagesState pages=tokens blank=none/>
                <PagesMore pages=tokens/>
            </div>
            <AddToken open=adding tokens=tokens/>
        </section>
    }
}

#[component]
fn Row(token: TokenView, tokens: Pages<TokenView>) -> impl IntoView {
    let session = session();
    let rotating = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let (role, org) = (token.role, token.org.clone());
    let role = move || {
        let org = org
            .as_ref()
            .map(|org| format!(" · {}", session.org(org.as_str())));
        format!(
            "{}{}",
            role_name(session.tongue.0.get(), role),
            org.unwrap_or_default()
        )
    };
    let (seen, until, old) = (token.seen_at, token.until, token.old_until);
    let ends = move || match until {
        None => session.tongue.t(a::NO_END).to_owned(),
        Some(until) if until.millis() <= session.now.get() => session.tongue.t(a::ENDED).to_owned(),
        Some(until) => stamp(until),
    };
    let old = move || {
        let old = old.filter(|old| old.millis() > session.now.get())?;
        let words = session.tongue.tf(a::OLD_HOLDS, &[("t", &stamp(old))]);
        Some(view! { <small class="quiet num">{words}</small> })
    };
    let (id, name) = (token.id.clone(), token.name.clone());
    let data_id = id.clone();
    let (scope_name, scope) = (token.scope_name.clone(), token.scope.to_string());
    view! {
        <tr data-testid="token-row" data-id=data_id>
            <td class="name"><b class="clip">{name}</b><small class="num clip">{id}</small></td>
            <td>{role}</td>
            <td>{scope_name}" "<small class="num quiet">{scope}</small></td>
            <td class="num">{move || session.seen(seen)}</td>
            <td class="num">{ends}{old}</td>
            <td class="deeds">
                <button type="button" class="btn quiet" data-testid="rotate" on:click=move |_| rotating.set(true)><Glyph icon=Icon::Refresh/>{t(a::ROTATE)}</button>
                <button type="button" class="btn quiet" data-testid="revoke" on:click=move |_| revoking.set(true)><Glyph icon=Icon::Ban/>{t(a::REVOKE)}</button>
                <Rotate open=rotating token=token.clone() tokens=tokens/>
                <Revoke open=revoking token=token tokens=tokens/>
            </td>
        </tr>
    }
}

#[component]
fn AddToken(open: RwSignal<bool>, tokens: Pages<TokenView>) -> impl IntoView {
    let tongue = tongue();
    let made = RwSignal::new(None::<TokenSecret>);
    Effect::new(move |_| {
        if open.get() {
            made.set(None);
        }
    });
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.t(a::TOKEN_ADD).to_owned()) testid="token-dialog" wide=true>
            {move || match made.get() {
                Some(secret) => view! { <SecretShown secret=secret open=open/> }.into_any(),
                None => view! { <Form open=open made=made tokens=tokens/> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(
    open: RwSignal<bool>,
    made: RwSignal<Option<TokenSecret>>,
    tokens: Pages<TokenView>,
) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(role_code(choose::TOKENS[0]));
    let org = RwSignal::new(None::<String>);
    let scope = RwSignal::new(Some(session.scope().to_string()));
    let until = RwSignal::new(String::new());
    let kind = Memo::new(move |_| role_of(&role.get()).and_then(kind_for));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let until = format::from_local_input(&until.get_untracked());
        let body = json!({
            "name": name.get_untracked().trim(),
            "role": role.get_untracked(),
            "org": org.get_untracked().filter(|_| kind.get_untracked().is_some()),
            "scope": scope.get_untracked(),
            "until": until.map(domain::time::Timestamp::from_millis),
        });
        work.run(
            async move {
                session
                    .send::<TokenSecret>("POST", "/api/v1/tokens", &body)
                    .await
            },
            move |secret| {
                tokens.again();
                made.set(Some(secret));
            },
        );
    };
    view! {
        <form on:submit=submit novalidate class="form">
            <div class="columns">
                <TextField label=a::TOKEN_NAME value=name testid="token-name" longest=64 hint=a::TOKEN_NAME_HINT error=work.at("/name")/>
                <SelectField label=a::ROLE value=role options=role_options(session, &choose::TOKENS) testid="token-role" error=work.at("/role")/>
                <RegionField label=a::REGION value=scope testid="token-scope" error=work.at("/scope")/>
                {move || kind.get().is_some().then(|| view! {
                    <OrgField label=a::ORG value=org kind=kind testid="token-org" error=work.at("/org")/>
                })}
                <TextField label=a::ENDS value=until kind="datetime-local" testid="token-until" hint=a::TOKEN_UNTIL_HINT error=work.at("/until")/>
            </div>
            <Refusal failed=work.failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                <button type="submit" class="btn primary" data-testid="token-go" disabled=move || work.busy.get()>{t(a::TOKEN_ADD)}</button>
            </div>
        </form>
    }
}

#[component]
fn SecretShown(secret: TokenSecret, open: RwSignal<bool>) -> impl IntoView {
    let tongue = tongue();
    view! {
        <Notice kind=Kind::Note text=Signal::derive(move || tongue.t(a::TOKEN_READY).to_owned())/>
        <p>{t(a::TOKEN_HAND)}</p>
        <Once label=a::TOKEN_SECRET text=secret.token testid="token-secret"/>
        <div class="actions"><button type="button" class="btn" data-testid="token-close" on:click=move |_| open.set(false)>{t(d::CLOSE)}</button></div>
    }
}

fn titled(text: Text, name: String) -> Signal<String> {
    let tongue = tongue();
    Signal::derive(move || tongue.tf(text, &[("name", &name)]))
}

#[component]
fn Rotate(open: RwSignal<bool>, token: TokenView, tokens: Pages<TokenView>) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let hours = RwSignal::new("24".to_owned());
    let made = RwSignal::new(None::<TokenSecret>);
    // The row is made anew when the list is; what is shown once must not go with it.
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open && made.with_untracked(Option::is_some) {
            tokens.again();
        }
        is_open
    });
    let url = format!("/api/v1/tokens/{}/rotate", api::escaped(&token.id));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = url.clone();
        let hours: u32 = hours.get_untracked().trim().parse().unwrap_or(24);
        let body = json!({ "overlap_hours": hours });
        work.run(
            async move { session.send::<TokenSecret>("POST", &url, &body).await },
            move |secret| made.set(Some(secret)),
        );
    };
    let submit = Callback::new(submit);
    view! {
        <Dialog open=open title=titled(a::ROTATE_TITLE, token.name) testid="rotate-dialog">
            {move || match made.get() {
                Some(secret) => view! { <SecretShown secret=secret open=open/> }.into_any(),
                None => view! {
                    <form on:submit=move |ev| submit.run(ev) novalidate class="form">
                        <p>{t(a::ROTATE_WHY)}</p>
                        <TextField label=a::OVERLAP value=hours kind="number" inputmode="numeric" testid="overlap" hint=a::OVERLAP_HINT error=work.at("/overlap_hours")/>
                        <Refusal failed=work.failed/>
                        <div class="actions">
                            <button type="button" class="btn" on:click=move |_| open.set(false)>{t(d::CANCEL)}</button>
                            <button type="submit" class="btn primary" data-testid="rotate-go" disabled=move || work.busy.get()>{t(a::ROTATE)}</button>
                        </div>
                    </form>
                }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Revoke(open: RwSignal<bool>, token: TokenView, tokens: Pages<TokenView>) -> impl IntoView {
    let session = session();
    let work = Work::default();
    let url = format!("/api/v1/tokens/{}", api::escaped(&token.id));
    let go = move |()| {
        let url = url.clone();
        work.run(
            async move { session.plain::<()>("DELETE", &url).await },
            move |()| {
                open.set(false);
                tokens.again();
            },
        );
    };
    view! {
        <Confirm open=open title=titled(a::TOKEN_REVOKE_TITLE, token.name) why=a::TOKEN_REVOKE_WHY go=a::REVOKE
            busy=work.busy failed=work.failed on_go=go/>
    }
}
