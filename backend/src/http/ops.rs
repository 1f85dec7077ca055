//! For whoever runs it: health, readiness, figures for Prometheus, and what was refused.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::actor::Role;
use serde::Deserialize;
use serde_json::json;

use super::caller::Caller;
use super::state::Server;
use crate::log::{Log, LogHealth};
use crate::problem::Problem;

/// Most refusals shown at once.
const MAX_REFUSALS: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(super) struct Page {
    limit: Option<usize>,
}

/// The process lives.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// It can take reports: the log answers.
pub(super) async fn readyz(State(server): State<Server>) -> Result<Response, Problem> {
    let health = server.log.health().borrow().clone();
    match health {
        LogHealth::Up => Ok(Json(json!({"ready": true})).into_response()),
        LogHealth::Down { .. } => Err(Problem::unavailable(5)),
    }
}

pub(super) async fn metrics(State(server): State<Server>) -> Response {
    let mut text = server.metrics.render();
    text.push_str(&fanout_metrics(&server));
    text.push_str(&history_metrics(&server).await);
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}

pub(super) async fn refusals(
    State(server): State<Server>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Response, Problem> {
    if !matches!(
        caller.actor.role,
        Role::Centre | Role::Auditor | Role::Reader
    ) || caller.actor.scope != server.county.code
    {
        return Err(caller.problem(Problem::forbidden()));
    }
    let limit = page.limit.unwrap_or(100).min(MAX_REFUSALS);
    let refusals = server
        .log
        .refusals(limit)
        .await
        .map_err(|error| caller.problem(error))?;
    let items: Vec<_> = refusals
        .into_iter()
        .map(|r| {
            json!({
                "source": r.source, "code": r.code, "reason": r.reason,
                "body": r.body, "entry": r.entry, "at": r.at,
            })
        })
        .collect();
    Ok(Json(json!({"items": items})).into_response())
}

/// How far the history is behind the log; nothing of that while the log is away.
async fn history_metrics(server: &Server) -> String {
    use std::fmt::Write as _;
    let reached = server.history.reached();
    let rebuilding = u8::from(reached.is_rebuilding);
    let mut text = format!(
        "# TYPE gridlamp_history_rebuilding gauge\ngridlamp_history_rebuilding {rebuilding}\n"
    );
    if let Ok(head) = server.log.head().await {
        let lag = head.seq().saturating_sub(reached.position.seq());
        text.push_str("# TYPE gridlamp_history_lag_events gauge\n");
        let _ = writeln!(text, "gridlamp_history_lag_events {lag}");
    }
    text
}

fn fanout_metrics(server: &Server) -> String {
    use std::fmt::Write as _;
    use std::sync::atomic::Ordering::Relaxed;
    let metrics = server.fanout.metrics();
    let mut text = String::new();
    let _ = writeln!(text, "# TYPE gridlamp_live_connections gauge");
    let _ = writeln!(
        text,
        "gridlamp_live_connections {}",
        metrics.connections.load(Relaxed)
    );
    let _ = writeln!(text, "# TYPE gridlamp_live_deliveries_total counter");
    let _ = writeln!(
        text,
        "gridlamp_live_deliveries_total {}",
        metrics.deliveries.load(Relaxed)
    );
    let _ = writeln!(text, "# TYPE gridlamp_live_bytes_total counter");
    let _ = writeln!(
        text,
        "gridlamp_live_bytes_total {}",
        metrics.bytes.load(Relaxed)
    );
    let _ = writeln!(text, "# TYPE gridlamp_live_closes_total counter");
    for (code, count) in metrics.closes() {
        let _ = writeln!(
            text,
            "gridlamp_live_closes_total{{code=\"{code}\"}} {count}"
        );
    }
    text
}
