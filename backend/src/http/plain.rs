//! What the framework refuses before a handler sees it (a body too large, an address or a query it
//! cannot read) is told as a problem document too; the handlers' own refusals pass as they are.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Language, Problem};

/// The framework's sentences are short; of a longer one the beginning says enough.
const MAX_SENTENCE_BYTES: usize = 4096;

/// Makes a problem document of a refusal in plain text.
pub(super) async fn told(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let response = next.run(request).await;
    if !response.status().is_client_error() || !is_plain(response.headers()) {
        return response;
    }
    let status = response.status();
    let sentence = to_bytes(response.into_body(), MAX_SENTENCE_BYTES)
        .await
        .unwrap_or_default();
    let sentence: String = String::from_utf8_lossy(&sentence)
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    problem(status, &sentence)
        .in_language(language)
        .into_response()
}

fn is_plain(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn problem(status: StatusCode, sentence: &str) -> Problem {
    let (code, zh, en) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("too_large", "提交的内容过大", "What was sent is too large")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "wrong_media_type",
            "提交内容的类型不对",
            "What was sent is of another media type",
        ),
        StatusCode::UNPROCESSABLE_ENTITY => (
            "wrong_fields",
            "提交的内容与此项操作不符",
            "What was sent does not fit this operation",
        ),
        _ => (
            "unreadable_request",
            "无法读懂此请求，请检查地址和参数",
            "The request cannot be read; check the address and its parameters",
        ),
    };
    Problem::new(
        status,
        code,
        &format!("{zh}：{sentence}"),
        &format!("{en}: {sentence}"),
    )
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::{DefaultBodyLimit, Path, Query};
    use axum::middleware::from_fn;
    use axum::routing::{get, post};
    use serde::Deserialize;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    #[derive(Deserialize)]
    struct Wanted {
        zoom: f64,
    }

    fn routes() -> Router {
        Router::new()
            .route("/number/{n}", get(async |Path(n): Path<u32>| n.to_string()))
            .route(
                "/map",
                get(async |Query(wanted): Query<Wanted>| wanted.zoom.to_string()),
            )
            .route("/take", post(async |body: String| body))
            .layer(DefaultBodyLimit::max(8))
            .layer(from_fn(told))
    }

    async fn ask(request: Request) -> (StatusCode, Option<Value>) {
        let response = routes().oneshot(request).await.expect("an answer");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 16).await.expect("body");
        (status, serde_json::from_slice(&body).ok())
    }

    fn get_of(path: &str) -> Request {
        Request::builder()
            .uri(path)
            .body(Body::empty())
            .expect("request")
    }

    #[tokio::test]
    async fn the_frameworks_own_refusals_are_problem_documents() {
        let large = Request::builder()
            .method("POST")
            .uri("/take")
            .header("accept-language", "en")
            .body(Body::from("far too many letters"))
            .expect("request");
        for (request, status, code) in [
            (get_of("/number/x"), 400, "unreadable_request"),
            (get_of("/map?zoom=abc"), 400, "unreadable_request"),
            (large, 413, "too_large"),
        ] {
            let (answered, document) = ask(request).await;
            assert_eq!(answered.as_u16(), status);
            assert_eq!(document.expect("a document")["code"], code);
        }
    }

    #[tokio::test]
    async fn what_a_handler_answers_passes_as_it_is() {
        assert_eq!(
            ask(get_of("/number/7")).await,
            (StatusCode::OK, Some(7.into()))
        );
        assert_eq!(ask(get_of("/elsewhere")).await.0, StatusCode::NOT_FOUND);
    }
}
