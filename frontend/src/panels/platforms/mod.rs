//! The platforms: what each has open, and how much of its work was finished in time.

pub mod model;

use leptos::prelude::*;

use crate::context::context;
use crate::i18n::{catalogue as c, format};
use crate::panels::levels::share;
use crate::ui::panel::{Empty, Panel};
use crate::words::pick;

/// The panel.
#[component]
pub fn Platforms() -> impl IntoView {
    let ctx = context();
    let rows = Memo::new(move |_| {
        let words = ctx.words.get();
        let lang = ctx.lang.get();
        let tallies = ctx.figures.with(|f| model::tallies(f, &words));
        let names = words
            .platforms
            .iter()
            .map(|names| pick(lang, names).to_owned());
        names.zip(tallies).collect::<Vec<_>>()
    });
    let most = move || rows.with(|rows| rows.iter().map(|(_, t)| t.open).max().unwrap_or(0));
    let aside = Signal::derive(move || ctx.t(c::COL_ON_TIME).to_owned());
    view! {
        <Panel class="platforms" title=c::PLATFORMS aside=aside testid="platforms">
            {move || if rows.with(Vec::is_empty) {
                view! { <Empty text=c::NOTHING_OPEN/> }.into_any()
            } else {
                view! {
                    <div class="tally">
                        {rows.get().into_iter().map(|(name, tally)| {
                            let rate = tally.on_time_rate().map_or_else(|| "–".to_owned(), |r| format!("{}%", format::percent(r)));
                            view! {
                                <span class="name">{name}</span>
                                <span class="bar"><i style:--share=share(tally.open, most())></i></span>
                                <span class="n num">{tally.open}</span>
                                <span class="n q num">{rate}</span>
                            }
                        }).collect_view()}
                    </div>
                }.into_any()
            }}
        </Panel>
    }
}
