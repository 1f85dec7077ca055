//! What stands before a live screen whose link the server closed for good: that it was unpaired or
//! signed out, and the way back. A wall has nobody to touch it, so it shows a new code by itself.

use leptos::prelude::*;

use crate::context::{LinkView, context};
use crate::i18n::desk as d;
use crate::link::connection;
use crate::net;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::tongue;

/// How long the words stand before a wall shows a new code, s.
const WORDS_SECS: u32 = 20;

/// The words, once the link is closed for good.
#[component]
pub fn Ended(
    /// Whether this is a wall screen and not a person's.
    is_wall: bool,
) -> impl IntoView {
    let ctx = context();
    let is_over =
        Memo::new(move |_| ctx.link.get() == LinkView::Closed(connection::Ended::Unpaired));
    move || is_over.get().then(|| view! { <Over is_wall=is_wall/> })
}

#[component]
fn Over(is_wall: bool) -> impl IntoView {
    let tongue = tongue();
    let left = RwSignal::new(WORDS_SECS);
    let again = if is_wall {
        "/wall".to_owned()
    } else {
        net::sign_in_path(&net::here())
    };
    if is_wall {
        leptos::task::spawn_local(async move {
            let start = net::monotonic_ms();
            loop {
                net::wait(500).await;
                let past = ((net::monotonic_ms() - start) / 1_000.0) as u32;
                if left.try_set(WORDS_SECS.saturating_sub(past)).is_some() {
                    return;
                }
                if past >= WORDS_SECS {
                    return net::go("/wall");
                }
            }
        });
    }
    let (title, why, go) = if is_wall {
        (d::UNPAIRED, d::UNPAIRED_WHY, d::UNPAIRED_AGAIN)
    } else {
        (d::SIGNED_OUT, d::SIGNED_OUT_WHY, d::SIGN_IN_AGAIN)
    };
    let soon = move || {
        is_wall.then(|| {
            let n = left.get().to_string();
            view! { <p class="num soon">{tongue.tf(d::UNPAIRED_SOON, &[("n", &n)])}</p> }
        })
    };
    let button = NodeRef::<leptos::html::A>::new();
    Effect::new(move |_| {
        if let Some(button) = button.get() {
            let _ = button.focus();
        }
    });
    view! {
        <div class="ended" role="alertdialog" aria-modal="true" aria-labelledby="ended-title" data-testid="ended">
            <div class="box">
                <Glyph icon=Icon::Unplug/>
                <h2 id="ended-title">{move || tongue.t(title)}</h2>
                <p>{move || tongue.t(why)}</p>
                <a class="tool" node_ref=button href=again data-testid="ended-again">{move || tongue.t(go)}</a>
                {soon}
            </div>
        </div>
    }
}
