//! The regions below this scope, the most loaded first, with their lamps.

use geodata::region::Level;
use leptos::prelude::*;

use crate::context::{Context, context, lamp_name};
use crate::i18n::catalogue as c;
use crate::panels::levels::{Lit, share};
use crate::store::ranking_level;
use crate::ui::fit::rows_that_fit;
use crate::ui::panel::{Empty, Panel};
use domain::projection::load::Load;
use geodata::region::Code;

/// The panel.
#[component]
pub fn Townships() -> impl IntoView {
    let ctx = context();
    let (list, probe) = (NodeRef::new(), NodeRef::new());
    let fits = rows_that_fit(list, probe);
    let title = if ranking_level(ctx.scope.level()) == Level::Township {
        c::TOWNSHIPS
    } else {
        c::VILLAGES
    };
    let aside = Signal::derive(move || ctx.t(c::TOWNSHIPS_ASIDE).to_owned());
    let rows = Memo::new(move |_| rows(ctx, fits.get()));
    let most = Memo::new(move |_| rows.with(|r| r.first().map_or(0, |(_, l)| l.weight)));
    view! {
        <Panel class="townships" title=title aside=aside testid="townships">
            <div class="rows" style:--fits=move || fits.get().to_string() node_ref=list>
                <div class="probe rank" node_ref=probe></div>
                {move || rows.with(Vec::is_empty).then(|| view! { <Empty text=c::NOTHING_OPEN/> })}
                {move || rows.get().into_iter().enumerate().map(|(i, (code, load))| {
                    view! { <Rank place=i + 1 code=code load=load most=most.get()/> }
                }).collect_view()}
            </div>
        </Panel>
    }
}

/// The loaded regions, then the calm ones by code, as many as fit.
fn rows(ctx: Context, count: usize) -> Vec<(Code, Load)> {
    let mut rows = ctx.ranking.get();
    if rows.len() < count {
        let words = ctx.words.get();
        for code in words.below(ctx.scope, ranking_level(ctx.scope.level())) {
            if !rows.iter().any(|(seen, _)| *seen == code) {
                rows.push((code, Load::default()));
            }
        }
    }
    rows.truncate(count);
    rows
}

#[component]
fn Rank(place: usize, code: Code, load: Load, most: u32) -> impl IntoView {
    let ctx = context();
    let worst = lamp_name(load.worst);
    view! {
        <div class="rank" data-worst=worst>
            <span class="i num">{place}</span>
            <span class="name clip">{move || ctx.words.with(|w| w.region(code))}</span>
            <span class="bar"><i style:--share=share(load.weight, most)></i></span>
            <span class="n num">{load.open}</span>
            <Lit n=load.amber lamp="amber"/>
            <Lit n=load.red lamp="red"/>
        </div>
    }
}
