//! Today's figures, and the arrivals by the hour over yesterday's.

pub mod model;

use leptos::prelude::*;

use crate::charts::{Chart, Spec};
use crate::context::context;
use crate::i18n::{catalogue as c, format};
use crate::ui::number::Number;
use crate::ui::panel::Panel;

/// The panel.
#[component]
pub fn Today() -> impl IntoView {
    let ctx = context();
    let knows_yesterday = Memo::new(move |_| ctx.figures.with(|f| f.yesterday.reported > 0));
    let aside = Signal::derive(move || {
        ctx.t(if knows_yesterday.get() {
            c::TODAY_VS
        } else {
            c::TODAY_SINCE
        })
        .to_owned()
    });
    view! {
        <Panel class="today" title=c::TODAY aside=aside testid="today">
            <div class="figs">{(0..6).map(|i| view! { <Tile index=i/> }).collect_view()}</div>
            <Hours/>
        </Panel>
    }
}

#[component]
fn Tile(index: usize) -> impl IntoView {
    let ctx = context();
    let tile = Memo::new(move |_| ctx.figures.with(|f| model::tiles(f).swap_remove(index)));
    let first = tile.get_untracked();
    view! {
        <div class="fig" data-lamp=move || tile.get().is_red.then_some("red")>
            <div class="name">
                <span>{move || ctx.t(first.name)}</span>
                {move || tile.get().change.map(|change| view! { <span class="change num">{change}</span> })}
            </div>
            <div class="value num">
                <span data-testid=first.testid><Number value=Signal::derive(move || tile.get().value)/></span>
                {move || (!tile.get().unit.is_empty()).then(|| view! { <small>{tile.get().unit}</small> })}
            </div>
        </div>
    }
}

#[component]
fn Hours() -> impl IntoView {
    let ctx = context();
    let hour = Memo::new(move |_| format::hour(ctx.now.get()));
    let spec = Memo::new(move |_| {
        ctx.figures.with(|f| Spec::Hours {
            today: f.hours_today[..=hour.get().min(23)].to_vec(),
            yesterday: f.hours_yesterday.to_vec(),
            names: [
                ctx.t(c::CHART_TODAY).to_owned(),
                ctx.t(c::CHART_YESTERDAY).to_owned(),
            ],
        })
    });
    view! { <Chart spec=spec label=c::CHART_TODAY/> }
}
