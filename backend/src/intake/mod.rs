//! How reports get in. Each entrance hands what it got to `submit`: check, locate, and the
//! projector. What is refused is kept where an operator can see it.

pub mod batch;
pub mod positions;
pub mod redis;
pub mod stream;

use axum::http::StatusCode;
use domain::actor::Actor;
use domain::intake::{Desk, admit};
use serde_json::Value;

use crate::http::Server;
use crate::log::{Log, Refusal};
use crate::problem::Problem;
use crate::projector::Done;

/// How much of a refused body is kept, in bytes.
const KEPT_BYTES: usize = 4_096;

/// Takes one report in; answers when its event has been folded.
///
/// # Errors
/// What is wrong with it, or the log's failure. Keeping what was refused is the entrance's: each
/// has its own way back to where it came from.
pub async fn submit(
    server: &Server,
    value: &Value,
    source: Option<&str>,
    actor: &Actor,
) -> Result<Done, Problem> {
    let locate = |point| server.locator.locate(point);
    let desk = Desk {
        county: &server.county,
        locate: &locate,
        now: server.clock.now(),
        source,
    };
    let admitted = admit(value, desk).and_then(|report| {
        let inside = actor.covers(report.region);
        if inside {
            Ok(report)
        } else {
            Err(vec![outside_scope()])
        }
    });
    let report = match admitted {
        Ok(report) => report,
        Err(refusals) => {
            metrics::counter!("gridlamp_reports_total", "outcome" => "refused").increment(1);
            return Err(Problem::from(refusals));
        }
    };
    let done = server.projector.report(report, actor.clone()).await?;
    let outcome = if done.existed { "repeated" } else { "accepted" };
    metrics::counter!("gridlamp_reports_total", "outcome" => outcome).increment(1);
    Ok(done)
}

fn outside_scope() -> domain::refusal::Refusal {
    domain::refusal::Refusal::new(
        domain::refusal::Class::Forbidden,
        "outside_scope",
        "只能上报本辖区内的事件",
        "You report within your own region only",
    )
}

/// Keeps what was refused, in the background: the refusal itself does not wait for it.
pub fn keep_refused(server: &Server, source: &str, problem: &Problem, body: &str) {
    let first = problem.refusals.first();
    let refusal = Refusal {
        source: source.to_owned(),
        code: first.map(|r| r.code.clone()).unwrap_or_default(),
        reason: reason(problem),
        body: excerpt(body.as_bytes()),
        entry: String::new(),
        at: server.clock.now().to_string(),
    };
    let server = server.clone();
    tokio::spawn(async move {
        if let Err(error) = server.log.refuse(refusal).await {
            tracing::warn!(%error, "a refused report could not be kept");
        }
    });
}

/// Every reason, with its field.
pub fn reason(problem: &Problem) -> String {
    let one = |r: &domain::refusal::Refusal| match &r.pointer {
        Some(pointer) => format!("{pointer}: {}", r.zh),
        None => r.zh.clone(),
    };
    problem
        .refusals
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("；")
}

/// The start of a body, as text.
pub fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(KEPT_BYTES)]).into_owned()
}

/// The problem of a body that is no JSON.
pub fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_json",
        &format!(
            "内容不是有效的 UTF-8 JSON（第 {} 行第 {} 列）",
            error.line(),
            error.column()
        ),
        &format!("This is not valid JSON in UTF-8: {error}"),
    )
}
