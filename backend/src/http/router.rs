//! Every route there is.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::state::Server;
use super::{app, incidents, live, map, openapi, ops, reports, sign_in};
use crate::problem::Problem;

/// Largest body of `POST /reports`, in bytes: 10,000 reports of a kilobyte and some.
pub const MAX_REPORTS_BYTES: usize = 16 * 1024 * 1024;
/// Largest body of any other request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// The app's own scripts, its own map worker, and nothing from outside: the network is closed.
const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' \
    'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; \
    worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// The whole surface.
pub fn router(server: Server) -> Router {
    let api = Router::new()
        .route(
            "/reports",
            post(reports::post).layer(DefaultBodyLimit::max(MAX_REPORTS_BYTES)),
        )
        .route("/incidents", get(incidents::list))
        .route("/incidents/{id}", get(incidents::one))
        .route("/incidents/{id}/{command}", post(incidents::command))
        .route("/snapshot", get(map::snapshot))
        .route("/regions", get(map::regions))
        .route("/layers/{name}", get(map::layer))
        .route("/labels", get(map::labels))
        .route("/me", get(sign_in::me))
        .route("/doors", get(sign_in::doors))
        .route("/refusals", get(ops::refusals))
        .route("/openapi.json", get(openapi::get))
        .layer(CompressionLayer::new())
        .route("/live", get(live::get))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "此地址不支持该方法",
                "This address does not take that method",
            )
        });
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .route("/enter/{slip}", get(sign_in::enter))
        .fallback(app::get)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(header_layer(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_layer(header::REFERRER_POLICY, "no-referrer"))
        .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
        .with_state(server)
}

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
