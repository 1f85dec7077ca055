//! The newest supervision orders that are not yet cleared: number, matter, unit, time.

pub mod model;

use leptos::prelude::*;

use crate::context::context;
use crate::i18n::{catalogue as c, format};
use crate::ui::fit::rows_that_fit;
use crate::ui::panel::{Empty, Panel};

/// The panel.
#[component]
pub fn Orders() -> impl IntoView {
    let ctx = context();
    let (list, probe) = (NodeRef::new(), NodeRef::new());
    let fits = rows_that_fit(list, probe);
    let total = Memo::new(move |_| ctx.orders.with(Vec::len));
    let aside = Signal::derive(move || {
        ctx.tf(
            c::ORDERS_ASIDE,
            &[("n", &format::count(total.get() as u64))],
        )
    });
    view! {
        <Panel class="orders" title=c::ORDERS aside=aside testid="orders">
            <div class="rows" style:--fits=move || fits.get().to_string() node_ref=list>
                <div class="probe order" node_ref=probe></div>
                {move || (total.get() == 0).then(|| view! { <Empty text=c::ORDERS_NONE/> })}
                {move || ctx.orders.with(|rows| {
                    rows.iter().take(fits.get()).cloned().map(|row| view! { <Order row=row/> }).collect_view()
                })}
            </div>
        </Panel>
    }
}

#[component]
fn Order(row: model::OrderRow) -> impl IntoView {
    let ctx = context();
    let (category, region, title, to) = (row.category, row.region, row.title, row.to);
    let veiled = row.veiled;
    let matter = move || {
        let lang = ctx.lang.get();
        ctx.words.with(|words| {
            let named = category.and_then(|code| words.category(lang, code));
            let what = if veiled {
                lang.of(c::SENSITIVE)
            } else {
                named.unwrap_or(&title)
            };
            format!("{} · {what}", words.township(region))
        })
    };
    let unit = move || {
        ctx.words
            .with(|words| words.org(ctx.lang.get(), &to, region).to_owned())
    };
    view! {
        <div class="order" data-testid="order-row" data-id=row.id>
            <span class="no num">{row.number}</span>
            <span class="clip">{matter}</span>
            <span class="to clip">{unit}</span>
            <span class="when num">{format::minute(row.fired_at)}</span>
        </div>
    }
}
