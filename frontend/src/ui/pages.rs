//! A list that the server hands out page by page: its first page, more of it, and what it says
//! while it is on its way, empty or refused.

use domain::wire::account::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{self, Failed};
use crate::i18n::{catalogue as c, desk as d};
use crate::session::Session;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice};
use crate::ui::tongue::t;

/// A list under way. Cheap to copy.
pub struct Pages<T: Send + Sync + 'static> {
    /// What has come so far.
    pub items: RwSignal<Vec<T>>,
    /// Whether a first page ever came.
    pub loaded: RwSignal<bool>,
    /// Whether a request is under way.
    pub busy: RwSignal<bool>,
    /// Why there is none.
    pub failed: RwSignal<Option<Failed>>,
    next: RwSignal<Option<String>>,
    url: StoredValue<String>,
    /// Counts first pages, so that a late answer to an older question is dropped.
    asked: StoredValue<u32>,
    /// Whether more than the first page is shown.
    extended: StoredValue<bool>,
    again: RwSignal<u32>,
    session: Session,
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Pages<T> {
    /// Loads the list at `url` now and whenever it changes.
    pub fn new(session: Session, url: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let pages = Self {
            items: RwSignal::new(Vec::new()),
            loaded: RwSignal::new(false),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            next: RwSignal::new(None),
            url: StoredValue::new(String::new()),
            asked: StoredValue::new(0),
            extended: StoredValue::new(false),
            again: RwSignal::new(0),
            session,
        };
        let url = Memo::new(move |_| url());
        Effect::new(move |_| {
            pages.again.track();
            pages.url.set_value(url.get());
            pages.load(None);
        });
        pages
    }

    /// Loads it anew, leaving what is shown until the answer is there.
    pub fn again(self) {
        self.again.update(|n| *n += 1);
    }

    /// Loads the next page.
    pub fn more(self) {
        if let Some(cursor) = self
            .next
            .get_untracked()
            .filter(|_| !self.busy.get_untracked())
        {
            self.load(Some(cursor));
        }
    }

    fn load(self, cursor: Option<String>) {
        self.asked.update_value(|n| *n += 1);
        let asked = self.asked.get_value();
        self.extended.set_value(cursor.is_some());
        self.busy.set(true);
        let mut url = self.url.get_value();
        if let Some(cursor) = &cursor {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("cursor=");
            url.push_str(&api::escaped(cursor));
        }
        spawn_local(async move {
            let answer: Result<Page<T>, Failed> = self.session.get(&url).await;
            // The list may have left the page, or been asked for something else.
            if self.asked.try_get_value() != Some(asked) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => self.take(page, cursor.is_some()),
                Err(failed) => self.failed.set(Some(failed)),
            }
        });
    }

    fn take(self, page: Page<T>, is_more: bool) {
        self.failed.set(None);
        self.next.set(page.next);
        if is_more {
            self.items.update(|items| items.extend(page.items));
        } else {
            self.items.set(page.items);
        }
        self.loaded.set(true);
    }

    /// Whether more can be loaded.
    pub fn has_more(self) -> bool {
        self.next.with(Option::is_some)
    }

    /// Loads it anew every so often, for as long as this component lives.
    pub fn every(self, secs: u64) {
        let handle = set_interval_with_handle(
            move || {
                // More pages than one would jump back to the first under the reader's eye.
                if !self.busy.get_untracked() && !self.extended.get_value() {
                    self.again();
                }
            },
            std::time::Duration::from_secs(secs),
        );
        if let Ok(handle) = handle {
            on_cleanup(move || handle.clear());
        }
    }
}

/// What stands where the rows would be: loading, refused, or empty; nothing once there are rows.
#[component]
pub fn PagesState<T>(
    /// The list.
    pages: Pages<T>,
    /// What it says when it is empty.
    blank: ViewFn,
) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    move || {
        if let Some(failed) = pages.failed.get() {
            return Some(
                view! {
                    <div class="list-state">
                        <Notice kind=Kind::Refused text=failed.detail/>
                        <button type="button" class="btn" on:click=move |_| pages.again()>
                            <Glyph icon=Icon::Refresh/>{t(d::RETRY)}
                        </button>
                    </div>
                }
                .into_any(),
            );
        }
        if !pages.loaded.get() {
            return Some(
                view! { <p class="list-state waiting" role="status">{t(c::LOADING)}</p> }
                    .into_any(),
            );
        }
        pages.items.with(Vec::is_empty).then(|| blank.run())
    }
}

/// The button below the rows.
#[component]
pub fn PagesMore<T>(
    /// The list.
    pages: Pages<T>,
) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    move || {
        pages.has_more().then(|| {
            view! {
                <div class="list-more">
                    <button type="button" class="btn" data-testid="more" disabled=move || pages.busy.get()
                        on:click=move |_| pages.more()>{t(d::MORE_ROWS)}</button>
                </div>
            }
        })
    }
}
