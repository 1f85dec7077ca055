//! Where today's reports came from: a ring for the eye, a list for the numbers.

use leptos::prelude::*;

use crate::charts::{Chart, Spec};
use crate::context::context;
use crate::i18n::{catalogue as c, format};
use crate::ui::panel::{Empty, Panel};
use crate::words::source;

/// Sources shown by name; smaller ones are left to the ring's whole.
const SHOWN: usize = 6;

/// The panel.
#[component]
pub fn Sources() -> impl IntoView {
    let ctx = context();
    let rows = Memo::new(move |_| {
        let mut rows: Vec<(String, u32)> = ctx
            .figures
            .with(|f| f.by_source.iter().map(|(s, n)| (s.clone(), *n)).collect());
        rows.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        rows.truncate(SHOWN);
        rows
    });
    let spec = Memo::new(move |_| Spec::Ring {
        parts: rows.with(|rows| {
            rows.iter()
                .map(|(s, n)| (source(ctx.lang.get(), s), *n))
                .collect()
        }),
    });
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let aside = Signal::derive(move || ctx.t(c::SOURCES_ASIDE).to_owned());
    view! {
        <Panel class="sources" title=c::SOURCES aside=aside testid="sources">
            {move || if is_empty.get() {
                view! { <Empty text=c::NOTHING_TODAY/> }.into_any()
            } else {
                view! {
                    <div class="split">
                        <Chart spec=spec label=c::SOURCES/>
                        <List rows=rows/>
                    </div>
                }.into_any()
            }}
        </Panel>
    }
}

#[component]
fn List(rows: Memo<Vec<(String, u32)>>) -> impl IntoView {
    let ctx = context();
    let total = move || ctx.figures.with(|f| f.by_source.values().sum::<u32>());
    view! {
        <div class="list">
            {move || rows.get().into_iter().enumerate().map(|(i, (name, n))| {
                let part = format!("{}%", format::percent(f64::from(n) / f64::from(total().max(1))));
                view! {
                    <div class="source">
                        <span class="dot" style:--dot=format!("var(--series-{})", i % 6 + 1)></span>
                        <span class="clip">{source(ctx.lang.get(), &name)}</span>
                        <span class="n num">{format::count(u64::from(n))}</span>
                        <span class="q num">{part}</span>
                    </div>
                }
            }).collect_view()}
        </div>
    }
}
