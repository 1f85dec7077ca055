//! Writing a report, and what is said once it is handed in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::media::{Photos, Voice};
use super::model::{Fate, Item, Piece, Spot};
use super::place::Place;
use super::{Page, Tab, outbox, page};
use crate::device;
use crate::i18n::{Lang, Text, report as r};
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// Where a text begun is kept.
const DRAFT: &str = "report.draft";

/// What the form holds. Cheap to copy.
#[derive(Clone, Copy)]
struct Draft {
    text: RwSignal<String>,
    category: RwSignal<String>,
    spot: RwSignal<Option<Spot>>,
    address: RwSignal<String>,
    name: RwSignal<String>,
    phone: RwSignal<String>,
    pieces: RwSignal<Vec<Piece>>,
    no_text: RwSignal<bool>,
    no_place: RwSignal<Option<Text>>,
}

impl Draft {
    fn new(from: Option<Item>) -> Self {
        let begun = || net::recall(DRAFT).unwrap_or_default();
        let from = from.unwrap_or_else(|| empty(begun()));
        Self {
            text: RwSignal::new(from.text),
            category: RwSignal::new(from.category.unwrap_or_default()),
            spot: RwSignal::new(from.spot),
            address: RwSignal::new(from.address),
            name: RwSignal::new(from.name),
            phone: RwSignal::new(from.phone),
            pieces: RwSignal::new(from.pieces),
            no_text: RwSignal::new(false),
            no_place: RwSignal::new(None),
        }
    }

    /// The report, if it says what and where.
    fn item(self, page: Page) -> Option<Item> {
        let text = self.text.get_untracked().trim().to_owned();
        let address = self.address.get_untracked().trim().to_owned();
        let spot = self.spot.get_untracked();
        let placed = spot.is_some() || !address.is_empty();
        self.no_text.set(text.is_empty());
        self.no_place.set((!placed).then_some(r::WHERE_NEEDED));
        if text.is_empty() || !placed {
            return None;
        }
        let category = self.category.get_untracked();
        Some(Item {
            text,
            address,
            spot,
            category: (!category.is_empty()).then_some(category),
            name: self.name.get_untracked(),
            phone: self.phone.get_untracked(),
            pieces: self.pieces.get_untracked(),
            by: page.who.get_untracked().map(|who| who.id),
            ..empty(String::new())
        })
    }
}

fn empty(text: String) -> Item {
    Item {
        key: device::new_key(),
        text,
        category: None,
        spot: None,
        address: String::new(),
        name: String::new(),
        phone: String::new(),
        pieces: Vec::new(),
        written_ms: js_sys::Date::now(),
        by: None,
        fate: Fate::Waiting(None),
    }
}

/// The form, or what became of what was just handed in.
#[component]
pub fn Write() -> impl IntoView {
    let page = page();
    move || match page.handed_in.get() {
        Some(key) => view! { <HandedIn key=key/> }.into_any(),
        None => view! { <Form/> }.into_any(),
    }
}

#[component]
fn Form() -> impl IntoView {
    let (page, tongue) = (page(), tongue());
    let fix = page.fix.try_update(Option::take).flatten();
    let draft = Draft::new(fix);
    let failed = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(item) = draft.item(page) else { return };
        spawn_local(async move {
            let key = item.key.clone();
            if !outbox::keep(page, item).await {
                page.items
                    .update(|items| items.retain(|item| item.key != key));
                return failed.set(true);
            }
            net::remember(DRAFT, "");
            page.handed_in.set(Some(key));
            outbox::send_all(page).await;
        });
    };
    view! {
        <form class="writing" data-testid="report-form" on:submit=submit novalidate=true>
            <div class="block" class:wrong=move || draft.no_text.get()>
                <label><h2>{t(r::WHAT)}</h2>
                    <textarea rows="4" maxlength="4000" data-testid="what" placeholder=t(r::WHAT_HINT)
                        aria-invalid=move || draft.no_text.get().then_some("true")
                        prop:value=move || draft.text.get()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            net::remember(DRAFT, &text);
                            draft.no_text.set(false);
                            draft.text.set(text);
                        }></textarea>
                </label>
                {move || draft.no_text.get().then(|| view! { <small class="fault" role="alert">{t(r::WHAT_NEEDED)}</small> })}
                <label class="line"><span class="name">{t(r::CATEGORY)}</span><Categories chosen=draft.category/></label>
            </div>
            <Place spot=draft.spot address=draft.address error=draft.no_place/>
            <Photos pieces=draft.pieces/>
            <Voice pieces=draft.pieces/>
            {move || page.who.get().is_none().then(|| view! { <Contact draft=draft/> })}
            {move || failed.get().then(|| view! { <p class="notice" data-kind="refused" role="alert">{t(r::STORE_FAILED)}</p> })}
            <div class="send-bar">
                <button type="submit" class="btn primary large" data-testid="send"><Glyph icon=Icon::Send/>{t(r::SEND)}</button>
                <p class="emergency"><Glyph icon=Icon::Call/>{move || tongue.t(r::EMERGENCY)}</p>
            </div>
        </form>
    }
}

#[component]
fn Categories(chosen: RwSignal<String>) -> impl IntoView {
    let (page, tongue) = (page(), tongue());
    let options = move || {
        let all = page
            .form
            .get()
            .map(|form| form.categories)
            .unwrap_or_default();
        let lang = tongue.0.get();
        all.into_iter()
            .map(|(code, zh, en)| {
                let code = code.to_string();
                let name = if lang == Lang::Zh { zh } else { en };
                let is_chosen = chosen.with_untracked(|chosen| *chosen == code);
                view! { <option value=code selected=is_chosen>{name}</option> }
            })
            .collect_view()
    };
    view! {
        <select data-testid="category" on:change=move |event| chosen.set(event_target_value(&event))>
            <option value="">{t(r::CATEGORY_NONE)}</option>
            {options}
        </select>
    }
}

#[component]
fn Contact(draft: Draft) -> impl IntoView {
    let line = move |label, value: RwSignal<String>, kind, fills, testid| {
        view! {
            <label class="line"><span class="name">{t(label)}</span>
                <input type=kind maxlength="64" autocomplete=fills data-testid=testid prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))/>
            </label>
        }
    };
    view! {
        <div class="block">
            <h2>{t(r::MORE_ABOUT_YOU)}</h2>
            <div class="two">
                {line(r::NAME, draft.name, "text", "name", "contact-name")}
                {line(r::PHONE, draft.phone, "tel", "tel", "contact-phone")}
            </div>
            <p class="privacy"><Glyph icon=Icon::Shield/><span>{t(r::PRIVACY)}</span></p>
        </div>
    }
}

/// What became of a report: its receipt, that it waits, or why it was not taken.
#[component]
fn HandedIn(key: String) -> impl IntoView {
    let page = page();
    let another = move |_| page.handed_in.set(None);
    let found = move || {
        page.items
            .with(|items| items.iter().find(|item| item.key == key).cloned())
    };
    view! {
        <section class="handed-in" data-testid="handed-in">
            {move || found().map(|item| match item.fate.clone() {
                Fate::Sent(taken) => match taken.receipt {
                    Some(receipt) => view! { <Thanks receipt=receipt/> }.into_any(),
                    None => view! { <Numbered number=taken.number/> }.into_any(),
                },
                Fate::Waiting(why) => view! { <Waiting why=why/> }.into_any(),
                Fate::Refused(why) => view! { <NotTaken item=item why=why/> }.into_any(),
            })}
            <button type="button" class="btn large" data-testid="another" on:click=another><Glyph icon=Icon::Plus/>{t(r::ANOTHER)}</button>
        </section>
    }
}

#[component]
fn Thanks(receipt: String) -> impl IntoView {
    let page = page();
    let opened = receipt.clone();
    view! {
        <div class="fate" data-fate="sent">
            <span class="seal"><Glyph icon=Icon::Check/></span>
            <h1>{t(r::SENT_TITLE)}</h1>
            <p>{t(r::SENT_WHY)}</p>
            <Ticket receipt=receipt/>
            <button type="button" class="btn primary large" data-testid="follow" on:click=move |_| { page.tab.set(Tab::Mine); page.opened.set(Some(opened.clone())); }>
                <Glyph icon=Icon::Receipt/>{t(r::FOLLOW)}
            </button>
        </div>
    }
}

/// A receipt to keep.
#[component]
pub(super) fn Ticket(
    /// The receipt.
    receipt: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = receipt.clone();
    let copy = move |_| {
        if let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) {
            let _ = window.navigator().clipboard().write_text(&text);
            copied.set(true);
        }
    };
    view! {
        <div class="ticket">
            <span class="name">{t(r::RECEIPT)}</span>
            <strong class="num" data-testid="receipt">{receipt}</strong>
            <button type="button" class="btn quiet" on:click=copy>
                <Glyph icon=Icon::Copy/>{move || if copied.get() { t(r::COPIED)() } else { t(r::COPY)() }}
            </button>
        </div>
    }
}

#[component]
fn Numbered(number: String) -> impl IntoView {
    let tongue = tongue();
    view! {
        <div class="fate" data-fate="sent">
            <span class="seal"><Glyph icon=Icon::Check/></span>
            <h1>{t(r::SENT_TITLE)}</h1>
            <p data-testid="number">{move || tongue.tf(r::SENT_PERSON, &[("n", &number)])}</p>
        </div>
    }
}

#[component]
fn Waiting(why: Option<String>) -> impl IntoView {
    let page = page();
    view! {
        <div class="fate" data-fate="waiting">
            <span class="seal"><Glyph icon=Icon::Clock/></span>
            <h1>{move || if page.sending.get() { t(r::SENDING)() } else { t(r::WAITING_TITLE)() }}</h1>
            <p>{t(r::WAITING_WHY)}</p>
            {why.map(|why| view! { <p class="notice" data-kind="refused">{why}</p> })}
        </div>
    }
}

#[component]
fn NotTaken(item: Item, why: String) -> impl IntoView {
    let page = page();
    view! {
        <div class="fate" data-fate="refused">
            <span class="seal"><Glyph icon=Icon::Warning/></span>
            <h1>{t(r::REFUSED_TITLE)}</h1>
            <p class="notice" data-kind="refused">{why}</p>
            <button type="button" class="btn primary large" data-testid="fix" on:click=move |_| change(page, item.clone())>
                <Glyph icon=Icon::Pencil/>{t(r::FIX)}
            </button>
        </div>
    }
}

/// Takes a refused report back into the form. It was never taken, so what is sent next is new.
pub(super) fn change(page: Page, item: Item) {
    spawn_local(async move {
        device::drop_item(&item.key).await;
        page.items
            .update(|items| items.retain(|one| one.key != item.key));
        page.fix.set(Some(item));
        page.tab.set(Tab::Write);
        page.handed_in.set(None);
    });
}
