//! The frame of signing in and of choosing a password: whose system it is, and one card.

use leptos::prelude::*;

use crate::i18n::catalogue as c;
use crate::net;
use crate::ui::tongue::{LangButton, t};

/// The frame.
#[component]
pub fn EnterFrame(
    /// The hook for checks.
    testid: &'static str,
    /// The card.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="desk enter" data-testid=testid>
            <header class="masthead">
                <img src="/favicon.svg" alt="" width="40" height="40"/>
                <div><b>{t(c::APP)}</b><span>{t(c::APP_LEAD)}</span></div>
                <LangButton/>
            </header>
            <main class="card">{children()}</main>
            <footer class="num">{net::meta("gridlamp-version").unwrap_or_default()}</footer>
        </div>
    }
}
