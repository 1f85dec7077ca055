//! Every route there is.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, patch, post};
use tower_http::compression::CompressionLayer;

use super::state::Server;
use super::{
    app, attachments, audit, caller, headers, import, incidents, layers, limits, live, map, me,
    openapi, ops, people, provider, reports, sign_in, sign_ins, tokens, walls,
};
use crate::attachment;
use crate::problem::Problem;

/// Largest body of `POST /reports`, in bytes: 10,000 reports of a kilobyte and some.
pub const MAX_REPORTS_BYTES: usize = 16 * 1024 * 1024;
/// Largest body of any other request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

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
        .route("/layers", get(layers::list))
        .route("/layers/{name}", get(layers::one))
        .route("/labels", get(map::labels))
        .route("/sign-in", get(sign_in::ways).post(sign_in::post))
        .route("/sign-in/{provider}", get(provider::begin))
        .route("/sign-in/{provider}/back", get(provider::back))
        .route("/sign-out", post(sign_in::out))
        .route("/welcome", post(sign_in::welcome))
        .merge(account_routes())
        .route("/doors", get(sign_in::doors))
        .route("/refusals", get(ops::refusals))
        .route("/openapi.json", get(openapi::get))
        .layer(CompressionLayer::new())
        // Photos and voice are compressed already.
        .route(
            "/attachments",
            post(attachments::post).layer(DefaultBodyLimit::max(attachment::MAX_BYTES)),
        )
        .route("/attachments/{id}", get(attachments::get))
        .route("/live", get(live::get))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "此地址不支持该方法",
                "This address does not take that method",
            )
        })
        .layer(from_fn_with_state(server.clone(), caller::know))
        .layer(from_fn_with_state(server.clone(), audit::watch));
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .route(
            "/enter/{slip}",
            get(sign_in::enter).layer(from_fn_with_state(server.clone(), audit::watch)),
        )
        .fallback(app::get)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(server.clone(), limits::guard))
        .layer(from_fn_with_state(server.clone(), headers::add))
        .with_state(server)
}

/// Oneself, and what the administration keeps.
fn account_routes() -> Router<Server> {
    Router::new()
        .route("/me", get(me::get))
        .route("/me/post", post(me::switch))
        .route("/me/password", post(me::password))
        .route("/me/totp", post(me::totp_offer).delete(me::totp_stop))
        .route("/me/totp/confirm", post(me::totp_confirm))
        .route("/me/sign-ins", get(me::sign_ins))
        .route("/me/sign-ins/{id}", delete(me::end_sign_in))
        .route("/people", get(people::list).post(people::add))
        .route(
            "/people/import",
            post(import::post).layer(DefaultBodyLimit::max(import::MAX_BYTES)),
        )
        .route("/people/{id}", get(people::one).patch(people::change))
        .route("/people/{id}/invite", post(people::invite))
        .route("/people/{id}/disable", post(people::disable))
        .route("/people/{id}/enable", post(people::enable))
        .route("/people/{id}/totp", delete(people::stop_totp))
        .route("/people/{id}/grants", post(people::grant))
        .route("/people/{id}/grants/{grant}", delete(people::revoke_grant))
        .route("/audit", get(audit::list))
        .route("/orgs", get(people::orgs))
        .route("/sign-ins", get(sign_ins::list))
        .route("/sign-ins/{id}", delete(sign_ins::end))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}/rotate", post(tokens::rotate))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/walls/codes", post(walls::code))
        .route("/walls/claim", post(walls::claim))
        .route("/walls", get(walls::list).post(walls::pair))
        .route("/walls/{id}", patch(walls::change).delete(walls::revoke))
}
