//! Icons from one set (Lucide, ISC licence), inlined when the app is built. Each is a constant of
//! its own, so that a family carries those it shows and no others.

use leptos::prelude::*;

/// An icon of the set: its drawing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icon(&'static str);

macro_rules! icons {
    ($($name:ident = $file:literal;)*) => {
        #[allow(missing_docs, non_upper_case_globals, reason = "the names of the set")]
        impl Icon {
            $(pub const $name: Self = Self(include_str!(concat!("icons/", $file, ".svg")));)*
        }
    };
}

icons! {
    Star = "star";
    SoundOn = "volume-2";
    SoundOff = "volume-x";
    Pause = "pause";
    Play = "play";
    Languages = "languages";
    Monitor = "monitor";
    Tablet = "tablet";
    List = "layout-list";
    LogIn = "log-in";
    Unplug = "unplug";
    Map = "map-pinned";
    Admin = "users";
    UserPlus = "user-plus";
    Orgs = "network";
    Key = "key-round";
    Sessions = "fingerprint";
    Audit = "scroll-text";
    Person = "circle-user";
    LogOut = "log-out";
    Copy = "copy";
    Check = "check";
    Close = "x";
    Search = "search";
    Upload = "upload";
    Download = "download";
    Plus = "plus";
    Pencil = "pencil";
    Trash = "trash-2";
    Refresh = "refresh-cw";
    Eye = "eye";
    EyeOff = "eye-off";
    Right = "chevron-right";
    Down = "chevron-down";
    Warning = "triangle-alert";
    Ban = "ban";
    Shield = "shield-check";
    StandIn = "user-check";
    Info = "info";
    Clock = "clock";
    Bell = "bell";
    Back = "arrow-left";
    Link = "link";
    Phone = "phone";
    More = "ellipsis";
    Undo = "undo-2";
    Keyboard = "keyboard";
    Sun = "sun";
    Moon = "moon";
    Paperclip = "paperclip";
    Pin = "map-pin";
    Keep = "pin";
    Send = "send";
    Camera = "camera";
    Mic = "mic";
    Locate = "locate-fixed";
    Stop = "square";
    Receipt = "ticket-check";
    Offline = "wifi-off";
    ThumbsUp = "thumbs-up";
    Redo = "rotate-ccw";
    Call = "phone-call";
    Urge = "bell-ring";
    Tasks = "clipboard-list";
    Navigate = "navigation";
    Reinforce = "hand-helping";
    Message = "message-square";
    SunMoon = "sun-moon";
    History = "history";
    Before = "skip-back";
    After = "skip-forward";
    StepBack = "step-back";
    StepOn = "step-forward";
}

/// Draws an icon; it says nothing to a screen reader, so words stand beside it.
#[component]
pub fn Glyph(
    /// Which one.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! { <span class="icon" aria-hidden="true" inner_html=move || icon.get().0></span> }
}
