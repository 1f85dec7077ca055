//! `GET /sign-in/{provider}` and its way back: signing in by an outside identity, or joining one to
//! the account of whoever is signed in.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use domain::account::command::AccountCommand;
use domain::account::{Person, Way};
use domain::time::Span;
use serde::Deserialize;

use super::audit;
use super::caller::{Caller, Visitor};
use super::me::{home, person};
use super::state::Server;
use crate::account::provider::{Pending, ProviderError};
use crate::account::secret;
use crate::account::signed::{self, Purpose};
use crate::audit::Detail;
use crate::problem::{Code, Problem};

/// How long somebody may take at the provider.
const WAY: Span = Span::mins(10);
/// The cookie that remembers the question. It must come back with a visit from the provider's
/// page, so it is Lax; it signs nobody in.
const COOKIE: &str = "gridlamp_way";
const HOST_COOKIE: &str = "__Host-gridlamp_way";

#[derive(Deserialize)]
pub(super) struct Begin {
    join: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
}

pub(super) async fn begin(
    State(server): State<Server>,
    visitor: Visitor,
    caller: Result<Caller, Problem>,
    Path(name): Path<String>,
    Query(asked): Query<Begin>,
    headers: HeaderMap,
) -> Response {
    let begun = begun(&server, &visitor, caller, &name, asked.join.is_some()).await;
    begun.unwrap_or_else(|problem| told(&headers, problem))
}

async fn begun(
    server: &Server,
    visitor: &Visitor,
    caller: Result<Caller, Problem>,
    name: &str,
    joins: bool,
) -> Result<Response, Problem> {
    let join = if joins {
        Some(person(server, &caller?)?.0)
    } else {
        None
    };
    let begun = server.providers.begin(name, join).await;
    let (url, pending) = begun.map_err(|error| visitor.problem(failed(name, &error)))?;
    let kept = seal(server, &pending).ok_or_else(|| visitor.problem(Problem::unavailable(30)))?;
    let mut response = redirect(&url)?;
    set(&mut response, server, &kept, WAY.as_secs());
    Ok(response)
}

pub(super) async fn back(
    State(server): State<Server>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(answer): Query<Back>,
    headers: HeaderMap,
) -> Response {
    let done = ended(&server, &visitor, &name, answer, &headers).await;
    let mut response =
        done.unwrap_or_else(|problem| audit::told(told(&headers, problem), Detail::default()));
    set(&mut response, &server, "", 0);
    response
}

async fn ended(
    server: &Server,
    visitor: &Visitor,
    name: &str,
    answer: Back,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let over = || visitor.problem(way_over());
    let pending = opened(server, headers).ok_or_else(over)?;
    let state = answer.state.unwrap_or_default();
    if !pending.is_answered_by(name, &state) {
        return Err(over());
    }
    let code = answer.code.ok_or_else(over)?;
    let subject = server.providers.finish(&pending, &code).await;
    let subject = subject.map_err(|error| visitor.problem(failed(name, &error)))?;
    match &pending.join {
        Some(sign_in) => join(server, visitor, sign_in, name, subject).await,
        None => enter(server, visitor, name, &subject).await,
    }
}

async fn enter(
    server: &Server,
    visitor: &Visitor,
    name: &str,
    subject: &str,
) -> Result<Response, Problem> {
    let found: Option<Person> = server.accounts.with(|directory| {
        directory
            .people()
            .filter(|person| !person.disabled)
            .find(|person| person.subjects.get(name).is_some_and(|own| own == subject))
            .cloned()
    });
    let person = found.ok_or_else(|| visitor.problem(not_joined()))?;
    let begun = server
        .accounts
        .begin(&person, Way::Provider(name.to_owned()), &visitor.origin)
        .await
        .map_err(|failure| visitor.problem(failure))?;
    let mut response = redirect(home(server, &begun.actor))?;
    if let Some(cookie) = begun.cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(audit::told(response, Detail::by(person.id)))
}

/// The visit comes from the provider's page, so our cookie does not come with it; the question
/// remembers whose sign-in asked, and that one must still hold.
async fn join(
    server: &Server,
    visitor: &Visitor,
    sign_in: &str,
    name: &str,
    subject: String,
) -> Result<Response, Problem> {
    let accounts = &server.accounts;
    let actor = accounts.with(|directory| {
        let sign_in = directory.sign_in(sign_in)?;
        directory.actor_of(sign_in, accounts.now())
    });
    let actor = actor.ok_or_else(|| visitor.problem(way_over()))?;
    let set = AccountCommand::SetSubject {
        id: actor.id.clone(),
        provider: name.to_owned(),
        subject: Some(subject),
    };
    let done = accounts.perform(&actor, &[set]).await;
    done.map_err(|failure| visitor.problem(failure))?;
    let detail = Detail {
        action: Some("person.join".to_owned()),
        target: Some(actor.id.clone()),
        purpose: Some(name.to_owned()),
        ..Detail::by(&actor.id)
    };
    Ok(audit::told(redirect(home(server, &actor))?, detail))
}

fn seal(server: &Server, pending: &Pending) -> Option<String> {
    let accounts = &server.accounts;
    let slip = signed::seal(
        &accounts.secret(),
        Purpose::Provider,
        pending,
        WAY,
        accounts.now(),
    );
    let key = secret::key(&accounts.secret(), "provider");
    secret::seal(&key, COOKIE, slip.as_bytes()).ok()
}

fn opened(server: &Server, headers: &HeaderMap) -> Option<Pending> {
    let accounts = &server.accounts;
    let cookies = CookieJar::from_headers(headers);
    let kept = cookies.get(cookie_name(server))?;
    let key = secret::key(&accounts.secret(), "provider");
    let slip = secret::unseal(&key, COOKIE, kept.value())?;
    let slip = String::from_utf8(slip).ok()?;
    signed::open(&accounts.secret(), Purpose::Provider, &slip, accounts.now())
}

fn cookie_name(server: &Server) -> &'static str {
    if server.secure { HOST_COOKIE } else { COOKIE }
}

fn set(response: &mut Response, server: &Server, value: &str, max_age: i64) {
    let name = cookie_name(server);
    let secure = if server.secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn redirect(to: &str) -> Result<Response, Problem> {
    let to = HeaderValue::from_str(to).map_err(|_| Problem::unavailable(30))?;
    let headers = [
        (header::LOCATION, to),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// A browser is led to the sign-in page, which says it in its own words; a program gets the
/// problem document.
fn told(headers: &HeaderMap, problem: Problem) -> Response {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    let code = problem.refusals.first().map(|refusal| refusal.code.clone());
    match code {
        Some(code) if accept.is_some_and(|accept| accept.contains("text/html")) => {
            let led = redirect(&format!("/sign-in?problem={code}"));
            let mut response = led.unwrap_or_else(IntoResponse::into_response);
            // The way back leads on, but the audit must see that it failed.
            response.extensions_mut().insert(Code(code));
            response
        }
        _ => problem.into_response(),
    }
}

fn failed(name: &str, error: &ProviderError) -> Problem {
    if matches!(error, ProviderError::Unknown) {
        return Problem::not_found();
    }
    tracing::warn!(provider = name, %error, "a sign-in by an outside provider failed");
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "provider_failed",
        "统一认证暂时不可用，请稍后再试，或用账号密码登录",
        "The identity provider is not available now; try again later or sign in by password",
    )
}

fn not_joined() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not_joined",
        "此外部身份尚未绑定账号，请先用账号密码登录并绑定，或联系管理员",
        "This outside identity belongs to no account yet; sign in by password and join it, or ask your administrator",
    )
}

fn way_over() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "way_over",
        "本次登录已过期或不是从本页面发起，请重新开始",
        "This sign-in is over or was not begun here; begin again",
    )
}
