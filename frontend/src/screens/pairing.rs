//! A wall that nobody signed in: the code it shows, read across a room and typed at a desk. It
//! asks every few seconds whether somebody did, and gets itself a new code when one runs out.

use domain::wire::account::{Me, WallClaim, WallCode};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::VisibilityState;

use crate::api::{self, Failed};
use crate::i18n::{Text, desk as d};
use crate::net;
use crate::ui::tongue::{LangButton, Tongue, t, tongue};

/// How often to ask whether the code was typed, ms.
const CLAIM_MS: i32 = 3_000;
/// The longest wait after a failure, ms.
const LONGEST_WAIT_MS: i32 = 30_000;
/// A code this close to its end is changed for a new one, ms.
const RENEW_BEFORE_MS: i64 = 3_000;

/// What is known of the pairing. Cheap to copy.
#[derive(Clone, Copy)]
struct Pairing {
    tongue: Tongue,
    code: RwSignal<Option<WallCode>>,
    left_ms: RwSignal<i64>,
    /// Why there is no code, or no answer.
    trouble: RwSignal<Option<Text>>,
    done: RwSignal<bool>,
}

/// How one question ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Nobody typed it yet, or it was done.
    Wait,
    /// The code is of no more use.
    Renew,
    /// The server refused or is silent; wait longer each time, or for as long as it asks.
    Trouble(Option<u32>),
}

/// How long to wait after so many failures, ms.
fn wait_ms(step: Step, failures: u32) -> i32 {
    match step {
        Step::Wait | Step::Renew => CLAIM_MS,
        Step::Trouble(Some(secs)) => i32::try_from(secs.saturating_mul(1_000))
            .unwrap_or(i32::MAX)
            .clamp(CLAIM_MS, 2 * LONGEST_WAIT_MS),
        Step::Trouble(None) => (CLAIM_MS << failures.min(5)).min(LONGEST_WAIT_MS),
    }
}

impl Pairing {
    async fn run(self) {
        let mut failures = 0;
        while !self.done.try_get_untracked().unwrap_or(true) {
            let step = if self.is_running_out() {
                self.renew().await
            } else {
                self.claim().await
            };
            let renewed = step == Step::Renew;
            if renewed {
                self.code.set(None);
            }
            failures = if matches!(step, Step::Trouble(_)) {
                failures + 1
            } else {
                0
            };
            if !renewed {
                net::wait(wait_ms(step, failures)).await;
            }
        }
    }

    fn is_running_out(self) -> bool {
        self.left() < RENEW_BEFORE_MS
    }

    fn left(self) -> i64 {
        let until = self
            .code
            .with_untracked(|code| code.as_ref().map(|code| code.until.millis()));
        until.map_or(0, |until| until - api::server_now_ms())
    }

    async fn renew(self) -> Step {
        let lang = self.tongue.lang();
        match api::plain::<WallCode>("POST", "/api/v1/walls/codes", lang).await {
            Ok(code) => {
                self.code.set(Some(code));
                self.left_ms.set(self.left());
                self.trouble.set(None);
                Step::Wait
            }
            Err(failed) => self.failed(&failed),
        }
    }

    async fn claim(self) -> Step {
        let Some(slip) = self
            .code
            .with_untracked(|code| code.as_ref().map(|code| code.slip.clone()))
        else {
            return Step::Renew;
        };
        let lang = self.tongue.lang();
        let body = serde_json::to_string(&WallClaim { slip }).unwrap_or_default();
        let sent = Some(("application/json", body.as_str()));
        let answer = api::ask("POST", "/api/v1/walls/claim", lang, sent).await;
        if answer.json::<Me>().is_some() {
            self.done.set(true);
            net::go("/wall");
        }
        match api::read::<serde::de::IgnoredAny>(&answer, lang) {
            Ok(_) => {
                self.trouble.set(None);
                Step::Wait
            }
            Err(failed) if matches!(failed.status, 400 | 403 | 404 | 422) => Step::Renew,
            Err(failed) => self.failed(&failed),
        }
    }

    fn failed(self, failed: &Failed) -> Step {
        let silent = failed.status == 0 || failed.status >= 500;
        self.trouble.set(Some(if silent {
            d::PAIR_SILENT
        } else {
            d::PAIR_REFUSED
        }));
        Step::Trouble(failed.retry_after_secs)
    }

    fn status(self) -> Text {
        if self.done.get() {
            return d::PAIR_DONE;
        }
        match (self.trouble.get(), self.code.with(Option::is_some)) {
            (Some(trouble), _) => trouble,
            (None, true) => d::PAIR_WAITING,
            (None, false) => d::PAIR_RENEWING,
        }
    }
}

/// The screen.
#[component]
pub fn PairingScreen() -> impl IntoView {
    let tongue = tongue();
    let pairing = Pairing {
        tongue,
        code: RwSignal::new(None),
        left_ms: RwSignal::new(0),
        trouble: RwSignal::new(None),
        done: RwSignal::new(false),
    };
    spawn_local(pairing.run());
    let handle = set_interval_with_handle(
        move || {
            if document().visibility_state() == VisibilityState::Visible {
                pairing.left_ms.set(pairing.left());
            }
        },
        std::time::Duration::from_secs(1),
    );
    if let Ok(handle) = handle {
        on_cleanup(move || handle.clear());
    }
    let desk = format!(
        "{}/admin/walls",
        window().location().origin().unwrap_or_default()
    );
    let how = move || tongue.tf(d::PAIR_HOW, &[("url", &desk)]);
    view! {
        <main class="pairing" data-testid="pairing">
            <h1>{t(d::PAIR_TITLE)}</h1>
            <p class="how">{how}</p>
            <Code pairing=pairing/>
            <p class="status" role="status" data-trouble=move || pairing.trouble.get().is_some().to_string()>
                <span>{move || tongue.t(pairing.status())}</span>
                {move || left_words(pairing).map(|left| view! { <span class="num left" data-testid="pair-left">{left}</span> })}
            </p>
            <nav><a class="tool" href="/sign-in?next=%2Fwall">{t(d::PAIR_SIGN_IN)}</a><LangButton/></nav>
        </main>
    }
}

fn left_words(pairing: Pairing) -> Option<String> {
    let left = pairing.left_ms.get() / 1_000;
    if left <= 0 || pairing.code.with(Option::is_none) {
        return None;
    }
    let clock = format!("{}:{:02}", left / 60, left % 60);
    Some(pairing.tongue.tf(d::PAIR_LEFT, &[("t", &clock)]))
}

/// The code in its two groups; spelt out for those who hear it.
#[component]
fn Code(pairing: Pairing) -> impl IntoView {
    let code = move || pairing.code.get().map(|code| code.code).unwrap_or_default();
    let groups = move || {
        code()
            .split('-')
            .filter(|group| !group.is_empty())
            .map(|group| view! { <span>{group.to_owned()}</span> })
            .collect_view()
    };
    view! {
        <output class="code num" data-testid="pair-code" data-code=code aria-label=t(d::PAIR_CODE)>{groups}</output>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_waits_longer_each_time_or_as_long_as_asked() {
        assert_eq!(wait_ms(Step::Wait, 0), 3_000);
        let waits: Vec<i32> = (1..6).map(|n| wait_ms(Step::Trouble(None), n)).collect();
        assert_eq!(waits, [6_000, 12_000, 24_000, 30_000, 30_000]);
        assert_eq!(wait_ms(Step::Trouble(Some(40)), 1), 40_000);
        assert_eq!(wait_ms(Step::Trouble(Some(0)), 1), 3_000);
        assert_eq!(wait_ms(Step::Trouble(Some(u32::MAX)), 1), 60_000);
    }
}
