//! The family of the administration, and of one's own account, which is a section of it.

use frontend::app::{Screen, start};
use frontend::i18n::{admin as a, desk as d, shift as s};
use frontend::screens::account::AccountScreen;
use frontend::screens::admin::Admin;
use frontend::screens::shift::ShiftScreen;
use leptos::prelude::*;

fn main() {
    start(&[
        Screen {
            at: "/admin",
            title: Some(a::ADMIN),
            view: || view! { <Admin/> }.into_any(),
        },
        Screen {
            at: "/account",
            title: Some(d::MY_ACCOUNT),
            view: || view! { <AccountScreen/> }.into_any(),
        },
        Screen {
            at: "/shift",
            title: Some(s::SHIFT),
            view: || view! { <ShiftScreen/> }.into_any(),
        },
    ]);
}
