//! The report of one session.

use std::sync::Arc;

use domain::session::Stage;
use domain::session::review::Review;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::judged::{Bars, Claims, Judged};
use super::map::MapPart;
use super::model::{self, Report};
use super::parts::{Messages, Timeline};
use super::rate::Rate;
use crate::api::Failed;
use crate::i18n::{format, review as r};
use crate::panels::admin::place::place;
use crate::panels::muster::model::stage as stage_name;
use crate::screens::start::Refused;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::{t, tongue};

/// The report that is shown. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The session's id.
    pub id: StoredValue<String>,
    /// The report, once it is there.
    pub report: RwSignal<Option<Arc<Report>>>,
    /// What was refused.
    pub failed: RwSignal<Option<Failed>>,
}

/// The report of this page.
pub fn shown() -> Shown {
    expect_context::<Shown>()
}

impl Shown {
    /// Asks for it anew.
    pub fn load(self) {
        let lang = tongue().lang();
        self.load_in(lang);
    }

    /// As [`Self::load`], from where there is no component.
    pub fn load_in(self, lang: crate::i18n::Lang) {
        let id = self.id.get_value();
        spawn_local(async move {
            match model::fetch(&id, lang).await {
                Ok(found) => {
                    self.failed.try_set(None);
                    self.report.try_set(Some(Arc::new(found)));
                }
                Err(failed) => {
                    self.failed.try_set(Some(failed));
                }
            }
        });
    }
}

/// The page.
#[component]
pub fn ReportPage(
    /// The session's id.
    id: String,
) -> impl IntoView {
    let shown = Shown {
        id: StoredValue::new(id),
        report: RwSignal::new(None),
        failed: RwSignal::new(None),
    };
    provide_context(shown);
    shown.load();
    move || {
        if let Some(report) = shown.report.get() {
            return view! { <Whole report=report/> }.into_any();
        }
        match shown.failed.get() {
            Some(failed) if failed.status == 404 => {
                view! { <Refused lang=tongue().0 icon=Icon::Search title=r::GONE why=r::GONE_WHY testid="no-report" to="/review".to_owned() to_words=r::BACK/> }.into_any()
            }
            Some(_) => view! {
                <Refusal failed=shown.failed/>
                <button type="button" class="btn" on:click=move |_| shown.load_in(tongue().lang())>{t(r::RELOAD)}</button>
            }
            .into_any(),
            None => view! { <p class="loading" role="status" data-testid="loading">"…"</p> }.into_any(),
        }
    }
}

#[component]
fn Whole(report: Arc<Report>) -> impl IntoView {
    let drill = report.review.drill;
    let stage = report.review.stage;
    let is_open = stage.is_open();
    view! {
        <article class="report-page" data-testid="report" data-drill=drill.to_string() data-stage=stage.en()>
            <Head report=report.clone()/>
            {is_open.then(|| view! { <p class="notice" data-kind="note"><Glyph icon=Icon::Info/><span>{t(r::RUNNING)}</span></p> })}
            <Tiles report=report.clone()/>
            <div class="report-grid">
                <div class="wide">
                    <Judged report=report.clone()/>
                    <Bars report=report.clone()/>
                    <Claims report=report.clone()/>
                    <Rate report=report.clone()/>
                </div>
                <div class="beside">
                    <MapPart report=report.clone()/>
                    <Messages report=report.clone()/>
                </div>
            </div>
            <Timeline report=report/>
        </article>
    }
}

#[component]
fn Head(report: Arc<Report>) -> impl IntoView {
    let tongue = tongue();
    let review = report.review.clone();
    let title = format!("{} · {}", report.names.place, review.title);
    let name = if review.drill {
        r::DRILL_REPORT
    } else {
        r::REPORT
    };
    let back = move |ev: leptos::ev::MouseEvent| {
        let here = place();
        let to = here.0.get_untracked().with("id", "");
        crate::panels::admin::place::follow(here, &ev, &to);
    };
    let print = |_| {
        let _ = window().print();
    };
    let at = move |ending: &str| {
        let lang = tongue.0.get().tag();
        format!(
            "/api/v1/sessions/{}/report{ending}?lang={lang}",
            review.session
        )
    };
    let files = [(".pdf", "PDF"), (".geojson", "GeoJSON"), ("", "JSON")].map(|(ending, name)| {
        view! {
            <a class="btn" class:primary=ending == ".pdf" data-testid=format!("file-{}", name.to_lowercase())
                download=if ending.is_empty() { "review.json" } else { "" } href=move || at(ending)>
                <Glyph icon=Icon::Download/>{name}
            </a>
        }
    });
    let room = format!("/command?id={}", report.review.session);
    let replay = format!("/replay?session={}", report.review.session);
    view! {
        <header class="report-head">
            <nav class="no-print">
                <a class="btn quiet" href="/review" data-testid="back" on:click=back><Glyph icon=Icon::Back/>{t(r::BACK)}</a>
                <a class="btn quiet" href=room><Glyph icon=Icon::Clock/>{t(r::TO_SESSION)}</a>
                <a class="btn quiet" href=replay data-testid="to-replay"><Glyph icon=Icon::Play/>{t(r::TO_REPLAY)}</a>
                <span class="space"></span>
                {files.collect_view()}
                <button type="button" class="btn" on:click=print><Glyph icon=Icon::Receipt/>{t(r::PRINT)}</button>
            </nav>
            <p class="lead">{t(name)}{report.review.drill.then(|| view! { <b class="drill" data-testid="drill">{t(r::DRILL_NOTE)}</b> })}</p>
            <h1>{title}</h1>
            <Facts report=report/>
        </header>
    }
}

#[component]
fn Facts(report: Arc<Report>) -> impl IntoView {
    let tongue = tongue();
    let facts = move || {
        let lang = tongue.0.get();
        let review: &Review = &report.review;
        let stamp = |at: Option<domain::time::Timestamp>| {
            at.map_or_else(|| "—".to_owned(), |at| format::stamp(at.millis()))
        };
        let commanders = review.commanders.iter().map(|one| {
            let known = report.names.names.get(&one.id).cloned();
            let org = one.org.as_ref().map(|org| report.org(org, lang));
            let who = known.or(org).unwrap_or_else(|| "—".to_owned());
            let at = model::time(one.since);
            crate::i18n::fill(lang.of(r::SINCE), &[("who", &who), ("t", &at)])
        });
        let commanders: Vec<String> = commanders.collect();
        let address = review.place.address.clone().unwrap_or_default();
        let rows = [
            (
                r::KIND,
                format!(
                    "{} · {}",
                    lang.of(model::kind(review.kind)),
                    stage_name(review.stage, lang)
                ),
            ),
            (r::ORDERED, stamp(review.ordered_at)),
            (r::ENDED, stamp(review.ended_at)),
            (r::PLACE, format!("{} {address}", report.names.place)),
            (r::ASKER, report.by(&review.asker, lang)),
            (r::COMMANDER, commanders.join("；")),
            (
                r::RESULT,
                review.result.clone().unwrap_or_else(|| "—".to_owned()),
            ),
        ];
        rows.map(|(name, value)| view! { <div><dt>{lang.of(name)}</dt><dd>{value}</dd></div> })
            .collect_view()
    };
    view! { <dl class="report-facts">{facts}</dl> }
}

#[component]
fn Tiles(report: Arc<Report>) -> impl IntoView {
    let tongue = tongue();
    let tiles = move || {
        let lang = tongue.0.get();
        let (verdict, state) = report.verdict(lang);
        let tiles = [
            (r::TILE_MUSTER, verdict, state),
            (r::TILE_ACK, report.phase(Stage::Mobilising), ""),
            (r::TILE_OUT, report.phase(Stage::AllOut), ""),
            (r::TILE_THERE, report.phase(Stage::OnScene), ""),
            (r::TILE_CLOSED, report.phase(Stage::Ended), ""),
        ];
        tiles
            .map(|(name, value, state)| {
                view! { <li data-state=state><small>{lang.of(name)}</small><b class="num">{value}</b></li> }
            })
            .collect_view()
    };
    view! { <ul class="report-tiles" data-testid="tiles">{tiles}</ul> }
}
