//! The sheet of keys.

use domain::access::Move;
use leptos::prelude::*;

use crate::i18n::{Text, case as s};
use crate::ui::dialog::Dialog;
use crate::ui::tongue::t;

use super::{desk, moves};

/// Keys that move about: what to press, and what it does.
const KEYS: [(&[&str], Text); 11] = [
    (&["J", "K"], s::KEY_NEXT),
    (&["1", "2", "3", "4"], s::KEY_VIEWS),
    (&["/"], s::KEY_SEARCH),
    (&["N"], s::KEY_CALL),
    (&["."], s::KEY_MORE),
    (&["[", "]"], s::KEY_TAB),
    (&["+", "Q"], s::KEY_KEEP),
    (&["U"], s::KEY_UNDO),
    (&["Ctrl", "Enter"], s::KEY_SEND),
    (&["Esc"], s::KEY_ESC),
    (&["?"], s::KEY_HELP),
];

/// The sheet, while it is asked for.
#[component]
pub fn Help() -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let line = |(keys, text): (&'static [&'static str], Text)| {
        let keys = keys
            .iter()
            .map(|key| view! { <kbd>{key.trim()}</kbd> })
            .collect_view();
        view! { <div><dt>{keys}</dt><dd>{t(text)}</dd></div> }
    };
    let of_moves = || {
        let keyed = Move::ALL
            .into_iter()
            .filter_map(|one| Some((moves::key(one)?, one)));
        keyed
            .map(|(key, one)| view! { <div><dt><kbd>{key.to_uppercase()}</kbd></dt><dd>{t(moves::name(one))}</dd></div> })
            .collect_view()
    };
    view! {
        <Dialog open=desk.help wide=true testid="help" title=Signal::derive(move || tongue.t(s::HELP).to_owned())>
            <dl class="keys">{KEYS.map(line).collect_view()}</dl>
            <h3>{t(s::KEY_MOVE)}</h3>
            <dl class="keys">{of_moves()}</dl>
        </Dialog>
    }
}
