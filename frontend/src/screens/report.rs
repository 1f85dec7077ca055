//! The report page: for anybody with a telephone, and for grid workers who are signed in. It opens
//! and takes reports without a network.

use domain::actor::Role;
use domain::wire::account::Me;
use domain::wire::receipt::ReportForm;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::device;
use crate::i18n::{Text, report as r};
use crate::net;
use crate::panels::report::model::Who;
use crate::panels::report::{Mine, Page, Tab, Tasks, Write};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{LangButton, t, tongue};

/// What the server said last, for when there is no network.
const FORM: &str = "report.form";
/// Who was signed in last, for when there is no network.
const WHO: &str = "report.who";
/// How often what waits is tried again, ms.
const RETRY_MS: i32 = 20_000;

/// The page.
#[component]
pub fn ReportScreen() -> impl IntoView {
    let page = Page::new(tongue());
    provide_context(page);
    begin(page);
    view! {
        <div class="desk report" data-testid="report">
            <Head/>
            <main>
                {move || (!page.online.get()).then(|| view! { <p class="offline" role="status" data-testid="offline"><Glyph icon=Icon::Offline/>{t(r::OFFLINE)}</p> })}
                {move || match page.tab.get() {
                    Tab::Write if is_closed(page) => view! { <Closed/> }.into_any(),
                    Tab::Write => view! { <Write/> }.into_any(),
                    Tab::Mine => view! { <Mine/> }.into_any(),
                    Tab::Tasks => view! { <Tasks/> }.into_any(),
                }}
            </main>
            <Tabs/>
        </div>
    }
}

/// Whether nobody may report here without an account, and nobody is signed in.
fn is_closed(page: Page) -> bool {
    let closed = page
        .form
        .with(|form| form.as_ref().is_some_and(|form| !form.open));
    closed && page.who.with(Option::is_none)
}

fn begin(page: Page) {
    device::keep_shell("/report", "/report-sw.js", None);
    let online = || web_sys::window().is_none_or(|window| window.navigator().on_line());
    page.online.set(online());
    if let Some(receipt) = net::fragment().strip_prefix("r=") {
        page.tab.set(Tab::Mine);
        page.opened.set(Some(receipt.to_owned()));
    }
    let again = move || spawn_local(async move { page.send_waiting().await });
    let back = window_event_listener(ev::online, move |_| {
        page.online.set(true);
        again();
    });
    let away = window_event_listener(ev::offline, move |_| page.online.set(false));
    on_cleanup(move || {
        back.remove();
        away.remove();
    });
    spawn_local(async move {
        know(page).await;
        page.begin().await;
        loop {
            net::wait(RETRY_MS).await;
            page.send_waiting().await;
        }
    });
}

/// Learns of the county and of whoever is signed in; without a network, what was known last.
async fn know(page: Page) {
    let lang = page.lang();
    let form = api::get::<ReportForm>("/api/v1/report-form", lang).await;
    let kept = |name: &str| net::recall(name);
    page.form.set(match form {
        Ok(form) => {
            net::remember(FORM, &serde_json::to_string(&form).unwrap_or_default());
            Some(form)
        }
        Err(_) => kept(FORM).and_then(|text| serde_json::from_str(&text).ok()),
    });
    let who = match api::get::<Me>("/api/v1/me", lang).await {
        Ok(me) => {
            let reports = matches!(me.actor.role, Role::Grid);
            reports.then(|| Who {
                id: me.actor.id,
                name: me.name,
                org: me.actor.org.map(|org| org.to_string()),
            })
        }
        Err(failed) if failed.status == 0 => {
            kept(WHO).and_then(|text| serde_json::from_str(&text).ok())
        }
        Err(_) => None,
    };
    net::remember(WHO, &serde_json::to_string(&who).unwrap_or_default());
    page.who.set(who);
}

#[component]
fn Head() -> impl IntoView {
    let page = expect_context::<Page>();
    let tongue = page.tongue;
    let lead = move || {
        let county = page.form.get().map(|form| form.county).unwrap_or_default();
        tongue.tf(r::REPORT_LEAD, &[("county", &county)])
    };
    view! {
        <header class="masthead">
            <div class="name"><b>{t(r::REPORT)}</b><small>{lead}</small></div>
            <LangButton/>
            {move || match page.who.get() {
                Some(who) => view! { <span class="whom" data-testid="whom">{tongue.tf(r::AS_PERSON, &[("name", &who.name)])}</span> }.into_any(),
                None => view! { <a class="btn quiet" href="/sign-in?next=/report" data-testid="to-sign-in"><Glyph icon=Icon::LogIn/>{t(r::TO_SIGN_IN)}</a> }.into_any(),
            }}
        </header>
    }
}

#[component]
fn Tabs() -> impl IntoView {
    let page = expect_context::<Page>();
    let waiting = move || {
        page.items
            .with(|items| items.iter().filter(|item| item.waits()).count())
    };
    let tab = move |tab: Tab, icon: Icon, label: Text, testid: &'static str| {
        let choose = move |_| {
            page.tab.set(tab);
            page.opened.set(None);
        };
        let count = move || (tab == Tab::Mine).then(waiting).filter(|count| *count > 0);
        view! {
            <button type="button" data-testid=testid aria-current=move || (page.tab.get() == tab).then_some("page") on:click=choose>
                <Glyph icon=icon/><span>{t(label)}</span>
                {move || count().map(|count| view! { <i class="num" data-testid="waiting-count">{count}</i> })}
            </button>
        }
    };
    view! {
        <nav class="tabs">
            {tab(Tab::Write, Icon::Pencil, r::TAB_WRITE, "tab-write")}
            {tab(Tab::Mine, Icon::Receipt, r::TAB_MINE, "tab-mine")}
            {move || page.who.get().map(|_| tab(Tab::Tasks, Icon::Tasks, r::TAB_TASKS, "tab-tasks"))}
        </nav>
    }
}

#[component]
fn Closed() -> impl IntoView {
    view! {
        <div class="blank" data-testid="closed-here"><Glyph icon=Icon::Ban/><b>{t(r::CLOSED_HERE)}</b><span>{t(r::CLOSED_HERE_WHY)}</span>
            <a class="btn primary" href="/sign-in?next=/report">{t(r::TO_SIGN_IN)}</a>
        </div>
    }
}
