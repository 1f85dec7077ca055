//! The driver against a stand-in for the server that keeps the order of commands, and has its
//! moods: a 503 here, a conflict there, one refusal.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::time::{Span, UtcOffset};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::driver::{SimClock, SimOptions, Tokens, run};
use super::handlers::{HOUR_MS, MINUTE_MS};
use super::schedule::Source;
use super::tests::{county, day};

/// A clock that jumps to whatever is waited for, so that a day passes in a moment.
struct Leap(AtomicI64);

impl SimClock for Leap {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn real(&self, sim_ms: i64) -> Duration {
        self.0.fetch_add(sim_ms, Ordering::SeqCst);
        Duration::ZERO
    }
}

#[derive(Default)]
struct Desk {
    by_external: HashMap<String, usize>,
    incidents: Vec<(&'static str, u64)>,
    moods: u32,
    wrong: Vec<String>,
    closed: usize,
    batches: usize,
}

#[derive(Clone)]
struct Stand {
    desk: Arc<Mutex<Desk>>,
    clock: Arc<Leap>,
    stop: Arc<watch::Sender<bool>>,
    enough: usize,
}

fn bearer(headers: &HeaderMap) -> String {
    let text = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    text.unwrap_or_default()
        .trim_start_matches("Bearer ")
        .to_owned()
}

fn receive(desk: &mut Desk, raw: &Value, token: &str) -> Value {
    let external = raw["external_id"].as_str().unwrap_or_default().to_owned();
    if raw["source"].as_str() != token.strip_prefix("token-") {
        desk.wrong.push(format!("{external} came with {token}"));
    }
    if let Some(known) = desk.by_external.get(&external) {
        return json!({ "status": 200, "id": known.to_string() });
    }
    let id = desk.incidents.len();
    let state = if raw["category"].is_null() {
        "reported"
    } else {
        "dispatched"
    };
    desk.incidents.push((state, 1));
    desk.by_external.insert(external, id);
    json!({ "status": 201, "id": id.to_string() })
}

async fn reports(
    State(stand): State<Stand>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> impl IntoResponse {
    let mut desk = stand.desk.lock().expect("the desk");
    let token = bearer(&headers);
    if !headers.contains_key("idempotency-key") {
        desk.wrong.push("no key".to_owned());
    }
    desk.moods += 1;
    if desk.moods == 3 {
        let wait = [("retry-after", "0")];
        return (StatusCode::SERVICE_UNAVAILABLE, wait, Json(json!({})));
    }
    let none = [("retry-after", "")];
    if let Some(many) = body.as_array() {
        desk.batches += 1;
        let lines: Value = many
            .iter()
            .map(|raw| receive(&mut desk, raw, &token))
            .collect();
        return (StatusCode::MULTI_STATUS, none, Json(lines));
    }
    let line = receive(&mut desk, &body, &token);
    (StatusCode::CREATED, none, Json(line))
}

async fn incident(State(stand): State<Stand>, Path(id): Path<usize>) -> Json<Value> {
    let desk = stand.desk.lock().expect("the desk");
    let now = stand.clock.now_ms();
    let clock = |kind, limit| json!({ "kind": kind, "start": now, "due": now + limit });
    let (state, version) = desk.incidents[id];
    Json(json!({
        "id": id.to_string(), "state": state, "version": version,
        "clocks": [clock("finish", 2 * HOUR_MS), clock("sign", 5 * MINUTE_MS)],
    }))
}

async fn command(
    State(stand): State<Stand>,
    Path((id, name)): Path<(usize, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let mut desk = stand.desk.lock().expect("the desk");
    desk.moods += 1;
    if desk.moods.is_multiple_of(17) {
        desk.incidents[id].1 += 1;
    }
    let (state, version) = desk.incidents[id];
    if body["expected_version"] != json!(version) {
        return StatusCode::CONFLICT;
    }
    let (next, who) = match (state, name.as_str()) {
        ("reported", "accept") => ("dispatched", "room"),
        ("dispatched", "start") | ("in_progress", "progress") => ("in_progress", "unit"),
        ("in_progress", "feedback") => ("feedback", "unit"),
        ("feedback", "close") if bearer(&headers) == "token-citizen" => {
            return StatusCode::FORBIDDEN;
        }
        ("feedback", "close") => ("closed", "room"),
        _ => {
            desk.wrong.push(format!("{name} in {state}"));
            return StatusCode::UNPROCESSABLE_ENTITY;
        }
    };
    let token = bearer(&headers);
    if token != who && name != "close" {
        desk.wrong.push(format!("{name} by {token}"));
    }
    desk.incidents[id] = (next, version + 1);
    if next == "closed" {
        desk.closed += 1;
        if desk.closed >= stand.enough {
            stand.stop.send_replace(true);
        }
    }
    StatusCode::OK
}

async fn serve(stand: Stand) -> String {
    let list = get(|| async { Json(json!({ "items": [], "next": null })) });
    let app = Router::new()
        .route("/api/v1/reports", post(reports))
        .route("/api/v1/incidents", list)
        .route("/api/v1/incidents/{id}", get(incident))
        .route("/api/v1/incidents/{id}/{command}", post(command))
        .with_state(stand);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

fn options(base_url: String, clock: Arc<Leap>, stop: watch::Receiver<bool>) -> SimOptions {
    let (tree, points) = county();
    let sources: BTreeMap<_, _> = Source::ALL
        .into_iter()
        .map(|source| (source, format!("token-{}", source.id())))
        .collect();
    SimOptions {
        base_url,
        tokens: Tokens {
            sources,
            room: "room".to_owned(),
            handler: "unit".to_owned(),
        },
        seed: 7,
        clock,
        per_day: 120,
        tree: Arc::new(tree),
        points,
        field: None,
        stop,
    }
}

#[tokio::test]
async fn a_day_is_lived_through_the_public_interface() {
    let ten = day(22)
        .at(Span::from_millis(10 * HOUR_MS), UtcOffset::CHINA)
        .millis();
    let clock = Arc::new(Leap(AtomicI64::new(ten)));
    let (stop, stopped) = watch::channel(false);
    let desk = Arc::new(Mutex::new(Desk::default()));
    let stand = Stand {
        desk: desk.clone(),
        clock: clock.clone(),
        stop: Arc::new(stop),
        enough: 90,
    };
    let base = serve(stand).await;
    run(options(base, clock, stopped)).await.expect("a day");
    let desk = desk.lock().expect("the desk");
    assert_eq!(desk.wrong, Vec::<String>::new());
    assert!(desk.closed >= 90 && desk.batches > 0 && desk.incidents.len() > 90);
}

#[tokio::test]
async fn a_wrong_token_ends_it_with_a_sentence() {
    let app = Router::new().fallback(|| async { StatusCode::UNAUTHORIZED });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let (_stop, stopped) = watch::channel(false);
    let clock = Arc::new(Leap(AtomicI64::new(
        day(22).at(Span::ZERO, UtcOffset::CHINA).millis(),
    )));
    let error = run(options(format!("http://{address}"), clock, stopped))
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("令牌"));
}

#[test]
fn a_rate_shortens_the_waiting() {
    let clock = (|| 5_i64, 60.0);
    assert_eq!(clock.now_ms(), 5);
    assert_eq!(clock.real(MINUTE_MS), Duration::from_secs(1));
    assert!((|| 5_i64, 0.0).real(MINUTE_MS) > Duration::ZERO);
}
