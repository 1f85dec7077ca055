//! The family of the commander's tablet: what whoever goes to a scene has in the hand.

use frontend::app::{Screen, start};
use frontend::i18n::field as f;
use frontend::screens::field::FieldScreen;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/field",
        title: Some(f::FIELD),
        view: || view! { <FieldScreen/> }.into_any(),
    }]);
}
