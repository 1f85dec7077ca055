//! Bad manners and worse, tried from outside: floods, malformed requests, forged origins, files that
//! are not what they seem.

mod attachments;
mod wire;

use gridlamp::clock::Clock;
use gridlamp::config::Rate;
use serde_json::{Value, json};

use crate::support::{Folder, Station};

#[tokio::test]
async fn every_answer_says_what_a_page_may_do() {
    let folder = Folder::new("headers");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.public_url = Some("https://grid.example".to_owned());
    })
    .await;
    for path in [
        "/",
        "/wall",
        "/api/v1/incidents",
        "/api/v1/nothing",
        "/healthz",
        "/enter/x",
    ] {
        let answer = station
            .client
            .get(format!("{}{path}", station.url))
            .send()
            .await
            .expect("answer");
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm"),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("ws:"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            header("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        assert!(
            header("permissions-policy").contains("geolocation=(self)"),
            "{path}"
        );
        assert!(!answer.headers().contains_key("server"), "{path}");
        let holds_data = path.starts_with("/api") || path.starts_with("/enter");
        assert_eq!(header("cache-control") == "no-store", holds_data, "{path}");
    }
    station.stop().await;
}

/// How many of `count` requests were told to wait, by whom `token` names; nobody if empty.
async fn told_to_wait(station: &Station, token: &str, claimed: &str, count: usize) -> usize {
    let mut waits = 0;
    for _ in 0..count {
        let mut request = station.client.get(format!("{}/api/v1/labels", station.url));
        request = request.header("x-forwarded-for", claimed);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("answer");
        if answer.status() != 429 {
            continue;
        }
        waits += 1;
        let after = answer.headers()["retry-after"]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(after.parse::<u64>().is_ok_and(|secs| secs >= 1), "{after}");
        let problem: Value = answer.json().await.expect("problem");
        assert_eq!(problem["code"], "rate_limited");
    }
    waits
}

#[tokio::test]
async fn a_flood_is_told_to_wait_and_nobody_else_is() {
    let folder = Folder::new("flood");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.limits.anonymous = Rate::new(1, 10);
        config.limits.token = Rate::new(1, 30);
    })
    .await;
    assert_eq!(told_to_wait(&station, "", "203.0.113.1", 10).await, 0);
    assert_eq!(told_to_wait(&station, "", "203.0.113.1", 5).await, 5);
    // Another address in a header that no trusted proxy wrote is no other address.
    assert_eq!(told_to_wait(&station, "", "203.0.113.2", 5).await, 5);
    // Guessing tokens is asking as nobody.
    assert_eq!(
        told_to_wait(&station, "glt_guess", "203.0.113.1", 3).await,
        3
    );
    // Who has a token is counted by it, however many share the address.
    assert_eq!(told_to_wait(&station, &station.reader, "", 30).await, 0);
    assert_eq!(told_to_wait(&station, &station.reader, "", 5).await, 5);
    assert_eq!(told_to_wait(&station, &station.centre, "", 5).await, 0);
    station.stop().await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_alone() {
    let folder = Folder::new("proxy");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.limits.anonymous = Rate::new(1, 5);
        config.trusted_proxies = serde_json::from_value(json!(["127.0.0.0/8"])).expect("list");
    })
    .await;
    assert_eq!(told_to_wait(&station, "", "203.0.113.1", 8).await, 3);
    assert_eq!(told_to_wait(&station, "", "203.0.113.2", 5).await, 0);
    // What a client writes itself stands left of what the proxy adds.
    assert_eq!(
        told_to_wait(&station, "", "198.51.100.9, 203.0.113.1", 2).await,
        2
    );
    station.stop().await;
}

#[tokio::test]
async fn a_report_that_unfolds_to_much_is_not_unfolded() {
    let folder = Folder::new("unfold");
    let station = Station::start(&folder.0).await;
    let post = async |body: String| {
        let sent = station.post_raw(
            &station.source,
            "/reports",
            "application/json",
            body.into_bytes(),
        );
        let (status, problem) = sent.await;
        (
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let deep = "[".repeat(1_000_000);
    assert_eq!(post(deep).await, (400, "malformed_json".to_owned()));
    let long = format!("{{\"title\":\"{}\"}}", "x".repeat(200_000));
    assert_eq!(post(long.clone()).await, (413, "too_large".to_owned()));
    let many = format!("[{}0]", "0,".repeat(2_000_000));
    assert_eq!(post(many).await, (413, "batch_too_long".to_owned()));
    let inside = format!("[{long}]");
    let (status, results) = station
        .post_raw(
            &station.source,
            "/reports",
            "application/json",
            inside.into_bytes(),
        )
        .await;
    assert_eq!((status, &results[0]["status"]), (207, &json!(413)));
    station.stop().await;
}
