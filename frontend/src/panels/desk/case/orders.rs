//! The supervision orders of an incident, each with what may be done about it.

use std::sync::Arc;

use domain::access::Move;
use domain::incident::{Breach, Incident, OrderState};
use leptos::prelude::*;

use crate::i18n::{Text, case as s};
use crate::panels::desk::{Desk, desk, moves};
use crate::session::stamp;
use crate::ui::tongue::t;

use super::head::clock_name;

/// The orders; nothing where there is none.
#[component]
pub fn Orders() -> impl IntoView {
    let desk = desk();
    move || {
        let one = desk.case.get().filter(|one| !one.breaches.is_empty())?;
        let rows = (0..one.breaches.len()).rev();
        Some(view! {
            <section class="orders-of">
                <h3>{t(s::ORDERS)}</h3>
                {rows.map(|nth| view! { <Order one=Arc::clone(&one) nth=nth/> }).collect_view()}
            </section>
        })
    }
}

const fn state_name(state: OrderState) -> Text {
    match state {
        OrderState::Issued => s::ORDER_ISSUED,
        OrderState::Signed => s::ORDER_SIGNED,
        OrderState::Answered => s::ORDER_ANSWERED,
        OrderState::Cleared => s::ORDER_CLEARED,
        OrderState::Rejected => s::ORDER_REJECTED,
    }
}

#[component]
fn Order(one: Arc<Incident>, nth: usize) -> impl IntoView {
    let desk = desk();
    let tongue = desk.session.tongue;
    let order = one.breaches.get(nth).cloned();
    let offered = moves::of_order(&desk.actor(), &one, nth);
    order.map(|order| {
        let number = order.number.to_string();
        let notes = notes(desk, &order);
        let (state, tier) = (order.state, order.tier);
        let button = move |one: Move| {
            view! {
                <button type="button" class="btn" data-testid=format!("order-{}", one.name()) on:click=move |_| desk.begin(one, Some(nth))>{t(moves::name(one))}</button>
            }
        };
        view! {
            <article class="order" data-testid="order" data-state=format!("{state:?}")>
                <p><b class="num">{move || tongue.tf(s::ORDER, &[("n", &number)])}</b>
                    {(tier > 1).then(|| view! { <span class="chip">{t(s::TIER_DEEP)}</span> })}
                    <span class="chip">{t(state_name(state))}</span></p>
                {notes.into_iter().map(|note| view! { <p class="quiet">{note}</p> }).collect_view()}
                {(!offered.is_empty()).then(|| view! { <div class="deeds">{offered.into_iter().map(button).collect_view()}</div> })}
            </article>
        }
    })
}

fn notes(desk: Desk, order: &Breach) -> Vec<String> {
    let tongue = desk.session.tongue;
    let org = |id: &domain::pack::orgs::OrgId| desk.session.org(id.as_str());
    let clock = tongue.t(clock_name(order.clock));
    let reply = tongue.tf(s::ORDER_REPLY, &[("t", &stamp(order.order.reply_by))]);
    let to = tongue.tf(
        s::ORDER_TO,
        &[("clock", clock), ("org", &org(&order.order.to))],
    );
    let mut notes = vec![if order.state.is_owed() {
        format!("{to} · {reply}")
    } else {
        to
    }];
    if let Some(answer) = &order.answer {
        notes.push(format!("{}：{answer}", tongue.t(s::ORDER_ANSWER)));
    }
    notes.extend(
        order
            .climbed
            .iter()
            .map(|to| tongue.tf(s::ORDER_CLIMBED, &[("org", &org(to))])),
    );
    if let Some(removal) = &order.removal {
        notes.push(match removal.granted {
            None => tongue.tf(s::REMOVAL_WAITS, &[("why", &removal.reason)]),
            Some(true) => tongue.t(s::REMOVAL_GRANTED).to_owned(),
            Some(false) => tongue.t(s::REMOVAL_REFUSED).to_owned(),
        });
    }
    notes
}
