//! The family that stands before all others: the doors at `/`, signing in, choosing a password.

use frontend::app::{Screen, start};
use frontend::i18n::desk as d;
use frontend::screens::sign_in::SignIn;
use frontend::screens::start::Start;
use frontend::screens::welcome::Welcome;
use frontend::ui::tongue::tongue;
use leptos::prelude::*;

fn main() {
    start(&[
        Screen {
            at: "",
            title: None,
            view: || view! { <Start lang=tongue().0/> }.into_any(),
        },
        Screen {
            at: "/sign-in",
            title: Some(d::SIGN_IN_TITLE),
            view: || view! { <SignIn/> }.into_any(),
        },
        Screen {
            at: "/welcome",
            title: Some(d::WELCOME_TITLE),
            view: || view! { <Welcome/> }.into_any(),
        },
    ]);
}
