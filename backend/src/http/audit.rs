//! What is worth a record: everything that changes something or was refused, and every view of
//! what is restricted. Keeping and proving the records is `crate::audit`'s.

mod actions;
mod listing;
mod strangers;
mod subject;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, OriginalUri, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::account::Directory;
use domain::actor::{Actor, Role};
use geodata::region::Code;
use serde_json::{Value, json};

pub(super) use self::listing::list;
pub use self::strangers::Strangers;
use self::subject::Subject;
use super::caller::{Caller, Found, peer};
use super::limits::network;
use super::state::Server;
use crate::account::{Book, Identity};
use crate::audit::{AuditRecord, Detail};
use crate::problem::{Code as ProblemCode, Problem};

/// Longest path kept, in characters.
const MAX_PATH: usize = 300;

/// Puts what a handler knows of its request into the answer, for the record.
pub(super) fn told(answer: impl IntoResponse, detail: Detail) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(detail);
    response
}

/// Records what passes, by what its answer says.
pub(super) async fn watch(State(server): State<Server>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    // What changes something is done only when there is room to tell of it.
    let mut room = None;
    if asked.changes() {
        match server.audit.room() {
            Ok(free) => room = Some(free),
            Err(error) => return Problem::from(error).into_response(),
        }
    }
    let before = asked.changes().then(|| server.accounts.book());
    let mut response = next.run(request).await;
    let Some(reason) = asked.reason(&response) else {
        return response;
    };
    let record = asked.record(&server, &mut response, before);
    let is_stranger = record.who.is_empty();
    if is_stranger
        && !server
            .strangers
            .is_news(asked.network, &record.outcome, Instant::now())
    {
        return response;
    }
    let room = match room.map_or_else(|| server.audit.room(), Ok) {
        Ok(room) => room,
        Err(error) => return Problem::from(error).into_response(),
    };
    match reason {
        // The log is away: the record waits for it, and whoever asked need not.
        _ if response.status().is_server_error() => room.note(record),
        Reason::Refusal => room.note(record),
        // It has happened; whoever hears so finds the record as well.
        Reason::Change => {
            if let Err(error) = room.record(record).await {
                tracing::warn!(%error, "a record of what was done waits");
            }
        }
        // Nothing of it is shown before the record stands.
        Reason::View => {
            if let Err(error) = room.record(record).await {
                return Problem::from(error).into_response();
            }
        }
    }
    response
}

/// Records how often strangers were refused more than was recorded, for as long as the node runs.
pub(super) async fn sum_up(server: &Server) {
    let mut every = tokio::time::interval(strangers::COUNTED_FOR / 4);
    loop {
        every.tick().await;
        for more in server.strangers.over(Instant::now()) {
            let Ok(room) = server.audit.room() else { break };
            room.note(AuditRecord {
                at: server.accounts.now(),
                who: String::new(),
                role: None,
                on_behalf_of: None,
                from: more.from,
                action: "strangers".to_owned(),
                target: None,
                region: None,
                purpose: None,
                outcome: more.code,
                before: None,
                after: Some(json!({"more": more.times})),
            });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reason {
    Change,
    Refusal,
    View,
}

/// What the request was, kept while it is handled.
struct Asked {
    method: Method,
    route: String,
    path: String,
    from: IpAddr,
    network: IpAddr,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or("", MatchedPath::as_str).to_owned();
        let from = peer(request.extensions());
        // Within the API the request's own path has lost its beginning.
        let whole = request.extensions().get::<OriginalUri>();
        let path = whole.map_or(request.uri(), |whole| &whole.0).path();
        Self {
            method: request.method().clone(),
            // The rest of this path is a secret.
            path: match route.rsplit_once("/{") {
                Some((begin, "slip}" | "secret}" | "secret}/commands")) => format!("{begin}/…"),
                _ => path.chars().take(MAX_PATH).collect(),
            },
            route,
            from,
            network: network(from),
        }
    }

    fn changes(&self) -> bool {
        !self.method.is_safe()
    }

    fn reason(&self, response: &Response) -> Option<Reason> {
        let status = response.status();
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if self.changes() && !self.is_kept_elsewhere(response) {
            Some(Reason::Change)
        } else if refused {
            Some(Reason::Refusal)
        } else if response.extensions().get::<Detail>().is_some() {
            Some(Reason::View)
        } else {
            None
        }
    }

    /// Reports and positions of other systems stand in the log itself, what was wrong with them in
    /// `refused`, and receipts in the ledger of notices. A screen that waits to be let in asks every few seconds.
    fn is_kept_elsewhere(&self, response: &Response) -> bool {
        let ends = |end: &str| self.route.ends_with(end);
        let by_token = caller(response).is_some_and(|c| matches!(c.identity, Identity::Token(_)));
        let waits = ends("/walls/claim") && response.status() == StatusCode::ACCEPTED;
        let receipt = ends("/deliveries/receipts/{secret}") && response.status().is_success();
        waits
            || receipt
            || ends("/walls/codes")
            || by_token && (ends("/reports") || ends("/positions"))
    }

    fn record(
        &self,
        server: &Server,
        response: &mut Response,
        before: Option<Arc<Book>>,
    ) -> AuditRecord {
        let detail = response.extensions_mut().remove::<Detail>();
        let detail = detail.unwrap_or_default();
        let book = server.accounts.book();
        let directory = &book.directory;
        // Who signs in is not the one who was signed in before.
        let actor = caller(response).map(|caller| &caller.actor);
        let actor = actor.filter(|_| detail.who.is_none());
        let who = match (&detail.who, actor) {
            (Some(who), _) => who.clone(),
            (None, Some(actor)) => actor.id.clone(),
            (None, None) => String::new(),
        };
        let outcome = outcome(response);
        let before = before.filter(|_| outcome == "ok");
        let named = detail.target.as_deref();
        let subject = Subject::of(&self.route, &self.path, named, Some(&who));
        let changed = subject.map(|subject| Changed::of(&subject, before.as_deref(), directory));
        let changed = changed.unwrap_or_default();
        let (before, after) = subject::change(
            detail.before.or(changed.before),
            detail.after.or(changed.after),
        );
        AuditRecord {
            at: server.accounts.now(),
            role: actor.map_or_else(|| role_of(directory, &who), |actor| Some(actor.role)),
            on_behalf_of: actor.and_then(|actor| actor.on_behalf_of.clone()),
            from: self.from.to_string(),
            action: detail
                .action
                .unwrap_or_else(|| actions::name(&self.method, &self.route, &self.path)),
            target: detail.target.or_else(|| Some(self.path.clone())),
            region: detail
                .region
                .or(changed.region)
                .or_else(|| region_of(directory, actor, &who)),
            purpose: detail.purpose,
            outcome,
            before,
            after,
            who,
        }
    }
}

fn caller(response: &Response) -> Option<&Caller> {
    let found = response.extensions().get::<Found>();
    found.and_then(|Found(found)| found.as_ref().ok())
}

fn outcome(response: &Response) -> String {
    let status = response.status();
    match response.extensions().get::<ProblemCode>() {
        Some(ProblemCode(code)) => code.clone(),
        None if status.is_client_error() || status.is_server_error() => status.as_str().to_owned(),
        None => "ok".to_owned(),
    }
}

fn role_of(directory: &Directory, who: &str) -> Option<Role> {
    let post = directory.person(who)?.posts.first()?;
    Some(post.role)
}

fn region_of(directory: &Directory, actor: Option<&Actor>, who: &str) -> Option<Code> {
    let own = actor.map(|actor| actor.scope);
    own.or_else(|| subject::home(directory, who))
}

/// What a request made of an account.
#[derive(Default)]
struct Changed {
    region: Option<Code>,
    before: Option<Value>,
    after: Option<Value>,
}

impl Changed {
    fn of(subject: &Subject, before: Option<&Book>, now: &Directory) -> Self {
        let then = before.and_then(|book| subject.state(&book.directory));
        let now = subject.state(now);
        let region = now
            .as_ref()
            .or(then.as_ref())
            .and_then(|(region, _)| *region);
        let state = |side: Option<(_, Value)>| side.map(|(_, value)| value);
        Self {
            region,
            before: state(then),
            after: state(now).filter(|_| before.is_some()),
        }
    }
}
