//! Reports from the intake stream of Redis, when the log is there.

use domain::actor::{Actor, Role};

use super::{reason, redis, submit};
use crate::http::Server;
use crate::intake::redis::{ConsumerSettings, Verdict};
use axum::http::StatusCode;
use tokio::sync::watch;

/// Takes reports from the stream until `shutdown` turns true; does nothing on an embedded log.
pub async fn run(server: Server, shutdown: watch::Receiver<bool>) {
    let Some(log) = server.log.as_redis().cloned() else {
        return;
    };
    // The same after a restart: the node then finds what it left pending at once.
    let consumer = server.name.clone();
    let handler = move |_entry: String, body: Vec<u8>| {
        let server = server.clone();
        async move { judge(&server, &body).await }
    };
    let settings = ConsumerSettings::new(consumer);
    if let Err(error) = redis::consume(log, settings, shutdown, handler).await {
        tracing::error!(%error, "intake from Redis has ended");
    }
}

async fn judge(server: &Server, body: &[u8]) -> Verdict {
    let actor = Actor::new("redis", Role::Source, server.county.code);
    let value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            let problem = super::malformed(&error);
            return refused(&problem);
        }
    };
    match submit(server, &value, None, &actor).await {
        Ok(_) => Verdict::Accepted,
        Err(problem) if problem.status == StatusCode::SERVICE_UNAVAILABLE => Verdict::Later,
        Err(problem) => refused(&problem),
    }
}

fn refused(problem: &crate::problem::Problem) -> Verdict {
    let code = problem
        .refusals
        .first()
        .map(|r| r.code.clone())
        .unwrap_or_default();
    Verdict::Refused {
        code,
        reason: reason(problem),
    }
}
