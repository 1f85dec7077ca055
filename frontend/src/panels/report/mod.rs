//! The report page's panels: writing a report, what waits on this telephone, following one by its
//! receipt, and a grid worker's tasks. What happens to a report is the server's.

mod follow;
mod media;
mod mine;
pub mod model;
mod outbox;
mod pin;
mod place;
mod tasks;
mod write;

use domain::wire::receipt::ReportForm;
use leptos::prelude::*;

pub use self::follow::Follow;
pub use self::mine::Mine;
use self::model::{Item, Who};
pub use self::tasks::Tasks;
pub use self::write::Write;
use crate::i18n::Lang;
use crate::ui::tongue::Tongue;

/// A section of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// Writing one.
    Write,
    /// Those written before.
    Mine,
    /// What a grid worker has to do.
    Tasks,
}

/// Handles to what the panels share. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Page {
    /// The language.
    pub tongue: Tongue,
    /// What the server says of the county; what it said last, without a network.
    pub form: RwSignal<Option<ReportForm>>,
    /// Who is signed in.
    pub who: RwSignal<Option<Who>>,
    /// Reports of this telephone, newest first.
    pub items: RwSignal<Vec<Item>>,
    /// Whether the browser knows of a network.
    pub online: RwSignal<bool>,
    /// The section shown.
    pub tab: RwSignal<Tab>,
    /// The receipt that is looked at.
    pub opened: RwSignal<Option<String>>,
    /// The report just handed in, by its key.
    pub handed_in: RwSignal<Option<String>>,
    /// A report to be changed.
    pub fix: RwSignal<Option<Item>>,
    /// Whether reports are being sent.
    pub sending: RwSignal<bool>,
    /// Whether this telephone keeps nothing.
    pub store_failed: RwSignal<bool>,
}

impl Page {
    /// A page of which nothing is known yet.
    pub fn new(tongue: Tongue) -> Self {
        Self {
            tongue,
            form: RwSignal::new(None),
            who: RwSignal::new(None),
            items: RwSignal::new(Vec::new()),
            online: RwSignal::new(true),
            tab: RwSignal::new(Tab::Write),
            opened: RwSignal::new(None),
            handed_in: RwSignal::new(None),
            fix: RwSignal::new(None),
            sending: RwSignal::new(false),
            store_failed: RwSignal::new(false),
        }
    }

    /// The language now.
    pub fn lang(self) -> Lang {
        self.tongue.lang()
    }

    /// Reads what this telephone keeps, and sends what waits.
    pub async fn begin(self) {
        outbox::load(self).await;
        outbox::send_all(self).await;
    }

    /// Sends what waits.
    pub async fn send_waiting(self) {
        outbox::send_all(self).await;
    }
}

/// The page this component stands in.
pub fn page() -> Page {
    expect_context::<Page>()
}
