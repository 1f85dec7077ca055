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
    Admin,
    UserPlus,
    Orgs,
    Key,
    Sessions,
    Audit,
    Person,
    LogOut,
    Copy,
    Check,
    Close,
    Search,
    Upload,
    Download,
    Plus,
    Pencil,
    Trash,
    Refresh,
    Eye,
    EyeOff,
    Right,
    Down,
    Warning,
    Ban,
    Shield,
    StandIn,
    Info,
    Clock,
    Back,
    Link,
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
            Self::Admin => include_str!("icons/users.svg"),
            Self::UserPlus => include_str!("icons/user-plus.svg"),
            Self::Orgs => include_str!("icons/network.svg"),
            Self::Key => include_str!("icons/key-round.svg"),
            Self::Sessions => include_str!("icons/fingerprint.svg"),
            Self::Audit => include_str!("icons/scroll-text.svg"),
            Self::Person => include_str!("icons/circle-user.svg"),
            Self::LogOut => include_str!("icons/log-out.svg"),
            Self::Copy => include_str!("icons/copy.svg"),
            Self::Check => include_str!("icons/check.svg"),
            Self::Close => include_str!("icons/x.svg"),
            Self::Search => include_str!("icons/search.svg"),
            Self::Upload => include_str!("icons/upload.svg"),
            Self::Download => include_str!("icons/download.svg"),
            Self::Plus => include_str!("icons/plus.svg"),
            Self::Pencil => include_str!("icons/pencil.svg"),
            Self::Trash => include_str!("icons/trash-2.svg"),
            Self::Refresh => include_str!("icons/refresh-cw.svg"),
            Self::Eye => include_str!("icons/eye.svg"),
            Self::EyeOff => include_str!("icons/eye-off.svg"),
            Self::Right => include_str!("icons/chevron-right.svg"),
            Self::Down => include_str!("icons/chevron-down.svg"),
            Self::Warning => include_str!("icons/triangle-alert.svg"),
            Self::Ban => include_str!("icons/ban.svg"),
            Self::Shield => include_str!("icons/shield-check.svg"),
            Self::StandIn => include_str!("icons/user-check.svg"),
            Self::Info => include_str!("icons/info.svg"),
            Self::Clock => include_str!("icons/clock.svg"),
            Self::Back => include_str!("icons/arrow-left.svg"),
            Self::Link => include_str!("icons/link.svg"),
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
