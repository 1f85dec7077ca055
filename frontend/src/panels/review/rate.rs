//! The evaluation: what the asker found, or the form by which they say so.

use std::sync::Arc;

use domain::session::Stage;
use domain::session::review::Member;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::model::Report;
use super::page::{Shown, shown};
use crate::i18n::{Lang, fill, review as r};
use crate::panels::admin::work::Work;
use crate::panels::command::{new_key, send_once};
use crate::session::session;
use crate::ui::notice::Refusal;
use crate::ui::tongue::{t, tongue};

/// The evaluation of a session that is over.
#[component]
pub fn Rate(
    /// The report.
    report: Arc<Report>,
) -> impl IntoView {
    let tongue = tongue();
    let (shown, work) = (shown(), Work::default());
    let over = matches!(report.review.stage, Stage::Ended | Stage::Reviewed);
    let rows = move || {
        let lang = tongue.0.get();
        let rows = report.review.members.iter();
        rows.map(|member| row(&report, member, shown, work, lang))
            .collect_view()
    };
    over.then(|| {
        view! {
            <section class="part" data-testid="rate">
                <h2>{t(r::EVALUATION)}</h2>
                <p class="quiet small">{t(r::EVALUATE_WHY)}</p>
                <Refusal failed=work.failed/>
                <ul class="ratings">{rows}</ul>
            </section>
        }
    })
}

fn row(report: &Report, member: &Member, shown: Shown, work: Work, lang: Lang) -> AnyView {
    let name = report.org(&member.org, lang);
    if let Some(rating) = &member.rating {
        let score = fill(lang.of(r::STARS), &[("n", &rating.score.to_string())]);
        let stars = (1..=5_u8).map(|n| view! { <i class:on=n <= rating.score></i> });
        let word = rating.word.clone().unwrap_or_default();
        return view! {
            <li data-testid="rated"><b>{name}</b><span class="stars" role="img" aria-label=score.clone()>{stars.collect_view()}</span><span>{word}</span><small class="quiet">{report.by(&rating.by, lang)}</small></li>
        }
        .into_any();
    }
    if !report.names.may_rate {
        return view! { <li><b>{name}</b><span class="quiet">{lang.of(r::NOT_RATED)}</span></li> }
            .into_any();
    }
    let word = RwSignal::new(String::new());
    let org = member.org.to_string();
    let key = StoredValue::new(new_key());
    let who = session();
    let rate = move |score: u8| {
        let said = word.get_untracked();
        let said = Some(said).filter(|text| !text.trim().is_empty());
        let body = json!({ "org": org, "score": score, "word": said });
        let url = format!("/api/v1/sessions/{}/rate", shown.id.get_value());
        let asked = async move { send_once::<Value>(who, &url, &body, &key.get_value()).await };
        work.run(asked, move |_| shown.load_in(lang));
    };
    let scores = (1..=5_u8).map(|n| {
        let rate = rate.clone();
        view! {
            <button type="button" class="btn" data-testid=format!("score-{n}") disabled=work.busy on:click=move |_| rate(n)>{n.to_string()}</button>
        }
    });
    view! {
        <li data-testid="to-rate" class="no-print">
            <b>{name}</b>
            <input maxlength="500" aria-label=lang.of(r::WORD) placeholder=lang.of(r::WORD) prop:value=word
                on:input:target=move |ev| word.set(ev.target().value())/>
            <span role="group" aria-label=lang.of(r::SCORE)>{scores.collect_view()}</span>
        </li>
    }
    .into_any()
}
