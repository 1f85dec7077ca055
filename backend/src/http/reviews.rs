//! After-action reports: one as data, as a map and on paper, for whoever may see its session; the
//! list of those of a period, and figures over them. Drills are listed and in no figure.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, SessionMove};
use domain::actor::Clearance;
use domain::ids::SessionId;
use domain::privacy;
use domain::projection::reviews::review_figures;
use domain::session::review::Review;
use domain::session::{Session, Stage};
use domain::time::{Span, Timestamp};
use domain::world::SESSION_KEPT_MS;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::sessions::{ids, names, session_id, sight};
use super::state::Server;
use crate::audit::Detail;
use crate::log::{Log, Position, StreamName};
use crate::problem::{Language, Problem};
use crate::projector::record;
use crate::review::{self, Report, pdf};
use crate::track::MAX_FIXES;

/// The period of a list or of figures, if none is asked for.
const PERIOD: Span = Span::days(30);
/// The longest one.
const MAX_PERIOD: Span = Span::days(731);
/// Reports on one page.
const MAX_PAGE: usize = 500;
/// How long before the order and after the end a unit's way is shown.
const AROUND: Span = Span::mins(2);
/// The longest way that is looked for.
const MAX_WAY: Span = Span::days(3);
/// The zoom that paper's outlines are simplified for.
const PAPER_ZOOM: u8 = 13;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Period {
    scope: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<usize>,
}

impl Period {
    /// From when until when, as asked or up to now.
    fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let to = self.to.unwrap_or(now + Span::secs(1));
        let from = self.from.unwrap_or(to - PERIOD);
        if from < to && to.since(from) <= MAX_PERIOD {
            return Ok((from, to));
        }
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "wrong_period",
            "起止时间不对：结束须晚于开始，且最长两年",
            "The period is wrong: it must end after it begins and last two years at most",
        ))
    }
}

/// The sessions that are over, with their verdicts; the last first.
pub(super) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(period): Query<Period>,
) -> Result<Response, Problem> {
    let limit = period.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    let (reviews, now) = of_period(&server, &caller, &period).await?;
    let more = reviews.len() > limit;
    let items: Vec<Value> = reviews.iter().take(limit).map(row).collect();
    Ok(Json(json!({"items": items, "more": more, "now": now})).into_response())
}

fn row(review: &Review) -> Value {
    let rated = review.members.iter().filter(|one| one.rating.is_some());
    json!({
        "session": review.session,
        "title": review.title,
        "kind": review.kind,
        "drill": review.drill,
        "region": review.region,
        "incident": review.incident,
        "stage": review.stage,
        "ordered_at": review.ordered_at,
        "ended_at": review.ended_at,
        "verdict": review.verdict,
        "members": review.members.len(),
        "rated": rated.count(),
    })
}

/// Figures over the real sessions of a period.
pub(super) async fn figures(
    State(server): State<Server>,
    caller: Caller,
    Query(period): Query<Period>,
) -> Result<Response, Problem> {
    let (reviews, now) = of_period(&server, &caller, &period).await?;
    let (from, to) = period
        .span(now)
        .map_err(|problem| caller.problem(problem))?;
    let figures = review_figures(&reviews);
    let orgs = figures.orgs.iter().filter_map(|row| {
        let org = server.county.orgs.get(&row.org)?;
        Some((org.id.to_string(), json!({"zh": org.name, "en": org.en})))
    });
    let orgs: serde_json::Map<String, Value> = orgs.collect();
    let mut value = serde_json::to_value(&figures).unwrap_or_default();
    value["names"] = orgs.into();
    value["from"] = json!(from);
    value["to"] = json!(to);
    Ok(Json(value).into_response())
}

/// The reports of a period as the caller may see them.
async fn of_period(
    server: &Server,
    caller: &Caller,
    period: &Period,
) -> Result<(Vec<Review>, Timestamp), Problem> {
    let viewer = caller.viewer(period.scope.as_deref(), server)?;
    if viewer.clearance == Clearance::Wall && viewer.party.is_none() {
        return Err(caller.problem(Problem::forbidden()));
    }
    let position = server.projector.read(|view| (view.position, view.now));
    let (position, now) = position.await.map_err(|failure| caller.problem(failure))?;
    let (from, to) = period
        .span(now)
        .map_err(|problem| caller.problem(problem))?;
    // What the history lacks would be lacking in every figure.
    if !server.history.reaches(position).await {
        return Err(caller.problem(behind()));
    }
    let keep = move |session: Session| {
        let clearance = viewer.sight(&session.reach())?;
        let is_told = session.stage != Stage::Created;
        is_told.then(|| Review::of(&privacy::session(&session, clearance), now))
    };
    let found = server.history.ended(from, to, keep).await;
    let found = found.map_err(|error| {
        tracing::error!(%error, "the history can't be read");
        caller.problem(Problem::unavailable(1))
    })?;
    Ok((found, now))
}

fn behind() -> Problem {
    Problem {
        retry_after_secs: Some(30),
        ..Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "history_behind",
            "本节点正在重建历史库，统计会不完整，请稍后再看",
            "This node is folding its history anew and figures would lack a part; ask later",
        )
    }
}

/// The report of one session as data.
pub(super) async fn json(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (report, may_rate) = report(&server, &caller, &id).await?;
    let mut value = report.json();
    value["may_rate"] = json!(may_rate);
    Ok((no_store(), Json(value)).into_response())
}

/// In which language a file is; the caller's if none is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    lang: Option<String>,
}

impl Wanted {
    fn language(&self, caller: &Caller) -> Language {
        match self.lang.as_deref() {
            Some(tag) if tag.starts_with("en") => Language::En,
            Some(tag) if tag.starts_with("zh") => Language::Zh,
            _ => caller.language,
        }
    }
}

/// The report of one session as a map.
pub(super) async fn geojson(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (report, _) = report(&server, &caller, &id).await?;
    let body = review::geojson(&report, wanted.language(&caller)).to_string();
    Ok(file(
        &report,
        "geojson",
        "application/geo+json",
        body.into(),
    ))
}

/// The report of one session on paper.
pub(super) async fn pdf(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (report, _) = report(&server, &caller, &id).await?;
    let language = wanted.language(&caller);
    let shared = server.clone();
    let written = tokio::task::spawn_blocking(move || {
        let ground = shared.boundary.to_geojson(shared.county.code, PAPER_ZOOM);
        let ground = pdf::Ground::read(&ground);
        pdf::write(&report, &ground, language).map(|bytes| (report, bytes))
    });
    let written = written
        .await
        .map_err(|_| caller.problem(Problem::unavailable(1)))?;
    let (report, bytes) = written.map_err(|error| {
        tracing::error!(%error, "a report can't be put on paper");
        caller.problem(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "no_paper",
            "程序中没有排版所需的字库，请先运行 cargo xtask app",
            "This binary carries no font to write with; build it with cargo xtask app first",
        ))
    })?;
    Ok(file(&report, "pdf", "application/pdf", bytes))
}

fn no_store() -> [(header::HeaderName, HeaderValue); 1] {
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]
}

/// A file to take away; recorded before it leaves.
fn file(report: &Report, ending: &str, media: &'static str, body: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"{}.{ending}\"", report.file_name());
    let mut response = (no_store(), body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response.extensions_mut().insert(Detail {
        action: Some("session.export".to_owned()),
        region: Some(report.review.region),
        after: Some(json!({ "media": media, "tracks": report.tracks.len() })),
        ..Detail::on(report.review.session.to_string())
    });
    response
}

/// The report as the caller may read it, and whether they may rate units now: whoever may see the
/// session, but for walls.
async fn report(server: &Server, caller: &Caller, id: &str) -> Result<(Report, bool), Problem> {
    let id = session_id(id, caller)?;
    let (session, now) = find(server, caller, id).await?;
    let clearance = session.as_ref().and_then(|one| sight(&caller.actor, one));
    let known = session.zip(clearance);
    let (session, clearance) = known.ok_or_else(|| caller.problem(Problem::not_found()))?;
    if clearance == Clearance::Wall {
        return Err(caller.problem(Problem::forbidden()));
    }
    let shown = privacy::session(&session, clearance);
    let people: BTreeSet<&str> = ids(&shown);
    let people = people.into_iter().map(str::to_owned).collect();
    let review = Review::of(&shown, now);
    // A way leads to the door.
    let is_shown = !review.sensitive || clearance == Clearance::Full;
    let tracks = if is_shown {
        ways(server, &review, now).await
    } else {
        Vec::new()
    };
    let rates = access::may_in_session(&caller.actor, SessionMove::Rate, &session).is_ok();
    let is_held = session
        .ended_at
        .is_some_and(|end| now.since(end).millis() < SESSION_KEPT_MS);
    let report = Report {
        review,
        county: server.county.clone(),
        names: names(server, people),
        tracks,
        generated_at: now,
    };
    Ok((report, rates && is_held))
}

/// A session that the World holds, or else the history; or, as long as that is behind, from its own
/// events.
async fn find(
    server: &Server,
    caller: &Caller,
    id: SessionId,
) -> Result<(Option<Session>, Timestamp), Problem> {
    let found = server
        .projector
        .read(move |view| (view.world.session(id).cloned(), view.now, view.position));
    let (found, now, position) = found.await.map_err(|failure| caller.problem(failure))?;
    if found.is_some() {
        return Ok((found, now));
    }
    let old = left_behind(server, id, position).await;
    Ok((old.map_err(|problem| caller.problem(problem))?, now))
}

async fn left_behind(
    server: &Server,
    id: SessionId,
    position: Position,
) -> Result<Option<Session>, Problem> {
    let is_there = server.history.reaches(position).await;
    match server.history.session(id).await {
        Ok(found) if is_there || found.is_some() => return Ok(found),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "the history can't be read"),
    }
    let key = id.key().to_string();
    let records = server.log.read_key(StreamName::Sessions, &key).await?;
    let events = records.iter().filter_map(|one| record::event_of(one).ok());
    Ok(events.fold(None, |session, event| Session::folded(session, &event)))
}

/// Where the units of a session went while it ran.
async fn ways(server: &Server, review: &Review, now: Timestamp) -> Vec<review::Track> {
    let Some(ordered) = review.ordered_at else {
        return Vec::new();
    };
    let (from, end) = (ordered - AROUND, review.ended_at.unwrap_or(now) + AROUND);
    let to = end.min(from + MAX_WAY);
    let units = review.members.iter().flat_map(|one| one.units.clone());
    let units: Vec<_> = units.collect();
    if units.is_empty() {
        return Vec::new();
    }
    // What was told in the last moments belongs to it.
    if let Err(error) = server.tracks.flush().await {
        tracing::warn!(%error, "the last positions are not on the disk");
    }
    match server.tracks.fixes(Some(units), from, to, MAX_FIXES).await {
        Ok(fixes) => review::tracks(review, fixes),
        Err(error) => {
            tracing::error!(%error, "tracks can't be read");
            Vec::new()
        }
    }
}
