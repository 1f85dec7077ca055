//! Every route there is.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post};
use tower_http::compression::CompressionLayer;

use super::state::Server;
use super::{
    alarms, app, attachments, audit, caller, headers, import, incidents, layers, limits, live, map,
    me, notices, openapi, ops, people, plain, positions, provider, receipts, replay, reports,
    reviews, sessions, shifts, sign_in, sign_ins, steering, tokens, units, walls,
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
        .merge(report_routes())
        .route("/incidents", get(incidents::list))
        .route("/incidents/{id}", get(incidents::one))
        .route("/incidents/{id}/{command}", post(incidents::command))
        .merge(notice_routes())
        .merge(command_routes())
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
        .layer(from_fn(plain::told))
        .layer(CompressionLayer::new())
        // Photos and voice are compressed already.
        .route(
            "/attachments",
            post(attachments::post).layer(DefaultBodyLimit::max(attachment::MAX_BYTES)),
        )
        .route(
            "/receipts/attachments",
            post(receipts::attach).layer(DefaultBodyLimit::max(receipts::MAX_ATTACHMENT_BYTES)),
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
        .layer(from_fn(plain::told))
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

/// What people are told, and what became of it.
fn notice_routes() -> Router<Server> {
    Router::new()
        .route("/notices", get(notices::list))
        .route("/notices/read", post(notices::read_all))
        .route("/notices/{key}/read", post(notices::read))
        .route("/notices/{key}/acknowledge", post(notices::acknowledge))
        .route("/deliveries/receipts/{secret}", post(notices::receipts))
        .route("/incidents/{id}/notices", get(notices::record))
        .route("/deliveries", get(notices::deliveries))
        .route("/me/notices", get(notices::settings).put(notices::set))
        .route("/me/push", get(notices::browsers).post(notices::subscribe))
        .route("/me/push/{id}", delete(notices::unsubscribe))
}

/// Sessions, units and the county's mode.
fn command_routes() -> Router<Server> {
    Router::new()
        .route("/incidents/{id}/suggested", get(sessions::suggested))
        .route("/sessions", get(sessions::list).post(sessions::open))
        .route("/sessions/{id}", get(sessions::one))
        .route("/sessions/{id}/report", get(reviews::json))
        .route("/sessions/{id}/report.geojson", get(reviews::geojson))
        .route("/sessions/{id}/report.pdf", get(reviews::pdf))
        .route("/reviews", get(reviews::list))
        .route("/reviews/figures", get(reviews::figures))
        .route("/sessions/{id}/{command}", post(sessions::command))
        .route("/units", get(units::list))
        .route(
            "/positions",
            post(positions::post)
                .layer(DefaultBodyLimit::max(positions::MAX_BYTES))
                .get(replay::positions),
        )
        .route("/events", get(replay::events))
        .route("/moments", get(replay::moments))
        .route("/units/{id}/status", post(units::status))
        .route("/mode", get(sessions::mode).post(sessions::switch))
        .route("/alarms", get(alarms::list))
        .route("/alarms/acknowledge", post(alarms::acknowledge))
        .route("/commanders", get(steering::commanders))
        .route("/walls/steering", get(steering::walls))
        .route("/walls/{id}/show", post(steering::show))
}

/// Reporting without an account, and following it.
fn report_routes() -> Router<Server> {
    Router::new()
        .route(
            "/receipts",
            post(receipts::post).layer(DefaultBodyLimit::max(receipts::MAX_REPORT_BYTES)),
        )
        .route("/receipts/{secret}", get(receipts::get))
        .route("/receipts/{secret}/commands", post(receipts::command))
        .route("/report-form", get(receipts::form))
        .route("/report-map", get(receipts::outline))
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
        .route("/shifts", get(shifts::list))
        .route("/shifts/{id}", get(shifts::one))
        .route("/shifts/{id}/{step}", post(shifts::act))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}/rotate", post(tokens::rotate))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/walls/codes", post(walls::code))
        .route("/walls/claim", post(walls::claim))
        .route("/walls", get(walls::list).post(walls::pair))
        .route("/walls/{id}", patch(walls::change).delete(walls::revoke))
}
