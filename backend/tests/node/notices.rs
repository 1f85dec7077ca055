//! Notices from outside: what a report brings about by app, webhook, message and push; failures,
//! crashes and take-overs; chains that stop.

mod chains;
mod push;
mod receiver;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::account::Post;
use domain::actor::Role;
use domain::notice::chain::Step;
use domain::notice::{Channel, Kind, Notice, Text, To, Urgency};
use gridlamp::clock::Clock;
use gridlamp::config::{Config, Sms, Webhook};
use gridlamp::log::{AppendOutcome, FindingLevel, LedgerName, Log};
use gridlamp::notice::check;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use self::receiver::{Answer, Got, Receiver};
use crate::redis::Redis;
use crate::support::{Browser, Folder, PATIENCE, Station};

const SECRET: &str = "a secret of sixteen bytes and more";
/// Where a county's organisations write who is reached how.
const ORGS: &str = r#"
[[org]]
id = "330899-C"
name = "县社会治理中心"
kind = "centre"
region = "330899"
phone = "0570-1000"
[[person]]
id = "duty"
name = "值班员"
role = "duty"
org = "330899-C"
phone = "13900000001"
[[person]]
id = "deputy"
name = "副主任"
role = "deputy"
org = "330899-C"
phone = "13900000002"
"#;

fn gateway(url: &str, path: &str) -> Sms {
    Sms {
        url: format!("{url}{path}"),
        content_type: "application/json".to_owned(),
        body: r#"{"to":"{phone}","text":"{text}","id":"{key}"}"#.to_owned(),
        success_pointer: Some("/code".to_owned()),
        success_equals: Some("0".to_owned()),
        ..Sms::default()
    }
}

fn webhook(url: &str, name: &str, kinds: &[Kind]) -> Webhook {
    Webhook {
        name: name.to_owned(),
        url: format!("{url}/{name}"),
        secret: Some(SECRET.to_owned()),
        secret_file: None,
        kinds: kinds.to_vec(),
        region: None,
    }
}

/// Settings that reach the receiver, quickly.
fn reach(config: &mut Config, receiver: &Receiver) {
    let notices = &mut config.notices;
    notices.allow = vec!["127.0.0.0/8".parse().expect("net")];
    notices.first_retry_ms = 10;
    notices.timeout_seconds = 1;
    notices.lease_seconds = 1;
    notices.tries = 3;
    notices.webhook = vec![webhook(&receiver.url, "hook", &[])];
    notices.sms = Some(gateway(&receiver.url, "/sms"));
    notices.voice = Some(gateway(&receiver.url, "/voice"));
}

async fn station(folder: &Path, receiver: &Receiver, set: impl FnOnce(&mut Config)) -> Station {
    let county = folder.join("county");
    if !county.exists() {
        std::fs::create_dir_all(&county).expect("folder");
        let pack = geodata::sample::county(7);
        std::fs::write(county.join("regions.geojson"), pack.regions_geojson).expect("pack");
        std::fs::write(county.join("orgs.toml"), ORGS).expect("orgs");
    }
    Station::start_with(folder, Clock::life(), |config| {
        reach(config, receiver);
        set(config);
    })
    .await
}

async fn report(station: &Station, id: &str) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": id, "title": "井盖不见了", "category": "0703",
        "lon": lon, "lat": lat, "address": "莲花路 86 号", "description": "细节",
        "reporter": {"name": "张三", "phone": "13800001234"},
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

/// A notice of our own for the county centre.
fn notice(key: &str, chain: Vec<Step>) -> Notice {
    let text = |text: &str| Text {
        zh: text.to_owned(),
        en: text.to_owned(),
    };
    Notice {
        key: key.to_owned(),
        to: To::Org("330899-C".parse().expect("id")),
        kind: Kind::Breached,
        urgency: Urgency::Urgent,
        title: text("红灯"),
        body: text("请处置"),
        link: "/desk".to_owned(),
        incident: None,
        session: None,
        region: "330899".parse().expect("code"),
        at: Clock::life().now(),
        channels: vec![Channel::App, Channel::Webhook],
        announced: true,
        chain,
    }
}

/// Writes something into the ledger of notices, as another node would.
async fn write(station: &Station, entry: &Value) {
    let log = station.log();
    let mut known = 0;
    loop {
        let bodies = vec![entry.to_string()];
        let outcome = log.ledger_append(LedgerName::Notices, known, bodies).await;
        match outcome.expect("the log") {
            AppendOutcome::Done { .. } => return,
            AppendOutcome::Conflict { actual } => known = actual,
        }
    }
}

async fn plan(station: &Station, notice: &Notice) {
    write(station, &json!({"t": "planned", "notice": notice})).await;
}

/// The record of a notice once nothing is left to do.
async fn settled(station: &Station, key: &str) -> Value {
    let ask = async {
        loop {
            let (status, page) = station.get(&station.centre, "/deliveries?limit=200").await;
            assert_eq!(status, 200, "{page}");
            let items = page["items"].as_array().expect("items");
            let found = items.iter().find(|item| item["key"] == key);
            if let Some(found) = found.filter(|item| item["settled"] == true) {
                return found.clone();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, ask).await;
    found.unwrap_or_else(|_| panic!("{key} is never settled"))
}

fn deliveries<'a>(record: &'a Value, channel: &str) -> Vec<&'a Value> {
    let all = record["deliveries"].as_array().expect("deliveries");
    all.iter().filter(|one| one["channel"] == channel).collect()
}

fn assert_signed(got: &Got) {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("key");
    let body = std::str::from_utf8(&got.body).expect("text");
    let signed = format!(
        "{}.{}.{body}",
        got.header("webhook-id"),
        got.header("webhook-timestamp")
    );
    mac.update(signed.as_bytes());
    let signature = format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()));
    assert_eq!(got.header("webhook-signature"), signature);
}

/// Somebody of an organisation, signed in.
async fn of_org(station: &Station, id: &str, org: &str, role: Role) -> Browser {
    let known = station.rules.county.orgs.find(org).expect("org");
    let post = Post {
        id: "main".to_owned(),
        role,
        org: Some(known.id.clone()),
        region: known.region,
        director: false,
    };
    station.person_with(id, post).await;
    station.signed_in(id).await
}

#[tokio::test]
async fn a_report_reaches_the_unit_the_reporter_and_another_system() {
    let (folder, receiver) = (Folder::new("notice-way"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let id = report(&station, "a").await;
    let told = receiver
        .until("/hook", |got| got.json()["data"]["kind"] == "dispatched")
        .await;
    assert_signed(&told);
    let event = told.json();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["subject"], id);
    assert_eq!(event["source"], station.url);
    assert_eq!(event["id"], told.header("webhook-id"));
    assert!(
        told.header("content-type")
            .starts_with("application/cloudevents+json")
    );
    let org = event["data"]["to"]["org"].as_str().expect("org").to_owned();
    // The reporter gets a message that says nothing of them.
    let message = receiver
        .until("/sms", |got| got.json()["to"] == "13800001234")
        .await;
    let text = message.json()["text"].as_str().expect("text").to_owned();
    assert!(text.contains("已受理"), "{text}");
    for all in [&text, &event.to_string()] {
        for secret in ["张三", "13800001234", "莲花路", "细节", "井盖不见了"] {
            assert!(!all.contains(secret), "{all}");
        }
    }
    // The unit's people find it, and nobody else does.
    let mut theirs = of_org(&station, "worker", &org, Role::Unit).await;
    let mut other = of_org(&station, "other", "330899-L", Role::Leader).await;
    let page = theirs.get("/notices").await;
    let key = event["id"].as_str().expect("id");
    let items = page.body["items"].as_array().expect("items");
    assert!(items.iter().any(|item| item["key"] == key), "{items:?}");
    assert!(items.iter().all(|item| item["incident"] == id));
    let unread = items.len();
    assert_eq!(page.body["unread"], unread);
    let path = format!("/notices/{key}/read");
    assert_eq!(other.post(&path, &json!({})).await.status, 404);
    assert_eq!(theirs.post(&path, &json!({})).await.status, 204);
    let page = theirs.get("/notices?unread=true").await;
    let items = page.body["items"].as_array().expect("items");
    assert!(items.iter().all(|item| item["key"] != key));
    assert_eq!(
        (&page.body["unread"], items.len()),
        (&json!(unread - 1), unread - 1)
    );
    let rest = theirs.post("/notices/read", &json!({})).await;
    assert_eq!(rest.body["read"], unread - 1);
    assert_eq!(theirs.get("/notices").await.body["unread"], 0);
    let record = settled(&station, key).await;
    assert_eq!(deliveries(&record, "webhook")[0]["outcome"], "delivered");
    assert_eq!(record["seen"][0][0], "worker");
    // Who was missed stands there too: nobody of the unit had an account when it was told.
    assert_eq!(record["missed"][0]["why"], "no_account");
    assert_eq!(other.get("/deliveries").await.status, 403);
    let (_, of_incident) = station
        .get(&station.centre, &format!("/incidents/{id}/notices"))
        .await;
    assert!(
        of_incident["items"]
            .as_array()
            .is_some_and(|all| all.len() >= 2)
    );
    station.stop().await;
}

#[tokio::test]
async fn an_open_screen_of_its_reader_alone_hears_at_once() {
    let (folder, receiver) = (Folder::new("notice-live"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let theirs = of_org(&station, "hua", "330899-C", Role::Centre).await;
    let others = of_org(&station, "ming", "330899-L", Role::Leader).await;
    let (mut here, mut there) = (theirs.listening().await, others.listening().await);
    plan(&station, &notice("live-1", Vec::new())).await;
    let frame = here.next(&["notice"]).await;
    assert_eq!(
        (&frame["key"], &frame["title"]["zh"]),
        (&json!("live-1"), &json!("红灯"))
    );
    // The other screen got whatever came after it, and not this.
    let mut for_leaders = notice("live-2", Vec::new());
    for_leaders.to = To::Org("330899-L".parse().expect("id"));
    plan(&station, &for_leaders).await;
    assert_eq!(there.next(&["notice"]).await["key"], "live-2");
    station.stop().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_given_up_where_it_is_hopeless() {
    let (folder, receiver) = (Folder::new("notice-fail"), Receiver::start().await);
    let names = ["later", "slow", "moved", "wrong", "down"];
    let station = station(&folder.0, &receiver, |config| {
        let hooks = names.map(|name| webhook(&receiver.url, name, &[]));
        config.notices.webhook = hooks.to_vec();
    })
    .await;
    receiver.script("/later", &[Answer::Status(500), Answer::Status(429)]);
    receiver.script("/slow", &[Answer::Never]);
    receiver.script("/moved", &[Answer::Redirect]);
    receiver.script("/wrong", &[Answer::Status(400)]);
    receiver.script("/down", &[Answer::Status(503); 9]);
    plan(&station, &notice("fails", Vec::new())).await;
    let record = settled(&station, "fails").await;
    let outcome = |name: &str| {
        let to = format!("webhook:{name}");
        let all = deliveries(&record, "webhook");
        let one = all.iter().find(|one| one["to"] == to).expect("recorded");
        (
            one["outcome"].as_str().expect("text").to_owned(),
            one["tries"].clone(),
        )
    };
    let expected = [
        ("later", "delivered", 3),
        ("slow", "delivered", 2),
        ("moved", "failed", 1),
        ("wrong", "failed", 1),
        ("down", "failed", 3),
    ];
    for (name, how, tries) in expected {
        assert_eq!(outcome(name), (how.to_owned(), json!(tries)), "{name}");
        let path = format!("/{name}");
        let ids: Vec<_> = receiver
            .got(&path)
            .iter()
            .map(|got| got.header("webhook-id").to_owned())
            .collect();
        assert!(
            ids.iter().all(|id| id == "fails") && ids.len() == tries,
            "{name}: {ids:?}"
        );
    }
    assert!(
        receiver.got("/elsewhere").is_empty(),
        "a redirect is not followed"
    );
    let (_, dead) = station
        .get(
            &station.centre,
            "/deliveries?outcome=failed&channel=webhook",
        )
        .await;
    assert_eq!(dead["items"][0]["key"], "fails");
    let (_, none) = station
        .get(&station.centre, "/deliveries?outcome=failed&channel=push")
        .await;
    assert_eq!(none["items"], json!([]));
    station.stop().await;
}

/// What was under way when a node went is sent again by whoever comes after it, under the same key.
async fn a_crash_between_sending_and_writing_down(log: Option<&str>, name: &str) {
    let (folder, receiver) = (Folder::new(name), Receiver::start().await);
    let set = |config: &mut Config| {
        config.notices.timeout_seconds = 60;
        if let Some(url) = log {
            url.clone_into(&mut config.log);
        }
    };
    let first = station(&folder.0, &receiver, set).await;
    receiver.script("/hook", &[Answer::Never]);
    plan(&first, &notice("crash", Vec::new())).await;
    receiver.until_count("/hook", 1).await;
    first.stop().await;
    let second = station(&folder.0, &receiver, set).await;
    let record = settled(&second, "crash").await;
    let got = receiver.got("/hook");
    assert_eq!(got.len(), 2, "at least once");
    assert!(got.iter().all(|got| got.header("webhook-id") == "crash"));
    assert_eq!(deliveries(&record, "webhook").len(), 1);
    // Another start finds nothing left to do.
    second.stop().await;
    let third = station(&folder.0, &receiver, set).await;
    plan(&third, &notice("after", Vec::new())).await;
    settled(&third, "after").await;
    let ids: Vec<_> = receiver
        .got("/hook")
        .iter()
        .map(|got| got.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids, ["crash", "crash", "after"]);
    third.stop().await;
}

#[tokio::test]
async fn a_crash_repeats_under_the_same_key_in_a_file() {
    a_crash_between_sending_and_writing_down(None, "notice-crash").await;
}

#[tokio::test]
async fn a_crash_repeats_under_the_same_key_in_redis() {
    let redis = Redis::start("notice-crash-redis");
    a_crash_between_sending_and_writing_down(Some(&redis.url), "notice-crash-r").await;
}

#[tokio::test]
async fn of_two_nodes_one_sends_and_the_other_takes_over() {
    let redis = Redis::start("notice-two-redis");
    let receiver = Receiver::start().await;
    let folders = [Folder::new("notice-two-a"), Folder::new("notice-two-b")];
    let set = |config: &mut Config| redis.url.clone_into(&mut config.log);
    let one = station(&folders[0].0, &receiver, set).await;
    let two = station(&folders[1].0, &receiver, set).await;
    let id = report(&one, "a").await;
    let (_, page) = until_all_settled(&one, &id).await;
    let keys: Vec<_> = page.iter().map(|item| item["key"].clone()).collect();
    // Both nodes know what became of it, and each notice went out once.
    let (_, same) = until_all_settled(&two, &id).await;
    assert_eq!(same.len(), keys.len());
    let ids = |path: &str| {
        let got = receiver.got(path);
        got.iter()
            .map(|got| json!(got.header("webhook-id")))
            .collect::<Vec<_>>()
    };
    let mut sent = ids("/hook");
    sent.sort_by_key(ToString::to_string);
    let mut all = keys.clone();
    all.sort_by_key(ToString::to_string);
    assert_eq!(sent, all);
    // Whoever sends goes; the other goes on.
    one.stop().await;
    plan(&two, &notice("after", Vec::new())).await;
    settled(&two, "after").await;
    assert_eq!(ids("/hook").len(), keys.len() + 1);
    two.stop().await;
}

async fn until_all_settled(station: &Station, id: &str) -> (u16, Vec<Value>) {
    let ask = async {
        loop {
            let path = format!("/deliveries?incident={id}");
            let (status, page) = station.get(&station.centre, &path).await;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            let is_told = items.iter().any(|item| item["kind"] == "dispatched");
            if is_told && items.iter().all(|item| item["settled"] == true) {
                return (status, items);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ask).await.expect("settled")
}

#[tokio::test]
async fn a_node_that_went_silent_loses_its_turn() {
    let redis = Redis::start("notice-silent-redis");
    let (folder, receiver) = (Folder::new("notice-silent"), Receiver::start().await);
    let set = |config: &mut Config| redis.url.clone_into(&mut config.log);
    let station = station(&folder.0, &receiver, set).await;
    plan(&station, &notice("before", Vec::new())).await;
    settled(&station, "before").await;
    // Another node takes over, and is never heard of again.
    let now = Clock::life().now();
    write(&station, &json!({"t": "took", "node": "gone", "at": now})).await;
    let taken = std::time::Instant::now();
    plan(&station, &notice("after", Vec::new())).await;
    settled(&station, "after").await;
    assert!(
        taken.elapsed() >= Duration::from_secs(1),
        "its lease was waited for"
    );
    assert_eq!(receiver.got("/hook").len(), 2);
    station.stop().await;
}

#[tokio::test]
async fn doctor_knows_a_receiver_that_does_not_answer() {
    gridlamp::tls::ready();
    let receiver = Receiver::start().await;
    let mut config = Config::default();
    reach(&mut config, &receiver);
    let dead = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    let gone = format!("http://{}", dead.local_addr().expect("address"));
    drop(dead);
    config.notices.webhook.push(webhook(&gone, "gone", &[]));
    let findings = check::receivers(&config.notices, "http://lamp.example").await;
    let errors: Vec<_> = findings
        .iter()
        .filter(|f| f.level == FindingLevel::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{findings:?}");
    assert!(errors[0].what.contains("webhook gone") && !errors[0].remedy.is_empty());
    assert!(
        findings
            .iter()
            .any(|f| f.what.contains("short messages answers"))
    );
    assert!(receiver.got("/sms").is_empty(), "nobody is sent a message");
    config.notices.allow.clear();
    let findings = check::receivers(&config.notices, "http://lamp.example").await;
    assert!(findings[0].what.contains("notices.allow"), "{findings:?}");
}
