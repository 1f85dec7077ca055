//! The family of the command room: 1+1+X sessions, from the opening to the evaluation.

use frontend::app::{Screen, start};
use frontend::i18n::command as k;
use frontend::screens::command::CommandScreen;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/command",
        title: Some(k::ROOM),
        view: || view! { <CommandScreen/> }.into_any(),
    }]);
}
