//! The family of after-action reports: each session judged afterwards, and figures over them.

use frontend::app::{Screen, start};
use frontend::i18n::review as r;
use frontend::screens::review::ReviewScreen;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/review",
        title: Some(r::TITLE),
        view: || view! { <ReviewScreen/> }.into_any(),
    }]);
}
