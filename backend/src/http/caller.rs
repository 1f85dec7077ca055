//! The caller of a request, as handlers take it: actor and language.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::actor::Actor;
use geodata::region::Code;

use super::state::Server;
use crate::account;
use crate::problem::{Language, Problem};

/// A caller who proved who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The language to answer in.
    pub language: Language,
}

impl FromRequestParts<Server> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let language = Language::of(&parts.headers);
        let actor = account::actor_of(&parts.headers, &server.log, &server.clock)
            .await
            .map_err(|problem| problem.in_language(language))?;
        Ok(Self { actor, language })
    }
}

impl Caller {
    /// The scope asked for, if the caller may watch it; their own if none is asked.
    ///
    /// # Errors
    /// 403 outside their scope, 400 for no region's code.
    pub fn scope(&self, asked: Option<&str>, server: &Server) -> Result<Code, Problem> {
        if !self.actor.may_watch() {
            return Err(self.problem(Problem::forbidden()));
        }
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
            Err(self.problem(Problem::forbidden()))
        }
    }

    /// A problem in the caller's language.
    pub fn problem(&self, problem: impl Into<Problem>) -> Problem {
        problem.into().in_language(self.language)
    }
}
