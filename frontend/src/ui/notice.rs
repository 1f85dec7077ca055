//! What happened, in words: a refusal, a success, something to know. Never in red: that belongs to
//! overdue alone.

use leptos::prelude::*;

use crate::api::Failed;
use crate::i18n::Text;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::t;

/// What kind of notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Something was refused or failed.
    Refused,
    /// Something was done.
    Done,
    /// Something to know.
    Note,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Done => "done",
            Self::Note => "note",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Refused => Icon::Warning,
            Self::Done => Icon::Check,
            Self::Note => Icon::Info,
        }
    }
}

/// A notice; told to screen readers when it appears.
#[component]
pub fn Notice(
    /// What kind.
    kind: Kind,
    /// What to say.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let role = if kind == Kind::Refused {
        "alert"
    } else {
        "status"
    };
    view! {
        <p class="notice" data-kind=kind.name() role=role data-testid=format!("notice-{}", kind.name())>
            <Glyph icon=kind.icon()/><span>{text}</span>
        </p>
    }
}

/// The refusal at hand, if there is one.
#[component]
pub fn Refusal(
    /// Where it is kept.
    #[prop(into)]
    failed: Signal<Option<Failed>>,
) -> impl IntoView {
    move || {
        let failed = failed.get()?;
        Some(view! { <Notice kind=Kind::Refused text=failed.detail/> })
    }
}

/// What an empty list or pane says: that it is empty, and why or what to do.
#[component]
pub fn Blank(
    /// Its sign.
    icon: Icon,
    /// That it is empty.
    title: Text,
    /// Why, or what to do.
    #[prop(optional)]
    why: Option<Text>,
) -> impl IntoView {
    view! {
        <div class="blank" data-testid="blank">
            <Glyph icon=icon/>
            <b>{t(title)}</b>
            {why.map(|why| view! { <span>{t(why)}</span> })}
        </div>
    }
}
