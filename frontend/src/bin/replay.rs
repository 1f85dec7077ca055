//! The family of the replay: the county as it was.

use frontend::app::{Screen, start};
use frontend::i18n::replay as k;
use frontend::screens::replay::ReplayDoor;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/replay",
        title: Some(k::REPLAY),
        view: || view! { <ReplayDoor/> }.into_any(),
    }]);
}
