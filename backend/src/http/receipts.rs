//! Reporting without an account, and the receipt by which whoever did so follows and confirms:
//! `POST /receipts`, its attachments, `GET /receipts/{receipt}`, and the commands it opens. Grid
//! workers who are signed in report through the same door, by their own name.

mod code;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::access::{self, Deed, Viewer};
use domain::actor::{Actor, Clearance};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::Command;
use domain::intake::MAX_DESCRIPTION_CHARS;
use domain::receipt::{self, GRID_SOURCE, Receipt, SOURCE};
use domain::refusal::Refusal;
use domain::wire::receipt::{ReceiptView, ReportForm, Taken, may_be_asked};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attachments;
use super::audit::told;
use super::caller::{Caller, Found, Visitor};
use super::incidents::{self, parse};
use super::map;
use super::state::Server;
use crate::account::secret;
use crate::attachment::AttachmentId;
use crate::audit::Detail;
use crate::history::{Order, Query, Wanted};
use crate::intake;
use crate::problem::Problem;
use crate::projector::Done;

/// Longest body of a report, in bytes: its text at its longest, four times over.
pub(super) const MAX_REPORT_BYTES: usize = 64 * 1024;
/// Longest attachment that is taken without an account, in bytes: a photo of 1,600 pixels, or a
/// minute of voice, several times over.
pub(super) const MAX_ATTACHMENT_BYTES: usize = 4 * 1024 * 1024;
/// Most attachments of one report: five photos and a voice note.
const MAX_ATTACHMENTS: usize = 6;
/// Characters of an idempotency key: enough of them that nobody comes upon another's.
const KEY_CHARS: std::ops::RangeInclusive<usize> = 22..=64;
/// Who brought an attachment without an account; no caller is ever called so.
const NOBODY: &str = "open";
/// The longest a report may have waited to be sent, in seconds: a month.
const MAX_WAITED_SECS: u64 = 31 * 24 * 3_600;
/// The zoom of the map that somebody points at.
const MAP_ZOOM: u8 = 11;

/// What a report says. Unknown fields are refused: a misspelt one would be lost in silence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// What is the matter.
    text: String,
    category: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
    crs: Option<String>,
    address: Option<String>,
    reporter: Option<Value>,
    #[serde(default)]
    attachments: Vec<String>,
    /// How long ago it was written, in seconds: a telephone's own clock may be wrong.
    #[serde(default)]
    waited: u64,
    /// The person it is to be sent as: not as nobody, should they be signed out meanwhile.
    #[serde(rename = "as")]
    by: Option<String>,
}

/// Who sends a report.
enum Sender {
    Person(Box<Caller>),
    Nobody(Visitor),
}

impl Sender {
    fn problem(&self, problem: impl Into<Problem>) -> Problem {
        match self {
            Self::Person(caller) => caller.problem(problem),
            Self::Nobody(visitor) => visitor.problem(problem),
        }
    }
}

/// What the report page needs before anything is written.
pub(super) async fn form(State(server): State<Server>) -> Json<ReportForm> {
    let county = &server.county;
    let categories = county.catalogue.items.iter();
    Json(ReportForm {
        open: server.open_reports,
        code: county.code.to_string(),
        county: county.name.clone(),
        bounds: server.boundary.bbox(county.code).unwrap_or_default(),
        categories: categories
            .map(|item| (item.code, item.name.clone(), item.en.clone()))
            .collect(),
    })
}

/// Where the county and its townships end, for who points at a place. It is on every printed map.
pub(super) async fn outline(
    State(server): State<Server>,
    visitor: Visitor,
    found: axum::Extension<Found>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !server.open_reports && found.0.0.is_err() {
        return Err(visitor.problem(closed()));
    }
    map::of(&server, server.county.code, MAP_ZOOM, &headers)
        .await
        .map_err(|problem| visitor.problem(problem))
}

pub(super) async fn post(
    State(server): State<Server>,
    visitor: Visitor,
    found: axum::Extension<Found>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let sender = sender(&server, visitor, found.0)?;
    let sent = take(&server, &sender, &headers, body).await;
    let (status, taken, id) = sent.map_err(|problem| sender.problem(problem))?;
    let detail = Detail {
        action: Some("report.open".to_owned()),
        ..Detail::on(id.to_string())
    };
    Ok(told((status, Json(taken)), detail))
}

/// Who sends: a person who may report, or nobody, where that is allowed and not too often.
fn sender(server: &Server, visitor: Visitor, found: Found) -> Result<Sender, Problem> {
    match found.0 {
        Ok(caller) => {
            let may = access::may_do(&caller.actor, Deed::PostReports);
            may.map_err(|refusal| caller.problem(refusal))?;
            Ok(Sender::Person(Box::new(caller)))
        }
        Err(_) if !server.open_reports => Err(visitor.problem(closed())),
        Err(_) => {
            let counted = server.gate.open_report(visitor.origin.address);
            counted.map_err(|problem| visitor.problem(problem))?;
            Ok(Sender::Nobody(visitor))
        }
    }
}

async fn take(
    server: &Server,
    sender: &Sender,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Taken, IncidentId), Problem> {
    let body = body.map_err(|rejection| unreadable(rejection.status()))?;
    let written: Written =
        serde_json::from_slice(&body).map_err(|error| intake::malformed(&error))?;
    let key = key(headers)?;
    let (actor, source, external_id) = origin(server, sender, &written, &key)?;
    let value = report(server, &written, source, &external_id).await?;
    let taken = intake::submit(server, &value, Some(source), &actor).await;
    if let Err(problem) = &taken
        && problem.status != StatusCode::SERVICE_UNAVAILABLE
    {
        intake::keep_refused(server, source, problem, &value.to_string());
    }
    let done: Done = taken?;
    let id = done.incident.id;
    if done.existed && !access::knows(&actor, &done.incident) {
        return Err(Problem::not_found());
    }
    let number = done.incident.label();
    let receipt = match sender {
        Sender::Nobody(_) => Some(code::receipt(server, id, &number).to_string()),
        Sender::Person(_) => None,
    };
    let status = if done.existed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Taken { number, receipt }, id))
}

/// As whom it is reported, and what the source calls it. The key itself is in no event: who reads
/// the log could send it again and be given the receipt.
fn origin(
    server: &Server,
    sender: &Sender,
    written: &Written,
    key: &str,
) -> Result<(Actor, &'static str, String), Problem> {
    let county = server.county.code;
    match sender {
        Sender::Person(caller) => {
            let is_other = written.by.as_ref().is_some_and(|by| *by != caller.actor.id);
            if is_other {
                return Err(other_person());
            }
            let name = secret::hash(&format!("{}\n{key}", caller.actor.id));
            Ok((caller.actor.clone(), GRID_SOURCE, name))
        }
        Sender::Nobody(_) if written.by.is_some() => Err(Problem::unauthorized()),
        Sender::Nobody(_) => {
            let name = secret::hash(key);
            let id = IncidentId::of_origin(county, SOURCE, &name);
            Ok((receipt::citizen(id, county), SOURCE, name))
        }
    }
}

/// The report as every entrance takes it.
async fn report(
    server: &Server,
    written: &Written,
    source: &str,
    external_id: &str,
) -> Result<Value, Problem> {
    if written.text.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(field(
            "/text",
            "too_long",
            "内容过长，请精简",
            "Too long; say it shorter",
        ));
    }
    let (title, description) = receipt::titled(&written.text);
    if title.is_empty() {
        return Err(field(
            "/text",
            "required",
            "请写明发生了什么",
            "Say what is the matter",
        ));
    }
    check_attachments(server, &written.attachments).await?;
    // A field left blank names no place.
    let address = written.address.as_deref().map(str::trim);
    let address = address.filter(|address| !address.is_empty());
    let mut map = Map::new();
    map.insert("source".to_owned(), json!(source));
    map.insert("external_id".to_owned(), json!(external_id));
    map.insert("title".to_owned(), json!(title));
    map.insert("description".to_owned(), json!(description));
    map.insert("category".to_owned(), json!(written.category));
    map.insert("lon".to_owned(), json!(written.lon));
    map.insert("lat".to_owned(), json!(written.lat));
    map.insert("crs".to_owned(), json!(written.crs));
    map.insert("address".to_owned(), json!(address));
    map.insert("reporter".to_owned(), json!(written.reporter));
    map.insert("attachments".to_owned(), json!(written.attachments));
    if written.waited > 0 {
        let waited = i64::try_from(written.waited.min(MAX_WAITED_SECS)).unwrap_or_default();
        let at = server.clock.now() + domain::time::Span::secs(-waited);
        map.insert("occurred_at".to_owned(), json!(at));
    }
    Ok(Value::Object(map))
}

/// What a report names was brought before: it does not point at what is not there.
async fn check_attachments(server: &Server, named: &[String]) -> Result<(), Problem> {
    if named.len() > MAX_ATTACHMENTS {
        return Err(field(
            "/attachments",
            "too_many",
            "最多 5 张照片和 1 段录音",
            "At most five photos and one voice note",
        ));
    }
    for (nth, named) in named.iter().enumerate() {
        let note = match AttachmentId::parse(named) {
            Some(id) => server.attachments.note(&id).await,
            None => Ok(None),
        };
        let note = note.map_err(|error| attachments::refused(&error))?;
        if note.is_none() {
            return Err(field(
                &format!("/attachments/{nth}"),
                "unknown_attachment",
                "附件未上传成功，请重新上传",
                "This attachment did not arrive; send it again",
            ));
        }
    }
    Ok(())
}

pub(super) async fn attach(
    State(server): State<Server>,
    visitor: Visitor,
    found: axum::Extension<Found>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if let Ok(caller) = found.0.0 {
        return attachments::post(State(server), caller, body).await;
    }
    if !server.open_reports {
        return Err(visitor.problem(closed()));
    }
    let counted = server.gate.open_upload(visitor.origin.address);
    counted.map_err(|problem| visitor.problem(problem))?;
    let body = body.map_err(|rejection| visitor.problem(unreadable(rejection.status())))?;
    attachments::keep(&server, body, NOBODY)
        .await
        .map_err(|problem| visitor.problem(problem))
}

pub(super) async fn get(
    State(server): State<Server>,
    visitor: Visitor,
    Path(asked): Path<String>,
) -> Result<Json<ReceiptView>, Problem> {
    let (incident, actor) = opened(&server, &visitor, &asked).await?;
    Ok(Json(shown(&server, &incident, &actor)))
}

/// What a receipt asks for: a command's fields, and its name among them.
pub(super) async fn command(
    State(server): State<Server>,
    visitor: Visitor,
    Path(asked): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (incident, actor) = opened(&server, &visitor, &asked).await?;
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let key = key.map(|key| format!("{}\n{key}", actor.id));
    if let Some(answer) = key.as_ref().and_then(|key| server.answered.get(key)) {
        return Ok(Json(answer).into_response());
    }
    let command = asked_for(&body).map_err(|problem| visitor.problem(problem))?;
    let action = format!("receipt.{}", command.as_move(actor.role).name());
    let detail = Detail {
        action: Some(action),
        region: Some(incident.region),
        ..Detail::on(incident.id.to_string())
    };
    let done = server
        .projector
        .command(incident.id, command, None, actor.clone())
        .await
        .map_err(|failure| visitor.problem(failure));
    let answer = done.map(|done| {
        let answer = json!(shown(&server, &done.incident, &actor));
        if let Some(key) = key {
            server.answered.keep(key, answer.clone());
        }
        Json(answer)
    });
    Ok(told(answer, detail))
}

fn asked_for(body: &[u8]) -> Result<Command, Problem> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| intake::malformed(&error))?;
    let name = fields.remove("command");
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    let (command, _) = parse(name, Value::Object(fields).to_string().as_bytes())?;
    // The table decides the rest; what a receipt never opens is not there for it.
    if may_be_asked(command.as_move(domain::actor::Role::Reporter)) {
        Ok(command)
    } else {
        Err(Problem::not_found())
    }
}

/// The incident of a receipt, and as whom its holder acts. Whatever is wrong with a receipt has one
/// answer: it tells nobody which numbers there are.
async fn opened(
    server: &Server,
    visitor: &Visitor,
    asked: &str,
) -> Result<(Box<Incident>, Actor), Problem> {
    let address = visitor.origin.address;
    let counted = server.gate.receipt(address);
    counted.map_err(|problem| visitor.problem(problem))?;
    let none = || visitor.problem(code::none());
    let receipt: Receipt = asked.parse().map_err(|_| none())?;
    let counted = server.gate.receipt_number(&receipt.number);
    counted.map_err(|problem| visitor.problem(problem))?;
    let found = numbered(server, &receipt.number).await;
    let found = found.map_err(|problem| visitor.problem(problem))?;
    // Compared also where there is none: the time taken tells nothing.
    let id = found
        .as_ref()
        .map_or_else(|| code::nobody(server), |one| one.id);
    let fits = code::fits(server, id, &receipt);
    let actor = receipt::citizen(id, server.county.code);
    match found {
        Some(incident) if fits && incident.is_reported_by(&actor) => {
            Ok((Box::new(incident), actor))
        }
        _ => Err(none()),
    }
}

/// The incident of a number, wherever it is kept.
async fn numbered(server: &Server, number: &str) -> Result<Option<Incident>, Problem> {
    let query = Query {
        wanted: Wanted {
            number: Some(number.to_owned()),
            source: Some(SOURCE.to_owned()),
            ..Wanted::default()
        },
        viewer: Viewer::of_region(server.county.code, Clearance::Full),
        order: Order::Newest,
        after: None,
        limit: 1,
        now: server.clock.now(),
    };
    incidents::first(server, query).await
}

fn shown(server: &Server, incident: &Incident, actor: &Actor) -> ReceiptView {
    ReceiptView::of(incident, actor, &server.county, server.clock.now())
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let is_key = |key: &&str| {
        let plain = key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        plain && KEY_CHARS.contains(&key.len())
    };
    key.filter(is_key).map(str::to_owned).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "key_required",
            "请求头 Idempotency-Key 须为 22 至 64 位随机字母、数字",
            "Send an Idempotency-Key of 22 to 64 random letters and digits",
        )
    })
}

fn field(pointer: &str, code: &str, zh: &str, en: &str) -> Problem {
    Refusal::field(pointer, code, zh, en).into()
}

fn closed() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "open_reports_off",
        "本县未开放免登录上报，请登录，或拨打 12345",
        "Reporting without an account is off here; sign in, or call 12345",
    )
}

fn other_person() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "other_person",
        "此件由另一账号填写，请以该账号登录后再发送",
        "Somebody else wrote this one; sign in as that person to send it",
    )
}

fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            status,
            "too_large",
            "内容过大：文字不超过 4000 字，每个附件不超过 4 MB",
            "Too large: at most 4,000 characters of text, and 4 MB an attachment",
        )
    } else {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable_body",
            "内容读取中断",
            "The body broke off",
        )
    }
}
