//! The reports of this telephone, and the way to any other by its receipt.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::{Fate, Item};
use super::write::change;
use super::{Follow, Page, outbox, page};
use crate::i18n::{format, report as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// Own reports, or the one that is looked at.
#[component]
pub fn Mine() -> impl IntoView {
    let page = page();
    move || match page.opened.get() {
        Some(receipt) => view! { <Follow receipt=receipt/> }.into_any(),
        None => view! { <List/> }.into_any(),
    }
}

#[component]
fn List() -> impl IntoView {
    let page = page();
    let retry = move |_| spawn_local(async move { page.send_waiting().await });
    let waits = move || page.items.with(|items| items.iter().any(Item::waits));
    view! {
        <section class="mine" data-testid="mine">
            <LookUp page=page/>
            <header class="heading"><h2>{t(r::LISTED_ON_PHONE)}</h2>
                {move || waits().then(|| view! {
                    <button type="button" class="btn quiet" data-testid="retry" disabled=move || page.sending.get() on:click=retry><Glyph icon=Icon::Refresh/>{t(r::SEND_NOW)}</button>
                })}
            </header>
            {move || {
                let items = page.items.get();
                if items.is_empty() {
                    view! { <div class="blank"><Glyph icon=Icon::Receipt/><b>{t(r::MINE_NONE)}</b><span>{t(r::MINE_NONE_WHY)}</span></div> }.into_any()
                } else {
                    view! { <ul class="cards">{items.into_iter().map(|item| view! { <Row item=item/> }).collect_view()}</ul> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn LookUp(page: Page) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let look = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let receipt = typed.get_untracked().trim().to_owned();
        if !receipt.is_empty() {
            page.opened.set(Some(receipt));
        }
    };
    view! {
        <form class="block look-up" on:submit=look>
            <label class="line"><span class="name">{t(r::RECEIPT_ASK)}</span>
                <input type="text" class="num" maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false"
                    data-testid="receipt-input" placeholder=t(r::RECEIPT_HINT) on:input=move |event| typed.set(event_target_value(&event))/>
            </label>
            <button type="submit" class="btn primary" data-testid="look-up"><Glyph icon=Icon::Search/>{t(r::LOOK_UP)}</button>
        </form>
    }
}

#[component]
fn Row(item: Item) -> impl IntoView {
    let (page, tongue) = (page(), tongue());
    let (state, words) = item.state();
    let receipt = item.receipt().map(str::to_owned);
    let (why, number) = match &item.fate {
        Fate::Sent(taken) => (None, Some(taken.number.clone())),
        Fate::Waiting(why) => (why.clone(), None),
        Fate::Refused(why) => (Some(why.clone()), None),
    };
    let is_refused = state == "refused";
    let key = item.key.clone();
    let text = item.text.clone();
    let written = format::stamp(item.written_ms as i64);
    let forget = move |_| {
        let key = key.clone();
        spawn_local(async move { outbox::forget(page, &key).await });
    };
    view! {
        <li class="card" data-testid="item" data-state=state>
            <div class="top"><span class="mark" data-state=state>{move || tongue.t(words)}</span><span class="num">{number}</span></div>
            <p class="text">{text}</p>
            <small class="num">{written}</small>
            {why.map(|why| view! { <p class="notice" data-kind="refused" data-testid="why">{why}</p> })}
            <div class="deeds">
                {receipt.map(|receipt| view! { <button type="button" class="btn primary" data-testid="open-item" on:click=move |_| page.opened.set(Some(receipt.clone()))>{t(r::FOLLOW)}</button> })}
                {is_refused.then(|| view! { <button type="button" class="btn primary" on:click=move |_| change(page, item.clone())>{t(r::FIX)}</button> })}
                <button type="button" class="btn quiet" data-testid="forget" on:click=forget><Glyph icon=Icon::Trash/>{t(r::FORGET)}</button>
            </div>
        </li>
    }
}
