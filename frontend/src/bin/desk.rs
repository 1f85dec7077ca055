//! The family of the desk: where townships and the county work.

use frontend::app::{Screen, start};
use frontend::i18n::case as s;
use frontend::screens::desk::DeskScreen;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/desk",
        title: Some(s::DESK),
        view: || view! { <DeskScreen/> }.into_any(),
    }]);
}
