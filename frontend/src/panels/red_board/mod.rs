//! The red-light board: how many are late, how late, and who holds them.

pub mod model;

use leptos::prelude::*;

use crate::context::{context, lamp_name};
use crate::i18n::{catalogue as c, format};
use crate::ui::fit::rows_that_fit;
use crate::ui::number::Number;
use crate::ui::panel::{Empty, Panel};

/// The board; a row pointed at is shown on the map.
#[component]
pub fn RedBoard() -> impl IntoView {
    let ctx = context();
    view! {
        <Panel class="red-board" title=c::RED_BOARD testid="red-board"
            aside=Signal::derive(move || ctx.t(c::OLDEST_FIRST).to_owned())>
            <Heads/>
            <Rows/>
        </Panel>
    }
}

#[component]
fn Heads() -> impl IntoView {
    let ctx = context();
    let reds = Memo::new(move |_| ctx.board.with(|b| b.red.len()));
    let ambers = Memo::new(move |_| ctx.board.with(|b| b.amber.len()));
    let orders = move || ctx.board.with(|b| b.orders).to_string();
    let next = move || {
        let due = ctx
            .board
            .with(|b| b.amber.first().map(|row| row.due.millis()))?;
        Some(ctx.tf(c::AMBER_NEXT, &[("t", &format::late(due - ctx.now.get()))]))
    };
    let worst = move || {
        ctx.board.with(|b| {
            b.red
                .iter()
                .map(|r| r.lamp)
                .max()
                .map_or("green", lamp_name)
        })
    };
    view! {
        <div class="heads">
            <div class="big" class:calm=move || reds.get() == 0>
                <span class="lamp" data-lamp=worst></span>
                <span class="num" data-testid="red-count"><Number value=Signal::derive(move || reds.get().to_string())/></span>
                <small>
                    <div class="clip">{move || ctx.t(c::RED_COUNT)}</div>
                    <div class="clip">{move || ctx.tf(c::RED_ORDERS, &[("n", &orders())])}</div>
                </small>
            </div>
            <div class="big a" class:calm=move || ambers.get() == 0>
                <span class="lamp" data-lamp="amber"></span>
                <span class="num" data-testid="amber-count"><Number value=Signal::derive(move || ambers.get().to_string())/></span>
                <small>
                    <div class="clip">{move || ctx.t(c::AMBER_COUNT)}</div>
                    <div class="clip num">{next}</div>
                </small>
            </div>
        </div>
    }
}

#[component]
fn Rows() -> impl IntoView {
    let ctx = context();
    let (list, probe) = (NodeRef::new(), NodeRef::new());
    let fits = rows_that_fit(list, probe);
    // The seconds do not show on this board, so its words change once a minute.
    let minute = Memo::new(move |_| ctx.now.get() / 60_000 * 60_000);
    let rows = Memo::new(move |_| {
        let words = ctx.words.get();
        ctx.board
            .with(|board| model::rows(board, &words, ctx.lang.get(), minute.get(), fits.get()))
    });
    let total = move || ctx.board.with(|b| b.red.len() + b.amber.len());
    let hidden = move || total().saturating_sub(fits.get()) as u64;
    view! {
        <div class="rows" style:--fits=move || fits.get().to_string() node_ref=list>
            <div class="probe row" node_ref=probe></div>
            {move || (total() == 0).then(|| view! { <Empty text=c::RED_NONE why=c::RED_NONE_WHY/> })}
            <For each=move || rows.get() key=|row| (row.id.clone(), row.lamp, row.late.clone(), row.who.clone(), row.title.clone()) let:row>
                <Row row=row/>
            </For>
        </div>
        {move || (hidden() > 0 && fits.get() > 0)
            .then(|| view! { <div class="more num">{ctx.tf(c::MORE, &[("n", &format::count(hidden()))])}</div> })}
    }
}

#[component]
fn Row(row: model::RowView) -> impl IntoView {
    let ctx = context();
    let id = StoredValue::new(row.id.clone());
    let is_selected = move || {
        ctx.selected
            .with(|s| id.with_value(|id| s.as_ref() == Some(id)))
    };
    let toggle = move |_| {
        let chosen = (!is_selected()).then(|| id.get_value());
        ctx.selected.set(chosen);
    };
    let lamp = lamp_name(row.lamp);
    view! {
        <button class="row" data-testid="red-row" data-id=row.id data-lamp=lamp
            aria-pressed=move || is_selected().to_string() on:click=toggle>
            <span class="lamp" data-lamp=lamp></span>
            <span class="t clip">{row.title}</span>
            <span class="late num">{row.late}</span>
            <span class="w clip">{row.who}</span>
        </button>
    }
}
