//! Timeline and messages of a report.

use std::sync::Arc;

use leptos::prelude::*;

use super::model::{Report, clock, time};
use crate::i18n::{fill, review as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// What happened, in order.
#[component]
pub fn Timeline(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let rows = move || {
        let lang = tongue.0.get();
        let lines = report.review.timeline.iter();
        let rows = lines.map(|line| {
            let since = report.review.ordered_at.filter(|at| *at <= line.at);
            let since = since.map(|at| {
                let secs = u32::try_from(line.at.since(at).as_secs()).unwrap_or_default();
                format!("+{}", clock(Some(secs)))
            });
            let late = line.occurred_at.filter(|at| *at < line.at);
            let late = late.map(|at| fill(lang.of(r::HAPPENED), &[("t", &time(at))]));
            view! {
                <li>
                    <span class="num">{time(line.at)}</span><small class="num quiet">{since}</small>
                    <span>{report.line(line, lang)}{late.map(|text| view! { " "<small class="quiet">{text}</small> })}</span>
                    <small class="quiet">{report.by(&line.by, lang)}</small>
                </li>
            }
        });
        rows.collect_view()
    };
    view! { <section class="part" data-testid="timeline"><h2>{t(r::TIMELINE)}</h2><ol class="lines">{rows}</ol></section> }
}

/// What was said, and who saw it.
#[component]
pub fn Messages(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let rows = move || {
        let lang = tongue.0.get();
        if report.review.messages.is_empty() {
            return view! { <p class="quiet">{lang.of(r::NO_MESSAGES)}</p> }.into_any();
        }
        let rows = report.review.messages.iter().map(|one| {
            let seen = one.acknowledged.iter().map(|seen| {
                let at = time(seen.occurred_at.unwrap_or(seen.at));
                format!("{} {at}", report.by(&seen.by, lang))
            });
            let seen = seen.collect::<Vec<_>>().join("、");
            let seen = if seen.is_empty() {
                lang.of(r::SEEN_NONE).to_owned()
            } else {
                fill(lang.of(r::SEEN_BY), &[("who", &seen)])
            };
            let files = one.attachments.iter().map(|id| {
                let to = format!("/api/v1/attachments/{id}");
                view! { <a href=to target="_blank" rel="noopener"><Glyph icon=Icon::Paperclip/></a> }
            });
            view! {
                <li data-testid="message">
                    <p><b>{report.by(&one.by, lang)}</b>" "<span class="num quiet">{time(one.occurred_at.unwrap_or(one.at))}</span></p>
                    <p>{one.text.clone()}" "{files.collect_view()}</p>
                    <small class="quiet">{seen}</small>
                </li>
            }
        });
        view! { <ol class="said">{rows.collect_view()}</ol> }.into_any()
    };
    view! { <section class="part" data-testid="messages"><h2>{t(r::MESSAGES)}</h2>{rows}</section> }
}
