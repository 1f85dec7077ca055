//! One's own account: posts, password, one-time codes, sign-ins.

use domain::wire::account::{PasswordChange, SignInView, TotpConfirm, TotpOffer, Ways};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::i18n::desk as d;
use crate::panels::admin::place;
use crate::panels::admin::sign_ins::SignInTable;
use crate::panels::admin::work::Work;
use crate::screens::shell::{ModeAsked, PostList, Shell};
use crate::screens::told::{Telling, Told};
use crate::screens::welcome::Rules;
use crate::session::{Session, session};
use crate::ui::field::{PasswordField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::pages::Pages;
use crate::ui::tongue::t;

/// The screen for those who have no administration.
#[component]
pub fn AccountScreen() -> impl IntoView {
    view! { <Shell testid="account-screen" tools=|| view! { <ModeAsked/> }.into_any()><Placed/></Shell> }
}

#[component]
fn Placed() -> impl IntoView {
    place::provide();
    view! { <main class="page"><Account/></main> }
}

/// The account, on its own screen and as a section of the administration.
#[component]
pub fn Account() -> impl IntoView {
    let session = session();
    let has_posts = move || session.me.with(|me| me.posts.len() > 1);
    let sign_ins = Pages::<SignInView>::new(session, || "/api/v1/me/sign-ins".to_owned());
    view! {
        <div class="account" data-testid="account">
            <header class="head"><h1>{t(d::MY_ACCOUNT)}</h1>
                <span class="quiet">{move || session.me.with(|me| format!("{} · {}", me.name, me.actor.id))}</span></header>
            <div>
                {move || has_posts().then(|| view! {
                    <section class="block"><h2>{t(d::MY_POSTS)}</h2><p class="lead">{t(d::MY_POSTS_WHY)}</p><PostList/></section>
                })}
                <Told/>
                <Codes session=session/>
                <Joining session=session/>
            </div>
            <div><Telling/><Password session=session sign_ins=sign_ins/></div>
            <section class="block wide"><h2>{t(d::MY_SIGN_INS)}</h2><p class="lead">{t(d::MY_SIGN_INS_WHY)}</p>
                <SignInTable sign_ins=sign_ins base="/api/v1/me/sign-ins"/></section>
        </div>
    }
}

#[component]
fn Password(session: Session, sign_ins: Pages<SignInView>) -> impl IntoView {
    let old = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let done = RwSignal::new(false);
    let work = Work::default();
    let differs = Signal::derive(move || {
        let differs = tried.get() && new.get() != again.get();
        differs.then(|| session.tongue.t(d::PASSWORDS_DIFFER).to_owned())
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        tried.set(true);
        done.set(false);
        if differs.get_untracked().is_some() {
            return;
        }
        let body = PasswordChange {
            old: old.get_untracked(),
            new: new.get_untracked(),
        };
        work.run(
            async move {
                session
                    .send::<()>("POST", "/api/v1/me/password", &body)
                    .await
            },
            move |()| {
                tried.set(false);
                for field in [old, new, again] {
                    field.set(String::new());
                }
                done.set(true);
                sign_ins.again();
            },
        );
    };
    let id = session.me.with_untracked(|me| me.actor.id.clone());
    view! {
        <form class="block form" on:submit=submit novalidate data-testid="password-form">
            <h2>{t(d::CHANGE_PASSWORD)}</h2>
            <input class="sr" type="text" autocomplete="username" value=id readonly tabindex="-1" aria-hidden="true"/>
            <PasswordField label=d::OLD_PASSWORD value=old autocomplete="current-password" testid="old-password"/>
            <PasswordField label=d::NEW_PASSWORD value=new autocomplete="new-password" testid="new-password" error=work.at("/new")/>
            <PasswordField label=d::NEW_PASSWORD_AGAIN value=again autocomplete="new-password" testid="new-password-again" error=differs/>
            <Rules/>
            <Refusal failed=work.failed/>
            {move || done.get().then(|| view! { <Notice kind=Kind::Done text=session.tongue.t(d::PASSWORD_CHANGED).to_owned()/> })}
            <div class="actions"><button type="submit" class="btn primary" data-testid="change-password" disabled=move || work.busy.get()>{t(d::CHANGE_PASSWORD)}</button></div>
        </form>
    }
}

#[component]
fn Codes(session: Session) -> impl IntoView {
    let offer = RwSignal::new(None::<TotpOffer>);
    let told = RwSignal::new(None::<crate::i18n::Text>);
    let is_on = move || session.me.with(|me| me.totp);
    let body = move || match (is_on(), offer.get()) {
        (true, _) => view! { <StopCodes session=session told=told/> }.into_any(),
        (false, Some(offered)) => {
            view! { <ConfirmCodes session=session offered=offered offer=offer told=told/> }
                .into_any()
        }
        (false, None) => view! { <StartCodes session=session offer=offer told=told/> }.into_any(),
    };
    view! {
        <section class="block form" data-testid="totp" data-on=move || is_on().to_string()>
            <h2>{t(d::TOTP)}</h2>
            <p class="lead">{move || session.tongue.t(if is_on() { d::TOTP_ON } else { d::TOTP_OFF })}</p>
            {move || told.get().map(|text| view! { <Notice kind=Kind::Done text=session.tongue.t(text).to_owned()/> })}
            {body}
        </section>
    }
}

/// A button for each outside identity provider that can be joined to the account.
#[component]
fn Joining(session: Session) -> impl IntoView {
    let ways = RwSignal::new(Ways::default());
    leptos::task::spawn_local(async move {
        if let Ok(found) = session.get::<Ways>("/api/v1/sign-in").await {
            ways.try_set(found);
        }
    });
    let button = move |(name, title): (String, String)| {
        let href = format!("/api/v1/sign-in/{}?join=1", api::escaped(&name));
        view! {
            <a class="btn" href=href rel="external" data-testid="join">
                <Glyph icon=Icon::Link/>{move || session.tongue.tf(d::JOIN_WITH, &[("name", &title)])}
            </a>
        }
    };
    move || {
        let providers = ways.get().providers;
        (!providers.is_empty()).then(|| {
            view! {
                <section class="block"><h2>{t(d::JOIN)}</h2><p class="lead">{t(d::JOIN_WHY)}</p>
                    <div class="toolbar">{providers.into_iter().map(button).collect_view()}</div></section>
            }
        })
    }
}

#[component]
fn StartCodes(
    session: Session,
    offer: RwSignal<Option<TotpOffer>>,
    told: RwSignal<Option<crate::i18n::Text>>,
) -> impl IntoView {
    let work = Work::default();
    let start = move |_| {
        told.set(None);
        work.run(
            async move {
                session
                    .send::<TotpOffer>("POST", "/api/v1/me/totp", &json!({}))
                    .await
            },
            move |offered| offer.set(Some(offered)),
        );
    };
    view! {
        <Refusal failed=work.failed/>
        <div class="actions"><button type="button" class="btn primary" data-testid="totp-start" disabled=move || work.busy.get() on:click=start>
            <Glyph icon=Icon::Shield/>{t(d::TOTP_START)}</button></div>
    }
}

#[component]
fn ConfirmCodes(
    session: Session,
    offered: TotpOffer,
    offer: RwSignal<Option<TotpOffer>>,
    told: RwSignal<Option<crate::i18n::Text>>,
) -> impl IntoView {
    let work = Work::default();
    let code = RwSignal::new(String::new());
    // As a picture of its own the SVG can run nothing.
    let picture = format!("data:image/svg+xml,{}", api::escaped(&offered.qr_svg));
    let slip = offered.slip.clone();
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let body = TotpConfirm {
            slip: slip.clone(),
            code: code.get_untracked().replace(' ', ""),
        };
        work.run(
            async move {
                session
                    .send::<()>("POST", "/api/v1/me/totp/confirm", &body)
                    .await
            },
            move |()| {
                offer.set(None);
                told.set(Some(d::TOTP_DONE));
                session.refresh();
            },
        );
    };
    view! {
        <form on:submit=submit novalidate class="totp-offer">
            <p>{t(d::TOTP_SCAN)}</p>
            <img class="qr" src=picture alt=t(d::TOTP_PICTURE) width="200" height="200"/>
            <p class="key"><span class="quiet">{t(d::TOTP_KEY)}</span><code data-testid="totp-secret">{grouped(&offered.secret)}</code></p>
            <TextField label=d::TOTP_CONFIRM value=code inputmode="numeric" autocomplete="one-time-code" testid="totp-code" longest=8/>
            <Refusal failed=work.failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| offer.set(None)>{t(d::CANCEL)}</button>
                <button type="submit" class="btn primary" data-testid="totp-go" disabled=move || work.busy.get()>{t(d::CONFIRM)}</button>
            </div>
        </form>
    }
}

/// A key in groups of four, as it is read out.
fn grouped(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let groups: Vec<String> = chars
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

#[component]
fn StopCodes(session: Session, told: RwSignal<Option<crate::i18n::Text>>) -> impl IntoView {
    let work = Work::default();
    let asks = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let submit = Callback::new(move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let body = json!({ "password": password.get_untracked() });
        work.run(
            async move { session.send::<()>("DELETE", "/api/v1/me/totp", &body).await },
            move |()| {
                told.set(Some(d::TOTP_STOPPED));
                session.refresh();
            },
        );
    });
    move || {
        if asks.get() {
            view! {
                <form on:submit=move |ev| submit.run(ev) novalidate class="form">
                    <p>{t(d::TOTP_STOP_WHY)}</p>
                    <PasswordField label=d::PASSWORD value=password autocomplete="current-password" testid="totp-password"/>
                    <Refusal failed=work.failed/>
                    <div class="actions">
                        <button type="button" class="btn" on:click=move |_| asks.set(false)>{t(d::CANCEL)}</button>
                        <button type="submit" class="btn grave" data-testid="totp-stop-go" disabled=move || work.busy.get()>{t(d::TOTP_STOP)}</button>
                    </div>
                </form>
            }
            .into_any()
        } else {
            view! {
                <div class="actions"><button type="button" class="btn" data-testid="totp-stop" on:click=move |_| asks.set(true)>{t(d::TOTP_STOP)}</button></div>
            }
            .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_fours() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
