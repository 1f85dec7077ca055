//! Signing in: account and password, a one-time code where one is asked for, or an outside
//! identity provider; then back to where one came from.

use domain::wire::account::{Credentials, Me, Ways};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failed};
use crate::i18n::{Text, desk as d, fill};
use crate::net;
use crate::screens::enter_frame::EnterFrame;
use crate::ui::field::{PasswordField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice};
use crate::ui::tongue::{Tongue, t, tongue};

/// What the form holds. Cheap to copy.
#[derive(Clone, Copy)]
struct Form {
    tongue: Tongue,
    name: RwSignal<String>,
    password: RwSignal<String>,
    code: RwSignal<String>,
    asks_code: RwSignal<bool>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<Failed>>,
    /// Seconds until another attempt is taken.
    locked_secs: RwSignal<u32>,
}

impl Form {
    fn new(tongue: Tongue) -> Self {
        Self {
            tongue,
            name: RwSignal::new(String::new()),
            password: RwSignal::new(String::new()),
            code: RwSignal::new(String::new()),
            asks_code: RwSignal::new(false),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            locked_secs: RwSignal::new(0),
        }
    }

    fn submit(self) {
        let credentials = Credentials {
            name: self.name.with_untracked(|name| name.trim().to_owned()),
            password: self.password.get_untracked(),
            code: self
                .asks_code
                .get_untracked()
                .then(|| self.code.with_untracked(|code| code.replace(' ', ""))),
        };
        if self.busy.get_untracked() || self.locked_secs.get_untracked() > 0 {
            return;
        }
        if credentials.name.is_empty() || credentials.password.is_empty() {
            self.failed.set(Some(Failed {
                detail: self.tongue.t(d::SIGN_IN_FILL).to_owned(),
                ..Failed::default()
            }));
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let lang = self.tongue.lang();
            let answer = api::send::<Me>("POST", "/api/v1/sign-in", lang, &credentials).await;
            match answer {
                Ok(me) => net::go(&after(&me)),
                Err(failed) => {
                    self.busy.set(false);
                    self.refused(failed);
                }
            }
        });
    }

    fn refused(self, failed: Failed) {
        self.code.set(String::new());
        match (failed.code.as_str(), failed.retry_after_secs) {
            ("code_required", _) => {
                self.failed.set(None);
                self.asks_code.set(true);
            }
            ("locked" | "rate_limited", Some(secs)) => {
                self.failed.set(None);
                self.wait(secs.max(1));
            }
            _ => self.failed.set(Some(failed)),
        }
    }

    /// Counts down until another attempt is taken.
    fn wait(self, secs: u32) {
        let start = net::monotonic_ms();
        self.locked_secs.set(secs);
        spawn_local(async move {
            while self.locked_secs.try_get_untracked().unwrap_or(0) > 0 {
                net::wait(250).await;
                let past = (net::monotonic_ms() - start) / 1_000.0;
                let left = (f64::from(secs) - past).max(0.0).ceil() as u32;
                if self.locked_secs.try_get_untracked() != Some(left) {
                    self.locked_secs.try_set(left);
                }
            }
        });
    }

    fn start_over(self) {
        self.asks_code.set(false);
        self.failed.set(None);
        self.password.set(String::new());
        self.code.set(String::new());
    }
}

/// Where to go after signing in: where they came from, or the screen made for them.
fn after(me: &Me) -> String {
    let asked = net::query("next");
    let back = asked.as_deref().and_then(net::own_path);
    back.unwrap_or(&me.screen).to_owned()
}

/// The screen.
#[component]
pub fn SignIn() -> impl IntoView {
    let tongue = tongue();
    let form = Form::new(tongue);
    if let Some(code) = net::query("problem") {
        form.failed.set(Some(Failed {
            detail: tongue.0.get_untracked().of(problem_words(&code)).to_owned(),
            code,
            ..Failed::default()
        }));
    }
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        form.submit();
    };
    view! {
        <EnterFrame testid="sign-in">
            <h1>{move || tongue.t(if form.asks_code.get() { d::CODE_TITLE } else { d::SIGN_IN_TITLE })}</h1>
            <p class="lead">{move || tongue.t(if form.asks_code.get() { d::CODE_LEAD } else { d::SIGN_IN_LEAD })}</p>
            <Already/>
            <form on:submit=submit novalidate>
                {move || if form.asks_code.get() {
                    view! { <CodeStep form=form/> }.into_any()
                } else {
                    view! { <PasswordStep form=form/> }.into_any()
                }}
                <Told form=form/>
                <Go form=form/>
            </form>
            <Providers/>
            <p class="help">{t(d::SIGN_IN_HELP)}</p>
        </EnterFrame>
    }
}

#[component]
fn PasswordStep(form: Form) -> impl IntoView {
    let name = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            let _ = name.focus();
        }
    });
    view! {
        <TextField label=d::ACCOUNT value=form.name autocomplete="username" testid="name" longest=64 input=name/>
        <PasswordField label=d::PASSWORD value=form.password autocomplete="current-password" testid="password"/>
    }
}

#[component]
fn CodeStep(form: Form) -> impl IntoView {
    let code = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(code) = code.get() {
            let _ = code.focus();
        }
    });
    view! {
        <p class="whom"><Glyph icon=Icon::Person/>{move || form.name.get()}
            <button type="button" class="link" on:click=move |_| form.start_over()>{t(d::CODE_BACK)}</button>
        </p>
        <TextField label=d::CODE value=form.code autocomplete="one-time-code" inputmode="numeric"
            testid="code" longest=8 input=code/>
    }
}

/// Why signing in at an outside provider came to nothing.
fn problem_words(code: &str) -> Text {
    match code {
        "not_joined" => d::SIGN_IN_NOT_JOINED,
        "way_over" => d::SIGN_IN_WAY_OVER,
        _ => d::SIGN_IN_FAILED_THERE,
    }
}

/// What was refused, or how long one must wait.
#[component]
fn Told(form: Form) -> impl IntoView {
    move || {
        if form.locked_secs.with(|secs| *secs > 0) {
            let text = Signal::derive(move || {
                let secs = form.locked_secs.get().to_string();
                fill(form.tongue.t(d::SIGN_IN_LOCKED), &[("n", &secs)])
            });
            return Some(view! { <Notice kind=Kind::Refused text=text/> });
        }
        let failed = form.failed.get()?;
        Some(view! { <Notice kind=Kind::Refused text=failed.detail/> })
    }
}

#[component]
fn Go(form: Form) -> impl IntoView {
    let waits = move || form.busy.get() || form.locked_secs.get() > 0;
    let word = move || {
        form.tongue.t(if form.busy.get() {
            d::SIGN_IN_BUSY
        } else {
            d::SIGN_IN_GO
        })
    };
    view! {
        <button type="submit" class="btn primary large" data-testid="go" disabled=waits>{word}</button>
    }
}

/// Whoever is signed in already may just go on.
#[component]
fn Already() -> impl IntoView {
    let tongue = tongue();
    let me = RwSignal::new(None::<Me>);
    spawn_local(async move {
        if let Ok(found) = api::get::<Me>("/api/v1/me", tongue.lang()).await {
            me.try_set(Some(found));
        }
    });
    move || {
        let me = me.get()?;
        let text = tongue.tf(d::SIGNED_IN_AS, &[("name", &me.name)]);
        Some(view! {
            <p class="already">{text}<a class="btn" href=after(&me)>{t(d::SIGN_IN_GO_ON)}</a></p>
        })
    }
}

/// A button for each outside identity provider.
#[component]
fn Providers() -> impl IntoView {
    let tongue = tongue();
    let ways = RwSignal::new(Ways::default());
    spawn_local(async move {
        if let Ok(found) = api::get::<Ways>("/api/v1/sign-in", tongue.lang()).await {
            ways.try_set(found);
        }
    });
    let button = move |(name, title): (String, String)| {
        let href = format!("/api/v1/sign-in/{}", api::escaped(&name));
        view! {
            <a class="btn large" href=href data-testid="provider" rel="external">
                <Glyph icon=Icon::Shield/>{move || tongue.tf(d::SIGN_IN_WITH, &[("name", &title)])}
            </a>
        }
    };
    move || {
        let providers = ways.get().providers;
        (!providers.is_empty()).then(|| {
            view! {
                <div class="providers"><span class="or">{t(d::SIGN_IN_OR)}</span>
                    {providers.into_iter().map(button).collect_view()}
                </div>
            }
        })
    }
}
