//! A one-time link: whom it is for, and their own password. The link's secret stands behind the
//! `#`, so that it reaches no server's log; it is sent once to ask and once to choose.

use domain::wire::account::{Me, Ways, Welcome as Ask, Welcomed};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failed};
use crate::i18n::desk as d;
use crate::net;
use crate::screens::enter_frame::EnterFrame;
use crate::ui::field::PasswordField;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::tongue::{t, tongue};

/// What is known of the link.
#[derive(Clone, PartialEq, Debug)]
enum Link {
    Asking,
    For(Welcomed),
    Over(Failed),
}

/// The screen.
#[component]
pub fn Welcome() -> impl IntoView {
    let tongue = tongue();
    let secret = net::fragment();
    let link = RwSignal::new(Link::Asking);
    let asked = secret.clone();
    spawn_local(async move {
        let ask = Ask {
            secret: asked,
            password: None,
        };
        loop {
            let answer = api::send("POST", "/api/v1/welcome", tongue.lang(), &ask).await;
            match answer {
                Ok(welcomed) => return link.set(Link::For(welcomed)),
                Err(failed) if failed.status == 0 => net::wait(3_000).await,
                Err(failed) => return link.set(Link::Over(failed)),
            }
        }
    });
    view! {
        <EnterFrame testid="welcome">
            {move || match link.get() {
                Link::Asking => view! { <p class="lead" role="status">{t(d::WELCOME_CHECKING)}</p> }.into_any(),
                Link::Over(failed) => view! { <Over failed=failed/> }.into_any(),
                Link::For(welcomed) => view! { <Choose secret=secret.clone() welcomed=welcomed/> }.into_any(),
            }}
        </EnterFrame>
    }
}

#[component]
fn Over(failed: Failed) -> impl IntoView {
    let is_over = matches!(failed.status, 400 | 401 | 403 | 404);
    view! {
        <h1 data-testid="link-over">{t(d::WELCOME_OVER)}</h1>
        <p class="lead">{t(d::WELCOME_OVER_WHY)}</p>
        {(!is_over).then(|| view! { <Notice kind=Kind::Refused text=failed.detail/> })}
        <p class="help"><a href="/sign-in">{t(d::SIGN_IN_TITLE)}</a></p>
    }
}

#[component]
fn Choose(secret: String, welcomed: Welcomed) -> impl IntoView {
    let tongue = tongue();
    let password = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failed>);
    let differs = Signal::derive(move || {
        let differs = tried.get() && password.get() != again.get();
        differs.then(|| tongue.t(d::PASSWORDS_DIFFER).to_owned())
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        tried.set(true);
        failed.set(None);
        if busy.get_untracked() || differs.get_untracked().is_some() {
            return;
        }
        busy.set(true);
        let ask = Ask {
            secret: secret.clone(),
            password: Some(password.get_untracked()),
        };
        spawn_local(async move {
            match api::send::<Me>("POST", "/api/v1/welcome", tongue.lang(), &ask).await {
                Ok(me) => net::go(&me.screen),
                Err(refused) => {
                    busy.set(false);
                    failed.set(Some(refused));
                }
            }
        });
    };
    view! {
        <h1>{t(d::WELCOME_TITLE)}</h1>
        <p class="whom big" data-testid="whom"><Glyph icon=Icon::Person/>
            <span>{t(d::WELCOME_FOR)}" "<b>{welcomed.name}</b></span><code>{welcomed.id.clone()}</code>
        </p>
        <p class="lead">{t(d::WELCOME_LEAD)}</p>
        <form on:submit=submit novalidate>
            <input class="sr" type="text" autocomplete="username" value=welcomed.id readonly tabindex="-1" aria-hidden="true"/>
            <PasswordField label=d::NEW_PASSWORD value=password autocomplete="new-password" testid="password"/>
            <PasswordField label=d::NEW_PASSWORD_AGAIN value=again autocomplete="new-password" testid="password-again" error=differs/>
            <Rules/>
            <Refusal failed=failed/>
            <button type="submit" class="btn primary large" data-testid="go" disabled=move || busy.get()>{t(d::WELCOME_GO)}</button>
        </form>
    }
}

/// What a password must be, said beforehand. How strong one is, the server says.
#[component]
pub fn Rules() -> impl IntoView {
    let tongue = tongue();
    let least = RwSignal::new(None::<usize>);
    spawn_local(async move {
        if let Ok(ways) = api::get::<Ways>("/api/v1/sign-in", tongue.lang()).await {
            least.try_set(Some(ways.password_min_chars));
        }
    });
    let length = move || {
        let n = least.get().unwrap_or(10).to_string();
        tongue.tf(d::RULE_LENGTH, &[("n", &n)])
    };
    view! {
        <ul class="rules"><li>{length}</li><li>{t(d::RULE_COMMON)}</li><li>{t(d::RULE_FREE)}</li></ul>
    }
}
