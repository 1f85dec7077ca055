//! Icons from one set (Lucide, ISC licence), inlined when the app is built.

use leptos::prelude::*;

/// An icon of the set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names of the set")]
pub enum Icon {
    Star,
    SoundOn,
    SoundOff,
    Pause,
    Play,
    Languages,
    Monitor,
    Tablet,
    List,
    LogIn,
    Unplug,
    Map,
}

impl Icon {
    fn svg(self) -> &'static str {
        match self {
            Self::Star => include_str!("icons/star.svg"),
            Self::SoundOn => include_str!("icons/volume-2.svg"),
            Self::SoundOff => include_str!("icons/volume-x.svg"),
            Self::Pause => include_str!("icons/pause.svg"),
            Self::Play => include_str!("icons/play.svg"),
            Self::Languages => include_str!("icons/languages.svg"),
            Self::Monitor => include_str!("icons/monitor.svg"),
            Self::Tablet => include_str!("icons/tablet.svg"),
            Self::List => include_str!("icons/layout-list.svg"),
            Self::LogIn => include_str!("icons/log-in.svg"),
            Self::Unplug => include_str!("icons/unplug.svg"),
            Self::Map => include_str!("icons/map-pinned.svg"),
        }
    }
}

/// Draws an icon; it says nothing to a screen reader, so words stand beside it.
#[component]
pub fn Glyph(
    /// Which one.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! { <span class="icon" aria-hidden="true" inner_html=move || icon.get().svg()></span> }
}
