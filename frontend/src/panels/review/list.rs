//! The sessions of a period that are over, and figures over the real ones.

use std::collections::BTreeMap;

use domain::ids::SessionId;
use domain::projection::reviews::{OrgFigures, ReviewFigures, Share};
use domain::session::review::Verdict;
use domain::session::{Kind, Stage};
use domain::time::{Span, Timestamp};
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::model::{Name, clock, kind};
use crate::api::{self, Failed};
use crate::i18n::{Lang, fill, format, review as r};
use crate::panels::admin::place::{follow, place};
use crate::panels::muster::model::stage;
use crate::session::session;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::{t, tongue};

/// The periods that are offered, in days.
const PERIODS: [(i64, crate::i18n::Text); 4] = [
    (7, r::DAYS_7),
    (30, r::DAYS_30),
    (90, r::DAYS_90),
    (365, r::DAYS_365),
];
/// The period that is shown first, in days.
const FIRST: i64 = 30;

#[derive(Clone, Debug, Deserialize)]
struct Row {
    session: SessionId,
    title: String,
    kind: Kind,
    drill: bool,
    region: Code,
    stage: Stage,
    #[serde(default)]
    ended_at: Option<Timestamp>,
    #[serde(default)]
    verdict: Option<Verdict>,
    members: u32,
    rated: u32,
}

#[derive(Clone, Debug, Deserialize)]
struct List {
    items: Vec<Row>,
    more: bool,
}

/// Figures with the names of whom they are.
#[derive(Clone, Debug)]
struct Figures {
    figures: ReviewFigures,
    names: BTreeMap<String, Name>,
}

#[derive(Deserialize)]
struct Names {
    names: BTreeMap<String, Name>,
}

/// The page.
#[component]
pub fn ListPage() -> impl IntoView {
    let here = place();
    let days = here.chosen("days");
    let list = RwSignal::new(None::<List>);
    let figures = RwSignal::new(None::<Figures>);
    let failed = RwSignal::new(None::<Failed>);
    let lang = tongue().lang();
    Effect::new(move |_| {
        let days = days.with(|text| text.parse().unwrap_or(FIRST));
        load(days, lang, list, figures, failed);
    });
    let periods = PERIODS.map(|(n, words)| {
        let chosen = move || days.with(|text| text.parse().unwrap_or(FIRST)) == n;
        view! {
            <button type="button" class="btn" aria-pressed=move || chosen().to_string() data-testid=format!("days-{n}")
                on:click=move |_| here.set("days", &n.to_string())>{t(words)}</button>
        }
    });
    view! {
        <header class="review-head">
            <h1>{t(r::TITLE)}</h1>
            <span class="space"></span>
            <span class="periods" role="group" aria-label=t(r::LAST)>{periods.collect_view()}</span>
        </header>
        <Refusal failed=failed/>
        {move || figures.get().map(|found| view! { <FiguresPart found=found/> })}
        {move || list.get().map(|found| view! { <ListPart found=found/> })}
    }
}

fn load(
    days: i64,
    lang: Lang,
    list: RwSignal<Option<List>>,
    figures: RwSignal<Option<Figures>>,
    failed: RwSignal<Option<Failed>>,
) {
    spawn_local(async move {
        // The first answer tells the server's time.
        let now = api::server_now_ms();
        let from = Timestamp::from_millis(now) - Span::days(days.clamp(1, 731));
        let from = api::escaped(&from.to_rfc3339(domain::time::UtcOffset::CHINA));
        let url = format!("/api/v1/reviews?from={from}");
        match api::get::<List>(&url, lang).await {
            Ok(found) => {
                failed.try_set(None);
                list.try_set(Some(found));
            }
            Err(why) => {
                failed.try_set(Some(why));
                return;
            }
        }
        let url = format!("/api/v1/reviews/figures?from={from}");
        let answer = api::ask("GET", &url, lang, None).await;
        let found = api::read::<ReviewFigures>(&answer, lang).ok();
        let names = api::read::<Names>(&answer, lang).ok();
        if let (Some(found), Some(names)) = (found, names) {
            figures.try_set(Some(Figures {
                figures: found,
                names: names.names,
            }));
        }
    });
}

#[component]
fn ListPart(found: List) -> impl IntoView {
    let tongue = tongue();
    let session = session();
    let here = place();
    let heads = [
        r::C_TITLE,
        r::KIND,
        r::C_STAGE,
        r::C_ENDED,
        r::C_MUSTER,
        r::C_SEATS,
        r::C_RATED,
    ];
    if found.items.is_empty() {
        return view! {
            <section class="part" data-testid="review-list"><h2>{t(r::LIST)}</h2>
                <div class="blank"><Glyph icon=Icon::Tasks/><b>{t(r::NONE)}</b><span class="quiet">{t(r::NONE_WHY)}</span></div>
            </section>
        }
        .into_any();
    }
    let more = found.more;
    let rows = move || {
        let lang = tongue.0.get();
        let rows = found.items.iter().map(|one| {
            let to = here.0.get_untracked().with("id", &one.session.to_string());
            let href = to.to_url();
            let (verdict, state) = muster(one.verdict, lang);
            let ended = one.ended_at.map_or_else(|| "—".to_owned(), |at| format::stamp(at.millis()));
            let region = session.region(one.region);
            let drill = one.drill.then(|| view! { <b class="drill" data-testid="drill">{lang.of(r::K_DRILL)}</b> });
            view! {
                <tr data-testid="review-row" data-session=one.session.to_string() data-drill=one.drill.to_string()>
                    <th scope="row"><a href=href on:click=move |ev| follow(here, &ev, &to)>{drill}{region}" · "{one.title.clone()}</a></th>
                    <td>{lang.of(kind(one.kind))}</td><td>{stage(one.stage, lang)}</td><td class="num">{ended}</td>
                    <td><b class="judge num" data-state=state>{verdict}</b></td>
                    <td class="num">{one.members}</td><td class="num">{one.rated}"/"{one.members}</td>
                </tr>
            }
        });
        rows.collect_view()
    };
    view! {
        <section class="part" data-testid="review-list">
            <h2>{t(r::LIST)}</h2>
            <div class="over" tabindex="0" role="group" aria-label=t(r::LIST)><table>
                <thead><tr>{heads.map(|head| view! { <th scope="col">{t(head)}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {more.then(|| view! { <p class="quiet small">{t(r::MORE)}</p> })}
        </section>
    }
    .into_any()
}

fn muster(verdict: Option<Verdict>, lang: Lang) -> (String, &'static str) {
    let Some(verdict) = verdict else {
        return (lang.of(r::NO_ORDER).to_owned(), "none");
    };
    let (n, m) = (verdict.in_time.to_string(), verdict.of.to_string());
    let text = fill(lang.of(r::IN_TIME_OF), &[("n", &n), ("m", &m)]);
    (
        text,
        if verdict.all_in_time {
            "in_time"
        } else {
            "late"
        },
    )
}

#[component]
fn FiguresPart(found: Figures) -> impl IntoView {
    let tongue = tongue();
    let heads = [
        r::ORG,
        r::F_ORDERS,
        r::F_IN_TIME,
        r::F_ACK,
        r::F_MOVE,
        r::F_ARRIVE,
        r::F_DOUBTED,
        r::F_CHASED,
        r::F_MARK,
    ];
    let left = found.figures.left_out;
    let left_words = move || {
        let lang = tongue.0.get();
        fill(lang.of(r::F_LEFT), &[("n", &left.to_string())])
    };
    let tiles = {
        let found = found.clone();
        move || tiles(&found, tongue.0.get())
    };
    let has_any = found.figures.sessions > 0;
    let rows = move || {
        let lang = tongue.0.get();
        let rows = found.figures.orgs.iter().map(|row| {
            let name = found.names.get(row.org.as_str());
            let name = name.map_or_else(|| row.org.to_string(), |name| name.of(lang).to_owned());
            of_org(name, &row.figures)
        });
        rows.collect_view()
    };
    view! {
        <section class="part" data-testid="figures" data-sessions=found_sessions(has_any)>
            <h2>{t(r::FIGURES)}{(left > 0).then(|| view! { <small class="quiet" data-testid="left-out">{left_words}</small> })}</h2>
            <ul class="report-tiles">{tiles}</ul>
            {if has_any {
                view! {
                    <div class="over" tabindex="0" role="group" aria-label=t(r::FIGURES)><table>
                        <thead><tr>{heads.map(|head| view! { <th scope="col">{t(head)}</th> }).collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                }.into_any()
            } else {
                view! { <p class="quiet">{t(r::F_NONE)}</p> }.into_any()
            }}
        </section>
    }
}

const fn found_sessions(has_any: bool) -> &'static str {
    if has_any { "some" } else { "none" }
}

fn percent(share: Share) -> String {
    share
        .percent()
        .map_or_else(|| "—".to_owned(), |percent| format!("{percent}%"))
}

fn tiles(found: &Figures, lang: Lang) -> AnyView {
    let figures = &found.figures;
    let median = |spread: domain::projection::reviews::Spread| {
        clock((spread.count > 0).then_some(spread.median_secs))
    };
    let tiles = [
        (r::F_SESSIONS, figures.sessions.to_string()),
        (r::F_RATE, percent(figures.muster)),
        (r::F_ACK, median(figures.all.acknowledged)),
        (r::F_MOVE, median(figures.all.moving)),
        (r::F_ARRIVE, median(figures.all.arrived)),
    ];
    let tiles = tiles.map(
        |(name, value)| view! { <li><small>{lang.of(name)}</small><b class="num">{value}</b></li> },
    );
    tiles.collect_view().into_any()
}

fn of_org(name: String, one: &OrgFigures) -> AnyView {
    let spread = |spread: domain::projection::reviews::Spread| {
        let some = spread.count > 0;
        let p90 = some
            .then(|| view! { <small class="quiet">" / "{clock(Some(spread.p90_secs))}</small> });
        view! { <td class="num">{clock(some.then_some(spread.median_secs))}{p90}</td> }
    };
    let mean = (one.rating.sum * 10).checked_div(one.rating.count);
    let mean = mean.map_or_else(
        || "—".to_owned(),
        |tenths| format!("{}.{}", tenths / 10, tenths % 10),
    );
    view! {
        <tr data-testid="org-figures">
            <th scope="row">{name}</th>
            <td class="num">{one.orders}</td>
            <td class="num">{percent(one.muster)}<small class="quiet">" "{one.muster.in_time}"/"{one.muster.of}</small></td>
            {spread(one.acknowledged)}{spread(one.moving)}{spread(one.arrived)}
            <td class="num">{one.doubted}</td><td class="num">{one.chased}</td><td class="num">{mean}</td>
        </tr>
    }
    .into_any()
}
