//! `POST /attachments` and `GET /attachments/{id}`: what comes with a report. Sent as a download that
//! can do nothing in a page, to whoever may see an incident that names it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::actor::{Actor, Clearance, Role};
use domain::incident::Incident;
use domain::privacy;
use domain::session::Session;
use domain::time::Span;
use domain::world::World;
use serde_json::json;

use super::caller::Caller;
use super::state::Server;
use crate::account::Identity;
use crate::attachment::{AttachmentError, AttachmentId, Kind, MAX_BYTES, Note, Unfit};
use crate::problem::Problem;

/// How long who brought one may look at it, before a report names it.
const OWN: Span = Span::hours(1);
/// An answer that is opened as a page after all: it runs nothing and loads nothing.
const CSP: &str = "sandbox; default-src 'none'";

pub(super) async fn post(
    State(server): State<Server>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if !may_bring(caller.actor.role) {
        return Err(caller.problem(Problem::forbidden()));
    }
    let by = known_as(&caller);
    server.gate.upload(&by).map_err(|p| caller.problem(p))?;
    let body = body.map_err(|rejection| caller.problem(unreadable(rejection.status())))?;
    keep(&server, body, &by)
        .await
        .map_err(|problem| caller.problem(problem))
}

/// Checks what `by` brought and keeps it; answers its id.
pub(super) async fn keep(server: &Server, body: Bytes, by: &str) -> Result<Response, Problem> {
    let at = server.clock.now().millis();
    let kept = server.attachments.put(body, by, at).await;
    let (id, note) = kept.map_err(|error| refused(&error))?;
    let answer = Json(json!({"id": id, "kind": note.kind, "bytes": note.bytes}));
    let location = format!("/api/v1/attachments/{}", id.as_str());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response())
}

pub(super) async fn get(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let none = || caller.problem(Problem::not_found());
    let failed = |error: AttachmentError| caller.problem(refused(&error));
    let id = AttachmentId::parse(&id).ok_or_else(none)?;
    let note = server.attachments.note(&id).await.map_err(failed)?;
    let note = note.ok_or_else(none)?;
    if !is_own(&note, &caller, &server) {
        let (actor, named) = (caller.actor.clone(), id.clone());
        let seen = server
            .projector
            .read(move |view| may_see(view.world, &actor, named.as_str()))
            .await
            .map_err(|failure| caller.problem(failure))?;
        if !seen {
            return Err(none());
        }
    }
    let content = server.attachments.content(&id).await.map_err(failed)?;
    Ok(download(&id, note.kind, content.ok_or_else(none)?))
}

/// Who posts reports, handles incidents or commands brings attachments.
fn may_bring(role: Role) -> bool {
    match role {
        Role::Centre
        | Role::CommandRoom
        | Role::Platform
        | Role::Unit
        | Role::Village
        | Role::Grid
        | Role::Reporter
        | Role::Leader
        | Role::Source => true,
        Role::Auditor | Role::Reader | Role::Wall | Role::Rule | Role::Administrator => false,
    }
}

/// A person and a token may have the same name.
fn known_as(caller: &Caller) -> String {
    match &caller.identity {
        Identity::SignIn(_) => format!("person:{}", caller.actor.id),
        Identity::Token(id) => format!("token:{id}"),
        Identity::Screen(id) => format!("screen:{id}"),
    }
}

fn is_own(note: &Note, caller: &Caller, server: &Server) -> bool {
    let age = server.clock.now().millis() - note.at_ms;
    note.by == known_as(caller) && age < OWN.millis()
}

/// Whether an incident, or a message of a session, names it in what `actor` is shown of that.
fn may_see(world: &World, actor: &Actor, id: &str) -> bool {
    let names = |incident: &Incident| incident.attachments.iter().any(|named| named == id);
    let Some(viewer) = actor.viewer() else {
        return false;
    };
    let reported = world.incidents().filter(|i| names(i)).any(|incident| {
        viewer
            .sight_of(incident)
            .filter(|sight| *sight > Clearance::Wall)
            .is_some_and(|sight| names(&privacy::incident(incident, sight)))
    });
    reported || was_said(world, actor, id)
}

/// Whether a message that `actor` is shown names it.
fn was_said(world: &World, actor: &Actor, id: &str) -> bool {
    let names = |session: &Session| {
        let mut messages = session.messages.iter();
        messages.any(|message| message.attachments.iter().any(|named| named == id))
    };
    world
        .sessions()
        .filter(|session| names(session))
        .any(|session| {
            super::sessions::sight(actor, session)
                .filter(|sight| *sight > Clearance::Wall)
                .is_some_and(|sight| names(&privacy::session(session, sight)))
        })
}

fn download(id: &AttachmentId, kind: Kind, content: Bytes) -> Response {
    let name = &id.as_str()[..16];
    let name = format!("attachment; filename=\"{name}.{}\"", kind.extension());
    // Digits and letters alone: it is always a header's value.
    let name = HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("attachment"));
    let fixed = |text| HeaderValue::from_static(text);
    let headers = [
        (header::CONTENT_TYPE, fixed(kind.media_type())),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_SECURITY_POLICY, fixed(CSP)),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
    ];
    (headers, content).into_response()
}

pub(super) fn refused(error: &AttachmentError) -> Problem {
    let (status, code, zh) = match error {
        AttachmentError::Unfit(Unfit::TooLong) => return too_large(),
        AttachmentError::Unfit(Unfit::Empty) => (StatusCode::BAD_REQUEST, "empty", "附件是空的"),
        AttachmentError::Unfit(Unfit::Unknown) => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unknown_kind",
            "只收 JPEG、PNG、WebP 图片，M4A、MP3、OGG、WebM 录音，MP4 短视频和 PDF",
        ),
        AttachmentError::Unfit(Unfit::Broken) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "broken_file",
            "文件不完整或已损坏，请重新拍摄或导出后再传",
        ),
        AttachmentError::Unfit(Unfit::TooLarge) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "too_many_pixels",
            "图片像素过多，请缩小后再传",
        ),
        AttachmentError::Store(_) | AttachmentError::Note(_) => {
            tracing::error!(%error, "attachments");
            return Problem {
                retry_after_secs: Some(30),
                ..Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "attachments_unavailable",
                    "附件暂时无法存取，请稍后再试",
                    "Attachments can't be kept or read just now; try again later",
                )
            };
        }
    };
    let english = format!("This attachment is not taken: {error}");
    Problem::new(status, code, zh, &english)
}

fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "unreadable_body",
        "内容读取中断",
        "The body broke off",
    )
}

fn too_large() -> Problem {
    let most = MAX_BYTES / 1024 / 1024;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        &format!("附件超过 {most} MB"),
        &format!("An attachment has at most {most} MB"),
    )
}
