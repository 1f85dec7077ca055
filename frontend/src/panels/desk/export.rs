//! The list that is shown, taken away as a file: the server writes it, by the same filter.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failed};
use crate::i18n::case as s;
use crate::net;
use crate::panels::admin::csv::download_as;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Kind;
use crate::ui::tongue::t;

use super::queue_model::View;
use super::{Desk, desk};

/// The formats: name, ending, media type.
const FORMATS: [(&str, &str, &str); 3] = [
    ("CSV", "csv", "text/csv"),
    ("GeoJSON", "geojson", "application/geo+json"),
    ("NDJSON", "ndjson", "application/x-ndjson"),
];

/// The server's filter for what is shown, without the question mark.
pub fn filter(desk: Desk) -> Vec<String> {
    let query = desk.here.0.with_untracked(|place| place.get("q"));
    let query = query.trim();
    if !query.is_empty() {
        return vec![super::search::filter(desk.ctx.scope, query)];
    }
    let region = format!("region={}", desk.ctx.scope);
    let view = untrack(|| desk.view());
    match view {
        View::All => vec![format!("{region}&status=open")],
        View::Amber => vec![format!("{region}&lamp=amber")],
        View::Red => ["red", "deep_red"]
            .map(|lamp| format!("{region}&lamp={lamp}"))
            .to_vec(),
        View::Turn => {
            let org = desk
                .actor()
                .org
                .map(|org| org.to_string())
                .unwrap_or_default();
            vec![format!(
                "{region}&status=open&holder={}",
                api::escaped(&org)
            )]
        }
    }
}

/// The menu of formats.
#[component]
pub fn Export() -> impl IntoView {
    let desk = desk();
    let menu = NodeRef::<leptos::html::Details>::new();
    let item = move |(name, ending, media): (&'static str, &'static str, &'static str)| {
        let take = move |_| {
            if let Some(menu) = menu.get_untracked() {
                menu.set_open(false);
            }
            spawn_local(take_away(desk, ending, media));
        };
        view! { <button type="button" data-testid=format!("export-{ending}") on:click=take>{name}</button> }
    };
    view! {
        <details class="export pulldown" node_ref=menu data-testid="export">
            <summary class="btn quiet icon-only" aria-label=t(s::EXPORT) title=t(s::EXPORT)><Glyph icon=Icon::Download/></summary>
            <div class="menu">{FORMATS.map(item).collect_view()}</div>
        </details>
    }
}

/// Every page of every filter, put into one file each.
async fn take_away(desk: Desk, ending: &str, media: &'static str) {
    let lang = desk.session.tongue.lang();
    let now = desk.ctx.now.get_untracked();
    let day = crate::i18n::format::stamp(now).replace([' ', ':'], "-");
    for (nth, filter) in filter(desk).into_iter().enumerate() {
        let answer = net::get_as(&format!("/api/v1/incidents?{filter}"), lang.tag(), media).await;
        if !answer.is_good() {
            let failed = api::read::<()>(&answer, lang).err().unwrap_or_default();
            return tell_refusal(desk, failed);
        }
        let part = if nth == 0 {
            String::new()
        } else {
            format!("-{}", nth + 1)
        };
        download_as(
            &format!("incidents-{day}{part}.{ending}"),
            media,
            &answer.body,
        );
    }
    desk.told
        .set(Some((Kind::Done, lang.of(s::EXPORTED).to_owned())));
}

fn tell_refusal(desk: Desk, failed: Failed) {
    desk.told.set(Some((Kind::Refused, failed.detail)));
}
