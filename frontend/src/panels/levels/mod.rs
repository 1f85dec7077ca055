//! Running totals by level: open, nearly due and overdue, the gravest first.

use domain::projection::figures::Tally;
use leptos::prelude::*;

use crate::context::context;
use crate::i18n::{Text, catalogue as c};
use crate::ui::panel::Panel;

/// The numerals and names, the gravest first; the figures keep them the other way round.
const LEVELS: [(&str, Text); 4] = [
    ("Ⅰ", c::LEVEL_1),
    ("Ⅱ", c::LEVEL_2),
    ("Ⅲ", c::LEVEL_3),
    ("Ⅳ", c::LEVEL_4),
];

/// The panel.
#[component]
pub fn Levels() -> impl IntoView {
    let ctx = context();
    let most = Memo::new(move |_| {
        ctx.figures
            .with(|f| f.by_level.iter().map(|t| t.open).max().unwrap_or(0))
    });
    let head = move |text: Text| view! { <span class="head">{move || ctx.t(text)}</span> };
    view! {
        <Panel class="levels" title=c::LEVELS testid="levels">
            <div class="tally">
                <span class="head"></span>
                <span class="head"></span>
                {head(c::COL_OPEN)}
                {head(c::COL_AMBER)}
                {head(c::COL_RED)}
                {(0..4).map(|i| view! { <Level index=i most=most/> }).collect_view()}
            </div>
        </Panel>
    }
}

#[component]
fn Level(index: usize, most: Memo<u32>) -> impl IntoView {
    let ctx = context();
    let tally: Memo<Tally> = Memo::new(move |_| ctx.figures.with(|f| f.by_level[3 - index]));
    let (numeral, name) = LEVELS[index];
    let share = move || share(tally.get().open, most.get());
    view! {
        <span class="name"><b>{numeral}</b>{move || ctx.t(name)}</span>
        <span class="bar"><i style:--share=share></i></span>
        <span class="n num">{move || tally.get().open}</span>
        <Lit n=Signal::derive(move || tally.get().amber) lamp="amber"/>
        <Lit n=Signal::derive(move || tally.get().red) lamp="red"/>
    }
}

/// A count under a lamp's colour; a zero is quiet.
#[component]
pub fn Lit(
    /// The count.
    #[prop(into)]
    n: Signal<u32>,
    /// The lamp's name.
    lamp: &'static str,
) -> impl IntoView {
    view! {
        <span class=format!("n num {lamp}") class:zero=move || n.get() == 0>
            {move || (n.get() > 0).then(|| view! { <span class="lamp" data-lamp=lamp></span> })}
            {move || n.get()}
        </span>
    }
}

/// A bar's length as a share of the longest. Whole numbers: writing a fraction would bring 10 KB of
/// code into the app.
pub fn share(n: u32, most: u32) -> String {
    let (n, most) = (u64::from(n), u64::from(most));
    let thousandths = (n * 1_000 + most / 2).checked_div(most).unwrap_or(0);
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_in_thousandths() {
        assert_eq!(share(0, 0), "0.000");
        assert_eq!(share(1, 3), "0.333");
        assert_eq!(share(2, 3), "0.667");
        assert_eq!(share(7, 7), "1.000");
        assert_eq!(share(u32::MAX, u32::MAX), "1.000");
    }
}
