//! `GET /openapi.json`: the surface, described for machines.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub(super) async fn get() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
        .into_response()
}
