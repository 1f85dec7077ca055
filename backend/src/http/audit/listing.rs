//! `GET /audit`: an auditor looks through the trail. Each look is itself recorded.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::state::Server;
use crate::audit::{self, Detail, Filter};
use crate::problem::Problem;

/// Records on one page, if not asked otherwise.
const PAGE: usize = 50;

/// What is looked for; as JSON, it is the purpose of the record of this look.
#[derive(Debug, Deserialize, Serialize)]
pub(in crate::http) struct Asking {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

pub(in crate::http) async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    access::may_do(&caller.actor, Deed::ViewAudit).map_err(|refusal| caller.problem(refusal))?;
    let purpose = serde_json::to_string(&asking).unwrap_or_default();
    let cursor = asking.cursor.map(|cursor| cursor.parse());
    let before = cursor.transpose().map_err(|_| {
        caller.problem(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_cursor",
            "cursor 无效，请从第一页开始",
            "This cursor is none of ours; begin at the first page",
        ))
    })?;
    let whole = caller.actor.scope == server.county.code;
    let text = |text: Option<String>| {
        let text = text.map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let filter = Filter {
        from: asking.from,
        to: asking.to,
        who: text(asking.who),
        action: text(asking.action),
        outcome: text(asking.outcome),
        text: text(asking.q),
        scope: (!whole).then_some(caller.actor.scope),
        before,
        limit: asking.limit.unwrap_or(PAGE),
    };
    let page = audit::search(&server.log, &filter)
        .await
        .map_err(|error| caller.problem(error))?;
    let mut response = Json(page).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response.extensions_mut().insert(Detail {
        purpose: Some(purpose),
        ..Detail::default()
    });
    Ok(response)
}
