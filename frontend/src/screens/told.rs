//! One's own notices, and how one wants to be told.

use domain::wire::notice::{Browsers, Item, Mine, Settings, Subscribed, Tongue};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api;
use crate::i18n::Lang;
use crate::i18n::told as w;
use crate::panels::admin::work::Work;
use crate::push;
use crate::session::{Session, session};
use crate::ui::field::Tick;
use crate::ui::icon::Icon;
use crate::ui::notice::{Blank, Kind, Notice, Refusal};
use crate::ui::tongue::t;

/// How often the list is asked for again.
const FRESH: std::time::Duration = std::time::Duration::from_secs(20);
/// Notices shown.
const SHOWN: usize = 20;

/// The notices of whoever is signed in.
#[component]
pub fn Told() -> impl IntoView {
    let session = session();
    let mine = RwSignal::new(None::<Mine>);
    let load = move || {
        spawn_local(async move {
            let url = format!("/api/v1/notices?limit={SHOWN}");
            if let Ok(found) = session.get::<Mine>(&url).await {
                mine.try_set(Some(found));
            }
        });
    };
    load();
    if let Ok(handle) = set_interval_with_handle(load, FRESH) {
        on_cleanup(move || handle.clear());
    }
    let work = Work::default();
    let unread = move || mine.with(|mine| mine.as_ref().map_or(0, |mine| mine.unread));
    let tell = Callback::new(move |url: String| {
        work.run(
            async move { session.send::<Value>("POST", &url, &json!({})).await },
            move |_| load(),
        );
    });
    let rows = move || {
        match mine.get() {
        None => ().into_any(),
        Some(mine) if mine.items.is_empty() => {
            view! { <Blank icon=Icon::Info title=w::NONE why=w::NONE_WHY/> }.into_any()
        }
        Some(mine) => view! {
            <ul class="grants" data-testid="notices">
                {mine.items.into_iter().map(|item| view! { <Row item=item tell=tell/> }).collect_view()}
            </ul>
        }
        .into_any(),
    }
    };
    let count = move || {
        session
            .tongue
            .tf(w::UNREAD, &[("n", &unread().to_string())])
    };
    view! {
        <section class="block" data-testid="told" data-unread=move || unread().to_string()>
            <h2>{t(w::NOTICES)}</h2>
            <p class="lead" role="status">{count}</p>
            <Refusal failed=work.failed/>
            {rows}
            <div class="actions"><button type="button" class="btn" data-testid="read-all"
                disabled=move || work.busy.get() || unread() == 0
                on:click=move |_| tell.run("/api/v1/notices/read".to_owned())>{t(w::READ_ALL)}</button></div>
        </section>
    }
}

#[component]
fn Row(item: Item, tell: Callback<String>) -> impl IntoView {
    let session = session();
    let at = item.at;
    let is_unread = item.read_at.is_none();
    let say = move |what: &str| {
        let key = api::escaped(&item.key);
        tell.run(format!("/api/v1/notices/{key}/{what}"));
    };
    let button = if item.acknowledge {
        Some(("acknowledge", w::ACKNOWLEDGE))
    } else {
        is_unread.then_some(("read", w::READ))
    };
    let link = view! { <a href=item.link rel="external">{item.title}</a> };
    let title = if is_unread {
        view! { <b>{link}</b> }.into_any()
    } else {
        view! { <span>{link}</span> }.into_any()
    };
    view! {
        <li data-testid="notice" data-unread=is_unread.to_string()>
            {title}<small>{item.body}</small>
            <small class="num">{move || session.ago(at)}</small>
            {button.map(|(what, label)| view! {
                <button type="button" class="btn" data-testid=what on:click=move |_| say(what)>{t(label)}</button>
            })}
        </li>
    }
}

/// How one wants to be told.
#[component]
pub fn Telling() -> impl IntoView {
    let session = session();
    let sms = RwSignal::new(true);
    let known = RwSignal::new(None::<Settings>);
    let work = Work::default();
    spawn_local(async move {
        if let Ok(found) = session.get::<Settings>("/api/v1/me/notices").await {
            sms.try_set(found.sms);
            known.try_set(Some(found));
        }
    });
    Effect::new(move |_| {
        let sms = sms.get();
        let Some(before) = known.get_untracked().filter(|before| before.sms != sms) else {
            return;
        };
        let language = match session.tongue.lang() {
            Lang::Zh => Tongue::Zh,
            Lang::En => Tongue::En,
        };
        let wanted = Settings {
            sms,
            language,
            ..before
        };
        let sent = wanted.clone();
        work.run(
            async move {
                session
                    .send::<Settings>("PUT", "/api/v1/me/notices", &sent)
                    .await
            },
            move |_| known.set(Some(wanted)),
        );
    });
    view! {
        <section class="block form" data-testid="telling">
            <h2>{t(w::TELLING)}</h2><p class="lead">{t(w::TELLING_WHY)}</p>
            <Tick label=w::BY_SMS value=sms testid="by-sms" locked=Signal::derive(move || known.with(Option::is_none))/>
            <Refusal failed=work.failed/>
            <ThisBrowser session=session/>
        </section>
    }
}

#[component]
fn ThisBrowser(session: Session) -> impl IntoView {
    let is_on = RwSignal::new(false);
    let key = RwSignal::new(None::<String>);
    let why = RwSignal::new(None::<push::Why>);
    let work = Work::default();
    spawn_local(async move {
        is_on.try_set(push::is_on().await);
        if let Ok(found) = session.get::<Browsers>("/api/v1/me/push").await {
            key.try_set(found.public_key);
        }
    });
    let state = move || match (push::able(), key.get()) {
        (false, _) => w::PUSH_UNABLE,
        (true, None) => w::PUSH_OFF_HERE,
        (true, Some(_)) if push::refused() => w::PUSH_REFUSED,
        (true, Some(_)) if is_on.get() => w::PUSH_ON,
        (true, Some(_)) => w::PUSH_OFF,
    };
    let turn = move |_| {
        why.set(None);
        let Some(key) = key.get_untracked() else {
            return;
        };
        if is_on.get_untracked() {
            spawn_local(async move {
                push::unsubscribe().await;
                is_on.try_set(push::is_on().await);
            });
            return;
        }
        spawn_local(async move {
            match push::subscribe(&key).await {
                Err(reason) => {
                    why.try_set(Some(reason));
                }
                Ok(text) => {
                    let offer: Value = serde_json::from_str(&text).unwrap_or_default();
                    let url = "/api/v1/me/push";
                    work.run(
                        async move { session.send::<Subscribed>("POST", url, &offer).await },
                        move |_| is_on.set(true),
                    );
                }
            }
        });
    };
    let can = move || push::able() && key.with(Option::is_some) && !push::refused();
    let failed = move || {
        let text = match why.get()? {
            push::Why::Refused => w::PUSH_REFUSED,
            push::Why::Unreachable => w::PUSH_UNREACHABLE,
        };
        let text = Signal::derive(move || session.tongue.t(text).to_owned());
        Some(view! { <Notice kind=Kind::Refused text=text/> })
    };
    view! {
        <p class="lead" data-testid="push-state">{move || session.tongue.t(state())}</p>
        {failed}
        <Refusal failed=work.failed/>
        <div class="actions"><button type="button" class="btn" data-testid="push" disabled=move || !can() || work.busy.get() on:click=turn>
            {move || session.tongue.t(if is_on.get() { w::PUSH_STOP } else { w::PUSH_START })}</button></div>
    }
}
