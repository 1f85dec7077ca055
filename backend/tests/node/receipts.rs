//! Reporting without an account, and the receipt by which whoever did so follows and confirms.

use domain::actor::Role;
use gridlamp::clock::Clock;
use gridlamp::config::Rate;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{Folder, PATIENCE, Station};

/// A key that is long enough.
fn key(n: usize) -> String {
    format!("{n:032x}")
}

/// Somebody with a telephone and no account.
struct Citizen<'a>(&'a Station);

impl Citizen<'_> {
    async fn post(&self, path: &str, key: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        self.ask(path, key, body).await.0
    }

    async fn ask(
        &self,
        path: &str,
        key: &str,
        body: impl Into<reqwest::Body>,
    ) -> ((u16, Value), HeaderMap) {
        let url = format!("{}/api/v1{path}", self.0.url);
        let request = self.0.client.post(url).header("idempotency-key", key);
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.expect("answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.json().await.unwrap_or_default();
        ((status, body), headers)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.0.url);
        let answer = self.0.client.get(url).send().await.expect("answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Reports, and keeps the receipt.
    async fn report(&self, n: usize) -> String {
        let (lon, lat) = self.0.place;
        let body = json!({
            "text": "路灯不亮。已经三天了", "lon": lon, "lat": lat, "category": "0704",
            "reporter": {"name": "王桂芳", "phone": "13800001234"},
        });
        let (status, taken) = self.post("/receipts", &key(n), body.to_string()).await;
        assert_eq!(status, 201, "{taken}");
        taken["receipt"].as_str().expect("receipt").to_owned()
    }

    async fn says(&self, receipt: &str, body: &Value) -> (u16, Value) {
        let path = format!("/receipts/{receipt}/commands");
        let key = format!("{:032}", body.to_string().len());
        self.post(&path, &key, body.to_string()).await
    }
}

/// The incident of a receipt, as the county sees it.
async fn incident(station: &Station, receipt: &str) -> Value {
    let number = &receipt[..13];
    let (status, list) = station
        .get(&station.reader, &format!("/incidents?number={number}"))
        .await;
    assert_eq!(status, 200, "{list}");
    list["items"][0].clone()
}

/// Handles it as far as its result.
async fn handled(station: &Station, receipt: &str) {
    // The rules accept, assess and dispatch it by themselves, a moment later.
    let sent_on = async {
        loop {
            let case = incident(station, receipt).await;
            if case["state"] == "dispatched" {
                return case["id"].as_str().expect("id").to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    };
    let id = tokio::time::timeout(PATIENCE, sent_on).await;
    let id = id.expect("dispatched");
    let unit = unit(station).await;
    for (name, body) in [
        ("start", json!({})),
        ("progress", json!({"note": "已到现场"})),
        ("feedback", json!({"result": "已更换灯具"})),
    ] {
        let path = format!("/incidents/{id}/{name}");
        let (status, answer) = station.post(&unit, &path, &body).await;
        assert_eq!(status, 200, "{name}: {answer}");
    }
}

/// A token that acts for whoever holds what lies in the county.
async fn unit(station: &Station) -> String {
    use gridlamp::account::token::{self, Wanted};
    let wanted = Wanted {
        name: format!("unit-{:?}", std::time::Instant::now()),
        role: Role::Unit,
        scope: station.rules.county.code,
    };
    let token = token::create(&station.log(), &station.rules, &wanted).await;
    let token = token.expect("token");
    station.followed().await;
    token
}

#[tokio::test]
async fn a_receipt_follows_a_report_to_its_confirmation() {
    let folder = Folder::new("receipt");
    let station = Station::start(&folder.0).await;
    let citizen = Citizen(&station);
    let (_, form) = citizen.get("/report-form").await;
    assert_eq!(form["open"], true);
    let (status, map) = citizen.get("/report-map").await;
    assert_eq!((status, &map["type"]), (200, &json!("FeatureCollection")));

    let receipt = citizen.report(1).await;
    assert_eq!(citizen.report_again(1).await, (200, receipt.clone()));
    let case = incident(&station, &receipt).await;
    assert_eq!(
        (&case["source"], &case["title"]),
        (&json!("citizen"), &json!("路灯不亮"))
    );
    assert_eq!(case["sent_by"]["role"], "reporter");
    assert!(
        !case.to_string().contains(&key(1)),
        "the key opens the receipt"
    );

    let (status, view) = citizen
        .get(&format!("/receipts/{}", receipt.to_lowercase()))
        .await;
    assert_eq!(status, 200, "{view}");
    assert_eq!(view["description"], "路灯不亮。已经三天了");
    assert!(
        view["moves"]
            .as_array()
            .expect("moves")
            .contains(&json!("urge")),
        "{view}"
    );
    let text = view.to_string();
    assert!(
        !text.contains("13800001234") && !text.contains("王桂芳"),
        "{text}"
    );

    let urge = json!({"command": "urge"});
    let (status, urged) = citizen.says(&receipt, &urge).await;
    assert_eq!(status, 200, "{urged}");
    let path = format!("/receipts/{receipt}/commands");
    let (status, problem) = citizen.post(&path, &key(7), urge.to_string()).await;
    assert_eq!((status, &problem["code"]), (422, &json!("urged_lately")));

    handled(&station, &receipt).await;
    confirmed_after_rework(&citizen, &station, &receipt).await;
    station.stop().await;
}

/// Not satisfied, then satisfied; at last a word on how it went.
async fn confirmed_after_rework(citizen: &Citizen<'_>, station: &Station, receipt: &str) {
    let why = json!({"command": "reopen", "reason": "晚上还是不亮"});
    let (status, view) = citizen.says(receipt, &why).await;
    assert_eq!(
        (status, &view["state"]),
        (200, &json!("in_progress")),
        "{view}"
    );
    let case = incident(station, receipt).await;
    let path = format!("/incidents/{}/feedback", case["id"].as_str().expect("id"));
    let unit = unit(station).await;
    station
        .post(&unit, &path, &json!({"result": "已换线路"}))
        .await;

    let (_, view) = citizen
        .says(receipt, &json!({"command": "close", "satisfied": true}))
        .await;
    assert_eq!(
        (&view["state"], &view["satisfied"]),
        (&json!("closed"), &json!(true))
    );
    assert_eq!(view["result"], "已换线路");
    let score = json!({"command": "evaluate", "speed": 4, "cooperation": 4, "note": "谢谢"});
    let (_, view) = citizen.says(receipt, &score).await;
    assert_eq!(
        (&view["scored"], &view["moves"]),
        (&json!(4), &json!([])),
        "{view}"
    );
}

impl Citizen<'_> {
    /// Sends the same once more, from a telephone that heard no answer.
    async fn report_again(&self, n: usize) -> (u16, String) {
        let body = json!({"text": "别的话", "address": "别处"}).to_string();
        let (status, taken) = self.post("/receipts", &key(n), body).await;
        (
            status,
            taken["receipt"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_receipt_has_one_answer() {
    let folder = Folder::new("wrong-receipt");
    let station = Station::start(&folder.0).await;
    let citizen = Citizen(&station);
    let (one, two) = (citizen.report(1).await, citizen.report(2).await);
    let (number, code) = one.split_at(13);
    let other = format!("{number}{}", &two[13..]);
    let unknown = format!("20200101-0001{code}");
    let changed = if one.ends_with('0') { '1' } else { '0' };
    let close = format!("{}{changed}", &one[..one.len() - 1]);
    let hotline = json!({"external_id": "h", "title": "路灯不亮", "region": station.township});
    let (_, made) = station.post(&station.source, "/reports", &hotline).await;
    let not_a_citizens = format!("{}{code}", made["number"].as_str().expect("number"));
    let mut answers = Vec::new();
    for wrong in [&other, &unknown, &close, &not_a_citizens, "nonsense"] {
        answers.push(citizen.get(&format!("/receipts/{wrong}")).await);
        let urge = json!({"command": "urge"});
        answers.push(citizen.says(wrong, &urge).await);
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
        assert_eq!(
            (answer.0, &answer.1["code"]),
            (404, &json!("unknown_receipt"))
        );
    }
    // What a receipt does not open is not there, and the table is asked for the rest.
    let (status, _) = citizen
        .says(&one, &json!({"command": "void", "reason": "x"}))
        .await;
    assert_eq!(status, 404);
    let (status, _) = citizen.says(&one, &json!({"command": "close"})).await;
    assert_eq!(status, 422);
    station.stop().await;
}

#[tokio::test]
async fn guessing_and_flooding_are_bounded() {
    let folder = Folder::new("guessing");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.limits.receipts = Rate::new(1, 3);
        config.limits.open_reports = Rate::new(1, 2);
        config.limits.open_uploads = Rate::new(1, 1);
    })
    .await;
    let citizen = Citizen(&station);
    let receipt = citizen.report(1).await;
    for _ in 0..3 {
        let (status, _) = citizen.get("/receipts/20260101-0001-00000-00000").await;
        assert_eq!(status, 404);
    }
    let (status, problem) = citizen.get(&format!("/receipts/{receipt}")).await;
    assert_eq!(
        (status, &problem["code"]),
        (429, &json!("rate_limited")),
        "a right guess too"
    );
    citizen.report(2).await;
    let body = json!({"text": "x", "address": "y"}).to_string();
    let ((status, _), headers) = citizen.ask("/receipts", &key(3), body).await;
    assert_eq!(status, 429);
    assert!(headers.contains_key("retry-after"));
    let photo = b"%PDF-1.4\n".to_vec();
    assert_eq!(
        citizen
            .post("/receipts/attachments", &key(4), photo.clone())
            .await
            .0,
        201
    );
    assert_eq!(
        citizen
            .post("/receipts/attachments", &key(5), photo)
            .await
            .0,
        429
    );
    station.stop().await;
}

#[tokio::test]
async fn what_a_telephone_sends_is_checked() {
    let folder = Folder::new("phone-checks");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.limits.open_reports = Rate::new(600, 100);
    })
    .await;
    let citizen = Citizen(&station);
    let attach = async |bytes: Vec<u8>| citizen.post("/receipts/attachments", &key(0), bytes).await;
    let mut bomb =
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0".to_vec();
    bomb.extend_from_slice(&[0; 16]);
    for (what, bytes, wanted) in [
        ("a page", b"<script>alert(1)</script>".to_vec(), 415),
        ("a broken picture", b"\xff\xd8\xff\xe0nothing".to_vec(), 422),
        ("a picture of four billion pixels", bomb, 422),
        ("five megabytes", vec![0; 5 * 1024 * 1024], 413),
    ] {
        let (status, problem) = attach(bytes).await;
        assert_eq!(status, wanted, "{what}: {problem}");
    }
    let (status, kept) = attach(b"OggS\0 a voice note".to_vec()).await;
    assert_eq!((status, &kept["kind"]), (201, &json!("ogg")), "{kept}");

    let good = json!({"text": "路灯不亮", "address": "桥头", "attachments": [kept["id"]]});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    for (what, body, code) in [
        ("no words", with("text", json!(" 。")), "required"),
        (
            "too many words",
            with("text", json!("路".repeat(4_001))),
            "too_long",
        ),
        (
            "a photo nobody brought",
            with("attachments", json!(["ab".repeat(32)])),
            "unknown_attachment",
        ),
        ("no place", with("address", json!("")), "place_required"),
        (
            "another county",
            with("lon", json!(2.35)).replace("\"lon\"", "\"lat\":48.8,\"lon\""),
            "outside_county",
        ),
        (
            "a source of one's own",
            with("source", json!("12345")),
            "malformed_json",
        ),
        ("somebody else", with("as", json!("li")), "unauthorized"),
    ] {
        let (status, problem) = citizen.post("/receipts", &key(9), body).await;
        assert!((400..500).contains(&status), "{what}: {status}");
        assert_eq!(problem["code"], code, "{what}: {problem}");
    }
    for short in ["1", "../../../../../../../../etc"] {
        let (status, problem) = citizen.post("/receipts", short, good.to_string()).await;
        assert_eq!((status, &problem["code"]), (400, &json!("key_required")));
    }
    let (status, _) = citizen
        .post("/receipts", &key(9), with("waited", json!(3_600)))
        .await;
    assert_eq!(status, 201);
    station.stop().await;
}

#[tokio::test]
async fn a_county_may_switch_it_off_and_its_grid_workers_still_report() {
    let folder = Folder::new("closed-reports");
    let station = Station::start_with(&folder.0, Clock::life(), |config| {
        config.open_reports = false;
    })
    .await;
    let citizen = Citizen(&station);
    let (_, form) = citizen.get("/report-form").await;
    assert_eq!(form["open"], false);
    let body = json!({"text": "路灯不亮", "address": "桥头"}).to_string();
    for path in ["/receipts", "/receipts/attachments"] {
        let (status, problem) = citizen.post(path, &key(1), body.clone()).await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("open_reports_off"))
        );
    }
    assert_eq!(citizen.get("/report-map").await.0, 403);

    let county = station.rules.county.clone();
    let grid = county
        .tree
        .iter()
        .find(|r| station.township.contains(r.code) && r.code.to_string().len() == 15);
    let grid = grid.expect("grid").code;
    station.person("zhou", Role::Grid, grid, false).await;
    let worker = station.signed_in("zhou").await;
    let post = |by: &str| {
        let region = county.tree.name(grid).to_owned();
        let (lon, lat) = station.place;
        let body = json!({"text": format!("{region}井盖缺失"), "lon": lon, "lat": lat, "as": by});
        let url = format!("{}/api/v1/receipts", worker.url);
        let request = worker.client.post(url).header("origin", &worker.url);
        let request = request.header("cookie", worker.cookie.clone().unwrap_or_default());
        request.header("idempotency-key", key(2)).json(&body).send()
    };
    let answer = post("wang").await.expect("answer");
    assert_eq!(answer.status().as_u16(), 409, "written by somebody else");
    let answer = post("zhou").await.expect("answer");
    assert_eq!(answer.status().as_u16(), 201);
    let taken: Value = answer.json().await.expect("json");
    assert_eq!(taken.get("receipt"), None, "{taken}");
    let number = taken["number"].as_str().expect("number");
    let (_, list) = station
        .get(&station.reader, &format!("/incidents?number={number}"))
        .await;
    assert_eq!(list["items"][0]["sent_by"]["id"], "zhou", "{list}");
    station.stop().await;
}
