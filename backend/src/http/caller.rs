//! The caller of a request, as handlers take it: who, from where, in which language. A layer finds
//! out once, before any handler, and turns away what another site's page sends with our cookie.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed, Viewer};
use domain::actor::Actor;
use geodata::region::Code;

use super::limits::Proven;
use super::origin;
use super::state::Server;
use crate::account::sign_in::Origin;
use crate::account::{Denied, Identity, cookie};
use crate::audit::Detail;
use crate::problem::{Language, Problem};

/// A caller who proved who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As whom they act.
    pub actor: Actor,
    /// The language to answer in.
    pub language: Language,
    /// Who they are to the directory.
    pub identity: Identity,
    /// The hash of the secret they showed.
    pub proof: String,
    /// Where they come from.
    pub origin: Origin,
}

/// Anybody, signed in or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The language to answer in.
    pub language: Language,
    /// Where they come from.
    pub origin: Origin,
}

/// What the layer found out; it also stands in the answer's extensions, for the audit.
#[derive(Clone, Debug)]
pub struct Found(pub Result<Caller, Problem>);

/// Finds out who is calling, turns away what comes from another site, and sets a cookie that was
/// renewed.
pub(super) async fn know(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Response {
    let language = Language::of(request.headers());
    if let Err(problem) = origin::check(&request, &server.url) {
        return problem.in_language(language).into_response();
    }
    let origin = Origin::of(peer(request.extensions()), request.headers());
    let may_renew = !request.headers().contains_key(header::UPGRADE);
    let mut replay = None;
    let (found, cookie) = match server.accounts.known(request.headers(), may_renew).await {
        Ok(known) => {
            let caller = Caller {
                actor: known.actor,
                language,
                identity: known.identity,
                proof: known.proof,
                origin,
            };
            (Ok(caller), known.renewed)
        }
        Err(denied) => {
            replay = replayed(&denied);
            denial(&server, denied, language)
        }
    };
    let allowed = match &found {
        Ok(caller) => server.gate.proven(proven(&caller.identity)),
        Err(_) => Ok(()),
    };
    let found = Found(found);
    request.extensions_mut().insert(found.clone());
    let mut response = match allowed {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.in_language(language).into_response(),
    };
    if let Some(detail) = replay {
        response.extensions_mut().insert(detail);
    }
    if let Some(cookie) = cookie
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response.extensions_mut().insert(found);
    response
}

/// What the audit is told of a cookie that somebody has a copy of.
fn replayed(denied: &Denied) -> Option<Detail> {
    let (person, sign_in) = denied.replayed.as_ref()?;
    Some(Detail {
        action: Some("sign_in.replayed".to_owned()),
        target: Some(sign_in.clone()),
        ..Detail::by(person)
    })
}

fn denial(
    server: &Server,
    denied: Denied,
    language: Language,
) -> (Result<Caller, Problem>, Option<axum::http::HeaderValue>) {
    let clear = denied
        .is_cookie_dead
        .then(|| cookie::clear(server.accounts.is_secure()))
        .flatten();
    (Err(denied.problem.in_language(language)), clear)
}

fn proven(identity: &Identity) -> Proven<'_> {
    match identity {
        Identity::SignIn(id) | Identity::Screen(id) => Proven::Person(id),
        Identity::Token(id) => Proven::Token(id),
    }
}

/// The address a request comes from, as the outermost layer found it.
pub fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| {
            info.0.ip().to_canonical()
        })
}

impl FromRequestParts<Server> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let language = Language::of(&parts.headers);
        let found = match parts.extensions.get::<Found>() {
            Some(Found(found)) => found.clone(),
            None => Err(Problem::unauthorized().in_language(language)),
        };
        if found.is_err() {
            let counted = server.gate.stranger(peer(&parts.extensions));
            counted.map_err(|problem| problem.in_language(language))?;
        }
        found
    }
}

impl FromRequestParts<Server> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Self::Rejection> {
        Ok(Self {
            language: Language::of(&parts.headers),
            origin: Origin::of(peer(&parts.extensions), &parts.headers),
        })
    }
}

impl Visitor {
    /// A problem in the visitor's language.
    pub fn problem(&self, problem: impl Into<Problem>) -> Problem {
        problem.into().in_language(self.language)
    }
}

impl Caller {
    /// The scope asked for, if the caller may watch it; their own if none is asked.
    ///
    /// # Errors
    /// 403 outside their scope, 400 for no region's code.
    pub fn scope(&self, asked: Option<&str>, server: &Server) -> Result<Code, Problem> {
        access::may_do(&self.actor, Deed::Watch).map_err(|refusal| self.problem(refusal))?;
        let Some(asked) = asked.filter(|text| !text.is_empty()) else {
            return Ok(self.actor.scope);
        };
        let known = asked
            .parse()
            .ok()
            .filter(|code| server.county.tree.get(*code).is_some());
        let code: Code = known.ok_or_else(|| {
            self.problem(Problem::new(
                axum::http::StatusCode::BAD_REQUEST,
                "unknown_region",
                "没有这个区划代码",
                "There is no region with this code",
            ))
        })?;
        if self.actor.covers(code) {
            Ok(code)
        } else {
            Err(self.problem(Problem::outside_scope()))
        }
    }

    /// As whom the caller looks at the scope asked for; at all that is theirs if none is asked.
    ///
    /// # Errors
    /// As [`Self::scope`].
    pub fn viewer(&self, asked: Option<&str>, server: &Server) -> Result<Viewer, Problem> {
        let scope = self.scope(asked, server)?;
        let viewer = self.actor.viewer();
        let viewer = viewer.ok_or_else(|| self.problem(Problem::forbidden()))?;
        Ok(viewer.narrow(scope))
    }

    /// A problem in the caller's language.
    pub fn problem(&self, problem: impl Into<Problem>) -> Problem {
        problem.into().in_language(self.language)
    }
}
