//! The family of the wall: what hangs in the command room, and the code it is paired by.

use frontend::app::{Screen, start};
use frontend::i18n::catalogue as c;
use frontend::screens::wall::WallDoor;
use leptos::prelude::*;

fn main() {
    start(&[Screen {
        at: "/wall",
        title: Some(c::DOOR_WALL),
        view: || view! { <WallDoor/> }.into_any(),
    }]);
}
